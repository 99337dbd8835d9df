//! A real sshd on this machine, and everything that can go wrong with one.
//!
//! Needs root, and the Debian packages openssh-server, openssh-client, sudo, fish, util-linux.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, which clippy does not see as tests"
)]

mod ssh {
    mod agent;
    mod at_once;
    mod host_keys;
    mod jump;
    mod lines;
    mod login;
    mod loss;
    mod secrets;
    mod shell;
    mod sudo;
    mod tunnel;
    mod wizard;

    pub(crate) mod authority;
    pub(crate) mod inside;
    pub(crate) mod person;
    pub(crate) mod proxy;
    pub(crate) mod screen;
    pub(crate) mod server;

    #[path = "../pty/quickest.rs"]
    pub(crate) mod quickest;
}
