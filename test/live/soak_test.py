# SPDX-License-Identifier: BSD-2-Clause
"""Changing domains at full rate: domains, their mail hosts, TLSA records and policies come,
change, fail and go, clients of all kinds come and go, and the administrator is busy too.

Once validating, where libunbound's time-outs, some hundred ms by its own clock, have to do;
once with the helper, which keeps the true time, and there danestsd's hour is a minute
(libfaketime). The resolver between remembers nothing for longer than a second."""

import glob
import math
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time

import dnswire
import live
import servers
import zones
from daemon import Client, Daemon, find, lacks_trust_ad
from row import BARE, ONE, Row

MEASURED = 60000     # questions, after those by which all memory is in use
LONGEST = 300        # seconds that a busy machine may take for them
METRICS = 8459       # port
ZONE, SIGNED = "soak.plain", "soak.lab"
RESOLVER = "127.0.0.3"
FLOOR = 30           # seconds of danestsd's, for which any answer is remembered (spec.md 4)
SLOW = 4             # of ours: what the way from a change to a reply may take besides
NAMED = 40           # domains of each kind that are asked again and again
CLIENTS = 3
AHEAD = 20           # questions in flight on a connection
LEAK = 100           # octets a question: this much must be found
LATE = "no.? answer|not finished|timed out|SERVFAIL|records missing"   # in a reply: it was
LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
# (mode, how fast, seconds of ours at least, unless --seconds says more, questions by which all
# memory is in use, time-outs of about as long as usual)
RUNS = (("validate", 5, 20, 70000, {"dns_timeout": "30s", "https_timeout": "40s"}),
        ("trust-ad", 60, 40, 20000, {"dns_timeout": "60s", "https_timeout": "240s"}))
ROWS = [Row(ZONE, "", None, "", "domains without number", served="live", signed=False),
        Row(SIGNED, ONE, None, "", "TLSA records come and go")]


class Domains:
    """The world outside. What each domain's answers have been lately is remembered, for a
    reply may be a moment old."""

    def __init__(self, late):
        self.late = late      # seconds for which a reply may be the one of before
        self.policies = {"s%d.%s" % (i, ZONE): 1 for i in range(NAMED)}
        self.hosts = {"h%d.%s" % (i, ZONE): [(0, "mx1.none.lab")] for i in range(NAMED)}
        self.signed = [(0, "OK dane-only")]
        self.failing = False

    def change(self, dice):
        for domain in dice.sample(list(self.policies), 4):
            self.policies[domain] += 1
        for domain in dice.sample(list(self.hosts), 4):
            past = self.hosts[domain]
            past.append((time.monotonic(),
                         "mx1.none.lab" if past[-1][1] == "mx1.full.lab" else "mx1.full.lab"))
        self.failing = dice.random() < 0.3

    def lately(self, past, asked):
        """All that was true not too long before that moment, or since."""
        start = asked - self.late
        old = [what for when, what in past if when <= start]
        return old[-1:] + [what for when, what in past if when > start]

    def answers(self, name, kind):
        if name in self.hosts:
            return [live.mx(self.hosts[name][-1][1])] if kind == "MX" else []
        if name.startswith("_mta-sts.s") and kind == "TXT":
            if self.failing:
                return live.SERVFAIL
            return [live.txt("v=STSv1; id=v%d;" % self.policies.get(name[9:], 0))]
        if name.startswith("mta-sts.s") and kind == "A":
            return [live.address(live.WEB_ADDRESS)]
        if name.startswith("f"):
            return live.SERVFAIL
        if name.startswith("x"):
            return live.NXDOMAIN
        if name.startswith("s") and kind == "MX":
            return [live.mx("mx." + name)]
        return [live.address("10.53.2.1")] if kind == "A" and "_" not in name else []

    def policy(self, domain):
        version = self.policies.get(domain)
        if version is None or self.failing:
            return None
        return b"version: STSv1\r\nmode: enforce\r\nmx: v%d.%s\r\nmax_age: 86400\r\n" % (
            version, domain.encode())


def _resolver(world):
    """One that forgets at once: its clock is not the daemon's."""
    child = servers.unbound(world.dir, "unbound-soak", RESOLVER, world.hints, world.anchor)
    child.terminate()
    child.wait()
    folder = world.path("unbound-soak")
    conf = os.path.join(folder, "unbound.conf")
    with open(conf) as f:
        text = f.read()
    with open(conf, "w") as f:
        f.write(text.replace("server:\n", "server:\n\tcache-max-ttl: 1\n"
                             "\tcache-max-negative-ttl: 1\n\tinfra-host-ttl: 1\n", 1))
    child = servers.start(["unbound", "-d", "-c", conf], os.path.join(folder, "out"))
    servers.wait_for(lambda: servers.listening(RESOLVER, 53), 60, "a resolver")
    return child


def _tlsa_is_served():
    message = dnswire.ask(zones.LEAF_ADDRESS, "_25._tcp.mx1." + SIGNED, "TLSA")
    return message is not None and any(r.section == 0 and r.type == 52 for r in message.records)


