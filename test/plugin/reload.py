#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danestsd on SIGHUP: what changes, what stays, and what is refused (spec.md 2)."""
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from commands import run  # noqa: E402
from world import A, PROGRAM, Client, Daemon, Dns, frame, free_port  # noqa: E402

NOTFOUND = "NOTFOUND "


class Reloaded(Daemon):
    """danestsd with a configuration file of its own, which a test writes anew."""

    def __init__(self, dns, *options, env=None):
        self.folder = self.dir = tempfile.mkdtemp(prefix="danestsd-reload-")
        os.chmod(self.folder, 0o755)
        self.conf = os.path.join(self.folder, "danestsd.conf")
        self.path = os.path.join(self.folder, "socketmap")
        self.port = free_port()
        self.dns = dns
        self.base = {"listen": "unix:%s, inet:127.0.0.1:%d" % (self.path, self.port),
                     "resolver": "127.0.0.1:%d" % dns.port,
                     "trust_anchor": dns.root.anchor, "cache_dir": "", "control": ""}
        self.write()
        self.log_path = os.path.join(self.folder, "log")
        self.log_file = open(self.log_path, "wb")
        self.command = [PROGRAM, "-c", self.conf, "-f"]
        for option in options:
            self.command += ["-o", option]
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=self.log_file, stderr=self.log_file, env=env)

    def write(self, text="", **changes):
        lines = {**self.base, **changes}
        new = self.conf + ".new"
        with open(new, "w", encoding="utf-8") as f:
            f.write("".join("%s = %s\n" % x for x in lines.items() if x[1] is not None) + text)
        os.rename(new, self.conf)

    def hup(self, pattern, **kw):
        """SIGHUP, and one more line that says how it went."""
        before = len(self.lines("reloaded:|reload refused"))
        self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 10
        while len(self.lines("reloaded:|reload refused")) == before:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError("nothing came of SIGHUP:\n" + self.log())
            time.sleep(0.01)
        line = self.lines("reloaded:|reload refused")[before]
        if not re.search(pattern, line):
            raise AssertionError("%r is not in %r" % (pattern, line))
        return line

    def client(self, **kw):
        return Client(("127.0.0.1", self.port), **kw)


def children(pid):
    """The processes that any thread of this one has started."""
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as f:
            found += f.read().split()
    return found


