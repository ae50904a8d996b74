#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danestsd on SIGHUP: who is served, who waits, who ends meanwhile, what systemd hears."""
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from reloaded import NOTFOUND, Reloading  # noqa: E402
from world import LONG, PATIENCE, PROGRAM, A, Dns, frame, free_port, wait_for  # noqa: E402


class StsDns(Dns):
    """Domains "sts..." have an MTA-STS policy, says their TXT record."""

    HOST = "127.7.7.7"
    TXT = 16

    @classmethod
    def reply(cls, ident, question, name, kind):
        if kind == cls.TXT and name.startswith("_mta-sts.sts"):
            text = b"v=STSv1; id=1;"
            data = bytes([len(text)]) + text
        elif kind == A and name.startswith("mta-sts.sts"):
            data = socket.inet_aton(cls.HOST)
        else:
            return Dns.reply(ident, question, name, kind)
        header = ident + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
        return header + question + b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300,
                                                             len(data)) + data


class ReloadLife(Reloading):
    def test_nobody_is_refused_while_endpoints_change(self):
        with self.daemon() as d:
            trouble, asked, stop = [], [0], threading.Event()

            def ask():
                while not stop.is_set():
                    try:
                        c = d.client()
                        if c.ask("QUERY .toys") != NOTFOUND:
                            trouble.append("another reply")
                        c.close()
                        asked[0] += 1
                    except (OSError, EOFError) as error:
                        trouble.append(repr(error))

            thread = threading.Thread(target=ask)
            thread.start()
            listen = d.base["listen"]
            for i in range(20):
                d.write(listen=listen + (", inet:127.0.0.1:%d" % free_port() if i % 2 else ""))
                d.hup("reloaded")
            stop.set()
            thread.join()
            self.assertEqual(trouble, [])
            self.assertGreater(asked[0], 20)

    def test_lookups_under_way_are_answered_once(self):
        first, second = Dns(), Dns()
        with self.daemon("answer_timeout=9s", dns=first) as d:
            waiting = [d.client() for _ in range(30)]
            for i, c in enumerate(waiting):
                c.send(frame("QUERY %s%d.toys" % ("late" if i % 3 else "hole", i // 2)))
            for i in range(6):
                d.write(resolver="127.0.0.1:%d" % (second if i % 2 == 0 else first).port,
                        dns_timeout="%dms" % (40000 + i))
                d.hup("reloaded: changed: resolver, dns_timeout")
            replies = []
            for c in waiting:
                replies.append(c.reply())
                # Too late for the resolver, on a busy machine, is right, too.
                self.assertRegex(replies[-1], "^(NOTFOUND |TEMP (hole|late.*no answer))")
                c.sock.settimeout(0.01)
                self.assertFalse(c.is_closed())  # nor is there a second reply
                self.assertEqual(c.data, b"")
                c.close()
            self.assertIn(NOTFOUND, replies)

    def test_lookups_that_wait_for_a_policy_host_outlive_a_change(self):
        with socket.socket() as host:
            host.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                host.bind((StsDns.HOST, 443))
            except OSError as error:
                self.skipTest("port 443: %s" % error)
            host.listen(64)
            host.settimeout(PATIENCE)
            with self.daemon("private_policy_hosts=allow", "max_lookups=2", dns=StsDns()) as d:
                clients = [d.client() for _ in range(8)]
                for i, c in enumerate(clients[:4]):
                    c.send(frame("QUERY sts%d.toys" % (i // 2)))
                held = [host.accept()[0] for _ in range(2)]
                for i in range(3):
                    other = StsDns()
                    d.write(resolver="127.0.0.1:%d" % other.port)
                    d.hup("reloaded: changed: resolver$")
                # Who only waits keeps nobody from being looked up, before and after.
                for i, c in enumerate(clients[4:]):
                    c.send(frame("QUERY sts%d.toys" % (2 + i // 2)))
                held += [host.accept()[0] for _ in range(2)]
                for s in held:
                    s.close()
                for c in clients:
                    self.assertEqual(c.reply(), NOTFOUND)
                    c.close()
                client = d.client()
                self.assertEqual(client.ask("QUERY plain.toys"), NOTFOUND)
                client.close()

    def test_warm_answers_do_not_wait_for_a_reload(self):
        with self.daemon() as d:
            path, asked = os.path.join(d.folder, "overrides"), 0
            with open(path, "w", encoding="ascii") as f:
                f.writelines("d%d.toys encrypt\n" % i for i in range(200000))
            client = d.client()
            client.ask("QUERY warm.toys")
            d.write(overrides=path)
            d.process.send_signal(signal.SIGHUP)
            while not d.lines("reloaded: changed: overrides; 200000 overrides"):
                self.assertEqual(d.lines("refused"), [])
                client.ask("QUERY warm.toys")
                asked += 1
            # If one had waited, few would have come before the reload was over.
            self.assertGreater(asked, 20)
            client.close()

    def test_a_shorter_answer_timeout_holds_for_who_waits(self):
        with self.daemon() as d:
            d.write(dns_timeout=LONG, answer_timeout=LONG)
            d.hup("reloaded")
            client = d.client()
            client.send(frame("QUERY gate.toys"))
            self.assertTrue(wait_for(lambda: d.dns.mx_questions("gate.toys")))
            d.write(dns_timeout=LONG, answer_timeout="300ms")
            d.hup("reloaded: changed: answer_timeout")
            self.assertRegex(client.reply(), "^TEMP gate.toys: lookup not finished after 300 ms")
            client.close()

    def test_many_at_once_are_not_many_reloads(self):
        with self.daemon() as d:
            for _ in range(200):
                d.process.send_signal(signal.SIGHUP)
            d.write(max_lookups="9")
            d.hup("reloaded|refused")
            wait_for(lambda: d.lines("changed: max_lookups"))
            self.assertEqual(len(d.lines("changed: max_lookups")), 1)
            self.assertEqual(d.lines("refused"), [])
            client = d.client()
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()

    def test_no_descriptor_is_left_behind(self):
        with self.daemon() as d:
            client, fds = d.client(), []
            for i in range(60):
                d.write(max_lookups=str(9 + i % 2), resolver="127.0.0.1:%d" % d.dns.port)
                d.hup("reloaded: changed: max_lookups$")
                self.assertEqual(client.ask("QUERY a%d.toys" % i), NOTFOUND)
                fds.append(len(os.listdir("/proc/%d/fd" % d.process.pid)))
            self.assertLess(min(fds[40:]), min(fds[:20]) + 3, fds)
            client.close()

    def test_term_during_a_reload(self):
        for pause in (0, 0.001, 0.003, 0.01, 0.03):
            with self.daemon() as d:
                d.write(max_lookups="9")
                d.process.send_signal(signal.SIGHUP)
                time.sleep(pause)
                self.assertEqual(d.stop(), 0)

    def test_many_overrides_do_not_hold_up_lookups(self):
        with self.daemon() as d:
            path, client = os.path.join(d.folder, "overrides"), d.client()
            with open(path, "w", encoding="ascii") as f:
                for i in range(400000):
                    f.write("d%d.example secure match=.d%d.example\n" % (i, i))
            d.write(overrides=path)
            for said in ("changed: overrides; 400000 overrides", "400000 overrides$"):
                asked, before = 0, len(d.lines("reloaded: "))
                d.process.send_signal(signal.SIGHUP)
                while len(d.lines("reloaded: ")) == before:
                    client.ask("QUERY a%d-%d.toys" % (before, asked))
                    asked += 1
                self.assertRegex(d.lines("reloaded: ")[-1], said)
                # Were they read at once, hardly one would have come meanwhile.
                self.assertGreater(asked, 5)
            client.close()

    def test_after_the_goodbye_nothing_is_reloaded(self):
        for pause in (0.02, 0.05, 0.1):
            # When the end is late, on a busy machine, the reload may be over before it.
            self.assertIn([], (self.end_in_a_reload(pause) for _ in range(5)))

    def end_in_a_reload(self, pause):
        """What is said of the reload."""
        with self.daemon() as d:
            path, port = os.path.join(d.folder, "overrides"), free_port()
            with open(path, "w", encoding="ascii") as f:
                for i in range(200000):
                    f.write("d%d.example secure match=.d%d.example\n" % (i, i))
            # Who does not read keeps the goodbye waiting.
            stuck = d.client()
            stuck.send(frame("QUERY .toys") * 200000)
            d.write(overrides=path, metrics="inet:127.0.0.1:%d" % port)
            d.process.send_signal(signal.SIGHUP)
            time.sleep(pause)
            self.assertEqual(d.stop(), 0)
            stuck.close()
            return d.lines("reloaded: |reload refused")

    def test_a_file_named_from_where_it_was_started(self):
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            with open(os.path.join(folder, "own.conf"), "w", encoding="ascii") as f:
                f.write("listen = inet:127.0.0.1:%d\nresolver = 127.0.0.1:%d\ncontrol =\n"
                        "cache_dir =\n" % (port, free_port()))
            log = open(os.path.join(folder, "log"), "wb")
            env = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"}
            p = subprocess.Popen([os.path.abspath(PROGRAM), "-c", "own.conf", "-f"], cwd=folder,
                                 stderr=log, env=env)
            self.addCleanup(lambda: p.poll() is None and p.kill())

            def says(text):
                def found():
                    with open(log.name, encoding="latin-1") as f:
                        return text in f.read()
                self.assertTrue(wait_for(found), "no %r in the log" % text)

            says("listening on")
            p.send_signal(signal.SIGHUP)
            says("reloaded: nothing has changed")
            p.terminate()
            self.assertEqual(p.wait(PATIENCE), 0)
            log.close()

    def test_systemd_hears_of_it(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(os.path.join(folder, "notify"))
            notify.settimeout(PATIENCE)
            env = dict(os.environ, NOTIFY_SOCKET=os.path.join(folder, "notify"))
            env.pop("WATCHDOG_USEC", None)
            with self.daemon(env=env) as d:
                self.assertIn(b"READY=1", self.next_of(notify, b"READY"))
                for text in ("", "no equals sign\n"):
                    d.write(text)
                    d.process.send_signal(signal.SIGHUP)
                    said = self.next_of(notify, b"RELOADING")
                    self.assertRegex(said, rb"RELOADING=1\nMONOTONIC_USEC=\d+")
                    self.assertIn(b"READY=1", self.next_of(notify, b"READY"))

    def test_the_watchdog_hears_from_us_as_long_as_lookups_are_done(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(os.path.join(folder, "notify"))
            notify.settimeout(PATIENCE)
            env = dict(os.environ, NOTIFY_SOCKET=os.path.join(folder, "notify"),
                       WATCHDOG_USEC="400000")
            env.pop("WATCHDOG_PID", None)
            with self.daemon(env=env):
                self.next_of(notify, b"WATCHDOG=1")
                begin = time.monotonic()
                for _ in range(10):
                    self.next_of(notify, b"WATCHDOG=1")
                self.assertGreater(time.monotonic() - begin, 0.5)  # each 100 ms

    def next_of(self, notify, what):
        while True:
            said = notify.recv(4096)
            if what in said:
                return said


if __name__ == "__main__":
    unittest.main()
