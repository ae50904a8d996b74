#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Figures for Prometheus (spec.md 2, `metrics`): what they say, and who may get them.
PROMTOOL names promtool when it is not in the path."""
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scrape import (PROMTOOL, Target, families, read_reply, samples,  # noqa: E402
                    without_histogram_parts)
from world import Daemon, Dns, frame, free_port, wait_for  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Service(unittest.TestCase):
    """A danestsd with metrics."""

    def start(self, *options, **kw):
        self.target = Target(free_port())
        dns = Dns()
        self.daemon = Daemon("metrics=inet:127.0.0.1:%d" % self.target.port, "control=",
                             "cache_dir=", *options, dns=dns, **kw)
        self.daemon.__enter__()
        self.addCleanup(self.end)
        self.client = self.daemon.client()
        self.addCleanup(self.client.close)

    def end(self):
        self.daemon.__exit__(None, None, None)

    def value(self, name, **labels):
        return samples(self.target.text()).get((name, tuple(sorted(labels.items()))))

    def wait_for(self, name, value, **labels):
        self.assertTrue(wait_for(lambda: self.value(name, **labels) == value),
                        (name, labels, self.target.text()))


class Figures(Service):
    def balance(self):
        """Questions, and what became of them, from one scrape."""
        now = samples(self.target.text())
        answered = sum(v for (name, _), v in now.items() if name == "danestsd_decisions_total")
        other = sum(now[("danestsd_questions_" + x, ())] for x in ("waiting", "abandoned_total"))
        return now[("danestsd_questions_total", ())], answered + other, answered

    def test_every_question_is_counted_once_and_so_is_its_answer(self):
        self.start("answer_timeout=6s", "dns_timeout=60s", "max_lookups=1")
        for i in range(3):
            self.client.ask("QUERY warm.toys")
            self.assertEqual(self.balance(), (i + 1, i + 1, i + 1))
        self.client.ask("QUERY WARM.toys.")
        self.client.ask("QUERYwithTLSRPT warm.toys")
        self.client.ask("QUERY [192.0.2.1]")
        self.client.ask("nobody warm.toys")
        self.client.ask("QUERY")
        self.assertEqual(self.balance(), (8, 8, 8))
        first, second, gone = (self.daemon.client() for _ in range(3))
        for c, name in ((first, "gate1.toys"), (second, "gate2.toys"), (gone, "gate3.toys")):
            c.send(frame("QUERY " + name))
        self.wait_for("danestsd_questions_waiting", 3)
        self.assertEqual(self.balance(), (11, 11, 8))
        gone.close()
        # A client that waits is read from no more: that it has left shows with its answer.
        first.reply()
        second.reply()
        self.wait_for("danestsd_questions_waiting", 0)
        questions, known, _ = self.balance()
        self.assertEqual((questions, known), (11, 11))
        now = samples(self.target.text())
        for source, level, count in (("lookup", "NOTFOUND", 1), ("cache", "NOTFOUND", 4),
                                     ("own", "NOTFOUND", 1), ("own", "PERM", 2)):
            self.assertEqual(now[("danestsd_decisions_total",
                                  (("level", level), ("source", source)))], count, source)
        late = now[("danestsd_questions_late_total", ())]
        self.assertEqual(late, now[("danestsd_decisions_total",
                                    (("level", "TEMP"), ("source", "own")))])
        self.assertIn(late, (2, 3))
        self.assertEqual(now[("danestsd_unknown_maps_total", ())], 2)
        self.assertEqual(now[("danestsd_memo_hits_total", ())], 4)
        self.assertEqual(now[("danestsd_memo_misses_total", ())], 4)
        first.close()
        second.close()

    def test_lookups_and_what_they_asked(self):
        self.start("dns_timeout=5s")
        self.client.ask("QUERY a.toys")
        self.client.ask("QUERY hole.toys")
        now = samples(self.target.text())
        self.assertEqual(now[("danestsd_dane_states_total", (("state", "none"),))], 1)
        self.assertEqual(now[("danestsd_dane_states_total", (("state", "error"),))], 1)
        self.assertEqual(now[("danestsd_sts_states_total", (("state", "absent"),))], 1)
        self.assertEqual(now[("danestsd_failures_total", (("token", "dns-query-failed"),))], 1)
        self.assertEqual(now[("danestsd_lookup_duration_seconds_count", ())], 2)
        self.assertGreaterEqual(now[("danestsd_lookup_duration_seconds_sum", ())], 1)
        self.assertGreaterEqual(now[("danestsd_dns_queries_total", ())], 3)
        self.assertGreaterEqual(now[("danestsd_dns_query_failures_total", ())], 1)
        self.assertEqual(now[("danestsd_dns_queries_in_flight", ())], 0)
        self.assertEqual(now[("danestsd_memo_entries", ())], 2)
        self.assertGreater(now[("danestsd_memo_bytes", ())], 0)
        self.assertEqual(now[("danestsd_lookups_in_flight", ())], 0)

    def test_what_is_under_way(self):
        self.start("max_lookups=2", "dns_timeout=60s", "answer_timeout=60s")
        waiting = [self.daemon.client() for _ in range(5)]
        for i, c in enumerate(waiting):
            c.send(frame("QUERY gate%d.toys" % i))
        self.wait_for("danestsd_lookups_waiting", 3)
        now = samples(self.target.text())
        self.assertEqual(now[("danestsd_lookups_in_flight", ())], 2)
        self.assertEqual(now[("danestsd_lookups_resolving", ())], 2)
        self.assertGreaterEqual(now[("danestsd_dns_queries_in_flight", ())], 2)
        for c in waiting:
            c.close()

    def test_clients(self):
        self.start("max_clients=4")
        garbage = self.daemon.client()
        garbage.send(b"nonsense")
        self.assertTrue(garbage.is_closed())
        garbage.close()
        self.client.send(frame("QUERY hole.toys") + b"x")  # garbage behind one that waits
        self.wait_for("danestsd_bad_frames_total", 2)
        self.wait_for("danestsd_clients", 0)
        self.assertEqual(self.value("danestsd_questions_abandoned_total"), 1)
        many = [self.daemon.client() for _ in range(4 + 4 // 8 + 16 + 3)]
        self.wait_for("danestsd_clients_refused_total", 3)
        self.assertEqual(self.value("danestsd_clients"), 20)
        self.assertEqual(self.value("danestsd_clients_limit"), 4)
        self.assertEqual(self.value("danestsd_clients_accepted_total"), 22)
        for c in many:
            c.close()

    def test_nothing_of_strangers_gets_into_a_label(self):
        self.start()
        self.client.ask("QUERY a.toys")
        before = set(samples(self.target.text()))
        for text in ('x"} 1\nevil 1', "QUERY \xff\xfe", 'QUERY ev"il.toys', "QUERY \\.toys",
                     'a\nb QUERY', "QUERY b.toys\n"):
            self.client.ask(text.encode("latin-1"))
        after = self.target.text()
        self.assertEqual(set(samples(after)), before)
        self.assertNotIn("evil", after)

    def test_overrides_and_reloads(self):
        self.start("overrides=" + self.overrides("a.toys encrypt\n"))
        self.assertEqual(self.client.ask("QUERY a.toys"), "OK encrypt")
        self.assertEqual(self.value("danestsd_decisions_total", level="encrypt",
                                    source="override"), 1)
        self.assertEqual(self.value("danestsd_overrides"), 1)
        self.overrides("a.toys nonsense\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.wait_for("danestsd_config_reloads_total", 1, result="refused")
        self.assertEqual(self.value("danestsd_config_last_reload_successful"), 0)
        self.overrides("a.toys encrypt\nb.toys may\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.wait_for("danestsd_config_reloads_total", 1, result="success")
        self.assertEqual(self.value("danestsd_config_last_reload_successful"), 1)
        self.assertEqual(self.value("danestsd_overrides"), 2)
        self.assertEqual(self.value("danestsd_questions_total"), 1)

    def overrides(self, text):
        path = "/tmp/danestsd-metrics-%d" % os.getpid()
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        return path


class Text(Service):
    def test_dnssec_is_said_to_work_once_it_does(self):
        self.start()
        self.wait_for("danestsd_dnssec_state", 1, state="good")
        self.assertEqual(self.value("danestsd_dnssec_state", state="testing"), 0)
        self.assertEqual(self.value("danestsd_dnssec_state", state="failed"), 0)

    @unittest.skipIf(families is None, "no parser: python3-prometheus-client")
    def test_a_parser_takes_all_of_it(self):
        self.start()
        self.client.ask("QUERY a.toys")
        text = self.target.text()
        seen = {}
        for family in families(text):
            self.assertNotIn(family.name, seen)
            seen[family.name] = family
            self.assertTrue(family.documentation.endswith("."), family.name)
            self.assertIn(family.type, ("counter", "gauge", "histogram"))
            self.assertTrue(family.samples, family.name)
        self.assertEqual(seen["danestsd_build_info"].samples[0].labels["dnssec"], "validate")
        for name in ("lookup", "dns_query", "fetch"):
            h = seen["danestsd_%s_duration_seconds" % name].samples
            buckets = [s.value for s in h if s.name.endswith("_bucket")]
            self.assertEqual(len(buckets), 16)
            self.assertEqual(buckets, sorted(buckets))
            count = [s.value for s in h if s.name.endswith("_count")]
            self.assertEqual(count, [buckets[-1]])

    @unittest.skipIf(PROMTOOL is None, "no promtool (package prometheus)")
    def test_promtool_has_nothing_to_say(self):
        self.start()
        self.client.ask("QUERY a.toys")
        r = subprocess.run([PROMTOOL, "check", "metrics"], input=self.target.text(),
                           capture_output=True, text=True, check=False)
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", ""))

    def test_the_manual_names_what_there_is(self):
        self.start()
        with open(os.path.join(TOP, "man", "danestsd.8"), encoding="ascii") as f:
            page = f.read().split(".Sh METRICS", 1)[1].split(".Sh ", 1)[0]
        told = dict(re.findall(r"^\.It Li danestsd_(\S+)(?: (\w+))?", page, re.M))
        types = dict(re.findall(r"^# TYPE danestsd_(\S+) (\w+)$", self.target.text(), re.M))
        self.assertEqual(told, types)

    def test_counters_only_grow(self):
        self.start()
        before = samples(self.target.text())
        for i in range(20):
            self.client.ask("QUERY d%d.toys" % (i % 7))
        after = samples(self.target.text())
        for key, value in before.items():
            if re.search("_(total|bucket|count|sum)$", key[0]):
                self.assertGreaterEqual(after[key], value, key)
        self.assertEqual(without_histogram_parts(before), without_histogram_parts(after))


class Http(Service):
    def status(self, text):
        return self.target.raw(text)[0]

    def test_one_page_and_nothing_else(self):
        self.start()
        for status, text in (
                (200, "GET /metrics HTTP/1.0\r\n\r\n"),
                (200, "GET /metrics?x=y HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"),
                (404, "GET / HTTP/1.0\r\n\r\n"),
                (404, "GET /metrics/../metrics HTTP/1.0\r\n\r\n"),
                (405, "POST /metrics HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"),
                (400, "GET /metrics HTTP/1.1\r\n\r\n"),
                (400, "\x16\x03\x01\x00\n\n"),
                (431, "GET /metrics HTTP/1.0\r\nA: " + "x" * 20000),
                (505, "GET /metrics HTTP/2.0\r\n\r\n")):
            got, headers, body = self.target.raw(text)
            self.assertEqual(got, status, text[:60])
            self.assertEqual(headers["connection"], "close")
            self.assertEqual(int(headers["content-length"]), len(body))
            self.assertEqual(headers["content-type"],
                             "text/plain; version=0.0.4; charset=utf-8")
            self.assertEqual(headers.get("allow"), "GET, HEAD" if status == 405 else None)

    def test_head_has_no_body(self):
        self.start()
        status, headers, body = self.target.raw("HEAD /metrics HTTP/1.0\r\n\r\n")
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["content-length"]), 5000)

    def test_a_request_may_come_in_pieces(self):
        self.start()
        with self.target.connect() as s:
            for c in b"GET /metrics HTTP/1.0\r\n\r\n":
                s.sendall(bytes([c]))
                time.sleep(0.005)
            self.assertEqual(read_reply(s)[0], 200)

    def test_scrapes_at_once_share_the_work(self):
        self.start()
        all_of_them = [self.target.connect() for _ in range(16)]
        for s in all_of_them:
            s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        for s in all_of_them:
            status, _, body = read_reply(s)
            self.assertEqual(status, 200)
            self.assertIn(b"danestsd_build_info", body)
            s.close()

    def test_clients_that_leave_do_no_harm(self):
        self.start()
        for _ in range(50):
            with self.target.connect() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        self.assertEqual(self.status("GET /metrics HTTP/1.0\r\n\r\n"), 200)

    def test_who_says_nothing_is_sent_away_and_the_next_one_served(self):
        self.start()
        silent = [self.target.connect() for _ in range(16)]
        silent[0].sendall(b"GET /met")
        begin = time.monotonic()
        with self.target.connect() as patient:
            patient.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            self.assertEqual(self.client.ask("QUERY .toys"), "NOTFOUND ")
            self.assertFalse(select.select([patient], [], [], 0)[0])  # nobody else minds
            self.assertEqual(read_reply(patient)[0], 200)
        self.assertGreater(time.monotonic() - begin, 9)
        self.assertEqual(read_reply(silent[0])[0], 408)
        self.assertEqual(silent[1].recv(1), b"")
        for s in silent:
            s.close()

    def test_without_descriptors_a_scrape_waits_and_nothing_spins(self):
        self.start(files=64)
        clients = [self.daemon.client() for _ in range(80)]
        self.daemon.wait_for_log("no descriptors for more clients")
        with self.target.connect() as s:
            s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            self.daemon.wait_for_log("metrics: no descriptors")
            self.assertFalse(self.daemon.spins())
            for c in clients:
                c.close()
            self.assertEqual(read_reply(s)[0], 200)

    def test_without_the_parameter_nobody_listens(self):
        with Daemon("control=", "cache_dir=") as d:
            self.assertNotIn("metrics", d.lines("listening on")[0])

    def test_the_start_names_the_endpoint(self):
        self.start()
        self.assertIn("metrics at inet:127.0.0.1:%d" % self.target.port,
                      self.daemon.lines("listening on")[0])


if __name__ == "__main__":
    unittest.main()