class Soak:
    def __init__(self, world, build, seconds, dns, web, mode, speed, warm, timeouts):
        self.world, self.build, self.seconds, self.warm = world, build, seconds, warm
        self.domains = Domains(FLOOR / speed + SLOW)
        self.dns, self.web = dns, web
        self.dns.answers, self.web.policy = self.domains.answers, self.domains.policy
        self.dns.count = self.web.fetches = 0
        clock = ["env", "FAKETIME=+0 x%d" % speed, "LD_PRELOAD=" + glob.glob(LIBRARY)[0]]
        self.daemon = Daemon(
            world, build, mode, prefix=clock, resolver=RESOLVER, answer_timeout="90s",
            refresh="10m", cache_size="2M", metrics="inet:127.0.0.1:%d" % METRICS, **timeouts)
        self._sign(True)
        self.end = threading.Event()
        self.lock = threading.Lock()
        self.asked, self.wrong, self.held_back, self.acts = 0, [], 0, 0
        self.reasons = {}     # of those held back: how many
        self.promised = {}
        self.samples = []     # (seconds, questions so far, KiB resident, descriptors, threads)

    # -- Questions ---------------------------------------------------------

    def _choose(self, dice):
        what = dice.random()
        if what < 0.25:
            return "s%d.%s" % (dice.randrange(NAMED), ZONE)
        if what < 0.5:
            return "h%d.%s" % (dice.randrange(NAMED), ZONE)
        if what < 0.6:
            return SIGNED
        if what < 0.62:
            return "f%d.%s" % (dice.randrange(10 ** 9), ZONE)
        return "%s%d.%s" % (dice.choice("nx"), dice.randrange(10 ** 9), ZONE)

    def _judge(self, key, reply, sent):
        """"" when it is right."""
        if key == SIGNED:
            return "" if reply in self.domains.lately(self.domains.signed, sent) else \
                "not so lately"
        if key[0] == "f":
            return "" if reply.startswith("TEMP ") else "should fail"
        if key[0] == "h":
            wanted = ["OK dane" if x == "mx1.full.lab" else "NOTFOUND "
                      for x in self.domains.lately(self.domains.hosts[key], sent)]
            return "" if reply in wanted else "not so lately"
        if key[0] != "s":
            return "" if reply == "NOTFOUND " else "has no policy"
        match = re.fullmatch(r"OK secure match=v(\d+)\.(\S+) servername=hostname", reply)
        with self.lock:
            before = self.promised.get(key, 0)
            if match is None:
                return "v%d was promised" % before if before else ""
            version = int(match.group(1))
            self.promised[key] = max(before, version)
        # Replies on other connections may overtake: one version back is in order.
        late = before - version > 1
        return "v%d was promised" % before if late or match.group(2) != key else ""

    def _client(self, seed):
        dice = random.Random(seed)
        while not self.end.is_set():
            client = Client(self.daemon.port, 60)
            for _ in range(dice.randrange(1, 100)):
                keys = [self._choose(dice) for _ in range(AHEAD)]
                sent = time.monotonic()
                for key in keys:
                    client.send("QUERY " + key)
                for key in keys:
                    self._answered(key, client.receive(), sent)
                if self.end.is_set():
                    break
            client.close()

    def _answered(self, key, reply, sent):
        why = self._judge(key, reply, sent)
        with self.lock:
            self.asked += 1
            if why and reply.startswith("TEMP "):
                self.held_back += 1      # never weaker; but it must be rare
                said = re.sub(r"\S+\.(lab|plain)", "*", reply)
                self.reasons[said] = self.reasons.get(said, 0) + 1
            elif why:
                self.wrong.append("%s: %s: %s" % (key, why, reply))

    # -- All the rest that happens -----------------------------------------

    def _act(self, dice):
        """One thing that an administrator, a scraper or an odd client does."""
        act = dice.randrange(6)
        if act == 0:
            self.daemon.child.send_signal(signal.SIGHUP)
        elif act == 1:
            self._scrape()
        elif act == 2:
            self._danests("status")
        elif act == 3:
            self._danests("cache", dice.choice(["list", "purge", "export"]))
        elif act == 4:
            for client in [Client(self.daemon.port) for _ in range(100)]:
                client.close()
        else:
            for data in (b"14:QUERY fu", b"99999999:", b"14:QUERY full.lab," * 50):
                client = Client(self.daemon.port)
                client.socket.sendall(data)
                client.close()
        self.acts += 1

    def _danests(self, *argv):
        subprocess.run([find(self.build, "danests"), *argv, "--control",
                        self.daemon.options["control"]], capture_output=True, timeout=120)

    def _scrape(self):
        with socket.create_connection(("127.0.0.1", METRICS), 60) as s:
            s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            while s.recv(65536):
                pass

    def _sign(self, with_tlsa):
        """The signed zone with other records, and NSD reads it again."""
        zone = self.world.files[SIGNED + "."]
        zone.text = ONE if with_tlsa else BARE
        change = [math.inf, "OK dane-only" if with_tlsa else "NOTFOUND "]
        self.domains.signed.append(change)
        zone.build(self.world.path("zones"))
        self.world.leaf.send_signal(signal.SIGHUP)
        servers.wait_for(lambda: _tlsa_is_served() == with_tlsa, 60, "NSD to serve another zone")
        change[0] = time.monotonic()   # from now on the one before gets old

    def _sample(self, begun):
        pid = self.daemon.child.pid
        with open("/proc/%d/status" % pid) as f:
            status = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", f.read(), re.M))
        self.samples.append((time.monotonic() - begun, self.asked, int(status["VmRSS"]),
                             len(os.listdir("/proc/%d/fd" % pid)), int(status["Threads"])))

    def quiet(self):
        """Descriptors while nobody asks for anything; the least of a while."""
        seen = []
        for _ in range(20):
            time.sleep(0.2)
            seen.append(len(os.listdir("/proc/%d/fd" % self.daemon.child.pid)))
        return min(seen)

    def run(self):
        clients = [threading.Thread(target=self._client, args=(i,)) for i in range(CLIENTS)]
        begun = time.monotonic()
        for client in clients:
            client.start()
        try:
            self._bustle(begun)
        finally:
            self.end.set()
            for client in clients:
                client.join()

    def _bustle(self, begun):
        dice = random.Random(1)
        turn = 0
        while time.monotonic() - begun < (
                self.seconds if self.asked >= self.warm + MEASURED else LONGEST):
            time.sleep(0.5)
            turn += 1
            self.domains.change(dice)
            self._act(dice)
            if turn % 20 == 10:
                self._sign(turn % 40 != 10)
            self._sample(begun)


