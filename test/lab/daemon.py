# SPDX-License-Identifier: BSD-2-Clause
"""danestsd as the tests run it, and Postfix's side of the socketmap."""

import itertools
import os
import signal
import socket
import subprocess
import time

import servers

MODES = {
    # libunbound in process, asking a resolver that validates too
    "validate": {"resolver": "127.0.0.1", "dnssec": "validate"},
    # the same, asking one that does not
    "validate-plain": {"resolver": "127.0.0.2", "dnssec": "validate"},
    # no resolver at all
    "recursive": {"resolver": "recursive", "dnssec": "validate"},
    # the resolver's word counts
    "trust-ad": {"resolver": "127.0.0.1", "dnssec": "trust-ad"},
}


def find(build, name):
    """A program of the build tree: the real one, not libtool's wrapper."""
    for folder in ("plugin", "tools", "lib"):
        for path in (os.path.join(build, folder, ".libs", name),
                     os.path.join(build, folder, name)):
            if os.access(path, os.X_OK):
                return path
    raise FileNotFoundError("%s is not built in %s" % (name, build))


class Client:
    """One connection to the socketmap."""

    def __init__(self, port, timeout=60):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.buffer = b""

    def send(self, request):
        data = request if isinstance(request, bytes) else request.encode()
        self.socket.sendall(b"%d:%s," % (len(data), data))

    def receive(self):
        while b":" not in self.buffer:
            self._more()
        size, _, rest = self.buffer.partition(b":")
        while len(rest) < int(size) + 1:
            self._more()
            rest = self.buffer.partition(b":")[2]
        payload, comma, self.buffer = rest[:int(size)], rest[int(size):int(size) + 1], \
            rest[int(size) + 1:]
        if comma != b",":
            raise ValueError("no comma after the reply")
        return payload.decode("latin-1")

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("closed by the server")
        self.buffer += piece

    def ask(self, key, table="QUERY"):
        self.send(b"%s %s" % (table.encode(), key.encode()))
        return self.receive()

    def close(self):
        self.socket.close()


def lacks_trust_ad(build):
    """Why this build has no trust-ad mode; "" when it has."""
    done = subprocess.run([find(build, "danestsd"), "-t", "-c", "/dev/null", "-o",
                           "dnssec=trust-ad", "-o", "resolver=127.0.0.1"],
                          capture_output=True, text=True, timeout=20)
    return done.stderr.strip() if "without getdns" in done.stderr else ""


class Daemon:
    """Options win over the mode's; the log is kept in the world's directory."""

    numbers = itertools.count(1)

    def __init__(self, world, build, mode="validate", prefix=(), nofile=None,
                 listen_also=None, **options):
        number = next(Daemon.numbers)
        self.name = "danestsd-%d" % number
        self.port = 8460 + number
        self.dir = world.path(self.name)
        os.makedirs(self.dir, mode=0o755)
        self.log_file = os.path.join(self.dir, "log")
        self.options = {
            "listen": "inet:127.0.0.1:%d" % self.port,
            "control": "unix:%s/control" % self.dir,
            "cache_dir": self.dir,
            "trust_anchor": world.anchor,
            "root_hints": world.hints,
            "ca_file": world.ca_file,
            "private_policy_hosts": "allow",
            "dns_timeout": "3s",
            "https_timeout": "4s",
            "answer_timeout": "15s",
        }
        self.options.update(MODES[mode])
        self.options.update(options)
        if listen_also:
            self.options["listen"] += ", " + listen_also
        if self.options["resolver"] != "recursive":
            self.options.pop("root_hints")
        self.conf = os.path.join(self.dir, "danestsd.conf")
        self._configure()
        argv = list(prefix) + [find(build, "danestsd"), "-f", "-c", self.conf]
        if nofile:
            argv = ["prlimit", "--nofile=%d" % nofile] + argv
        self.argv = argv
        self.start()

    def launch(self):
        """Also once more, after its end: on the same files."""
        self.child = servers.start(self.argv, self.log_file)

    def start(self):
        self.launch()
        servers.wait_for(self._up, 60, "danestsd to listen")

    def _configure(self):
        with open(self.conf, "w") as f:
            f.writelines("%s = %s\n" % x for x in self.options.items())

    def _up(self):
        if self.child.poll() is not None:
            raise RuntimeError("danestsd ended (%s): %s" % (self.child.returncode, self.log()))
        return servers.listening("127.0.0.1", self.port)

    def log(self):
        with open(self.log_file, errors="replace") as f:
            return f.read()

    def client(self, timeout=60):
        return Client(self.port, timeout)

    def ask(self, key, table="QUERY"):
        client = self.client()
        try:
            return client.ask(key, table)
        finally:
            client.close()

    def alive(self):
        return self.child.poll() is None

    def reload(self, **options):
        self.options.update(options)
        self._configure()
        self.child.send_signal(signal.SIGHUP)

    def stubs(self):
        """Process ids of the trust-ad helper."""
        found = subprocess.run(["pgrep", "-P", str(self.child.pid)], capture_output=True)
        return [int(x) for x in found.stdout.split()]

    def stop(self, seconds=60):
        """TERM; returns the exit status."""
        if self.alive():
            self.child.terminate()
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            return -signal.SIGKILL


def becomes(daemon, key, wanted, seconds):
    """Asks until the reply is the one wanted; the last reply."""
    end = time.monotonic() + seconds
    reply = daemon.ask(key)
    while reply != wanted and time.monotonic() < end:
        time.sleep(0.5)
        reply = daemon.ask(key)
    return reply
