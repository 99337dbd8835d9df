//! What the exported script looks at before it changes anything: whether a machine is still as it
//! was when the script was made. The engine surveys; a script can only refuse.

use super::super::{Facts, Material, configure, env_file, preflight::whole_files};
use crate::cluster::{Cluster, Digest, Member};

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
        "command -v ip >/dev/null || exit 0\n\
         ip -o addr show to {ip} | grep -q . || {{ echo 'this machine has no address {ip}'; exit 1; }}\n"
    )
}

/// A file that somebody agreed to have moved aside gets a dated name when it is replaced; any other
/// is not touched.
fn files(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> String {
    let texts: String = whole_files(c, k)
        .iter()
        .filter(|(path, _)| !(f.aside_agreed && f.has_file(path)))
        .map(|(path, digest)| {
            format!(
                "if [ -e {path} ]; then\n\
                 \x20 sum=$(sha256sum <{path})\n\
                 \x20 [ \"${{sum%% *}}\" = {digest} ] || {{ echo '{path} is there, with other content'; exit 1; }}\n\
                 fi\n"
            )
        })
        .collect();
    if f.aside_agreed && f.has_settings() {
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

fn data(c: &Cluster, m: &Member, f: &Facts) -> String {
    if f.aside_agreed && f.foreign_data(c, m).is_some() {
        return ": its data is known, and will be moved aside\n".to_owned();
    }
    configure::no_other_data(c, m)
}
