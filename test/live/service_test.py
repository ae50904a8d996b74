# SPDX-License-Identifier: BSD-2-Clause
"""danestsd as a service: many clients, bad ones, signals, options, its log."""

import json
import os
import re
import resource
import signal
import socket
import stat
import struct
import subprocess
import time
from dataclasses import replace

import dnsproxy
import servers
from daemon import Client, Daemon, becomes, find


def service(tap, world, build, later):
    limit = min(20000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, resource.getrlimit(
        resource.RLIMIT_NOFILE)[1]))
    warnings = Warnings(world, build)
    tap.run(warnings.begin)
    later.append(warnings.worse)
    for test in (idle_clients, frames, unread, few_descriptors, term, tlsrpt, log_line, options,
                 unix_socket):
        tap.run(test, world, build)


def idle_clients(tap, world, build):
    daemon = Daemon(world, build, max_clients="5000")
    daemon.ask("full.lab")
    idle = [daemon.client() for _ in range(4096)]
    reply = daemon.ask("full.lab")
    tap.ok(reply == "OK dane-only", "4096 idle connections: a new client is answered", reply)
    tap.ok(idle[0].ask("full.lab") == idle[-1].ask("full.lab") == "OK dane-only",
           "and the idle ones are still served")
    for client in idle:
        client.close()
    daemon.stop()


BAD_FRAMES = [b"abc", b"+5:hello,", b"-5:hello,", b"10001:", b"99999999999999999999999:",
              b"5:hello;", b":hello,", b"5x:hello,", b" 5:hello,", b"\0\0\0\0", b"5:hello\n",
              b"GET / HTTP/1.1\r\n\r\n"]


def frames(tap, world, build):
    daemon = Daemon(world, build)
    other = daemon.client()
    other.ask("full.lab")
    for frame in BAD_FRAMES:
        client = daemon.client()
        client.socket.sendall(frame)
        try:
            closed = client.socket.recv(100) in (b"",)
        except ConnectionError:
            closed = True
        except OSError:
            closed = False
        tap.ok(closed and other.ask("full.lab") == "OK dane-only",
               "bad frame %r closes its connection and no other" % frame)
    client = daemon.client()
    many = ["full.lab", "none.lab", "10.53.2.1", "full.walk"] * 50
    data = b"".join(b"%d:QUERY %s," % (len(k) + 6, k.encode()) for k in many)
    client.socket.sendall(data)
    wanted = ["OK dane-only", "NOTFOUND ", "NOTFOUND ", "OK dane-only"] * 50
    tap.ok([client.receive() for _ in many] == wanted, "pipelined requests: all, in order")
    for i in range(0, 60):
        client.socket.sendall(data[i:i + 1])
        time.sleep(0.001)
    client.socket.sendall(data[60:])
    tap.ok([client.receive() for _ in many] == wanted, "requests split anywhere")
    reply = client.ask("full.lab", "nomap")
    tap.ok(reply.startswith("PERM unknown map") and client.ask("full.lab") == "OK dane-only",
           "an unknown map is PERM, and the connection stays", reply)
    tap.ok(client.ask("full.lab", "query") == client.ask("full.lab", "postfix")
           == client.ask("full.lab", "tlsrpt") == "OK dane-only", "map names, in any case")
    tap.ok(client.ask("x" * 9994) == "NOTFOUND ", "10000 octets are a request")
    daemon.stop()


def unread(tap, world, build):
    daemon = Daemon(world, build)
    daemon.ask("full.lab")
    half = [daemon.client() for _ in range(50)]
    for client in half:
        client.socket.sendall(b"14:QUERY ful")
    deaf = daemon.client()
    deaf.socket.settimeout(2)
    try:
        for _ in range(20000):
            deaf.socket.sendall(b"14:QUERY full.lab," * 100)
    except OSError:
        pass   # it has stopped reading from one that does not read: as it should
    reply = daemon.ask("full.lab")
    tap.ok(reply == "OK dane-only", "half frames and a client that never reads hold up nobody",
           reply)
    with open("/proc/%d/status" % daemon.child.pid) as f:
        kilobytes = int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))
    tap.ok(kilobytes < 200000, "nor do they fill the memory", kilobytes)
    daemon.stop()


class _Patient:
    """While descriptors are short a new client may be sent away; that is no answer."""

    def __init__(self, daemon):
        self.daemon = daemon

    def ask(self, key):
        try:
            return self.daemon.ask(key)
        except ConnectionError as e:
            return "no answer: %s" % e


def few_descriptors(tap, world, build):
    daemon = Daemon(world, build, nofile=64)
    first = daemon.client()
    clients = []
    for _ in range(150):
        clients.append(daemon.client())
    reply = first.ask("full.lab")
    tap.ok(reply == "OK dane-only" or reply.startswith("TEMP "),
           "EMFILE: never a weaker answer", reply)
    tap.ok(daemon.alive(), "EMFILE: it lives")
    for client in clients:
        client.close()
    reply = becomes(_Patient(daemon), "full.walk", "OK dane-only", 120)
    tap.ok(reply == "OK dane-only", "EMFILE: it is over when clients leave", reply)
    with open("/proc/%d/stat" % daemon.child.pid) as f:
        ticks = sum(int(x) for x in f.read().rsplit(")", 1)[1].split()[11:13])
    tap.ok(ticks < 500, "EMFILE: no busy loop", "%d ticks of CPU" % ticks)
    daemon.stop()


