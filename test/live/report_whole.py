# SPDX-License-Identifier: BSD-2-Clause
"""The logs of several instances as one: in any order, packed, in pieces, and twice."""

import collections
import gzip
import random
import shutil

from report_ask import Report


def whole(tap, world, build, done):
    """done: what report_run.Sender has sent, with one setting after the other."""
    for joined in (False, True):
        alone = collections.Counter()
        for sent in done:
            alone.update(_content(Report(build, [sent.log_file], [sent.known_file] * joined)))
        files, known = _mixed(world, done)
        report = Report(build, files, known if joined else [])
        found = _content(report)
        tap.ok(found == alone and not report.complaints,
               "%d logs at once%s: %d cells, each the sum of those of one log" % (
                   len(done), " with danestsd's" * joined, len(alone)),
               *["%s: %d, not %d" % (k, found[k], alone[k])
                 for k in sorted(found.keys() | alone.keys()) if found[k] != alone[k]],
               *report.complaints)


def _content(report):
    """{what: count}"""
    found = collections.Counter()
    for row in report.rows("sent"):
        found["sent", row["Date"], row["Security type"]] += row["Count Of Secured Messages"]
    for row in report.rows("no-tls"):
        found["no-tls", row["Date"], row["Recipient Domain"]] += row["Count of Messages"]
    for row in report.rows("blocked-details"):
        found["blocked", *row.values()] += 1
    for row in report.rows("blocked"):
        found["domain", *(v for v in row.values() if not isinstance(v, int))] += \
            row["Count of Messages Blocked"]
    return +found


def _mixed(world, done):
    """Each log in one of several ways; (Postfix's, danestsd's)."""
    files, known = [], [sent.known_file for sent in done]
    for number, sent in enumerate(done):
        base = world.path("whole-%d.log" % number)
        if number % 3 == 0:
            with open(sent.log_file, "rb") as source, gzip.open(base + ".gz", "wb") as target:
                shutil.copyfileobj(source, target)
            files.append(base + ".gz")
        elif number % 3 == 1:
            with open(sent.log_file, "rb") as f:
                lines = f.read().splitlines(True)
            cut = len(lines) // 3
            for name, part in ((base + ".1", lines[:cut]), (base, lines[cut:])):
                with open(name, "wb") as f:
                    f.writelines(part)
                files.append(name)
        else:
            files += [sent.log_file] * 2
    random.Random(5).shuffle(files)
    known.reverse()
    return files, known
