#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danests check as a program, as TAP: options, lists, exit codes, what goes to terminals, and
JSON against its schema. DANESTS names the program.

What it finds is in test/unit/test_check_*.c; before real mail servers, test/live."""
import json
import os
import pty
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "plugin"), HERE]
from control import main  # noqa: E402
from schema import Schema  # noqa: E402
from toydns import Dns, free_port, wait_for  # noqa: E402

PROGRAM = os.environ.get("DANESTS", os.path.join(
    os.environ.get("builddir", "build"), "tools", "danests"))
SCHEMA = os.path.join(HERE, "..", "..", "tools", "check.schema.json")
GUARD = 120
ADDRESS, TEXT = 1, 16


class Net(Dns):
    """Every mail server is on loopback; "text" domains have a TXT record that nobody should
    show as it is."""

    @staticmethod
    def reply(ident, question, name, kind):
        whole = Dns.reply(ident, question, name, kind)
        if kind == ADDRESS and name.startswith("mx."):
            return whole.replace(socket.inet_aton("192.0.2.1"), socket.inet_aton("127.0.0.1"))
        if kind == TEXT and name.startswith("_mta-sts.text"):
            data = b"\x10v=STSv1; id=\x1b[2J\x07"
            record = b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x3c\x00\x11" + data
            return ident + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question + record
        return whole


class Mail:
    """An SMTP server that says this, line by line, each after it was asked something."""

    def __init__(self, *lines):
        self.lines = lines
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.hellos = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                conn = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.talk, args=(conn,), daemon=True).start()

    def talk(self, conn):
        with conn:
            for line in self.lines:
                conn.sendall(line)
                self.hellos.append(conn.recv(4096))

    def close(self):
        self.socket.close()


PLAIN = (b"220 mail.example ESMTP\r\n", b"250 mail.example\r\n", b"221 bye\r\n")


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = Net()

    def options(self):
        return ["-o", "resolver=127.0.0.1:%d" % self.dns.port,
                "-o", "trust_anchor=" + self.dns.root.anchor, "-o", "dns_timeout=20s"]

    def check(self, *args, **more):
        env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        return subprocess.run([PROGRAM, "check", *self.options(), *args], env=env,
                              capture_output=True, text=True, timeout=GUARD, check=False, **more)

    def results(self, *args, code=2, **more):
        done = self.check("--json", *args, **more)
        self.assertEqual((done.returncode, done.stderr), (code, ""), done)
        document = json.loads(done.stdout)
        with open(SCHEMA, encoding="utf-8") as f:
            self.assertEqual(Schema(json.load(f)).problems(document), [])
        return document["results"]

    def mail(self, *lines):
        server = Mail(*lines)
        self.addCleanup(server.close)
        return server

    # -- Options

    def test_help_and_version(self):
        done = self.check("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("usage: danests check", done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        self.assertRegex(self.check("--version").stdout, r"^danests \d")

    def test_what_is_wrong_on_the_command_line_is_64(self):
        for args in ((), ("--port", "0", "a.toys"), ("--port", "70000", "a.toys"),
                     ("--port", "x", "a.toys"), ("--timeout", "0", "a.toys"),
                     ("--timeout", "-1", "a.toys"), ("--fly", "a.toys"), ("192.0.2.1",),
                     ("a.toys", "not a domain"), ("--color", "red", "a.toys"),
                     ("--helo", "a b", "a.toys"), ("--helo", "", "a.toys"),
                     ("-o", "nothing", "a.toys")):
            done = self.check(*args)
            self.assertEqual((done.returncode, done.stdout), (64, ""), (args, done))
            self.assertNotEqual(done.stderr, "", args)

    def test_a_bad_parameter_is_78(self):
        for option in "resolver=nowhere", "fly=yes", "ca_file=/nonexistent/ca.pem":
            done = self.check("-o", option, "a.toys")
            self.assertEqual((done.returncode, done.stdout), (78, ""), done)

    def test_a_name_that_is_none_is_shown_in_printable_ASCII(self):
        done = self.check("a\x1b[2Jb c")
        self.assertEqual(done.returncode, 64)
        self.assertNotIn("\x1b", done.stderr)

    # -- Lists

    def list_of(self, text):
        with tempfile.NamedTemporaryFile("w", delete=False) as f:
            f.write(text)
        self.addCleanup(os.unlink, f.name)
        return f.name

    def test_lists_from_files_and_standard_input_in_their_order(self):
        path = self.list_of("# comment\nb.toys\n\n  c.toys # too\n")
        found = self.results("--no-smtp", "-f", path, "-f", "-", "a.toys", input="d.toys\n")
        self.assertEqual([r["name"] for r in found], ["b.toys", "c.toys", "d.toys", "a.toys"])

    def test_a_bad_line_is_named_and_65(self):
        path = self.list_of("a.toys\nb c\n")
        done = self.check("--no-smtp", "-f", path)
        self.assertEqual((done.returncode, done.stdout), (65, ""))
        self.assertIn(path + ":2: ", done.stderr)

    def test_a_file_that_is_not_there_is_66(self):
        done = self.check("-f", "/nonexistent/list")
        self.assertEqual((done.returncode, done.stdout), (66, ""))
        self.assertIn("/nonexistent/list", done.stderr)

    def test_a_list_without_a_name_is_told_and_65(self):
        done = self.check("-f", "-", input="# none\n")
        self.assertEqual(done.returncode, 65)
        self.assertIn("no domain", done.stderr)

    def test_many_domains_come_in_the_order_given_whoever_answers_first(self):
        names = ["%s%d.toys" % (("late" if i % 3 == 0 else "d"), i) for i in range(150)]
        found = self.results("--no-smtp", *names)
        self.assertEqual([r["name"] for r in found], names)

    def test_more_domains_than_lookups_at_a_time_wait_for_their_turn(self):
        names = ["late%d.toys" % i for i in range(12)]
        found = self.results("--no-smtp", "-o", "max_lookups=1", *names)
        self.assertEqual([r["name"] for r in found], names)

    # -- Whose fault it is

    def test_DNS_that_does_not_answer_at_all_is_our_side(self):
        done = self.check("--no-smtp", "-o", "resolver=127.0.0.1:%d" % free_port(), "-o",
                          "dns_timeout=1s", "a.toys")
        self.assertEqual(done.returncode, 75, done)
        self.assertRegex(done.stdout, "does not\\s+work from here")

    def test_a_port_that_nobody_can_be_reached_at_is_our_side_too(self):
        found = self.results("--port", str(free_port()), "a.toys", code=75)[0]
        self.assertEqual(found["verdict"], "unknown")
        self.assertIn("blocked between here and there", json.dumps(found["findings"]))
        self.assertEqual(found["servers"][0]["addresses"][0]["stage"], "connect")

    def test_the_worst_counts(self):
        dead = str(free_port())
        server = self.mail(*PLAIN)
        found = self.results("a.toys:" + dead, "a.toys:%d" % server.port, code=75)
        self.assertEqual([r["exit"] for r in found], [75, 2])

    # -- Servers

    def test_a_server_is_greeted_by_our_name_and_has_no_STARTTLS(self):
        server = self.mail(*PLAIN)
        found = self.results("--port", str(server.port), "--helo", "me.example", "a.toys")[0]
        self.assertEqual(server.hellos[0], b"EHLO me.example\r\n")
        self.assertIn(("warning", "starttls-not-supported", "4.7.321"),
                      [(f["rank"], f["token"], f["code"]) for f in found["findings"]])
        self.assertEqual(found["nexthop"], "a.toys:%d" % server.port)

    def test_a_server_that_says_nothing_costs_the_timeout(self):
        server = self.mail(b"")
        begun = time.monotonic()
        found = self.results("--timeout", "1", "--port", str(server.port), "a.toys", code=75)[0]
        self.assertGreaterEqual(time.monotonic() - begun, 1)
        address = found["servers"][0]["addresses"][0]
        self.assertEqual((address["stage"], address["end"]), ("greeting", "timeout"))

    def test_hostile_text_is_shown_as_text(self):
        server = self.mail(b"554 \x1b[31mgo \x07away\xff\r\n")
        for more in (), ("--color", "never"):
            done = self.check("--port", str(server.port), "text.toys", *more)
            self.assertEqual(done.returncode, 75, done)
            self.assertTrue(re.fullmatch(r"[ -~\n]*", done.stdout), repr(done.stdout))
            self.assertRegex(done.stdout, r"554 \?\[31mgo")

    def test_no_smtp_connects_to_nobody(self):
        server = self.mail(*PLAIN)
        found = self.results("--no-smtp", "--port", str(server.port), "a.toys")[0]
        self.assertEqual(server.hellos, [])
        self.assertEqual((found["smtp"], found["servers"][0]["addresses"][0]["tried"]),
                         (False, False))

    # -- For people

    def test_80_columns_whatever_the_name(self):
        server = self.mail(b"554 " + b"x" * 400 + b"\r\n")
        name = ".".join(["a" * 60] * 3 + ["text", "toys"])
        for args in (name,), ("--no-smtp", name), ("text.toys", name):
            done = self.check("--port", str(server.port), *args)
            body = [line for line in done.stdout.splitlines() if not line.startswith(name)]
            self.assertLessEqual(max(map(len, body)), 80)

    def test_names_in_other_letters_are_shown_as_they_are_looked_up(self):
        found = self.check("--no-smtp", "b\u00fccher.toys")
        self.assertEqual(found.stdout.split(":")[0], "xn--bcher-kva.toys")
        self.assertTrue(found.stdout.isascii())
        self.assertEqual([(r["name"], r["nexthop"]) for r in self.results(
            "--no-smtp", "b\u00fccher.toys")], [("b\u00fccher.toys", "xn--bcher-kva.toys")])

    def test_colour_is_for_terminals_or_on_request(self):
        self.assertNotIn("\x1b", self.check("--no-smtp", "a.toys").stdout)
        self.assertIn("\x1b[", self.check("--no-smtp", "--color", "always", "a.toys").stdout)

    def on_terminal(self, *args, **env):
        """What a terminal gets on standard output, and on standard error."""
        (out, out_end), (err, err_end) = pty.openpty(), pty.openpty()
        with subprocess.Popen([PROGRAM, "check", *self.options(), *args], stdout=out_end,
                              stderr=err_end, env={**os.environ, "TERM": "vt100", **env}) as p:
            os.close(out_end)
            os.close(err_end)
            texts, open_ends = {out: b"", err: b""}, [out, err]
            while open_ends:
                for fd in select.select(open_ends, [], [], GUARD)[0]:
                    try:
                        part = os.read(fd, 4096)
                    except OSError:
                        part = b""
                    texts[fd] += part
                    if not part:
                        open_ends.remove(fd)
            p.wait(GUARD)
        os.close(out)
        os.close(err)
        return texts[out].decode(), texts[err].decode()

    def test_terminal_gets_colour_and_progress(self):
        out, err = self.on_terminal("--no-smtp", "late1.toys", NO_COLOR="")
        self.assertIn("\x1b[", out)
        self.assertRegex(err, r"of 1 domains done")
        self.assertTrue(err.endswith("\r\x1b[K"), repr(err))

    def test_NO_COLOR_and_a_dumb_terminal_are_heeded(self):
        self.assertNotIn("\x1b", self.on_terminal("--no-smtp", "a.toys", NO_COLOR="1")[0])
        out, err = self.on_terminal("--no-smtp", "a.toys", TERM="dumb")
        self.assertEqual(("\x1b" in out, err), (False, ""))

    def test_each_domain_is_shown_as_soon_as_it_is_there(self):
        server = self.mail(b"")
        argv = [PROGRAM, "check", *self.options(), "--timeout", "60", "[mx.a.toys]:%d" %
                free_port(), "a.toys:%d" % server.port]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as p:
            try:
                first = wait_for(lambda: p.stdout.readline())
                self.assertTrue(first.startswith(b"[mx.a.toys]"), first)
                self.assertIsNone(p.poll())
            finally:
                p.kill()

    def test_output_that_cannot_be_written_is_74(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            for args in ("--json",), ():
                done = subprocess.run([PROGRAM, "check", *self.options(), "--no-smtp", *args,
                                       "a.toys"], stdout=full, stderr=subprocess.PIPE, text=True,
                                      timeout=GUARD, check=False)
                self.assertEqual(done.returncode, 74, done)
                self.assertIn("No space", done.stderr)


class Validator(unittest.TestCase):
    """The validator finds what is wrong, else the schema proves nothing."""

    def test_it_does(self):
        with open(SCHEMA, encoding="utf-8") as f:
            schema = Schema(json.load(f))
        for bad in ({}, {"results": {}}, {"results": [{}]}, {"results": [], "more": 1}):
            self.assertNotEqual(schema.problems(bad), [], bad)
        self.assertEqual(schema.problems({"results": []}), [])
        good = {"rank": "holds", "token": "tlsa-invalid", "code": "4.7.323",
                "result": "validation-failure", "where": "a", "text": "b", "hint": None}
        self.assertEqual(Schema(schema.root, "#/$defs/finding").problems(good), [])
        for name, value in (("rank", "bad"), ("token", "fly"), ("code", "5"), ("hint", 7),
                            ("where", None)):
            wrong = {**good, name: value}
            self.assertEqual(len(Schema(schema.root, "#/$defs/finding").problems(wrong)), 1, name)


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