class Reload(unittest.TestCase):
    def daemon(self, *options, dns=None, **kw):
        d = Reloaded(dns if dns is not None else Dns(), *options, **kw)
        self.addCleanup(lambda: d.process.poll() is None and d.process.kill())
        return d

    def test_nothing_changed_and_clients_stay(self):
        with self.daemon() as d:
            client, idle = d.client(), Client(d.path)
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            asked = len(d.dns.asked)
            d.hup("reloaded: nothing has changed")
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            self.assertEqual(idle.ask("QUERY a.toys"), NOTFOUND)
            self.assertEqual(d.dns.mx_questions("a.toys"), 1)  # nor is anything forgotten
            self.assertGreaterEqual(len(d.dns.asked), asked)
            client.close()
            idle.close()

    def test_a_bad_one_is_refused_with_file_and_line(self):
        cases = [
            ("max_clients = many\n", r"danestsd\.conf:6: .*max_clients"),
            ("no_such_thing = 1\n", r"danestsd\.conf:6: .*no_such_thing"),
            ("no equals sign\n", r"danestsd\.conf:6: "),
            ("root_hints = /nonexistent/hints\n", r"danestsd\.conf:6: root_hints"),
            ("user = nobody-of-this-name\n", r"danestsd\.conf:6: user"),
            ("ca_file = /nonexistent/ca\n", r"danestsd\.conf:6: ca_file"),
            ("trust_anchor = /nonexistent/key\n", r"danestsd\.conf:6: .*trust.anchor"),
            ("resolver = nonsense\n", r"danestsd\.conf:6: .*resolver"),
            ("dnssec = trust-ad\nresolver = 192.0.2.1\n", "N2|without getdns"),
            ("listen = inet:192.0.2.1:1\n", r"danestsd\.conf:6: listen: inet:192\.0\.2\.1:1"),
            ("listen =\n", r"danestsd\.conf:6: listen: nothing"),
            ("overrides = /nonexistent/overrides\n", "/nonexistent/overrides"),
        ]
        with self.daemon() as d:
            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            for text, pattern in cases:
                # Were any of it taken over, nothing would be found any more.
                d.write("listen = inet:127.0.0.1:%d\n" % free_port() + text
                        if "listen" not in text else text)
                if "listen" not in text:
                    pattern = pattern.replace(":6:", ":7:")
                line = d.hup("reload refused: .*(%s).*the running configuration stays" % pattern)
                self.assertEqual(line.count("refused"), 1)
                other = d.client()
                self.assertEqual(other.ask("QUERY a.toys"), NOTFOUND)
                self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
                other.close()
            os.unlink(d.conf)
            d.hup("reload refused: .*danestsd.conf")
            self.assertEqual(d.dns.mx_questions("a.toys"), 1)
            self.assertEqual(client.ask("QUERY b.toys"), NOTFOUND)
            client.close()

    def test_a_refused_reload_closes_what_it_opened(self):
        with self.daemon() as d:
            port = free_port()
            before = set(os.listdir("/proc/%d/fd" % d.process.pid))
            for _ in range(3):
                d.write(listen="inet:127.0.0.1:%d, unix:%s.new, inet:192.0.2.1:1" %
                        (port, d.path))
                d.hup("reload refused: .*192.0.2.1")
            self.assertRaises(ConnectionRefusedError, Client, ("127.0.0.1", port))
            self.assertFalse(os.path.exists(d.path + ".new"))
            time.sleep(0.3)
            self.assertLessEqual(len(set(os.listdir("/proc/%d/fd" % d.process.pid))),
                                 len(before) + 1)

    def test_endpoints_come_and_go_and_the_same_ones_stay(self):
        with self.daemon() as d:
            old, inode = d.client(), os.stat(d.path).st_ino
            port, other = free_port(), os.path.join(d.folder, "other")
            d.write(listen="unix:%s unix:%s inet:127.0.0.1:%d" % (d.path, other, port),
                    listen_mode="0600")
            d.hup("reloaded: changed: listen, listen_mode")
            self.assertEqual(os.stat(d.path).st_ino, inode)
            self.assertEqual(stat.S_IMODE(os.stat(d.path).st_mode), 0o600)
            self.assertEqual(stat.S_IMODE(os.stat(other).st_mode), 0o600)
            self.assertRaises(ConnectionRefusedError, d.client)
            for c in (old, Client(d.path), Client(other), Client(("127.0.0.1", port))):
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
                c.close()
            d.write(listen="inet:127.0.0.1:%d" % port)
            d.hup("reloaded: changed: listen")
            self.assertFalse(os.path.exists(d.path))
            self.assertFalse(os.path.exists(other))
            client = Client(("127.0.0.1", port))
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()

    def test_nobody_is_refused_while_endpoints_change(self):
        with self.daemon() as d:
            trouble, asked, stop = [], [0], threading.Event()

            def ask():
                while not stop.is_set():
                    try:
                        c = d.client(timeout=3)
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

    def test_another_resolver_is_asked_and_what_the_old_one_said_forgotten(self):
        first, second = Dns(), Dns()
        with self.daemon(dns=first) as d:
            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            d.write(resolver="127.0.0.1:%d" % second.port)
            d.hup("reloaded: changed: resolver")
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            self.assertEqual(second.mx_questions("a.toys"), 1)
            self.assertEqual(first.mx_questions("a.toys"), 1)
            client.close()

    def test_lookups_under_way_are_answered_once(self):
        first, second = Dns(), Dns()
        with self.daemon("answer_timeout=9s", dns=first) as d:
            waiting = [d.client(timeout=20) for _ in range(30)]
            for i, c in enumerate(waiting):
                c.send(frame("QUERY %s%d.toys" % ("late" if i % 3 else "hole", i // 2)))
            for i in range(6):
                d.write(resolver="127.0.0.1:%d" % (second if i % 2 == 0 else first).port,
                        dns_timeout="%dms" % (1500 + i))
                d.hup("reloaded: changed: resolver, dns_timeout")
            for i, c in enumerate(waiting):
                reply = c.reply()
                self.assertRegex(reply, "^(NOTFOUND |TEMP hole)")
                c.sock.settimeout(0.01)
                self.assertFalse(c.is_closed())
                self.assertEqual(c.data, b"")
                c.close()

    def test_replies_follow_new_parameters(self):
        with self.daemon() as d:
            client = d.client()
            client.ask("QUERY a.toys")
            d.write(insecure_mx="may")
            d.hup("reloaded: changed: insecure_mx")
            client.ask("QUERY a.toys")
            # The reply is worked out anew, from what the library still knows.
            lines = [x for x in d.lines("nexthop=a.toys ") if "source=lookup" in x]
            self.assertEqual(len(lines), 2)
            self.assertEqual(d.dns.asked.count(("mx.a.toys", A)), 1)
            d.write(insecure_mx="may", log_repeat="2h")
            d.hup("reloaded: changed: log_repeat")
            client.ask("QUERY a.toys")
            self.assertEqual(len(d.lines("nexthop=a.toys ")), 2)
            client.close()

    def test_overrides_are_read_again(self):
        with self.daemon() as d:
            path = os.path.join(d.folder, "overrides")

            def overrides(text):
                with open(path, "w", encoding="ascii") as f:
                    f.write(text)

            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            overrides("a.toys encrypt\n")
            d.write(overrides=path)
            d.hup("reloaded: changed: overrides; 1 overrides")
            self.assertEqual(client.ask("QUERY a.toys"), "OK encrypt")
            overrides("a.toys dane-only\nb.toys encrypt\n")
            d.hup("reloaded: 2 overrides, read anew")
            self.assertEqual(client.ask("QUERY a.toys"), "OK dane-only")
            self.assertEqual(client.ask("QUERY b.toys"), "OK encrypt")
            d.hup("reloaded: 2 overrides$")
            overrides("b.toys encrypt\n\na.toys rubbish\n")
            d.hup("reload refused: .*overrides:3: .*stays")
            self.assertEqual(client.ask("QUERY a.toys"), "OK dane-only")
            self.assertEqual(client.ask("QUERY b.toys"), "OK encrypt")
            d.write()
            d.hup("reloaded: changed: overrides")
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            client.close()

    def test_what_needs_a_restart_is_said_and_the_rest_applied(self):
        with self.daemon() as d:
            port = free_port()
            d.write(user="nobody", cache_dir=os.path.join(d.folder, "cache"),
                    metrics="inet:127.0.0.1:%d" % free_port(),
                    listen=d.base["listen"] + " inet:127.0.0.1:%d" % port)
            d.hup("reloaded: changed: listen$")
            self.assertEqual(len(d.lines("reload: user, cache_dir, metrics can only change at"
                                         " a restart")), 1)
            client = Client(("127.0.0.1", port))
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()

    def test_the_helper_of_trust_ad_comes_and_goes(self):
        if "without getdns" in run("-t", "-o", "dnssec=trust-ad", "-o", "resolver=127.0.0.1",
                                   text="").stderr:
            self.skipTest("built without getdns")
        with self.daemon() as d:
            client = d.client()

            def helpers(count):
                end = time.monotonic() + 10
                while len(children(d.process.pid)) != count and time.monotonic() < end:
                    time.sleep(0.05)
                return children(d.process.pid)

            self.assertEqual(helpers(0), [])
            for i in range(3):
                d.write(dnssec="trust-ad")
                d.hup("reloaded: changed: .*dnssec")
                self.assertEqual(len(helpers(1)), 1)
                # The toy resolver does not validate, which the helper's probes find out.
                self.assertRegex(client.ask("QUERY a%d.toys" % i), "^(NOTFOUND |TEMP a)")
                d.write(dnssec="trust-ad", max_lookups=str(9 + i))
                d.hup("reloaded: changed: max_lookups$")
                self.assertEqual(len(helpers(1)), 1)
                d.write(max_lookups=str(9 + i))
                d.hup("reloaded: changed: dnssec$")
                self.assertEqual(helpers(0), [])
                self.assertEqual(client.ask("QUERY b%d.toys" % i), NOTFOUND)
            client.close()

    @unittest.skipIf(os.getuid() != 0, "needs root")
    def test_what_the_user_may_not_read_is_refused(self):
        with self.daemon("user=nobody") as d:
            d.hup("reloaded: nothing has changed")
            os.chmod(d.conf, 0o600)
            d.hup("reload refused: .*danestsd.conf: .*ermission denied")
            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            client.close()

    def test_warm_answers_do_not_wait_for_a_reload(self):
        with self.daemon() as d:
            path, asked, slow = os.path.join(d.folder, "overrides"), 0, 0
            with open(path, "w", encoding="ascii") as f:
                f.writelines("d%d.toys encrypt\n" % i for i in range(100000))
            client = d.client()
            client.ask("QUERY warm.toys")
            d.write(overrides=path)
            d.process.send_signal(signal.SIGHUP)
            while not d.lines("reloaded: changed: overrides; 100000 overrides"):
                self.assertEqual(d.lines("refused"), [])
                for _ in range(50):
                    begin = time.monotonic()
                    client.ask("QUERY warm.toys")
                    slow = max(slow, time.monotonic() - begin)
                    asked += 1
            self.assertGreater(asked, 50)
            # Reading so many takes the worker longer than that; a slow machine is forgiven.
            self.assertLess(slow, 0.1)
            client.close()

    def test_options_win_over_the_file_again(self):
        with self.daemon("max_clients=33") as d:
            d.write(max_clients="44", max_lookups="7")
            d.hup("reloaded: changed: max_lookups$")

    def test_max_clients(self):
        with self.daemon() as d:
            clients = [d.client() for _ in range(10)]
            for c in clients:
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
            d.write(max_clients="1")
            d.hup("reloaded: changed: max_clients")
            extra = [d.client() for _ in range(12)]  # 1, and the reserve is 16
            self.assertTrue(extra[-1].is_closed())
            for c in clients:
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
            for c in clients + extra:
                c.close()

    def test_a_shorter_answer_timeout_holds_for_who_waits(self):
        with self.daemon() as d:
            d.write(dns_timeout="20s")
            d.hup("reloaded")
            client = d.client(timeout=10)
            client.send(frame("QUERY hole.toys"))
            time.sleep(0.2)
            d.write(dns_timeout="20s", answer_timeout="300ms")
            d.hup("reloaded: changed: answer_timeout")
            begin = time.monotonic()
            self.assertRegex(client.reply(), "^TEMP hole.toys: ")
            self.assertLess(time.monotonic() - begin, 3)
            client.close()

    def test_many_at_once_are_not_many_reloads(self):
        with self.daemon() as d:
            for _ in range(200):
                d.process.send_signal(signal.SIGHUP)
            d.write(max_lookups="9")
            d.hup("reloaded|refused")
            deadline = time.monotonic() + 10
            while not d.lines("changed: max_lookups") and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertEqual(len(d.lines("changed: max_lookups")), 1)
            self.assertEqual(d.lines("refused"), [])
            client = d.client()
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()

    def test_term_during_a_reload(self):
        for pause in (0, 0.001, 0.003, 0.01, 0.03):
            with self.daemon() as d:
                d.write(max_lookups="9")
                d.process.send_signal(signal.SIGHUP)
                time.sleep(pause)
                begin = time.monotonic()
                self.assertEqual(d.stop(), 0)
                self.assertLess(time.monotonic() - begin, 2)

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

            def wait_for(text):
                for _ in range(200):
                    with open(log.name, encoding="latin-1") as f:
                        if text in f.read():
                            return
                    time.sleep(0.05)
                self.fail("no %r in the log" % text)

            wait_for("listening on")
            p.send_signal(signal.SIGHUP)
            wait_for("reloaded: nothing has changed")
            p.terminate()
            self.assertEqual(p.wait(5), 0)
            log.close()

    def test_systemd_hears_of_it(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(os.path.join(folder, "notify"))
            notify.settimeout(10)
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
            notify.settimeout(10)
            env = dict(os.environ, NOTIFY_SOCKET=os.path.join(folder, "notify"),
                       WATCHDOG_USEC="400000")
            env.pop("WATCHDOG_PID", None)
            with self.daemon(env=env) as d:
                self.next_of(notify, b"WATCHDOG=1")
                begin = time.monotonic()
                for _ in range(10):
                    self.next_of(notify, b"WATCHDOG=1")
                took = time.monotonic() - begin
                self.assertTrue(0.5 < took < 4, took)  # each 100 ms

    def next_of(self, notify, what):
        while True:
            said = notify.recv(4096)
            if what in said:
                return said


if __name__ == "__main__":
    unittest.main()
