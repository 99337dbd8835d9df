//! Nothing is deleted: what is in the way gets a dated name beside its old one.

use super::script::quote;

/// The date in such a name, as the node's shell writes it: `20261122T231500Z`.
const DATE: &str = "$(date -u +%Y%m%dT%H%M%SZ)";

/// Gives the file a second, dated name, so that the old one may be replaced in one step: there is
/// no moment without it.
#[must_use]
pub fn keep(path: &str) -> String {
    format!("ln {0} {0}.{DATE}\n", quote(path))
}

/// Moves the file to a dated name. One that has that name already stays as it is.
#[must_use]
pub fn take_away(path: &str) -> String {
    format!("[ ! -e {0} ] || mv -nT {0} {0}.{DATE}\n", quote(path))
}

/// Moves a data directory to a dated name; out of a file system of its own it cannot be moved, so
/// there its content goes into a dated directory.
#[must_use]
pub fn take_data_away(dir: &str) -> String {
    let dir = quote(dir);
    format!(
        "if mountpoint -q {dir}; then\n\
         \x20 aside={dir}/aside.{DATE}\n\
         \x20 mkdir -m 0700 \"$aside\"\n\
         \x20 mv {dir}/member \"$aside\"\n\
         else\n\
         \x20 mv -nT {dir} {dir}.{DATE}\n\
         fi\n"
    )
}
