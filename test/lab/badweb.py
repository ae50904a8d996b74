# SPDX-License-Identifier: BSD-2-Clause
"""A policy host with bad manners; which ones is said per host name, and may change
while it runs (hosts[name] = (manner, policy))."""

import os
import socket
import ssl
import struct
import threading
import time

from row import BAD_WEB_ADDRESS

LONGEST = 20   # seconds that any visitor is kept


class BadWeb:
    def __init__(self, certs):
        self.certs = certs
        self.hosts = {}
        self.visits = {}        # host -> connections that named it
        self.contexts = {}
        self.lock = threading.Lock()
        self.front = self._context()
        self.front.sni_callback = self._named

    @staticmethod
    def _context():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        return context

    def _named(self, connection, name, _front):
        """The visitor has said whom it wants: show that certificate."""
        connection.danests_host = name
        with self.lock:
            self.visits[name] = self.visits.get(name, 0) + 1
            context = self.contexts.get(name)
        path = os.path.join(self.certs, "%s.pem" % name)
        if context is None:
            if not os.path.exists(path):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            context = self._context()
            context.load_cert_chain(path)
            with self.lock:
                self.contexts[name] = context
        connection.context = context
        return None

    def start(self):
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((BAD_WEB_ADDRESS, 443))
        server.listen(256)
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def _accept(self, server):
        while True:
            client, _ = server.accept()
            threading.Thread(target=self._visit, args=(client,), daemon=True).start()

    def _visit(self, client):
        client.settimeout(LONGEST)
        try:
            hello = client.recv(4096, socket.MSG_PEEK)
            manner = self._manner(hello)
            if manner == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if manner == "mute":
                time.sleep(LONGEST)
                return
            front = self.front
            if manner == "old-tls":
                front = self._context()
                front.maximum_version = ssl.TLSVersion.TLSv1
                front.sni_callback = self._named
            with front.wrap_socket(client, server_side=True) as tls:
                self._serve(tls)
        except (OSError, ValueError):
            pass   # a visitor that leaves early is what most tests are about
        finally:
            client.close()

    def _manner(self, hello):
        """By the host name, which a ClientHello carries in the clear: the protocol
        version is settled before OpenSSL tells us the name."""
        names = [n for n in self.hosts if n.encode() in hello]
        return self.hosts[max(names, key=len)][0] if names else "good"

    def _serve(self, tls):
        manner, policy = self.hosts[tls.danests_host]
        if manner == "hang":
            time.sleep(LONGEST)
            return
        request = b""
        while b"\r\n\r\n" not in request and len(request) < 16384:
            piece = tls.recv(4096)
            if not piece:
                return
            request += piece
        getattr(self, "_do_" + manner.replace("-", "_"))(tls, policy)

    @staticmethod
    def _head(length=None, more=""):
        size = "" if length is None else "Content-Length: %d\r\n" % length
        return ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n%s%sConnection: close\r\n\r\n"
                % (size, more)).encode()

    def _do_good(self, tls, policy):
        tls.sendall(self._head(len(policy)) + policy)

    _do_old_tls = _do_good
    _do_moody = _do_good   # until a test gives the host another manner

    def _do_changed(self, tls, policy):
        self._do_good(tls, policy + b"mx: mx.changed.plain\r\n")

    def _do_slow(self, tls, policy):
        """Right, but not at once."""
        time.sleep(2)
        self._do_good(tls, policy)

    def _do_close(self, tls, _policy):
        tls.unwrap()

    def _do_cut(self, tls, policy):
        """The part that arrives would be a policy."""
        tls.sendall(self._head(len(policy) + 40) + policy)

    def _do_drip(self, tls, policy):
        tls.sendall(self._head(len(policy)))
        for byte in policy[:LONGEST]:
            tls.sendall(bytes([byte]))
            time.sleep(1)

    def _do_oversize(self, tls, policy):
        body = policy + b"x-filler: " + b"x" * 70000 + b"\r\n"
        tls.sendall(self._head(None) + body)

    def _do_endless(self, tls, policy):
        tls.sendall(self._head(None, "Transfer-Encoding: chunked\r\n"))
        tls.sendall(b"%x\r\n%s\r\n" % (len(policy), policy))
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            tls.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    def _do_headers(self, tls, _policy):
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            tls.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
