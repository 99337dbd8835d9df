//! The pages' bodies.

pub(crate) mod failure;
pub(crate) mod result;
pub(crate) mod run;
