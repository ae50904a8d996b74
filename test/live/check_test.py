# SPDX-License-Identifier: BSD-2-Clause
"""One code path: the real Postfix sends a message into each situation of check_rows.py,
danests check looks at it, danests verify at the chain it shows; they agree."""

import contextlib
import os

import servers
from check_rows import CASES, DIFFERENCES, ROWS  # noqa: F401 (ROWS: for run.py)
from check_words import postfix_verdicts
from daemon import Daemon
from postfix import SUBMIT_PORT, Postfix

PATIENCE = 120   # seconds for Postfix to be done with all messages
# Half-dane is off where smtp_tls_security_level is not dane; and what Postfix gives up of
# itself, such as the sixth address, is not what is looked at here.
LINES = """smtp_tls_dane_insecure_mx_policy = dane
smtp_tls_loglevel = summary,certmatch
smtp_mx_address_limit = 0
smtp_mx_session_limit = 0
smtp_tls_mandatory_protocols = >=TLSv1.2
transport_maps = texthash:%s
default_process_limit = 20
"""


def nexthop(case):
    return (case.nexthop or "@").replace("@", case.domain)


def recipient(case):
    name = nexthop(case)
    return "user@" + (case.domain if name.startswith("[") else name)


def by_postfix(world, build):
    """{domain: Verdict}, by the log of the real one."""
    daemon = Daemon(world, build)
    transport = world.path("check-transport")
    with open(transport, "w", encoding="ascii") as f:
        f.writelines("%s smtp:%s\n" % (c.domain, nexthop(c)) for c in CASES
                     if nexthop(c).startswith("["))
    postfix = Postfix(world, daemon.port, "postfix-check", more=LINES % transport)
    wanted = {recipient(c): c.domain for c in CASES}
    postfix.start()
    try:
        servers.wait_for(lambda: servers.listening("127.0.0.1", SUBMIT_PORT), 10, "Postfix")
        postfix.send(wanted)
        with contextlib.suppress(TimeoutError):   # what is missing is said case by case
            servers.wait_for(lambda: set(postfix_verdicts(postfix.log())) >= set(wanted),
                             PATIENCE, "Postfix to deliver or to hold")
    finally:
        postfix.stop()
        daemon.stop()
    verdicts = postfix_verdicts(postfix.log())
    return {domain: verdicts.get(r) for r, domain in wanted.items()}


def postfix_says(tap, verdicts):
    """Postfix does what the standards ask of a sender, or differs as it is known to."""
    for case in CASES:
        verdict = verdicts[case.domain]
        ends, token, why = DIFFERENCES.get(case.domain, (case.ends, case.token, ""))
        good = verdict and verdict.ends == ends and (
            not token or token in verdict.tokens) and all(
            (token or case.partly) in tried for tried in verdict.failed)
        tap.ok(good, "Postfix: %s: %s: %s%s" % (
            case.domain, case.story, " ".join(filter(None, (ends, token))),
            " (%s)" % why if why else ""), verdict)


def run(tap, world, build, _options):
    verdicts = by_postfix(world, build)
    tap.run(postfix_says, verdicts)
