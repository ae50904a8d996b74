#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danests lint, as TAP: first lines, warnings, exit codes. DANESTS names the program.

Every rule of the grammars has its row in test/unit (test_ststxt, test_tlsrpt,
test_stsbody, test_mxpattern, test_tlsa, test_lint)."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from control import main

PROGRAM = os.environ.get("DANESTS", os.path.join(
    os.environ.get("builddir", "build"), "tools", "danests"))
GOOD = b"version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.Example.net\nmax_age: 604800\n"
SHA256, SHA512 = "ab" * 32, "cd" * 64


def run(*args, **more):
    return subprocess.run([PROGRAM, "lint", *args], capture_output=True, timeout=30,
                          check=False, **more)


def lint(*args, **more):
    """Exit code, first line, lines between, warnings."""
    done = run(*args, **more)
    assert done.stdout, done
    lines = done.stdout.decode("ascii").splitlines()
    warnings = [line for line in lines[1:] if line.startswith("warning: ")]
    assert lines[len(lines) - len(warnings):] == warnings, lines
    return done.returncode, lines[0], lines[1:len(lines) - len(warnings)], warnings


def policy(text):
    return lint("sts-policy", "-", input=text)


class StsRecord(unittest.TestCase):
    def test_S4_valid_record_says_its_id_and_nothing_else(self):
        done = run("sts-record", "v=STSv1; id=20160831085700Z;")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, b"valid id=20160831085700Z\n", b""))

    def test_5_5_blank_before_the_first_semicolon_is_valid_with_a_warning(self):
        code, first, _, warnings = lint("sts-record", "v=STSv1 ; id=1")
        self.assertEqual((code, first, len(warnings)), (0, "valid id=1", 1))

    def test_S4_invalid_records_say_why(self):
        for text, why in (("v=STSv1; id=1 ", "id is not"), ("v=STSv1;", "no id"), ("", "begin"),
                          ("v=STSv1; id=a-b", "id is not"), ("v=STSv1; id=1;;", "nothing"),
                          ("v=STSv1; id=1; x", "name=value"), ("V=STSv1; id=1", "begin"),
                          ("v=STSv1; id=" + "1" * 33, "id is not")):
            code, first, _, _ = lint("sts-record", text)
            self.assertEqual(code, 1)
            self.assertRegex(first, "^invalid: .*" + why)

    def test_S3_each_argument_is_a_record_and_one_has_to_be_left(self):
        code, first, _, warnings = lint("sts-record", "v=spf1 -all", "v=STSv1; id=2")
        self.assertEqual((code, first, len(warnings)), (0, "valid id=2", 1))
        self.assertIn("v=spf1 -all", warnings[0])
        code, first, _, _ = lint("sts-record", "v=STSv1; id=2", "v=STSv1; id=2")
        self.assertEqual((code, first[:9]), (1, "invalid: "))

    def test_S5_what_is_repeated_or_unknown_is_warned_of(self):
        code, first, _, warnings = lint("sts-record", "v=STSv1; id=1; id=2; ID=3; x=y")
        self.assertEqual((code, first, len(warnings)), (0, "valid id=1", 3))
        self.assertIn("case-sensitive", warnings[1])


