//! What is mounted, as the kernel tells it (proc(5), mountinfo).

use std::path::{Path, PathBuf};

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// Where.
    pub(super) point: PathBuf,
    /// Of an overlay: where it writes.
    pub(super) upper: Option<PathBuf>,
}

/// All mounts of a process, in the order they were made.
pub(super) fn of(process: &str) -> Vec<Mount> {
    let text = std::fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap_or_default();
    text.lines().filter_map(read).collect()
}

/// The mounts at or under a folder, the deepest last.
pub(super) fn under(dir: &Path) -> Vec<Mount> {
    of("self").into_iter().filter(|m| m.point.starts_with(dir)).collect()
}

fn read(line: &str) -> Option<Mount> {
    let (head, tail) = line.split_once(" - ")?;
    let point = PathBuf::from(head.split(' ').nth(4)?);
    let mut tail = tail.split(' ');
    let overlay = tail.next() == Some("overlay");
    let options = tail.nth(1).unwrap_or_default();
    let upper = options.split(',').find_map(|o| o.strip_prefix("upperdir=")).map(PathBuf::from);
    Some(Mount { point, upper: upper.filter(|_| overlay) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_overlay_and_passes_over_what_is_none() {
        let line = "99 79 0:39 / / rw,relatime shared:1 master:2 - overlay overlay \
                    rw,lowerdir=/q/image,upperdir=/q/m/upper,workdir=/q/m/work,uuid=on";
        let mount = Mount { point: "/".into(), upper: Some("/q/m/upper".into()) };
        assert_eq!(read(line), Some(mount));
        let line = "22 27 0:21 / /proc rw,relatime - proc proc rw,upperdir=/q/m/upper";
        assert_eq!(read(line), Some(Mount { point: "/proc".into(), upper: None }));
        assert_eq!(read("nonsense"), None);
    }
}