def term(tap, world, build):
    dnsproxy.FAULTS["hang"] = _hang
    proxies = dnsproxy.Proxies()
    proxy = proxies.open("127.0.98.8", "127.0.0.1", lambda name, kind:
                         "hang" if name.endswith(".wildmx.lab") else None)
    daemon = Daemon(world, build, resolver=proxy.address, dns_timeout="60s", answer_timeout="90s")
    clients = [daemon.client() for _ in range(3)]
    for number, client in enumerate(clients):
        client.send("QUERY t%d.wildmx.lab" % number)
    servers.wait_for(lambda: waiting(daemon, build) == 3, 60, "three questions to wait")
    daemon.child.send_signal(signal.SIGTERM)
    replies = [client.receive() for client in clients]
    status = daemon.child.wait(60)
    tap.ok(status == 0, "TERM: it ends", status)
    tap.ok(all(r.startswith("TEMP ") and "shutting down" in r for r in replies),
           "TERM: those who wait get TEMP at once, not when their lookup is over", replies)
    proxies.close(proxy)


def _hang(message, udp):
    """To be asked again by TCP, without an answer: nothing else is waited for so long."""
    return message.rebuild(lambda r: False, message.flags | dnsproxy.TC) if udp else \
        dnsproxy.NEVER


def waiting(daemon, build):
    """Questions without an answer so far."""
    done = subprocess.run([find(build, "danests"), "status", "--json", "--control",
                           daemon.options["control"]], capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)["questions"]["waiting"]


STS_ATTRIBUTES = (
    " policy_type=sts policy_domain=%(d)s mx_host_pattern=mx1.%(d)s"
    " { policy_string = version: STSv1 } { policy_string = mode: %(m)s }"
    " { policy_string = mx: mx1.%(d)s } { policy_string = max_age: 86400 }")


def tlsrpt(tap, world, build):
    plain = "OK secure match=mx1.sts.plain servername=hostname"
    full = plain + STS_ATTRIBUTES % {"d": "sts.plain", "m": "enforce"}
    daemon = Daemon(world, build)
    for table in ("QUERYwithTLSRPT", "tlsrpt"):
        reply = daemon.ask("sts.plain", table)
        tap.ok(reply == full, "%s carries the TLSRPT attributes" % table, reply)
    tap.ok(daemon.ask("sts.plain") == plain, "QUERY does not")
    reply = daemon.ask("both.lab", "tlsrpt")
    tap.ok(reply == "OK dane-only", "DANE replies carry none", reply)
    tap.ok(daemon.ask("sts-testing.plain", "tlsrpt") == "NOTFOUND ", "S20: nor does testing")
    daemon.stop()
    daemon = Daemon(world, build, tlsrpt="yes", report_testing="yes")
    tap.ok(daemon.ask("sts.plain") == full, "tlsrpt = yes: QUERY too")
    reply = daemon.ask("sts-testing.plain")
    tap.ok(reply == "OK may" + STS_ATTRIBUTES % {"d": "sts-testing.plain", "m": "testing"},
           "S20: report_testing", reply)
    daemon.stop()


LINE = (r"policy nexthop=%s domain=%s reply=%s dane=%s sts=%s sts_id=%s hosts=%d"
        r" expires=\d+ source=lookup ms=\d+ error=%s reason=\"%s\"")


def log_line(tap, world, build):
    daemon = Daemon(world, build)
    wanted = {
        "full.lab": ("dane-only", "full", "absent", "-", 2, "-", ""),
        "partial.lab": ("dane", "partial", "absent", "-", 2, "-", ".*"),
        "sts.plain": ("secure", "none", "enforce", "1", 1, "-", ""),
        "sts-testing.plain": ("NOTFOUND", "none", "testing", "1", 1, "-", ""),
        "none.lab": ("NOTFOUND", "none", "absent", "-", 1, "-", ""),
        "tlsa-wrong.lab": ("TEMP", "bogus", "absent", "-", 1, "dnssec-invalid",
                           r"TLSA _25\._tcp\.mx1\.tlsa-wrong\.lab: DNSSEC bogus.*"),
        "dead.plain": ("TEMP", "error", r"\w+", r"\S+", 0, "dns-query-failed", ".+"),
    }
    for key in wanted:
        daemon.ask(key)
        daemon.ask(key)
    daemon.stop()
    lines = [x for x in daemon.log().splitlines() if "policy nexthop=" in x]
    for key, values in wanted.items():
        mine = [x for x in lines if "nexthop=%s " % key in x]
        name = re.escape(key)
        regular = LINE % (name, name, *values)
        tap.ok(len(mine) == 1 and re.search(regular + "$", mine[0]),
               "section 6: one line for %s" % key, "want " + regular, *mine)