class TlsrptRecord(unittest.TestCase):
    def test_R2_both_lists_count_and_only_what_is_usable(self):
        code, first, _, warnings = lint(
            "tlsrpt-record", "v=TLSRPTv1; rua=mailto:a@b.example,ftp://c; rua=https://d/e=f;")
        self.assertEqual((code, first), (0, "valid rua=mailto:a@b.example,https://d/e=f"))
        self.assertTrue(any("ftp:" in warning for warning in warnings))

    def test_R2_clean_record_has_no_warning(self):
        self.assertEqual(lint("tlsrpt-record", "v=TLSRPTv1; rua=mailto:a@b.example"),
                         (0, "valid rua=mailto:a@b.example", [], []))

    def test_R2_without_a_usable_URI_it_is_invalid(self):
        for text in ("v=TLSRPTv1; rua=ftp://c", "v=TLSRPTv1; rua=mailto:a!1m@b.example",
                     "v=TLSRPTv1; rua=mailto:a@b.example ", "v=TLSRPTv1;", "v=TLSRPTv1; rua="):
            code, first, _, _ = lint("tlsrpt-record", text)
            self.assertEqual((code, first[:9]), (1, "invalid: "), text)

    def test_long_lists_stay_whole(self):
        uris = ",".join("mailto:user%d@example.com" % i for i in range(500))
        self.assertEqual(lint("tlsrpt-record", "v=TLSRPTv1; rua=" + uris)[:2],
                         (0, "valid rua=" + uris))


class StsPolicy(unittest.TestCase):
    def test_S15_clean_policy_is_one_line(self):
        want = (0, "valid mode=enforce max_age=604800 mx=mail.example.com,*.example.net", [], [])
        self.assertEqual(policy(GOOD), want)
        self.assertEqual(policy(GOOD.replace(b"\n", b"\r\n")), want)
        self.assertEqual(policy(GOOD.replace(b"\n", b"\r\n", 2)[:-1]), want)

    def test_S15_mode_none_has_no_mx(self):
        self.assertEqual(policy(b"version: STSv1\nmode: none\nmax_age: 0"),
                         (0, "valid mode=none max_age=0 mx=", [], []))
        code, first, _, warnings = policy(GOOD.replace(b"enforce", b"none"))
        self.assertEqual((code, first, len(warnings)),
                         (0, "valid mode=none max_age=604800 mx=", 1))

    def test_5_6_5_8_S16_what_is_forgiven_is_warned_of(self):
        for more, word in ((b"\n", "empty"), (b"mode: x\n", "again"), (b"x: y\n", "unknown"),
                           (b"mx: a.example.\n", "final dot"), (b"mx: [192.0.2.1]\n", "address"),
                           (b"mx: mail.example.com\n", "more than once"), (b"mx: a\n", "label"),
                           (b"mx: *.com\n", "every host"), (b"mx: a_b.com\n", '"_"'),
                           (b"x: 1\nx:\n", "x is given again")):
            code, first, _, warnings = policy(GOOD + more)
            self.assertEqual((code, first[:13]), (0, "valid mode=en"), more)
            self.assertTrue(any(word in warning for warning in warnings), (more, warnings))
        code, first, _, warnings = policy(GOOD.replace(b"604800", b"9999999999"))
        self.assertEqual(first.split()[2], "max_age=31557600")
        self.assertEqual((code, len(warnings)), (0, 1))
        _, _, _, warnings = policy(GOOD.replace(b"604800", b"3600"))
        self.assertIn("less than a day", warnings[0])

    def test_what_is_invalid_says_where(self):
        for text, why in ((b"\xef\xbb\xbf" + GOOD, "byte order mark"), (GOOD + b"a\0: b", "line 6"),
                          (GOOD + b"x: y\rz\n", "line 6: a carriage"), (GOOD + b"x:\n", "line 6"),
                          (GOOD + b"_x: y\n", "line 6"), (b"", "version"),
                          (GOOD + b"mx: b\xc3\xbc.example\n", "line 6: mx"),
                          (b"<html>\x1b[2J", "line 1: a control")):
            code, first, _, _ = policy(text)
            self.assertEqual(code, 1)
            self.assertRegex(first, "^invalid: .*" + why)

    def test_S10_limit_is_65536_octets(self):
        room = 65536 - len(GOOD)
        self.assertEqual(policy(GOOD + b"x: " + b"y" * (room - 3))[0], 0)
        code, first, _, _ = policy(GOOD + b"x: " + b"y" * (room - 2))
        self.assertEqual((code, first), (1, "invalid: longer than 65536 octets"))

    def test_file_is_read_and_hostile_text_is_bounded(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "p")
            with open(path, "wb") as out:
                out.write(GOOD + b"x: y\n" * 9000)
            code, _, _, warnings = lint("sts-policy", path)
        self.assertEqual((code, len(warnings)), (0, 101))
        self.assertIn("8900 more", warnings[-1])


