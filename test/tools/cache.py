#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danests cache against danestsd, as TAP. DANESTS and DANESTSD name the programs."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from control import PROGRAM, Service, as_lines, main, moment, record
from world import LONG, Dns, frame


class Records(unittest.TestCase):
    def test_export_and_import_are_the_inverse_of_each_other_byte_by_byte(self):
        text = record("x.example")["text"]
        records = [record("a.example"), record("b.example", "testing", mx=("*.@", "mx.@")),
                   record("c.example", "none", mx=()), record("d.example", ident="0" * 32),
                   record("e.example", text=text + "x-note: caf\u00e9 \"\\ /\r\n")]
        raw = (text + "x-raw: ").encode() + b"\xff\xfe\r\n"
        odd = record("f.example")
        del odd["text"]
        odd["text_hex"] = raw.hex()
        with Service() as one, Service() as other:
            done = one.take(*records, odd)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            first = one.run("cache", "export").stdout
            held = {x["domain"]: x for x in map(json.loads, first.splitlines())}
            for wanted in records + [odd]:
                for member, value in wanted.items():
                    self.assertEqual(held[wanted["domain"]][member], value)
            self.assertEqual(held["c.example"]["mode"], "none")
            path = other.file("records")
            self.assertEqual(one.run("cache", "export", "-o", path).returncode, 0)
            self.assertEqual(other.run("cache", "import", path).returncode, 0)
            second = other.run("cache", "export").stdout
            self.assertEqual(sorted(first.splitlines()), sorted(second.splitlines()))

    def test_what_is_imported_outlives_the_service(self):
        with Service() as s:
            self.assertEqual(s.take(record("a.example")).returncode, 0)
            folder = tempfile.mkdtemp()
            s.process.kill()
            s.process.wait()
            shutil.copytree(os.path.join(s.home.name, "cache"), folder, dirs_exist_ok=True)
            s.process.returncode = 0
        with Service("cache_dir=" + folder) as again:
            self.assertEqual(again.domains(), ["a.example"])
        shutil.rmtree(folder)

    def test_each_bad_record_gets_a_line_with_file_and_line(self):
        good = record("good.example")
        bad = [
            ("garbage\n", "JSON"), ("{\n", "JSON"), ("[]\n", "object"), ("{}\n", '"domain"'),
            ('{"domain": 1}\n', '"domain" must be a string'),
            (record("a.example", fetched="yesterday"), '"fetched" must be a time'),
            (record("a.example", fetched=moment(-10 * 86400)), "future"),
            (record("a.example", ago=864001), "over"),
            (record("a.example", text="version: STSv2\n"), "version"),
            (record("a.example", text="\x01"), "control character"),
            (record("[192.0.2.1]"), "domain"), (record("a..example"), "domain"),
            (record("a.example", text_hex="abc"), "hexadecimal"),
            ('{"domain": "a.example", "domain": "b.example"}\n', "duplicate"),
            ('{"domain": "a\udcff.example"}\n', "JSON"),
        ]
        with Service() as s:
            for text, words in bad:
                path = s.file("in", as_lines(good, "\n", text, good))
                done = s.run("cache", "import", path)
                self.assertEqual(done.returncode, 65, (text, done))
                self.assertRegex(done.stderr, r"\Adanests cache: \S*/in:3: .*\n\Z", text)
                self.assertIn(words, done.stderr)
                self.assertEqual(s.domains(), ["good.example"])
                self.assertTrue(done.stdout.startswith("2 policies imported"), done)

    def test_line_without_end_is_not_read_to_its_end(self):
        with Service() as s:
            done = s.run("cache", "import", s.file("in", as_lines(record("a.example")) +
                                                   "[" + " " * (2 << 20)))
            self.assertEqual(done.returncode, 65, done)
            self.assertIn("in:2: the line is too long", done.stderr)
            self.assertEqual(s.domains(), ["a.example"])

    def test_older_record_does_not_replace_a_newer_one_unless_told(self):
        with Service() as s:
            s.take(record("a.example", ident="new", ago=60))
            done = s.take(record("a.example", ident="old", ago=600))
            self.assertEqual(done.returncode, 0)
            self.assertIn("0 policies imported, 1 older", done.stdout)
            self.assertIn("new", s.run("cache", "get", "a.example").stdout)
            done = s.take(record("a.example", ident="old", ago=600), args=("--replace", "--json"))
            self.assertEqual(json.loads(done.stdout), {"imported": 1, "older": 0, "bad": 0})
            self.assertIn("old", s.run("cache", "get", "a.example").stdout)

    def test_import_is_heeded_at_once_by_whatever_name(self):
        names = ("a.toys", "A.Toys.", "[a.toys]", "a.toys:587", "[a.toys]:465")
        dns = Dns()
        with Service(dns=dns) as s:
            client = s.client()
            ask = lambda: {client.ask("QUERY " + name) for name in names}
            self.assertEqual(ask(), {"NOTFOUND "})
            s.take(record("a.toys", mx=("mx.@", "*.@")))
            self.assertEqual(ask(), {"OK secure match=mx.a.toys:.a.toys servername=hostname"})
            s.take(record("a.toys", mx=("mx.@",), ident="2", ago=30))
            self.assertEqual(ask(), {"OK secure match=mx.a.toys servername=hostname"})
            s.run("cache", "purge", "a.toys", "--all")
            self.assertEqual(ask(), {"NOTFOUND "})

    def test_import_is_heeded_at_any_port(self):
        names = ["a.toys:%d" % port for port in range(1000, 1040)]
        dns = Dns()
        with Service(dns=dns) as s:
            client = s.client()
            ask = lambda: {client.ask("QUERY " + name) for name in names}
            self.assertEqual(ask(), {"NOTFOUND "})
            s.take(record("a.toys", mx=("mx.@",)))
            self.assertEqual(ask(), {"OK secure match=mx.a.toys servername=hostname"})


