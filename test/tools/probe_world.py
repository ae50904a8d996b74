# SPDX-License-Identifier: BSD-2-Clause
"""Servers for one probe, good and bad, and the probe itself."""
import itertools
import json
import os
import selectors
import socket
import struct
import subprocess
import threading
import time

DRIVER = os.environ.get("PROBE_DRIVER", os.path.join(
    os.environ.get("builddir", "build"), "test", "tools", "probe_driver"))
WRAP = os.environ.get("PROBE_WRAP", "").split()   # "valgrind -q ..."
GUARD = 60      # seconds: what takes longer hangs

GREETING, EHLO, STARTTLS = range(3)
CLOSED = None


class Server:
    """Listens; every connection gets a thread that runs play(conn, wait), where
    wait(seconds) ends early with the test. heard: what swallow() and the dialogue read."""

    def __init__(self, play, family=socket.AF_INET):
        self.play, self.heard, self.error = play, b"", None
        self.over = threading.Event()
        self.socket = socket.create_server(
            ("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family, backlog=64)
        self.threads = [threading.Thread(target=self.accept, daemon=True)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for thread in self.threads:
            thread.join(GUARD)

    def accept(self):
        while not self.over.is_set():
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.serve, args=(Heard(self, conn),), daemon=True)
            self.threads.append(thread)
            thread.start()

    def serve(self, conn):
        conn.settimeout(GUARD)
        try:
            self.play(conn, self.over.wait)
        except OSError as error:    # the probe had enough
            self.error = error
        finally:
            conn.close()

    def getsockname(self):
        return self.socket.getsockname()


class Heard:
    """A socket that keeps what it reads."""

    def __init__(self, server, conn):
        self.server, self.conn = server, conn

    def __getattr__(self, name):
        return getattr(self.conn, name)

    def recv(self, size):
        data = self.conn.recv(size)
        self.server.heard += data
        return data

    def sendall(self, data):
        if data is CLOSED:
            self.conn.shutdown(socket.SHUT_WR)
        else:
            self.conn.sendall(data)

    def line(self):
        """One command, not an octet more."""
        text = b""
        while not text.endswith(b"\n"):
            octet = self.recv(1)
            if not octet:
                break
            text += octet
        return text


def dialogue(stage, play):
    """As any server up to the reply of this stage, which is play's."""
    def run(conn, wait):
        for reply in (b"220 mx.example ESMTP\r\n",
                      b"250-mx.example\r\n250-SIZE 1000\r\n250 StartTLS\r\n")[:stage]:
            conn.sendall(reply)
            conn.line()
        play(conn, wait)
    return run


def swallow(conn):
    while conn.recv(65536):
        pass


def reset(conn, wait):
    """Closes without having read and without a word."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.conn.close()


def drip(text, then):
    """Octet by octet: text, then the other again and again."""
    def play(conn, wait):
        for octet in itertools.chain(text, itertools.cycle(then)):
            conn.sendall(bytes([octet]))
            if wait(0.05):
                return
    return play


def client_hello(conn):
    """One record, as it comes; not for heard."""
    head = conn.conn.recv(5, socket.MSG_WAITALL)
    conn.conn.recv(struct.unpack(">H", head[3:])[0], socket.MSG_WAITALL)


class Program:
    """A server that somebody else wrote, on a port that was free a moment ago."""

    def __init__(self, command):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.command = command(self.port)

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        end = time.monotonic() + GUARD
        while self.process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        raise AssertionError("%s does not listen" % self.command)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()

    def type(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def getsockname(self):
        return ("127.0.0.1", self.port)


def relay(conn, port, when_quit=None):
    """Everything, both ways, until one side ends. when_quit is called at the first
    application data of the client."""
    with socket.create_connection(("127.0.0.1", port)) as other:
        ends = [(conn.conn, other), (other, conn.conn)]
        with selectors.DefaultSelector() as waiting:
            for one, to in ends:
                waiting.register(one, selectors.EVENT_READ, to)
            while waiting.get_map():
                for key, _ in waiting.select(GUARD):
                    data = key.fileobj.recv(65536)
                    if when_quit and key.fileobj is conn.conn and b"\x17\x03\x03" in data:
                        when_quit()
                        when_quit = None
                    if data:
                        key.data.sendall(data)
                    else:
                        waiting.unregister(key.fileobj)
                        key.data.shutdown(socket.SHUT_WR)


def probes(server, **options):
    """All that came of it. A descriptor that is left is a failure."""
    address = server.getsockname() if hasattr(server, "getsockname") else server
    options.setdefault("timeout", 20000)
    run = subprocess.run(
        WRAP + [DRIVER, address[0], str(address[1])] +
        ["%s=%s" % option for option in options.items()],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=GUARD,
        check=False)
    if run.returncode != 0 or run.stderr:
        raise AssertionError("%s: %d\n%s" % (run.args, run.returncode, run.stderr.decode()))
    return [json.loads(line) for line in run.stdout.splitlines()]


def probe(server, **options):
    return probes(server, **options)[0]
