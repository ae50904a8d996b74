# SPDX-License-Identifier: BSD-2-Clause
"""The life of what is remembered: policies that change, fail, vanish, expire and are
refreshed; TLSA records that come and go; restarts, wrong clocks, bad directories.
danestsd resolves by itself and lives in a time of its own (steptime.c)."""

import itertools
import os
import re
import signal
import struct
import subprocess
import threading
import time

import dnswire
import live
import servers
import zones
from daemon import Daemon
from row import BARE, Row, Sts, WEB_ADDRESS, host, lines

HERE = os.path.dirname(os.path.abspath(__file__))
DNS_ADDRESS = "10.53.6.3"
zones.SERVED["life"] = "A " + DNS_ADDRESS
ZONE, SIGNED = "life.plain", "life.lab"
ROWS = [Row(ZONE, "", None, "S13", "domains whose TXT records change", served="life",
            signed=False),
        Row(SIGNED, BARE, None, "L17", "a host whose TLSA records come and go", sts=Sts())]
SOON = 20       # seconds within which something happens by itself
MINUTE, HOUR, DAY = 60, 3600, 86400


class LifeDns(live.LiveDns):
    def start(self):
        self.socket.bind((DNS_ADDRESS, 53))
        threading.Thread(target=self._serve, daemon=True).start()


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
                        "-o", self.shim, os.path.join(HERE, "..", "lab", "steptime.c")],
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


def run(tap, world, build, _options):
    life = Life(world)
    for test in (lookups, held, tlsa, restarts, refreshes, directories, full):
        tap.run(test, life, build)


def one_warning(tap, daemon, domain, wanted, claim):
    lines_ = daemon.said(domain)
    tap.ok(len(lines_) == 1 and re.search(wanted, lines_[0]), claim, "want " + wanted, *lines_)


# ---- What lookups notice ----

def lookups(tap, life, build):
    daemon = Timed(life, build)
    renewed, failing, off, zero = (life.publish(x) for x in ("renewed", "failing", "off", "zero"))
    life.publish("zero", max_age=0)
    tap.ok(all(daemon.ask(d) == life.secure(d) for d in (renewed, failing, off, zero)),
           "S19: policies are applied")
    life.publish("renewed", "2", mx="mx2")
    life.ids[failing] = "2"
    life.gone(failing)
    life.publish("off", "2", mode="none")
    life.ids[zero] = None
    daemon.step(31)   # the least that DNS answers are believed
    tap.ok(daemon.ask(renewed) == life.secure(renewed, "mx2"),
           "S13 S21: another id: the new policy counts before anyone is refused")
    reply = daemon.ask(off)
    tap.ok(reply == "NOTFOUND ", "S24: mode none is off at once", reply)
    one_warning(tap, daemon, off, r"was enforce \(id 1\), is none \(id 2\)$",
                "section 6: one warning of a mode that changed")
    tap.ok(not daemon.said(renewed), "section 6: another policy of the same mode is no warning")
    tap.ok(daemon.ask(zero) == "NOTFOUND ", "S15: of max_age 0 nothing is left")
    back_off(tap, life, daemon, failing)
    daemon.stop()


def back_off(tap, life, daemon, failing):
    tap.ok(daemon.ask(failing) == life.secure(failing),
           "S13: a fetch that fails: the old policy goes on")
    before = life.fetches(failing)
    for _ in range(4):
        daemon.step(60)
        daemon.ask(failing)
    tap.ok(life.fetches(failing) == before, "S11: no second fetch of that id within 5 minutes",
           before, life.fetches(failing))
    daemon.step(70)
    daemon.ask(failing)
    tap.ok(life.fetches(failing) == before + 1, "S11: but then", before, life.fetches(failing))
    life.publish("failing", "3", mode="testing")
    daemon.step(31)
    tap.ok(daemon.ask(failing) == "NOTFOUND ", "S11: the back-off is that id's, another is fetched")
    told = [x for x in daemon.said(failing) if "refresh fails" in x]
    tap.ok(len(told) == 1 and "(enforce, id 1) goes on" in told[0],
           "S14: the failure is one warning", *daemon.said(failing))


