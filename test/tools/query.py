#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danests query against servers that say anything, as TAP. DANESTS names the program.

What needs DNS is in test/live/query_test.py; JSON values one by one in test_value.c."""
import json
import os
import socket
import subprocess
import sys
import threading
import unittest

from control import main

PROGRAM = os.environ.get("DANESTS", os.path.join(
    os.environ.get("builddir", "build"), "tools", "danests"))
NOBODY = "unix:/nonexistent/socketmap"


class Server:
    """A socketmap server of one connection: frames to answer with, in turn. None
    closes instead."""

    def __init__(self, *frames):
        self.frames, self.asked = frames, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.name = "inet:127.0.0.1:%d" % self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        client, _ = self.socket.accept()
        client.settimeout(60)
        stream = client.makefile("rb")
        for frame in self.frames:
            digits = b""
            while not digits.endswith(b":"):
                octet = stream.read(1)
                if not octet:
                    return
                digits += octet
            self.asked.append(stream.read(int(digits[:-1])))
            assert stream.read(1) == b","
            if frame is None:
                break
            client.sendall(frame)
        stream.close()
        client.close()

    def close(self):
        self.socket.close()
        self.thread.join(60)


def frame(payload):
    return b"%d:%s," % (len(payload), payload)


def run(*args, **more):
    return subprocess.run([PROGRAM, "query", *args], capture_output=True, timeout=60, **more)


def ask(replies, *args):
    """With a server that replies so to the names among the arguments."""
    server = Server(*(r if r is None else frame(r) for r in replies))
    done = run("--server", server.name, *args)
    server.close()
    done.asked = server.asked
    return done


def results(done):
    document = json.loads(done.stdout.decode("ascii"))
    assert list(document) == ["results"], document
    return document["results"]


class Json(unittest.TestCase):
    def test_name_that_is_not_utf8_appears_with_its_octets_escaped(self):
        done = ask([b"NOTFOUND "] * 3, "--json", "a.example", b"b\xff\xc3.example",
                   "b\u00fc.example")
        self.assertEqual([r["nexthop"] for r in results(done)],
                         ["a.example", "b\\xff\\xc3.example", "b\u00fc.example"])
        self.assertEqual(done.asked[1], b"QUERY b\xff\xc3.example")

    def test_each_octet_of_what_only_looks_like_utf8_is_escaped(self):
        for odd in (b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80",
                    b"\xff"):
            done = ask([b"NOTFOUND "], "--json", b"x" + odd + b"y")
            self.assertEqual(results(done)[0]["nexthop"],
                             "x" + "".join("\\x%02x" % o for o in odd) + "y")

    def test_characters_of_every_length_stay(self):
        name = "\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"
        done = ask([b"NOTFOUND "], "--json", name)
        self.assertEqual(results(done)[0]["nexthop"], name)

    def test_reply_that_is_not_utf8_is_shown_with_its_octets_escaped(self):
        done = ask([b"TEMP \xfe\0 \x1b[2J\n"], "--json", "a.example")
        self.assertEqual(results(done)[0]["reply"], "TEMP \\xfe\\x00 \x1b[2J\n")
        self.assertEqual(done.returncode, 75)

    def test_document_is_whole_when_no_service_answers(self):
        done = run("--server", NOBODY, "--json", "a.example", "b.example")
        self.assertEqual(done.returncode, 69)
        self.assertEqual([(r["nexthop"], r["reply"], r["error"]) for r in results(done)],
                         [("a.example", None, "not-asked"), ("b.example", None, "not-asked")])
        self.assertIn("/nonexistent/socketmap", results(done)[1]["reason"])

    def test_document_is_whole_when_a_later_name_fails(self):
        done = ask([b"OK dane-only", None], "--json", "a.example", "b.example", "c.example")
        self.assertEqual(done.returncode, 69)
        first, second, third = results(done)
        self.assertEqual(first["reply"], "OK dane-only")
        self.assertNotIn("error", first)
        self.assertEqual((second["nexthop"], second["error"]), ("b.example", "no-service"))
        self.assertIn("closed the connection", second["reason"])
        self.assertEqual((third["nexthop"], third["error"]), ("c.example", "not-asked"))

    def test_document_is_whole_when_the_library_cannot_be_opened(self):
        done = run("--direct", "-o", "trust_anchor=/nonexistent", "--json", "a.example")
        self.assertEqual(done.returncode, 78, done)
        self.assertEqual(results(done)[0]["error"], "not-asked")
        self.assertIn("/nonexistent", results(done)[0]["reason"])

    def test_meaning_is_told(self):
        done = ask([b"OK secure match=a.example:.b.example servername=hostname"], "--json", "x")
        self.assertRegex(results(done)[0]["meaning"],
                         r"^secure: .*TLS.* for a\.example, \*\.b\.example$")

    def test_full_disk_is_noticed(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "query", "--server", NOBODY, "--json", "a.example"],
                                  stdout=full, stderr=subprocess.PIPE, timeout=30)
        self.assertEqual(done.returncode, 74, done.stderr)


class Plain(unittest.TestCase):
    def test_exit_status_is_what_mail_does(self):
        for reply, status in ((b"OK dane-only", 0), (b"OK DANE", 0), (b"NOTFOUND ", 0),
                              (b"NOTFOUND", 0), (b"TEMP x", 75), (b"TEMP", 75), (b"PERM x", 75),
                              (b"TIMEOUT x", 75), (b"OK ", 75), (b"OK", 75), (b"OK wat", 75),
                              (b"WAT x", 69), (b"", 69), (b" OK dane", 69), (b"ok dane", 69),
                              (b"TEMPER", 69), (b"OKAY", 69), (b"\0", 69)):
            done = ask([reply], "a.example")
            self.assertEqual(done.returncode, status, (reply, done))
            done = ask([reply], "--json", "a.example")
            self.assertEqual((done.returncode, len(results(done))), (status, 1), (reply, done))

    def test_what_is_no_reply_is_told_and_ends_it(self):
        done = ask([b"OK dane", b"WAT \x1b[2J"], "a.example", "b.example", "c.example")
        self.assertEqual(done.returncode, 69)
        self.assertIn(b'no socketmap reply: "WAT ?[2J"', done.stderr)
        self.assertIn(b"c.example: not asked", done.stderr)
        self.assertEqual(done.asked, [b"QUERY a.example", b"QUERY b.example"])

    def test_one_that_waits_decides_the_exit_status(self):
        self.assertEqual(ask([b"TEMP x", b"OK dane"], "a.example", "b.example").returncode, 75)

    def test_frames_that_are_none_end_it(self):
        for odd in (b"x", b"5x", b"3:abc;", b"999999:", b"00000000:"):
            server = Server(odd)
            done = run("--server", server.name, "a.example")
            server.close()
            self.assertEqual((done.returncode, done.stdout), (69, b""), odd)
            self.assertIn(b"no socketmap reply", done.stderr)

    def test_terminal_gets_printable_ascii_only(self):
        done = ask([b"TEMP \x1b[2J\r\n\x9b\xff\0" + b"y" * 5000, b"OK secure match=\x1b.a:b\n",
                    b"WAT \x1b"], b"a\x1b]0;\n\xff\x7f", "b.example", "c.example", b"d\x1b[2J\n")
        for octet in done.stdout + done.stderr:
            self.assertTrue(32 <= octet <= 126 or octet == 10, done)
        self.assertEqual(done.stdout.split(b"\n")[0], b"a?]0;???: TEMP ?[2J?????" + b"y" * 5000)
        self.assertEqual(len(done.stdout.splitlines()), 4)

    def test_meaning_stands_under_each_reply(self):
        cases = ((b"OK dane-only", b"dane-only: deliver only over TLS authenticated by TLSA"),
                 (b"OK dane", b"dane: "), (b"OK may policy_type=sts", b"may: TLS when offered"),
                 (b"NOTFOUND ", b"NOTFOUND: no policy; Postfix goes on with smtp_tls_security_"),
                 (b"TEMP x", b"TEMP: mail waits"), (b"PERM x", b"PERM: the service refuses"),
                 (b"TIMEOUT x", b"TIMEOUT: "), (b"OK secure", b"smtp_tls_secure_cert_match"),
                 (b"OK secure { policy_string = match=evil } match=a", b" for a"),
                 (b"OK secure match=a:b, match=.c", b" for a, b, *.c"),
                 (b"OK secure match=h" + b":h" * 9, b" for " + b"h, " * 7 + b"h and 2 more"))
        done = ask([reply for reply, _ in cases], *["n%d" % i for i in range(len(cases))])
        lines = done.stdout.splitlines()
        for i, (reply, meaning) in enumerate(cases):
            self.assertEqual(lines[2 * i], b"n%d: %s" % (i, reply))
            self.assertIn(meaning, lines[2 * i + 1])
            self.assertNotIn(b"evil", lines[2 * i + 1])
        self.assertEqual(len(lines), 2 * len(cases))
        self.assertIn(b"no more is known of why: name its control socket with --control",
                      done.stderr)

    def test_name_that_is_none_needs_no_dns(self):
        done = run("--direct", "-o", "resolver=127.0.0.1:9", "[192.0.2.1]")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(b"not a name to look up", done.stdout)
        self.assertNotIn(b"shows why", done.stdout)


class Options(unittest.TestCase):
    def test_version(self):
        done = run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, rb"^danests \d\S*\n$")
        whole = subprocess.run([PROGRAM, "--version"], capture_output=True, timeout=30)
        self.assertEqual(done.stdout, whole.stdout)

    def test_there_is_no_short_one(self):
        done = run("-V")
        self.assertEqual((done.returncode, done.stdout), (64, b""))

    def test_getopts_messages_name_the_command(self):
        for args in (("--wat", "x"), ("-V",), ("--server",), ("-o",)):
            done = run(*args)
            self.assertEqual(done.returncode, 64)
            self.assertTrue(done.stderr.startswith(b"danests query: "), done.stderr)

    def test_usage_errors(self):
        for args in ((), ("--direct",), ("--direct", "--server", NOBODY, "x"),
                     ("-o", "tlsrpt=no", "x"), ("--direct", "-o", "nothing", "x"),
                     ("--server", "wat", "x")):
            self.assertEqual(run(*args).returncode, 64, args)
        self.assertEqual(run("--direct", "-o", "wat=1", "x").returncode, 78)


class Output(unittest.TestCase):
    def test_what_nobody_gets_is_74(self):
        for option in ("--help", "--version"):
            for where in (">/dev/full", ">&-"):
                done = subprocess.run(["sh", "-c", '"$0" %s %s' % (option, where), PROGRAM],
                                      capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual((done.returncode, "standard output" in done.stderr), (74, True))


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
