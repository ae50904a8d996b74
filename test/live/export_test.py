# SPDX-License-Identifier: BSD-2-Clause
"""danests cache export: Postfix delivers by the table alone, where no service runs."""

import contextlib
import os
import re
import subprocess

import servers
from daemon import Daemon, find
from postfix import SUBMIT_PORT, Postfix
from postfix_new_test import DEMO, _demo

PATIENCE = 60
# What the table makes of them is what the service would; without a policy of mode
# enforce a domain is in no table, whatever its TLSA records say.
WANTED = ("sts-right.plain", "sts-untrusted.plain", "sts-expired.plain", "sts-outside.plain",
          "sts-stripped.plain", "sts-testing.plain", "both.lab", "opportunistic.plain")
SCENES = [s for s in DEMO if s.row.zone.removeprefix("demo-") in WANTED]
ROWS = [s.row for s in SCENES]


def run(tap, world, build, _options):
    maps = subprocess.run(["postconf", "-c", Postfix(world, 1, "postfix-maps").conf, "-m"],
                          capture_output=True, text=True)
    if "cdb" not in maps.stdout.split():
        tap.skip("export", "this Postfix has no cdb: (package postfix-cdb): " + maps.stderr)
        return
    daemon = Daemon(world, build)
    replies = {s.row.zone: daemon.ask(s.row.zone) for s in SCENES}
    table = os.path.join(daemon.dir, "exported")
    done = subprocess.run([find(build, "danests"), "cache", "export", "--format", "cdb", "-o",
                           table + ".cdb", "--control", daemon.options["control"]],
                          capture_output=True, text=True, timeout=120)
    tap.ok(done.returncode == 0 and not done.stderr, "a cdb is exported", done)
    daemon.stop()
    postfix = Postfix(world, daemon.port, "postfix-export")
    _point_at(postfix, "cdb:" + table)
    wrong = []
    for zone, reply in replies.items():
        done = postfix.run("postmap", "-c", postfix.conf, "-q", zone, "cdb:" + table)
        wanted = reply.removeprefix("OK ") if reply.startswith("OK ") else ""
        if done.stdout.strip() != wanted or done.stderr:
            wrong.append("%s: want %r, got %r" % (zone, wanted, done))
    tap.ok(not wrong and len([r for r in replies.values() if r.startswith("OK ")]) == 6,
           "Postfix reads in it what the service said", replies, *wrong)
    _deliver(tap, world, postfix, replies)


def _point_at(postfix, table):
    path = os.path.join(postfix.dir, "conf", "main.cf")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(re.sub(r"(?m)^smtp_tls_policy_maps = .*$", "smtp_tls_policy_maps = " + table,
                       text))


def _deliver(tap, world, postfix, replies):
    scenes = {"user@" + s.row.zone: s for s in SCENES}
    taken = len(world.mail.received)
    postfix.start()
    try:
        servers.wait_for(lambda: servers.listening("127.0.0.1", SUBMIT_PORT), 10, "Postfix")
        postfix.send(scenes)
        with contextlib.suppress(TimeoutError):   # what is missing is said row by row
            servers.wait_for(lambda: all(o.status for o in postfix.outcomes(scenes).values()),
                             PATIENCE, "Postfix to deliver or to hold")
    finally:
        postfix.stop()
    outcomes = postfix.outcomes(scenes)
    for recipient, scene in scenes.items():
        mail = [m for m in world.mail.received[taken:] if m.recipient == recipient]
        word, wrong = _demo().verdict(scene, replies[scene.row.zone],
                                      outcomes[recipient], mail)
        tap.ok(not wrong, "cdb: without a service: %s: %s: %s" % (
            scene.row.zone, scene.story, scene.ends), wrong, word, outcomes[recipient])
    tap.ok("socketmap" not in postfix.log(), "and nobody is asked", postfix.log()[-2000:])
