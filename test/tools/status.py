#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danests status, and the control socket under good and bad clients, as TAP. DANESTS and
DANESTSD name the programs."""
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from control import PROGRAM, Service, main, record
from world import LONG, PATIENCE, Dns, free_port, wait_for

MANY = 100000
LENGTH = 300000  # lines that take a while to be read, but less than the end may take


class Status(unittest.TestCase):
    def test_it_fits_a_terminal_and_tells_what_runs(self):
        dns = Dns()
        with Service("max_clients=77", dns=dns) as s:
            s.client().ask("QUERY a.toys")
            s.take(record("a.toys"))
            done = s.run("status")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(all(len(x) < 80 for x in done.stdout.splitlines()), done.stdout)
            for words in ("running for", "resolver    127.0.0.1:%d" % dns.port, "1 held",
                          "inet:127.0.0.1:%d" % s.inet[1], "max_clients = 77", "/dev/null",
                          "questions   1: 1 by lookups"):
                self.assertIn(words, done.stdout)

    def test_json_has_it_too(self):
        dns = Dns()
        with Service("max_clients=77", dns=dns) as s:
            s.wait_for_log("dnssec: .*validated|dnssec: .*good|self-test")
            status = json.loads(s.run("status", "--json").stdout)
            self.assertEqual(status["clients"]["limit"], 77)
            self.assertIn("max_clients = 77", status["changes"])
            self.assertEqual(status["policies"]["count"], 0)
            self.assertIn(s.home.name, status["policies"]["where"])
            self.assertIn(status["dnssec"]["state"], ("good", "testing"))
            self.assertNotIn("ok", status)

    def test_no_service_is_69_and_says_what_to_do(self):
        done = subprocess.run([PROGRAM, "status", "--control", "unix:/nonexistent/control"],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (69, ""))
        self.assertRegex(done.stderr, r"not running.*--control")

    @unittest.skipIf(os.geteuid() != 0, "needs root to become somebody else")
    def test_only_root_is_let_in_and_others_are_told(self):
        with Service() as s:
            os.chmod(s.home.name, 0o755)
            self.assertEqual(stat.S_IMODE(os.stat(s.path).st_mode), 0o600)
            done = subprocess.run([PROGRAM, "status", "--control", s.endpoint], user=65534,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 69, done)
            self.assertIn("root", done.stderr)
            os.chmod(s.path, 0o666)  # the kernel is asked, too
            done = subprocess.run([PROGRAM, "status", "--control", s.endpoint], user=65534,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 69, done)
            s.wait_for_log("neither root nor")

    def test_control_socket_that_others_could_reach_is_refused(self):
        daemon = os.environ.get("DANESTSD", "build/plugin/danestsd")
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
            f.write("\ncontrol = inet:127.0.0.1:%d\n" % free_port())
            f.flush()
            done = subprocess.run([daemon, "-f", "-c", f.name], capture_output=True, text=True)
            self.assertEqual(done.returncode, 78, done)
            self.assertRegex(done.stderr, r"\.conf:2: control = inet:\S+: must be a unix socket")

    def test_wrong_usage_is_64(self):
        for args in (("x",), ("--wat",), ("--control", "inet:127.0.0.1:1")):
            done = subprocess.run([PROGRAM, "status", *args], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (64, ""), done)


class Explained(unittest.TestCase):
    def query(self, s, *args):
        return s.run("query", "--server", "inet:127.0.0.1:%d" % s.inet[1], *args)

    def test_query_tells_why_as_without_a_service(self):
        dns = Dns()
        with Service(dns=dns) as s:
            s.take(record("a.toys"))
            done = self.query(s, "a.toys")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            direct = subprocess.run(
                [PROGRAM, "query", "--direct", "-o", "resolver=127.0.0.1:%d" % dns.port,
                 "-o", "trust_anchor=" + dns.root.anchor, "b.toys"],
                capture_output=True, text=True)
            for line in ("  DANE: none", "    MX records insecure",
                         "    10 mx.a.toys: none, address insecure"):
                self.assertIn(line, done.stdout)
                self.assertIn(line.replace("a.toys", "b.toys"), direct.stdout)
            self.assertIn("  MTA-STS: enforce\n    policy id=1 max_age=864000\n", done.stdout)
            told = json.loads(self.query(s, "--json", "a.toys").stdout)["results"][0]
            self.assertEqual((told["sts"], told["level"], told["hosts"][0]["name"]),
                             ("enforce", "secure", "mx.a.toys"))
            self.assertNotIn("ok", told)

    def test_failures_are_explained(self):
        dns = Dns()
        with Service("dns_timeout=5s", dns=dns) as s:
            done = self.query(s, "hole.toys", "[192.0.2.1]", "full.toys")
            self.assertEqual((done.returncode, done.stderr), (75, ""), done)
            self.assertIn("  why: dns-query-failed: MX hole.toys", done.stdout)
            self.assertIn("  not a name to look up", done.stdout)

    def test_overrides_are_explained(self):
        dns = Dns()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "overrides")
            with open(path, "w") as f:
                f.write("# ours\nfixed.toys encrypt\nno-sts.toys no-sts\n")
            with Service("overrides=" + path, dns=dns) as s:
                s.take(record("no-sts.toys"))
                done = self.query(s, "fixed.toys", "no-sts.toys")
                self.assertIn("override: %s:2 says what Postfix is told" % path, done.stdout)
                self.assertIn("override: %s:3 no-sts" % path, done.stdout)
                self.assertIn("no-sts.toys: NOTFOUND", done.stdout)

    def test_without_the_control_socket_there_is_the_reply_and_a_reason(self):
        with Service(dns=Dns()) as s:
            server = ("--server", "inet:127.0.0.1:%d" % s.inet[1])
            for args, words in ((("--control", "unix:/nonexistent/x"), "not running"),
                                ((), "--control")):
                done = subprocess.run([PROGRAM, "query", *server, *args, "a.toys"],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done)
                self.assertTrue(done.stdout.startswith("a.toys: NOTFOUND"), done)
                self.assertRegex(done.stderr, "no more is known of why: .*" + words)


class Hostile(unittest.TestCase):
    def test_garbage_is_answered_and_closed_and_harms_nobody(self):
        with Service() as s:
            other = s.talk()
            for text in (b"\n", b"garbage\n", b"\xff\0\n", b"[]\n", b"{}\n", b'{"do": 1}\n',
                         b'{"do": "fly\\u001b"}\n', b'{"do": "get"}\n', b'{"do": "get", "domain": 1}\n',
                         b'{"do": "status", "x": 1}\n', b'{"do": "purge", "all": "yes"}\n',
                         b'{"do": "list", "mode": "strict"}\n', b'{"do": "answer", "names": [1]}\n',
                         b"[" * 100000 + b"\n"):
                talk = s.talk()
                talk.send(text)
                line = talk.line()
                self.assertEqual((line["error"], line["code"]), ("bad-request", 64), text)
                self.assertTrue(line["reason"].isprintable() and line["reason"].isascii())
                self.assertIsNone(talk.line(), text)
                self.assertIn("ok", other.ask({"do": "status"})[0])

    def test_line_without_end_is_cut_off(self):
        with Service() as s:
            before = s.status("VmRSS")
            talk = s.talk()
            try:
                talk.send(b"x" * (2 << 20) + b"\n")
            except OSError:
                pass
            self.assertIn("too long", talk.line()["reason"])
            self.assertIsNone(talk.line())
            self.assertIn("ok", s.talk().ask({"do": "status"})[0])
            self.assertLess(s.status("VmRSS") - before, 64 << 10)

    def test_half_lines_wait_without_harm(self):
        with Service() as s:
            half = [s.talk() for _ in range(8)]
            for talk in half:
                talk.send(b'{"do": "sta')
            self.assertIn("ok", s.talk().ask({"do": "status"})[0])
            for talk in half:
                talk.send(b'tus"}\n')
                self.assertIn("ok", talk.line())

    def test_too_many_connections_are_told_so(self):
        with Service() as s:
            talks = [s.talk() for _ in range(16)]
            self.assertIn("ok", talks[15].ask({"do": "status"})[0])
            more = s.talk()
            line = more.line()
            self.assertEqual((line["error"], line["code"]), ("busy", 75))
            self.assertIsNone(more.line())
            self.assertEqual(s.run("status").returncode, 75)
            talks[0].close()
            self.assertTrue(wait_for(lambda: s.run("status").returncode == 0))

    def test_long_lines_are_not_read_by_the_thread_that_serves(self):
        record_ = record("a.example")
        record_["text"] += "x-note: %s\r\n" % ("[" * 60000)
        values = b'{"do":"list","x":[' + b"[]," * 340000 + b"[]]}\n"
        with Service() as s:
            s.client().ask("QUERY [192.0.2.1]")
            for lines, words in ((values, "too many values"), (values[:6000] + b"\n", "JSON"),
                                 (json.dumps({"do": "import", "policy": record_}).encode() +
                                  b"\n", "imported")):
                def serving():
                    before = s.serving()
                    self.assertIn(words, json.dumps(s.talk().ask(lines)))
                    return s.serving() - before
                # The least of some: what a busy machine does to it is not its doing.
                self.assertLess(min(serving() for _ in range(8)), 0.04)
            for names in (1, 4096):
                lines = s.talk().ask({"do": "answer", "names": ["[192.0.2.1]"] * names})
                self.assertEqual(lines[-1]["count"], names)

    def test_all_together_take_a_millisecond_of_a_turn(self):
        overrides = tempfile.NamedTemporaryFile("w", suffix=".overrides")
        overrides.writelines("d%d.example secure match=.d%d.example\n" % (i, i)
                             for i in range(20000))
        overrides.flush()
        names = ["d%d.example" % i for i in range(4096)]
        with overrides, Service("overrides=" + overrides.name) as s:
            client = s.client()
            for request in ({"do": "overrides"}, {"do": "answer", "names": names}):
                readers = [os.fork() or self.read_on(s.path, request) for _ in range(15)]
                time.sleep(0.5)  # until they are all at it
                each = min(self.worked(s, client, 30) for _ in range(10))
                for pid in readers:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                self.assertLess(each, 0.0025, request["do"])

    def worked(self, s, client, questions):
        """Seconds of a processor, while one question waited."""
        before = s.serving()
        for _ in range(questions):
            self.assertTrue(client.ask("QUERY d1.example").startswith("OK"))
        return (s.serving() - before) / questions

    @staticmethod
    def read_on(path, request):
        line = json.dumps(request).encode() + b"\n"
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        s.sendall(line)
        end = b""
        while True:
            end = (end + s.recv(1 << 20))[-400:]
            if b'"count"' in end:
                s.sendall(line)
                end = b""

    def test_walk_at_the_worker_is_let_go_of_at_the_end(self):
        with tempfile.TemporaryDirectory() as folder:
            path, conf = os.path.join(folder, "overrides"), os.path.join(folder, "conf")
            open(path, "w").close()
            with open(conf, "w") as f:
                f.write("overrides = %s\n" % path)
            with Service("log_repeat=1s", args=("-f", "-c", conf)) as s:
                s.take(*(record("d%d.example" % i) for i in range(2000)))
                with open(path, "w") as f:
                    f.writelines("d%d.example encrypt\n" % i for i in range(LENGTH))
                talk = s.talk()
                talk.send({"do": "export"})
                self.assertIn("policy", talk.line())  # and reads no more
                s.process.send_signal(signal.SIGHUP)
                time.sleep(0.05)  # the worker reads that file
                s.process.send_signal(signal.SIGTERM)
                s.process.wait(PATIENCE)

    def test_requests_may_be_sent_ahead(self):
        with Service() as s:
            talk = s.talk()
            talk.send(b'{"do": "get", "domain": "a.example"}\n' * 3000)
            for _ in range(3000):
                self.assertEqual(talk.line()["error"], "not-held")

    def test_client_may_leave_at_any_time(self):
        dns = Dns()
        with Service("dns_timeout=" + LONG, dns=dns) as s:
            s.take(*(record("d%d.example" % i) for i in range(2000)))
            for request in ({"do": "export"}, {"do": "status"}, {"do": "purge"},
                            {"do": "explain", "name": "gate.toys"},
                            {"do": "answer", "names": ["gate%d.toys" % i for i in range(200)]}):
                for _ in range(5):
                    talk = s.talk()
                    talk.send(request)
                    talk.close()
            self.assertTrue(wait_for(lambda: "ok" in s.talk().ask({"do": "status"})[0]))
            self.assertFalse(dns.gave_up())  # sooner than any of them would have its answer
            half = s.talk()
            half.send({"do": "explain", "name": "hole.toys"})
            half.socket.shutdown(socket.SHUT_WR)  # this one still reads
            self.assertEqual(half.line()["error"], "dns-query-failed")
            last = s.talk()
            last.send({"do": "export"})  # and is there when the service ends

    def test_who_does_not_read_costs_no_memory_and_holds_up_nobody(self):
        dns = Dns()
        with Service(dns=dns) as s:
            text = record("x")["text"]
            done = s.take(*(record("d%d.example" % i, text=text) for i in range(MANY)))
            self.assertEqual(done.returncode, 0, done)
            client = s.client()
            client.ask("QUERY a.toys")
            before = s.status("VmRSS")
            silent = [s.talk() for _ in range(8)]
            for each in silent:
                each.send({"do": "export"})
            for _ in range(200):  # while they go on reading nothing
                client.ask("QUERY a.toys")
                time.sleep(0.005)
            # All of it for each would be 240 MB; sanitizers keep what is freed for a while.
            self.assertLess(s.status("VmRSS") - before, 64 << 10)
            self.assertEqual(json.loads(s.run("status", "--json").stdout)["policies"]["count"],
                             MANY)
            done = s.run("cache", "list")
            self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, MANY + 2))


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"]))
