# SPDX-License-Identifier: BSD-2-Clause
"""Mail servers with bad manners, one at each address: what a visitor gets that only wants
to see a certificate. None of them takes mail."""

import os
import socket
import ssl
import struct
import threading
import time

LONGEST = 150            # seconds that any visitor is kept
PIECE = 16384            # octets of a TLS record
ENDLESS = 32 << 20       # octets of a reply without an end
HUGE = 64 << 20          # and of a certificate
ESCAPE = b"\x1b[2J\x1b]0;owned\x07"   # clears a terminal, and names its window
SUITES = (b"\xc0\x2b", b"\xc0\x2c", b"\xc0\x2f", b"\xc0\x30", b"\xcc\xa9", b"\xcc\xa8")


class Gone(Exception):
    """The visitor is served: close."""


class Visit:
    """One connection. Each step is polite; a manner replaces one of them."""

    def __init__(self, client, context):
        self.client, self.context = client, context
        self.rest = b""
        self.sent = 0

    def send(self, data):
        self.client.sendall(data)
        self.sent += len(data)

    def line(self):
        while b"\n" not in self.rest:
            piece = self.client.recv(4096)
            if not piece:
                raise Gone
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def greet(self):
        self.send(b"220 mx ESMTP\r\n")

    def ehlo(self):
        self.line()
        self.send(b"250-mx\r\n250-STARTTLS\r\n250 8BITMIME\r\n")

    def starttls(self):
        self.line()
        self.send(b"220 go ahead\r\n")

    def tls(self):
        with self.context.wrap_socket(self.client, server_side=True) as tls:
            tls.recv(4096)   # EHLO or QUIT
            tls.sendall(b"221 bye\r\n")


# -- What may happen at any step ----------------------------------------------


def mute(_visit):
    time.sleep(LONGEST)


def close(_visit):
    raise Gone


def reset(visit):
    visit.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Gone


def says(*data):
    """Reads what there is, says this, and goes on as if nothing had happened."""
    def step(visit):
        if visit.sent:
            visit.line()
        for piece in data:
            visit.send(piece)
    return step


