#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Laws of dane-report, as TAP, on logs whose truth is known (report_world.py): it says what
happened; how a log is cut, packed, ordered or repeated changes nothing; sums and parts agree."""
import collections
import os
import random
import sys
import tempfile
import unittest

import report_lines as lines
from control import main
from report_lines import report
from report_world import NO_TLS, World

SEEDS = (1, 2, 3)
WORLDS = {seed: World(seed) for seed in SEEDS}
YEAR = ("--year", "2025")


def cut(text, count, chance):
    """At any octet, also in the middle of a line."""
    places = [0] + sorted(chance.sample(range(1, len(text)), count - 1)) + [len(text)]
    return [text[a:b] for a, b in zip(places, places[1:])]


class Truth(unittest.TestCase):
    def test_a_report_says_what_happened(self):
        for seed, world in WORLDS.items():
            for form in ("iso", "bsd", "journal json"):
                text = world.text(form)
                got = {(day, kind): int(n) for day, kind, n in report("sent", text, *YEAR)
                       if n != "0"}
                self.assertEqual(got, dict(world.sent), (seed, form))
                got = {(day, domain): int(n) for day, domain, n in report("no-tls", text, *YEAR)}
                self.assertEqual(got, dict(world.clear), (seed, form))
                got = {(row[0], row[1], row[3]): int(row[2])
                       for row in report("blocked", text, *YEAR)}
                self.assertEqual(got, dict(world.blocked), (seed, form))
                got = sorted((row[0], row[1], row[2], row[4].lstrip("'"))
                             for row in report("blocked-details", text, *YEAR))
                self.assertEqual(got, sorted(world.details), (seed, form))

    def test_worlds_are_worth_it(self):
        for world in WORLDS.values():
            self.assertGreater(len(world.rows), 1500)
            self.assertGreater(len(world.details), 40)
            self.assertEqual(len({kind for _, kind in world.sent}), 7)


class Pieces(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, octets):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as out:
            out.write(octets)
        return path

    def rotated(self, pieces, chance, pack=True):
        """Named as logrotate does: the oldest has the highest number."""
        files = []
        for i, piece in enumerate(pieces):
            packer = chance.choice([None, None, *lines.PACKERS]) if pack else None
            name = "mail.log%s%s" % ("." + str(len(pieces) - i - 1) if i + 1 < len(pieces) else "",
                                     "." + packer if packer else "")
            files.append(self.write(name, lines.PACKERS[packer](piece) if packer else piece))
        return files

    def each(self, form, rounds, do):
        for seed, world in WORLDS.items():
            text = world.text(form)
            want = lines.every([], *YEAR, data=text)
            for turn in range(rounds):
                chance = random.Random("%d %s %d" % (seed, form, turn))
                files, data = do(text, chance)
                got = lines.every(files, *YEAR, data=data)
                self.assertEqual(got, want, (seed, form, turn))

    def shuffled(self, text, chance):
        files = self.rotated(cut(text, chance.randrange(2, 21), chance), chance)
        chance.shuffle(files)
        return files, b""

    def test_cut_anywhere_packed_and_shuffled(self):
        self.each("iso", 5, self.shuffled)

    def test_the_same_without_a_year_over_the_end_of_it(self):
        self.each("bsd", 5, self.shuffled)

    def test_the_same_of_the_journal(self):
        self.each("journal json", 2, self.shuffled)

    def test_a_file_that_comes_twice(self):
        def twice(text, chance):
            files, _ = self.shuffled(text, chance)
            return files + [chance.choice(files)] + [self.write("copy", text)], b""
        self.each("iso", 3, twice)

    def test_copies_that_overlap(self):
        def overlap(text, chance):
            rows = text.splitlines(True)
            files, at = [], 0
            while at < len(rows):
                end = at + chance.randrange(200, 900)
                part = b"".join(rows[max(0, at - chance.randrange(300)):end])
                files.append(self.write("part-%d" % at, part))
                at = end
            chance.shuffle(files)
            return files, b""
        self.each("iso", 3, overlap)
        self.each("bsd", 3, overlap)

    def test_a_piece_on_standard_input(self):
        """It has no name that says what stands before it and behind: a piece from the middle
        is one of whole lines, and no other ends with a line that looks cut and is not."""
        def piped(text, chance):
            place, rows = chance.randrange(3), text.splitlines(True)
            pieces = [b"".join(piece) for piece in cut(rows, 3, chance)]
            if place != 1:
                n = chance.randrange(1, 60)
                pieces[1:] = [pieces[1] + pieces[2][:n], pieces[2][n:]]
            files = self.rotated(pieces, chance)
            files[place] = "-"
            return files, pieces[place]
        self.each("iso", 5, piped)


class Sums(unittest.TestCase):
    def test_details_add_up_to_what_was_blocked(self):
        for world in WORLDS.values():
            got = collections.Counter(
                (row[5], row[1], row[2].partition(": ")[0])
                for row in report("blocked-details", world.text()))
            self.assertEqual(got, {(row[0], row[1], row[3]): int(row[2])
                                   for row in report("blocked", world.text())})

    def test_days_of_domains_add_up_to_what_was_in_the_clear(self):
        for world in WORLDS.values():
            clear = collections.Counter()
            for day, _, n in report("no-tls", world.text()):
                clear[day] += int(n)
            self.assertEqual(clear, {day: int(n) for day, kind, n in report("sent", world.text())
                                     if kind == NO_TLS and n != "0"})
            self.assertEqual(sum(clear.values()), sum(int(row[1]) for row in report(
                "no-tls", world.text(), "--top", "1000000")))

    def test_buckets_add_up(self):
        for world in WORLDS.values():
            got = []
            for bucket in ("hour", "day", "week", "month"):
                kinds = collections.Counter()
                for _, kind, n in report("sent", world.text(), "--bucket", bucket):
                    kinds[kind] += int(n)
                got.append(kinds)
            self.assertEqual(got, got[:1] * 4)


class Filters(unittest.TestCase):
    def parts(self, name, option, values, *column):
        for world in WORLDS.values():
            whole = report(name, world.text())
            parts = [row for value in values(whole)
                     for row in report(name, world.text(), option, value)]
            self.assertGreater(len(whole), 5)
            self.assertEqual(sorted(parts), sorted(whole), option)

    def test_parts_make_the_whole(self):
        def column(at):
            return lambda rows: sorted({row[at] for row in rows})
        self.parts("blocked", "--domain-is", column(0))
        self.parts("blocked", "--domain-starts", lambda rows: "abc")
        self.parts("blocked", "--type-is", column(1))
        self.parts("blocked", "--error-is", column(3))
        self.parts("blocked", "--error-starts", lambda rows: ("4.", "5."))
        self.parts("blocked-details", "--domain-is", column(5))
        self.parts("blocked-details", "--error-starts", lambda rows: "45")
        self.parts("no-tls", "--domain-starts", lambda rows: ("a", "b", "c"))

    def test_periods_make_the_whole(self):
        for world in WORLDS.values():
            for end, begin in (("2025-12-31", "2026-01-01"), ("2026-01-03T11:22:33Z",) * 2):
                parts = [lines.rows_of(lines.run("sent", *args, data=world.text()).stdout)[1:]
                         for args in (("--since", "2025-12-20", "--until", end),
                                      ("--since", begin))]
                got = collections.Counter()
                for day, kind, count in parts[0] + parts[1]:
                    got[day, kind] += int(count)
                self.assertEqual(+got, +world.sent)


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
