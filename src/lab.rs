//! What must be done: facts in, tasks out.
//!
//! Pure. [`survey()`] is one read-only script; its answer reads into [`Facts`]; [`tasks`] makes of
//! them what a step consists of on a node; [`across()`] says what is wrong between nodes.

pub mod across;
pub mod aside;
pub mod certificates;
pub mod configure;
pub mod drill;
pub mod env_file;
pub mod export;
pub mod facts;
pub mod install;
pub mod lend;
pub mod lesson;
pub mod outline;
pub mod preflight;
pub mod reset;
pub mod script;
pub mod sisters;
pub mod slips;
pub mod start;
pub mod survey;
pub mod task;
pub mod tick;
pub mod verify;
pub mod wal;

pub use self::{
    across::across,
    facts::{BadAnswer, Facts},
    script::{LocalFile, Script},
    survey::survey,
    task::{Material, Task, by_hand, tasks},
};
