//! quorate takes five bare machines to a highly available, TLS-secured etcd cluster, and shows a
//! person every step of it. `ARCHITECTURE.md` has the map.

pub mod app;
pub mod cli;
pub mod cluster;
pub mod diagnose;
pub mod event;
pub mod exit;
pub mod lab;
pub mod pki;
pub mod plain;
pub mod practice;
pub mod record;
pub mod remote;
pub mod run;
pub mod tui;
pub mod ui;
