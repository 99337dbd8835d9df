//! What is kept of runs, and of the clusters they were about.

pub mod known;
pub mod lock;
pub mod place;
pub mod run_log;
