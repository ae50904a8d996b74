#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh ASK [STUB]: smoke test of the DNS back ends against real servers, in a
# network namespace. ASK is the program built from ask.c; without STUB (built
# --without-getdns) the trust-ad half is skipped. Output: TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if [ "${RUN_INSIDE:-}" != yes ]; then
	for program in nsd unbound ldns-signzone dig unshare ip; do
		command -v $program >/dev/null || { echo "1..0 # SKIP no $program"; exit 0; }
	done
	user=
	[ "$(id -u)" = 0 ] || user=-r
	# shellcheck disable=SC2086 # no word at all, or one
	unshare $user -n true 2>/dev/null || { echo "1..0 # SKIP no network namespace"; exit 0; }
	ask=$(realpath "$1")
	stub=${2:+$(realpath "$2")}
	dir=$(mktemp -d)
	chmod 755 "$dir"
	RUN_INSIDE=yes "$here/world.sh" "$dir" "$here/run.sh" "$ask" "$stub"
	status=$?
	rm -rf "$dir"
	exit $status
fi
ask=$1
stub=$2
count=0
bad=0

ok()
{
	count=$((count + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $count - $3"
	else
		bad=$((bad + 1))
		echo "not ok $count - $3"
		printf '%s\n' "$1" | sed 's/^/# got:  /'
		printf '%s\n' "$2" | sed 's/^/# want: /'
	fi
}

# claim EXPECTED OPTION... QUESTION: the answer, without the question
claim()
{
	what=$1
	want=$2
	shift 2
	got=$("$ask" "$@" 2>&1 | sed -n '1s/^[^:]*: //p')
	ok "$got" "$want" "$what"
}

# Both back ends must see the same world; $1 says which, the rest are options.
world()
{
	name=$1
	bogus=$2
	shift 2
	claim "$name: N9 signed MX is secure" "SECURE 10:mx.lab 20:mx2.lab" "$@" "MX lab"
	claim "$name: both families" "SECURE v6 v4" "$@" "ADDR mx.lab"
	claim "$name: TLSA" "SECURE 3-1-1/32" "$@" "TLSA _25._tcp.mx.lab"
	claim "$name: alias" "SECURE alias=mx.lab v6 v4" "$@" "ADDR alias.lab"
	claim "$name: N9 alias into an unsigned zone is insecure" \
	    "INSECURE alias=mx.plain v4" "$@" "ADDR toplain.lab"
	claim "$name: N12 the alias itself is secure" \
	    "SECURE alias=mx.plain" "$@" "CNAME toplain.lab"
	claim "$name: N9 alias from an unsigned zone into a signed one" \
	    "INSECURE alias=_mta-sts.lab id=20260101" "$@" "STSTXT plain"
	claim "$name: N3 alias into a bogus zone" "FAILED DNSSEC bogus$bogus" "$@" \
	    "ADDR tobroken.lab"
	claim "$name: N3 bogus" "FAILED DNSSEC bogus$bogus" "$@" "MX broken"
	claim "$name: L4 null MX" "SECURE null" "$@" "MX null.lab"
	claim "$name: S2 strings are joined, others ignored" "SECURE id=20260101" "$@" \
	    "STSTXT lab"
	claim "$name: S3 two records are none" "SECURE" "$@" "STSTXT two.lab"
	claim "$name: N4 unsigned" "INSECURE 10:mx.plain" "$@" "MX plain"
	claim "$name: N5 NXDOMAIN, secure" "ABSENT_SECURE nxdomain" "$@" "MX nope.lab"
	claim "$name: N5 NODATA, secure" "ABSENT_SECURE" "$@" "MX mx.lab"
	claim "$name: N5 NXDOMAIN, insecure" "ABSENT_INSECURE nxdomain" "$@" "MX nope.plain"
	claim "$name: N5 NODATA, insecure" "ABSENT_INSECURE" "$@" "MX mx.plain"
	claim "$name: TXT, strings joined" "SECURE [v=TLSRPTv1; rua=mailto:x@lab]" "$@" \
	    "TXT _smtp._tls.lab"
	ok "$("$ask" "$@" 'TXT _mta-sts.lab' | head -1 | tr -cd '[' | wc -c)" 2 \
	    "$name: TXT, nothing chosen"
	claim "$name: TXT that is not there" "ABSENT_SECURE nxdomain" "$@" "TXT _smtp._tls.two.lab"
	claim "$name: TXT over an alias from an unsigned zone" \
	    "INSECURE alias=_smtp._tls.lab [v=TLSRPTv1; rua=mailto:x@lab]" "$@" \
	    "TXT _smtp._tls.plain"
	claim "$name: DS of a signed zone" "SECURE 13-2/32" "$@" "DS lab"
	claim "$name: DS of a signed zone beneath" "SECURE 13-2/32" "$@" "DS sub.lab"
	claim "$name: DS of an unsigned delegation: proved that there is none" "ABSENT_SECURE" \
	    "$@" "DS plain"
	claim "$name: the same beneath, in an NSEC3 zone" "ABSENT_SECURE" "$@" "DS open.lab"
	claim "$name: DS of a host in a signed zone" "ABSENT_SECURE" "$@" "DS mx.lab"
	claim "$name: DS of what is not there" "ABSENT_SECURE nxdomain" "$@" "DS nope.lab"
	claim "$name: DS below an unsigned delegation" "ABSENT_INSECURE" "$@" "DS mx.open.lab"
	claim "$name: DS of what is not there, unsigned" "ABSENT_INSECURE nxdomain" "$@" \
	    "DS nope.plain"
	claim "$name: DS of an alias is that of its end" "ABSENT_SECURE alias=mx.lab" "$@" \
	    "DS alias.lab"
	claim "$name: DS of a zone that is broken is sound" "SECURE 13-2/32" "$@" "DS broken"
	claim "$name: DS within a broken zone" "FAILED DNSSEC bogus$bogus" "$@" "DS mx.broken"
	ok "$("$ask" "$@" 'MX big.lab' | head -1 | wc -w)" 64 "$name: truncated, then TCP"
	ok "$("$ask" "$@" 'MX void' | sed -n '1s/^MX void: \([A-Z]*\) .*/\1/p')" FAILED \
	    "$name: N3 SERVFAIL"
}

local_fail="FAILED local failure"
world validate " (signature expired)" -a anchor -r 127.0.0.1
world "validate without help" " (signature expired)" -a anchor -r 127.0.0.1:5354
world recursive " (signature expired)" -a anchor -r recursive -H hints -t 1500
nokey="FAILED local failure (no validated answer from 127.0.0.1: DNSSEC bogus, no DNSKEY matches DS)"
claim "N1 validate, no key fits" "$nokey" \
    -a wrong-anchor -r 127.0.0.1 "MX lab"
claim "N1 validate, no key fits: nothing unsigned is believed either" \
    "$nokey" -a wrong-anchor -r 127.0.0.1 "MX plain"
claim "validate: no answer" "FAILED no answer" -a anchor -r 127.0.0.1:5355 -t 1000 "MX lab"
claim "validate: first resolver silent" "SECURE 10:mx.lab 20:mx2.lab" \
    -a anchor -r 127.0.0.1:5355,127.0.0.1 "MX lab"
claim "validate: first resolver down" "SECURE 10:mx.lab 20:mx2.lab" \
    -a anchor -r 127.0.0.1:5356,127.0.0.1 "MX lab"

# The list changes between two rounds.
changed()
{
	file=$1
	other=$2
	shift 2
	echo "nameserver 127.0.0.1" >"$file"
	{ sleep 0.5; echo "nameserver $other" >"$file.new"; mv "$file.new" "$file"; } &
	"$ask" "$@" -R "$file" -r system -t 800 -n 2 -w 4000 "MX lab" | sed -n '2p'
	wait $!
}
ok "$(changed rc 127.0.0.77 -a anchor)" "MX lab: FAILED no answer" \
    "validate: resolv.conf is read again"

if [ -n "$stub" ]; then
	world trust-ad "" -s "$stub" -r 127.0.0.1
	claim "N1 N2 trust-ad: a resolver that does not validate is not believed" \
	    "$local_fail (resolver 127.0.0.1:5354 does not validate DNSSEC (no AD bit))" \
	    -s "$stub" -r 127.0.0.1:5354 "MX plain"
	for first in 5354 5355 5356; do
		claim "trust-ad: fails over from port $first" "SECURE 10:mx.lab 20:mx2.lab" \
		    -s "$stub" -r "127.0.0.1:$first,127.0.0.1" "MX lab"
	done
	claim "trust-ad: nobody answers" \
	    "$local_fail (resolver 127.0.0.1:5355 does not answer)" \
	    -s "$stub" -r 127.0.0.1:5355 -t 1000 "MX lab"
	ok "$("$ask" -s "$stub" -r 192.0.2.1 "MX lab" | grep -c 'error -2.*N2')" 1 \
	    "N2 trust-ad: resolver elsewhere"
	ok "$(changed rc 192.0.2.1 -s "$stub" | grep -c 'FAILED.*N2')" 1 \
	    "N2 trust-ad: resolv.conf changes to a resolver elsewhere"
	# The helper is killed again and again: no question is lost, none comes
	# out as anything but the truth or FAILED.
	"$ask" -s "$stub" -r 127.0.0.1 -p 100 -N 10000 -n 3 "TLSA lab" >many 2>/dev/null &
	asker=$!
	for t in 3 1 4 1 5 2; do
		sleep 0.$t
		pkill -9 -P $asker 2>/dev/null
	done
	wait $asker
	ok "$(sed -n 's/^secure=0 insecure=0 absent=\([0-9]*\) insecure-absent=0 failed=\([0-9]*\)$/\1 \2/p' many |
	    awk '{ n += $1 + $2 } END { print n }')" 30000 "trust-ad: helper killed, nothing lost"
	# Records that getdns reads past: answered or FAILED, no other way.
	/usr/bin/python3 "$here/evil.py" 5360 &
	evil=$!
	sleep 0.5
	"$ask" -s "$stub" -r 127.0.0.1:5360 -p 50 -N 3000 "TLSA lab" >many 2>/dev/null
	kill $evil
	ok "$(sed -n 's/^secure=0 insecure=0 absent=0 insecure-absent=\([0-9]*\) failed=\([0-9]*\)$/\1 \2/p' many |
	    awk '{ print $1 + $2 }')" 3000 "trust-ad: records that break getdns"
	# A helper gone mad is killed and started again, and nothing is believed.
	printf '#!/bin/sh\nexec head -c 100000 /dev/urandom >&0\n' >mad
	printf '#!/bin/sh\nprintf "\\0\\0\\0\\5\\377\\377\\377\\377\\1" >&0; sleep 5\n' >liar
	chmod +x mad liar
	for helper in mad liar; do
		ok "$("$ask" -s "./$helper" -r 127.0.0.1 -t 700 "MX lab" |
		    sed -n '1s/^\(MX lab: FAILED\).*/\1/p')" "MX lab: FAILED" \
		    "trust-ad: a helper like \"$helper\""
	done
fi
echo "1..$count"
[ $bad = 0 ]
