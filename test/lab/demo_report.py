# SPDX-License-Identifier: BSD-2-Clause
"""The end of the demo: what dane-report makes of its two logs, as an administrator sees
it, and whether that is what the demo did."""

import collections
import contextlib
import csv
import os
import pty
import subprocess
import tempfile

from daemon import find

GUARD = 20     # seconds
WIDTH = 80
REPORTS = (
    ("blocked", "What waits, and why"),
    ("sent", "--since", "1d", "How the rest was secured"),
    ("no-tls", "Who takes no TLS"),
    ("summary", "All in all"),
)
# spec.md, section 8: types of what can be sent, and of what can be blocked.
DELIVERED = {"dane": "SMTP DANE with DNSSEC", "sts": "MTA-STS",
             "both": "SMTP DANE with DNSSEC and MTA-STS", "tls": "TLS-only", "clear": "No TLS"}


def _command(build, logs, *arguments):
    maillog, known = logs
    return [find(build, "dane-report"), *arguments, "--policies", known, maillog]


def _terminal(argv):
    """(what it writes to a terminal of that width, to which it makes a table fit; standard
    error)"""
    screen, end = pty.openpty()
    with open(screen, "rb", buffering=0) as out, tempfile.TemporaryFile("w+") as footer:
        child = subprocess.Popen(argv, stdout=end, stderr=footer,
                                 env=dict(os.environ, COLUMNS=str(WIDTH)))
        os.close(end)
        text = b""
        with contextlib.suppress(OSError):   # that is how a terminal ends
            while piece := out.read(65536):
                text += piece
        status = child.wait(GUARD)
        footer.seek(0)
        if status != 0:
            raise RuntimeError("%s: status %d: %s" % (" ".join(argv), status, footer.read()))
        return text.decode().replace("\r\n", "\n"), footer.read()


def _rows(build, logs, name):
    done = subprocess.run(_command(build, logs, name, "--format", "csv"), capture_output=True,
                          text=True, timeout=GUARD, check=True)
    return list(csv.DictReader(done.stdout.splitlines()))


def show(build, logs):
    """The tables; lines that are too wide for a terminal."""
    wide = []
    for *arguments, title in REPORTS:
        out, footer = _terminal(_command(build, logs, *arguments))
        print("\n%s:  dane-report %s\n\n%s" % (title, " ".join(arguments), out.rstrip("\n")))
        wide += [x for x in out.splitlines() if len(x) > WIDTH]
    print("\n" + footer.rstrip("\n"))
    return ["too wide: " + x for x in wide]


def wrong(build, logs, scenes):
    """Where it differs from what was done."""
    sent = collections.Counter(DELIVERED[s.told] for s in scenes if s.ends != "held")
    told = collections.Counter()
    for row in _rows(build, logs, "sent"):
        told[row["Security type"]] += int(row["Count Of Secured Messages"])
    blocked = {(s.row.zone, DELIVERED[s.told]) for s in scenes if s.ends == "held"}
    held = {(r["Recipient Domain"], r["Security Type"]) for r in _rows(build, logs, "blocked")}
    clear = {s.row.zone for s in scenes if s.ends == "clear"}
    found = {r["Recipient Domain"] for r in _rows(build, logs, "no-tls")}
    return ["dane-report says %s instead of %s" % x
            for x in ((+told, sent), (held, blocked), (found, clear)) if x[0] != x[1]]
