# SPDX-License-Identifier: BSD-2-Clause
"""What a remembered domain without a policy takes, what the bound is worth, and how
many instructions a warm question costs."""
import os
import re
import shutil
import subprocess

import service
from proc import Failure, Server, figures
from table import Table, count
from world import answers

FLOOR = "127.0.0.9"     # where bench/dnsfloor answers for every name
MEGA = 1 << 20


def watcher(bench, endpoint):
    """One warm client, until it is told to stop: then it reports what it saw."""
    return subprocess.Popen([bench.tools.bench("mapload"), "-c", "1", "-r", "200", "-n",
                             "100000000", "-k", "first.example", endpoint],
                            stdout=subprocess.PIPE, text=True)


def told(watcher):
    watcher.terminate()
    text, _ = watcher.communicate(timeout=30)
    if watcher.returncode != 0:
        raise Failure("the warm client lost its server")
    return figures(text)


def _grow(bench, size, domains, table, label):
    """Ask for so many names once each, with a warm client beside, and another at echo."""
    with service.danestsd(bench, "trust-ad", resolver=FLOOR, cache_size=size) as ours, \
            service.echo(bench, "unix") as floor:
        ours.ready("first.example", "NOTFOUND")
        before = ours.server.rss()
        watchers = [watcher(bench, ours.unix), watcher(bench, floor.unix)]
        try:
            seen = service.load(bench, ours.tcp, "-c", 500, "-n", domains, "-w", domains,
                                "-k", "nothing-here-%.example")
        finally:
            warm, floor_warm = (told(w) for w in watchers)
        service.expect(seen, "NOTFOUND", "growing")
        grown = ours.server.rss() - before
        table.add(label, size, count(domains), count(seen["rate"]), f"{grown / MEGA:.1f}",
                  f"{grown / domains:.0f}", f"{ours.server.rss(child=True) / MEGA:.1f}",
                  *(f"{f[k] / 1000:.2f}" for f in (warm, floor_warm)
                    for k in ("p99_us", "max_us")))


def growth(bench, out):
    table = Table("Domains without a policy (aim: 300 octets each, no warm answer later than "
                  "5 ms)", "names", "cache_size", "domains", "domains/s", "grown MB",
                  "octets each", "helper MB", "warm p99 ms", "max", "echo p99", "max")
    for option, label in ((["-x"], "do not exist"), ([], "MX and A of their own")):
        argv = [bench.tools.bench("dnsfloor"), *option, FLOOR, "53"]
        with Server("dnsfloor", argv, bench.folder) as floor:
            floor.wait_for(lambda: answers(FLOOR), 10, "answer")
            if option:
                _grow(bench, "1G", bench.names, table, label)
            _grow(bench, "16M", bench.names // 5, table, label)
    table.note("dnssec = trust-ad, the resolver being bench/dnsfloor; grown: resident set of "
               "danestsd;")
    table.note("warm: one unix connection, 200 questions a second, waiting counted; echo: "
               "the same to an echo server.")
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
