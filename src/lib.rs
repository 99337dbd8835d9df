//! quorate takes five bare machines to a highly available, TLS-secured etcd cluster, and shows a
//! person every step of it. `ARCHITECTURE.md` has the map.
//!
//! A module is pure (no clock, file, network, terminal, thread or environment) unless it says
//! here, or where it is declared, why it is not. Its tests need not be.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod app;
#[expect(clippy::disallowed_methods, reason = "it is the edge to the person's system")]
pub mod cli;
pub mod cluster;
pub mod diagnose;
pub mod event;
pub mod exit;
pub mod export;
pub mod lab;
pub mod pki;
pub mod plain;
#[expect(clippy::disallowed_methods, reason = "it makes machines of this computer")]
pub mod practice;
#[expect(clippy::disallowed_methods, reason = "it keeps files")]
pub mod record;
#[expect(clippy::disallowed_methods, reason = "it is the network")]
pub mod remote;
#[expect(clippy::disallowed_methods, reason = "it has threads, and clocks for what they do")]
pub mod run;
#[expect(clippy::disallowed_methods, reason = "it owns the terminal, with clock and threads")]
pub mod tui;
pub mod ui;
