set -u
export LC_ALL=C
umask 077
report() { printf '%-14s %-24s %s\n' "$node" "$1" "$2"; }
fail() {
  report "$1" FAILED
  printf '%s\n' "$said" | tail -n 10 | tr -cd '\11\12\40-\176' | sed "s/^/$node    /"
  exit 1
}
# No task stands in a condition: there, sh ignores set -e.
task() {
  said=$(holds </dev/null 2>&1)
  if [ $? -eq 0 ]; then report "$1" unchanged; return; fi
  said=$(change </dev/null 2>&1)
  if [ $? -ne 0 ]; then fail "$1"; fi
  did=$said
  said=$(holds </dev/null 2>&1)
  if [ $? -ne 0 ]; then said="$did
$said"; fail "$1"; fi
  report "$1" changed
}
proof() {
  said=$(holds </dev/null 2>&1)
  if [ $? -ne 0 ]; then fail "$1"; fi
  report "$1" holds
}
