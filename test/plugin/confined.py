#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danestsd without its privileges: that it has none left, and works all the same."""
import glob
import grp
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "live")]
import world  # noqa: E402
from tap import Tap  # noqa: E402

USER = "nobody"


class Dropped:
    """danestsd, started as root, that goes on as nobody."""

    def __init__(self, *options, dns=None, conf=False):
        self.user = pwd.getpwnam(USER)
        self.top = tempfile.mkdtemp(prefix="danestsd-confined-")
        self.run, self.cache = os.path.join(self.top, "run"), os.path.join(self.top, "cache")
        os.chmod(self.top, 0o755)
        for folder in self.run, self.cache:
            os.mkdir(folder, 0o755)
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        self.path = os.path.join(self.run, "socketmap")
        self.control = os.path.join(self.run, "control")
        settings = ["user=" + USER, "control=unix:" + self.control, "cache_dir=" + self.cache]
        self.conf = os.path.join(self.top, "conf")
        if conf:
            self.configure(self.path)
        else:
            settings.append("listen=unix:" + self.path)
        self.daemon = world.Daemon(*settings, *options, dns=dns, listen=False,
                                   args=("-f", "-c", self.conf) if conf else ("-f",))

    def __enter__(self):
        self.daemon.wait_for_log("listening on")
        return self

    def __exit__(self, *exc):
        self.daemon.__exit__(*exc)
        shutil.rmtree(self.top)

    def configure(self, *sockets, more=""):
        """By rename, as an editor does."""
        with open(self.conf + ".new", "w", encoding="ascii") as f:
            f.write("listen = %s\n%s" % (", ".join("unix:" + x for x in sockets), more))
        os.chmod(self.conf + ".new", 0o644)
        os.rename(self.conf + ".new", self.conf)

    def reload(self, answer):
        before = len(self.daemon.lines(answer))
        self.daemon.process.send_signal(signal.SIGHUP)
        return world.wait_for(lambda: self.daemon.lines(answer)[before:])

    def again(self):
        """SIGHUP, with settings that are all options."""
        self.reload("reloaded:|reload refused:")
        return self.daemon.lines("reload")

    def ask(self, text, path=None):
        client = world.Client(path or self.path)
        try:
            return client.ask(text)
        finally:
            client.close()

    def threads(self):
        """What /proc says of each: field -> text."""
        for path in glob.glob("/proc/%d/task/*/status" % self.daemon.process.pid):
            with open(path, encoding="ascii") as f:
                yield dict(re.findall(r"^(\w+):\s*(.*)$", f.read(), re.M))

    def all_threads(self, claim):
        return all([claim(x) for x in self.threads()])

    def helpers(self):
        found = set()
        for path in glob.glob("/proc/%d/task/*/children" % self.daemon.process.pid):
            with open(path, encoding="ascii") as f:
                found |= set(f.read().split())
        return {int(x) for x in found}


def has_nothing_left(t, d):
    uid, gid = str(d.user.pw_uid), str(d.user.pw_gid)
    groups = {str(g.gr_gid) for g in grp.getgrall() if USER in g.gr_mem} | {gid}
    shown = list(d.threads())
    t.ok(len(shown) >= 2, "both threads run", shown)
    t.ok(d.all_threads(lambda s: s["Uid"].split() == [uid] * 4 and
                       s["Gid"].split() == [gid] * 4),
         "every thread has the user's ids: real, effective, saved, of files", shown)
    t.ok(d.all_threads(lambda s: set(s["Groups"].split()) == groups),
         "and the user's groups only", shown)
    t.ok(d.all_threads(lambda s: all(int(s[x], 16) == 0 for x in
                                     ("CapInh", "CapPrm", "CapEff", "CapAmb"))),
         "and no capability", shown)
    t.ok(d.all_threads(lambda s: s["NoNewPrivs"] == "1"), "and can gain none", shown)
    lines = d.daemon.lines("confined: ")
    t.ok(len(lines) == 1, "the log says in one line how it is confined", d.daemon.log())
    t.note(lines)
    if lines and "no seccomp (" in lines[0]:
        t.skip("every thread's system calls are filtered", "this kernel or build has no seccomp")
    else:
        t.ok(d.all_threads(lambda s: s["Seccomp"] == "2"),
             "every thread's system calls are filtered", shown)
    if lines and "no landlock (" in lines[0]:
        t.skip("its files are fenced in", "this kernel has no landlock")
    else:
        t.ok(lines and "confined: landlock (ABI " in lines[0], "its files are fenced in", lines)


def works_and_ends(t):
    with Dropped(dns=world.Dns()) as d:
        has_nothing_left(t, d)
        t.ok(d.ask("QUERY a.toys") == "NOTFOUND ", "it answers", d.daemon.log())
        d.daemon.wait_for_log("self-test good")
        status = d.daemon.stop()
        t.ok(status == 0, "it ends on TERM", status, d.daemon.log())
        t.ok(os.listdir(d.run) == [], "and removes its sockets", os.listdir(d.run))


