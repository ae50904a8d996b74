#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# world.sh DIR COMMAND...: runs COMMAND in a network namespace of its own where
#	127.0.0.2:53     NSD with the zones of zones.sh
#	127.0.0.1:53     unbound, validating
#	127.0.0.1:5354   unbound, not validating
#	127.0.0.1:5355   a socket that never answers
#	127.0.0.1:5356   nobody
# and ends it all afterwards.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "${WORLD_INSIDE:-}" != yes ]; then
	dir=$(mkdir -p "$1" && cd "$1" && pwd)
	shift
	[ -f "$dir/root.signed" ] || "$here/zones.sh" "$dir"
	user=
	[ "$(id -u)" = 0 ] || user=-r
	WORLD_INSIDE=yes exec unshare $user -n "$0" "$dir" "$@"
fi
dir=$1
shift
cd "$dir"
ip link set lo up

pids=
# shellcheck disable=SC2086 # one word per process
stop() { [ -z "$pids" ] || kill $pids 2>/dev/null || :; }
trap stop EXIT
trap 'exit 1' INT TERM

{
	cat <<-END
	server:
	  ip-address: 127.0.0.2
	  username: ""
	  zonesdir: "$dir"
	  pidfile: ""
	  xfrdfile: "$dir/xfrd.state"
	  zonelistfile: "$dir/zone.list"
	  database: ""
	  logfile: "$dir/nsd.log"
	  rrl-ratelimit: 0
	remote-control:
	  control-enable: no
	END
	for zone in root.signed:. lab.signed:lab. plain.zone:plain. broken.signed:broken. \
	    sub.signed:sub.lab. open.zone:open.lab.; do
		printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' "${zone#*:}" "${zone%:*}"
	done
} >nsd.conf

# resolver NAME PORT MODULES
resolver()
{
	cat >"$1.conf" <<-END
	server:
	  interface: 127.0.0.1@$2
	  port: $2
	  username: ""
	  chroot: ""
	  directory: "$dir"
	  pidfile: ""
	  use-syslog: no
	  logfile: "$dir/$1.log"
	  module-config: "$3"
	  root-hints: "$dir/hints"
	  trust-anchor-file: "$dir/anchor"
	  do-not-query-localhost: no
	  access-control: 127.0.0.0/8 allow
	  so-rcvbuf: 4m
	  msg-cache-size: 64m
	  rrset-cache-size: 64m
	  msg-buffer-size: 65552
	  outgoing-range: 1000
	  num-queries-per-thread: 1000
	remote-control:
	  control-enable: no
	END
	unbound -d -c "$1.conf" & pids="$pids $!"
}

nsd -d -c nsd.conf & pids="$pids $!"
resolver good 53 "validator iterator"
resolver naive 5354 iterator
/usr/bin/python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 5355))
time.sleep(600)' & pids="$pids $!"

tries=0
until dig +time=1 +tries=1 @127.0.0.1 lab. soa 2>/dev/null | grep -q 'flags:.* ad' &&
    dig +time=1 +tries=1 -p 5354 @127.0.0.1 lab. soa 2>/dev/null | grep -q NOERROR; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { echo "servers do not come up" >&2; exit 1; }
	sleep 0.3
done
"$@"
