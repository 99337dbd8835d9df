. /etc/profile.d/etcdctl.sh
# etcdctl writes IDs as decimal numbers.
asked() {
  export ETCDCTL_ENDPOINTS=$2
  status=$(etcdctl endpoint status -w json) || return 1
  case $status in
    *'"cluster_id":@CLUSTER_ID@'[,}]*) ;;
    *) echo "$1 is in another cluster: $status"; return 1 ;;
  esac
  case $status in
    *'"member_id":'$3[,}]*) ;;
    *) echo "$1 is another member: $status"; return 1 ;;
  esac
  leader=$(printf '%s\n' "$status" | tr ',{}' '\n\n\n' | sed -n 's/^"leader"://p')
  [ -n "$leader" ] || { echo "$1 knows no leader"; return 1; }
  [ "$leader" = "${leads:=$leader}" ] || { echo "$1 follows another leader"; return 1; }
  list=$(etcdctl member list -w json) || return 1
  known=$(printf '%s\n' "$list" | tr ',{}' '\n\n\n' | sed -n 's/^"ID"://p' | sort | tr '\n' ' ')
  [ "$known" = '@SORTED_IDS@ ' ] || { echo "$1 knows other members: $known"; return 1; }
  etcdctl get @KEY@ >/dev/null || { echo "$1 does not answer a linearizable read"; return 1; }
}