def held(tap, life, build):
    daemon = Timed(life, build)
    gone, fails, both = (life.publish(x, max_age=2 * HOUR) for x in ("gone", "fails", "both"))
    domains = (gone, fails, both)
    for domain in domains:
        daemon.ask(domain)
    life.ids[gone] = None
    life.ids[fails] = life.ids[both] = live.SERVFAIL
    life.gone(both)
    for after in (40, HOUR, 2 * HOUR - 60):
        daemon.step(after - daemon.now)
        replies = [daemon.ask(d) for d in domains]
        tap.ok(replies == [life.secure(d) for d in domains],
               "S13: TXT gone or failing: the policy is applied, %d s later" % after, *replies)
    daemon.step(120)
    replies = [daemon.ask(d) for d in domains]
    tap.ok(replies == ["NOTFOUND "] * 3, "S13: not beyond its max_age", *replies)
    one_warning(tap, daemon, gone, r"was enforce \(id 1\), is absent \(id -\)",
                "section 6: a policy that is over and gone is one warning")
    life.ids[gone] = "1"
    daemon.step(HOUR)   # the denial's TTL, whatever it was
    reply = daemon.ask(gone)
    tap.ok(reply == life.secure(gone) and life.fetches(gone) == 2,
           "S13: nothing is left of what is over: the same id is fetched again", reply,
           life.fetches(gone))
    daemon.stop()


# ---- TLSA ----

class KeyOfZone:
    """The key that a zone was signed with, as it lies there."""

    def __init__(self, folder, origin):
        name = next(x for x in os.listdir(folder)
                    if x.startswith("K%s+" % origin) and x.endswith(".key"))
        self.base = os.path.join(folder, name[:-4])

    def write(self, _folder, _origin):
        return self.base


def resign(world, tlsa):
    row = next(r for r in world.rows if r.zone == SIGNED)
    text = lines("@ MX 10 mx1", host("mx1", **tlsa), row.sts.records())
    folder = world.path("zones")
    zones.ZoneFile(SIGNED + ".", text, KeyOfZone(folder, SIGNED + ".")).build(folder)
    for child in world.children:
        if "nsd-leaf" in " ".join(child.args):
            child.send_signal(signal.SIGHUP)


def tlsa(tap, life, build):
    daemon = Timed(life, build)
    secure = life.secure(SIGNED)
    tap.ok(daemon.ask(SIGNED) == secure, "S1: without TLSA MTA-STS decides")
    resign(life.world, {})
    servers.wait_for(tlsa_is_served, SOON, "NSD to serve the TLSA record")
    daemon.step(20)
    tap.ok(daemon.ask(SIGNED) == secure, "N5: the denial holds for its TTL")
    daemon.step(15)
    reply = daemon.ask(SIGNED)
    tap.ok(reply == "OK dane-only",
           "L17: a TLSA record counts once the denial is over, whatever MTA-STS says", reply)
    resign(life.world, {"tlsa": None})
    servers.wait_for(lambda: not tlsa_is_served(), SOON, "NSD to drop the TLSA record")
    daemon.step(40)
    tap.ok(daemon.ask(SIGNED) == "OK dane-only", "L17: the record holds for its TTL")
    daemon.step(25)
    reply = daemon.ask(SIGNED)
    tap.ok(reply == secure, "L19: one that was removed is gone with its TTL", reply)
    one_warning(tap, daemon, SIGNED, "DANE got worse: was full, is none",
                "section 6: that DANE is gone is one warning")
    daemon.stop()


def tlsa_is_served():
    message = dnswire.ask(zones.LEAF_ADDRESS, "_25._tcp.mx1." + SIGNED, "TLSA")
    return message is not None and any(r.section == 0 and r.type == 52 for r in message.records)


# ---- Restarts and clocks ----

