# SPDX-License-Identifier: BSD-2-Clause
"""dane-report beside what else reads mail logs, and beside programs that only look."""
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

from proc import Failure
from table import Table, count, middle, ratio

LOGWATCH = "/usr/share/logwatch"
WORDS = {"yes": "1", "true": "1", "on": "1", "no": "0", "false": "0", "off": "0"}


class Cost:
    """What a run took: seconds, seconds of CPU, octets of the largest process."""

    def __init__(self, wall, cpu, rss):
        self.wall, self.cpu, self.rss = wall, cpu, rss


class Watch(threading.Thread):
    """The most that a process had in memory. Its rusage has what Python's fork had, too."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.path = f"/proc/{pid}/status"
        self.peak = 0

    def run(self):
        while True:
            try:
                with open(self.path, encoding="ascii", errors="replace") as f:
                    peak = [line for line in f if line.startswith("VmHWM:")]
            except OSError:
                return
            if not peak:
                return
            self.peak = int(peak[0].split()[1]) * 1024
            time.sleep(0.005)


def _start(stages, feed, env, out):
    running = []
    for i, argv in enumerate(stages):
        last = i == len(stages) - 1
        p = subprocess.Popen(argv, stdin=feed, stderr=subprocess.DEVNULL, env=env,
                             stdout=out if last else subprocess.PIPE)
        if hasattr(feed, "close"):
            feed.close()
        feed = p.stdout
        running.append(p)
    return running


def _run(stages, path=None, env=None):
    """Programs one after the other in a pipe, to the end. Their output goes to a file: with
    /dev/null there grep would not read on after the first line."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        running = _start(stages, open(path, "rb") if path else subprocess.DEVNULL, env, out)
        watches = [Watch(p.pid) for p in running]
        for watch in watches:
            watch.start()
        cpu = 0
        for p in running:
            _, status, used = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
            cpu += used.ru_utime + used.ru_stime
        wall = time.monotonic() - began
    for p, watch in zip(running, watches):
        watch.join()
        if p.returncode != 0:
            raise Failure(f"{p.args[0]}: exit {p.returncode}")
    return Cost(wall, cpu, max(watch.peak for watch in watches))


def _environment(bench):
    return dict(bench.tools.env, TZ="UTC", LC_ALL="C")


def _fill(bench, name, *options):
    """A log of that kind, in memory of the system afterwards; and how many lines it has."""
    path = os.path.join(bench.folder, name)
    with open(path, "wb") as out:
        done = subprocess.run([bench.tools.bench("logfill"), "-m", str(bench.log_megabytes),
                               *options], stdout=out, stderr=subprocess.PIPE, text=True,
                              check=False)
    if done.returncode != 0:
        raise Failure(f"logfill: {done.stderr.strip()}")
    return path, int(done.stderr.split()[1])


def _ours(bench, *files):
    return [bench.tools.path("tools/dane-report"), "blocked", "--all-time", "--format", "csv",
            *files]


def _logwatch():
    """logwatch's own stages for Postfix and what its configuration says to them."""
    script = os.path.join(LOGWATCH, "scripts/services/postfix")
    if not os.path.exists(script):
        return None, {}
    settings, only = {"LOGWATCH_DETAIL_LEVEL": "5"}, ".*"
    with open(os.path.join(LOGWATCH, "default.conf/services/postfix.conf"),
              encoding="utf-8", errors="replace") as f:
        for line in f:
            match = re.match(r"([*$])(\w+)\s*=\s*\"?(.*?)\"?\s*$", line)
            if match and match[1] == "$":
                settings[match[2]] = WORDS.get(match[3].lower(), match[3])
            elif match and match[2] == "OnlyService":
                only = match[3]
    return [["perl", os.path.join(LOGWATCH, "scripts/shared/onlyservice"), only],
            ["perl", script]], settings


def _mid(runs):
    return Cost(*(middle([getattr(r, name) for r in runs]) for name in ("wall", "cpu", "rss")))


def _megabytes(octets):
    return f"{octets / 1e6:.1f}"


def _others(path):
    """Label, stages, what the environment has more, runs."""
    stages, settings = _logwatch()
    yield "grep -c status=", [["grep", "-c", "status=", path]], {}, 4, None
    yield "wc -l", [["wc", "-l", path]], {}, 4, None
    if shutil.which("pflogsumm"):
        yield "pflogsumm", [["pflogsumm", path]], {}, 1, None
    if stages:
        yield "logwatch's postfix", stages, settings, 1, path


