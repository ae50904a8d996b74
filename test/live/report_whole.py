# SPDX-License-Identifier: BSD-2-Clause
"""The logs of several instances as one: in any order, packed, in pieces, and twice; and
danestsd's lines where Postfix's are."""

import collections
import datetime
import gzip
import random
import shutil

from report_ask import Report
from report_rows import NO_TLS

CUTS = 40        # places where a log begins


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


def in_one_log(tap, world, build, sent):
    """As where both log to syslog."""
    path = world.path("mixed.log")
    lines = []
    for number, name in enumerate((sent.known_file, sent.log_file)):
        with open(name, "rb") as f:
            lines += [(_moment(line), number, line) for line in f]
    with open(path, "wb") as f:
        f.writelines(x[2] for x in sorted(lines, key=lambda x: x[:2]))
    mixed = _content(Report(build, [path]))
    apart = _content(Report(build, [sent.log_file], [sent.known_file]))
    tap.ok(mixed == apart and len(mixed) > 20,
           "danestsd's lines in the mail log say what they say in a file of their own",
           mixed - apart, apart - mixed)


def cut(tap, world, build, sent):
    """As rotation leaves it: what was said before the beginning is not known, and is not
    taken for never having been said."""
    path = world.path("cut.log")
    clear = {s.domain for s in sent.scenes if s.type == NO_TLS}
    with open(sent.log_file, "rb") as f:
        lines = f.readlines()
    wrong = set()
    for begin in range(0, len(lines), len(lines) // CUTS):
        with open(path, "wb") as f:
            f.writelines(lines[begin:])
        report = Report(build, [path])
        wrong |= {(begin, d) for d in {r["Recipient Domain"] for r in report.rows("no-tls")}
                  - clear} | {(begin, c) for c in report.complaints}
    tap.ok(not wrong, "%s: wherever the log begins, no TLS is said of none that took it"
           % sent.setting.title, *sorted(wrong))


def _moment(line):
    """Seconds; Postfix logs in local time without a year."""
    if line[:4].isdigit():
        return datetime.datetime.strptime(line[:20].decode(), "%Y-%m-%dT%H:%M:%S%z").timestamp()
    text = "%d %s" % (datetime.datetime.now().year, line[:15].decode())
    return datetime.datetime.strptime(text, "%Y %b %d %H:%M:%S").timestamp()


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
