#!/bin/bash
# The opponent: what somebody who has done it often would write. The same changes as `quorate up`
# on machines that have the packages, one OpenSSH call per node, all at once, and no proof.
#
# by_hand.sh DIR NAME=IP...    DIR is the folder of the practice machines.
set -eu
dir=$1
shift
ca=$(cat "$dir/ca.pem") cert=$(cat "$dir/kubernetes.pem")
cluster='' endpoints=''
for member in "$@"; do
  cluster="$cluster,${member%%=*}=https://${member#*=}:2380"
  endpoints="$endpoints,https://${member#*=}:2379"
done

# The key goes in by cat, so that it is in no variable and no argument.
work() {
  name=${1%%=*} ip=${1#*=}
  cat <<EOF
set -e
umask 077
install -d -m 0755 /etc/etcd
cat >/etc/etcd/ca.pem <<'END'
$ca
END
cat >/etc/etcd/kubernetes.pem <<'END'
$cert
END
cat >/etc/etcd/kubernetes-key.pem <<'END'
EOF
  cat "$dir/kubernetes-key.pem"
  cat <<EOF
END
cat >>/etc/default/etcd <<'END'
ETCD_NAME="$name"
ETCD_DATA_DIR="/var/lib/etcd"
ETCD_LISTEN_PEER_URLS="https://$ip:2380"
ETCD_LISTEN_CLIENT_URLS="https://$ip:2379,https://localhost:2379"
ETCD_INITIAL_ADVERTISE_PEER_URLS="https://$ip:2380"
ETCD_INITIAL_CLUSTER="${cluster#,}"
ETCD_INITIAL_CLUSTER_STATE="new"
ETCD_INITIAL_CLUSTER_TOKEN="etcd-cluster-0"
ETCD_ADVERTISE_CLIENT_URLS="https://$ip:2379"
ETCD_CERT_FILE="/etc/etcd/kubernetes.pem"
ETCD_KEY_FILE="/etc/etcd/kubernetes-key.pem"
ETCD_CLIENT_CERT_AUTH="true"
ETCD_TRUSTED_CA_FILE="/etc/etcd/ca.pem"
ETCD_PEER_CERT_FILE="/etc/etcd/kubernetes.pem"
ETCD_PEER_KEY_FILE="/etc/etcd/kubernetes-key.pem"
ETCD_PEER_CLIENT_CERT_AUTH="true"
ETCD_PEER_TRUSTED_CA_FILE="/etc/etcd/ca.pem"
END
cat >/etc/profile.d/etcdctl.sh <<'END'
# etcdctl talks to the cluster practice with this; only root can read the key.
if [ -r /etc/etcd/kubernetes-key.pem ]; then
  export ETCDCTL_API=3
  export ETCDCTL_ENDPOINTS='${endpoints#,}'
  export ETCDCTL_CACERT=/etc/etcd/ca.pem
  export ETCDCTL_CERT=/etc/etcd/kubernetes.pem
  export ETCDCTL_KEY=/etc/etcd/kubernetes-key.pem
fi
END
chmod 0644 /etc/etcd/ca.pem /etc/etcd/kubernetes.pem /etc/default/etcd /etc/profile.d/etcdctl.sh
chgrp etcd /etc/etcd/kubernetes-key.pem
chmod 0640 /etc/etcd/kubernetes-key.pem
systemctl daemon-reload
SYSTEMCTL_SKIP_SYSV=1 systemctl enable -q --now etcd
EOF
}

for member in "$@"; do
  work "$member" |
    ssh -F none -i "$dir/id_ed25519" -o UserKnownHostsFile="$dir/known_hosts" \
      -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR "root@${member#*=}" sh -s &
  pids="${pids:-} $!"
done
for pid in $pids; do
  wait "$pid"
done
