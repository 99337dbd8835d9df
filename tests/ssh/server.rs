//! An sshd of our own, on a free port of 127.0.0.1, with users that exist only for it.
//!
//! It runs in a mount namespace with a changed copy of /etc, so that nothing stays behind.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    thread::{self, JoinHandle},
};

use quorate::remote::connect::HostSpec;
use tempfile::TempDir;

/// alice: sudo with this password. It also logs her in.
pub(crate) const PASSWORD: &str = "correct horse";

/// Makes the users, then becomes sshd. `$1` is the folder.
const SETUP: &str = r#"
set -eu
mount -t tmpfs tmpfs /run; mkdir /run/sshd
mount -t tmpfs tmpfs /home
mount -t tmpfs tmpfs /var/log
mount -t tmpfs tmpfs /var/lib/sudo
mkdir /run/etc; mount -t tmpfs tmpfs /run/etc; mkdir /run/etc/upper /run/etc/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc
id=7000
for user in alice:/bin/bash bob:/bin/bash carol:/usr/bin/fish dave:/bin/sh eve:/bin/sh; do
  name=${user%%:*}
  mkdir "/home/$name"; chown $id:$id "/home/$name"
  echo "$name:x:$id:$id::/home/$name:${user#*:}" >>/etc/passwd
  echo "$name:x:$id:" >>/etc/group
  echo "$name:*:20000:0:99999:7:::" >>/etc/shadow
  id=$((id + 1))
done
printf '%s\n' "alice:$2" | chpasswd
cat >/etc/sudoers <<'EOF'
Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
alice ALL=(ALL:ALL) ALL
bob ALL=(ALL:ALL) NOPASSWD: ALL
carol ALL=(ALL:ALL) NOPASSWD: ALL
