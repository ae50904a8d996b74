#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Probes against servers that do as they like, as TAP. PROBE_DRIVER names the program of
test/tools/probe_driver.c. Nothing here has a time that it must be done in: whatever hangs
is ended by GUARD."""
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from probe_world import (CLOSED, EHLO, GREETING, STARTTLS, Server, client_hello, dialogue,
                         drip, probe, reset, swallow)
from tap import Tap

GO = b"220 2.0.0 go ahead\r\n"


def silent(conn, wait):
    wait(60)


def close(conn, wait):
    conn.shutdown(socket.SHUT_RDWR)


def say(*texts):
    def play(conn, wait):
        for text in texts:
            conn.sendall(text)
        swallow(conn)
    return play


def say_and_reset(text):
    def play(conn, wait):
        conn.sendall(text)
        reset(conn, wait)
    return play


STAGES = [(GREETING, "greeting"), (EHLO, "EHLO"), (STARTTLS, "STARTTLS")]


def each_stage(tap):
    """What can happen while a reply is waited for."""
    for stage, name in STAGES:
        for what, play, end, words, timeout in (
                ("silence", silent, "timeout", "timed out waiting for the ", 700),
                ("an octet now and then", drip(b"", b"220-x\r\n"), "timeout", "timed out", 700),
                ("a line without an end, slowly", drip(b"220 ", b"x"), "timeout", "timed", 700),
                ("the connection closed", close, "refused", "connection closed while", 20000),
                ("a reset", reset, "refused", "connection ", 20000),
                ("half a reply, and closed", say(b"220-half", CLOSED), "refused", "connection",
                 20000),
                ("a permanent failure", say(b"554 5.7.1 go \x1b[31maway\r\n"), "reply",
                 "554 5.7.1 go ?[31maway", 20000),
                ("a temporary failure", say(b"421-4.3.2 busy\r\n421 4.3.2 later\r\n"), "reply",
                 "421 4.3.2 busy 4.3.2 later", 20000),
                ("a failure, and a reset", say_and_reset(b"421 4.3.2 too many\r\n"), "reply",
                 "421 4.3.2 too many", 20000),
                ("garbage", say(bytes(range(128, 256)) * 50), "garbage", "no SMTP: ", 20000),
                ("a web server", say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "garbage",
                 "no SMTP: a line does not begin with a reply code: \"H", 20000),
                ("TLS at once", say(bytes.fromhex("1503010002022a")), "garbage",
                 "no SMTP: the server speaks TLS at once", 20000),
                ("a NUL", say(b"220 a\0b\r\n"), "garbage", "no SMTP: a NUL", 20000),
                ("codes that differ", say(b"220-a\r\n421 b\r\n"), "reply", "220 a 421 b", 20000),
                ("a line without an end", say(b"220 " + b"x" * 5000), "garbage", "2048", 20000),
                ("lines without an end", say(b"220-x\r\n" * 20000), "garbage", "64 KiB", 20000)):
            if stage == EHLO and what == "a permanent failure":
                continue    # is not the end: hello() has it
            with Server(dialogue(stage, play)) as server:
                got = probe(server, timeout=timeout)
            tap.ok((got["stage"], got["end"]) == (name, end) and words in got["said"],
                   "%s: %s" % (name, what), got)


def hello(tap):
    """Replies to EHLO, and what a sender makes of them."""
    def mx(*replies):
        def play(conn, wait):
            for reply in replies:
                conn.sendall(reply)
                conn.line()
            swallow(conn)
        return play

    with Server(mx(b"220-" + b"x" * 2000 + b"\r\n" + b"220-more\r\n" * 900 + b"220 ESMTP\r\n",
                   b"250-mx\r\n250-SIZE\r\n250 HELP\r\n")) as server:
        got = probe(server)
    tap.ok((got["stage"], got["end"], got["starttls"]) == ("STARTTLS", "reply", False) and
           got["said"] == "STARTTLS is not offered", "STARTTLS is not offered", got)
    tap.ok(got["greeting"] == "x" * 255, "a banner of many lines: the first, cut", got)
    tap.ok(server.heard == b"EHLO client.example\r\nQUIT\r\n", "QUIT is said then", server.heard)

    with Server(mx(b"220 mx\r\n", b"250 STARTTLS\r\n")) as server:
        got = probe(server)
    tap.ok(not got["starttls"] and got["stage"] == "STARTTLS",
           "a server whose name is STARTTLS does not offer it", got)

    with Server(mx(b"220 mx\r\n", b"502 5.5.1 what?\r\n", b"250 mx\r\n")) as server:
        got = probe(server)
    tap.ok((got["stage"], got["end"], got["starttls"]) == ("STARTTLS", "reply", False) and
           got["said"] == 'STARTTLS is not offered: the reply to EHLO is "502 5.5.1 what?"',
           "EHLO refused: HELO, without STARTTLS", got)
    tap.ok(server.heard == b"EHLO client.example\r\nHELO client.example\r\nQUIT\r\n",
           "EHLO, HELO, QUIT", server.heard)

    with Server(mx(b"220 mx\r\n", b"550 5.7.1 no\r\n", b"550 5.7.1 no HELO\r\n")) as server:
        got = probe(server)
    tap.ok((got["stage"], got["end"]) == ("EHLO", "reply") and got["said"] == "550 5.7.1 no HELO",
           "EHLO and HELO refused", got)

    for code in (b"454 4.7.0 no key", b"502 5.5.1 no", b"250 fine", b"354 go on"):
        with Server(mx(b"220 mx\r\n", b"250-mx\r\n250 starttls\r\n", code + b"\r\n")) as server:
            got = probe(server)
        tap.ok((got["stage"], got["end"], got["starttls"]) == ("STARTTLS", "reply", True) and
               got["said"] == code.decode(), "STARTTLS answered with " + code.decode(), got)
        tap.ok(server.heard.endswith(b"STARTTLS\r\nQUIT\r\n"), "then QUIT", server.heard)

    for name, replies in (
            ("greeting", [b"220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n"]),
            ("EHLO", [b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n220 go\r\n"])):
        with Server(mx(*replies)) as server:
            got = probe(server)
        tap.ok((got["stage"], got["end"]) == (name, "garbage") and
               "unasked-for text behind the " in got["said"],
               "answers before the question, behind %s" % name, got)

    with Server(mx(b"220-mx\r\n250 mx\r\n", b"250-mx\r\n354-STARTTLS\r\n250 x\r\n",
                   b"220-a\r\n454 no\r\n")) as server:
        got = probe(server)
    tap.ok((got["stage"], got["end"], got["said"], got["starttls"], got["mixed"]) ==
           ("STARTTLS", "reply", "220 a 454 no", True, True) and
           server.heard.endswith(b"STARTTLS\r\nQUIT\r\n"),
           "codes that differ: the last one counts", got, server.heard)


def handshake_scripts():
    # TLS 1.2, no session, ECDHE-RSA-AES128-GCM-SHA256, no extensions.
    body = b"\x03\x03" + b"R" * 32 + b"\x00" + b"\xc0\x2f" + b"\x00"
    server_hello = b"\x16\x03\x03" + struct.pack(">H", len(body) + 4) + b"\x02" + \
        struct.pack(">I", len(body))[1:] + body

    def record(kind, data):
        return bytes([kind, 3, 3]) + struct.pack(">H", len(data)) + data

    def huge(conn, wait):
        """A certificate message of 16 MiB, which is as long as one can be, four times."""
        conn.sendall(server_hello)
        for _ in range(4):
            conn.sendall(record(22, b"\x0b\xff\xff\xff\xff\xff\xfc"))
            for _ in range(1024):
                conn.sendall(record(22, b"\x30" * 16384))

    def endless(data):
        def play(conn, wait):
            conn.sendall(server_hello)
            for _ in range(4000):
                conn.sendall(data * 100)
        return play

    return (
        ("silence", silent, "timeout", "timed out waiting for the TLS handshake", 700),
        ("closed", close, "refused", "connection closed while waiting for the TLS", 20000),
        ("a reset", reset, "refused", "connection reset while waiting for the TLS handshake",
         20000),
        ("an alert", say(record(21, b"\x02\x28")), "failed",
         "TLS alert 40 from the server: Handshake failed", 20000),
        ("an alert and a reset", say_and_reset(record(21, b"\x02\x46")), "failed",
         "TLS alert 70 from the server: ", 20000),
        ("an alert of no known kind", say(record(21, b"\x02\xee")), "failed",
         "TLS alert 238 from the server: ", 20000),
        ("warnings without an end", endless(record(21, b"\x01\x70")), "garbage",
         "TLS warnings without an end", 20000),
        ("records without content", endless(record(22, b"")), None, "", 20000),
        ("plaintext", say(b"250 injected\r\n"), "garbage", 'no TLS: "250 i', 20000),
        ("two octets of plaintext", say(b"25", CLOSED), "garbage", 'no TLS: "25"', 20000),
        ("garbage", say(bytes(range(128, 256)) * 50), "garbage", 'no TLS: "', 20000),
        ("half a record", say(server_hello[:20], CLOSED), "refused", "closed", 20000),
        ("half a record, and silence", say(server_hello[:20]), "timeout", "timed out", 700),
        ("octet by octet for ever", drip(server_hello, record(22, b"\x0b")), "timeout",
         "timed out", 700),
        ("certificates of 64 MiB", huge, "garbage", "more than 1 MiB", 20000),
        ("application data", say(record(23, b"x" * 100)), "failed", "", 20000),
        ("SSL 3.0", say(b"\x16\x03\x00" + server_hello[3:9] + b"\x03\x00" + server_hello[11:]),
         "failed", "", 20000),
        ("SSL 2", say(b"\x80\x2e\x01\x00\x02"), "garbage", "no TLS", 20000),
        ("no certificate", say(server_hello, record(22, b"\x0b\0\0\3\0\0\0")), "failed", "",
         20000),
        ("a certificate that is none", say(server_hello, record(
            22, b"\x0b\0\0\x0b\0\0\x08\0\0\x05hello")), "failed", "", 20000),
    )


def handshake(tap):
    """What is no handshake, behind STARTTLS and for a policy host."""
    for what, play, end, words, timeout in handshake_scripts():
        def after_hello(conn, wait, play=play):
            client_hello(conn)
            play(conn, wait)

        def behind_220(conn, wait, play=play):
            conn.sendall(GO)
            after_hello(conn, wait, play)

        for how, script, plain in (("STARTTLS", dialogue(STARTTLS, behind_220), "no"),
                                   ("at once", after_hello, "yes")):
            with Server(script) as server:
                got = probe(server, timeout=timeout, plain=plain, sni="mx.example")
            tap.ok(got["stage"] == "TLS handshake" and words in got["said"] and got["said"] and
                   got["end"] in ((end,) if end else ("garbage", "failed")) and
                   not got["chain"], "handshake (%s): %s" % (how, what), got)


def connecting(tap):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    got = probe(("127.0.0.1", port))
    tap.ok((got["stage"], got["end"], got["said"]) ==
           ("connect", "refused", "connection refused"), "nobody is there", got)
    with socket.socket() as listener:   # a queue that is full drops what comes
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        filling = [socket.socket() for _ in range(4)]
        for one in filling:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        time.sleep(0.2)
        got = probe(listener.getsockname(), timeout=700)
        tap.ok((got["stage"], got["end"], got["said"]) ==
               ("connect", "timeout", "timed out waiting for the connection"),
               "nobody answers", got)
        for one in filling:
            one.close()
    got = probe(("127.0.0.1", port), files=3)
    tap.ok((got["stage"], got["end"], got["said"]) == ("connect", "local", "too many open files"),
           "no descriptor is left for it", got)
    got = probe(("127.0.0.1", port), timeout=0)
    tap.ok(got["stage"] == "connect" and got["end"] in ("timeout", "refused"), "no time", got)


def our_names(tap):
    for helo in ("", "two words", "a\r\nMAIL FROM:<x>", "caf\u00e9", "x" * 256):
        with Server(dialogue(GREETING, say(b"220 mx\r\n"))) as server:
            got = probe(server, helo=helo)
        tap.ok((got["end"], server.heard.replace(b"QUIT\r\n", b"")) == ("local", b""),
               "no name for EHLO, not sent: %r" % helo[:20], got, server.heard)


if __name__ == "__main__":
    tap = Tap()
    for group in (connecting, our_names, each_stage, hello, handshake):
        tap.run(group)
    sys.exit(tap.done())
