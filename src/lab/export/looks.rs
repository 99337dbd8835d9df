//! What the exported script looks at before it changes anything: whether a machine is still as it
//! was when the script was made. The engine surveys; a script can only refuse.

use super::super::{
    Facts, Material,
    certificates::{CA, CERT, KEY},
    env_file,
    script::quote,
    wal,
};
use crate::cluster::{Cluster, Digest, Identity, Member};

/// Looks, each a name and a text that holds or says why not.
#[must_use]
pub(super) fn looks(
    c: &Cluster,
    m: &Member,
    k: &Material,
    f: &Facts,
) -> Vec<(&'static str, String)> {
    let apt = "[ -x /usr/bin/apt-get ] && [ -d /run/systemd/system ] || \
               { echo 'this is no Debian or Ubuntu with systemd'; exit 1; }\n";
    vec![
        ("preflight.system", apt.to_owned()),
        ("preflight.address", address(m)),
        ("preflight.files", files(c, m, k, f)),
        ("preflight.data", data(c, m, f)),
    ]
}

fn address(m: &Member) -> String {
    let ip = m.address;
    format!(
        "# The Local: entries of the kernel's routing table have every address of the machine.\n\
         ip -o addr show to {ip} | grep -q . || {{ echo 'this machine has no address {ip}'; exit 1; }}\n"
    )
}

/// A file that was there when the script was made gets a dated name when it is replaced; one that
/// has come since is not touched.
fn files(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> String {
    let files = [
        (CA, Digest::of(k.ca.as_bytes())),
        (CERT, Digest::of(k.cert.as_bytes())),
        (KEY, k.key.digest.clone()),
        (env_file::ETCDCTL, Digest::of(env_file::etcdctl(c).as_bytes())),
    ];
    let texts: String = files
        .iter()
        .filter(|(path, _)| !f.has_file(path))
        .map(|(path, digest)| {
            format!(
                "if [ -e {path} ]; then\n\
                 \x20 sum=$(sha256sum <{path})\n\
                 \x20 [ \"${{sum%% *}}\" = {digest} ] || {{ echo '{path} is there, with other content'; exit 1; }}\n\
                 fi\n"
            )
        })
        .collect();
    if f.has_file(env_file::PATH) {
        return texts + ":\n";
    }
    let settings = format!(
        "if [ -e {path} ]; then\n\
             \x20 sum=$({effective} | sha256sum)\n\
             \x20 case ${{sum%% *}} in {empty}|{ours}) ;; *) echo '{path} has other settings'; exit 1 ;; esac\n\
             fi\n",
        path = env_file::PATH,
        effective = env_file::EFFECTIVE,
        empty = Digest::of(b""),
        ours = env_file::digest(c, m),
    );
    texts + &settings
}

/// The IDs stand in the first bytes of the data's log.
fn data(c: &Cluster, m: &Member, f: &Facts) -> String {
    if f.foreign_data(c, m).is_some() {
        return ": its data is known, and will be moved aside\n".to_owned();
    }
    let who = Identity::predict(c);
    let ours = who.members.get(&m.name).map(|id| wal::mark(*id, who.cluster)).unwrap_or_default();
    let dir = c.data_dir.to_string_lossy();
    let dir = quote(&dir);
    format!(
        "[ -d {dir}/member ] || exit 0\n\
         set -- {dir}/member/wal/*.wal\n\
         case $(od -An -v -tx1 -N 256 \"$1\" | tr -d ' \\n') in\n\
         \x20 *{ours}*) ;;\n\
         \x20 *) echo {dir} has the data of another cluster; exit 1 ;;\n\
         esac\n"
    )
}