def restarts(tap, life, build):
    daemon = Timed(life, build)
    kept = [life.publish("kept%d" % i) for i in range(20)]
    short = life.publish("short", max_age=HOUR)
    for domain in kept + [short]:
        daemon.ask(domain)
    daemon.kill()
    for domain in kept:
        life.gone(domain)
        life.ids[domain] = live.SERVFAIL
    for domain in kept[:10]:
        life.ids[domain] = "2"
    daemon.start()
    replies = [daemon.ask(d) for d in kept]
    tap.ok(replies == [life.secure(d) for d in kept],
           "S13: killed, and started with the policy hosts gone: no policy is lost", *replies)
    tap.ok(all(life.fetches(d) == 1 for d in kept[10:]), "S13: nor fetched again")
    life.gone(short)
    daemon.step(DAY)
    tap.ok(daemon.ask(short) == "NOTFOUND ", "S13: a clock that is a day ahead: it is over")
    daemon.step(-DAY)
    tap.ok(daemon.soon(lambda: daemon.ask(short) == life.secure(short)),
           "S13: the clock is put right: it is there again", daemon.ask(short))
    daemon.step(-DAY)
    tap.ok(daemon.ask(short) == life.secure(short) and daemon.ask(kept[0]) ==
           life.secure(kept[0]), "S13: a clock that is a day behind: it holds")
    daemon.stop()
    daemon.start()
    tap.ok(daemon.ask(short) == life.secure(short), "S13: also after a restart")
    daemon.step(DAY)
    tap.ok(daemon.ask(kept[0]) == life.secure(kept[0]), "S13: and when it is put right again")
    status = daemon.stop()
    tap.ok(status == 0, "it ends cleanly", status, daemon.log()[-2000:])


# ---- The background ----

def refreshes(tap, life, build):
    daemon = Timed(life, build, refresh="60s")
    same, fails, gone, none, good = (life.publish(x, max_age=3 * DAY) for x in (
        "r-same", "r-fails", "r-gone", "r-none", "r-good"))
    life.publish("r-none", mode="none")
    domains = (same, fails, gone, none, good)
    for domain in domains:
        daemon.ask(domain)
    life.publish("r-same", mode="testing")
    life.gone(fails)
    life.gone(none)
    life.ids[gone] = None
    before = {d: life.fetches(d) for d in domains}
    daemon.step(310)   # S11: none of them is fetched within five minutes
    tap.ok(daemon.soon(lambda: all(life.fetches(d) > before[d] for d in domains if d != gone)),
           "S14: policies in use are fetched again in the background, under the same id",
           before, {d: life.fetches(d) for d in domains})
    tap.ok(daemon.soon(lambda: len(daemon.said(same)) == 1 and len(daemon.said(fails)) == 1
                       and len(daemon.said(gone)) == 1),
           "S14: the administrator is told", *map(daemon.said, domains))
    one_warning(tap, daemon, same, r"its id \(1\) did not: was enforce, is testing",
                "section 6: another body behind the same id is one warning")
    one_warning(tap, daemon, fails, r"refresh fails, the known policy \(enforce, id 1\) goes on:"
                r" sts-policy-fetch-error: .*404.* \(until 20", "section 6: a fetch that fails, too")
    one_warning(tap, daemon, gone, "no MTA-STS TXT record", "section 6: and a TXT record gone")
    tap.ok(not daemon.said(none) and not daemon.said(good),
           "S14 S25: not mode none, nor one that is well", *daemon.said(none))
    tap.ok(daemon.ask(same) == "NOTFOUND ", "S14: what was found counts at once")
    replies = [daemon.ask(d) for d in (fails, gone, good)]
    tap.ok(replies == [life.secure(d) for d in (fails, gone, good)],
           "S13: policies that cannot be refreshed go on", *replies)
    before = life.fetches(fails)
    daemon.step(310)
    tap.ok(daemon.soon(lambda: life.fetches(fails) > before), "S14: a failure is tried again")
    time.sleep(0.5)
    tap.ok(len(daemon.said(fails)) == 1, "section 6: but told once a day", *daemon.said(fails))
    daemon.step(DAY - 600)
    tap.ok(daemon.soon(lambda: len(daemon.said(fails)) == 2),
           "section 6: at least daily while it lasts", *daemon.said(fails))
    tap.ok(not daemon.said(good), "section 6: nothing of one that is well", *daemon.said(good))
    tap.ok(daemon.ask(good) == life.secure(good), "S14: what is refreshed does not run out")
    daemon.stop()


# ---- Directories ----

def _refused(life, build, **options):
    """The last words of one that does not start; "" when it does."""
    try:
        daemon = Timed(life, build, **options)
    except RuntimeError as e:
        return str(e)
    daemon.stop()
    return ""


def _mount(path, *options):
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(("mode=0755",) + options), "none", path],
                   check=True)


