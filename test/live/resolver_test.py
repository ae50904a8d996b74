# SPDX-License-Identifier: BSD-2-Clause
"""danestsd and its resolvers: more than one, bad ones, one that changes, and the
helper process of trust-ad, which may die at any moment."""

import concurrent.futures
import os
import random
import signal
import socket
import subprocess
import threading
import time

import dnsproxy
import servers
from daemon import Daemon, becomes, find, lacks_trust_ad


KILLS = 6   # of the helper, while it is used


def resolvers(tap, world, build, later):
    """What needs up to a minute to come true is for later: others have their turn meanwhile."""
    tap.run(nonsense, world, build, later)
    tap.run(turncoat, world, build, later)
    for test in (hundred, slow_policy, failover, resolv_conf, not_validating, flooded,
                 not_loopback):
        tap.run(test, world, build)


def hundred(tap, world, build):
    proxies = dnsproxy.Proxies()
    proxy = proxies.open("127.0.98.1", "127.0.0.1")
    daemon = Daemon(world, build, resolver=proxy.address)
    before = servers.fetches(world.dir, "mta-sts.sts.plain")
    clients = [daemon.client() for _ in range(100)]
    for client in clients:
        client.send("QUERY sts.plain")
    replies = {client.receive() for client in clients}
    fetched = servers.fetches(world.dir, "mta-sts.sts.plain") - before
    asked = {q: n for q, n in proxy.seen.items() if q[0].endswith("sts.plain") and n > 1}
    tap.ok(replies == {"OK secure match=mx1.sts.plain servername=hostname"},
           "S27: a hundred clients get one answer", replies)
    tap.ok(fetched == 1, "S27: they cause one fetch", fetched)
    tap.ok(not asked, "they cause one lookup", asked)
    daemon.stop()
    proxies.close(proxy)


def slow_policy(tap, world, build):
    daemon = Daemon(world, build, answer_timeout="1s", https_timeout="60s")
    first = daemon.ask("sts-slow.plain")
    tap.ok(first.startswith("TEMP sts-slow.plain: lookup not finished after 1 s"),
           "answer_timeout: TEMP in time", first)
    # It takes longer than anybody is kept waiting.
    second = becomes(daemon, "sts-slow.plain",
                     "OK secure match=mx1.sts-slow.plain servername=hostname", 120)
    tap.ok(second.startswith("OK "), "the fetch went on in the background", second)
    daemon.stop()


def failover(tap, world, build):
    for mode in ("validate",) if lacks_trust_ad(build) else ("validate", "trust-ad"):
        for first, what in (("127.0.53.53", "refuses"), ("127.0.53.54", "is silent")):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
                silent.bind(("127.0.53.54", 53))
                daemon = Daemon(world, build, mode, resolver=first + ", 127.0.0.1",
                                dns_timeout="5s", answer_timeout="25s")
                replies = [daemon.ask(k) for k in ("full.lab", "full.walk", "none.lab")]
                tap.ok(replies == ["OK dane-only", "OK dane-only", "NOTFOUND "],
                       "the first resolver %s, the second answers (%s)" % (what, mode), replies)
                daemon.stop()


def resolv_conf(tap, world, build):
    def write(address):
        with open(world.path("resolv.conf"), "w") as f:
            f.write("nameserver %s\n" % address)
    write("127.0.53.53")
    try:
        daemon = Daemon(world, build, resolver="system", dns_timeout="1s")
        reply = daemon.ask("full.walk")
        tap.ok(reply.startswith("TEMP full.walk: "), "N3: no resolver: TEMP with a reason", reply)
        write("127.0.0.1")
        good = becomes(daemon, "full.lab", "OK dane-only", 120)
        tap.ok(good == "OK dane-only", "/etc/resolv.conf is read again when it changes", good)
        daemon.stop()
    finally:
        write("127.0.0.1")


def not_validating(tap, world, build):
    if lacks_trust_ad(build):
        tap.skip("N1 N2: trust-ad with a resolver that does not validate", "built without getdns")
        return
    daemon = Daemon(world, build, "trust-ad", resolver="127.0.0.2")
    replies = {k: daemon.ask(k) for k in ("full.lab", "full.walk", "partial.lab", "unusable.lab")}
    tap.ok(all(r.startswith("TEMP ") for r in replies.values()),
           "N1 N2: trust-ad with a resolver that does not validate: no DANE domain is NOTFOUND",
           replies)
    daemon.stop()


