//! The pages' bodies.

pub(crate) mod access;
pub(crate) mod building;
pub(crate) mod by_hand;
pub(crate) mod certificates;
pub(crate) mod drill;
pub(crate) mod etcd;
pub(crate) mod failure;
pub(crate) mod guided;
pub(crate) mod nodes;
pub(crate) mod result;
pub(crate) mod review;
pub(crate) mod run;
pub(crate) mod welcome;