class Tlsa(unittest.TestCase):
    def test_U1_U5_valid_when_all_are_usable(self):
        self.assertEqual(lint("tlsa", "3 1 1 " + SHA256), (0, "valid", ["usable"], []))
        self.assertEqual(lint("tlsa", "3 1 1 %s %s" % (SHA256[:7], SHA256[7:].upper()),
                              "2 0 2\t" + SHA512)[:3], (0, "valid", ["usable", "usable"]))

    def test_U1_U2_U4_reasons_stand_at_their_record(self):
        code, first, lines, _ = lint("tlsa", "1 1 1 " + SHA256, "3 1 1 " + SHA256, "3 1 1",
                                     "3 1 1 abc", "3 1 1 xy", "wat", "4 1 1 00", "256 1 1 00",
                                     "3 1 0 3000", "3 1 1 " + SHA512, "")
        self.assertEqual((code, first[:9], len(lines)), (1, "invalid: ", 11))
        for line, word in zip(lines, ("RFC 7672", "usable", "no data", "odd", "hexadecimal",
                                      "form", "usage", "form", "DER", "32 octets", "form")):
            self.assertIn(word, line)
            self.assertEqual(line.startswith("unusable: "), word != "usable")

    def test_U6_dropped_records_and_sets_with_a_snag_are_warned_of(self):
        for args, word in ((("3 1 1 " + SHA256, "3 1 2 " + SHA512), "stronger digest"),
                           (("3 1 1 " + SHA256,) * 2, "the same as record 1"),
                           (("2 1 1 " + SHA256,), "only usage 2")):
            code, _, _, warnings = lint("tlsa", *args)
            self.assertEqual((code, len(warnings)), (0, 1))
            self.assertIn(word, warnings[0])
        self.assertIn("check no certificate", lint("tlsa", "0 0 0 00")[3][0])


class MxMatch(unittest.TestCase):
    def test_S17_verdicts(self):
        for pattern, host, first in (
                ("*.example.com", "mx.example.com", "match"),
                ("*.example.com.", "MX.Example.COM.", "match"),
                ("mx.example.com", "mx.example.com", "match"),
                ("*.xn--bcher-kva.example", "mx.b\u00fccher.example", "match"),
                ("*.example.com", "a.b.example.com", "no match"),
                ("*.example.com", "example.com", "no match"),
                ("*.example.com", "a b.example.com", "no match"),
                ("*.example.com", "", "no match"),
                ("*.example.com", "*.example.com", "no match"),
                ("192.0.2.1", "192.0.2.1", "no match")):
            code, said, _, _ = lint("mx-match", pattern, host)
            self.assertEqual((code, said), (0 if first == "match" else 1, first), (pattern, host))

    def test_S16_bad_patterns_are_invalid(self):
        for pattern, why in (("*", "\"\\*\""), ("*.", "no name"), ("", "no name"), ("a*.b", "\"\\*\""),
                             ("*.b\u00fccher.example", "A-labels"), ("a b", "host name")):
            code, first, _, _ = lint("mx-match", pattern, "mx.example.com")
            self.assertEqual(code, 1)
            self.assertRegex(first, "^invalid: .*" + why)


