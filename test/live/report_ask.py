# SPDX-License-Identifier: BSD-2-Clause
"""dane-report, asked as an administrator would, and its answers taken apart."""

import collections
import concurrent.futures
import csv
import io
import json
import os
import subprocess

from daemon import find

GUARD = 60       # seconds after which it hangs
AT_ONCE = 2
HEADERS = {
    "blocked": ["Recipient Domain", "Security Type", "Count of Messages Blocked",
                "Distinct Error Generated for Domain"],
    "blocked-details": ["Time", "Security type", "Error Details", "Sender", "Recipient",
                        "Recipient Domain", "Message ID"],
    "sent": ["Date", "Security type", "Count Of Secured Messages"],
    "no-tls": ["Date", "Recipient Domain", "Count of Messages"],
}


class Report:
    """One set of logs; known: danestsd's."""

    def __init__(self, build, logs, known=()):
        self.program = find(build, "dane-report")
        self.files = list(logs) + [x for k in known for x in ("--policies", k)]
        self.complaints = []

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments, "--all-time", *self.files], capture_output=True,
            timeout=GUARD, env=dict(os.environ, LC_ALL="C"), check=False)
        if done.returncode != 0:
            self.complaints.append("%s: exit %d: %s" % (" ".join(arguments), done.returncode,
                                                        done.stderr.decode(errors="replace")))
        return done

    def rows(self, name, *arguments):
        done = self.run(name, "--format", "json", *arguments)
        return json.loads(done.stdout or "[]")

    def table(self, name, *arguments):
        """The same by CSV, header and all."""
        text = self.run(name, "--format", "csv", *arguments).stdout.decode("utf-8")
        return list(csv.reader(io.StringIO(text, newline="")))

    def sent(self, domain):
        """{type: count} of one domain."""
        found = collections.Counter()
        for row in self.rows("sent", "--domain-is", domain):
            found[row["Security type"]] += row["Count Of Secured Messages"]
        return {k: v for k, v in found.items() if v}

    def sent_of(self, domains):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(domains, pool.map(self.sent, domains)))
