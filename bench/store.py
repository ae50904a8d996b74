# SPDX-License-Identifier: BSD-2-Clause
"""Policies on disk: what a start with a million of them takes, what one costs to write,
and what warm clients notice while they are folded into a new snapshot."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

import memory
import policyhost
import service
from proc import Failure, Server, figures
from table import Table, count
from world import answers

ZONE = "held.example"
FOLD_BYTES = 20 << 20   # more than a journal may grow
LARGE = 60000           # octets of a policy that makes it grow
PATIENCE = 300


def _folder(bench, name):
    """Empty; the daemon runs as us, and nobody else is to look."""
    path = os.path.join(bench.folder, name)
    shutil.rmtree(path, ignore_errors=True)
    os.mkdir(path, 0o700)
    return path


def _fill(bench, folder, policies):
    """So many policies, fetched an hour ago; what it wrote for them."""
    argv = [bench.tools.bench("fill"), folder, bench.world.anchor, ZONE, str(policies), "3600"]
    begun = time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, timeout=3600, check=False)
    if done.returncode != 0:
        raise Failure(f"fill: {done.stderr.strip()}")
    seen = figures(done.stdout)
    if seen["held"] != policies:
        raise Failure(f"fill: {policies} policies were put, {seen['held']:.0f} are held")
    return dict(seen, seconds=time.monotonic() - begun)


def _floor(bench, *options):
    server = Server("dnsfloor", [bench.tools.bench("dnsfloor"), *options, memory.FLOOR, "53"],
                    bench.folder)
    server.wait_for(lambda: answers(memory.FLOOR), 10, "answer")
    return server


def _resident(pid):
    """Megabytes of a process: of its own, and of files that it has mapped."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        found = dict(re.findall(r"^(Rss\w+):\s+(\d+)", f.read(), re.M))
    return int(found["RssAnon"]) / 1024, int(found["RssFile"]) / 1024


def _first_answer(ours, key, start):
    """Seconds from exec to a right answer."""
    begun = time.monotonic()
    while True:
        try:
            reply = service.ask(ours.tcp, key)
            break
        except OSError:
            if time.monotonic() - begun > PATIENCE or not ours.server.alive():
                raise Failure(f"no answer:\n{ours.server.tail()}") from None
            time.sleep(0.0005)
    taken = time.monotonic() - begun
    if not reply.startswith(start):
        raise Failure(f"{key}: {reply!r}")
    return taken


def _start(bench, folder, key, start):
    """The best of five: the first ones read the files, and any may be disturbed."""
    seen = []
    for _ in range(5):
        with service.danestsd(bench, "trust-ad", resolver=memory.FLOOR, cache_dir=folder,
                              cache_size="1G") as ours:
            seen.append((_first_answer(ours, key, start), *_resident(ours.server.pid)))
            ours.server.popen.send_signal(signal.SIGKILL)
            ours.server.popen.wait()
    return sorted(seen)