def turncoat(tap, world, build, later):
    """A resolver that has just shown the AD bit, and then stops validating: started anew
    with another configuration, or something on the way clears the bit."""
    what = "N1 N2: a resolver stops validating between two probes"
    if lacks_trust_ad(build):
        tap.skip(what, "built without getdns")
        return

    def other(proxy):
        proxy.upstream = "127.0.0.2"

    def clears(proxy):
        proxy.fault = lambda name, kind: "noad"
    for number, turn in enumerate((other, clears)):
        for seconds in (0, 0.4, 1.5):
            proxies = dnsproxy.Proxies()
            proxy = proxies.open("127.0.98.%d" % (10 + number), "127.0.0.1")
            daemon = Daemon(world, build, "trust-ad", resolver=proxy.address)
            before = [daemon.ask(k) for k in ("full.optout", "none.lab")]
            tap.ok(before == ["OK dane-only", "NOTFOUND "], "it validates at first", before)
            time.sleep(seconds)
            turn(proxy)
            keys = ("full.lab", "full.walk", "partial.lab", "unusable.lab", "none.plain")
            replies = {k: daemon.ask(k) for k in keys}
            tap.ok(all(r.startswith("TEMP ") for r in replies.values()),
                   "%s (%s, %.1f s later)" % (what, turn.__name__, seconds), replies)
            tap.ok(daemon.stop() == 0, "it ends with status 0", daemon.log()[-3000:])
            proxies.close(proxy)
    turn_under_load(tap, world, build, what, other, later)


