//! quorate takes five bare machines to a highly available, TLS-secured etcd cluster, and shows a
//! person every step of it. `ARCHITECTURE.md` has the map.

pub mod cluster;
pub mod diagnose;
pub mod pki;
pub mod practice;
pub mod remote;
