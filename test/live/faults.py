# SPDX-License-Identifier: BSD-2-Clause
"""A doubt never downgrades: every question of a lookup fails in every way, once.

For a domain that publishes DANE the answer is then the right one or TEMP; for one
whose enforce policy is known it is that policy or TEMP. Never NOTFOUND, and never
anything weaker (N3, N6, N8, S1, S13)."""

import concurrent.futures
import time

import dnsproxy
import servers
from daemon import Daemon
from row import Row, Sts, host, lines, mx

LOST = "600ms"       # dns_timeout of these daemons, once answers get lost on purpose
AMPLE = "20s"        # and before; a busy machine may need a good part of it
LATE = 0.9           # seconds: later than that
FLOOR = 31           # seconds until nothing learnt by DNS is fresh (spec.md section 4)
AT_ONCE = 10         # daemons under test at a time

# Domains that publish DANE, and what they may be answered besides TEMP.
DANE = [
    ("full.walk", {"OK dane-only"}),                  # one host, NSEC
    ("full.lab", {"OK dane-only", "OK dane"}),        # two hosts: one may be in doubt
    ("mxalias2.lab", {"OK dane-only"}),               # TLSA at the second base only
    ("implicit.lab", {"OK dane-only"}),               # the MX denial matters
    ("partial.lab", {"OK dane", "OK dane-only"}),     # some hosts with, some without
    ("unusable.lab", {"OK dane"}),                    # TLS at least
    ("both-unusable.lab", {"OK dane", "OK secure match=mx1.both-unusable.lab"
                           " servername=hostname"}),
]

WEB_FAULTS = ("reset", "mute", "cut", "hang", "close", "oversize")
ASKED = {"plain": ("MX", "A mx1", "AAAA mx1", "TXT _mta-sts", "A mta-sts", "AAAA mta-sts"),
         "lab": ("MX", "A mx1", "TLSA _25._tcp.mx1", "TXT _mta-sts")}


def _plan():
    """What happens to each domain whose policy is known: (zone, question, fault, manner).
    The last ones have a new id, or a new address, and then the fetch fails."""
    todo = [(tld, q, f, "reset") for tld, questions in ASKED.items() for q in questions
            for f in dnsproxy.VALIDATE_FAULTS]
    todo += [("plain", "TXT _mta-sts", "new-id", manner) for manner in WEB_FAULTS]
    todo += [("plain", "A mta-sts", "moved", "reset")]
    todo += [("plain", "TXT _mta-sts", "new-id", "changed")]   # no fault: a new policy
    return [("k%03d.%s" % (i, t[0]),) + t[1:] for i, t in enumerate(todo)]


PLAN = {zone: rest for zone, *rest in _plan()}


def fault_rows():
    """Zones for the second law: a policy each, records that are soon forgotten."""
    text = lines("$TTL 5", mx("mx1"), host("mx1", None))
    return [Row(zone, text, None, "", "", sts=Sts(how="moody")) for zone in PLAN]


def faults(tap, world, build, mode):
    proxies = dnsproxy.Proxies()
    known = Known(world, build, mode, proxies)
    known.learn(tap)
    begun = time.monotonic()
    tap.run(dane_law, world, build, mode, proxies)
    time.sleep(max(0, FLOOR - (time.monotonic() - begun)))
    known.spoil(tap)
    known.close(tap)


def _kinds(mode):
    return dnsproxy.VALIDATE_FAULTS if mode == "validate" else dnsproxy.TRUST_AD_FAULTS


# -- The first law ------------------------------------------------------------


def _one(world, build, mode, proxies, number, key, fault):
    """One cold daemon, one question: (reply, questions seen, answers spoiled). On a busy
    machine it may come to nothing before the fault does: then it gets more time."""
    for lost in (LOST, AMPLE) if fault else (AMPLE,):
        reply, seen, spoiled = _try(world, build, mode, proxies, number, key,
                                    fault or (lambda name, kind: None), lost)
        if spoiled or not reply.startswith("TEMP "):
            break
    return reply, seen, spoiled


