//! What is kept of runs, and of the clusters they were about.

pub mod chapters;
pub mod draft;
pub mod find;
pub mod known;
pub mod last;
pub mod lock;
pub mod narration;
pub mod place;
pub mod run_log;
pub mod tape;
pub mod timeline;
