#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What danestsd says on its command line, and of its configuration (spec.md 2)."""
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import PATIENCE, PROGRAM, Dns, wait_for  # noqa: E402


def run(*args, text=None, env=None):
    """danestsd with these arguments and, when text is given, that as -c FILE."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "test.conf")
        if text is not None:
            with open(path, "w", encoding="latin-1") as f:
                f.write(text)
            args = ("-c", path) + args
        return subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, check=False, env=env)


class Commands(unittest.TestCase):
    def refused(self, status, pattern, *args, text=None):
        r = run(*args, text=text)
        self.assertEqual(r.returncode, status, r.stderr)
        self.assertRegex(r.stderr, pattern)
        self.assertEqual(r.stdout, "")

    def test_help_and_version(self):
        self.assertIn("usage: danestsd", run("--help").stdout)
        self.assertRegex(run("--version").stdout, r"^danestsd \d+\.\d+")

    def test_wrong_usage_is_64(self):
        self.refused(64, "usage:", "-x")
        self.refused(64, "usage:", "argument")
        self.refused(64, "usage:", "-n", "-d")
        self.refused(64, "only one of -n, -d and -t", "-n", "-d")
        self.refused(64, "such as argument", "argument")

    def test_results_that_nobody_gets_are_74(self):
        for where in (">/dev/full", ">&-"):
            for option in ("--help", "--version", "-d"):
                r = subprocess.run(["sh", "-c", '"$0" %s %s' % (option, where), PROGRAM],
                                   capture_output=True, text=True, timeout=PATIENCE, check=False)
                self.assertEqual(r.returncode, 74, (option, where))
                self.assertIn("standard output", r.stderr)

    def test_closed_standard_descriptors_do_not_become_something_else(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "map")
            daemon = subprocess.Popen(
                ["sh", "-c", 'exec "$0" -c /dev/null -f -o listen=unix:%s -o control= '
                 '-o cache_dir= <&- >&- 2>&-' % path, PROGRAM])
            try:
                wait_for(lambda: os.path.exists(path))
                held = {fd: os.readlink("/proc/%d/fd/%d" % (daemon.pid, fd)) for fd in range(3)}
                self.assertEqual(held, dict.fromkeys(range(3), "/dev/null"))
                time.sleep(0.3)
                self.assertIsNone(daemon.poll())
            finally:
                daemon.terminate()
                self.assertEqual(daemon.wait(PATIENCE), 0)
        self.refused(64, "usage:", "-c")

    def test_defaults_are_a_configuration_without_changes(self):
        r = run("-d")
        self.assertEqual(r.returncode, 0)
        self.assertIn("listen = unix:/run/danests/socketmap, inet:127.0.0.1:8461\n", r.stdout)
        self.assertIn("answer_timeout = 25s\n", r.stdout)
        again = run("-n", text=r.stdout)
        self.assertEqual((again.returncode, again.stdout), (0, ""), again.stderr)

    def test_changes_are_shown_and_the_option_wins(self):
        r = run("-n", "-o", "max_clients=7", text="max_clients = 9\nlog_repeat = 60m\n"
                "listen = inet:127.0.0.1:1,\n# in between\n\n\tinet:[::1]:2\n")
        self.assertEqual(r.stdout, "listen = inet:127.0.0.1:1, inet:[::1]:2\nmax_clients = 7\n")

    def test_errors_name_file_and_line(self):
        self.refused(78, r"test\.conf:2: there is no parameter \"nonsense\"", "-n",
                     text="tlsrpt = yes\nnonsense = 1\n")
        self.refused(78, r"test\.conf:1: answer_timeout = 2h: ", "-n",
                     text="answer_timeout =\n  2h\n")
        self.refused(78, r"test\.conf:3: .*name = value", "-n", text="# a\n\nuser\n")
        self.refused(78, r"test\.conf:1: .*continues", "-n", text=" user = x\n")
        self.refused(78, "-o: .*no parameter", "-o", "x=1", "-n", text="")
        self.refused(78, "-o: max_clients = many: ", "-o", "max_clients=many", "-n", text="")
        self.refused(78, "missing.conf: ", "-n", "-c", "/nonexistent/missing.conf")

    def test_bad_values(self):
        for name, value in (("listen", "tcp:1"), ("listen_mode", "0999"), ("dnssec", "perhaps"),
                            ("cache_size", "1x"), ("cache_size", "1K"), ("tlsrpt", "2"),
                            ("insecure_mx", "never"), ("metrics", "inet:x:1"),
                            ("control", "unix:a unix:/b"), ("max_lookups", "0"),
                            ("log_repeat", "-1"), ("refresh", "1y")):
            self.refused(78, "-o: %s = " % name, "-o", name + "=" + value, "-n", text="")

    def test_check_of_a_good_configuration_is_silent(self):
        r = run("-t", "-o", "trust_anchor=" + Dns().root.anchor, text="resolver = 127.0.0.1\n")
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", ""))

    def test_n2_ad_bit_is_believed_from_loopback_only(self):
        self.refused(78, "N2", "-o", "dnssec=trust-ad", "-o", "resolver=192.0.2.53", "-t", text="")

    def test_what_the_library_refuses_names_file_and_line(self):
        anchor = "trust_anchor = %s\n" % Dns().root.anchor
        for text, where in (
                ("ca_file = /nonexistent/ca.pem\n" + anchor, r"test\.conf:1: ca_file: /nonex"),
                ("# x\ntrust_anchor = /nonexistent/anchor\n",
                 r"test\.conf:2: trust_anchor: .*/nonexistent/anchor"),
                ("resolver = nonsense\n" + anchor, r"test\.conf:1: resolver: .*nonsense"),
                ("dnssec = trust-ad\nresolver = 192.0.2.53\n", r"test\.conf:2: resolver: .*N2"),
                ("dnssec = trust-ad\nresolver = recursive\n", r"test\.conf:2: resolver"),
                (anchor + "root_hints = /nonexistent/hints\nresolver = recursive\n",
                 r"test\.conf:2: root_hints = /nonexistent/hints"),
                (anchor + "root_hints = /nonexistent/hints\nresolver = 127.0.0.1\n",
                 r"test\.conf:2: root_hints = /nonexistent/hints")):
            self.refused(78, where, "-t", text=text)
        self.refused(78, "-o: ca_file: ", "-o", "ca_file=/nonexistent/ca.pem", "-t", text=anchor)

    def test_files_that_are_not_there_name_their_parameter(self):
        for status, name in ((78, "overrides"), (78, "root_hints"), (73, "cache_dir")):
            self.refused(status, r"test\.conf:2: %s = /nonexistent/x: No such file" % name, "-t",
                         text="# nothing\n%s = /nonexistent/x\n" % name)

    def test_unknown_user(self):
        self.refused(78, "no such user", "-o", "user=nobody-of-this-name", "-t", text="")

    def test_missing_trust_anchor(self):
        self.refused(78, "/nonexistent/anchor", "-o", "trust_anchor=/nonexistent/anchor", "-t",
                     text="")


if __name__ == "__main__":
    unittest.main()
