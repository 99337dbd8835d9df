# What is there? Read-only; one fact a line.
echo "survey 1"
echo "clock $(date +%s.%N)"
main=0 state=unknown
for line in $(systemctl show etcd -p LoadState,ActiveState,UnitFileState,MainPID,NRestarts); do
  echo "unit $line"
  case $line in MainPID=*) main=${line#MainPID=} ;; ActiveState=*) state=${line#ActiveState=} ;; esac
done
# A running etcd logs every knock at its door, and its paths are proved better by its answers.
if [ "$state" != active ]; then
  (
    say=$(timeout 2 bash -c 'for to; do (
        why=$( (exec 3<>"/dev/tcp/$to/2380") 2>&1 ) && echo "reach $to open" && exit
        case $why in *refused*) echo "reach $to refused" ;; *) echo "reach $to unreachable" ;; esac
      ) & done; wait' bash @PEERS@ 2>/dev/null)
    echo "$say"
    for to in @PEERS@; do
      case $say in *"reach $to "*) ;; *) echo "reach $to timeout" ;; esac
    done
  ) &
fi
( . /etc/os-release; echo "os ${ID:-unknown} ${VERSION_ID:-0} ${VERSION_CODENAME:-unknown}" )
echo "hostname $(uname -n)"
echo "arch $(uname -m)"
read -r machine </etc/machine-id && echo "machine $machine"
for f in /etc/ssh/ssh_host_*_key.pub; do
  read -r type key _ <"$f" && echo "hostkey $type $key"
done 2>/dev/null
ip -o addr show scope global 2>/dev/null | while read -r _ _ _ address _; do
  echo "address ${address%/*}"
done
at=@DATA@
until [ -d "$at" ]; do at=${at%/*}; at=${at:-/}; done
df -PkT "$at" | while read -r _ type _ _ free _; do
  case $free in *[!0-9]*) ;; *) echo "disk $free $type" ;; esac
done

# Packages.
packages=$(dpkg-query -W -f 'package ${Package} ${db:Status-Status} ${Version}\n' etcd etcd-server etcd-client 2>/dev/null)
echo "$packages"
if grep -qE '^Status: install [a-z]+ (half-configured|unpacked|triggers-)' /var/lib/dpkg/status ||
  ls /var/lib/dpkg/updates | grep -q '^[0-9]'; then
  echo "dpkg broken"
fi
set -- /var/lib/apt/lists/*_Packages*
[ -e "$1" ] && echo "lists there"
if [ "$(echo "$packages" | grep -cE '^package etcd-(server|client) installed ')" -ne 2 ]; then
  apt-cache policy etcd etcd-server etcd-client 2>/dev/null |
    awk '/^[a-z]/ { name = $1; sub(":", "", name) } $1 == "Candidate:" { print "offer", name, $2 }'
fi
held=$(stat -c %i /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock 2>/dev/null)
pid=$(awk -v held="$held" 'BEGIN { n = split(held, a); for (i = 1; i <= n; i++) want[a[i]] = 1 }
  { split($6, id, ":"); if (id[3] in want) { print $5; exit } }' /proc/locks)
[ -n "$pid" ] && echo "lock $pid $(cat "/proc/$pid/comm" 2>/dev/null)"

# What sisters have alike.
for f in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
  grep -qsi proxy "$f" && echo "alike $f ($(sha256sum "$f" | cut -c1-8))"
done
sed -n 's/^nameserver[[:space:]]*/alike nameserver /p' /etc/resolv.conf 2>/dev/null
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
  sed -n 's/[[:space:]]*#.*//; s|//[^/@]*@|//|; s/^deb[[:space:]]/alike deb /p'
cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
  sed -n 's|//[^/@]*@|//|; s/^URIs:[[:space:]]*/alike URIs /p; s/^Suites:[[:space:]]*/alike Suites /p'

# What runs, and what is in the way.
set -- $(awk '$4 == "0A" && $2 ~ /:(094B|094C)$/ { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
if [ $# -gt 0 ]; then
  [ "$main" -gt 0 ] && within=/proc/$main/fd || within='/proc/[0-9]*/fd'
  for pid in $(ls -l $within 2>/dev/null | awk -v inodes="$*" -v pid="$main" '
    BEGIN { n = split(inodes, a); for (i = 1; i <= n; i++) want["socket:[" a[i] "]"] = 1 }
    /^\/proc/ { split($1, part, "/"); pid = part[3] }
    $NF in want { print pid }' | sort -u); do
    echo "port $pid $(cat "/proc/$pid/comm" 2>/dev/null)"
  done
  echo "listening $#"
fi
for f in /etc/etcd/ca.pem /etc/etcd/kubernetes.pem /etc/etcd/kubernetes-key.pem /etc/profile.d/etcdctl.sh; do
  [ -e "$f" ] && sha256sum "$f" | while read -r sum name; do echo "file $sum $name"; done
done
if [ -e /etc/default/etcd ]; then
  @EFFECTIVE@ | sha256sum | while read -r sum _; do echo "settings $sum"; done
  @EFFECTIVE@ | grep '^ETCD_' | head -n 60 | sed 's/^/setting /'
fi
if [ -d @DATA@/member ] && ! { @NOBODYS@; }; then
  set -- @DATA@/member/wal/*.wal
  echo "data $(od -An -v -tx1 -N 256 "$1" 2>/dev/null | tr -d ' \n')"
fi
wait
echo "survey ends"
