# SPDX-License-Identifier: BSD-2-Clause
"""Policy hosts that misbehave; which way is the first label after "mta-sts."."""

import os
import socket
import ssl
import threading
import time

POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 86400\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = b"Content-Type: text/plain\r\n"
LONGEST = 60   # seconds that any visitor is kept


def sized(body, head=OK + PLAIN):
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


FIXED = {
    "redirect": b"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.test/\r\n"
                b"Content-Length: 0\r\n\r\n",
    "notmodified": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "missing": sized(b"no such thing", b"HTTP/1.1 404 Not\x1b[31m Found\r\n"),
    "broken": sized(POLICY, b"HTTP/1.1 500 Oops\r\n" + PLAIN),
    "nocontent": b"HTTP/1.1 204 No Content\r\n\r\n",
    "partial": sized(POLICY, b"HTTP/1.1 206 Partial Content\r\n" + PLAIN),
    "bighome": b"HTTP/1.1 404 No\r\nContent-Length: 99999999\r\n\r\n",
    "gzip": sized(POLICY, OK + PLAIN + b"Content-Encoding: gzip\r\n"),
    "identity": sized(POLICY, OK + PLAIN + b"Content-Encoding: identity\r\n"),
    "html": sized(POLICY, OK + b"Content-Type: text/html\x1b[2J; charset=utf-8\r\n"),
    "plainly": sized(POLICY, OK + b"Content-Type: text/plainly\r\n"),
    "params": sized(POLICY, OK + b"content-type: Text/Plain; charset=utf-8\r\n"),
    "notype": sized(POLICY, OK),
    "hinted": b"HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n\r\n" + sized(POLICY),
    "announced": OK + PLAIN + b"Content-Length: 65537\r\n\r\n",
    "ninety": POLICY,
    "cut": OK + PLAIN + b"Content-Length: 500\r\n\r\n" + POLICY,
    "silent": b"",
    "empty": sized(b""),
    "nonsense": sized(b"version: STSv1\r\nmode: \x1b[31mall\r\n"),
    "zeroage": sized(POLICY.replace(b"86400", b"0")),
    "brim": sized(POLICY + b"x: " + b"y" * (65536 - len(POLICY) - 5) + b"\r\n"),
}


def endless(first, piece):
    def run(client):
        client.sendall(first)
        for _ in range(4096):
            client.sendall(piece)
    return run


def drip(client):
    client.sendall(OK + PLAIN + b"Content-Length: 500\r\n\r\n")
    for octet in POLICY:
        client.sendall(bytes([octet]))
        time.sleep(0.3)


RUN = {
    "chunks": endless(OK + PLAIN + b"Transfer-Encoding: chunked\r\n\r\n",
                      b"400\r\n" + b"x" * 1024 + b"\r\n"),
    "stream": endless(OK + PLAIN + b"Connection: close\r\n\r\n", b"x" * 1024),
    "headers": endless(OK, b"X-Fill: " + b"y" * 1000 + b"\r\n"),
    "drip": drip,
    "mute": lambda client: time.sleep(LONGEST),
}


class Mute:
    """Accepts, and says nothing; the first visitor is shown out after so many
    seconds."""

    def __init__(self, address, port, first=None):
        self.visits = []
        self.first = first
        self.listener = socket.create_server((address, port), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                self.visits.append(self.listener.accept()[0])
                if self.first is not None and len(self.visits) == 1:
                    threading.Timer(self.first, self.visits[0].close).start()
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        for one in [self.listener] + self.visits:
            one.close()


class Hostile:
    """Listeners at some addresses; each certificate file DIR/HOST.pem is a host of its own."""

    def __init__(self, addresses, certs, port=0, newest=ssl.TLSVersion.MAXIMUM_SUPPORTED):
        self.certs = certs
        self.requests = {}
        self.lock = threading.Lock()
        self.port = port
        self.context = self._context()
        self.context.maximum_version = newest
        self.context.sni_callback = self._named
        for address in addresses:
            listener = socket.create_server((address, self.port), backlog=256)
            self.port = listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    @staticmethod
    def _context():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        return context

    def _named(self, connection, name, _context):
        path = os.path.join(self.certs, "%s.pem" % name)
        if not os.path.exists(path):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        context = self._context()
        context.load_cert_chain(path)
        connection.context = context
        connection.host = name
        return None

    def _accept(self, listener):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(LONGEST)
        try:
            tls = self.context.wrap_socket(client, server_side=True)
            request = b""
            while b"\r\n\r\n" not in request:
                piece = tls.recv(4096)
                if not piece:
                    return
                request += piece
            with self.lock:
                self.requests[tls.host] = request
            what = tls.host.split(".")[1]
            if what in RUN:
                RUN[what](tls)
            else:
                tls.sendall(FIXED.get(what, sized(POLICY)))
                tls.unwrap()
        except OSError:
            pass
        finally:
            client.close()
