#!/bin/bash
# Between two rounds: back to machines that have the packages and nothing else, whoever was there
# before. Not timed, and no part of quorate: all contestants begin from the same.
#
# as_new.sh DIR IP...    DIR is the folder of the practice machines.
set -eu
dir=$1
shift
for ip in "$@"; do
  ssh -F none -i "$dir/id_ed25519" -o UserKnownHostsFile="$dir/known_hosts" \
    -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR "root@$ip" sh -s <<'EOF' &
set -e
if ! [ -x /usr/bin/etcd ]; then
  ln -s /dev/null /etc/systemd/system/etcd.service
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q etcd-server etcd-client
  rm /etc/systemd/system/etcd.service
  systemctl daemon-reload
  cp /etc/default/etcd /root/etcd.default
fi >/dev/null
systemctl stop etcd
systemctl disable -q etcd
systemctl reset-failed etcd 2>/dev/null || :
rm -rf /etc/etcd /var/lib/etcd /etc/profile.d/etcdctl.sh
install -d -o etcd -g etcd -m 0700 /var/lib/etcd
cp /root/etcd.default /etc/default/etcd
systemctl daemon-reload
sync
EOF
  pids="${pids:-} $!"
done
for pid in $pids; do
  wait "$pid"
done
