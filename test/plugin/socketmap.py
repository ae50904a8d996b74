#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Socketmap sessions against the real danestsd (spec.md 3). DANESTSD names it."""
import os
import select
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import LONG, PATIENCE, Client, Daemon, Dns, frame, wait_for  # noqa: E402

NOTFOUND = "NOTFOUND "


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = Dns()
        cls.daemon = Daemon(dns=cls.dns).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__(None, None, None)

    def setUp(self):
        self.client = self.daemon.client()
        self.addCleanup(self.client.close)

    def test_domain_without_policy(self):
        self.assertEqual(self.client.ask("QUERY plain.toys"), NOTFOUND)

    def test_same_over_the_unix_socket(self):
        client = Client(self.daemon.unix)
        self.assertEqual(client.ask("QUERY plain.toys"), NOTFOUND)
        client.close()

    def test_request_split_after_every_octet(self):
        for octet in frame("QUERY split.toys") + frame("QUERY .toys"):
            self.client.send(bytes([octet]))
            time.sleep(0.002)
        self.assertEqual([self.client.reply() for _ in range(2)], [NOTFOUND] * 2)

    def test_pipelined_requests_are_answered_in_order(self):
        asked = []
        for i in range(200):
            asked += ["QUERY order%d.toys" % i, "nomap%d x" % i]
        self.client.send(b"".join(frame(x) for x in asked))
        for i in range(200):
            self.assertEqual(self.client.reply(), NOTFOUND)
            self.assertEqual(self.client.reply(), 'PERM unknown map "nomap%d"' % i)

    def test_leading_zeros_of_a_length_are_fine(self):
        self.client.send(b"0000011:QUERY .toys,00000000000000000011:QUERY .toys,")
        self.assertEqual([self.client.reply() for _ in range(2)], [NOTFOUND] * 2)

    def test_map_names_compare_without_case(self):
        for name in ("QUERY", "query", "postfix", "POSTFIX", "QueryWithTLSRPT", "TlsRpt"):
            self.assertEqual(self.client.ask(name + " plain.toys"), NOTFOUND)

    def test_unknown_map_is_an_error_and_the_connection_stays(self):
        self.assertEqual(self.client.ask("nosuch plain.toys"), 'PERM unknown map "nosuch"')
        self.assertEqual(self.client.ask(""), "PERM request without a key")
        self.assertEqual(self.client.ask("QUERY"), "PERM request without a key")
        self.assertEqual(self.client.ask("QUERY .toys"), NOTFOUND)

    def test_nothing_hostile_is_echoed(self):
        reply = self.client.ask(b"bad\x1b[2J\r\n\xff" + b"x" * 500 + b" k")
        self.assertTrue(all(" " <= c <= "~" for c in reply), reply)
        self.assertLess(len(reply), 100)

    def test_keys_that_are_no_domains_ask_no_questions(self):
        before = len(self.dns.asked)
        for key in (b"", b".toys", b".", b"[192.0.2.1]", b"192.0.2.1", b"[::1]:25",
                    b"/run/socket", b"a b.toys", b"a\0.toys", b"\xff\xfe.toys",
                    b"[unclosed.toys", b"x" * 9000, b"x.toys:0", b"x.toys:65536", b"-"):
            self.assertEqual(self.client.ask(b"QUERY " + key), NOTFOUND, key)
        self.assertEqual(len(self.dns.asked), before)

    def test_spellings_of_one_domain_are_one_question(self):
        for key in ("spelt.toys", "SPELT.Test", "spelt.toys.", "spelt.toys:25"):
            self.assertEqual(self.client.ask("QUERY " + key), NOTFOUND)
        self.assertEqual(self.dns.mx_questions("spelt.toys"), 1)

    def test_bad_frames_close_that_connection_and_no_other(self):
        for bad in (b"x", b":", b"+5:QUERY,", b"-1:,", b" 5:QUERY,", b"10001:", b"99999999999",
                    b"000000000000000000000", b"5:QUERYx", b"11:QUERY .toys;", b"\0", b"5 :"):
            client = self.daemon.client()
            client.send(frame("QUERY .toys") + bad)
            self.assertEqual(client.reply(), NOTFOUND, bad)
            self.assertTrue(client.is_closed(), bad)
            client.close()
        self.assertEqual(self.client.ask("QUERY .toys"), NOTFOUND)

    def test_largest_payload_is_answered(self):
        self.assertEqual(self.client.ask(b"QUERY " + b"k" * 9994), NOTFOUND)

    def test_client_that_shuts_its_side_gets_its_answer(self):
        self.client.send(frame("QUERY late-half.toys"))
        self.client.sock.shutdown(socket.SHUT_WR)
        self.assertEqual(self.client.reply(), NOTFOUND)
        self.assertTrue(self.client.is_closed())

    def test_hundred_clients_ask_one_question(self):
        clients = [self.daemon.client() for _ in range(100)]
        for c in clients:
            c.send(frame("QUERY late-crowd.toys"))
        for c in clients:
            self.assertEqual(c.reply(), NOTFOUND)
            c.close()
        self.assertEqual(self.dns.mx_questions("late-crowd.toys"), 1)

    def test_others_do_not_wait_for_who_waits(self):
        self.client.send(frame("QUERY gate.toys") + frame("QUERY .toys"))
        other = self.daemon.client()
        for name in ("gone.toys", "gone.toys", "another.toys", ".toys"):
            self.assertEqual(other.ask("QUERY " + name), NOTFOUND)
        self.assertFalse(self.dns.gave_up())
        self.assertFalse(select.select([self.client.sock], [], [], 0)[0])
        self.dns.open_gate()
        self.assertEqual([self.client.reply() for _ in range(2)], [NOTFOUND] * 2)
        other.close()

    def test_one_line_per_decision(self):
        for _ in range(5):
            self.client.ask("QUERY logged.toys")
        lines = self.daemon.lines(r"policy nexthop=logged\.toys ")
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], r"policy nexthop=logged\.toys domain=logged\.toys "
                         r"reply=NOTFOUND dane=none sts=absent sts_id=- hosts=\d+ "
                         r"expires=\d+ source=lookup ms=\d+ error=- reason=\"\"$")

    def test_slow_reader_holds_up_nobody(self):
        slow = self.daemon.client()
        slow.sock.setblocking(False)
        burst, sent = frame("QUERY .toys") * 1000, 0
        for _ in range(2000):
            try:
                sent += slow.sock.send(burst[sent % 15:])
            except BlockingIOError:
                break
        else:
            self.fail("the server reads without end from a client that does not")
        for _ in range(100):  # before the slow one has read a single reply
            self.assertEqual(self.client.ask("QUERY .toys"), NOTFOUND)
        slow.sock.settimeout(PATIENCE)
        for _ in range(sent // 15):
            self.assertEqual(slow.reply(), NOTFOUND)
        slow.close()

    def test_clients_that_vanish_while_they_wait(self):
        for i in range(50):
            client = self.daemon.client()
            client.send(frame("QUERY late-gone%d.toys" % (i % 3)))
            client.close()
        for i in range(3):  # which come when the lookups are over that they waited for
            self.assertEqual(self.client.ask("QUERY late-gone%d.toys" % i), NOTFOUND)


class Waiting(unittest.TestCase):
    """Each with a resolver of its own: one that did not answer is asked less."""

    def start(self, timeout, *options):
        self.dns = Dns()
        self.daemon = Daemon("answer_timeout=" + timeout, "dns_timeout=" + LONG, *options,
                             dns=self.dns).__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)
        self.client = self.daemon.client()
        self.addCleanup(self.client.close)

    def test_late_answer_is_temp_when_the_time_is_over(self):
        self.start("1s")
        begin = time.monotonic()
        self.client.send(frame("QUERY gate.toys") + frame("QUERY .toys"))
        reply = self.client.reply()
        self.assertEqual(reply, "TEMP gate.toys: lookup not finished after 1 s, it goes on;"
                         " try again")
        self.assertGreater(time.monotonic() - begin, 0.9)
        self.assertFalse(self.dns.gave_up())
        self.assertEqual(self.client.reply(), NOTFOUND)

    def test_bad_frame_behind_a_question_that_waits_closes_at_once(self):
        self.start(LONG)
        for behind in (b"x", frame("QUERY .toys") * 3 + b"5:QUERYx", b"10001:"):
            for pause in (0, 0.2):  # in one piece, and in two
                client = self.daemon.client()
                client.send(frame("QUERY gate.toys") + (b"" if pause else behind))
                if pause:
                    time.sleep(pause)
                    client.send(behind)
                self.assertTrue(client.is_closed(), behind)  # and has sent no reply before
                client.close()
        self.assertFalse(self.dns.gave_up())
        self.client.send(frame("QUERY gate.toys") + b"11:QUERY .")  # good so far
        self.client.sock.settimeout(0.5)
        self.assertFalse(self.client.is_closed())

    def test_reason_of_a_long_name_is_whole(self):
        self.start("300ms")
        name = ".".join(["gate" + "x" * 59] * 3 + ["y" * 50, "toys"])
        reply = self.client.ask("QUERY " + name)
        self.assertTrue(reply.startswith("TEMP gatexx"), reply)
        self.assertTrue(reply.endswith("yy.toys: lookup not finished after 300 ms, it goes on;"
                                       " try again"), reply)
        self.assertLessEqual(len(reply), 200)

    def test_question_that_was_not_its_turn_says_so(self):
        self.start("500ms", "max_lookups=1")
        first, second = self.daemon.client(), self.daemon.client()
        first.send(frame("QUERY gate1.toys"))
        self.assertTrue(wait_for(lambda: self.dns.mx_questions("gate1.toys")))
        second.send(frame("QUERY gate2.toys"))
        self.assertRegex(first.reply(), "not finished after 500 ms")
        self.assertEqual(second.reply(), "TEMP gate2.toys: lookup not begun after 500 ms, others"
                         " come first (max_lookups); try again")
        first.close()
        second.close()

    def test_late_answer_is_found_by_the_next_question(self):
        self.start("300ms")  # MX and addresses take longer, each of them does not
        reply = self.client.ask("QUERY late.toys")
        self.assertRegex(reply, r"^TEMP late\.toys: ")
        while reply == "TEMP late.toys: lookup not finished after 300 ms, it goes on; try again":
            reply = self.client.ask("QUERY late.toys")
        self.assertEqual(reply, NOTFOUND)
        self.assertEqual(self.dns.mx_questions("late.toys"), 1)


if __name__ == "__main__":
    unittest.main()
