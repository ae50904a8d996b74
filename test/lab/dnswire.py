# SPDX-License-Identifier: BSD-2-Clause
"""As much of the DNS wire format as asking, answering and forging needs."""

import os
import socket
import struct
from dataclasses import dataclass

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "DS": 43,
         "RRSIG": 46, "DNSKEY": 48, "TLSA": 52}
NAMES = {v: k for k, v in TYPES.items()}
QR, TC, RD, RA, AD, CD = 0x8000, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010


def pack_name(name):
    out = b""
    for label in name.rstrip(".").split("."):
        if label:
            out += bytes([len(label)]) + label.encode("latin-1")
    return out + b"\0"


def read_name(data, at):
    """(name in lower case without final dot, position after it)"""
    labels, after, jumps = [], None, 0
    while True:
        size = data[at]
        if size >= 0xC0:
            after = after or at + 2
            at = struct.unpack_from("!H", data, at)[0] & 0x3FFF
            jumps += 1
            if jumps > 64:
                raise ValueError("compression loop")
            continue
        at += 1
        if size == 0:
            return ".".join(labels).lower(), after or at
        labels.append(data[at:at + size].decode("latin-1"))
        at += size


@dataclass
class Record:
    section: int     # 0 answer, 1 authority, 2 additional
    name: str
    type: int
    start: int       # where the whole record lies
    end: int
    rdata: int       # where its data begins


class Message:
    """A message taken apart as far as needed to change it."""

    def __init__(self, data):
        self.data = data
        self.id, self.flags, questions, *counts = struct.unpack_from("!HHHHHH", data)
        at = 12
        self.name, self.type = "", 0
        for _ in range(questions):
            self.name, at = read_name(data, at)
            self.type = struct.unpack_from("!H", data, at)[0]
            at += 4
        self.question_end = at
        self.records = []
        for section, count in enumerate(counts):
            for _ in range(count):
                start = at
                name, at = read_name(data, at)
                kind, _, _, size = struct.unpack_from("!HHIH", data, at)
                at += 10 + size
                self.records.append(Record(section, name, kind, start, at, at - size))

    @property
    def question(self):
        return (self.name, NAMES.get(self.type, str(self.type)))

    def rebuild(self, keep=lambda r: True, flags=None, extra=()):
        """The message with some records only; extra: (section, bytes)."""
        parts, counts = [[], [], []], [0, 0, 0]
        for record in self.records:
            if keep(record):
                parts[record.section].append(self._portable(record))
        for section, data in extra:
            parts[section].append(data)
        counts = [len(p) for p in parts]
        head = struct.pack("!HHHHHH", self.id, self.flags if flags is None else flags, 1, *counts)
        return head + self.data[12:self.question_end] + b"".join(sum(parts, []))

    def _portable(self, record):
        """A record with its names spelled out: what it pointed at may be gone."""
        data = self.data
        rdata = data[record.rdata:record.end]
        if record.type in (2, 5, 39):
            rdata = pack_name(read_name(data, record.rdata)[0])
        elif record.type == 15:
            rdata = rdata[:2] + pack_name(read_name(data, record.rdata + 2)[0])
        elif record.type == 6:
            first, at = read_name(data, record.rdata)
            second, at = read_name(data, at)
            rdata = pack_name(first) + pack_name(second) + data[at:record.end]
        fixed = data[record.rdata - 10:record.rdata - 2]
        return pack_name(record.name) + fixed + struct.pack("!H", len(rdata)) + rdata


def query(name, kind, flags=RD | AD, dnssec=True):
    options = b"\0" + struct.pack("!HHIH", 41, 1232, 0x8000 if dnssec else 0, 0)
    return (struct.pack("!HHHHHH", int.from_bytes(os.urandom(2), "big"), flags, 1, 0, 0, 1)
            + pack_name(name) + struct.pack("!HH", TYPES[kind], 1) + options)


def ask(server, name, kind, timeout=1.0):
    """One question by UDP; the Message, or None without an answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(timeout)
        s.connect((server, 53))
        try:
            s.send(query(name, kind))
            return Message(s.recv(65535))
        except OSError:
            return None


def is_secure(server, name, kind):
    answer = ask(server, name, kind)
    return answer is not None and answer.flags & 0xF == 0 and bool(answer.flags & AD)


def fake_soa(zone):
    """A negative answer's SOA, as a forger would write it."""
    rdata = pack_name("ns." + zone) + pack_name("x." + zone) + struct.pack(
        "!IIIII", 1, 60, 60, 60, 60)
    return pack_name(zone) + struct.pack("!HHIH", 6, 1, 60, len(rdata)) + rdata