class Shown(unittest.TestCase):
    def test_list_chooses_by_mode_and_by_suffix(self):
        with Service() as s:
            s.take(record("a.example"), record("b.a.example", "testing"), record("ba.example"),
                   record("c.example", "none", mx=()))
            self.assertEqual(s.domains("--mode", "testing"), ["b.a.example"])
            self.assertEqual(s.domains("A.example"), ["a.example", "b.a.example"])
            self.assertEqual(s.domains("--mode", "enforce", "a.example"), ["a.example"])
            lines = s.run("cache", "list").stdout.splitlines()
            self.assertEqual(len(lines), 6)
            self.assertTrue(all(len(x) <= 80 for x in lines), lines)
            self.assertRegex("\n".join(lines), r"a\.example +enforce 1 +10d +9d 23h +1m")

    def test_expired_policies_do_not_make_a_list_slow(self):
        with Service() as s:
            s.take(record("a.example"))
            for left in (3, 15, 60):  # seconds; on a busy machine they are over meanwhile
                done = s.take(*(record("d%d.example" % i, ago=864000 - left)
                                for i in range(3000)))
                if done.returncode == 0:
                    break
            self.assertEqual(done.returncode, 0, done)
            time.sleep(left + 1)
            before = s.switches()
            self.assertEqual(s.domains(), ["a.example"])
            # Each errand of the worker is one at least.
            self.assertLess(s.switches() - before, 1000)

    def test_get_shows_all_of_one_and_1_is_none(self):
        with Service() as s:
            s.take(record("a.example"))
            done = s.run("cache", "get", "A.Example.", "--json")
            self.assertEqual((done.returncode, json.loads(done.stdout)["text"]),
                             (0, record("a.example")["text"]))
            self.assertIn("    mx: mx.a.example\n", s.run("cache", "get", "a.example").stdout)
            for none in ("b.example", "sub.a.example"):
                done = s.run("cache", "get", none)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done)
                self.assertIn("no policy is held", done.stderr)

    def test_octets_of_a_policy_do_no_harm_to_a_terminal(self):
        with Service() as s:
            text = record("a.example")["text"] + "x-note: \u009b31m\r\n"
            self.assertEqual(s.take(record("a.example", text=text, ident="i")).returncode, 0)
            self.assertTrue(s.run("cache", "get", "a.example").stdout.isascii())


    def test_domains_are_meant_however_they_are_written(self):
        with Service() as s:
            s.take(record("xn--bcher-kva.example"), record("other.example"))
            for name in ("b\u00fccher.example", "XN--BCHER-kva.Example."):
                self.assertEqual(s.domains(name), ["xn--bcher-kva.example"])
                self.assertEqual(s.run("cache", "get", name).returncode, 0)
            for verb in ("list", "get", "purge"):
                for name in ("a..b", "\u00fc \x1b", "[a.example]", "a.example:587", ""):
                    done = s.run("cache", verb, name)
                    self.assertEqual((done.returncode, done.stdout), (64, ""), (verb, name))
                    self.assertIn("is no domain", done.stderr)
                    self.assertNotIn("\x1b", done.stderr)


