# SPDX-License-Identifier: BSD-2-Clause
"""What the socketmap sessions need: a toy DNS server, danestsd, and a client."""
import atexit
import heapq
import os
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

PROGRAM = os.environ.get("DANESTSD", "build/plugin/danestsd")

MX, A, SOA = 15, 1, 6

# A test may fail because something is wrong, not because the machine is busy.
PATIENCE = 60  # seconds, for what is sure to come: nothing is claimed by it
# Seconds, for what must not wait for LONG: an option of danestsd that has it wait.
SOON, LONG = 10, "60s"


def wait_for(found, seconds=PATIENCE):
    """What this finds, once it finds something; else the last it found."""
    end = time.monotonic() + seconds
    while True:
        what = found()
        if what or time.monotonic() > end:
            return what
        time.sleep(0.02)


def name_wire(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".") if x) + b"\0"


class Root:
    """A signed root zone, in which toys. is an island without signatures."""

    ZONE = (". 3600 IN SOA ns. root. 1 3600 600 86400 300\n"
            ". 3600 IN NS ns.\n"
            "ns. 3600 IN A 127.0.0.1\n"
            "toys. 3600 IN NS ns.toys.\n"
            "ns.toys. 3600 IN A 127.0.0.1\n")
    CONF = ("server:\n ip-address: 127.0.0.1@%(port)d\n username: \"\"\n server-count: 1\n"
            " zonesdir: %(dir)s\n database: \"\"\n pidfile: %(dir)s/pid\n"
            " xfrdfile: %(dir)s/xfrd\n zonelistfile: %(dir)s/list\n xfrdir: %(dir)s\n"
            "remote-control:\n control-enable: no\n"
            "zone:\n name: .\n zonefile: root.signed\n")

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="danestsd-root-")
        self.port = free_port()
        self.write("root", self.ZONE)
        self.write("nsd.conf", self.CONF % {"dir": self.dir, "port": self.port})
        key = self.call("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", ".").strip()
        self.call("ldns-signzone", "root", key)
        self.anchor = os.path.join(self.dir, key + ".ds")
        os.chmod(self.dir, 0o755)
        os.chmod(self.anchor, 0o644)
        self.nsd = subprocess.Popen(["nsd", "-d", "-c", os.path.join(self.dir, "nsd.conf")],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="ascii") as f:
            f.write(text)

    def call(self, *command):
        return subprocess.run(command, cwd=self.dir, check=True, capture_output=True,
                              text=True).stdout

    def ask(self, query):
        """NSD's reply to these octets; it may be starting still."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            s.connect(("127.0.0.1", self.port))
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                try:
                    s.send(query)
                    return s.recv(4096)
                except ConnectionRefusedError:
                    time.sleep(0.1)
                except socket.timeout:
                    pass
        return None

    def close(self):
        self.nsd.terminate()
        self.nsd.wait(PATIENCE)
        shutil.rmtree(self.dir)


class Dns(threading.Thread):
    """A resolver. Every domain below toys. has one MX with an address, and nothing
    else. A label "hole..." is never answered, "late..." only after DELAY seconds, "gate..."
    not before the gate is opened."""

    DELAY = 0.2  # libunbound asks again after 0.376

    root = None  # one for all tests of a run

    def __init__(self):
        super().__init__(daemon=True)
        if Dns.root is None:
            Dns.root = Root()
            atexit.register(Dns.root.close)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.asked = []
        self.late = []  # when, what, whose
        self.gate = []  # what, whose; None: it is open
        self.start()

    def mx_questions(self, domain):
        """How often it was looked up. A resolver that sees no answer for a moment asks once
        more, but in any case before it asks for the host that the answer names."""
        count, known = 0, True
        for name, kind in self.asked:
            if (name, kind) == (domain, MX):
                count, known = count + known, False
            elif name == "mx." + domain:
                known = True
        return count

    def open_gate(self):
        held, self.gate = self.gate, None
        for reply, client in held:
            self.send(reply, client)

    def run(self):
        while True:
            wait = max(0, self.late[0][0] - time.monotonic()) if self.late else None
            try:
                if select.select([self.sock], [], [], wait)[0]:
                    self.take(*self.sock.recvfrom(4096))
            except (OSError, ValueError):
                return
            while self.late and self.late[0][0] <= time.monotonic():
                self.send(*heapq.heappop(self.late)[1:])

    def take(self, query, client):
        labels, at, gate = [], 12, self.gate
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels)
        self.asked.append((name, kind))
        if any(x.startswith("hole") for x in labels):
            return
        if len(labels) < 2 or labels[-1] != "toys":
            reply = self.root.ask(query)
            if reply is not None:
                self.send(reply, client)
            return
        reply = self.reply(query[:2], query[12:at + 5], name, kind)
        if any(x.startswith("late") for x in labels):
            heapq.heappush(self.late, (time.monotonic() + self.DELAY, reply, client))
        elif gate is not None and any(x.startswith("gate") for x in labels):
            gate.append((reply, client))
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
        if data:
            record = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300, len(data)) + data
        else:
            data = name_wire("ns.toys") + b"\0" + struct.pack(">5I", 1, 3600, 600, 86400, 300)
            record = name_wire("toys") + struct.pack(">HHIH", SOA, 1, 300, len(data)) + data
        answers = int(record.startswith(b"\xc0"))
        header = ident + struct.pack(">HHHHH", 0x8180, 1, answers, 1 - answers, 0)
        return header + question + record


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

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid, encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