def _third(samples, which):
    """Mean number of questions; median of KiB resident, descriptors, threads."""
    part = samples[which * len(samples) // 3:(which + 1) * len(samples) // 3]
    return (sum(s[1] for s in part) / len(part),
            *(sorted(s[i] for s in part)[len(part) // 2] for i in (2, 3, 4)))


def run(tap, world, build, options):
    if not glob.glob(LIBRARY):
        tap.skip("soak", "libfaketime is not installed")
        return
    if b"libasan" in subprocess.run(["ldd", find(build, "danestsd")],
                                    capture_output=True).stdout:
        tap.skip("soak", "libfaketime and AddressSanitizer do not go together")
        return
    dns, web = live.LiveDns(ZONE, None), live.LiveWeb(world.pki, None)
    dns.start()
    web.start()
    resolver = _resolver(world)
    for mode, speed, seconds, *more in RUNS:
        claim = "%s, time %d times as fast" % (mode, speed)
        if mode == "trust-ad" and lacks_trust_ad(build):
            tap.skip("soak: " + claim, "built without getdns")
            continue
        seconds = options.seconds or seconds
        tap.run(_one, Soak(world, build, seconds, dns, web, mode, speed, *more), claim)
    resolver.terminate()
    resolver.wait()


def _one(tap, soak, claim):
    soak.daemon.ask("full.lab")
    before = soak.quiet()
    soak.run()
    after = soak.quiet()
    done = (claim, soak.asked, soak.samples[-1][0], soak.acts, soak.dns.count, soak.web.fetches)
    tap.ok(not soak.wrong, "soak: %s: %d answers in %.0f s, all right (%d other acts, %d "
           "questions by DNS, %d policy fetches)" % done, *soak.wrong[:20])
    if soak.asked < soak.warm + MEASURED:
        tap.skip("soak: %s: memory, mails that are held" % claim, "too busy a machine")
    else:
        _measured(tap, soak, claim)
    tap.ok(after <= before + 4, "soak: %s: what was opened is closed: %d descriptors, %d before"
           % (claim, after, before))
    tap.ok(soak.daemon.stop() == 0, "soak: %s: it ends with status 0" % claim, soak.daemon.log())


def _measured(tap, soak, claim):
    samples = [s for s in soak.samples if s[1] >= soak.warm]
    first, last = _third(samples, 0), _third(samples, 2)
    grown = 1024 * (last[1] - first[1]) / (last[0] - first[0])
    tap.note(sorted(soak.reasons.items(), key=lambda x: -x[1])[:8])
    # DNS has little time, too.
    late = sum(count for said, count in soak.reasons.items() if re.search(LATE, said))
    tap.ok(soak.held_back - late <= soak.asked / 20 and late <= soak.asked / 2,
           "soak: %s: few mails are held without need: %d, and %d for lack of time"
           % (claim, soak.held_back - late, late))
    tap.ok(grown < LEAK / 2, "soak: %s: memory does not grow: %.1f octets for each of %d questions"
           % (claim, grown, last[0] - first[0]), first, last)
    numbers = (claim, first[2], last[2], first[3], last[3])
    tap.ok(last[2] <= first[2] + 8 and last[3] <= first[3],
           "soak: %s: nor do descriptors (%d, then %d) and threads (%d, then %d)" % numbers)
