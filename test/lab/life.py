# SPDX-License-Identifier: BSD-2-Clause
"""Domains whose records and policies change as a test goes, and danestsd in a time of its
own (steptime.c), so that hours and days pass at once."""

import itertools
import os
import signal
import struct
import subprocess
import time

import live
import servers
import zones
from daemon import Daemon
from row import Row, Sts, WEB_ADDRESS

LAB = os.path.dirname(os.path.abspath(__file__))
DNS_ADDRESS = "10.53.6.3"
zones.SERVED["life"] = "A " + DNS_ADDRESS
ZONE = "life.plain"
ROW = Row(ZONE, "", None, "S13", "domains whose TXT records change", served="life", signed=False)
SOON = 20       # seconds within which something happens by itself
HOUR, DAY = 3600, 86400
LOGGED = 0.2    # seconds after which nginx has written its log


class LifeDns(live.LiveDns):
    def start(self):
        self.socket.bind((DNS_ADDRESS, 53))
        self.thread.start()


class Life:
    """The world outside, as it is at the moment."""

    def __init__(self, world):
        self.world = world
        self.ids = {}          # domain -> id of its TXT record, None, or a response code
        self.mx = {}           # domain -> its mail host
        self.dns = LifeDns(ZONE, self._answers)
        self.dns.start()
        self.shim = world.path("steptime.so")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE",
                        "-o", self.shim, os.path.join(LAB, "steptime.c")],
                       check=True)

    def _answers(self, name, kind):
        owner = name.split(".", 1)[1]
        if name.startswith("_mta-sts.") and kind == "TXT":
            found = self.ids.get(owner)
            if isinstance(found, str):
                return [live.txt("v=STSv1; id=%s;" % found)]
            return found or []
        if name.startswith("mta-sts.") and kind == "A":
            return [live.address(WEB_ADDRESS)]
        if name in self.mx and kind == "MX":
            return [live.mx("%s.%s" % (self.mx[name], name))]
        return [live.address("10.53.2.1")] if name.startswith("mx") and kind == "A" else []

    def publish(self, label, number="1", mode="enforce", mx="mx1", max_age=DAY):
        """A policy with its TXT record; returns the domain."""
        domain = "%s.%s" % (label, ZONE)
        self.world.publish(domain, Sts(mode=mode, mx=(mx + ".@",), max_age=str(max_age)))
        self.ids[domain] = number
        self.mx[domain] = mx
        return domain

    def gone(self, domain):
        """The policy host answers 404 from now on."""
        os.remove(self._file(domain))

    def _file(self, domain):
        return self.world.path("nginx", "www", "mta-sts." + domain, ".well-known", "mta-sts.txt")

    def fetches(self, domain):
        time.sleep(LOGGED)
        return servers.fetches(self.world.dir, "mta-sts." + domain)

    def secure(self, domain, mx="mx1"):
        return "OK secure match=%s.%s servername=hostname" % (mx, domain)


class Timed(Daemon):
    """danestsd in a time of its own."""

    count = itertools.count(1)

    def __init__(self, life, build, **options):
        self.now = 0
        self.time_file = life.world.path("step-%d" % next(Timed.count))
        self._set(0)
        asan = os.environ.get("ASAN_OPTIONS", "")
        prefix = ("env", "LD_PRELOAD=" + life.shim, "STEPTIME=" + self.time_file,
                  "ASAN_OPTIONS=" + ":".join(filter(None, (asan, "verify_asan_link_order=0"))))
        super().__init__(life.world, build, "recursive", prefix, **options)

    def _set(self, seconds):
        self.now = seconds
        with open(self.time_file, "r+b" if os.path.exists(self.time_file) else "wb") as f:
            f.write(struct.pack("=q", seconds))

    def step(self, seconds):
        self._set(self.now + seconds)

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def said(self, domain):
        """Warnings of this domain."""
        return [x for x in self.log().splitlines() if "]: %s: " % domain in x]

    def soon(self, check):
        end = time.monotonic() + SOON
        while time.monotonic() < end:
            if check():
                return True
            time.sleep(0.1)
        return False
