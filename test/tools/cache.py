#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danests cache against danestsd, as TAP. DANESTS and DANESTSD name the programs.

Delivery by the real Postfix from an exported table is in test/live/export_test.py."""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from control import PROGRAM, Service, as_lines, main, moment, record
from world import Dns, frame


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

    def test_ports_beyond_what_is_remembered_are_heeded_too(self):
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
            self.assertEqual(s.take(*(record("d%d.example" % i, ago=863994)
                                      for i in range(3000))).returncode, 0)
            time.sleep(7)
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
            for none in ("b.example", "sub.a.example", "[a.example]", "\u00fc \x1b"):
                done = s.run("cache", "get", none)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done)
                self.assertIn("no policy is held", done.stderr)
                self.assertNotIn("\x1b", done.stderr)

    def test_octets_of_a_policy_do_no_harm_to_a_terminal(self):
        with Service() as s:
            text = record("a.example")["text"] + "x-note: \u009b31m\r\n"
            self.assertEqual(s.take(record("a.example", text=text, ident="i")).returncode, 0)
            self.assertTrue(s.run("cache", "get", "a.example").stdout.isascii())


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
                             (1, "1 policies forgotten, 1 kept\n"), done)
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
        with Service("dns_timeout=30s", "max_lookups=256", dns=dns) as s:
            client, holders = s.client(), []
            for i in range(64):  # each holds on to what it began with
                holders.append(s.client())
                holders[-1].send(frame("QUERY hole%d.toys" % i))
                client.ask("QUERY a.toys")
                before = dns.mx_questions("a.toys")
                done = s.run("cache", "purge")
                client.ask("QUERY a.toys")
                asked = dns.mx_questions("a.toys") - before
                self.assertEqual((done.returncode, asked), (0, 1) if not done.returncode else
                                 (75, 0), (i, done))
                if done.returncode:
                    break
            self.assertRegex(done.stderr, "answers of DNS are not forgotten.*try again")


POSTMAP = shutil.which("postmap")


def maps():
    """The map types that this Postfix has."""
    if POSTMAP is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "main.cf"), "w").close()
        done = subprocess.run(["postconf", "-c", folder, "-m"], capture_output=True, text=True)
    return done.stdout.split()


class Tables(unittest.TestCase):
    def postmap(self, key, table):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "main.cf"), "w") as f:
                f.write("compatibility_level = 3.6\nmyhostname = host.example\n"
                        "mynetworks = 127.0.0.1\n")
            done = subprocess.run([POSTMAP, "-c", folder, "-q", key, table],
                                  capture_output=True, text=True, timeout=30)
        self.assertEqual(done.stderr, "")
        return done.stdout

    WANTED = {
        "a.toys": "secure match=mx.a.toys servername=hostname",
        "b.toys": "secure match=mx.b.toys:.b.toys servername=hostname",
        "fixed.toys": "encrypt", "weak.toys": "may", ".below.toys": "dane-only",
        "t.toys": "", "gone.toys": "", "no-sts.toys": "", "x.toys": "",
    }

    def filled(self, dns, s):
        done = s.take(record("a.toys"), record("B.toys", mx=("mx.@", "*.@")),
                      record("t.toys", "testing"), record("gone.toys"), record("weak.toys"),
                      record("no-sts.toys"))
        self.assertEqual(done.returncode, 0, done)

    def service(self, dns, folder):
        overrides = os.path.join(folder, "overrides")
        with open(overrides, "w") as f:
            f.write("fixed.toys encrypt\nweak.toys may\n.below.toys dane-only\n"
                    "gone.toys NOTFOUND\nno-sts.toys no-sts\n")
        return Service("overrides=" + overrides, dns=dns)

    def test_table_says_what_the_service_says(self):
        dns = Dns()
        with tempfile.TemporaryDirectory() as folder, self.service(dns, folder) as s:
            self.filled(dns, s)
            done = s.run("cache", "export", "--format", "postfix")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            rows = dict(x.split("\t") for x in done.stdout.splitlines() if x[0] != "#")
            self.assertEqual(rows, {k: v for k, v in self.WANTED.items() if v})
            first = json.loads(s.run("cache", "get", "--json", "a.toys").stdout)["expires"]
            self.assertIn("# Made " + moment()[:10], done.stdout)
            self.assertIn("expires %s:" % first, done.stdout)
            for name, value in rows.items():
                if name[0] != ".":
                    self.assertEqual(s.client().ask("QUERY " + name), "OK " + value)

    @unittest.skipUnless("cdb" in maps(), "this Postfix has no cdb: (package postfix-cdb)")
    def test_postfix_reads_the_cdb(self):
        dns = Dns()
        with tempfile.TemporaryDirectory() as folder, self.service(dns, folder) as s:
            self.filled(dns, s)
            path = os.path.join(folder, "sts")
            done = s.run("cache", "export", "--format", "cdb", "-o", path + ".cdb")
            self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", ""))
            for name, value in self.WANTED.items():
                self.assertEqual(self.postmap(name, "cdb:" + path).strip(), value, name)
            self.assertEqual(self.postmap("A.TOYS", "cdb:" + path).strip(), self.WANTED["a.toys"])
            text = os.path.join(folder, "text")
            s.run("cache", "export", "--format", "postfix", "-o", text)
            self.assertEqual(self.postmap("b.toys", "texthash:" + text).strip(),
                             self.WANTED["b.toys"])
            self.assertEqual(sorted(os.listdir(folder)), ["overrides", "sts.cdb", "text"])

    def test_nothing_is_written_while_a_destination_has_no_answer(self):
        dns = Dns()
        with Service("dns_timeout=1s", dns=dns) as s:
            s.take(record("a.toys"), record("hole.toys"))
            path = s.file("table", "as it was")
            done = s.run("cache", "export", "--format", "postfix", "-o", path)
            self.assertEqual(done.returncode, 75, done)
            self.assertRegex(done.stderr, r"hole\.toys: TEMP .*\n.*1 of 2 .*nothing is written")
            with open(path) as f:
                self.assertEqual(f.read(), "as it was")
            done = s.run("cache", "export", "--format", "postfix", "-o", path, "--partial")
            self.assertEqual(done.returncode, 75, done)
            with open(path) as f:
                self.assertRegex(f.read(), r"(?m)^a\.toys\tsecure (?s:.)*\Z(?<!hole)")

    def test_many_are_asked_at_a_time(self):
        dns = Dns()
        with Service("max_lookups=64", dns=dns) as s:
            s.take(*(record("late%d.toys" % i) for i in range(300)),
                   *(record("d%d.toys" % i) for i in range(1200)))
            for limit in (60, 10):
                for attempt in range(3):
                    begun = time.monotonic()
                    done = s.run("cache", "export", "--format", "postfix")
                    # One after the other the late ones would take three delays each: 180 s.
                    self.assertLess(time.monotonic() - begun, limit)
                    if done.returncode == 0:
                        break
                    # On a busy machine a reply may come too late for the resolver: then it
                    # fails for this name, is told, and succeeds a moment later.
                    self.assertEqual((done.returncode, done.stdout), (75, ""), done.stderr)
                    self.assertLessEqual(done.stderr.count(": TEMP "), 5, done.stderr)
                    time.sleep(2)
                self.assertEqual((done.returncode, done.stdout.count("secure")), (0, 1500),
                                 done.stderr)


class Files(unittest.TestCase):
    """What -o finds in the place of its file."""

    def setUp(self):
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)
        dns = Dns()
        self.service = Service(dns=dns).__enter__()
        self.addCleanup(self.service.__exit__, None, None, None)
        self.service.take(record("a.toys"))

    def export(self, path, *args):
        done = self.service.run("cache", "export", "-o", path, *args)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", ""), done)
        self.assertEqual([x for x in os.listdir(os.path.dirname(path)) if "tmp" in x], [])

    def mode(self, path):
        return "%o" % (os.lstat(path).st_mode & 0o7777)

    def test_new_records_are_private_and_new_tables_are_not(self):
        path = self.service.file("new")
        self.export(path)
        self.assertEqual(self.mode(path), "600")
        for form in "postfix", "cdb":
            table = self.service.file("new." + form)
            self.export(table, "--format", form)
            self.assertEqual(self.mode(table), "644")

    def test_one_that_is_replaced_leaves_its_mode(self):
        for mode in 0o600, 0o640, 0o644, 0o604, 0o660:
            for args in (), ("--format", "postfix"):
                path = self.service.file("old", "old")
                os.chmod(path, mode)
                before = os.stat(path)
                self.export(path, *args)
                self.assertEqual(self.mode(path), "%o" % mode)
                self.assertNotEqual(os.stat(path).st_ino, before.st_ino)
                with open(path) as f:
                    self.assertIn("a.toys", f.read())

    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_and_its_owner(self):
        path = self.service.file("old", "old")
        os.chown(path, 65534, 12345)
        os.chmod(path, 0o640)
        self.export(path)
        after = os.stat(path)
        self.assertEqual((after.st_uid, after.st_gid, self.mode(path)), (65534, 12345, "640"))

    def test_link_stays_and_what_it_leads_to_is_replaced(self):
        target, link = self.service.file("target", "old"), self.service.file("link")
        os.chmod(target, 0o640)
        os.symlink("target", link)
        self.export(link)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(self.mode(target), "640")
        with open(target) as f:
            self.assertIn("a.toys", f.read())

    def test_link_to_nothing_is_an_error_and_stays(self):
        link = self.service.file("link")
        os.symlink("/nonexistent/target", link)
        done = self.service.run("cache", "export", "-o", link)
        self.assertEqual(done.returncode, 73, done)
        self.assertEqual(os.readlink(link), "/nonexistent/target")

    def test_pipe_is_written_to(self):
        path = self.service.file("fifo")
        os.mkfifo(path, 0o600)
        with subprocess.Popen(["cat", path], stdout=subprocess.PIPE, text=True) as reader:
            self.export(path)
            self.assertIn('"a.toys"', reader.communicate(timeout=10)[0])
        self.assertTrue(stat.S_ISFIFO(os.lstat(path).st_mode))

    @unittest.skipUnless(os.getuid() == 0, "needs root: one that may be lost")
    def test_device_is_written_to(self):
        null = self.service.file("null")
        os.mknod(null, 0o666 | stat.S_IFCHR, os.stat(os.devnull).st_rdev)
        for args in (), ("--format", "postfix"):
            self.export(null, *args)
            self.assertTrue(stat.S_ISCHR(os.lstat(null).st_mode))
        done = self.service.run("cache", "export", "-o", "/dev/full")
        self.assertEqual(done.returncode, 74, done)
        self.assertIn("No space", done.stderr)

    def test_folder_is_an_error(self):
        done = self.service.run("cache", "export", "-o", self.service.home.name)
        self.assertEqual(done.returncode, 73, done)


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