def endless(piece):
    """The same again and again."""
    block = piece * (65536 // len(piece))

    def step(visit):
        if visit.sent:
            visit.line()
        while visit.sent < ENDLESS:
            visit.send(block)
        raise Gone
    return step


def drip(data):
    """One octet a second."""
    def step(visit):
        if visit.sent:
            visit.client.recv(4096)
        for i in range(LONGEST):
            visit.send(data[i % len(data):][:1])
            time.sleep(1)
    return step


def then(*steps):
    def step(visit):
        for one in steps:
            one(visit)
    return step


# -- TLS by hand: as far as the certificate of TLS 1.2 nothing is encrypted ----


def _record(data, kind=22):
    return struct.pack("!BHH", kind, 0x0303, len(data)) + data


def _hello(visit):
    """Takes a ClientHello and answers it."""
    data = b""
    while len(data) < 5 or len(data) < 5 + struct.unpack_from("!H", data, 3)[0]:
        piece = visit.client.recv(65536)
        if not piece:
            raise Gone
        data += piece
    at = 5 + 4 + 2 + 32
    at += 1 + data[at]
    length, = struct.unpack_from("!H", data, at)
    offered = [data[i:i + 2] for i in range(at + 2, at + 2 + length, 2)]
    suite = next(s for s in SUITES if s in offered)
    body = b"\x03\x03" + os.urandom(32) + b"\0" + suite + b"\0" + b"\0\x05\xff\x01\0\x01\0"
    visit.send(_record(b"\x02" + struct.pack("!I", len(body))[1:] + body))


def _certificate_of(length):
    """The head of a Certificate message with one certificate as long as this."""
    return b"\x0b" + b"".join(struct.pack("!I", n)[1:] for n in (length + 6, length + 3, length))


def huge_certificate(visit):
    """16 MB are the most that its length can say; there are four of them."""
    _hello(visit)
    while visit.sent < HUGE:
        visit.send(_record(_certificate_of(0xfffff0) + b"\x30" * (PIECE - 10)))
        for _ in range((16 << 20) // PIECE):
            visit.send(_record(b"\x30" * PIECE))
    raise Gone


def certificate(data):
    """This, and that it was all."""
    def step(visit):
        _hello(visit)
        body = _certificate_of(len(data)) + data if data else b"\x0b\0\0\x03\0\0\0"
        visit.send(_record(body) + _record(b"\x0e\0\0\0"))
        visit.client.recv(4096)
    return step


def only_hello(visit):
    _hello(visit)
    raise Gone


def broken_record(visit):
    """A record that says to be longer than any may be."""
    visit.client.recv(65536)
    visit.send(struct.pack("!BHH", 22, 0x0303, 65535))
    time.sleep(LONGEST)


def plain(data):
    """Takes a ClientHello for a command."""
    def step(visit):
        visit.client.recv(65536)
        visit.send(data)
        raise Gone
    return step


def noise(visit):
    visit.client.recv(65536)
    visit.send(bytes((91 + 37 * i) % 256 for i in range(4096)))
    time.sleep(LONGEST)


# name -> (step that is replaced, by what); before the first one: nobody, where no one
# listens, and deaf, where nobody answers the telephone.
MANNERS = {
    "nobody": (None, None),
    "deaf": (None, None),
    "mute": ("greet", mute),
    "tarpit": ("greet", drip(b"220-please wait\r\n")),
    "close": ("greet", close),
    "reset": ("greet", reset),
    "half-line": ("greet", then(says(b"220 mx ESM"), close)),
    "lines": ("greet", endless(b"220-wait\r\n")),
    "line": ("greet", endless(b"220-wait")),
    "away": ("greet", then(says(b"554 5.7.1 go away " + ESCAPE + b"\r\n"), mute)),
    "ssh": ("greet", then(says(b"SSH-2.0-OpenSSH_9.2\r\n"), close)),
    "binary": ("greet", then(says(bytes(range(256)) + b"\r\n"), close)),
    "ehlo-mute": ("ehlo", mute),
    "ehlo-close": ("ehlo", then(says(b""), close)),
    "ehlo-reset": ("ehlo", then(says(b""), reset)),
    "ehlo-lines": ("ehlo", endless(b"250-AGAIN\r\n")),
    "ehlo-line": ("ehlo", endless(b"250-AGAIN")),
    "ehlo-drip": ("ehlo", drip(b"250-AGAIN\r\n")),
    "starttls-mute": ("starttls", mute),
    "starttls-close": ("starttls", then(says(b""), close)),
    "starttls-no": ("starttls", then(says(b"502 5.5.1 " + ESCAPE + b"what?\r\n"), mute)),
    "starttls-lines": ("starttls", endless(b"220-wait\r\n")),
    "tls-mute": ("tls", mute),
    "tls-close": ("tls", close),
    "tls-reset": ("tls", reset),
    "tls-plain": ("tls", plain(b"250 mx\r\n250 mx\r\n")),
    "tls-http": ("tls", plain(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    "tls-noise": ("tls", noise),
    "tls-record": ("tls", broken_record),
    "tls-drip": ("tls", drip(_record(b"\x02\0\0\x50" + b"\x03" * 80))),
    "tls-hello": ("tls", only_hello),
    "tls-huge": ("tls", huge_certificate),
    "tls-empty": ("tls", certificate(b"")),
    "tls-junk": ("tls", certificate(b"\x30\x82\x01\x00" + b"junk" * 64)),
}
# Those who only wait for the visitor to lose patience.
PATIENT = ("deaf", "mute", "tarpit", "ehlo-mute", "ehlo-drip", "starttls-mute", "tls-mute",
           "tls-drip")


class BadMail:
    """addresses: {address: name of a manner}"""

    def __init__(self, addresses, pem):
        self.addresses = addresses
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.forget()

    def forget(self):
        """From now on it counts anew."""
        self.sent = {}      # manner -> octets, at most, to one visitor
        self.visits = {}    # manner -> visitors

    def start(self):
        for address, manner in self.addresses.items():
            if manner == "nobody":
                continue
            server = socket.create_server((address, 25), backlog=0 if manner == "deaf" else 64)
            if manner == "deaf":
                self.waiting = [server] + [self._wait_at(address) for _ in range(4)]
                continue
            threading.Thread(target=self._accept, args=(server, manner), daemon=True).start()

    @staticmethod
    def _wait_at(address):
        """Takes a place in the queue, which is short: further ones are not answered."""
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((address, 25))
        return client

    def _accept(self, server, manner):
        while True:
            client, _ = server.accept()
            threading.Thread(target=self._visit, args=(client, manner), daemon=True).start()

    def _visit(self, client, manner):
        client.settimeout(LONGEST)
        visit = Visit(client, self.context)
        replaced, step = MANNERS[manner]
        self.visits[manner] = self.visits.get(manner, 0) + 1
        try:
            for name in ("greet", "ehlo", "starttls", "tls"):
                if name == replaced:
                    step(visit)
                else:
                    getattr(visit, name)()
        except (OSError, Gone, IndexError, StopIteration, struct.error):
            pass   # a visitor that leaves early is what most tests are about
        finally:
            self.sent[manner] = max(self.sent.get(manner, 0), visit.sent)
            client.close()
