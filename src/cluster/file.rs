//! `cluster.toml`: what a person writes, read into types that cannot be wrong, and written back.
//!
//! Pure: the text comes in as data, and no path in it is looked at. Bad input gets one sentence:
//! the line, what is wrong, what would be right. The caller names the file.

mod error;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod write;

use std::{collections::BTreeMap, path::Path};

use self::{
    error::bad,
    table::{Located, Table, parse},
};
pub use self::{
    error::{FileError, Problem},
    write::write,
};
use super::{Cluster, Login, Member, MemberName, TlsPaths};

/// The version of the format that this program reads and writes.
pub const VERSION: i64 = 1;
/// Where etcd keeps its data when the file says nothing: the default of Debian's packages.
pub(crate) const DATA_DIR: &str = "/var/lib/etcd";

/// A cluster file that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What it says.
    pub cluster: Cluster,
    /// What is allowed but unwise, a sentence each.
    pub warnings: Vec<String>,
}

/// Where relative paths and `~/` lead.
struct Places<'a> {
    dir: &'a Path,
    home: Option<&'a Path>,
}

/// Reads a cluster file. Relative paths are taken from `dir`, `~/` from `home`.
///
/// # Errors
/// The first thing that is wrong, with its line and what would be right.
pub fn read(text: &str, dir: &Path, home: Option<&Path>) -> Result<Read, FileError> {
    let document = parse(text)?;
    let root = Table::root(text, &document);
    // The version first: a file of another version may rightly have other keys.
    let version = root.needed("version", Table::integer)?;
    if version.value != VERSION {
        return Err(bad(version.line, Problem::Version(version.value)));
    }
    root.only(&["version", "name", "token", "ssh", "tls", "etcd", "members"])?;
    let places = Places { dir, home };
    let cluster = Cluster {
        name: root.parsed("name", "the name")?.value,
        token: root.parsed("token", "the token")?.value,
        login: ssh(&root, &places)?,
        tls: tls(&root, &places)?,
        data_dir: data_dir(&root)?.into(),
        members: members(&root, &places)?,
    };
    let warnings = warnings(&cluster);
    Ok(Read { cluster, warnings })
}

fn ssh(root: &Table<'_>, places: &Places<'_>) -> Result<Login, FileError> {
    let Some(ssh) = root.table("ssh", "in [ssh]")? else { return Ok(Login::default()) };
    ssh.only(&["user", "port", "identity", "known_hosts"])?;
    login(&ssh, places, ["user", "port", "identity", "known_hosts"])
}

/// The same four settings, under the names they have in this table.
fn login(
    table: &Table<'_>,
    places: &Places<'_>,
    [user, port, identity, known_hosts]: [&'static str; 4],
) -> Result<Login, FileError> {
    Ok(Login {
        user: table.word(user, "the user", "@+")?,
        port: table.port(port)?,
        identity: table.path(identity, places.dir, places.home)?,
        known_hosts: table.path(known_hosts, places.dir, places.home)?,
    })
}

fn tls(root: &Table<'_>, places: &Places<'_>) -> Result<TlsPaths, FileError> {
    let tls = root.needed("tls", |root, _| root.table("tls", "in [tls]"))?;
    tls.only(&["ca", "cert", "key"])?;
    let path = |key| tls.needed(key, |tls, key| tls.path(key, places.dir, places.home));
    if let Some(ca) = tls.text("ca")?.filter(|ca| ca.value.contains("{member}")) {
        return Err(bad(ca.line, Problem::CaPerMember));
    }
    Ok(TlsPaths { ca: path("ca")?, cert: path("cert")?, key: path("key")? })
}

/// The directory goes into an environment file and into scripts, so it holds only characters that
/// neither systemd nor a shell reads as anything else (systemd.exec(5), `EnvironmentFile=`).
fn data_dir(root: &Table<'_>) -> Result<String, FileError> {
    let Some(etcd) = root.table("etcd", "in [etcd]")? else { return Ok(DATA_DIR.to_owned()) };
    etcd.only(&["data_dir"])?;
    let Some(Located { value, line }) = etcd.text("data_dir")? else {
        return Ok(DATA_DIR.to_owned());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    if let Some(ch) = value.chars().find(|c| !plain(*c)) {
        return Err(bad(line, Problem::DataDirChar { text: value, ch }));
    }
    let whole = value.strip_prefix('/').is_some_and(|rest| {
        rest.trim_end_matches('/').split('/').all(|part| !matches!(part, "" | "." | ".."))
    });
    if !whole {
        return Err(bad(line, Problem::DataDir(value)));
    }
    Ok(value.trim_end_matches('/').to_owned())
}

fn members(root: &Table<'_>, places: &Places<'_>) -> Result<Vec<Member>, FileError> {
    let tables = root.needed("members", |root, key| root.tables(key, "in [[members]]"))?;
    let mut names = BTreeMap::new();
    let mut addresses = BTreeMap::new();
    let mut members = Vec::new();
    for table in tables {
        table.only(&[
            "name",
            "address",
            "ssh_host",
            "ssh_user",
            "ssh_port",
            "ssh_identity",
            "ssh_known_hosts",
        ])?;
        let name: Located<MemberName> = table.parsed("name", "the name")?;
        let address = table.address()?;
        if let Some(first) = names.insert(name.value.to_string(), name.line) {
            return Err(twice("name", &name, first));
        }
        if let Some(first) = addresses.insert(address.value, address.line) {
            return Err(twice("address", &address, first));
        }
        members.push(Member {
            name: name.value,
            address: address.value,
            login: login(
                &table,
                places,
                ["ssh_user", "ssh_port", "ssh_identity", "ssh_known_hosts"],
            )?,
            ssh_host: table.word("ssh_host", "the host", ":")?,
        });
    }
    if members.is_empty() {
        return Err(bad(root.line_of("members"), Problem::NoMembers));
    }
    Ok(members)
}

fn twice(what: &'static str, again: &Located<impl ToString>, first: usize) -> FileError {
    bad(again.line, Problem::Twice { what, text: again.value.to_string(), first })
}

/// Sizes that etcd runs with, but that a person would hardly choose if they knew (etcd's FAQ, "Why
/// an odd number of cluster members?" and "What is maximum cluster size?").
fn warnings(cluster: &Cluster) -> Vec<String> {
    let size = cluster.members.len();
    let lost = |size: usize| size - (size / 2 + 1);
    let mut warnings = Vec::new();
    match size {
        1 => warnings.push("1 member survives no loss; 3 survive the loss of 1, 5 of 2".to_owned()),
        2 => warnings.push("2 members survive no loss, as 1 does; 3 survive 1".to_owned()),
        _ if size.is_multiple_of(2) => warnings.push(format!(
            "{size} members survive the loss of {}, as {} do; {} survive {}",
            lost(size),
            size - 1,
            size + 1,
            lost(size + 1)
        )),
        _ => {}
    }
    if size > 7 {
        warnings.push(format!(
            "{size} members are many: every write waits for {}; etcd advises 7 at most",
            cluster.quorum()
        ));
    }
    warnings
}
