#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What dane-report shows, as TAP: JSON, tables on a terminal, how far it is."""
import json
import os
import pty
import subprocess
import sys
import tempfile
import time
import unittest

import report_lines as lines
from control import main
from report_lines import UNUSABLE, Log, blocked, days, rows_of, run


class Formats(unittest.TestCase):
    def test_json_has_the_same_cells(self):
        for name in lines.REPORTS:
            data = blocked().text() + days(3).text()
            table = rows_of(run(name, data=data).stdout)
            made = json.loads(run(name, "--format", "json", data=data).stdout)
            self.assertEqual([list(map(str, row.values())) for row in made], table[1:])
            self.assertTrue(all(list(row) == table[0] for row in made))
        self.assertIsInstance(made[0]["Count"], int)

    def terminal(self, columns, *args, data=b""):
        parent, child = pty.openpty()
        done = subprocess.Popen([lines.PROGRAM, *args], stdin=subprocess.PIPE, stdout=child,
                                stderr=subprocess.DEVNULL,
                                env={**lines.ENVIRONMENT, "COLUMNS": str(columns)})
        os.close(child)
        done.communicate(data, timeout=30)
        shown = os.read(parent, 65536).decode()
        os.close(parent)
        return shown.splitlines()

    def test_a_table_on_a_terminal_fits_and_loses_nothing(self):
        log = Log().active("A12345").deliver("A12345", "x" * 90 + "@a.example", "!dane",
                                             "deferred", text=UNUSABLE)
        whole = run("blocked-details", "--format", "table", data=log.text()).stdout.decode()
        self.assertIn("x" * 90, whole)
        for columns in (80, 120):
            shown = self.terminal(columns, "blocked-details", data=log.text())
            self.assertLessEqual(max(map(len, shown)), columns)
            self.assertEqual("".join(shown).count("x"), "".join(whole).count("x"))
        shown = self.terminal(80, "blocked-details", data=log.text())
        self.assertIn("Recipient:        " + "x" * 62, shown)
        shown = self.terminal(80, "blocked", data=log.text())
        self.assertIn("4.7.323 tlsa-invalid", shown[-1])


class Progress(unittest.TestCase):
    def test_progress_is_shown_where_it_is_wanted(self):
        with tempfile.NamedTemporaryFile() as log:
            log.write(days(30).text())
            log.flush()
            self.assertIn(b"million lines", run("sent", "--progress", log.name).stderr)
            for args in ([], ["--no-progress"]):
                self.assertNotIn(b"million lines", run("sent", log.name, *args).stderr)

    def waited_for(self, *args):
        """What a terminal shows of a run that takes more than a second."""
        parent, child = pty.openpty()
        with subprocess.Popen([lines.PROGRAM, "sent", *args], stdin=subprocess.PIPE, stderr=child,
                              stdout=subprocess.DEVNULL, env=lines.ENVIRONMENT) as done:
            os.close(child)
            for octets in (days(300).text(), days(9).text()):
                done.stdin.write(octets)
                done.stdin.flush()
                time.sleep(1.2)
            done.stdin.close()
            shown = b""
            try:
                while piece := os.read(parent, 65536):
                    shown += piece
            except OSError:     # that is how a terminal ends
                pass
        os.close(parent)
        return shown

    def test_progress_is_shown_on_a_terminal_when_it_takes_long_and_then_is_gone(self):
        shown = self.waited_for()
        self.assertIn(b"million lines", shown)
        head, _, footer = shown.rpartition(b"\r" + b" " * 72 + b"\r")
        self.assertIn(b"million lines", head)
        self.assertTrue(footer.startswith(b"lines read:"), footer)
        self.assertNotIn(b"million lines", self.waited_for("--no-progress"))


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