def _journal(folder):
    return max((os.path.join(folder, x) for x in os.listdir(folder) if x.startswith("journal.")),
               key=os.path.getsize)


def directories(tap, life, build):
    kept = life.publish("dir")
    first = Timed(life, build)
    folder = first.options["cache_dir"]
    for domain in [kept] + [life.publish("dir%d" % i) for i in range(4)]:
        first.ask(domain)
    words = _refused(life, build, cache_dir=folder)
    tap.ok("cache_dir" in words and folder in words, "two on one directory: the second is told",
           words)
    tap.ok(first.ask(kept) == life.secure(kept), "and the first goes on")
    first.stop()
    words = _refused(life, build, cache_dir="/nowhere/at/all")
    tap.ok("/nowhere/at/all" in words, "a directory that cannot be made: told, and no start",
           words)
    life.gone(kept)
    read_only(tap, life, build, folder, kept)
    damaged(tap, life, build, folder, kept)


def read_only(tap, life, build, folder, kept):
    path = life.world.path("read-only")
    _mount(path, "size=4m")
    for name in os.listdir(folder):
        if name.startswith(("journal.", "policies.cdb")):
            subprocess.run(["cp", os.path.join(folder, name), path], check=True)
    subprocess.run(["mount", "-o", "remount,ro", path], check=True)
    daemon = Timed(life, build, cache_dir=path)
    tap.ok(daemon.ask(kept) == life.secure(kept), "S13: read-only: what is there is applied",
           daemon.log()[-2000:])
    new = life.publish("ro-new")
    tap.ok(daemon.ask(new) == life.secure(new), "what comes is in force all the same")
    tap.ok(daemon.soon(lambda: path in daemon.log()), "and the log tells", daemon.log()[-2000:])
    tap.ok(daemon.stop() == 0, "it ends cleanly", daemon.log()[-2000:])


def damaged(tap, life, build, folder, kept):
    path = life.world.path("flipped")
    subprocess.run(["cp", "-r", folder, path], check=True)
    journal = _journal(path)
    with open(journal, "r+b") as f:
        data = bytearray(f.read())
        data[data.index(kept.encode()) + 60] ^= 0x10   # in the first of five records
        f.seek(0)
        f.write(data)
    others = ["dir%d.%s" % (i, ZONE) for i in range(4)]
    for domain in others:
        life.gone(domain)
    daemon = Timed(life, build, cache_dir=path)
    reply = daemon.ask(kept)
    tap.ok(reply == "NOTFOUND " and "damaged" in daemon.log(),
           "a flipped bit: that record is not used, and it is told", reply, daemon.log()[-2000:])
    tap.ok([daemon.ask(d) for d in others] == [life.secure(d) for d in others],
           "S13: it costs no other record", daemon.log()[-2000:])
    new = life.publish("after-damage")
    tap.ok(daemon.ask(new) == life.secure(new), "and it works")
    daemon.kill()
    life.gone(new)
    daemon.start()
    tap.ok(daemon.ask(new) == life.secure(new), "S13: what came after the damage is kept")
    daemon.stop()


def full(tap, life, build):
    path = life.world.path("full")
    _mount(path, "size=256k")
    daemon = Timed(life, build, cache_dir=path)
    first = life.publish("full0")
    daemon.ask(first)
    ballast = os.path.join(path, "ballast")
    with open(ballast, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 512)
        except OSError:
            pass
    domains = [life.publish("full%d" % i) for i in range(1, 31)]
    replies = [daemon.ask(d) for d in domains]
    tap.ok(replies == [life.secure(d) for d in domains],
           "S13: a full disk: policies are in force all the same", *replies[:3])
    tap.ok(daemon.soon(lambda: re.search("No space|full", daemon.log())), "and the log tells",
           daemon.log()[-2000:])
    os.remove(ballast)
    tap.ok(daemon.soon(lambda: "can be stored again" in daemon.log()),
           "there is room again: they are written, and the log tells", daemon.log()[-1500:])
    daemon.kill()
    for domain in [first] + domains:
        life.gone(domain)
    daemon.start()
    replies = [daemon.ask(d) for d in [first] + domains]
    tap.ok(replies == [life.secure(d) for d in [first] + domains],
           "S13: and none is lost by a kill", *[r for r in replies if "secure" not in r][:3])
    daemon.stop()
