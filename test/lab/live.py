# SPDX-License-Identifier: BSD-2-Clause
"""Domains that a test makes up as it goes: a name server and a policy host that ask the
test for each answer. Zones that are served "live" are delegated to it; nothing of them
is in a file, so there may be any number, and they may change at any moment."""

import datetime
import socket
import ssl
import struct
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from dnswire import NAMES, QR, Message, fake_soa, pack_name
from zones import LIVE_ADDRESS

WEB_ADDRESS = "10.53.6.2"
AUTHORITATIVE = 0x0400
NXDOMAIN, SERVFAIL = 3, 2
PATIENCE = 5     # seconds that a visitor is kept
THREADS = 4      # visitors served at a time; the rest wait in the kernel
CONTEXTS = 5000  # certificates remembered


def txt(text):
    return bytes([len(text)]) + text.encode()


def mx(name, preference=10):
    return struct.pack("!H", preference) + pack_name(name)


def address(text):
    return socket.inet_aton(text)


class LiveDns:
    """answers(name, type) -> records' data, or a response code; an empty list is no data."""

    def __init__(self, zone, answers, ttl=0):
        self.zone, self.answers, self.ttl = zone, answers, ttl
        self.count = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.settimeout(0.2)   # how soon stop() is noticed
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def start(self):
        self.socket.bind((LIVE_ADDRESS, 53))
        self.thread.start()

    def stop(self):
        """The address is free for the next part that wants it."""
        self.stopped.set()
        self.thread.join()
        self.socket.close()

    def _serve(self):
        while not self.stopped.is_set():
            try:
                query, client = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            try:
                self.socket.sendto(self._answer(Message(query)), client)
            except (IndexError, struct.error, ValueError, OSError):
                pass   # no question, or a resolver that has gone
            self.count += 1

    def _answer(self, message):
        code, own = 0, {
            (self.zone, "NS"): [pack_name("ns." + self.zone)],
            ("ns." + self.zone, "A"): [address(LIVE_ADDRESS)],
        }
        found = own.get(message.question)
        if found is None:
            found = self.answers(message.name, NAMES.get(message.type, ""))
        if isinstance(found, int):
            found, code = [], found
        owner = pack_name(message.name)
        records = [owner + struct.pack("!HHIH", message.type, 1, self.ttl, len(x)) + x
                   for x in found]
        denial = [] if records or code == SERVFAIL else [fake_soa(self.zone)]
        head = struct.pack("!HHHHHH", message.id, QR | AUTHORITATIVE | message.flags & 0x0100
                           | code, 1, len(records), len(denial), 0)
        return head + message.data[12:message.question_end] + b"".join(records + denial)


class LiveWeb:
    """policy(domain) -> the text, or None (404). Certificates are made when a name is first
    asked for. off() closes the port, as a host that is gone."""

    def __init__(self, pki, policy):
        self.pki, self.policy = pki, policy
        self.folder = tempfile.mkdtemp(dir=pki.dir)
        self.contexts = {}
        self.fetches = 0
        self.front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.front.sni_callback = self._named
        now = datetime.datetime.utcnow()
        self.dates = now - datetime.timedelta(days=1), now + datetime.timedelta(days=400)
        self.key = pki.web_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())
        self.serial = 1 << 64
        self.open = threading.Event()
        self.server = None

    def start(self):
        self.on()
        for _ in range(THREADS):
            threading.Thread(target=self._accept, daemon=True).start()

    def on(self):
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((WEB_ADDRESS, 443))
        server.listen(512)
        self.server = server
        self.open.set()

    def off(self):
        self.open.clear()
        server, self.server = self.server, None
        server.shutdown(socket.SHUT_RDWR)   # wakes those who wait in accept()
        server.close()

    def _accept(self):
        while True:
            self.open.wait()
            server = self.server
            try:
                client, _ = server.accept()
            except (OSError, AttributeError):
                continue   # it was closed meanwhile
            with client:
                try:
                    client.settimeout(PATIENCE)
                    with self.front.wrap_socket(client, server_side=True) as tls:
                        self._visit(tls)
                except (OSError, ValueError):
                    pass   # a visitor that was killed

    def _named(self, connection, name, _front):
        context = self.contexts.get(name)
        if context is None:
            if len(self.contexts) >= CONTEXTS:
                self.contexts.clear()
            context = self.contexts[name] = self._context(name)
        connection.context = context
        connection.live_name = name

    def _context(self, name):
        self.serial += 1
        trusted = self.pki.trusted
        cert = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "live")]))
            .issuer_name(trusted.subject)
            .public_key(self.pki.web_key.public_key())
            .serial_number(self.serial)
            .not_valid_before(self.dates[0])
            .not_valid_after(self.dates[1])
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), True)
            .sign(trusted.key, hashes.SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.num_tickets = 0
        with tempfile.NamedTemporaryFile(dir=self.folder) as f:
            f.write(self.key + cert.public_bytes(serialization.Encoding.PEM))
            f.flush()
            context.load_cert_chain(f.name)
        return context

    def _visit(self, tls):
        request = b""
        while b"\r\n\r\n" not in request and len(request) < 16384:
            piece = tls.recv(4096)
            if not piece:
                return
            request += piece
        text = self.policy(tls.live_name.split(".", 1)[1])
        self.fetches += 1
        status, text = ("200 OK", text) if text is not None else ("404 Not Found", b"")
        tls.sendall(b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
                    b"Connection: close\r\n\r\n%s" % (status.encode(), len(text), text))
