//! `cluster.toml`: what a person writes, read into types that cannot be wrong.
