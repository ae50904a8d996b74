# SPDX-License-Identifier: BSD-2-Clause
"""danestsd with a control socket, and who talks to it, for cache.py and status.py."""
import datetime
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "plugin")]

from world import Daemon  # noqa: E402

PROGRAM = os.environ.get("DANESTS", os.path.join(
    os.environ.get("builddir", "build"), "tools", "danests"))


def moment(ago=0):
    when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(domain, mode="enforce", ago=60, ident="1", mx=("mx.@",), **more):
    text = "version: STSv1\r\nmode: %s\r\n%smax_age: 864000\r\n" % (
        mode, "".join("mx: %s\r\n" % x.replace("@", domain) for x in mx))
    made = {"domain": domain, "id": ident, "fetched": moment(ago), "text": text}
    made.update(more)
    return made


def as_lines(*records):
    return "".join(x if isinstance(x, str) else json.dumps(x) + "\n" for x in records)


class Service(Daemon):
    """Its folder has the control socket and the cache."""

    def __init__(self, *options, dns=None, **more):
        self.home = tempfile.TemporaryDirectory(prefix="danests-control-")
        self.path = os.path.join(self.home.name, "control")
        self.endpoint = "unix:" + self.path
        super().__init__("control=" + self.endpoint, "cache_dir=%s/cache" % self.home.name,
                         *options, dns=dns, **more)

    def __exit__(self, *exc):
        try:
            super().__exit__(*exc)
        finally:
            self.home.cleanup()

    def file(self, name, text=None):
        path = os.path.join(self.home.name, name)
        if text is not None:
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
                f.write(text)
        return path

    def run(self, *args, stdin=None):
        """danests with these arguments, which end with the endpoint."""
        return subprocess.run([PROGRAM, *args, "--control", self.endpoint], text=True,
                              capture_output=True, timeout=300, input=stdin)

    def take(self, *records, args=()):
        """These records, imported."""
        return self.run("cache", "import", "-", *args, stdin=as_lines(*records))

    def domains(self, *args):
        done = self.run("cache", "list", "--json", *args)
        return sorted(x["domain"] for x in json.loads(done.stdout)["policies"])

    def threads(self):
        """Of the thread that serves, then of the others."""
        pid = self.process.pid
        numbers = os.listdir("/proc/%d/task" % pid)
        return ["/proc/%d/task/%s/" % (pid, x) for x in sorted(numbers, key=int)]

    def switches(self):
        """How often threads have waited for something."""
        count = 0
        for folder in self.threads():
            with open(folder + "status", encoding="ascii") as f:
                count += int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", f.read())[1])
        return count

    def serving(self):
        """Seconds of a processor that the thread has had that serves."""
        with open(self.threads()[0] + "schedstat", encoding="ascii") as f:
            return int(f.read().split()[0]) / 1e9

    def talk(self, timeout=120):
        return Talk(self.path, timeout)


class Talk:
    """The protocol itself."""

    def __init__(self, path, timeout):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")

    def send(self, data):
        if not isinstance(data, bytes):
            data = json.dumps(data).encode() + b"\n"
        try:
            self.socket.sendall(data)
        except BrokenPipeError:
            pass  # sent away: why is in line()

    def line(self):
        """None: the service has closed the connection, perhaps before it read all."""
        try:
            line = self.stream.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line else None

    def ask(self, data):
        """The lines of the answer."""
        self.send(data)
        lines = [self.line()]
        while lines[-1] is not None and "ok" not in lines[-1] and "error" not in lines[-1]:
            lines.append(self.line())
        return lines

    def close(self):
        self.stream.close()
        self.socket.close()


class Tap(unittest.TestResult):
    """Each test as a line."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def line(self, word, test, after="", detail=""):
        self.count += 1
        print("%s %d - %s%s" % (word, self.count, test.id().split(".", 1)[1].replace("_", " "),
                                after))
        for text in detail.splitlines():
            print("# " + text)
        sys.stdout.flush()

    def addSuccess(self, test):
        self.line("ok", test)

    def addSkip(self, test, reason):
        self.line("ok", test, " # SKIP " + reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("not ok", test, "", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.line("not ok", test, "", self.errors[-1][1])


def main(module):
    result = Tap()
    loader = unittest.defaultTestLoader
    tests = loader.loadTestsFromNames(sys.argv[1:], module) if sys.argv[1:] else \
        loader.loadTestsFromModule(module)
    tests.run(result)
    print("1..%d" % result.count)
    return 0 if result.wasSuccessful() else 1
