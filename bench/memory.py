# SPDX-License-Identifier: BSD-2-Clause
"""What a remembered domain without a policy takes, what the bound is worth, and how
many instructions a warm question costs."""
import os
import re
import shutil
import subprocess

import service
from proc import Failure, Server
from table import Table, count
from world import answers

FLOOR = "127.0.0.9"     # where bench/dnsfloor answers for every name
MEGA = 1 << 20


def _grow(bench, size, domains, table, label):
    """Ask for so many names once each, with a warm client beside."""
    with service.danestsd(bench, "trust-ad", resolver=FLOOR, cache_size=size,
                          log_repeat="0") as ours:
        ours.ready("first.example", "NOTFOUND")
        before = ours.server.rss()
        warm = subprocess.Popen([bench.tools.bench("mapload"), "-c", "1", "-r", "200", "-n",
                                 "100000000", "-k", "first.example", ours.unix],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            figures = service.load(bench, ours.tcp, "-c", 500, "-n", domains, "-w", domains,
                                   "-k", "nothing-here-%.example")
        finally:
            # Told to stop, it reports what it saw.
            warm.terminate()
            text, _ = warm.communicate(timeout=30)
        service.expect(figures, "NOTFOUND", "growing")
        seen = dict(line.split(" ", 1) for line in text.splitlines())
        grown = ours.server.rss() - before
        table.add(label, size, count(domains), count(figures["rate"]), f"{grown / MEGA:.1f}",
                  f"{grown / domains:.0f}", f"{ours.server.rss(child=True) / MEGA:.1f}",
                  f"{float(seen['p99_us']) / 1000:.2f}", f"{float(seen['max_us']) / 1000:.2f}")


def growth(bench, out):
    table = Table("Domains without a policy (aim: 300 octets each, no warm answer later than "
                  "5 ms)", "names", "cache_size", "domains", "domains/s", "grown MB",
                  "octets each", "helper MB", "warm p99 ms", "warm max ms")
    for option, label in ((["-x"], "do not exist"), ([], "MX and A of their own")):
        argv = [bench.tools.bench("dnsfloor"), *option, FLOOR, "53"]
        with Server("dnsfloor", argv, bench.folder) as floor:
            floor.wait_for(lambda: answers(FLOOR), 10, "answer")
            if option:
                _grow(bench, "1G", bench.names, table, label)
            _grow(bench, "16M", bench.names // 5, table, label)
    table.note("dnssec = trust-ad, the resolver being bench/dnsfloor; grown: resident set of "
               "danestsd;")
    table.note("warm: one connection, 200 questions a second, waiting counted, on a busy "
               "machine.")
    table.show(out)


def _count(bench, questions):
    """Instructions of a whole run with so many warm questions in it."""
    log = os.path.join(bench.folder, f"callgrind.{questions}")
    prefix = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + log + ".out",
              "--log-file=" + log]
    with service.danestsd(bench, "validate", prefix=prefix, dns_timeout="30s") as ours:
        ours.ready("d0000000.bench", "OK dane")
        figures = service.load(bench, ours.tcp, "-c", 1, "-n", questions, "-k",
                               "d0000000.bench")
        service.expect(figures, "OK", "under callgrind")
    with open(log, encoding="ascii", errors="replace") as f:
        found = re.search(r"Collected : (\d+)", f.read())
    if found is None:
        raise Failure(f"callgrind said nothing in {log}")
    return int(found.group(1))


def instructions(bench, out):
    table = Table("Instructions for a warm question (callgrind; difference of two runs)",
                  "questions", "instructions", "each")
    if shutil.which("valgrind") is None:
        table.note("valgrind is not installed")
    else:
        few, many = (_count(bench, n) for n in (bench.counted, 2 * bench.counted))
        each = (many - few) / bench.counted
        table.add(count(bench.counted), count(few), "")
        table.add(count(2 * bench.counted), count(many), count(each))
    table.show(out)
