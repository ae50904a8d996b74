# SPDX-License-Identifier: BSD-2-Clause
"""A resolver's evil twin: passes questions on, and spoils the answers it is told to.

One event loop in a thread of its own serves any number of proxies, each on its own
loopback address."""

import asyncio
import logging
import random
import struct
import threading

from dnswire import AD, RA, QR, RD, TC, Message, fake_soa, pack_name

NEVER = object()    # no answer at all
HANG_UP = object()  # TCP: close the connection; UDP: no answer

VALIDATE_FAULTS = ("drop", "servfail", "refused", "notimp", "yxdomain", "truncate", "flip-one",
                   "flip-some", "flip-most", "empty", "nxdomain", "nodata", "nosig", "noad", "late",
                   "wrong-id", "wrong-question", "hip", "pointer")
# From a resolver that is trusted: what can go wrong, not what could be forged. One that
# clears AD for good is in resolver_test; for one question only, nothing could tell.
TRUST_AD_FAULTS = ("drop", "servfail", "refused", "truncate", "empty", "late",
                   "hip", "pointer")


def _failure(message, rcode):
    return message.rebuild(lambda r: False, QR | RD | RA | rcode)


def _flip(message, count):
    dice = random.Random("%s %d %d" % (message.name, message.type, count))
    data = bytearray(message.data)
    for _ in range(count):
        data[dice.randrange(2, len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def _forged(message, rcode):
    zone = message.name.split(".", 1)[-1]
    return message.rebuild(lambda r: False, QR | RD | RA | rcode, [(1, fake_soa(zone))])


def _null_mx(message):
    """RFC 7505, unsigned: "takes no mail". For other questions: nothing at all."""
    if message.type != 15:
        return _forged(message, 0)
    record = pack_name(message.name) + struct.pack("!HHIHHB", 15, 1, 60, 3, 0, 0)
    return message.rebuild(lambda r: False, message.flags & ~0xF, [(0, record)])


def _many_mx(message):
    """250 mail hosts below the name itself; too large for UDP."""
    hosts = [pack_name("h%d.%s" % (i, message.name)) for i in range(250)]
    records = [pack_name(message.name) + struct.pack("!HHIHH", 15, 1, 60, 2 + len(h), 10) + h
               for h in hosts]
    return message.rebuild(lambda r: False, QR | RD | RA, [(0, r) for r in records])


def _other_question(message):
    return (message.data[:12] + pack_name("other." + message.name)[:250]
            + message.data[message.question_end - 4:])


# Records that stumble some parsers: a HIP record cut short with another record after
# it, and an owner name that points past the end.
HIP = b"\0" + struct.pack("!HHIH", 55, 1, 60, 2) + b"\x10\x02"
POINTER = b"\xff\xf0" + struct.pack("!HHIH", 1, 1, 60, 4) + b"\x0a\x35\x02\x01"

FAULTS = {
    "drop": lambda m, udp: NEVER,
    "servfail": lambda m, udp: _failure(m, 2),
    "refused": lambda m, udp: _failure(m, 5),
    "notimp": lambda m, udp: _failure(m, 4),
    "yxdomain": lambda m, udp: m.rebuild(flags=(m.flags & ~0xF) | 6),
    "truncate": lambda m, udp: (m.rebuild(lambda r: False, m.flags | TC) if udp else HANG_UP),
    "flip-one": lambda m, udp: _flip(m, 1),
    "flip-some": lambda m, udp: _flip(m, 3 + len(m.data) // 25),
    "flip-most": lambda m, udp: _flip(m, 4 * len(m.data)),
    "empty": lambda m, udp: m.rebuild(lambda r: False, m.flags & ~0xF),
    "nxdomain": lambda m, udp: _forged(m, 3),
    "nodata": lambda m, udp: _forged(m, 0),
    "null-mx": lambda m, udp: _null_mx(m),
    "nosig": lambda m, udp: m.rebuild(lambda r: r.type != 46),
    "noad": lambda m, udp: m.rebuild(flags=m.flags & ~AD),
    "late": lambda m, udp: m.data,
    "wrong-id": lambda m, udp: struct.pack("!H", m.id ^ 0x5555) + m.data[2:],
    "wrong-question": lambda m, udp: _other_question(m),
    "hip": lambda m, udp: m.rebuild(extra=[(1, HIP), (1, HIP)]),
    "pointer": lambda m, udp: m.rebuild(extra=[(1, POINTER), (2, POINTER)]),
    "many-mx": lambda m, udp: m.rebuild(lambda r: False, m.flags | TC) if udp else _many_mx(m),
    # Not faults but news: the record changes while the daemon runs (unsigned zones).
    "new-id": lambda m, udp: m.data.replace(b"id=1", b"id=2"),
    "moved": lambda m, udp: m.data.replace(bytes((10, 53, 5, 1)), bytes((10, 53, 6, 6))),
}


class Proxy(asyncio.DatagramProtocol):
    """fault(name, type) names what happens to the answer, or None."""

    def __init__(self, address, upstream, fault=lambda name, kind: None, late=2.0):
        self.address, self.upstream, self.fault, self.late = address, upstream, fault, late
        self.seen = {}       # question -> how often it was asked, in order of first sight
        self.spoiled = 0

    async def listen(self):
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(self.address, 53))
        self.server = await asyncio.start_server(self._connection, self.address, 53)

    async def close(self):
        self.transport.close()
        self.server.close()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, client):
        asyncio.ensure_future(self._datagram(data, client))

    async def _datagram(self, data, client):
        answer = await self._answer(data, True)
        if isinstance(answer, bytes) and not self.transport.is_closing():
            self.transport.sendto(answer, client)

    async def _connection(self, reader, writer):
        lock = asyncio.Lock()

        async def one(data):
            answer = await self._answer(data, False)
            if answer is HANG_UP:
                writer.close()
            elif isinstance(answer, bytes):
                async with lock:
                    writer.write(struct.pack("!H", len(answer)) + answer)
        try:
            while True:
                size = struct.unpack("!H", await reader.readexactly(2))[0]
                asyncio.ensure_future(one(await reader.readexactly(size)))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def _answer(self, data, udp):
        question = Message(data).question
        self.seen[question] = self.seen.get(question, 0) + 1
        fault = self.fault(*question)
        if fault == "drop":
            self.spoiled += 1
            return NEVER
        try:
            reply = await asyncio.wait_for(self._pass_on(data, udp), 10)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            return NEVER
        if fault is None:
            return reply
        self.spoiled += 1
        if fault == "late":
            await asyncio.sleep(self.late)
        return FAULTS[fault](Message(reply), udp)

    async def _pass_on(self, data, udp):
        loop = asyncio.get_running_loop()
        if udp:
            done = loop.create_future()
            transport, _ = await loop.create_datagram_endpoint(
                lambda: _OneAnswer(done), remote_addr=(self.upstream, 53))
            try:
                transport.sendto(data)
                return await done
            finally:
                transport.close()
        reader, writer = await asyncio.open_connection(self.upstream, 53)
        try:
            writer.write(struct.pack("!H", len(data)) + data)
            size = struct.unpack("!H", await reader.readexactly(2))[0]
            return await reader.readexactly(size)
        finally:
            writer.close()


class _OneAnswer(asyncio.DatagramProtocol):
    def __init__(self, done):
        self.done = done

    def datagram_received(self, data, _sender):
        if not self.done.done():
            self.done.set_result(data)


class Proxies:
    """The thread that runs them."""

    def __init__(self):
        # A client that hangs up early is no news here.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def open(self, *args, **options):
        proxy = Proxy(*args, **options)
        self._do(proxy.listen())
        return proxy

    def close(self, proxy):
        self._do(proxy.close())