def _try(world, build, mode, proxies, number, key, fault, lost):
    proxy = proxies.open("127.0.%d.%d" % (100 + number // 250, 1 + number % 250), "127.0.0.1",
                         fault, LATE)
    daemon = Daemon(world, build, mode, resolver=proxy.address, dns_timeout=lost,
                    https_timeout="2s", answer_timeout="60s")
    try:
        return daemon.ask(key), list(proxy.seen), proxy.spoiled
    finally:
        daemon.child.kill()
        daemon.child.wait()
        proxies.close(proxy)


def _questions(world, build, mode, proxies, number, key):
    reply, seen, _ = _one(world, build, mode, proxies, number, key, None)
    return reply, seen


def dane_law(tap, world, build, mode, proxies):
    kinds = _kinds(mode)
    number = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for key, allowed in DANE:
            number += 1
            reply, seen = _questions(world, build, mode, proxies, number, key)
            tap.ok(reply in allowed, "%s without a fault (%s)" % (key, mode), reply)
            jobs = []
            for question in seen:
                for kind in kinds:
                    number += 1
                    jobs.append((question, kind, pool.submit(
                        _one, world, build, mode, proxies, number, key,
                        lambda n, t, q=question, k=kind: k if (n, t) == q else None)))
            for question in seen:
                _report(tap, mode, key, allowed, question,
                        [(k, j.result()) for q, k, j in jobs if q == question])


def _report(tap, mode, key, allowed, question, results):
    bad = ["%s: %s" % (kind, reply) for kind, (reply, _, _) in results
           if reply not in allowed and not reply.startswith("TEMP ")]
    idle = [kind for kind, (_, _, spoiled) in results if not spoiled]
    right = sum(reply in allowed for _, (reply, _, _) in results)
    tap.ok(not bad and len(idle) < len(results),
           "N3 N6 N8: %s: %s %s fails in %d ways, %d times TEMP, else right (%s)"
           % (key, question[1], question[0] or ".", len(results), len(results) - right, mode),
           *bad, "never reached: %s" % idle if idle else "")


# -- The second law -----------------------------------------------------------


class Known:
    """One daemon that knows the enforce policies of many domains."""

    def __init__(self, world, build, mode, proxies):
        self.world, self.mode, self.proxies = world, mode, proxies
        possible = set(_kinds(mode)) | {"new-id", "moved"}
        self.keys = [zone for zone, (_, fault, _) in PLAN.items() if fault in possible]
        self.active = False
        self.touched = set()
        self.proxy = proxies.open("127.0.99.1", "127.0.0.1", self.fault, LATE)
        self.daemon = Daemon(world, build, mode, resolver=self.proxy.address, dns_timeout=AMPLE,
                             https_timeout="20s", answer_timeout="60s")

    def fault(self, name, kind):
        zone = ".".join(name.split(".")[-2:])
        if not self.active or zone not in self.keys:
            return None
        question, fault, _ = PLAN[zone]
        if kind == "TXT" and question.endswith(" mta-sts"):
            return "new-id"   # else nobody would ask where the policy host is
        wanted = question.split(" ")
        owner = name[:-len(zone)].rstrip(".")
        if kind != wanted[0] or owner != (wanted[1] if len(wanted) > 1 else ""):
            return None
        self.touched.add(zone)
        return fault

    def expected(self, key):
        more = ":mx.changed.plain" if self.active and PLAN[key][2] == "changed" else ""
        return "OK secure match=mx1.%s%s servername=hostname" % (key, more)

    def _failed_fetch(self):
        """Fetches so far of a policy that cannot be had."""
        self.daemon.ask("sts-404.plain")
        time.sleep(0.3)   # nginx writes its log after its answer
        return servers.fetches(self.world.dir, "mta-sts.sts-404.plain")

    def _lose(self):
        """From now on it has little patience, for much will get lost."""
        self.daemon.reload(dns_timeout=LOST, https_timeout="2s", answer_timeout="8s")
        servers.wait_for(lambda: "reloaded: changed" in self.daemon.log(), 60, "a reload")

    def _ask_all(self):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            return dict(zip(self.keys, pool.map(self.daemon.ask, self.keys)))

    def _behave(self, manner):
        for key in self.keys:
            name = "mta-sts." + key
            self.world.web.hosts[name] = (manner(key), self.world.web.hosts[name][1])

    def learn(self, tap):
        self._behave(lambda key: "moody")
        self.fetches = self._failed_fetch()
        wrong = ["%s: %s" % x for x in self._ask_all().items() if x[1] != self.expected(x[0])]
        tap.ok(not wrong, "%d enforce policies become known (%s)" % (len(self.keys), self.mode),
               *wrong)

    def spoil(self, tap):
        self._behave(lambda key: PLAN[key][2])
        tap.ok(self._failed_fetch() == self.fetches,
               "S11: a failed fetch is not tried again within 5 minutes (%s)" % self.mode)
        self._lose()
        self.active = True
        replies = self._ask_all()
        groups = {}
        for key, reply in replies.items():
            question, fault, manner = PLAN[key]
            groups.setdefault(question, []).append((key, fault + " " + manner, reply))
        for question, results in groups.items():
            bad = ["%s %s: %s" % (fault, key, reply) for key, fault, reply in results
                   if reply != self.expected(key) and not (
                       reply.startswith("TEMP ") and PLAN[key][2] != "changed")]
            reached = sum(key in self.touched for key, _, _ in results)
            tap.ok(not bad, "S1 S13: policy known: %s fails in %d ways, %d reached, %d times TEMP"
                   " (%s)" % (question, len(results), reached,
                              sum(r.startswith("TEMP") for _, _, r in results), self.mode), *bad)
        tap.ok(len(self.touched) > len(self.keys) // 2,
               "S13: the second look really asked again (%s)" % self.mode, len(self.touched))

    def close(self, tap):
        tap.ok(self.daemon.stop() == 0, "danestsd survives all faults (%s)" % self.mode,
               self.daemon.log()[-3000:])
        self.proxies.close(self.proxy)
