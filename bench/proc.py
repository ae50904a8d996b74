# SPDX-License-Identifier: BSD-2-Clause
"""Programs that a benchmark starts: where they are, what they cost, their end."""
import glob
import os
import signal
import subprocess
import time


class Failure(Exception):
    """A measurement that could not be made; the text says why."""


def _on_cpu(pid):
    """Seconds that the threads of a process were running; ticks would be too coarse."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path, encoding="ascii") as f:
                total += int(f.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def _children(pid):
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path, encoding="ascii") as f:
                found += [int(p) for p in f.read().split()]
        except OSError:
            pass
    return found


class Server:
    """A program in the background; its output goes to LOGDIR/NAME.log."""

    def __init__(self, name, argv, logdir, env=None):
        self.name = name
        self.log = os.path.join(logdir, name + ".log")
        with open(self.log, "wb") as out:
            self.popen = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=out, env=env, start_new_session=True)
        self.pid = self.popen.pid

    def tree(self):
        """The process and its children: a helper's cost is its master's."""
        return [self.pid] + _children(self.pid)

    def cpu(self):
        """Seconds of CPU so far, of those threads that live."""
        return sum(_on_cpu(pid) for pid in self.tree())

    def rss(self, child=False):
        """Octets resident: of the process, or of its children."""
        total = 0
        for pid in _children(self.pid) if child else [self.pid]:
            with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
                for line in f:
                    if line.startswith("VmRSS:"):
                        total += int(line.split()[1]) * 1024
        return total

    def alive(self):
        return self.popen.poll() is None

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-8:])

    def wait_for(self, ready, seconds, what):
        """Until ready() holds; a program that ends instead is a Failure."""
        until = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise Failure(f"{self.name} ended with {self.popen.returncode}:\n{self.tail()}")
            if time.monotonic() > until:
                raise Failure(f"{self.name}: no {what} after {seconds} s:\n{self.tail()}")
            time.sleep(0.05)

    def stop(self, seconds=10):
        if not self.alive():
            return
        self.popen.terminate()
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self.popen.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def figures(text):
    """Lines of "name value", as our programs print them."""
    out = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        out[name] = float(value)
    return out


def run(argv, env=None, timeout=600):
    """Run to the end; what it measured."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=env, timeout=timeout, check=False)
    if done.returncode != 0:
        raise Failure(f"{argv[0]}: exit {done.returncode}: {done.stderr.strip()}")
    return figures(done.stdout)


class Tools:
    """The programs of a build directory, without libtool's wrappers around them."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.env = dict(os.environ)
        libs = os.path.join(self.build, "lib", ".libs")
        if os.path.isdir(libs):
            self.env["LD_LIBRARY_PATH"] = libs

    def path(self, name):
        folder, base = os.path.split(os.path.join(self.build, name))
        for candidate in (os.path.join(folder, ".libs", base), os.path.join(folder, base)):
            if os.path.exists(candidate):
                return candidate
        raise Failure(f"{os.path.join(folder, base)} is not there: build it first")

    def bench(self, name):
        return self.path(os.path.join("bench", name))
