#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What danests cache export writes, and where, as TAP. DANESTS and DANESTSD name the
programs. The real Postfix reads the tables; test/live/export_test.py has it deliver by one."""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from control import Service, main, moment, record
from world import Dns


POSTMAP = shutil.which("postmap")


def maps():
    """The map types that this Postfix has."""
    if POSTMAP is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "main.cf"), "w").close()
        done = subprocess.run(["postconf", "-c", folder, "-m"], capture_output=True, text=True)
    return done.stdout.split()


def long_ago(path):
    """Postfix reads a file again and again until its last change is seconds ago."""
    os.utime(path, (time.time() - 60,) * 2)


class Tables(unittest.TestCase):
    def postmap(self, key, table):
        with tempfile.TemporaryDirectory() as folder:
            conf = os.path.join(folder, "main.cf")
            with open(conf, "w") as f:
                f.write("compatibility_level = 3.6\nmyhostname = host.example\n"
                        "mynetworks = 127.0.0.1\n")
            long_ago(conf)
            done = subprocess.run([POSTMAP, "-c", folder, "-q", key, table],
                                  capture_output=True, text=True, timeout=60)
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
            long_ago(text)
            self.assertEqual(self.postmap("b.toys", "texthash:" + text).strip(),
                             self.WANTED["b.toys"])
            self.assertEqual(sorted(os.listdir(folder)), ["overrides", "sts.cdb", "text"])

    def test_nothing_is_written_while_a_destination_has_no_answer(self):
        dns = Dns()
        with Service("dns_timeout=5s", dns=dns) as s:
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
            for attempt in range(10):
                done = s.run("cache", "export", "--format", "postfix")
                if done.returncode == 0:
                    break
                # On a busy machine a reply may come too late for the resolver: then it
                # fails for this name, is told, and succeeds a moment later.
                self.assertEqual((done.returncode, done.stdout), (75, ""), done.stderr)
                time.sleep(2)
            self.assertEqual((done.returncode, done.stdout.count("secure")), (0, 1500),
                             done.stderr)
            # One after the other no two would ever wait for an answer.
            self.assertGreater(dns.most_late, 20)
            asked = sum(name.startswith("late") for name, _ in dns.asked)
            done = s.run("cache", "export", "--format", "postfix")
            self.assertEqual((done.returncode, done.stdout.count("secure")), (0, 1500),
                             done.stderr)
            self.assertEqual(sum(name.startswith("late") for name, _ in dns.asked), asked)


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
            self.assertIn('"a.toys"', reader.communicate(timeout=60)[0])
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


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"]))
