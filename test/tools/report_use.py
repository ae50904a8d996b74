#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""dane-report as people use it, as TAP: options, periods, filters, files, exit codes."""
import datetime
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import report_lines as lines
from control import main
from report_lines import Log, blocked, days, report, rows_of, run, sent

STS, NO_TLS = "MTA-STS", "No TLS"


class Usage(unittest.TestCase):
    def test_what_is_wrong_is_64_and_says_which_and_what_would_be_right(self):
        for args, says in (
                (["blokced"], "blokced.*blocked-details"), (["html", "-o", "x"], "no report"),
                (["--db", "x"], "--db"), (["--follow"], "--follow"), (["-q"], "q"),
                (["--since", "soon"], "--since.*soon.*7d.*6m.*2026-08-01T12:00:00Z"),
                (["--until", "2026-02-30"], "--until.*2026-02-30"),
                (["--tz", "Mars/Phobos"], "--tz.*Mars/Phobos.*Europe/Berlin"),
                (["--format", "xml"], "--format.*xml.*csv, json or table"),
                (["--bucket", "year"], "hour, day, week or month"),
                (["--count", "x"], "recipients or messages"), (["--halfdane", "x"], "tls or dane"),
                (["--year", "26"], "--year.*26.*1970"), (["--top", "0", "no-tls"], "--top"),
                (["--internal", "10.0.0.0/40"], "--internal.*10.0.0.0/40"),
                (["all"], "-o DIR"), (["-o", ""], "-o"),
                (["-o", __file__, __file__], "-o.*logs"), (["sent", "--top", "3"], "no-tls"),
                (["--since", "7d", "--all-time"], "--all-time"), (["-", "-"], "standard input"),
                (["--type-is", "DANE"], "--type-is.*DANE.*no security type.*DANE with.*TLS-only"),
                (["--error-starts", "6."], "--error-starts.*4.7.323 tlsa-invalid.*sts-policy-inv")
        ):
            done = run(*args)
            self.assertEqual((done.returncode, done.stdout), (64, b""), args)
            self.assertRegex(done.stderr.decode(), says)

    def test_what_was_asked_for_wrongly_is_not_shown_raw(self):
        done = run("--since", "\x1b[2J\n\u202e")
        self.assertNotIn(b"\x1b", done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_help_and_version(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        for word in (b"blocked-details", b"--since", b"--halfdane", b"--internal", b"--policies"):
            self.assertIn(word, done.stdout)
        self.assertRegex(run("--version").stdout, rb"^dane-report \d+\.\d+")

    def test_options_stand_anywhere(self):
        want = run("sent", "--all-time", "--format", "json", data=days(3).text()).stdout
        for args in (["--format", "json", "sent", "--all-time", "-"], ["--all-time", "sent", "-",
                                                                       "--format=json"]):
            self.assertEqual(run(*args, data=days(3).text()).stdout, want)


class Periods(unittest.TestCase):
    def count(self, *args):
        done = run("no-tls", *args, data=days(400).text())
        self.assertEqual(done.returncode, 0)
        rows = rows_of(done.stdout)[1:]
        return len(rows), rows[0][0] if rows else None, rows[-1][0] if rows else None

    def test_whole_days_that_end_with_the_last_line(self):
        for args, want in (
                ([], (7, "2026-11-14", "2026-11-20")),
                (["--since", "1d"], (1, "2026-11-20", "2026-11-20")),
                (["--since", "14d"], (14, "2026-11-07", "2026-11-20")),
                (["--since", "30d"], (30, "2026-10-22", "2026-11-20")),
                (["--since", "31d"], (31, "2026-10-21", "2026-11-20")),
                (["--since", "6m"], (184, "2026-05-21", "2026-11-20")),
                (["--since", "2026-11-02"], (19, "2026-11-02", "2026-11-20")),
                (["--since", "2026-11-02", "--until", "2026-11-03"],
                 (2, "2026-11-02", "2026-11-03")),
                (["--until", "2026-11-02"], (7, "2026-10-27", "2026-11-02")),
                (["--until", "7d"], (7, "2026-11-07", "2026-11-13")),
                (["--since", "2026-11-02T12:00:00Z", "--until", "2026-11-04T12:00:00Z"],
                 (2, "2026-11-02", "2026-11-03")),
                (["--since", "2026-11-02T12:00:01Z", "--until", "2026-11-04T12:00:01Z"],
                 (2, "2026-11-03", "2026-11-04")),
                (["--all-time"], (400, "2025-10-17", "2026-11-20")),
                (["--since", "2027-01-01"], (0, None, None))):
            self.assertEqual(self.count(*args), want, args)

    def test_rows_of_sent_are_all_types_of_all_days(self):
        # Without dates, of days that the log has.
        for args, count in (([], 7), (["--since", "2026-11-01"], 20), (["--since", "6m"], 9)):
            rows = rows_of(run("sent", *args, data=days(9).text()).stdout)[1:]
            self.assertEqual(len(rows), count * 7, args)
            self.assertEqual([row[2] for row in rows if row[1] == NO_TLS][-9:],
                             ["1"] * min(count, 9), args)

    def test_buckets(self):
        for bucket, want in (
                ("hour", ["2026-11-19T12:00:00Z", "2026-11-20T12:00:00Z"]),
                ("day", ["2026-11-19", "2026-11-20"]), ("week", ["2026-11-16"]),
                ("month", ["2026-11"])):
            rows = report("sent", days(2), "--bucket", bucket)
            self.assertEqual([row[0] for row in rows if row[1] == NO_TLS and row[2] != "0"], want)
            self.assertEqual(sum(int(row[2]) for row in rows), 2)

    def test_top_is_of_the_whole_period(self):
        rows = report("no-tls", days(8), "--top", "2")
        self.assertEqual(rows, [["d0.example", "3"], ["d1.example", "3"]])
        done = run("no-tls", "--top", "20", data=days(8).text())
        self.assertEqual(rows_of(done.stdout)[0], ["Recipient Domain", "Count of Messages"])


class Filters(unittest.TestCase):
    def test_each_is_of_its_column(self):
        for args, want in (
                ([], 3), (["--domain-is", "One.example"], 2), (["--domain-is", "one"], 0),
                (["--domain-starts", "o", "--domain-starts", "t"], 3),
                (["--domain-starts", "t"], 1), (["--type-is", "mta-sts"], 1),
                (["--type-starts", "smtp"], 2), (["--error-is", "4.7.323 tlsa-invalid"], 1),
                (["--error-is", "tlsa-invalid"], 2), (["--error-starts", "5."], 1),
                (["--error-is", "tlsa-invalid", "--type-is", STS], 0), (["--search", "BOSS"], 1),
                (["--search", "boss", "--search", "c@two"], 2), (["--search", "nobody"], 0)):
            self.assertEqual(len(report("blocked-details", blocked(), *args)), want, args)
        self.assertEqual([row[0] for row in report("blocked", blocked(), "--type-is", STS)],
                         ["two.example"])
        self.assertEqual([row[1] for row in report("no-tls", days(6), "--domain-is",
                                                   "d1.example")], ["d1.example"] * 2)

    def test_names_are_the_same_in_letters_and_in_A_labels(self):
        log = Log().deliver("A12345", "x@b\u00fccher.example", "may:none")
        for name in ("xn--bcher-kva.example", "B\u00fccher.example"):
            self.assertEqual([row[1] for row in report("no-tls", log, "--domain-is", name)],
                             ["xn--bcher-kva.example"])


class Counting(unittest.TestCase):
    def test_messages_or_recipients(self):
        log = Log().born("A12345", count=3)
        for to in ("a@a.example", "b@a.example", "c@c.example"):
            log.deliver("A12345", to, "may:none")
        self.assertEqual(sent(log), {NO_TLS: 3})
        self.assertEqual(sent(log, "--count", "messages"), {NO_TLS: 1})
        self.assertEqual([row[2] for row in report("no-tls", log, "--count", "messages")],
                         ["1", "1"])

    def test_the_footer_says_what_there_was(self):
        log = Log().deliver("A12345", "x@a.example", "may")
        log.deliver("A12346", "x@a.example", "may", relay="127.0.0.1[127.0.0.1]:25")
        done = run(data=log.text() + b"what is this\n")
        said = lines.footer(done)
        self.assertEqual(said["lines read"], ["3"])
        self.assertEqual(said["lines not understood"], ["1"])
        self.assertEqual(said["excluded as internal"], ["1"])
        self.assertRegex(said["deliveries counted"][0], "^1 sent, 0 blocked$")
        self.assertEqual(said["weakest evidence used"], ["tls= of Postfix 3.11"])
        self.assertNotIn("better evidence", said)
        self.assertIn("--count messages", said["counted are"][0])
        self.assertEqual(len({line.index(b": ") + 2 + len(line.partition(b": ")[2]) -
                              len(line.partition(b": ")[2].lstrip())
                              for line in done.stderr.splitlines()}), 1)

    def test_the_footer_says_how_to_know_more(self):
        log = Log().session("a.example", "Verified").deliver("A12345", "x@a.example")
        log.add("smtp", "warning: DNSSEC validation may be unavailable")
        said = lines.footer(run(data=log.text()))
        better = " ".join(said["better evidence"])
        for word in ("smtp_tls_loglevel = summary,certmatch", "Postfix 3.11", "--policies"):
            self.assertIn(word, better)
        self.assertIn("DNSSEC", said["warning"][0])

    def test_years_zones_and_what_is_said_of_them(self):
        log = days(1)
        done = run("no-tls", "--all-time", "--year", "2020", data=log.text("bsd"))
        self.assertEqual(rows_of(done.stdout)[1][0], "2020-11-20")
        self.assertNotIn("year", lines.footer(done))
        done = run("no-tls", "--all-time", data=log.text("bsd"))
        self.assertRegex(lines.footer(done)["year"][0], "taken as 20[0-9][0-9].*--year")
        for zone, want in (("UTC-13", "2020-11-19"), ("Asia/Tokyo", "2020-11-20"),
                           ("America/New_York", "2020-11-20"), ("<-12>12", "2020-11-21")):
            done = run("no-tls", "--all-time", "--year", "2020", "--tz", zone,
                       data=log.text("bsd"))
            self.assertEqual(rows_of(done.stdout)[1][0], want, zone)
        self.assertEqual(report("no-tls", log, "--tz", "UTC-13")[0][0], "2026-11-20")


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, octets):
        with open(self.path(name), "wb") as out:
            out.write(octets)
        return self.path(name)

    def test_what_cannot_be_read_is_told_and_the_rest_is_counted(self):
        good = self.write("good", days(1).text())
        cut = self.write("cut.gz", lines.PACKERS["gz"](days(90).text())[:-500])
        for args, code in (([good, self.path("no.log")], 66), ([good, cut], 65),
                           ([cut, good, self.path("no.log")], 66), ([good, "/"], None)):
            done = run("no-tls", "--all-time", *args)
            self.assertIn(b"2026-11-20", done.stdout)
            self.assertEqual(done.returncode, code or done.returncode)
            self.assertIn(done.returncode, (65, 66))
            self.assertIn("files not read whole", lines.footer(done))

    def test_o_writes_a_file_that_is_whole(self):
        want = run("no-tls", data=days(3).text()).stdout
        for old in (None, b"old"):
            path = self.write("out", old) if old else self.path("new")
            done = run("no-tls", "-o", path, data=days(3).text())
            self.assertEqual((done.returncode, done.stdout), (0, b""))
            self.assertEqual(open(path, "rb").read(), want)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["new", "out"])

    def test_links_are_replaced_and_never_followed(self):
        victim = self.write("victim", b"mine")
        os.mkdir(self.path("shared"))
        for name in ("blocked.csv", "sent.csv"):
            os.symlink(victim, self.path("shared/" + name))
        os.symlink("/dev/full", self.path("device"))
        done = run("all", "-o", self.path("shared"), data=days(3).text())
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(open(victim, "rb").read(), b"mine")
        self.assertEqual(sorted(os.listdir(self.path("shared"))),
                         sorted(name + ".csv" for name in lines.REPORTS))
        self.assertFalse(any(os.path.islink(os.path.join(self.path("shared"), name + ".csv"))
                             for name in lines.REPORTS))
        self.assertEqual(run("sent", "-o", self.path("device")).returncode, 74)

    def test_output_that_fails_is_74(self):
        for args in (["sent", "-o", self.path("no/such")], ["all", "-o", self.path("no/such")],
                     ["sent", "-o", self.folder.name], ["sent", "-o", "/dev/full"]):
            done = run(*args, data=days(3).text())
            self.assertEqual(done.returncode, 74, done)
            self.assertIn(args[2].encode(), done.stderr)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([lines.PROGRAM, "sent"], input=b"", stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 74)
        self.assertIn(b"standard output", done.stderr)
        done = subprocess.run([lines.PROGRAM + " sent </dev/null >&-"], shell=True, check=False,
                              stderr=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 74)
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_a_closed_pipe_ends_it(self):
        done = subprocess.run(
            ["bash", "-c", '"$0" sent --bucket hour --all-time | head -n 1; exit ${PIPESTATUS[0]}',
             lines.PROGRAM], input=days(400).text(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 128 + signal.SIGPIPE)

    def test_closed_standard_error_is_not_the_report(self):
        subprocess.run(["sh", "-c", '"$0" sent -o "$1" </dev/null 2>&-', lines.PROGRAM,
                        self.path("out")], check=True)
        self.assertNotIn(b"lines read", open(self.path("out"), "rb").read())

    def test_policies_may_stand_in_another_log(self):
        log = Log().session("a.example", "Verified").deliver("A12345", "x@a.example")
        policy = Log(start=lines.NOON - datetime.timedelta(hours=1)).add(
            "danestsd", 'policy nexthop=a.example domain=a.example reply=secure dane=none'
            ' sts=enforce sts_id=1 hosts=1 expires=86400 source=lookup ms=1 error=- reason=""', 5)
        path = self.write("policies.gz", lines.PACKERS["gz"](policy.text()))
        self.assertEqual(sent(log, "--policies", path), {STS: 1})
        self.assertEqual(sent(log), {"DANE or MTA-STS": 1})


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
