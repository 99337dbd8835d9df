//! Texts that programs on a node wrote, turned into findings a person can act on.
//!
//! Pure, and without knowledge of steps or SSH: lines come in, findings go out. What is known
//! stands in `assets/findings/*.toml`, so that a new symptom is a few lines of data.

pub mod catalogue;
pub mod journal;
mod pattern;

pub use self::{
    catalogue::{Explanation, explain, ids, nearest},
    journal::{journal, overheard},
};
