# SPDX-License-Identifier: BSD-2-Clause
"""What was promised survives: danestsd is killed (SIGKILL) at random moments while policies
come in and change, started again with the policy hosts gone, and asked for each policy
that a reply of it rested on (S13, S14)."""

import hashlib
import os
import random
import re
import struct
import threading
import time
from dataclasses import dataclass, field

import live
from daemon import Client, Daemon
from row import Row

ZONE = "kill.plain"
ROWS = [Row(ZONE, "", None, "S13", "domains without number", served="live", signed=False)]
CLIENTS = 6
LARGE = 50000          # octets of each fourth policy: they make the journal grow
SECONDS = 25           # how long it goes on, unless rounds are given
LIVES = 5              # kills at most between two looks at what is left
LONGEST = 0.25         # seconds of a life at most, its start included
FOLDING = "policies.cdb.tmp"   # there while a snapshot is being written
# The one complaint that a kill may cause: the record that was being written is no record.
CUT = "are cut off: something was being written when it ended"
DAMAGE = r"damaged|lost|torn|cannot be read|put aside|no policy"


class Domains:
    """The world outside: which version of its policy each domain has published."""

    def __init__(self):
        self.versions = {}      # domain -> version published now
        self.txt_fails = False

    def new(self):
        domain = "d%d.%s" % (len(self.versions), ZONE)
        self.versions[domain] = 1
        return domain

    def answers(self, name, kind):
        if name.startswith("_mta-sts.") and kind == "TXT":
            version = self.versions.get(name[9:])
            if self.txt_fails:
                return live.SERVFAIL
            return [live.txt("v=STSv1; id=v%d;" % version)] if version else []
        if name.startswith("mta-sts.") and kind == "A":
            return [live.address(live.WEB_ADDRESS)]
        if name in self.versions and kind == "MX":
            return [live.mx("mx." + name)]
        return [live.address("10.53.2.1")] if name.startswith("mx.") and kind == "A" else []

    def policy(self, domain):
        version = self.versions.get(domain)
        if version is None:
            return None
        dice = hashlib.sha256(domain.encode()).digest()
        more = b"x-filler: %s\r\n" % (b"x" * 180)
        more *= LARGE // len(more) if dice[0] % 4 == 0 else 0
        return b"version: STSv1\r\nmode: enforce\r\nmx: v%d.%s\r\nmax_age: 604800\r\n%s" % (
            version, domain.encode(), more)


@dataclass
class Count:
    rounds: int = 0
    kills: int = 0
    at_start: int = 0       # of these, before it took a question
    in_fold: int = 0        # of these, while a snapshot was written
    checked: int = 0
    lost: list = field(default_factory=list)
    torn: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    starts: list = field(default_factory=list)     # seconds from exec to the first answer


