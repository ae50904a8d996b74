#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""evil.py PORT: a resolver on 127.0.0.1 that shows the AD bit for SOA records and
answers everything else with NXDOMAIN and records that getdns reads past (HIP
with one to three octets, RFC 8005 5; a NAPTR and a TXT cut short)."""
import random
import socket
import struct
import sys

HIP, NAPTR, TXT, SOA = 55, 35, 16, 6


def record(kind, rdata):
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(rdata)) + rdata


def reply(query):
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12:end + 5]
    kind = struct.unpack(">H", query[end + 1:end + 3])[0]
    soa = record(SOA, b"\0\0" + struct.pack(">IIIII", 1, 2, 3, 4, 5))
    if kind == SOA:
        head = struct.pack(">HHHHHH", 0, 0x81a0, 1, 1, 0, 0)
        return query[:2] + head[2:] + question + soa
    bad = [record(HIP, random.randbytes(random.randint(1, 3))) for _ in range(3)]
    bad += [record(NAPTR, random.randbytes(random.randint(1, 6))),
            record(TXT, b"\xffx")]
    random.shuffle(bad)
    head = struct.pack(">HHHHHH", 0, 0x8183, 1, 0, 1 + len(bad), 0)
    return query[:2] + head[2:] + question + soa + b"".join(bad)


def main():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", int(sys.argv[1])))
    s.settimeout(300)
    while True:
        query, peer = s.recvfrom(4096)
        s.sendto(reply(query), peer)


main()