class Dashes(unittest.TestCase):
    """What is linted may begin with a dash, as people mistype it."""

    def test_behind_the_kind_only_three_words_are_options(self):
        for args, first in ((("mx-match", "*.example.com", "-a.example.com"), "no match"),
                            (("mx-match", "-a.com", "-a.com"), "invalid: "),
                            (("tlsa", "-1 1 1 ab"), "invalid: "),
                            (("sts-record", "--jso"), "invalid: "),
                            (("sts-record", "-h"), "invalid: "),
                            (("sts-record", "--", "--json"), "invalid: "),
                            (("--", "sts-record", "--", "--help"), "invalid: ")):
            code, said, _, _ = lint(*args)
            self.assertEqual((code, said[:len(first)]), (1, first), args)
        self.assertEqual(json.loads(run("mx-match", "a.com", "--json", "a.com").stdout)["good"],
                         True)
        self.assertTrue(run("tlsa", "--help").stdout.startswith(b"usage: danests lint"))
        self.assertRegex(run("tlsa", "x", "--version").stdout, rb"^danests \d")
        self.assertEqual(run("tlsa", "--json").returncode, 64)


class Json(unittest.TestCase):
    def test_document_says_the_same(self):
        done = run("--json", "tlsa", "3 1 1 " + SHA256, "3 1 1 x\u00fc")
        self.assertEqual(done.returncode, 1)
        document = json.loads(done.stdout.decode("ascii"))
        self.assertEqual((document["what"], document["good"]), ("tlsa", False))
        self.assertEqual([(r["record"], r["usable"]) for r in document["records"]],
                         [("3 1 1 " + SHA256, True), ("3 1 1 x\u00fc", False)])
        self.assertIn("hexadecimal", document["records"][1]["reason"])
        document = json.loads(run("sts-record", "--json", "v=STSv1 ; id=1").stdout)
        self.assertEqual((document["verdict"], document["good"]), ("valid id=1", True))
        self.assertEqual(len(document["warnings"]), 1)
        self.assertNotIn("records", document)


class Call(unittest.TestCase):
    def test_usage_is_64(self):
        for args in ((), ("wat",), ("sts-record",), ("tlsrpt-record",), ("tlsa",),
                     ("sts-policy",), ("sts-policy", "a", "b"), ("mx-match", "a"),
                     ("mx-match", "a", "b", "c"), ("--wat", "tlsa", "x")):
            done = run(*args)
            self.assertEqual((done.returncode, done.stdout), (64, b""), args)
            self.assertTrue(done.stderr)

    def test_missing_file_is_66_and_no_verdict(self):
        for path in ("/nonexistent/policy", "/"):
            done = run("sts-policy", path)
            self.assertEqual((done.returncode, done.stdout), (66, b""))
            self.assertIn(path.encode(), done.stderr)

    def test_unreadable_input_and_lost_output_are_74(self):
        done = subprocess.run(["sh", "-c", '"$0" lint sts-policy - <&-', PROGRAM],
                              capture_output=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stdout), (74, b""))
        for args in ("sts-record x", "--json sts-record x", "--help", "--version"):
            done = subprocess.run(["sh", "-c", '"$0" lint %s >/dev/full' % args, PROGRAM],
                                  capture_output=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 74, args)

    def test_octets_of_any_kind_never_reach_the_terminal(self):
        odd = bytes(range(1, 256))
        for args in (("sts-record", odd), ("sts-record", b"v=STSv1; id=1; " + odd),
                     ("sts-record", b"v=STSv1; id=1", odd), ("tlsrpt-record", odd),
                     ("tlsrpt-record", b"v=TLSRPTv1; rua=mailto:a@b," + odd), ("tlsa", odd),
                     ("tlsa", b"3 1 1 " + odd), ("mx-match", odd, odd), ("mx-match", b"a", odd),
                     (odd,), ("sts-policy", odd)):
            done = run(*args)
            for octet in done.stdout + done.stderr:
                self.assertTrue(32 <= octet <= 126 or octet == 10, args)
        done = run("sts-policy", "-", input=GOOD + b"x: " + bytes(range(128, 256)) + b"\n")
        self.assertTrue(done.stdout.isascii())

    def test_help_and_version(self):
        self.assertTrue(run("--help").stdout.startswith(b"usage: danests lint"))
        self.assertRegex(run("--version").stdout, rb"^danests \d")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