def recovery(bench, out):
    table = Table("Start after SIGKILL (aim: first answer within 100 ms)", "policies",
                  "first answer ms", "slowest", "own MB", "mapped MB", "files MB",
                  "octets each", "written each", "put/s")
    with _floor(bench):
        for policies in (0, bench.names // 100, bench.names):
            folder = _folder(bench, "recovery")
            seen = _fill(bench, folder, policies) if policies else {}
            key = f"d{policies // 2:07d}.{ZONE}"
            starts = _start(bench, folder, key, "OK secure" if policies else "NOTFOUND")
            size = seen.get("snapshot", 0) + seen.get("journal", 0)
            table.add(count(policies), f"{1000 * starts[0][0]:.0f}",
                      f"{1000 * starts[-1][0]:.0f}", f"{starts[0][1]:.1f}",
                      f"{starts[0][2]:.1f}", f"{size / memory.MEGA:.1f}",
                      f"{size / policies:.0f}" if policies else "-",
                      f"{seen['written'] / policies:.0f}" if policies else "-",
                      count(policies / seen["seconds"]) if policies else "-")
            shutil.rmtree(folder)
    table.note("exec to the answer, best and slowest of five; files in the page cache. written: "
               "all octets, folds included; put/s: made durable 10 000 at a time.")
    table.show(out)


def _large(folder):
    """Records for danests cache import, large enough that the journal has to be folded."""
    path = os.path.join(folder, "large.json")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    with open(path, "w", encoding="ascii") as f:
        for i in range(FOLD_BYTES // LARGE):
            text = "version: STSv1\r\nmode: enforce\r\nmx: mx.large.example\r\n" \
                   "max_age: 604800\r\n" + f"x-filler: {'x' * 190}\r\n" * (LARGE // 202)
            f.write(json.dumps({"domain": f"l{i}.large.example", "id": "1", "fetched": now,
                                "text": text}) + "\n")
    return path


def _fold_over(snapshot, before, ours):
    """Seconds until another snapshot is in place."""
    begun = time.monotonic()
    while os.stat(snapshot).st_ino == before:
        if time.monotonic() - begun > PATIENCE or not ours.server.alive():
            raise Failure(f"no new snapshot:\n{ours.server.tail()}")
        time.sleep(0.01)
    return time.monotonic() - begun


WARM_HEADS = ("seconds", "warm p50 us", "p99 us", "max ms", "echo p50", "p99 us", "max ms")


def _rest():
    time.sleep(3)
    return 3


def _beside(bench, table, ours, floor, label, work):
    """A row: what warm clients of both see while work() goes on, which says how long it
    took."""
    watchers = [memory.watcher(bench, who.unix) for who in (ours, floor)]
    try:
        seconds = work()
    finally:
        seen = [memory.told(w) for w in watchers]
    table.add(label, f"{seconds:.1f}", *(cell for f in seen for cell in (
        f"{f['p50_us']:.0f}", f"{f['p99_us']:.0f}", f"{f['max_us'] / 1000:.1f}")))


def _fold(bench, ours, folder, large):
    snapshot = os.path.join(folder, "policies.cdb")
    before = os.stat(snapshot).st_ino
    importer = subprocess.Popen(
        [bench.tools.path("tools/danests"), "cache", "import", "--control",
         f"unix:{bench.folder}/control", large], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        return _fold_over(snapshot, before, ours)
    finally:
        importer.kill()
        importer.wait()


def folding(bench, out):
    table = Table("Warm clients while journals are folded (aim: no answer later than 5 ms)",
                  "meanwhile", *WARM_HEADS)
    folder = _folder(bench, "folding")
    _fill(bench, folder, bench.names)
    large = _large(bench.folder)
    with _floor(bench), service.echo(bench, "unix") as floor, \
            service.danestsd(bench, "trust-ad", resolver=memory.FLOOR, cache_dir=folder,
                             cache_size="1G") as ours:
        ours.ready("first.example", "NOTFOUND")
        _beside(bench, table, ours, floor, "nothing", _rest)
        _beside(bench, table, ours, floor, f"{count(bench.names)} policies are folded",
                lambda: _fold(bench, ours, folder, large))
    shutil.rmtree(folder)
    table.note("warm: one unix connection, 200 questions a second, waiting counted; echo: the same")
    table.note("to an echo server. The fold is set off by an import of 20 MB of large policies.")
    table.show(out)


def _refreshed(bench):
    """How many, by danests status."""
    done = subprocess.run([bench.tools.path("tools/danests"), "status", "--json", "--control",
                           f"unix:{bench.folder}/control"], capture_output=True, text=True,
                          timeout=30, check=False)
    if not done.stdout:
        raise Failure(f"danests status: {done.stderr.strip()}")
    seen = json.loads(done.stdout)["policies"]
    if seen["refreshes_failed"] > 0:
        raise Failure(f"{seen['refreshes_failed']} refreshes failed")
    return seen["refreshes"]


def refreshing(bench, out):
    domains = min(bench.names // 10, 10000)
    table = Table("Warm clients while policies are refreshed (aim: no answer later than 5 ms)",
                  "meanwhile", *WARM_HEADS)
    folder = _folder(bench, "refreshing")
    _fill(bench, folder, domains)
    host, authority = policyhost.start(bench, ZONE, domains)
    with host, _floor(bench, "-p", policyhost.ADDRESS), service.echo(bench, "unix") as floor, \
            service.danestsd(bench, "trust-ad", resolver=memory.FLOOR, cache_dir=folder,
                             ca_file=authority, private_policy_hosts="allow",
                             refresh="60s") as ours:
        before = ours.server.cpu()

        def refresh():
            begun = time.monotonic()
            while _refreshed(bench) < domains:
                if time.monotonic() - begun > PATIENCE or not ours.server.alive():
                    raise Failure(f"{_refreshed(bench)} refreshed only:\n{ours.server.tail()}")
                time.sleep(0.5)
            return time.monotonic() - begun

        ours.ready("first.example", "")
        _beside(bench, table, ours, floor, f"{count(domains)} policies are refreshed", refresh)
        spent = (ours.server.cpu() - before) / domains
        _beside(bench, table, ours, floor, "nothing", _rest)
    shutil.rmtree(folder)
    table.note("warm and echo as above; the policies come from an nginx here, by TLS of its own "
               "for each.")
    table.note(f"CPU for each, helper included: {1000 * spent:.1f} ms.")
    table.show(out)
