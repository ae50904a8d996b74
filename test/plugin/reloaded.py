# SPDX-License-Identifier: BSD-2-Clause
"""danestsd with a configuration file that a test writes anew, for SIGHUP."""
import os
import re
import signal
import subprocess
import tempfile
import unittest

from world import PROGRAM, Client, Daemon, Dns, free_port, wait_for

NOTFOUND = "NOTFOUND "


class Reloaded(Daemon):
    """danestsd with a configuration file of its own, which a test writes anew."""

    def __init__(self, dns, *options, env=None):
        self.folder = self.dir = tempfile.mkdtemp(prefix="danestsd-reload-")
        os.chmod(self.folder, 0o755)
        self.conf = os.path.join(self.folder, "danestsd.conf")
        self.path = os.path.join(self.folder, "socketmap")
        self.port = free_port()
        self.dns = dns
        self.base = {"listen": "unix:%s, inet:127.0.0.1:%d" % (self.path, self.port),
                     "resolver": "127.0.0.1:%d" % dns.port,
                     "trust_anchor": dns.root.anchor, "cache_dir": "", "control": ""}
        self.write()
        self.log_path = os.path.join(self.folder, "log")
        self.log_file = open(self.log_path, "wb")
        self.command = [PROGRAM, "-c", self.conf, "-f"]
        for option in options:
            self.command += ["-o", option]
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=self.log_file, stderr=self.log_file, env=env)

    def write(self, text="", **changes):
        lines = {**self.base, **changes}
        new = self.conf + ".new"
        with open(new, "w", encoding="utf-8") as f:
            f.write("".join("%s = %s\n" % x for x in lines.items() if x[1] is not None) + text)
        os.rename(new, self.conf)

    def hup(self, pattern, **kw):
        """SIGHUP, and one more line that says how it went."""
        before = len(self.lines("reloaded:|reload refused"))
        self.process.send_signal(signal.SIGHUP)
        said = wait_for(lambda: self.lines("reloaded:|reload refused")[before:] or
                        (["it has ended"] if self.process.poll() is not None else None))
        if not said:
            raise AssertionError("nothing came of SIGHUP:\n" + self.log())
        line = said[0]
        if not re.search(pattern, line):
            raise AssertionError("%r is not in %r" % (pattern, line))
        return line

    def client(self, **kw):
        return Client(("127.0.0.1", self.port), **kw)


def children(pid):
    """The processes that any thread of this one has started."""
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as f:
            found += f.read().split()
    return found


class Reloading(unittest.TestCase):
    def daemon(self, *options, dns=None, **kw):
        d = Reloaded(dns if dns is not None else Dns(), *options, **kw)
        self.addCleanup(lambda: d.process.poll() is None and d.process.kill())
        return d
