//! quorate takes five bare machines to a highly available, TLS-secured etcd cluster, and shows a
//! person every step of it. `ARCHITECTURE.md` has the map.

pub mod app;
pub mod cluster;
pub mod event;
pub mod lab;
pub mod remote;
pub mod tui;
pub mod ui;
