#!/usr/bin/env bash
# Server CPU per page and latency, over loopback, for an address that is already served.
#
#   benches/load.sh PID http://127.0.0.1:8080 list|search|filter [SECONDS] [CONNECTIONS]
#
# CPU is read from /proc before and after the load, so that the load generator does not count.
set -euo pipefail
pid=$1 address=$2 kind=$3 seconds=${4:-10} connections=${5:-1}
here=$(cd "$(dirname "$0")" && pwd)
ticks() { awk '{print $14 + $15}' "/proc/$pid/stat"; }
pss() { awk '/^Pss:/ {sum += $2} END {printf "%.1f", sum / 1024}' "/proc/$pid/smaps_rollup"; }
before=$(ticks)
out=$(wrk -t1 -c"$connections" -d"${seconds}s" --latency -s "$here/paths.lua" "$address" -- "$kind" "${FLAVOUR:-sobria}")
after=$(ticks)
requests=$(awk '/requests in/ {print $1}' <<<"$out")
p99=$(awk '$1 == "99%" {print $2}' <<<"$out")
errors=$(grep -E 'Non-2xx|Socket errors' <<<"$out" || true)
hertz=$(getconf CLK_TCK)
awk -v b="$before" -v a="$after" -v r="$requests" -v hz="$hertz" -v k="$kind" -v p="$p99" -v m="$(pss)" -v e="$errors" \
  'BEGIN {printf "%s: %.3f ms of server CPU per page, %d pages, p99 %s, PSS %s MB %s\n", k, (a - b) * 1000 / hz / r, r, p, m, e}'
