# SPDX-License-Identifier: BSD-2-Clause
"""The life of what is remembered: policies that change, fail, vanish, expire and are
refreshed; TLSA records that come and go; restarts and wrong clocks. danestsd resolves by
itself."""

import os
import re
import signal
import time

import dnswire
import live
import servers
import zones
from life import DAY, HOUR, ROW, SOON, Life, Timed
from lifecycle_disk import directories, full
from row import BARE, Row, Sts, host, lines

SIGNED = "life.lab"
ROWS = [ROW, Row(SIGNED, BARE, None, "L17", "a host whose TLSA records come and go", sts=Sts())]


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
                r" sts-policy-fetch-error: .*404.* \(until 20",
                "section 6: a fetch that fails, too")
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
    time.sleep(0.5)   # for what should not come
    tap.ok(len(daemon.said(fails)) == 1, "section 6: but told once a day", *daemon.said(fails))
    daemon.step(DAY - 600)
    tap.ok(daemon.soon(lambda: len(daemon.said(fails)) == 2),
           "section 6: at least daily while it lasts", *daemon.said(fails))
    tap.ok(not daemon.said(good), "section 6: nothing of one that is well", *daemon.said(good))
    tap.ok(daemon.ask(good) == life.secure(good), "S14: what is refreshed does not run out")
    daemon.stop()
