# SPDX-License-Identifier: BSD-2-Clause
"""What the socketmap sessions need: a toy DNS server, danestsd, and a client."""
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

PROGRAM = os.environ.get("DANESTSD", "build/plugin/danestsd")

# A trust anchor for a zone nobody asks for: everything else is insecure, and the
# toy server needs no keys.
ANCHOR = ("anchor.test. 3600 IN DS 1 13 2 "
          "0000000000000000000000000000000000000000000000000000000000000001\n")
MX, A, NOERROR, NXDOMAIN = 15, 1, 0, 3


def name_wire(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".") if x) + b"\0"


class Dns(threading.Thread):
    """Every domain has one MX with an address, and nothing else. A first label
    "hole..." is never answered, "late..." half a second later."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.asked = []
        self.start()

    def mx_questions(self, domain):
        return sum(1 for name, kind in self.asked if kind == MX and name == domain)

    def run(self):
        while True:
            try:
                query, client = self.sock.recvfrom(4096)
            except OSError:
                return
            self.take(query, client)

    def take(self, query, client):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels)
        self.asked.append((name, kind))
        if any(x.startswith("hole") for x in labels):
            return
        reply = self.reply(query[:2], query[12:at + 5], name, kind)
        if any(x.startswith("late") for x in labels):
            threading.Timer(0.5, lambda: self.send(reply, client)).start()
        else:
            self.send(reply, client)

    def send(self, reply, client):
        try:
            self.sock.sendto(reply, client)
        except OSError:
            pass

    @staticmethod
    def reply(ident, question, name, kind):
        data = b""
        if kind == MX and not name.startswith("mx."):
            data = struct.pack(">H", 10) + name_wire("mx." + name)
        elif kind == A and name.startswith("mx."):
            data = socket.inet_aton("192.0.2.1")
        header = ident + struct.pack(">HHHHH", 0x8180, 1, 1 if data else 0, 0, 0)
        record = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300, len(data)) + data
        return header + question + (record if data else b"")


def frame(text):
    data = text if isinstance(text, bytes) else text.encode()
    return b"%d:%s," % (len(data), data)


class Client:
    def __init__(self, address, timeout=10):
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


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    """danestsd in the foreground, its log in a file."""

    def __init__(self, *options, dns=None, listen=True, files=None, args=("-f",), env=None):
        self.dir = tempfile.mkdtemp(prefix="danestsd-test-")
        self.unix = os.path.join(self.dir, "socketmap")
        self.inet = ("127.0.0.1", free_port())
        anchor = os.path.join(self.dir, "anchor")
        with open(anchor, "w", encoding="ascii") as f:
            f.write(ANCHOR)
        settings = ["trust_anchor=" + anchor,
                    "resolver=127.0.0.1:%d" % (dns.port if dns else free_port())]
        if listen:
            settings.append("listen=unix:%s inet:127.0.0.1:%d" % (self.unix, self.inet[1]))
        self.command = [PROGRAM, "-c", "/dev/null"]
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

    def wait_for_log(self, pattern, seconds=10):
        end = time.monotonic() + seconds
        while not self.lines(pattern):
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError("no %r in the log:\n%s" % (pattern, self.log()))
            time.sleep(0.02)

    def __enter__(self):
        self.wait_for_log("listening on")
        return self

    def __exit__(self, *exc):
        self.stop()
        shutil.rmtree(self.dir)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
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

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid, encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
