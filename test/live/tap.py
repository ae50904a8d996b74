# SPDX-License-Identifier: BSD-2-Clause
"""Test Anything Protocol: what automake's driver and people read."""

import sys
import traceback


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, good, claim, *details):
        """One test; details are shown when it fails."""
        self.count += 1
        self.failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.count, claim))
        if not good:
            for detail in details:
                self.note(detail)
        sys.stdout.flush()
        return good

    def note(self, text):
        for line in str(text).splitlines():
            print("# " + line)
        sys.stdout.flush()

    def skip(self, claim, why):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, claim, why))

    def run(self, test, *args):
        """A group of tests; an exception in it is a failure, not the end."""
        try:
            test(self, *args)
        except Exception:   # a broken test must not hide the ones after it
            self.ok(False, "%s ran to its end" % test.__name__, traceback.format_exc())

    def done(self):
        print("1..%d" % self.count)
        sys.stdout.flush()
        return 1 if self.failed else 0