class Purged(unittest.TestCase):
    ALL = (record("a.example"), record("b.example", "testing"),
           record("c.example", "none", mx=()))

    def test_enforce_policies_stay_unless_told(self):
        with Service() as s:
            s.take(*self.ALL)
            done = s.run("cache", "purge")
            self.assertEqual((done.returncode, done.stdout),
                             (0, "2 policies forgotten, 1 kept\n"), done)
            self.assertEqual(s.domains(), ["a.example"])
            done = s.run("cache", "purge", "--all", "--json")
            self.assertEqual(json.loads(done.stdout), {"purged": 1, "kept": 0})
            self.assertEqual(s.domains(), [])

    def test_named_enforce_policy_stays_unless_told_too(self):
        with Service() as s:
            s.take(*self.ALL)
            done = s.run("cache", "purge", "a.example", "B.example", "nobody.example")
            self.assertEqual((done.returncode, done.stdout),
                             (1, "1 policy forgotten, 1 kept\n"), done)
            self.assertRegex(done.stderr, r"a\.example: kept.*--all")
            self.assertEqual(s.domains(), ["a.example", "c.example"])
            self.assertEqual(s.run("cache", "purge", "a.example", "--all").returncode, 0)
            self.assertEqual(s.domains(), ["c.example"])

    def test_answers_are_forgotten(self):
        dns = Dns()
        with Service(dns=dns) as s:
            for _ in range(2):
                s.client().ask("QUERY a.toys")
            self.assertEqual(dns.mx_questions("a.toys"), 1)
            s.run("cache", "purge")
            s.client().ask("QUERY a.toys")
            self.assertEqual(dns.mx_questions("a.toys"), 2)


    def test_it_is_told_when_answers_cannot_be_forgotten(self):
        dns = Dns()
        with Service("dns_timeout=" + LONG, "max_lookups=256", dns=dns) as s:
            client, holders = s.client(), []
            for i in range(64):  # each holds on to what it began with
                holders.append(s.client())
                holders[-1].send(frame("QUERY gate%d.toys" % i))
                client.ask("QUERY a.toys")
                before = dns.mx_questions("a.toys")
                said = s.talk().ask({"do": "purge"})[-1]
                client.ask("QUERY a.toys")
                asked = dns.mx_questions("a.toys") - before
                self.assertEqual((said.get("code", 0), asked), (0, 1) if "ok" in said else
                                 (75, 0), (i, said))
                if "ok" not in said:
                    break
            done = s.run("cache", "purge")
            self.assertEqual(done.returncode, 75, done)
            self.assertRegex(done.stderr, "answers of DNS are not forgotten.*try again")


class Calls(unittest.TestCase):
    def test_wrong_usage_is_64(self):
        for args in ((), ("fly",), ("get",), ("get", "a", "b"), ("list", "a", "b"), ("import",),
                     ("list", "--mode", "strict"), ("export", "--format", "hash"),
                     ("get", "--all", "a"), ("list", "--wat"), ("purge", "--mode", "none"),
                     ("list", "--control", "inet:127.0.0.1:1"), ("list", "--control", "wat")):
            done = subprocess.run([PROGRAM, "cache", *args], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (64, ""), (args, done))
            self.assertNotEqual(done.stderr, "")

    def test_cdb_needs_a_name_that_postfix_finds(self):
        with Service() as s:
            for args in ((), ("-o", s.file("x")), ("-o", ".cdb"), ("-o", "x.cdb", "--mode", "none")):
                done = s.run("cache", "export", "--format", "cdb", *args)
                self.assertEqual(done.returncode, 64, done)

    def test_no_service_is_69_and_says_what_to_do(self):
        done = subprocess.run([PROGRAM, "cache", "list", "--control", "unix:/nonexistent/control"],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (69, ""))
        self.assertIn("not running", done.stderr)

    def test_what_cannot_be_read_or_written_is_told(self):
        with Service() as s:
            s.take(record("a.example"))
            done = s.run("cache", "import", "/nonexistent/in")
            self.assertEqual(done.returncode, 66, done)
            done = s.run("cache", "export", "-o", "/nonexistent/out")
            self.assertEqual(done.returncode, 73, done)
            with open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, "cache", "export", "--control", s.endpoint],
                                      stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 74, done)
            self.assertIn("No space", done.stderr)

    def test_help(self):
        done = subprocess.run([PROGRAM, "cache", "--help"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(all(len(x) <= 80 for x in done.stdout.splitlines()), done.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"]))
