# SPDX-License-Identifier: BSD-2-Clause
"""A closed world for the cold runs: a signed root, a signed zone of many domains,
and a validating resolver that knows them. Lives in a network namespace of its own,
so that port 53 and any address are free and nothing gets out."""
import glob
import hashlib
import os
import socket
import subprocess

from proc import Failure, Server

AUTHORITY = "10.77.0.1"
RESOLVER = "127.0.0.1"
TTL = 86400


def enter_network():
    """Loopback up, and the authority's address on it."""
    for args in (["link", "set", "lo", "up"], ["addr", "add", AUTHORITY + "/32", "dev", "lo"]):
        subprocess.run(["ip"] + args, check=True)


def _head(origin):
    return (f"$ORIGIN {origin}\n$TTL {TTL}\n"
            f"@ SOA ns.bench. hostmaster.bench. 1 3600 900 2419200 {TTL}\n@ NS ns.bench.\n")


def _domain(number):
    name = f"d{number:07d}"
    key = hashlib.sha256(name.encode()).hexdigest()
    return (f"{name} MX 10 mx.{name}\n"
            f"mx.{name} A 192.0.2.{number % 250 + 1}\n"
            f"mx.{name} AAAA 2001:db8::{number % 65535 + 1:x}\n"
            f"_25._tcp.mx.{name} TLSA 3 1 1 {key}\n"
            # Signed data, and no STS record: the fifth answer costs its validation,
            # and nobody fetches a policy over HTTPS afterwards.
            f"_mta-sts.{name} TXT \"no policy here\"\n")


class World:
    """Zones, NSD and Unbound in one folder; domains are d0000000.bench and on."""

    def __init__(self, folder, domains):
        self.folder = folder
        self.domains = domains
        self.servers = []
        self.anchor = self._path("root.anchor")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="ascii") as f:
            f.write(text)
        return self._path(name)

    def _sign(self, origin, name):
        """Signs zone file NAME; returns the DS record of its key."""
        key = subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", origin],
                             cwd=self.folder, check=True, capture_output=True,
                             text=True).stdout.strip()
        # One key signs everything: a name costs one signature to make and to check.
        subprocess.run(["ldns-signzone", "-b", "-o", origin, "-f", name + ".signed", name, key],
                       cwd=self.folder, check=True, capture_output=True)
        with open(self._path(key + ".ds"), encoding="ascii") as f:
            return f.read()

    def _zones(self):
        with open(self._path("bench"), "w", encoding="ascii") as f:
            f.write(_head("bench.") + f"ns A {AUTHORITY}\n")
            for number in range(self.domains):
                f.write(_domain(number))
        ds = self._sign("bench.", "bench")
        self._write("root", _head(".") + f"bench. NS ns.bench.\nns.bench. A {AUTHORITY}\n" + ds)
        self._sign(".", "root")
        with open(glob.glob(self._path("K.+013+*.key"))[0], encoding="ascii") as f:
            self._write("root.anchor", f.read())
        self._write("root.hints", f". 3600000 NS ns.bench.\nns.bench. 3600000 A {AUTHORITY}\n")

    def _configs(self):
        nsd = self._write("nsd.conf", f"""server:
	ip-address: {AUTHORITY}
	username: ""
	chroot: ""
	zonesdir: "{self.folder}"
	database: ""
	pidfile: "{self._path('nsd.pid')}"
	xfrdfile: "{self._path('xfrd.state')}"
	zonelistfile: "{self._path('zone.list')}"
	server-count: 1
	rrl-ratelimit: 0
remote-control:
	control-enable: no
zone:
	name: "."
	zonefile: "root.signed"
zone:
	name: "bench."
	zonefile: "bench.signed"
""")
        unbound = self._write("unbound.conf", f"""server:
	interface: {RESOLVER}
	access-control: 127.0.0.0/8 allow
	username: ""
	chroot: ""
	directory: "{self.folder}"
	pidfile: ""
	use-syslog: no
	do-daemonize: no
	do-ip6: no
	do-not-query-localhost: no
	root-hints: "root.hints"
	trust-anchor-file: "root.anchor"
	module-config: "validator iterator"
	num-threads: 1
	msg-cache-size: 256m
	rrset-cache-size: 512m
	outgoing-range: 4096
	num-queries-per-thread: 4096
	incoming-num-tcp: 256
	so-rcvbuf: 4m
	so-sndbuf: 4m
remote-control:
	control-enable: no
""")
        return nsd, unbound

    def start(self):
        """Sign, serve, and return when the resolver answers."""
        self._zones()
        nsd, unbound = self._configs()
        self._run("nsd", ["nsd", "-d", "-c", nsd], AUTHORITY)
        self._run("unbound", ["unbound", "-d", "-c", unbound], RESOLVER)

    def _run(self, name, argv, address, again=True):
        server = Server(name, argv, self.folder)
        try:
            server.wait_for(lambda: answers(address), 60, "answer")
        except Failure:
            server.stop()
            # NSD gives up when its own children are slow to start: a busy machine.
            if not again:
                raise
            self._run(name, argv, address, again=False)
            return
        self.servers.append(server)

    def resolver_cpu(self):
        return self.servers[1].cpu()

    def stop(self):
        for server in reversed(self.servers):
            server.stop()


def answers(address, port=53):
    """Does a DNS server there answer for the root?"""
    query = b"\x13\x57\x01\x00\x00\x01" + bytes(6) + b"\x00\x00\x06\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        try:
            s.connect((address, port))
            s.send(query)
            reply = s.recv(512)
        except OSError:
            return False
    return reply[:2] == query[:2] and reply[3] & 15 == 0


def use_resolver(folder):
    """Peers read /etc/resolv.conf: show them one that names ours (own mount namespace)."""
    path = os.path.join(folder, "resolv.conf")
    with open(path, "w", encoding="ascii") as f:
        f.write(f"nameserver {RESOLVER}\n")
    if subprocess.run(["mount", "--bind", path, "/etc/resolv.conf"], check=False,
                      capture_output=True).returncode != 0:
        raise Failure("cannot put our own /etc/resolv.conf in place")
