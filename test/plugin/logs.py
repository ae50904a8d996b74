#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Where danestsd's lines go: syslog, also after it was restarted, and the journal."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "live")]
import world  # noqa: E402
from tap import Tap  # noqa: E402

MAIL_INFO = 2 << 3 | 6


class Syslog:
    """A syslogd that can be restarted."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        self.open()

    def open(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        os.chmod(self.path, 0o666)
        threading.Thread(target=self.read, args=(self.sock,), daemon=True).start()

    def read(self, sock):
        try:
            while True:
                data = sock.recv(4096)
                if not data:
                    return
                self.lines.append(data.decode("latin-1"))
        except OSError:
            pass

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        os.unlink(self.path)

    def wait_for(self, pattern):
        found = world.wait_for(lambda: [x for x in self.lines if re.search(pattern, x)])
        return found[0] if found else None


# /dev/log is the machine's; in a mount namespace it is ours.
LAUNCH = """#!/bin/sh
exec unshare -m /bin/sh -e -c '
mount -t tmpfs none /dev
for each in "null 3" "random 8" "urandom 9"; do
	mknod -m 666 "/dev/${each%%%% *}" c 1 "${each##* }"
done
ln -s "%s" /dev/log
exec "$@"' sh '%s' "$@"
"""


def can_mount():
    return os.getuid() == 0 and sys.platform == "linux" and subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True,
        check=False).returncode == 0


def to_syslog(t):
    top = tempfile.mkdtemp(prefix="danestsd-logs-")
    os.chmod(top, 0o755)
    launcher = os.path.join(top, "launch")
    syslog = Syslog(os.path.join(top, "log"))
    with open(launcher, "w", encoding="ascii") as f:
        f.write(LAUNCH % (syslog.path, os.path.abspath(world.PROGRAM)))
    os.chmod(launcher, 0o755)
    real, world.PROGRAM = world.PROGRAM, launcher
    try:
        # As under systemd: in the foreground, and no terminal.
        d = world.Daemon("user=nobody", "control=", "cache_dir=", dns=world.Dns(), args=(),
                         env=dict(os.environ, NOTIFY_SOCKET=os.path.join(top, "nobody")))
    finally:
        world.PROGRAM = real
    try:
        started = syslog.wait_for("listening on")
        t.ok(started is not None and re.match(r"<%d>.{15} danestsd\[%d\]: listening on " % (
            MAIL_INFO, d.process.pid), started), "a start is told to syslog, facility mail",
             syslog.lines, d.log())
        t.ok(syslog.wait_for("confined: "), "and so is how it is confined", syslog.lines)
        client = d.client()
        client.ask("QUERY a.toys")
        t.ok(syslog.wait_for("nexthop=a.toys"), "and so is a decision", syslog.lines)
        syslog.close()
        t.ok(client.ask("QUERY b.toys") == "NOTFOUND ", "it answers while syslogd is gone")
        syslog.open()
        client.ask("QUERY c.toys")
        t.ok(syslog.wait_for("nexthop=c.toys"), "it finds a syslogd that was restarted",
             syslog.lines[-3:])
        client.close()
        t.ok(d.stop() == 0 and syslog.wait_for("danestsd .* ends"), "it says that it ends",
             syslog.lines[-3:])
        t.ok(d.log() == "", "nothing goes to stderr as well", d.log())
    finally:
        d.stop()
        syslog.close()
        shutil.rmtree(d.dir)
        shutil.rmtree(top)


def to_the_journal(t):
    """stderr is the journal's if it is the very stream of JOURNAL_STREAM."""
    for ours in True, False:
        r, w = os.pipe()
        stat = os.fstat(w)
        env = dict(os.environ, JOURNAL_STREAM="%d:%d" % (stat.st_dev, stat.st_ino + (not ours)))
        env.pop("NOTIFY_SOCKET", None)
        with subprocess.Popen(
                [world.PROGRAM, "-f", "-c", "/dev/null", "-o", "listen=inet:127.0.0.1:%d" %
                 world.free_port(), "-o", "control=", "-o", "cache_dir=", "-o",
                 "resolver=127.0.0.1:%d" % world.free_port()],
                stdin=subprocess.DEVNULL, stderr=w, env=env) as p:
            os.close(w)
            with os.fdopen(r, encoding="latin-1") as stream:
                line = stream.readline()
                p.terminate()
                rest = stream.read()
        stamped = re.match(r"\d{4}-\d\d-\d\dT[\d:]{8}Z danestsd\[\d+\]: ", line) is not None
        t.ok(line != "" and stamped != ours,
             "the journal's own lines bear no second time and name" if ours else
             "a stream that was only inherited is no journal", line, rest)


def main():
    t = Tap()
    if can_mount():
        t.run(to_syslog)
    else:
        t.skip("lines go to syslog", "needs root and a mount namespace")
    t.run(to_the_journal)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
