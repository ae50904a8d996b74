# SPDX-License-Identifier: BSD-2-Clause
"""A toy DNS server over a signed root, and patience."""
import atexit
import heapq
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

MX, A, SOA = 15, 1, 6

# A test may fail because something is wrong, not because the machine is busy.
PATIENCE = 60  # seconds, for what is sure to come: nothing is claimed by it
LONG = "60s"   # a time-out of danestsd that no test waits for


def wait_for(found, seconds=PATIENCE):
    """What this finds, once it finds something; else the last it found."""
    end = time.monotonic() + seconds
    while True:
        what = found()
        if what or time.monotonic() > end:
            return what
        time.sleep(0.02)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


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
    else. A label "hole..." is never answered, "late..." only after DELAY seconds. "gate..."
    must be asked for by TCP, and has no answer before the gate is opened: libunbound gives
    up after five times 3 s, and gave_up() tells. With gate=True all names are so."""

    DELAY = 0.2  # libunbound asks again after 0.376

    root = None  # one for all tests of a run

    TRIES = 5

    def __init__(self, gate=False):
        super().__init__(daemon=True)
        if Dns.root is None:
            Dns.root = Root()
            atexit.register(Dns.root.close)
        while True:
            self.tcp = socket.create_server(("127.0.0.1", 0))
            self.port = self.tcp.getsockname()[1]
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self.sock.bind(("127.0.0.1", self.port))
                break
            except OSError:  # somebody has this one already: another for both
                self.tcp.close()
                self.sock.close()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.asked = []
        self.late = []  # when, what, whose
        self.most_late = 0
        self.waiting = []  # name, kind, connection, query: whoever has asked by TCP
        self.all_gate, self.open = gate, False
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

    def gave_up(self):
        tries = [x[:2] for x in self.waiting]
        return any(tries.count(x) >= self.TRIES for x in tries)

    def open_gate(self):
        self.open = True
        for name, kind, connection, query in self.waiting:
            self.send_by_tcp(connection, self.reply(query[:2], self.question(query), name, kind))

    def run(self):
        connections = []
        while True:
            wait = max(0, self.late[0][0] - time.monotonic()) if self.late else None
            try:
                ready = select.select([self.sock, self.tcp] + connections, [], [], wait)[0]
                if self.sock in ready:
                    self.take(*self.sock.recvfrom(4096))
                if self.tcp in ready:
                    connections.append(self.tcp.accept()[0])
            except (OSError, ValueError):
                return
            for connection in set(ready) - {self.sock, self.tcp}:
                if not self.take_by_tcp(connection):
                    connections.remove(connection)
            while self.late and self.late[0][0] <= time.monotonic():
                self.send(*heapq.heappop(self.late)[1:])

    @staticmethod
    def question(query):
        at = 12
        while query[at]:
            at += 1 + query[at]
        return query[12:at + 5]

    def read(self, query):
        """(labels, kind)"""
        labels, rest = [], self.question(query)
        while rest[0]:
            labels.append(rest[1:1 + rest[0]].decode("latin-1").lower())
            rest = rest[1 + rest[0]:]
        return labels, struct.unpack(">H", rest[1:3])[0]

    def take_by_tcp(self, connection):
        try:
            query = connection.recv(4096)[2:]
        except OSError:
            query = b""
        if not query:
            connection.close()
            return False
        labels, kind = self.read(query)
        self.waiting.append((".".join(labels), kind, connection, query))
        if self.open:
            self.open_gate()
        return True

    @staticmethod
    def send_by_tcp(connection, reply):
        try:
            connection.sendall(struct.pack(">H", len(reply)) + reply)
        except OSError:
            pass

    def take(self, query, client):
        labels, kind = self.read(query)
        name = ".".join(labels)
        self.asked.append((name, kind))
        if any(x.startswith("hole") for x in labels):
            return
        if self.all_gate or any(x.startswith("gate") for x in labels):
            self.send(query[:2] + struct.pack(">HHHHH", 0x8380, 1, 0, 0, 0) +
                      self.question(query), client)
            return
        if len(labels) < 2 or labels[-1] != "toys":
            reply = self.root.ask(query)
            if reply is not None:
                self.send(reply, client)
            return
        reply = self.reply(query[:2], self.question(query), name, kind)
        if any(x.startswith("late") for x in labels):
            heapq.heappush(self.late, (time.monotonic() + self.DELAY, reply, client))
            self.most_late = max(self.most_late, len(self.late))
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
