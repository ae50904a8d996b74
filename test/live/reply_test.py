# SPDX-License-Identifier: BSD-2-Clause
"""Would Postfix take this reply? danestsd (the check of overrides) and the real Postfix
are asked the same, of every policy in replies.py: one delivery each."""

import concurrent.futures
import os
import re
import subprocess
import time

from daemon import find
from mailsink import MailSink
from postfix import Postfix
from replies import BAD, GOOD, NEWER, STRICTER

ROWS = []
PATIENCE = 120   # seconds for Postfix to be done with all messages
# What it says of a policy, or of a session, that it would not begin.
REFUSED = re.compile(r"client TLS configuration problem")
ABORTED = re.compile(r"Invalid TLS protocol list|invalid cipher grade|error setting cipher grade"
                     r"|invalid unary")


class Ours:
    """danestsd -t with one file of overrides."""

    def __init__(self, world, build):
        self.program = find(build, "danestsd")
        self.file = world.path("reply-overrides-%d")
        self.cache = world.path("reply-cache")
        os.makedirs(self.cache, exist_ok=True)
        self.anchor = world.anchor

    def check(self, number, lines):
        path = self.file % number
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join("%s\n" % line for line in lines))
        done = subprocess.run(
            [self.program, "-c", "/dev/null", "-t", "-o", "overrides=" + path,
             "-o", "cache_dir=" + self.cache, "-o", "trust_anchor=" + self.anchor,
             "-o", "resolver=127.0.0.1"], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stderr, path


def refusals(tap, world, build):
    """The checker alone: one file each for what it must refuse, one for all the rest."""
    ours = Ours(world, build)
    taken = GOOD + [reply for _, reply in NEWER]
    status, said, _ = ours.check(0, ["d%d.example %s" % x for x in enumerate(taken)])
    tap.ok(status == 0, "overrides: %d policies are taken" % len(taken), said)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(
            lambda x: ours.check(x[0], ["# a comment", "d.example %s" % x[1]]),
            enumerate(BAD + STRICTER, 1)))
    wrong = ["%r: %s %s" % (reply, status, said)
             for reply, (status, said, path) in zip(BAD + STRICTER, results)
             if status != 78 or path + ":2: " not in said]
    tap.ok(not wrong, "overrides: %d policies are refused, with file and line"
           % len(results), "\n".join(wrong))


def address(number):
    return "127.9.%d.%d" % (number // 200, number % 200 + 1)


def sender(world, replies):
    """A Postfix that is told each of these for a destination of its own."""
    postfix = Postfix(world, 1, "postfix-replies")
    policies, transport = world.path("reply-policies"), world.path("reply-transport")
    with open(policies, "w", encoding="utf-8") as p, open(transport, "w", encoding="ascii") as t:
        for i, reply in enumerate(replies):
            p.write("[%s] %s\n" % (address(i), reply))
            t.write("d%d.example smtp:[%s]\n" % (i, address(i)))
    with open(os.path.join(postfix.conf, "main.cf"), "a", encoding="ascii") as f:
        f.write("smtp_tls_policy_maps = texthash:%s\ntransport_maps = texthash:%s\n"
                "default_process_limit = 8\nsmtp_tls_loglevel = 1\nsmtp_tls_CAfile = %s\n"
                % (policies, transport, world.ca_file))
    with open(os.path.join(postfix.conf, "master.cf"), "a", encoding="ascii") as f:
        f.write("tlsproxy unix - - n - 0 tlsproxy\n")   # for connection_reuse
    return postfix


def judge(postfix, count):
    """For each destination None, or why Postfix would not go by its policy."""
    recipients = ["x@d%d.example" % i for i in range(count)]
    postfix.send(recipients)
    deadline = time.monotonic() + PATIENCE
    outcomes = {}
    while time.monotonic() < deadline:
        outcomes = postfix.outcomes(recipients)
        if all(o.status for o in outcomes.values()):
            break
        time.sleep(0.3)
    silent = [r for r in recipients if not outcomes[r].status]
    if silent:
        raise RuntimeError("Postfix is not done with " + ", ".join(silent))
    aborted, process = {}, {}
    for line in postfix.log().splitlines():
        who = re.search(r"postfix/smtp\[(\d+)\]: (.*)", line)
        if who and ABORTED.search(who.group(2)):
            process[who.group(1)] = who.group(2)
        done = who and re.match(r"\w+: to=<([^>]*)>", who.group(2))
        if done and who.group(1) in process:
            aborted[done.group(1)] = process.pop(who.group(1))
    return [outcomes[r].text if REFUSED.search(outcomes[r].text) else aborted.get(r)
            for r in recipients]


def version(postfix):
    out = subprocess.run(["postconf", "-c", postfix.conf, "-h", "mail_version"],
                         capture_output=True, text=True).stdout
    return tuple(int(n) for n in re.findall(r"\d+", out)[:2])


def real_postfix(tap, world):
    """The same of the real one; what is too new for it, it must refuse."""
    replies = GOOD + BAD + [reply for _, reply in NEWER]
    sink = MailSink()
    certificate, _ = world.pki.mail("sink.example", "good")
    for i in range(len(replies)):
        sink.add(address(i), "sink.example", certificate)
    sink.start()
    postfix = sender(world, replies)
    since = version(postfix)
    takes = ([True] * len(GOOD) + [False] * len(BAD) + [since >= v for v, _ in NEWER])
    postfix.start()
    try:
        verdicts = judge(postfix, len(replies))
    finally:
        postfix.stop()
    wrong = ["%r: %s" % (reply, verdict or "taken") for reply, verdict, want
             in zip(replies, verdicts, takes) if (verdict is None) != want]
    tap.ok(not wrong, "overrides: Postfix %d.%d takes %d policies, and refuses %d"
           % (since + (takes.count(True), takes.count(False))), "\n".join(wrong))


def run(tap, world, build, _options):
    tap.run(refusals, world, build)
    tap.run(real_postfix, world)
