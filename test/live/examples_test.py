# SPDX-License-Identifier: BSD-2-Clause
"""The worked examples: each is handed a message for every situation of check_rows.py, and
delivers it where the standards say that it may go, over TLS where they want TLS, and nowhere
else."""

import concurrent.futures
import os
import subprocess

from check_rows import BOUNCED, CASES, CLEAR, HELD, ROWS  # noqa: F401 (ROWS: for run.py)

MESSAGE = b"Subject: hello\r\n\n.a line with a dot\nand one without end"
# TLS 1.1 will do for the standards (U15); whether a TLS library still speaks it is its own
# business. And who is told more than was asked for, ahead of TLS, may hang up.
LEFT_OUT = {"check-oldtls.lab", "check-injected.lab"}
# Postfix has one level for all hosts of a domain and leaves out those without TLSA records; a
# sender that looks at one host after the other need not (dane_sts_mixed).
HOST_BY_HOST = {"check-mixed.lab", "check-mixed-wrong.lab"}
# Its MX host has a name in another domain.
ELSEWHERE = {"check-half-wrong.plain": "check-ee-wrong.lab"}
# spec.md section 7: where no TLSA record is usable and there is no TLS
TOKENS = {"check-unusable-clear.lab": "tlsa-invalid"}


def options(world):
    found = []
    for name, value in (("resolver", "127.0.0.1"), ("trust_anchor", world.anchor),
                        ("ca_file", world.ca_file), ("private_policy_hosts", "allow"),
                        ("dns_timeout", "3s"), ("https_timeout", "4s")):
        found += ["-o", "%s=%s" % (name, value)]
    return found


def send(program, world, sender, recipients):
    return subprocess.run([program] + options(world) + [sender] + recipients, input=MESSAGE,
                          capture_output=True, timeout=180)


def verdict(tap, example, world, case, to, status, said):
    """to: the recipient with a tag, so that examples do not share one."""
    came = [r for r in world.mail.received if r.recipient == to]
    goes = case.ends not in (HELD, BOUNCED) or case.domain in HOST_BY_HOST
    token = "" if goes else TOKENS.get(case.domain, case.token)
    where = ELSEWHERE.get(case.domain, case.domain)
    said = "".join(line for line in said.splitlines(True) if where in line)
    good = len(came) == goes and status == (0 if goes else 75)
    if goes and came:
        good = good and bool(came[0].tls) == (case.ends != CLEAR)
    tap.ok(good and token in said, "%s: %s: %s: %s" % (
        example, case.domain, case.story,
        "delivered" if goes else " ".join(filter(None, (case.ends, token)))),
        came, status, said)


def tagged(case, tag):
    return "%s@%s" % (tag, case.nexthop)


def gnutls(tap, world, program, cases):
    """A process for each message."""
    def one(case):
        return send(program, world, "gnutls@lab", [tagged(case, "gnutls")])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for case, done in zip(cases, pool.map(one, cases)):
            verdict(tap, "send-gnutls", world, case, tagged(case, "gnutls"), done.returncode,
                    done.stderr.decode())


def openssl(tap, world, program, cases):
    """All of them in one loop."""
    done = send(program, world, "openssl@lab", [tagged(c, "openssl") for c in cases])
    lines = dict(line.split(" ", 1) for line in done.stdout.decode().splitlines())
    tap.ok(done.returncode == 75 and len(lines) == len(cases), "send-openssl ends", done)
    for case in cases:
        status = {"delivered": 0, "deferred": 75}.get(lines.get(tagged(case, "openssl")))
        verdict(tap, "send-openssl", world, case, tagged(case, "openssl"), status,
                done.stderr.decode())


def run(tap, world, build, _options):
    cases = [c for c in CASES if not c.nexthop.startswith("[") and c.domain not in LEFT_OUT]
    for name, test in (("send-gnutls", gnutls), ("send-openssl", openssl)):
        program = os.path.join(build, "examples", name)
        if os.access(program, os.X_OK):
            tap.run(test, world, program, cases)
        else:
            tap.skip(name, "was not built")
