#!/bin/bash
# Ansible needs python3 on the machines; nothing else here does. The packages are chosen against the
# image's own list of packages, so that this computer may run another release.
#
# python.sh DIR RELEASE IP...    DIR is the folder of the practice machines.
set -eu
dir=$1 release=$2
shift 2
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt"/etc/apt/apt.conf.d "$apt"/var/lib/apt/lists/partial "$apt"/var/cache/apt/archives/partial
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $release main" \
  >"$apt/etc/apt/sources.list"
for act in update 'install -y -d --no-install-recommends python3'; do
  # shellcheck disable=SC2086  # the words of one command
  apt-get -q -o Dir="$apt" -o Dir::State::status="$dir/image/$release/var/lib/dpkg/status" \
    -o APT::Sandbox::User=root -o Debug::NoLocking=1 $act >&2
done
for ip in "$@"; do
  tar -C "$apt/var/cache/apt/archives" --exclude=lock --exclude=partial -cf - . |
    ssh -F none -i "$dir/id_ed25519" -o UserKnownHostsFile="$dir/known_hosts" \
      -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR "root@$ip" \
      'mkdir -p /root/debs && tar -C /root/debs -xf - && apt-get install -qq -y --no-install-recommends /root/debs/*.deb >/dev/null'
done
