//! How long something takes, apart from what else this computer is busy with.

use std::time::Duration;

/// Does it until it took no longer than that, three times at most: what takes too long by itself
/// does so each time, what waits for a busy computer does not.
#[track_caller]
pub(crate) fn quickest(limit: Duration, once: impl FnMut() -> Duration) {
    let mut took = Vec::new();
    for this in std::iter::repeat_with(once).take(3) {
        took.push(this);
        if this <= limit {
            return;
        }
    }
    assert!(took.is_empty(), "{took:?}, not {limit:?}");
}
