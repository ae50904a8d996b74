# SPDX-License-Identifier: BSD-2-Clause
"""Every row of the world's table, asked over the socketmap."""

import concurrent.futures
import subprocess

from daemon import Daemon
from row import matches, pattern
from table import NO_NAMES


def table(tap, world, build, mode, subset=None, prefix=(), at_once=24, **options):
    """All rows (or those a subset function takes), many at a time."""
    daemon = Daemon(world, build, mode, prefix, **options)
    cases = [c for r in world.rows for c in r.cases() if subset is None or subset(r)]

    def ask(case):
        try:
            return daemon.ask(case[0])
        except (OSError, ValueError) as e:
            return "no reply: %r" % e

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        replies = list(pool.map(ask, cases))
    for (key, expect, trust_ad, rules, claim), reply in zip(cases, replies):
        wanted = trust_ad if mode == "trust-ad" else expect
        tap.ok(matches(wanted, key, mode, reply), "%s: %s: %s (%s)" % (rules, key, claim, mode),
               "want " + pattern(wanted, key, mode), "got  " + reply)
    return daemon


def warm(tap, world, daemon, mode):
    """The same again comes from memory; failures may be tried again."""
    cases = [c for r in world.rows for c in r.cases() if r.served == "leaf"]
    wrong = []
    client = daemon.client()
    for key, expect, trust_ad, _, _ in cases:
        wanted = trust_ad if mode == "trust-ad" else expect
        reply = client.ask(key)
        if not matches(wanted, key, mode, reply):
            wrong.append("%s: want %s, got %s" % (key, wanted, reply))
    tap.ok(not wrong, "%d warm answers on one connection are the same (%s)" % (len(cases), mode),
           *wrong)


def no_names(tap, _world, daemon):
    """Section 3: what is no domain name is NOTFOUND, at once and without a trace."""
    for key in NO_NAMES:
        reply = daemon.ask(key)
        tap.ok(reply == "NOTFOUND ", "L20 S22: no domain name: %r" % key, "got " + reply)
    tap.ok("\x01" not in daemon.log(), "nothing of a bad key is copied raw into the log")


def postmap(tap, world, daemon, config):
    """Postfix's own client reads our replies."""
    def ask(key):
        return subprocess.run(
            ["postmap", "-c", config, "-q", key,
             "socketmap:inet:127.0.0.1:%d:QUERY" % daemon.port],
            capture_output=True, text=True, timeout=60)
    found = ask("full.lab")
    tap.ok(found.stdout == "dane-only\n" and found.returncode == 0, "postmap -q: dane-only", found)
    found = ask("sts.plain")
    tap.ok(found.stdout == "secure match=mx1.sts.plain servername=hostname\n",
           "postmap -q: secure with match", found)
    found = ask("none.lab")
    tap.ok(found.stdout == "" and found.returncode == 1, "postmap -q: not found", found)
    found = ask("tlsa-wrong.lab")
    tap.ok(found.returncode == 1 and "tlsa-wrong.lab: TLSA _25._tcp.mx1.tlsa-wrong.lab"
           in found.stderr, "postmap -q: the reason of TEMP is shown", found)
