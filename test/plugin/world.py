# SPDX-License-Identifier: BSD-2-Clause
"""What the socketmap sessions need: danestsd, a client, and a toy DNS server."""
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# Here for those who need all of it.
from toydns import LONG, MX, PATIENCE, A, Dns, free_port, wait_for  # noqa: F401

PROGRAM = os.environ.get("DANESTSD", "build/plugin/danestsd")


def frame(text):
    data = text if isinstance(text, bytes) else text.encode()
    return b"%d:%s," % (len(data), data)


class Client:
    def __init__(self, address, timeout=PATIENCE):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.sock.connect(address)
        self.data = b""

    def send(self, data):
        self.sock.sendall(data)

    def reply(self):
        while True:
            m = re.match(rb"(\d+):", self.data)
            if m and len(self.data) > m.end() + int(m[1]):
                end = m.end() + int(m[1])
                assert self.data[end:end + 1] == b",", self.data
                text, self.data = self.data[m.end():end], self.data[end + 1:]
                return text.decode()
            more = self.sock.recv(65536)
            if not more:
                raise EOFError(self.data)
            self.data += more

    def ask(self, text):
        self.send(frame(text))
        return self.reply()

    def is_closed(self):
        """True when the server has hung up, within the time-out."""
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False

    def close(self):
        self.sock.close()


class Daemon:
    """danestsd in the foreground, its log in a file."""

    def __init__(self, *options, dns=None, listen=True, files=None, args=("-f",), env=None):
        self.dir = tempfile.mkdtemp(prefix="danestsd-test-")
        self.unix = os.path.join(self.dir, "socketmap")
        self.inet = ("127.0.0.1", free_port())
        settings = ["resolver=127.0.0.1:%d" % (dns.port if dns else free_port()),
                    "dns_timeout=30s", "answer_timeout=90s"]
        if dns:
            settings.append("trust_anchor=" + dns.root.anchor)
        if listen:
            settings.append("listen=unix:%s inet:127.0.0.1:%d" % (self.unix, self.inet[1]))
        # Not the defaults of this machine, which other tests or a real service use.
        self.command = [PROGRAM, "-c", "/dev/null", "-o", "cache_dir=", "-o", "control="]
        for setting in settings + list(options):
            self.command += ["-o", setting]
        self.command += args
        self.log_path = os.path.join(self.dir, "log")
        self.log_file = open(self.log_path, "wb")
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) \
            if files else None
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=self.log_file, stderr=self.log_file,
                                        preexec_fn=limit, env=env)

    def log(self):
        with open(self.log_path, encoding="latin-1") as f:
            return f.read()

    def lines(self, pattern):
        return [x for x in self.log().splitlines() if re.search(pattern, x)]

    def wait_for_log(self, pattern, seconds=PATIENCE):
        if not wait_for(lambda: self.lines(pattern) or self.process.poll() is not None, seconds) \
                or not self.lines(pattern):
            raise AssertionError("no %r in the log:\n%s" % (pattern, self.log()))

    def __enter__(self):
        self.wait_for_log("listening on")
        return self

    def __exit__(self, *exc):
        status, log = self.stop(), self.log()
        shutil.rmtree(self.dir)
        if exc[0] is None and (status != 0 or "Sanitizer" in log):
            raise AssertionError("danestsd ended with %d:\n%s" % (status, log))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        self.log_file.close()
        return self.process.returncode

    def client(self, **kw):
        return Client(self.inet, **kw)

    def status(self, field):
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as f:
            return int(re.search(field + r":\s+(\d+)", f.read())[1])

    def spins(self):
        """True when it works without end: whoever waits for something sleeps nearly always,
        however busy the machine."""
        running = 0
        for _ in range(100):
            with open("/proc/%d/stat" % self.process.pid, encoding="ascii") as f:
                running += f.read().rsplit(")", 1)[1].split()[0] == "R"
            time.sleep(0.01)
        return running > 80
