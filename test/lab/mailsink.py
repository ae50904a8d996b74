# SPDX-License-Identifier: BSD-2-Clause
"""Mail servers of the closed world: one process, one address each, STARTTLS with the
certificate of the name asked for. What arrives is remembered with how it came."""

import asyncio
import logging
import ssl
import threading
from dataclasses import dataclass

HANDSHAKE_FAILURE = bytes((21, 3, 1, 0, 2, 2, 40))   # a fatal alert (RFC 8446 6)
# Servers that say what a Postfix would say of itself: to a recipient, and as a greeting.
QUOTES = {"quote": "450 4.7.5 Server certificate not verified) dsn=4.7.4, status=sent (",
          "greet": "421 4.7.4 TLS is required, but was not offered by host mx.example[192.0.2.1]"}


@dataclass
class Received:
    recipient: str
    address: str       # of the server that took it
    tls: str           # protocol version, or "" in the clear
    name: str          # what the client named (SNI), or ""


class MailSink:
    def __init__(self):
        self.servers = {}      # (address, port), or a socket's path: its host, certificate
        #                        or None, manner
        self.by_name = {}      # host -> context
        self.received = []

    def add(self, address, host, certificate, port=25, manner="good"):
        self.servers[(address, port) if port else address] = (host, certificate, manner)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            if manner == "anonymous":   # no certificate, by suites that need none
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.set_ciphers("aNULL:@SECLEVEL=0")
                context.maximum_version = ssl.TLSVersion.TLSv1_2
            if manner == "old-tls":
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
            if manner not in ("stubborn", "anonymous"):
                context.sni_callback = self._named
            self.by_name[host] = context

    def _named(self, connection, name, _context):
        connection.danests_host = name or ""
        if name in self.by_name:
            connection.context = self.by_name[name]

    def start(self):
        # asyncio mutters when a client closes TLS without a farewell.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait(10)

    def serve(self, address, host, certificate, port=25, manner="good"):
        """One more, while it runs."""
        self.add(address, host, certificate, port, manner)
        place = (address, port) if port else address
        asyncio.run_coroutine_threadsafe(self._open(place), self.loop).result(10)

    async def _open(self, place):
        if isinstance(place, str):
            return await asyncio.start_unix_server(self._session, place)
        return await asyncio.start_server(self._session, *place)

    def _run(self, ready):
        asyncio.set_event_loop(self.loop)
        for place in self.servers:
            self.loop.run_until_complete(self._open(place))
        ready.set()
        self.loop.run_forever()

    async def _session(self, reader, writer):
        name = writer.get_extra_info("sockname")
        place = name if isinstance(name, str) else name[:2]
        host, certificate, manner = self.servers[place]
        session = Session(self, host, place if place is name else place[0], reader, writer,
                          manner)
        try:
            await asyncio.wait_for(session.talk(certificate), 60)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError):
            pass   # a client that leaves has its own log to say why
        finally:
            writer.close()


class Session:
    def __init__(self, sink, host, address, reader, writer, manner):
        self.sink, self.host, self.address = sink, host, address
        self.reader, self.writer, self.manner = reader, writer, manner
        self.tls, self.name = "", ""

    async def say(self, *lines):
        self.writer.write("".join(x + "\r\n" for x in lines).encode())
        await self.writer.drain()

    async def line(self):
        line = await self.reader.readuntil(b"\n")
        return line.decode("utf-8", "surrogateescape").rstrip("\r\n")

    async def talk(self, certificate):
        if self.manner == "greet":
            await self.say(QUOTES["greet"])
            return
        await self.say("220 %s ESMTP" % self.host)
        recipients = []
        while True:
            command = await self.line()
            verb = command.split(" ")[0].split(":")[0].upper()
            if verb in ("EHLO", "LHLO"):
                offer = certificate and not self.tls
                code = 354 if self.manner == "codes" else 250
                await self.say("250-%s" % self.host,
                               *(["%d-STARTTLS" % code] if offer else []),
                               *(["250-SMTPUTF8"] if self.manner == "utf8" else []),
                               "250 8BITMIME")
            elif verb == "STARTTLS" and self.manner == "refuse":
                await self.say("454 4.7.0 TLS not available due to local problem")
            elif verb == "STARTTLS" and certificate and not self.tls:
                early = ["250 %s" % self.host] if self.manner == "inject" else []
                await self.say("220 go ahead", *early)
                if self.manner == "alert":
                    await self.reader.read(4096)   # its ClientHello
                    self.writer.write(HANDSHAKE_FAILURE)
                    await self.writer.drain()
                    return
                await self.start_tls()
            elif verb == "RCPT" and self.manner == "quote":
                await self.say(QUOTES["quote"])
            elif verb == "RCPT":
                recipients.append(command.split("<", 1)[1].rsplit(">", 1)[0])
                await self.say("250 ok")
            elif verb == "DATA":
                await self.say("354 go ahead")
                while await self.line() != ".":
                    pass
                for recipient in recipients:
                    self.sink.received.append(
                        Received(recipient, self.address, self.tls, self.name))
                recipients = []
                await self.say("250 taken")
            elif verb == "QUIT":
                await self.say("221 bye")
                return
            else:
                await self.say("250 ok" if verb in ("MAIL", "HELO", "RSET", "NOOP")
                               else "502 not here")

    async def start_tls(self):
        context = self.sink.by_name[self.host]
        await self.writer.start_tls(context, ssl_handshake_timeout=20)
        connection = self.writer.get_extra_info("ssl_object")
        self.tls = connection.version()
        self.name = getattr(connection, "danests_host", "")