class Killing:
    def __init__(self, world, build, seed):
        self.dice = random.Random(seed)
        self.domains = Domains()
        self.promised = {}      # domain -> the newest version that a reply has named
        self.order = []         # these domains, to choose from
        self.fresh = set()      # promised since it was last checked
        self.lock = threading.Lock()
        self.count = Count()
        self.dns = live.LiveDns(ZONE, self.domains.answers)
        self.web = live.LiveWeb(world.pki, self.domains.policy)
        self.dns.start()
        self.web.start()
        self.daemon = Daemon(world, build, https_timeout="2s", dns_timeout="2s")
        self.folding = os.path.join(self.daemon.dir, FOLDING)
        self.taken = False      # has this life's first client been let in?
        self.log_read = 0

    # -- While it lives ----------------------------------------------------

    def _choose(self, dice):
        """A domain to ask for: mostly new ones; some with a policy that has just changed."""
        with self.lock:
            if dice.random() < 0.7 or not self.promised:
                return self.domains.new()
            domain = dice.choice(self.order)
            if dice.random() < 0.7:
                self.domains.versions[domain] += 1
            return domain

    def _client(self, seed, end):
        dice = random.Random(seed)
        while not end.is_set():
            try:
                client = Client(self.daemon.port, 60)
                self.taken = True
                while not end.is_set():
                    domain = self._choose(dice)
                    self._note(domain, client.ask(domain))
            except (OSError, ValueError):
                time.sleep(0.002)   # not there yet, or killed

    def _note(self, domain, reply):
        """A reply that has arrived whole is a promise."""
        version = self._version(domain, reply)
        with self.lock:
            if version is None:
                return
            if version < self.promised.get(domain, 0):
                self.count.wrong.append("%s: v%d was promised, then came %s" % (
                    domain, self.promised[domain], reply))
            if domain not in self.promised:
                self.order.append(domain)
            self.promised[domain] = version
            self.fresh.add(domain)

    @staticmethod
    def _version(domain, reply):
        match = re.fullmatch(r"OK secure match=v(\d+)\.(\S+) servername=hostname", reply)
        return int(match.group(1)) if match and match.group(2) == domain else None

    def live_and_die(self):
        """Policies come in from all sides, and then it is killed."""
        self.taken = self.daemon.alive()
        if not self.daemon.alive():
            self.daemon.launch()
        end = threading.Event()
        clients = [threading.Thread(target=self._client, args=(self.dice.random(), end))
                   for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        self._wait(time.monotonic() + self.dice.uniform(0, LONGEST))
        self.count.at_start += not self.taken
        self.daemon.child.kill()
        self.daemon.child.wait()
        self.count.kills += 1
        self.count.in_fold += os.path.exists(self.folding)
        end.set()
        for client in clients:
            client.join()

    def _wait(self, moment):
        """Until then; a fold, which is rare and short, is not let past that often."""
        spare = self.dice.random() < 0.3
        while time.monotonic() < moment:
            if not spare and os.path.exists(self.folding):
                time.sleep(self.dice.uniform(0, 0.02))
                return
            time.sleep(0.001)

    # -- After it ----------------------------------------------------------

    def rise(self, sample):
        """Start it with the policy hosts gone, and ask for what was promised."""
        self.web.off()
        self.domains.txt_fails = self.dice.random() < 0.5
        begun = time.monotonic()
        self.daemon.launch()
        client = self._connect()
        rest = [x for x in self.order if x not in self.fresh]
        asked = list(self.fresh) + self.dice.sample(rest, min(sample, len(rest)))
        self.dice.shuffle(asked)
        for i in range(0, len(asked), 100):
            part = asked[i:i + 100]
            for domain in part:
                client.send("QUERY " + domain)
            for domain in part:
                self._check(domain, client.receive())
                if begun:
                    self.count.starts.append(time.monotonic() - begun)
                    begun = None
        client.close()
        self.fresh.clear()
        self._read_log()
        self.domains.txt_fails = False
        self.web.on()
        self.count.rounds += 1

    def _connect(self):
        end = time.monotonic() + 60
        while True:
            try:
                return Client(self.daemon.port, 60)
            except OSError:
                if time.monotonic() > end or not self.daemon.alive():
                    raise
                time.sleep(0.001)

    def _check(self, domain, reply):
        self.count.checked += 1
        found = self._version(domain, reply)
        what = "%s: v%d was promised: %s" % (domain, self.promised[domain], reply)
        if found is None:
            wrong = reply.startswith("OK secure")
            (self.count.wrong if wrong else self.count.lost).append(what)
        elif not self.promised[domain] <= found <= self.domains.versions[domain]:
            self.count.wrong.append(what)

    def _read_log(self):
        with open(self.daemon.log_file, errors="replace") as f:
            f.seek(self.log_read)
            for line in f:
                if re.search(DAMAGE, line) and CUT not in line:
                    self.count.torn.append(line.strip())
            self.log_read = f.tell()


def run(tap, world, build, options):
    seed = struct.unpack("!I", random.randbytes(4))[0] if options.seed is None else options.seed
    tap.note("kill: --seed %d" % seed)
    killing = Killing(world, build, seed)
    count = killing.count
    end = time.monotonic() + SECONDS
    while count.rounds < options.rounds if options.rounds else time.monotonic() < end:
        for _ in range(killing.dice.randint(1, LIVES)):
            killing.live_and_die()
        killing.rise(50)
    killing.live_and_die()
    killing.rise(len(killing.order))
    done = "rounds=%d, kills=%d (%d starting, %d folding), policies promised=%d, checked=%d" % (
        count.rounds, count.kills, count.at_start, count.in_fold, len(killing.promised),
        count.checked)
    tap.ok(len(killing.promised) > count.rounds, "policies came in: " + done)
    for name, what in (("lost", "no policy is lost"), ("torn", "nothing on disk is torn"),
                       ("wrong", "no policy is another or an older one")):
        found = getattr(count, name)
        tap.ok(not found, "SIGKILL: %s: %s, %s=%d" % (what, done, name, len(found)), *found[:20])
    starts = sorted(count.starts)
    tap.note("exec to the first answer: median %.0f ms, p99 %.0f ms, longest %.0f ms" % tuple(
        1000 * starts[int(x * (len(starts) - 1))] for x in (0.5, 0.99, 1)))
    status = killing.daemon.stop()
    killing.dns.stop()
    if killing.web.server is not None:
        killing.web.off()
    tap.ok(status == 0, "and it ends with status 0", status, killing.daemon.log()[-3000:])
