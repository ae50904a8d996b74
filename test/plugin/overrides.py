#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danestsd with a file of overrides (spec.md 5): what is answered, looked up and logged."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from commands import run  # noqa: E402
from world import Client, Daemon, Dns, frame  # noqa: E402

FILE = """# ours
partner.toys        secure match=.partner.toys
.partner.toys       encrypt
gone.toys           NOTFOUND
[relay.toys]:587    dane-only
plain.toys          no-dane
"""
REPLIES = {
    "partner.toys": "OK secure match=.partner.toys",
    "PARTNER.toys.": "OK secure match=.partner.toys",
    "partner.toys:587": "OK secure match=.partner.toys",
    "[partner.toys]": "OK secure match=.partner.toys", "a.b.partner.toys": "OK encrypt",
    "gone.toys": "NOTFOUND ", "[relay.toys]:submission": "OK dane-only",
}


def file_with(text):
    f = tempfile.NamedTemporaryFile("w", prefix="overrides-", encoding="utf-8", delete=False)
    with f:
        f.write(text)
    os.chmod(f.name, 0o644)
    return f.name


class Overrides(unittest.TestCase):
    def file(self, text):
        path = file_with(text)
        self.addCleanup(os.unlink, path)
        return path

    def daemon(self, path, dns):
        cache = tempfile.TemporaryDirectory()
        self.addCleanup(cache.cleanup)
        return Daemon("overrides=" + path, "cache_dir=" + cache.name,
                      "control=unix:%s/control" % cache.name, dns=dns)

    def test_answers_without_a_question_and_logs_once(self):
        dns, path = Dns(), self.file(FILE)
        with self.daemon(path, dns) as d:
            c = Client(d.inet)
            for _ in range(3):
                for key, want in REPLIES.items():
                    for name in ("QUERY", "QUERYwithTLSRPT"):
                        self.assertEqual(c.ask("%s %s" % (name, key)), want, key)
            self.assertEqual(dns.mx_questions("partner.toys"), 0)
            self.assertEqual(dns.mx_questions("gone.toys"), 0)
            lines = d.lines(r"policy nexthop=partner\.toys ")
            self.assertEqual(len(lines), 1, lines)
            self.assertRegex(lines[0], r"domain=partner\.toys reply=secure dane=none sts=absent"
                             r" sts_id=- hosts=0 expires=86400 source=override ms=0 error=- "
                             r"reason=\"?%s:2\"?" % path)
            self.assertEqual(len(d.lines(r"nexthop=\[relay\.toys\]:587 domain=relay\.toys"
                                         r" reply=dane-only .*source=override")), 1)

    def test_a_switch_is_looked_up(self):
        dns = Dns()
        with self.daemon(self.file(FILE), dns) as d:
            c = Client(d.inet)
            self.assertEqual(c.ask("QUERY plain.toys"), "NOTFOUND ")
            self.assertEqual(c.ask("QUERY other.toys"), "NOTFOUND ")
            self.assertEqual(dns.mx_questions("plain.toys"), 1)
            self.assertEqual(len(d.lines(r"nexthop=plain\.toys .*source=override")), 1)
            self.assertEqual(len(d.lines(r"nexthop=other\.toys .*source=lookup")), 1)

    def test_a_client_that_goes_on_to_an_override_changes_nobodys_answer(self):
        dns = Dns()
        with self.daemon(self.file(FILE + "late.toys no-sts\n"), dns) as d:
            clients = [Client(d.inet) for _ in range(3)]
            for c in clients:
                c.send(frame("QUERY late.toys") + frame("QUERY partner.toys"))
            for c in clients:
                self.assertEqual(c.reply(), "NOTFOUND ")
                self.assertEqual(c.reply(), "OK secure match=.partner.toys")

    def test_errors_name_file_and_line_and_end_with_78(self):
        for text, what in (("a.toys dane-only\nb.toys may match=x\n", ":2: match= does not go"),
                           ("# x\na.toys dnae\n", ":2: \"dnae\" is no security level"),
                           ("a may\na may\n", ":2: a has an entry already, in line 1"),
                           ("a.toys\n", ":1: no reply"), ("[192.0.2.1] may\n", ":1: ")):
            path = self.file(text)
            for args in (("-t",), ("-f",)):
                r = run(*args, "-o", "overrides=" + path, text="resolver = 127.0.0.1\n")
                self.assertEqual(r.returncode, 78, r.stderr)
                self.assertIn(path + what, r.stderr)
                self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        r = run("-t", "-o", "overrides=/nonexistent/overrides", text="")
        self.assertEqual(r.returncode, 78)
        self.assertIn("/nonexistent/overrides: ", r.stderr)


if __name__ == "__main__":
    unittest.main()