def until(done, seconds=120):
    """Something has happened often enough; or not, which is told by who looks."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.05)


def turn_under_load(tap, world, build, what, turn, later):
    """Replies of before and after are under way at the moment of the turn."""
    proxies = dnsproxy.Proxies()
    proxy = proxies.open("127.0.98.12", "127.0.0.1")
    daemon = Daemon(world, build, "trust-ad", resolver=proxy.address)
    bad, right, temp = [], 0, 0
    end = threading.Event()

    def load(worker):
        nonlocal right, temp
        client = daemon.client()
        number = 0
        while not end.is_set():
            number += 1
            reply = client.ask("t%d-%d.wildmx.lab" % (worker, number))
            if reply == "OK dane-only":
                right += 1
            elif reply.startswith("TEMP "):
                temp += 1
            else:
                bad.append(reply)
            client.ask("t%d-%d.none.plain" % (worker, number))
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        jobs = [pool.submit(load, i) for i in range(20)]
        until(lambda: right > 100 or bad)
        turn(proxy)
        until(lambda: temp > 100 or bad)
        end.set()
        for job in jobs:
            job.result()
    tap.note("%d right, %d TEMP" % (right, temp))
    tap.ok(not bad and right > 0 and temp > 0, what + ", under load", *set(bad))
    proxy.upstream = "127.0.0.1"

    def validates_again(tap):
        reply = becomes(daemon, "t.wildmx.lab", "OK dane-only", 180)
        tap.ok(reply == "OK dane-only", "it validates again: the answer", reply)
        tap.ok(daemon.stop() == 0, "it ends with status 0", daemon.log()[-3000:])
        proxies.close(proxy)
    later.append(validates_again)


def flooded(tap, world, build):
    """Domains with hundreds of mail hosts that nobody answers for."""
    if lacks_trust_ad(build):
        tap.skip("a flood of dead questions", "built without getdns")
        return
    proxies = dnsproxy.Proxies()
    proxy = proxies.open("127.0.98.13", "127.0.0.1", lambda name, kind:
                         "many-mx" if kind == "MX" and name.endswith(".flood.plain") else
                         "drop" if name.endswith(".flood.plain") else None)
    daemon = Daemon(world, build, "trust-ad", resolver=proxy.address, dns_timeout="5s",
                    answer_timeout="20s")
    tap.ok(daemon.ask("full.optout") == "OK dane-only", "it works before the flood")
    clients = [daemon.client(60) for _ in range(20)]
    for number, client in enumerate(clients):
        client.send("QUERY d%d.flood.plain" % number)
    # Long enough that the resolver has to be probed again.
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        jobs = []
        for number in range(20):
            time.sleep(0.4)
            jobs.append(pool.submit(daemon.ask, "f%d.wildmx.lab" % number))
        replies = [job.result() for job in jobs]
    tap.note("%d of %d answered meanwhile" % (replies.count("OK dane-only"), len(replies)))
    log = daemon.log()
    tap.ok("does not answer" not in log and proxy.spoiled > 2000,
           "N2: the resolver does not pass for dead behind dead questions", proxy.spoiled,
           log[-2000:])
    reply = becomes(daemon, "after.wildmx.lab", "OK dane-only", 120)
    tap.ok(reply == "OK dane-only", "and afterwards there are answers", reply)
    tap.ok(daemon.stop() == 0, "it ends with status 0", daemon.log()[-3000:])
    proxies.close(proxy)


def not_loopback(tap, world, build):
    conf = world.path("not-loopback.conf")
    with open(conf, "w") as f:
        f.write("dnssec = trust-ad\nresolver = 192.0.2.1\n")
    done = subprocess.run([find(build, "danestsd"), "-t", "-c", conf], capture_output=True,
                          text=True, timeout=60)
    tap.ok(done.returncode == 78 and "N2" in done.stderr,
           "N2: trust-ad with a resolver elsewhere is a bad configuration", done)


def nonsense(tap, world, build, later):
    proxies = dnsproxy.Proxies()
    dice = random.Random(1)
    kinds = [k for k in dnsproxy.VALIDATE_FAULTS if k != "late"]
    proxy = proxies.open("127.0.98.2", "127.0.0.1", lambda name, kind: dice.choice(kinds))
    daemon = Daemon(world, build, resolver=proxy.address, dns_timeout="500ms")
    keys = ["full.lab", "full.walk", "full.optout", "wildtlsa.lab", "v6only.lab", "sha512.lab"]
    keys += ["n%d.wildmx.lab" % i for i in range(60)]
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        replies = dict(zip(keys, pool.map(daemon.ask, keys)))
    bad = {k: r for k, r in replies.items()
           if r != "OK dane-only" and not r.startswith("TEMP ")}
    tap.ok(not bad, "N3: a resolver that only talks nonsense: TEMP", bad)
    proxy.fault = lambda name, kind: None
    # libunbound holds a bogus key for a minute, and failures are remembered 15 s on top.
    def sane_again(tap):
        reply = becomes(daemon, "allsane.wildmx.lab", "OK dane-only", 240)
        tap.ok(reply == "OK dane-only", "N3: a resolver that has come to its senses: the answer",
               reply)
        daemon.stop()
        proxies.close(proxy)
    later.append(sane_again)


def stub(tap, world, build):
    daemon = Daemon(world, build, "trust-ad")
    tap.ok(daemon.ask("full.lab") == "OK dane-only", "trust-ad works")
    dice = random.Random(7)
    end = threading.Event()
    kills = 0
    bad, right, temp = [], 0, 0

    def load(worker):
        nonlocal right, temp
        client = daemon.client()
        number = 0
        while not end.is_set():
            number += 1
            reply = client.ask("w%d-%d.wildmx.lab" % (worker, number))
            if reply == "OK dane-only":
                right += 1
            elif reply.startswith("TEMP "):
                temp += 1
            else:
                bad.append(reply)

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        jobs = [pool.submit(load, i) for i in range(20)]
        begun = time.monotonic()
        while not bad and time.monotonic() < begun + (
                6 if kills >= KILLS and right >= KILLS else 120):
            time.sleep(dice.uniform(0.02, 0.8))
            for pid in daemon.stubs():
                os.kill(pid, signal.SIGKILL)
                kills += 1
        end.set()
        for job in jobs:
            job.result()
    tap.note("%d kills, %d right, %d TEMP" % (kills, right, temp))
    tap.ok(not bad, "the helper dies %d times under load: nothing is downgraded" % kills,
           *set(bad))
    tap.ok(kills >= KILLS and right >= KILLS, "service goes on meanwhile")
    reply = becomes(daemon, "after.wildmx.lab", "OK dane-only", 120)
    tap.ok(reply == "OK dane-only", "and afterwards", reply)
    tap.ok(daemon.stop() == 0, "danestsd itself never died", daemon.log()[-3000:])


def stub_poison(tap, world, build):
    """Records that are known to break the helper's library, and plain noise."""
    proxies = dnsproxy.Proxies()
    dice = random.Random(3)
    kinds = ["hip", "pointer"]
    proxy = proxies.open("127.0.98.3", "127.0.0.1", lambda name, kind: dice.choice(kinds))
    daemon = Daemon(world, build, "trust-ad", resolver=proxy.address, dns_timeout="500ms",
                    answer_timeout="5s")

    def ask_many(word):
        keys = ["%s%d.wildmx.lab" % (word, i) for i in range(100)]
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            return dict(zip(keys, pool.map(daemon.ask, keys)))
    bad = {k: r for k, r in ask_many("poison").items()
           if r != "OK dane-only" and not r.startswith("TEMP ")}
    tap.ok(not bad, "records that break getdns: nothing is downgraded", bad)
    kinds[:] = ["flip-most", "flip-some", "hip", "pointer", "truncate", "drop"]
    ask_many("noise")
    tap.ok(daemon.alive(), "noise: danestsd lives")
    proxy.fault = lambda name, kind: None
    reply = becomes(daemon, "healthy.wildmx.lab", "OK dane-only", 120)
    tap.ok(reply == "OK dane-only", "and its helper works again", reply, daemon.log()[-2000:])
    tap.ok(daemon.stop() == 0, "it ends with status 0")
    proxies.close(proxy)
