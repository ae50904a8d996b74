#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danestsd as a service: start, configuration, limits, end (spec.md 1, 2, 6)."""
import glob
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from commands import run  # noqa: E402
from world import (LONG, PATIENCE, PROGRAM, Client, Daemon, Dns, frame,  # noqa: E402
                   free_port, wait_for)

NOTFOUND = "NOTFOUND "
TOLD = "dnssec: (?!self-test not finished)"  # that it is not may come first, on a busy machine
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "plugin",
                      "danestsd.conf")


class Service(unittest.TestCase):
    def daemon(self, *options, **kw):
        d = Daemon(*options, **kw)
        self.addCleanup(lambda: d.process.poll() is None and d.process.kill())
        return d

    def fails(self, status, pattern, *options):
        d = self.daemon(*options, listen=False)
        d.process.wait(PATIENCE)
        self.assertRegex(d.log(), pattern)
        self.assertEqual(d.stop(), status)

    def test_start_says_what_matters(self):
        metrics = "inet:127.0.0.1:%d" % free_port()
        with self.daemon("metrics=" + metrics, "cache_dir=") as d:
            d.wait_for_log("dnssec: ")
            for line in (r"danestsd \d", "resolver: .", r"cache: 0 entries loaded",
                         "listening on unix:.*inet:127.*; metrics at " + metrics):
                self.assertEqual(len(d.lines(line)), 1, line)
            self.assertRegex(d.log(), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ danestsd\[\d+\]: ")

    def test_sample_names_each_parameter_with_its_default(self):
        out = subprocess.run([PROGRAM, "-d"], capture_output=True, text=True, check=True).stdout
        with open(SAMPLE, encoding="ascii") as f:
            text = f.read()
        shown = re.findall(r"(?m)^#(\w+) =(.*)$", text)
        self.assertEqual(sorted((name, value.strip()) for name, value in shown),
                         sorted((name, value.strip()) for name, value in
                                re.findall(r"(?m)^(\w+) =(.*)$", out)))
        self.assertNotIn("without effect", text)

    def test_start_says_how_the_self_test_went(self):
        dns = Dns()
        modes = ["validate"]
        if "without getdns" not in run("-t", "-o", "dnssec=trust-ad", "-o",
                                       "resolver=127.0.0.1", text="").stderr:
            modes.append("trust-ad")
        for mode in modes:
            with self.daemon("dnssec=" + mode, dns=dns) as d:
                d.wait_for_log(TOLD)
                lines = d.lines(TOLD)
                self.assertEqual(len(lines), 1, lines)
                if mode == "validate":
                    self.assertIn("self-test good", lines[0])

    @unittest.skipUnless(sys.platform == "linux", "a nice value per thread")
    def test_lookups_and_their_helper_let_warm_answers_go_first(self):
        def nice(stat):
            return int(read(stat).rsplit(b")", 1)[1].split()[16])

        trust_ad = "without getdns" not in run("-t", "-o", "dnssec=trust-ad", "-o",
                                               "resolver=127.0.0.1", text="").stderr
        with self.daemon("dnssec=" + ("trust-ad" if trust_ad else "validate"), dns=Dns()) as d:
            pid = d.process.pid
            ours = nice("/proc/%d/task/%d/stat" % (pid, pid))
            self.assertEqual(ours, os.getpriority(os.PRIO_PROCESS, 0))
            threads = [nice(x) for x in glob.glob("/proc/%d/task/*/stat" % pid)]
            self.assertEqual(sorted(threads), sorted([ours, max(ours, 10)]))
            helpers = read("/proc/%d/task/%d/children" % (pid, pid)).split()
            for task in glob.glob("/proc/%d/task/*/children" % pid):
                helpers += [x for x in read(task).split() if x not in helpers]
            self.assertEqual(bool(helpers), trust_ad)
            for helper in helpers:
                self.assertEqual(nice("/proc/%d/stat" % int(helper)), max(ours, 10))

    @unittest.skipUnless(sys.platform == "linux", "counts in /proc")
    def test_table_of_descriptors_never_grows_under_clients(self):
        with self.daemon("max_clients=1000") as d:
            before = d.status("FDSize")
            self.assertGreaterEqual(before, 1000)
            clients = [d.client() for _ in range(600)]
            self.assertEqual(clients[-1].ask("QUERY .toys"), NOTFOUND)
            self.assertEqual(d.status("FDSize"), before)
            for c in clients:
                c.close()

    def test_start_does_not_wait_for_the_self_test(self):
        dns, begin = Dns(gate=True), time.monotonic()
        with self.daemon("dns_timeout=" + LONG, dns=dns) as d:
            client = d.client()
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()
            self.assertFalse(dns.gave_up())
            d.wait_for_log("dnssec: ")
            self.assertGreater(time.monotonic() - begin, 0.9)
            self.assertRegex(d.lines("dnssec: ")[0], "not finished")

    def test_term_while_it_starts(self):
        dns = Dns(gate=True)
        d = self.daemon("dns_timeout=" + LONG, dns=dns)
        d.wait_for_log("danestsd .* starts")
        self.assertEqual(d.stop(), 0)
        self.assertFalse(dns.gave_up())

    def test_no_network_is_temp_with_a_reason(self):
        with self.daemon("dns_timeout=300ms") as d:
            client = d.client()
            self.assertRegex(client.ask("QUERY example.com"), r"^TEMP .*\S+ \S+")
            client.close()

    def test_term_answers_who_waits_and_ends_before_their_lookups_would(self):
        dns = Dns()
        with self.daemon("dns_timeout=" + LONG, "answer_timeout=" + LONG, dns=dns) as d:
            client = d.client()
            client.send(frame("QUERY gate.toys"))
            self.assertTrue(wait_for(lambda: dns.mx_questions("gate.toys")))
            d.process.send_signal(signal.SIGTERM)
            self.assertRegex(client.reply(), "^TEMP gate.toys: .*shutting down")
            self.assertEqual(d.process.wait(PATIENCE), 0)
            self.assertFalse(dns.gave_up())
            self.assertFalse(os.path.exists(d.unix))
            client.close()

    def test_unix_socket_mode_and_stale_sockets(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(path)
            with self.daemon("listen=unix:" + path, "listen_mode=0640", listen=False) as d:
                self.assertEqual(os.stat(path).st_mode & 0o7777, 0o640)
                client = Client(path)
                self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
                client.close()
                self.fails(69, "another process serves it", "listen=unix:" + path)
                self.assertTrue(os.path.exists(path))
            self.assertEqual(d.process.returncode, 0)

    def test_anything_else_in_place_of_the_socket_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            with open(path, "w", encoding="ascii") as f:
                f.write("precious")
            self.fails(69, "not a socket", "listen=unix:" + path)
            with open(path, encoding="ascii") as f:
                self.assertEqual(f.read(), "precious")

    def test_nothing_to_listen_on(self):
        self.fails(78, "nothing to listen on", "listen=")

    def test_port_in_use(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            self.fails(69, "cannot listen", "listen=inet:127.0.0.1:%d" % s.getsockname()[1])

    def test_log_repeat(self):
        dns = Dns()
        with self.daemon("log_repeat=5s", dns=dns) as d:
            client = d.client()
            client.ask("QUERY repeat.toys")
            client.ask("QUERY repeat.toys")
            self.assertEqual(len(d.lines("nexthop=repeat.toys")), 1)
            wait_for(lambda: client.ask("QUERY repeat.toys") and
                     len(d.lines("nexthop=repeat.toys")) > 1)
            client.ask("QUERY repeat.toys")
            lines = d.lines("nexthop=repeat.toys")
            self.assertEqual([re.search(r"source=(\w+)", x)[1] for x in lines],
                             ["lookup", "cache"])
            client.close()

    def test_full_house_leaves_a_reserve(self):
        with self.daemon("max_clients=40") as d:
            idle = [d.client() for _ in range(60)]  # 40, and the reserve is 21
            client = d.client()
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)  # though nobody leaves
            refused = d.client()
            self.assertTrue(refused.is_closed())
            for c in idle:
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
            d.wait_for_log("taking from the reserve")
            d.wait_for_log("sent one away")
            for c in idle + [client, refused]:
                c.close()

    def test_four_thousand_idle_clients_and_a_new_one(self):
        with self.daemon() as d:
            try:
                idle = [Client(d.unix) for _ in range(4096)]
            except OSError as error:
                self.skipTest("open files of this test: %s" % error)
            client = d.client()
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            for c in idle[::100]:
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
            for c in idle + [client]:
                c.close()

    @unittest.skipIf(os.environ.get("VALGRIND"), "needs descriptors of its own")
    def test_no_descriptors_left(self):
        with self.daemon(files=64) as d:
            self.assertTrue(d.lines("LimitNOFILE"))
            clients = [d.client(timeout=2) for _ in range(100)]
            served = 0
            for c in clients:
                try:
                    served += c.ask("QUERY .toys") == NOTFOUND
                except (EOFError, OSError):
                    pass
            self.assertGreater(served, 10)
            self.assertLess(served, 64)
            self.assertFalse(d.spins())
            self.assertLess(len(d.lines("no descriptors")), 3)
            for c in clients:
                c.close()
            client = d.client()
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()

    def test_goes_to_the_background_when_it_is_ready(self):
        env = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            r = run("-c", "/dev/null", "-o", "listen=unix:" + path, "-o",
                    "resolver=127.0.0.1:%d" % free_port(), env=env)
            self.assertEqual(r.returncode, 0, r.stderr)
            client = Client(path)
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()
            pids = [int(p.split("/")[2]) for p in glob.glob("/proc/[0-9]*/cmdline")
                    if path.encode() in read(p)]
            self.assertEqual(len(pids), 1)
            os.kill(pids[0], signal.SIGTERM)
            self.assertTrue(wait_for(lambda: not os.path.exists(path)))

    def test_failed_start_in_the_background_is_seen(self):
        r = run("-c", "/dev/null", "-o", "listen=inet:192.0.2.1:1")
        self.assertEqual(r.returncode, 69)
        self.assertIn("192.0.2.1", r.stderr)

    def test_sockets_and_readiness_of_systemd(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket() as passed, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            passed.bind(("127.0.0.1", 0))
            passed.listen()
            notify.bind(os.path.join(folder, "notify"))
            notify.settimeout(PATIENCE)
            env = dict(os.environ, NOTIFY_SOCKET=os.path.join(folder, "notify"), LISTEN_FDS="1")
            script = 'exec 3<&%d; LISTEN_PID=$$ exec "$@"' % passed.fileno()
            with subprocess.Popen(
                    ["/bin/sh", "-c", script, "sh", PROGRAM, "-c", "/dev/null", "-o", "listen="],
                    pass_fds=[passed.fileno()], env=env, stderr=subprocess.DEVNULL) as p:
                self.assertIn(b"READY=1", notify.recv(1000))
                client = Client(passed.getsockname())
                self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
                client.close()
                p.terminate()
                self.assertIn(b"STOPPING=1", notify.recv(1000))
                self.assertEqual(p.wait(PATIENCE), 0)

    @unittest.skipIf(os.getuid() != 0, "needs root")
    def test_drops_to_the_user(self):
        with self.daemon("user=nobody") as d:
            with open("/proc/%d/status" % d.process.pid, encoding="ascii") as f:
                status = f.read()
            import grp
            import pwd
            nobody = pwd.getpwnam("nobody")
            self.assertRegex(status, r"Uid:(\s%d){4}\n" % nobody.pw_uid)
            self.assertRegex(status, r"Gid:(\s%d){4}\n" % nobody.pw_gid)
            groups = {g.gr_gid for g in grp.getgrall() if "nobody" in g.gr_mem}
            self.assertEqual(set(map(int, re.search(r"Groups:(.*)", status)[1].split())),
                             groups | {nobody.pw_gid})

    @unittest.skipUnless(os.environ.get("SLOW"), "takes two minutes; set SLOW=1")
    def test_stalled_clients_are_closed_and_idle_ones_are_not(self):
        with self.daemon() as d:
            half, idle = d.client(timeout=500), d.client()
            half.send(b"20:QUERY exam")
            begin = time.monotonic()
            self.assertTrue(half.is_closed())
            self.assertGreater(time.monotonic() - begin, 95)
            self.assertEqual(idle.ask("QUERY .toys"), NOTFOUND)
            half.close()
            idle.close()


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


if __name__ == "__main__":
    unittest.main()