def _brief(message, udp):
    """TTLs of 5 s: what was learnt holds for the floor of 30 s only."""
    data = bytearray(message.data)
    for record in message.records:
        if record.type != 41:
            struct.pack_into("!I", data, record.rdata - 6, min(5, struct.unpack_from(
                "!I", data, record.rdata - 6)[0]))
    return bytes(data)


WARNINGS = {
    "full.walk": "DANE got worse: was full, is bogus: TLSA _25._tcp.mx1.full.walk: .*DNSSEC",
    "half.plain": "DANE got worse: was half, is none: the MX records are not secured by DNSSEC",
    "sts.plain": r"MTA-STS policy refresh fails, the known policy \(enforce, id 1\) goes on:"
                 " dns-query-failed: .*sts.plain: SERVFAIL",
    "sts-testing.plain": r"MTA-STS policy changed: was testing \(id 1\), is enforce \(id 2\)$",
    "full.lab": None,
    "none.lab": None,
}
NEWS = {("_25._tcp.mx1.full.walk", "TLSA"): "nosig", ("half.plain", "MX"): "nodata",
        ("_mta-sts.sts.plain", "TXT"): "servfail",
        ("_mta-sts.sts-testing.plain", "TXT"): "new-id"}


class Warnings:
    """What the log says when things get worse. Half a minute passes before: long enough for
    other tests."""

    FLOOR, FAILURE = 31, 16   # seconds: an answer, and a failure, are forgotten then

    def __init__(self, world, build):
        self.world = world
        dnsproxy.FAULTS["brief"] = _brief
        self.proxies = dnsproxy.Proxies()
        self.proxy = self.proxies.open("127.0.98.9", "127.0.0.1", lambda name, kind: "brief")
        self.daemon = Daemon(world, build, resolver=self.proxy.address, dns_timeout="3s")
        self.testing = next(r.sts for r in world.rows if r.zone == "sts-testing.plain")

    def said(self, key):
        return [x for x in self.daemon.log().splitlines() if "]: %s: " % key in x]

    def _ask(self):
        replies = {key: self.daemon.ask(key) for key in WARNINGS}
        self.asked = time.monotonic()
        return replies

    def _once_over(self, seconds):
        time.sleep(max(0, self.asked + seconds - time.monotonic()))

    def begin(self, tap):
        self._ask()
        tap.ok(not any(self.said(key) for key in WARNINGS),
               "section 6: what is new is no warning", *map(self.said, WARNINGS))

    def worse(self, tap):
        self._once_over(self.FLOOR)
        self.world.publish("sts-testing.plain", replace(self.testing, mode="enforce"))
        self.proxy.fault = lambda name, kind: NEWS.get((name, kind), "brief")
        replies = self._ask()
        self.world.publish("sts-testing.plain", self.testing)
        tap.ok(replies["sts.plain"] == "OK secure match=mx1.sts.plain servername=hostname",
               "S13: the known policy goes on", replies)
        self._once_over(self.FAILURE)
        self._ask()
        for key, wanted in WARNINGS.items():
            lines = self.said(key)
            if wanted is None:
                tap.ok(not lines, "section 6: no warning for %s" % key, *lines)
            else:
                tap.ok(len(lines) == 1 and re.search("%s: %s" % (key, wanted), lines[0]),
                       "section 6: one warning for %s" % key, "want " + wanted, *lines)
        self.daemon.stop()
        self.proxies.close(self.proxy)


def options(tap, world, build):
    daemon = Daemon(world, build, dane_sts_mixed="secure", insecure_mx="may",
                    private_policy_hosts="deny")
    replies = {k: daemon.ask(k) for k in ("sts.plain", "sts-global.plain", "half.plain")}
    tap.ok(replies["sts.plain"] == "NOTFOUND ", "S27: private policy hosts are denied", replies)
    tap.ok(replies["sts-global.plain"] == "OK secure match=mx1.sts-global.plain"
           " servername=hostname", "S27: global ones are not", replies)
    tap.ok(replies["half.plain"] in ("NOTFOUND ", "OK may"), "L6: insecure_mx = may", replies)
    daemon.stop()
    daemon = Daemon(world, build, dane_sts_mixed="secure")
    reply = daemon.ask("both-partial.lab")
    tap.ok(reply == "OK secure match=.both-partial.lab servername=hostname",
           "dane_sts_mixed = secure", reply)
    daemon.stop()


def unix_socket(tap, world, build):
    path = world.path("socketmap")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stale:
        stale.bind(path)   # left behind by one that died
    daemon = Daemon(world, build, listen_also="unix:" + path)
    client = Client.__new__(Client)
    client.buffer, client.socket = b"", socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.socket.connect(path)
    tap.ok(client.ask("full.lab") == "OK dane-only", "a UNIX socket; a stale one is replaced")
    tap.ok(stat.S_IMODE(os.stat(path).st_mode) == 0o666, "listen_mode")
    daemon.stop()