def against_others(bench, out):
    path, lines = _fill(bench, "mail.log")
    env = _environment(bench)
    table = Table(f"dane-report beside others: {os.path.getsize(path) / 1e6:.0f} MB, "
                  f"{count(lines)} lines, warm file (aim: <= 3 times grep's time, >= 40 times "
                  "pflogsumm's rate, < 64 MB)", "program", "seconds", "CPU s", "lines/s",
                  "ns/line", "time/grep's", "ours is faster", "peak MB")
    runs = {"dane-report": []}
    others = list(_others(path))
    for label, stages, more, rounds, feed in others:
        runs[label] = []
        for _ in range(rounds):
            runs[label].append(_run(stages, feed, dict(env, **more)))
            runs["dane-report"].append(_run([_ours(bench, path)], env=env))
    mid = {label: _mid(costs) for label, costs in runs.items()}
    for label, cost in mid.items():
        table.add(label, f"{cost.wall:.2f}", f"{cost.cpu:.2f}", count(lines / cost.wall),
                  f"{cost.wall * 1e9 / lines:.0f}",
                  ratio(cost.wall, mid["grep -c status="].wall),
                  ratio(cost.wall, mid["dane-report"].wall), _megabytes(cost.rss))
    for name, there in (("pflogsumm", shutil.which("pflogsumm")), ("logwatch", _logwatch()[0])):
        if not there:
            table.note(f"{name}: not installed")
    table.show(out)
    os.unlink(path)


def forms(bench, out):
    env = _environment(bench)
    table = Table("dane-report and the form of the log", "log", "lines", "seconds", "CPU s",
                  "lines/s", "ns/line", "peak MB")
    for form in ("rfc3164", "iso"):
        for evidence in ("feature", "session", "certmatch"):
            path, lines = _fill(bench, "mail.log", "-l", form, "-e", evidence)
            _run([_ours(bench, path)], env=env)
            cost = _mid([_run([_ours(bench, path)], env=env) for _ in range(3)])
            table.add(f"{form} {evidence}", count(lines), f"{cost.wall:.2f}", f"{cost.cpu:.2f}",
                      count(lines / cost.wall), f"{cost.wall * 1e9 / lines:.0f}",
                      _megabytes(cost.rss))
            os.unlink(path)
    table.show(out)


COMPRESSORS = (
    ("gz", ["gzip", "-6"], ["gzip", "-dc"]),
    ("zst", ["zstd", "-q", "-3"], ["zstd", "-q", "-dc"]),
    ("xz", ["xz", "-1"], ["xz", "-dc"]),
)


def compressed(bench, out):
    env = _environment(bench)
    path, _ = _fill(bench, "mail.log")
    plain = _mid([_run([_ours(bench, path)], env=env) for _ in range(3)])
    table = Table("dane-report reads compressed logs, beside the decompressor alone", "log",
                  "seconds", "CPU s", "decompressor s", "ratio", "ratio to floor", "peak MB")
    table.note("floor: the decompressor alone, or the plain log where that takes longer")
    table.add("plain", f"{plain.wall:.2f}", f"{plain.cpu:.2f}", "-", "-", "-",
              _megabytes(plain.rss))
    for suffix, pack, unpack in COMPRESSORS:
        if not shutil.which(pack[0]):
            table.note(f"{pack[0]}: not installed")
            continue
        packed = f"{path}.{suffix}"
        with open(path, "rb") as source, open(packed, "wb") as target:
            subprocess.run([*pack, "-c"], stdin=source, stdout=target, check=True)
        ours, alone = [], []
        for who in (ours, alone, alone, ours):
            stages = [_ours(bench, packed)] if who is ours else [[*unpack, packed]]
            who.append(_run(stages, env=env))
        mine, theirs = _mid(ours), _mid(alone)
        table.add(suffix, f"{mine.wall:.2f}", f"{mine.cpu:.2f}", f"{theirs.wall:.2f}",
                  ratio(mine.wall, theirs.wall), ratio(mine.wall, max(theirs.wall, plain.wall)),
                  _megabytes(mine.rss))
        os.unlink(packed)
    table.show(out)
    os.unlink(path)
