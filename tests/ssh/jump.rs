//! Through another host, as ~/.ssh/config says.

use super::{
    inside,
    person::{Person, connect, run},
    server::Server,
};

#[test]
fn jump_hosts_and_proxy_commands_are_followed() {
    let Some(server) = Server::start() else { return };
    let (port, key) = (server.address.port(), server.file("key"));
    let common =
        format!("Host *\nPort {port}\nIdentityFile {}\nIdentitiesOnly yes\n", key.display());
    for way in [
        "Host target\nHostName 127.0.0.1\nProxyJump root@hop1\nHost hop1\nHostName 127.0.0.1\n",
        "Host target\nHostName 127.0.0.1\nProxyJump root@hop1,hop2\n\
         Host hop1 hop2\nHostName 127.0.0.1\nUser root\n",
        // Nothing but bash is sure to be there.
        "Host target\nHostName 127.0.0.1\nProxyCommand bash -c 'exec 3<>/dev/tcp/%h/%p; \
         cat <&3 & cat >&3; kill $!'\n",
    ] {
        inside::with_config("ssh::jump::to_the_target", &server, &format!("{way}{common}"));
    }
}

#[test]
#[ignore = "run by the test above, with a configuration of its own"]
fn to_the_target() {
    let mut spec = inside::spec("bob");
    spec.host = "target".to_owned();
    spec.port = None;
    let mut ssh = connect(&spec, &Person::default()).unwrap();
    assert_eq!(ssh.connected.address, None, "there is a proxy");
    assert_eq!(run(&mut ssh, "id -un").unwrap().stdout, "root\n");
    let flood = run(&mut ssh, "yes 0123456789abcde | head -c 2000000 | cksum").unwrap();
    assert_eq!(flood.status, 0);
}

#[test]
fn a_host_key_is_checked_on_every_hop() {
    let Some(server) = Server::start() else { return };
    let (port, key) = (server.address.port(), server.file("key"));
    let config = format!(
        "Host target\nHostName 127.0.0.1\nProxyJump root@hop1\nHost hop1\nHostName 127.0.0.1\n\
         HostKeyAlias stranger\nHost *\nPort {port}\nIdentityFile {}\n",
        key.display()
    );
    inside::with_config("ssh::jump::an_unknown_hop", &server, &config);
}

#[test]
#[ignore = "run by the test above, with a configuration of its own"]
fn an_unknown_hop() {
    let mut spec = inside::spec("bob");
    spec.host = "target".to_owned();
    spec.port = None;
    let error = connect(&spec, &Person::default()).err().unwrap().to_string();
    assert!(error.starts_with("on the way, at root@hop1: the host key of stranger"), "{error}");
}
