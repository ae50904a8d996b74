# SPDX-License-Identifier: BSD-2-Clause
"""Zones of the closed world: written, signed with ldns, and damaged on purpose."""

import base64
import concurrent.futures
import hashlib
import os
import struct
import subprocess
import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives import serialization

ALGORITHM = 13  # ECDSAP256SHA256
DAY = 86400
UNKNOWN = 200   # an algorithm or digest type that nobody assigned

ROOT_ADDRESS, TLD_ADDRESS, LEAF_ADDRESS = "10.53.0.1", "10.53.0.2", "10.53.0.3"
ROOT_ADDRESS6, TLD_ADDRESS6, LEAF_ADDRESS6 = "fd53::1", "fd53::2", "fd53::3"
SILENT_ADDRESS = "10.53.0.9"
LIVE_ADDRESS = "10.53.6.1"

# Where a zone claims to be served. "lame" answers REFUSED, "servfail" SERVFAIL.
SERVED = {
    "leaf": "A " + LEAF_ADDRESS,
    "v6": "AAAA " + LEAF_ADDRESS6,
    "dead": "A " + SILENT_ADDRESS,
    "lame": "A " + TLD_ADDRESS,
    "servfail": "A " + LEAF_ADDRESS,
    "live": "A " + LIVE_ADDRESS,   # by a test, while it runs (live.py)
}


class Key:
    """One signing key; may be used by many zones."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)[1:]
        self.public = base64.b64encode(point).decode()
        self.rdata = struct.pack("!HBB", 257, 3, ALGORITHM) + point
        total = sum(b << 8 if i % 2 == 0 else b for i, b in enumerate(self.rdata))
        self.tag = (total + (total >> 16)) & 0xFFFF

    def dnskey(self, origin):
        return "%s 60 IN DNSKEY 257 3 %d %s" % (origin, ALGORITHM, self.public)

    def ds(self, origin, kind):
        digest = hashlib.sha256(wire(origin) + self.rdata).hexdigest()
        algorithm, digest_type = ALGORITHM, 2
        if kind == "wrong":
            digest = "00" * 32
        elif kind == "unknown-algorithm":
            algorithm = UNKNOWN
        elif kind == "unknown-digest":
            digest_type = UNKNOWN
        return "%s 60 IN DS %d %d %d %s" % (origin, self.tag, algorithm, digest_type, digest)

    def write(self, directory, origin):
        """The pair of files that ldns-signzone wants; returns their base name."""
        base = os.path.join(directory, "K%s+%03d+%05d" % (origin, ALGORITHM, self.tag))
        number = self.private.private_numbers().private_value.to_bytes(32, "big")
        with open(base + ".key", "w") as f:
            f.write(self.dnskey(origin) + "\n")
        with open(base + ".private", "w") as f:
            f.write("Private-key-format: v1.2\nAlgorithm: 13 (ECDSAP256SHA256)\n"
                    "PrivateKey: %s\n" % base64.b64encode(number).decode())
        return base


def wire(name):
    out = b""
    for label in name.rstrip(".").split("."):
        if label:
            out += bytes([len(label)]) + label.encode()
    return out + b"\0"


class ZoneFile:
    """One zone on its way to a file. Faults: (owner, covered type, how) where how is
    expired, future, wrong or strip, and owner "*" means every owner."""

    def __init__(self, origin, text, key=None, denial="nsec3", faults=(), served="leaf"):
        self.origin = origin
        self.text = text
        self.key = key
        self.denial = denial
        self.faults = faults
        self.served = served

    def plain_text(self):
        head = "$ORIGIN %s\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 864000 30\n" % self.origin
        if self.served != "own":
            head += "@ NS ns\nns %s\n" % SERVED[self.served]
        return head + self.text + "\n"

    def _signed(self, directory, start, end, suffix):
        source = os.path.join(directory, self.origin + "zone")
        target = source + suffix
        options = {
            "nsec": [],
            "nsec3": ["-n", "-t", "1", "-s", "ab"],
            "optout": ["-n", "-p", "-t", "1", "-s", "ab"],
            "nsec3-500": ["-n", "-t", "500", "-s", "ab"],
        }[self.denial]
        base = self.key.write(directory, self.origin)
        subprocess.run(
            ["ldns-signzone", *options, "-i", str(int(start)), "-e", str(int(end)),
             "-f", target, source, base],
            check=True, capture_output=True)
        with open(target) as f:
            return f.read().splitlines()

    def build(self, directory):
        """Writes the zone, signed and damaged as it should be; returns the path."""
        path = os.path.join(directory, self.origin + "zone")
        with open(path, "w") as f:
            f.write(self.plain_text())
        if self.key is None:
            return path
        now = time.time()
        lines = self._signed(directory, now - DAY, now + 20 * DAY, ".signed")
        if self.faults:
            lines = self._damage(directory, lines, now)
        with open(path + ".signed", "w") as f:
            f.write("\n".join(lines) + "\n")
        return path + ".signed"

    def _damage(self, directory, lines, now):
        others = {}
        for how, start, end in (("expired", now - 9 * DAY, now - DAY),
                                ("future", now + DAY, now + 9 * DAY)):
            if any(f[2] == how for f in self.faults):
                signed = self._signed(directory, start, end, "." + how)
                others[how] = {self._slot(x): x for x in signed if self._slot(x)}
        out, hit = [], set()
        for line in lines:
            slot = self._slot(line)
            fault = slot and self._fault_for(slot)
            if fault:
                hit.add(fault)
                line = self._spoil(line, slot, fault[2], others)
            if line:
                out.append(line)
        missed = set(self.faults) - hit
        if missed:
            raise ValueError("%s: no signature to damage: %s" % (self.origin, missed))
        return out

    @staticmethod
    def _slot(line):
        """(owner, covered type) of a signature line, else None."""
        word = line.split()
        return (word[0], word[4]) if len(word) > 4 and word[3] == "RRSIG" else None

    def _fault_for(self, slot):
        for fault in self.faults:
            owner = fault[0]
            full = self.origin if owner == "@" else "%s.%s" % (owner, self.origin)
            if slot[1] == fault[1] and (owner == "*" or slot[0] == full):
                return fault
        return None

    @staticmethod
    def _spoil(line, slot, how, others):
        if how == "strip":
            return None
        if how in others:
            return others[how][slot]
        head, signature = line.rsplit(None, 1)
        raw = bytearray(base64.b64decode(signature))
        raw[20] ^= 0x5A
        return "%s\t%s" % (head, base64.b64encode(bytes(raw)).decode())


def build_all(files, directory):
    """Builds many zones, two at a time; returns {origin: path}."""
    os.makedirs(directory, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return dict(zip((z.origin for z in files),
                        pool.map(lambda z: z.build(directory), files)))


def parent_text(children, own):
    """Delegations for a parent zone. children: (origin, served, key, ds kind)."""
    out = []
    for origin, served, key, ds in children:
        out.append("%s NS ns.%s" % (origin, origin))
        out.append("ns.%s %s" % (origin, SERVED.get(served, own)))
        if key is not None and ds != "none":
            out.append(key.ds(origin, ds))
    return "\n".join(out)