def reloads(t):
    with Dropped(dns=world.Dns(), conf=True) as d:
        second, elsewhere = os.path.join(d.run, "second"), os.path.join(d.top, "elsewhere")
        overrides = os.path.join(d.top, "overrides")
        d.configure(d.path, second)
        t.ok(d.reload("reloaded:"), "a reload reads the configuration again", d.daemon.log())
        t.ok(d.ask("QUERY b.toys", second) == "NOTFOUND ", "and makes a socket beside the old",
             d.daemon.log())
        with open(overrides, "w", encoding="ascii") as f:
            f.write("c.toys may\n")
        os.chmod(overrides, 0o644)
        d.configure(d.path, more="overrides = %s\n" % overrides)
        t.ok(d.reload("reloaded:") and not os.path.exists(second), "and removes it again",
             d.daemon.log())
        t.ok(d.ask("QUERY c.toys").startswith("OK may"), "and reads overrides beside the file",
             d.daemon.log())
        # The user may write there, the service that was not told of it may not.
        os.mkdir(elsewhere)
        os.chown(elsewhere, d.user.pw_uid, d.user.pw_gid)
        d.configure(d.path, os.path.join(elsewhere, "socketmap"))
        if d.daemon.lines("no landlock"):
            t.skip("a folder that was not named at the start stays closed", "no landlock")
        else:
            t.ok(d.reload("reload refused: .*Permission denied"),
                 "a folder that was not named at the start stays closed", d.daemon.log())
        t.ok(d.ask("QUERY d.toys") == "NOTFOUND ", "and the service goes on", d.daemon.log())


def has_no_helper():
    r = subprocess.run([world.PROGRAM, "-t", "-c", "/dev/null", "-o", "dnssec=trust-ad", "-o",
                        "resolver=127.0.0.1"], capture_output=True, text=True, check=False)
    return "without getdns" in r.stderr


def makes_the_socket_of_metrics_again(t):
    top = tempfile.mkdtemp(prefix="danestsd-confined-")
    os.chmod(top, 0o755)
    folder = os.path.join(top, "metrics")
    os.mkdir(folder)
    os.chown(folder, pwd.getpwnam(USER).pw_uid, -1)
    path = os.path.join(folder, "socket")
    try:
        with Dropped("metrics=unix:" + path, dns=world.Dns()) as d:
            os.unlink(path)
            lines = d.again()
            t.ok(os.path.exists(path) and not [x for x in lines if "refused" in x],
                 "a unix socket for metrics is made again", lines)
        t.ok(os.listdir(folder) == [], "and removed at the end", os.listdir(folder))
    finally:
        shutil.rmtree(top)


class Copy:
    """The programs in a tree of their own, to be upgraded."""

    def __enter__(self):
        self.top, self.program = tempfile.mkdtemp(prefix="danestsd-copy-"), world.PROGRAM
        os.chmod(self.top, 0o755)
        for name in "plugin/danestsd", "lib/danests-stub":
            os.makedirs(os.path.dirname(os.path.join(self.top, name)))
            shutil.copy(os.path.join(os.path.dirname(self.program), "..", name),
                        os.path.join(self.top, name))
        world.PROGRAM = os.path.join(self.top, "plugin/danestsd")
        self.stub = os.path.join(self.top, "lib/danests-stub")
        return self

    def __exit__(self, *exc):
        world.PROGRAM = self.program
        shutil.rmtree(self.top)


def helper_outlives_an_upgrade(t):
    beside = os.path.join(os.path.dirname(world.PROGRAM), "../lib/danests-stub")
    if has_no_helper() or not os.path.exists(beside):
        t.skip("a helper that was upgraded is started", "no helper beside the program")
        return
    with Copy() as copy, Dropped("dnssec=trust-ad", dns=world.Dns()) as d:
        first = world.wait_for(d.helpers) or set()
        t.ok(first, "the helper runs", d.daemon.log())
        shutil.copy(copy.stub, copy.stub + ".new")
        os.rename(copy.stub + ".new", copy.stub)
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        t.ok(world.wait_for(lambda: d.helpers() - first), "one that was upgraded is started",
             d.daemon.log())


def restarts_its_helper(t):
    if has_no_helper():
        t.skip("a helper that died is started again", "built without getdns")
        return
    with Dropped("dnssec=trust-ad", dns=world.Dns()) as d:
        first = world.wait_for(d.helpers)
        t.ok(first is not None and len(first) == 1, "the helper of trust-ad runs",
             d.daemon.log())
        for pid in first or ():
            os.kill(pid, signal.SIGKILL)
        second = world.wait_for(lambda: d.helpers() - first)
        t.ok(second, "one that died is started again, from within", d.daemon.log())
        # The toy resolver does not validate: that the helper heard so is what counts.
        t.ok(world.wait_for(
            lambda: "does not validate" in d.ask("QUERY c%d.toys" % time.time_ns())),
             "and asks the resolver", d.daemon.log())
        for pid in second or ():
            with open("/proc/%d/status" % pid, encoding="ascii") as f:
                status = dict(re.findall(r"^(\w+):\s*(.*)$", f.read(), re.M))
            t.ok(status["NoNewPrivs"] == "1" and int(status["CapPrm"], 16) == 0 and
                 status["Uid"].split()[0] != "0", "without any right of its own", status)
    t.ok(all(not os.path.exists("/proc/%d" % x) for x in second or ()),
         "it ends with the service")


def main():
    t = Tap()
    if sys.platform != "linux" or os.getuid() != 0:
        t.skip("a service that drops its privileges", "needs root, and Linux' /proc")
        return t.done()
    for test in (works_and_ends, reloads, makes_the_socket_of_metrics_again,
                 restarts_its_helper, helper_outlives_an_upgrade):
        t.run(test)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
