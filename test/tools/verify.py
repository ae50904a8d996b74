#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danests verify, as TAP: first lines, warnings, exit codes, what is read. DANESTS names
the program.

The rules themselves are tested by test/unit (test_verify*) on the same certificates."""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from control import main

PROGRAM = os.environ.get("DANESTS", os.path.join(
    os.environ.get("builddir", "build"), "tools", "danests"))
CERTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tls")
HOST, AT = "mx.example.com", "2026-06-01T00:00:00Z"
WORK = tempfile.TemporaryDirectory()


def pem(*titles):
    return b"".join(open(os.path.join(CERTS, title + ".pem"), "rb").read() for title in titles)


def file(content):
    """A file of that content; the same name each time it is the same."""
    if isinstance(content, str):
        content = content.encode()
    path = os.path.join(WORK.name, hashlib.sha256(content).hexdigest())
    with open(path, "wb") as out:
        out.write(content)
    return path


def tlsa(usage, selector, mtype, title):
    cert = x509.load_pem_x509_certificate(pem(title))
    data = cert.public_bytes(serialization.Encoding.DER) if selector == 0 else \
        cert.public_key().public_bytes(serialization.Encoding.DER,
                                       serialization.PublicFormat.SubjectPublicKeyInfo)
    if mtype:
        data = hashlib.new("sha256" if mtype == 1 else "sha512", data).digest()
    return "%d %d %d %s" % (usage, selector, mtype, data.hex())


def policy(mode, *patterns):
    return file("version: STSv1\nmode: %s\nmax_age: 604800\n%s" % (
        mode, "".join("mx: %s\n" % pattern for pattern in patterns)))


def run(*args, **more):
    return subprocess.run([PROGRAM, "verify", *args], capture_output=True, timeout=60,
                          check=False, **more)


def verify(*args, chain=("leaf", "inter"), at=AT, host=HOST):
    """Exit code, first line, warnings; and the document says the same."""
    args = ["--host", host, "--at", at, *args, file(pem(*chain))]
    done = run(*args)
    assert done.stdout, done
    lines = done.stdout.decode("ascii").splitlines()
    hints = re.findall("^hint: (.*)$", done.stderr.decode("ascii"), re.M)
    assert all(line.startswith("warning: ") for line in lines[1:]), lines
    again = run("--json", *args)
    document = json.loads(again.stdout.decode("ascii"))
    assert (again.returncode, document["verdict"]) == (
        done.returncode, lines[0].split()[0].rstrip(":")), (lines, document)
    assert document["warnings"] == [line[9:] for line in lines[1:]], document
    assert lines[0].startswith("pass ") or hints == [document["hint"]], (lines, document)
    return done.returncode, lines[0], lines[1:]


EE, OTHER = tlsa(3, 1, 1, "leaf"), tlsa(3, 1, 1, "stranger")
CA = ("--ca", os.path.join(CERTS, "root.pem"))
WRONG_CA = ("--ca", os.path.join(CERTS, "stranger.pem"))


class Dane(unittest.TestCase):
    def test_U7_U14_one_record_that_matches_is_a_pass(self):
        for record in (EE, tlsa(3, 0, 2, "leaf"), tlsa(2, 0, 1, "inter"), tlsa(2, 1, 1, "inter")):
            code, first, _ = verify("--tlsa", OTHER, "--tlsa", record)
            self.assertEqual((code, first[:5]), (0, "pass "), record)
        self.assertEqual(verify("--tlsa", EE)[2], [])

    def test_U14_no_record_that_matches_is_tlsa_invalid(self):
        code, first, _ = verify("--tlsa", OTHER)
        self.assertEqual((code, first[:19]), (1, "fail tlsa-invalid: "))

    def test_section_8_tokens_of_DANE_TA(self):
        anchor = tlsa(2, 0, 1, "inter")
        for chain, host, token in ((("leaf-over", "inter"), HOST, "certificate-expired"),
                                   (("leaf-early", "inter"), HOST, "tlsa-invalid"),
                                   (("leaf-client", "inter"), HOST, "tlsa-invalid"),
                                   (("leaf-over", "inter"), "a.example", "certificate-expired"),
                                   (("leaf", "inter"), "a.example", "certificate-host-mismatch")):
            code, first, _ = verify("--tlsa", anchor, chain=chain, host=host)
            self.assertEqual((code, first.split()[:2]), (1, ["fail", token + ":"]), chain)

    def test_dates_are_nothing_to_dane_only_where_dane_decides(self):
        with_dane = verify("--tlsa", EE, at=(late := "2040-01-01T00:00:00Z"))
        without = verify("--sts-policy", policy("testing", HOST), *CA, at=late)
        self.assertEqual((with_dane[0], without[0]), (0, 0))
        self.assertIn("nothing to DANE-EE", "\n".join(with_dane[2]))
        self.assertNotIn("DANE-EE", "\n".join(without[2]))

    def test_hint_is_for_the_very_cause(self):
        for records, chain, word in ((("2 0 1", "inter"), ("leaf-client", "inter"), "serverAuth"),
                                     (("2 0 1", "root"), ("leaf", "inter"), "anchor's cert"),
                                     (("1 1 1", "leaf"), ("leaf", "inter"), "usage 3 in place")):
            numbers = [int(number) for number in records[0].split()]
            args = ("--host", HOST, "--at", AT, "--tlsa", tlsa(*numbers, records[1]),
                    file(pem(*chain)))
            self.assertRegex(run(*args).stderr.decode("ascii"), "^hint: .*" + word)
            self.assertIn(word, json.loads(run("--json", *args).stdout)["hint"])
        self.assertNotIn(b"hint", run("--host", HOST, "--at", AT, "--tlsa", EE,
                                      file(pem("leaf"))).stderr)

    def test_certificates_that_cannot_be_read_or_are_too_many_are_warned_of(self):
        junk = b"-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n"
        for chain, word in ((pem("leaf") + junk, "certificate 1 of the chain cannot be read"),
                            (pem("leaf") + 32 * pem("inter"), "has 33 certificates")):
            done = run("--host", HOST, "--at", AT, "--tlsa", EE, file(chain))
            self.assertEqual(done.returncode, 0, done)
            self.assertIn(("warning: ", word), [(line[:9], word) for line in
                          done.stdout.decode("ascii").splitlines() if word in line])

    def test_U8_reference_names_are_base_and_nexthops_or_host(self):
        anchor = ("--tlsa", tlsa(2, 0, 1, "inter"))
        for host, args, code in (("a.example", ("--base", HOST), 0),
                                 ("a.example", ("--nexthop", HOST), 0),
                                 ("a.example", ("--nexthop", "b.example", "--nexthop", HOST), 0),
                                 ("a.example", ("--nexthop", "b.example"), 1),
                                 (HOST, ("--base", "a.example"), 0),
                                 (HOST, ("--base", "a.example", "--nexthop", "b.example"), 1),
                                 (HOST.upper() + ".", (), 0), ("A.wild.example.com", (), 0)):
            self.assertEqual(verify(*anchor, *args, host=host)[0], code, (host, args))

    def test_L18_none_usable_is_unusable(self):
        for record, why in (("3 1 1", "no data"), ("3 1 1 abc", "odd"), ("3 1 1 zz", "hexadecimal"),
                            ("1 1 1 " + "00" * 32, "RFC 7672"), ("3 1 1 " + "00" * 31, "32 octets")):
            code, first, warnings = verify("--tlsa", record)
            self.assertEqual(code, 1)
            self.assertRegex(first, "^unusable: .*" + why)
            self.assertTrue(any(why in warning for warning in warnings))

    def test_U1_unusable_beside_usable_is_a_warning(self):
        code, first, warnings = verify("--tlsa", "0 0 1 00", "--tlsa", EE)
        self.assertEqual((code, first[:5], len(warnings)), (0, "pass ", 1))
        self.assertIn("record 1 is unusable", warnings[0])
        self.assertEqual(verify("--tlsa", "0 0 1 00", "--tlsa", OTHER)[1][:17], "fail tlsa-invalid")

    def test_U6_dropped_digest_does_not_help_and_is_told(self):
        code, _, warnings = verify("--tlsa", EE, "--tlsa", tlsa(3, 1, 2, "stranger"))
        self.assertEqual(code, 1)
        self.assertIn("record 1 is passed over", warnings[0])

    def test_5_10_dates_are_nothing_to_DANE_EE_but_warned_of(self):
        for chain, at, word in ((("leaf",), "2027-06-01T00:00:00Z", "4.7.322"),
                                (("leaf",), "2025-06-01T00:00:00Z", "4.7.323"),
                                (("leaf",), "2026-12-25T00:00:00Z", "expires soon, on 2027-01-01")):
            code, _, warnings = verify("--tlsa", EE, chain=chain, at=at)
            self.assertEqual((code, len(warnings)), (0, 1))
            self.assertIn(word, warnings[0])


class Sts(unittest.TestCase):
    def test_S18_S17_enforce_decides(self):
        for pattern, ca, chain, start in (
                ("*.example.com", CA, ("leaf", "inter"), "pass "),
                ("example.com", CA, ("leaf", "inter"), "fail sts-mx-not-in-policy: "),
                (HOST, WRONG_CA, ("leaf", "inter"), "fail sts-cert-untrusted: "),
                (HOST, CA, ("leaf",), "fail sts-cert-untrusted: "),
                (HOST, CA, ("leaf-over", "inter"), "fail sts-cert-expired: "),
                (HOST, CA, ("cn-only", "inter"), "fail sts-cert-host-mismatch: ")):
            code, first, warnings = verify("--sts-policy", policy("enforce", pattern), *ca,
                                           chain=chain)
            self.assertEqual(first[:len(start)], start)
            self.assertEqual((code, warnings), (0 if start == "pass " else 1, []))

    def test_S20_testing_and_none_never_fail(self):
        for mode, ca, word in (("testing", WRONG_CA, "would refuse it: sts-cert-untrusted"),
                               ("testing", CA, "would accept it"), ("none", WRONG_CA, "(mode none)")):
            code, first, warnings = verify("--sts-policy", policy(mode, HOST), *ca)
            self.assertEqual((code, first[:5], len(warnings)), (0, "pass ", 1))
            self.assertIn(word, warnings[0])

    def test_S1_usable_record_decides_and_the_policy_is_a_warning(self):
        enforce = ("--sts-policy", policy("enforce", HOST))
        code, first, warnings = verify("--tlsa", EE, *enforce, *WRONG_CA)
        self.assertEqual((code, first[:5], len(warnings)), (0, "pass ", 1))
        self.assertIn("would refuse it: sts-cert-untrusted", warnings[0])
        code, first, warnings = verify("--tlsa", OTHER, *enforce, *CA)
        self.assertEqual((code, first[:17], len(warnings)), (1, "fail tlsa-invalid", 1))
        self.assertIn("would accept it", warnings[0])

    def test_L18_with_none_usable_an_enforce_policy_decides(self):
        for mode, ca, start in (("enforce", CA, "pass "), ("enforce", WRONG_CA, "fail sts-cert-"),
                                ("testing", CA, "unusable: "), ("none", CA, "unusable: ")):
            code, first, warnings = verify("--tlsa", "3 1 1", *ca, "--sts-policy",
                                           policy(mode, HOST))
            self.assertEqual((code, first[:len(start)]), (0 if start == "pass " else 1, start))
            self.assertTrue(any("record 1 is unusable" in warning for warning in warnings))


class Time(unittest.TestCase):
    def at(self, text):
        done = run("--json", "--host", HOST, "--tlsa", EE, "--at", text, file(pem("leaf")))
        return json.loads(done.stdout)["at"] if done.returncode == 0 else done.returncode

    def test_RFC_3339_as_a_whole(self):
        for text, want in (("2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z"),
                           ("2026-06-01t12:00:00z", "2026-06-01T12:00:00Z"),
                           ("2026-06-01T12:00:00.999999999Z", "2026-06-01T12:00:00Z"),
                           ("2026-06-01T00:30:00+01:00", "2026-05-31T23:30:00Z"),
                           ("2026-12-31T23:30:00.5-01:15", "2027-01-01T00:45:00Z"),
                           ("2026-06-01T12:00:00-00:00", "2026-06-01T12:00:00Z"),
                           ("2024-02-29T23:59:60Z", "2024-03-01T00:00:00Z"),
                           ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"),
                           ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
                           ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z")):
            self.assertEqual(self.at(text), want, text)

    def test_anything_else_is_usage(self):
        for text in ("", "now", "2026-06-01", "2026-06-01T12:00:00", "2026-06-01T12:00Z",
                     "2026-6-01T12:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
                     "2026-06-31T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
                     "2026-06-01T24:00:00Z", "2026-06-01T12:60:00Z", "2026-06-01T12:00:61Z",
                     "2026-06-01T12:00:00.Z", "2026-06-01T12:00:00+0100", "2026-06-01T12:00:00+1",
                     "2026-06-01T12:00:00+24:00", "2026-06-01T12:00:00Zx", "-026-06-01T12:00:00Z",
                     "2026-06-01T12:00:00Z ", "\u0662026-06-01T12:00:00Z"):
            self.assertEqual(self.at(text), 64, text)

    def test_default_is_now(self):
        done = run("--json", "--host", HOST, "--tlsa", EE, file(pem("leaf")))
        self.assertGreater(json.loads(done.stdout)["at"], "2026-06-01")


class Input(unittest.TestCase):
    def given(self, content, *args):
        return run("--host", HOST, "--at", AT, *(args or ("--tlsa", EE)), file(content))

    def test_what_is_around_certificates_is_passed_over(self):
        chain = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\nleaf\n" + \
            pem("leaf").replace(b"\n", b"\r\n") + b"\nthe next\n" + pem("inter")
        self.assertEqual(self.given(chain, "--tlsa", tlsa(2, 0, 1, "inter")).returncode, 0)

    def test_chain_from_standard_input(self):
        done = run("--host", HOST, "--at", AT, "--tlsa", EE, "-", input=pem("leaf"))
        self.assertEqual((done.returncode, done.stdout[:5]), (0, b"pass "))

    def test_no_PEM_is_65_and_no_verdict(self):
        der = base64.b64decode(b"".join(pem("leaf").splitlines()[1:-1]))
        for content in (b"", b"hello\n", der, pem("leaf")[:200], pem("leaf").replace(b"M", b"!"),
                        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                        pem("leaf") + pem("inter")[:100], pem("leaf") + b"\n" * (1 << 20)):
            done = self.given(content)
            self.assertEqual((done.returncode, done.stdout), (65, b""), content[:60])
            self.assertTrue(done.stderr)

    def test_garbage_in_PEM_is_a_verdict(self):
        done = self.given(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        self.assertEqual((done.returncode, done.stdout[:5]), (1, b"fail "))

    def test_of_a_long_chain_the_beginning_counts(self):
        done = self.given(pem("leaf") + pem("inter") * 600)
        self.assertEqual((done.returncode, done.stdout[:5]), (0, b"pass "))

    def test_invalid_policy_is_65(self):
        for text in ("", "version: STSv1\n", "x" * 70000):
            done = self.given(pem("leaf"), "--sts-policy", file(text), *CA)
            self.assertEqual((done.returncode, done.stdout), (65, b""))
            self.assertIn(b"--sts-policy", done.stderr)
        done = self.given(pem("leaf"), "--sts-policy", policy("enforce", HOST), "--ca", file("x"))
        self.assertEqual((done.returncode, done.stdout), (65, b""))

    def test_missing_files_are_66(self):
        good, gone = file(pem("leaf")), "/nonexistent/file"
        for args in (("--tlsa", EE, gone), ("--tlsa", EE, "/"), ("--sts-policy", gone, *CA, good),
                     ("--sts-policy", policy("enforce", HOST), "--ca", gone, good)):
            done = run("--host", HOST, *args)
            self.assertEqual((done.returncode, done.stdout), (66, b""), args)

    def test_usage_is_64(self):
        good = file(pem("leaf"))
        for args in ((), (good,), ("--host", HOST, good), ("--host", HOST, "--ca", CA[1], good),
                     ("--tlsa", EE, good), ("--host", HOST, "--tlsa", EE),
                     ("--host", HOST, "--tlsa", EE, good, good),
                     ("--host", HOST, "--tlsa", "wat", good), ("--host", HOST, "--tlsa", "", good),
                     ("--host", HOST, "--tlsa", "300 1 1 00", good),
                     ("--host", "a b", "--tlsa", EE, good), ("--host", "", "--tlsa", EE, good),
                     ("--host", HOST, "--base", "-", "--tlsa", EE, good),
                     ("--host", HOST, "--nexthop", "[a]", "--tlsa", EE, good),
                     ("--host", HOST, "--sts-policy", "-", "-"), ("--host", HOST, "--wat", good),
                     ("--host", HOST, "--host", "a.example", "--tlsa", EE, good),
                     *(("--host", HOST, "--tlsa", EE, option, value, option, value, good)
                       for option, value in (("--base", HOST), ("--at", AT), CA,
                                             ("--sts-policy", policy("none"))))):
            done = run(*args)
            self.assertEqual((done.returncode, done.stdout), (64, b""), args)
            self.assertTrue(done.stderr)

    def test_octets_of_any_kind_never_reach_the_terminal(self):
        odd = bytes(range(1, 256))
        for args in (("--host", odd), ("--tlsa", odd), ("--tlsa", b"3 1 1 " + odd), ("--at", odd),
                     ("--base", odd), ("--ca", odd, "--sts-policy", policy("enforce", HOST)),
                     ("--sts-policy", odd), ("--nexthop", odd)):
            done = run("--host", HOST, "--tlsa", EE, *args, file(pem("leaf")))
            for octet in done.stdout + done.stderr:
                self.assertTrue(32 <= octet <= 126 or octet == 10, args)
        done = run("--host", "a.example", "--at", AT, "--tlsa", tlsa(2, 0, 1, "inter"),
                   file(pem("dns-odd", "inter")))
        self.assertNotIn(b"\x1b", done.stdout)

    def test_lost_output_is_74(self):
        for args in ("--help", "--host %s --tlsa '%s' %s" % (HOST, EE, file(pem("leaf")))):
            done = subprocess.run(["sh", "-c", '"$0" verify %s >/dev/full' % args, PROGRAM],
                                  capture_output=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 74)


class Json(unittest.TestCase):
    def test_document_has_all_of_it(self):
        done = run("--json", "--host", HOST, "--at", AT, "--tlsa", OTHER, "--tlsa", EE,
                   "--sts-policy", policy("testing", HOST), *WRONG_CA, file(pem("leaf", "inter")))
        document = json.loads(done.stdout.decode("ascii"))
        self.assertEqual((document["by"], document["host"], document["at"]), ("dane", HOST, AT))
        self.assertEqual((document["dane"]["record"], document["dane"]["depth"]), (1, 0))
        self.assertEqual([document["sts"][key] for key in ("state", "token", "code", "result")],
                         ["fail", "sts-cert-untrusted", "4.7.5", "certificate-not-trusted"])
        self.assertEqual(document["sts_mode"], "testing")
        self.assertEqual([c["ends"] for c in document["chain"]], ["2027-01-01T00:00:00Z"] * 2)
        self.assertEqual(document["chain"][0]["names"], [HOST, "*.wild.example.com"])

    def test_failure_has_token_code_and_result(self):
        done = run("--json", "--host", HOST, "--tlsa", OTHER, file(pem("leaf")))
        document = json.loads(done.stdout)
        self.assertEqual([document[key] for key in ("verdict", "token", "code", "result", "sts")],
                         ["fail", "tlsa-invalid", "4.7.323", "validation-failure", None])
        self.assertIn("3 1 1", document["hint"])


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
