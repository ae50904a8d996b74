# SPDX-License-Identifier: BSD-2-Clause
"""The chain that a server shows, as openssl s_client saves it, before danests verify: the
same library without DNS and without SMTP has to come to the same token."""

import json
import os
import re
import subprocess

from daemon import find

CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.S)
GUARD = 60


def _saved(case, path):
    """What the judged server shows, into a file."""
    address = "[%s]" % case.mail.address if ":" in case.mail.address else case.mail.address
    done = subprocess.run(
        ["openssl", "s_client", "-starttls", "smtp", "-showcerts", "-servername", case.server,
         "-connect", "%s:%d" % (address, case.mail.port)],
        input="", capture_output=True, text=True, timeout=GUARD)
    with open(path, "w", encoding="ascii") as f:
        f.write("".join(CERTIFICATE.findall(done.stdout)))


def _records(case):
    """TLSA records of the judged server, as they stand in its zone."""
    owner = "_%d._tcp%s" % (case.mail.port, "" if case.judged == "@" else "." + case.judged)
    return [line[len(owner) + len(" TLSA "):] for line in case.row.text.splitlines()
            if line.startswith(owner + " TLSA ")]


def _arguments(world, case, folder):
    """What is published, or None: nothing that a chain could be held against."""
    out = ["--host", case.host or case.server, "--base", case.server, "--nexthop", case.domain]
    records, sts = _records(case), case.row.sts
    for record in records:
        out += ["--tlsa", record]
    if sts and (sts.how, sts.cert, sts.body) == ("good", "good", None):
        policy = os.path.join(folder, case.domain + ".policy")
        with open(policy, "w", encoding="ascii", newline="") as f:
            f.write(sts.policy(case.domain))
        out += ["--sts-policy", policy, "--ca", world.ca_file]
    elif not records:
        return None
    return out


def by_verify(world, build, case):
    """What it says, as JSON; None where there is no chain, or nothing to hold it against."""
    folder = world.path("check-chains")
    os.makedirs(folder, exist_ok=True)
    arguments = _arguments(world, case, folder) if case.judged else None
    if arguments is None:
        return None
    chain = os.path.join(folder, case.domain + ".pem")
    _saved(case, chain)
    done = subprocess.run([find(build, "danests"), "verify", "--json"] + arguments + [chain],
                          capture_output=True, text=True, timeout=GUARD)
    if done.stderr or not done.stdout:
        raise RuntimeError("%s" % done)
    said = json.loads(done.stdout)
    if (done.returncode == 0) != (said["verdict"] == "pass"):
        raise RuntimeError("exit %d: %s" % (done.returncode, said))
    return said
