#!/bin/sh
# Makes the etcd cluster @CLUSTER@:
@MEMBERS@
#
# Run it where the certificate's key is, and from where ssh reaches the machines:  sh THIS_FILE
# Each task is looked at, changed only if it does not hold, and looked at again: a second run
# changes nothing. Nothing is deleted. No secret is in here: the key is read from its file when it
# is sent.
#
# Made for @BASIS@.
# Package names, and what has to be moved aside, follow from that. Where a machine is different, the
# script stops; make it anew with: quorate plan --live --as sh
#
# Exit 0: every proof held. 1: not every node got to its end; run it again to go on. 130: stopped.
set -u
export LC_ALL=C
umask 077
trap 'echo "stopped; what a node has begun, it ends" >&2; exit 130' HUP INT TERM

# on NODE: there, root's sh runs what comes on standard input.
on() {
  sh='exec sh -c '\''[ "$(id -u)" = 0 ] && exec sh -s; exec sudo -n sh -s'\'
  case $1 in
@LOGINS@
  esac
}

# key FILE BYTES: its content, ended by a newline.
key() {
  [ "$(awk 1 <"$1" | wc -c)" -eq "$2" ] || { echo "$1 is not the file that this was made for" >&2; return 1; }
  awk 1 <"$1"
}

frame() {
  cat @FRAME@
}

# run STEP NODE: its text goes through ssh, inside a function, so that a text that is cut short
# does not run at all.
run() {
  { printf 'node=%s\n' "$2" && frame && echo 'all() {' && "$1" "$2" && printf '}\nall\n'; } | on "$2"
  status=$?
  [ "$status" -ne 255 ] || echo "$2: $1 FAILED, no connection"
  return "$status"
}

# step STEP: on all nodes that have not failed, side by side.
left='@NODES@'
failed=
step() {
  running=
  for node in $left; do
    run "$1" "$node" &
    running="$running $node:$!"
  done
  left=
  for job in $running; do
    if wait "${job#*:}"; then left="$left ${job%:*}"; else failed="$failed ${job%:*}"; fi
  done
}

# barrier WHAT: that begins only if no node has failed.
barrier() {
  [ -z "$failed" ] || { echo "not $1: failed on$failed. Mend that, and run this again." >&2; exit 1; }
}
