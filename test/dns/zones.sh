#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# zones.sh DIR: a small signed world for the smoke test of the DNS back ends.
#	.        signed          lab.     signed, NSEC3
#	plain.   not signed      broken.  signed, signatures expired
#	void.    delegated to an address where nobody is
#	sub.lab. signed, delegated securely    open.lab. not signed, delegated so
set -eu
dir=$1
mkdir -p "$dir"
cd "$dir"
ns=127.0.0.2

# zone FILE: the head of a zone
head_of()
{
	echo "\$ORIGIN $1"
	echo "\$TTL 300"
	echo "@ 300 IN SOA ns.lab. postmaster.lab. 1 3600 600 86400 60"
	echo "@ IN NS ns.lab."
}

key() { ldns-keygen -k -a ECDSAP256SHA256 -r /dev/urandom "$1"; }

{
	head_of lab.
	echo "ns A $ns"
	echo "@ MX 20 mx2"
	echo "@ MX 10 mx"
	echo "@ MX 30 ."
	echo "mx A 192.0.2.1"
	echo "mx AAAA 2001:db8::1"
	echo "mx2 A 192.0.2.2"
	echo "_25._tcp.mx TLSA 3 1 1 8755cdaa8fe24ef16cc0f2c918063185e433faaf1415664911d9e30a924138c4"
	echo "_25._tcp.mx2 TLSA 3 1 7 0301"
	echo "alias CNAME mx"
	echo "toplain CNAME mx.plain."
	echo "tobroken CNAME mx.broken."
	echo "null MX 0 ."
	echo "_mta-sts TXT \"v=STSv1; id=2026\" \"0101;\""
	echo "_mta-sts TXT \"something else\""
	echo "_smtp._tls TXT \"v=TLSRPTv1; \" \"rua=mailto:x@lab\""
	echo "_mta-sts.two TXT \"v=STSv1; id=1;\""
	echo "_mta-sts.two TXT \"v=STSv1; id=2;\""
	echo "sub NS ns"
	echo "open NS ns"
	for i in $(seq 100 160); do echo "big MX $i host-with-a-long-name-$i.big"; done
} >lab.zone
{
	head_of sub.lab.
	echo "@ MX 10 mx"
	echo "mx A 192.0.2.5"
} >sub.zone
{
	head_of open.lab.
	echo "@ MX 10 mx"
	echo "mx A 192.0.2.6"
} >open.zone
{
	head_of plain.
	echo "@ MX 10 mx"
	echo "mx A 192.0.2.3"
	echo "_25._tcp.mx TLSA 3 1 1 8755cdaa8fe24ef16cc0f2c918063185e433faaf1415664911d9e30a924138c4"
	echo "_mta-sts CNAME _mta-sts.lab."
	echo "_smtp._tls CNAME _smtp._tls.lab."
} >plain.zone
{
	head_of broken.
	echo "@ MX 10 mx"
	echo "mx A 192.0.2.4"
} >broken.zone

klab=$(key lab.)
ksub=$(key sub.lab.)
cat "$ksub.ds" >>lab.zone
kbroken=$(key broken.)
ldns-signzone -n -f lab.signed lab.zone "$klab"
ldns-signzone -f sub.signed sub.zone "$ksub"
ldns-signzone -i 20200101 -e 20200201 -f broken.signed broken.zone "$kbroken"
{
	head_of .
	echo "ns.lab. A $ns"
	for zone in lab plain broken; do echo "$zone. NS ns.lab."; done
	echo "void. NS ns.void."
	echo "ns.void. A 127.0.0.99"
	cat "$klab.ds" "$kbroken.ds"
} >root.zone
kroot=$(key .)
ldns-signzone -f root.signed root.zone "$kroot"
cat "$kroot.ds" >anchor
kother=$(key .)
cat "$kother.ds" >wrong-anchor
{
	echo ". 3600000 NS ns.lab."
	echo "ns.lab. 3600000 A $ns"
} >hints
