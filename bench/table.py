# SPDX-License-Identifier: BSD-2-Clause
"""What came out, as columns that a README can hold."""


class Table:
    """Rows of text under a heading; the widest cell makes the column."""

    def __init__(self, title, *heads):
        self.title = title
        self.rows = [heads]
        self.notes = []

    def add(self, *cells):
        self.rows.append([str(c) for c in cells])

    def note(self, text):
        self.notes.append(text)

    def show(self, out):
        widths = [max(len(row[i]) for row in self.rows) for i in range(len(self.rows[0]))]
        print(f"\n{self.title}", file=out)
        for row in self.rows:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            print("  " + "  ".join(cells).rstrip(), file=out)
        for text in self.notes:
            print("  " + text, file=out)
        out.flush()


def count(value):
    """12345.6 -> 12 346"""
    return f"{value:,.0f}".replace(",", " ")


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}" if theirs else "-"


def middle(values):
    """The median: one disturbed run must not decide."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
