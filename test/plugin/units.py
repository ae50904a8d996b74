#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The unit files: what systemd thinks of them, and that danestsd works under them."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "live")]
import cage  # noqa: E402
import world  # noqa: E402
from tap import Tap  # noqa: E402

SOURCE = os.path.join(HERE, "..", "..", "plugin")
UNITS = ("danestsd.service", "danestsd.socket")
MOST = 2.0


class Units:
    """Both files, as make writes them, with the folder of the program under test."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="danestsd-units-")
        os.chmod(self.dir, 0o755)
        self.path = {}
        for name in UNITS:
            with open(os.path.join(SOURCE, name + ".in"), encoding="ascii") as f:
                text = f.read()
            text = text.replace("@sbindir@", os.path.dirname(os.path.abspath(world.PROGRAM)))
            self.path[name] = os.path.join(self.dir, name)
            with open(self.path[name], "w", encoding="ascii") as f:
                f.write(text)
        self.service = self.path["danestsd.service"]

    def close(self):
        shutil.rmtree(self.dir)


def analyze(*args):
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)


def are_understood(t, units):
    # The socket unit looks for its service among the installed ones.
    env = dict(os.environ, SYSTEMD_UNIT_PATH=units.dir + ":")
    for name in UNITS:
        r = subprocess.run(["systemd-analyze", "verify", "--man=no", units.path[name]],
                           capture_output=True, text=True, check=False, env=env)
        ours = [x for x in (r.stdout + r.stderr).splitlines() if "danestsd" in x]
        t.ok(r.returncode == 0 and not ours, "systemd understands all of " + name,
             r.stdout, r.stderr)


def are_tight(t, units):
    r = analyze("security", "--offline=true", "--no-pager", units.service)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", r.stdout)
    if not t.ok(found is not None and float(found[1]) < MOST,
                "systemd-analyze security rates the service below %.1f" % MOST,
                r.stdout, r.stderr):
        return
    t.note("exposure " + found[1])
    r = analyze("security", "--offline=true", "--threshold=%d" % (MOST * 10 - 1), units.service)
    t.ok(r.returncode == 0, "its own threshold agrees", r.stderr)


def fit_together(t, units):
    service = cage.settings(units.service)
    with open(units.path["danestsd.socket"], encoding="ascii") as f:
        sockets = re.findall(r"^ListenStream=(/.*)", f.read(), re.M)
    # systemd removes it whenever the service ends.
    folder = "/run/%s/" % service["RuntimeDirectory"][0]
    t.ok(bool(sockets) and not any(x.startswith(folder) for x in sockets),
         "systemd's sockets are not in the folder that goes with the service", sockets)
    r = subprocess.run([world.PROGRAM, "-d"], capture_output=True, text=True, check=False)
    t.ok("cache_dir = /var/lib/%s\n" % service["StateDirectory"][0] in r.stdout and
         "unix:%s" % folder in r.stdout,
         "the service's folders are those of the default configuration", r.stdout)


class Caged:
    """danestsd as systemd would start it, but for the file system."""

    def __init__(self, units, dns, *options):
        self.top = tempfile.mkdtemp(prefix="danestsd-caged-")
        self.run = os.path.join(self.top, "run")
        os.mkdir(self.run)
        os.chmod(self.top, 0o755)
        os.chmod(self.run, 0o777)
        self.path = os.path.join(self.run, "socketmap")
        launcher = os.path.join(self.top, "launch")
        with open(launcher, "w", encoding="ascii") as f:
            f.write("#!/bin/sh\nexec /usr/bin/python3 '%s' '%s' '%s' \"$@\"\n" % (
                os.path.join(HERE, "cage.py"), units.service, os.path.abspath(world.PROGRAM)))
        os.chmod(launcher, 0o755)
        real, world.PROGRAM = world.PROGRAM, launcher
        try:
            self.daemon = world.Daemon("listen=unix:" + self.path, "control=",
                                       "cache_dir=" + self.run, *options, dns=dns, listen=False)
        finally:
            world.PROGRAM = real

    def __enter__(self):
        self.daemon.wait_for_log("listening on", 30)
        return self.daemon

    def __exit__(self, *exc):
        self.daemon.__exit__(*exc)
        shutil.rmtree(self.top)


def helpers(pid):
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as f:
            found += f.read().split()
    return [int(x) for x in set(found)]


def works_validating(t, units):
    dns = world.Dns()
    caged = Caged(units, dns)
    with caged as d:
        client = world.Client(caged.path)
        t.ok(client.ask("QUERY a.toys") == "NOTFOUND ",
             "it looks domains up under the unit's restrictions", d.log())
        client.close()
        d.wait_for_log("self-test good")
        t.ok(d.lines("confined: ") and not d.lines("Operation not permitted"),
             "and may confine itself further", d.log())


def works_with_its_helper(t, units):
    r = subprocess.run([world.PROGRAM, "-t", "-c", "/dev/null", "-o", "dnssec=trust-ad", "-o",
                        "resolver=127.0.0.1"], capture_output=True, text=True, check=False)
    if "without getdns" in r.stderr:
        t.skip("the helper of trust-ad starts", "built without getdns")
        return
    caged = Caged(units, world.Dns(), "dnssec=trust-ad")
    with caged as d:
        first = world.wait_for(lambda: helpers(d.process.pid))
        t.ok(first, "the helper of trust-ad starts", d.log())
        client = world.Client(caged.path)
        # The toy resolver does not validate; that the helper heard it is what counts.
        t.ok("does not validate" in client.ask("QUERY a.toys"), "and asks the resolver",
             d.log())
        client.close()
        t.ok(not d.lines("Operation not permitted|helper program"), "without a complaint",
             d.log())


def main():
    t = Tap()
    if shutil.which("systemd-analyze") is None:
        t.skip("unit files", "no systemd-analyze")
        return t.done()
    units = Units()
    try:
        for test in (are_understood, are_tight, fit_together):
            t.run(test, units)
        reason = cage.why_not()
        for test in (works_validating, works_with_its_helper):
            if reason is None:
                t.run(test, units)
            else:
                t.skip(test.__name__.replace("_", " "), reason)
    finally:
        units.close()
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
