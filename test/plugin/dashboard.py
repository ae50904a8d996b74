#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""grafana/: every figure it asks for is there, and every panel explains itself."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scrape import PROMTOOL, Target, samples  # noqa: E402
from world import Daemon, free_port  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "grafana")
# Prometheus's own words, labels, and what Grafana puts in.
FIGURE = re.compile(r"\bdanestsd_\w+")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as f:
        return f.read()


def figures():
    port = free_port()
    with Daemon("metrics=inet:127.0.0.1:%d" % port, "control=", "cache_dir="):
        return samples(Target(port).text())


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dashboard = json.loads(read("danests.json"))
        cls.panels = [p for p in cls.dashboard["panels"] if p["type"] != "row"]
        cls.exprs = [(p["title"], t["expr"]) for p in cls.panels for t in p["targets"]]
        cls.figures = figures()

    def names(self):
        return {name for name, _ in self.figures}

    def test_panels_have_title_unit_and_description(self):
        ids = [p["id"] for p in self.dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        titles = [p["title"] for p in self.panels]
        self.assertEqual(len(titles), len(set(titles)))
        for p in self.panels:
            self.assertTrue(p["title"] and p["description"].endswith("."), p)
            self.assertTrue(p["fieldConfig"]["defaults"]["unit"], p["title"])
            self.assertTrue(p["targets"], p["title"])
        for p in self.dashboard["panels"]:
            self.assertTrue(p["title"])

    def test_panels_do_not_lie_on_each_other(self):
        taken = {}
        for p in self.dashboard["panels"]:
            g = p["gridPos"]
            self.assertLessEqual(g["x"] + g["w"], 24, p["title"])
            for x in range(g["x"], g["x"] + g["w"]):
                for y in range(g["y"], g["y"] + g["h"]):
                    self.assertNotIn((x, y), taken, p["title"])
                    taken[(x, y)] = p["title"]

    def test_the_data_source_is_a_variable(self):
        variables = {v["name"]: v for v in self.dashboard["templating"]["list"]}
        self.assertEqual(variables["DS_PROMETHEUS"]["type"], "datasource")
        for p in self.panels:
            for x in [p, *p["targets"]]:
                self.assertEqual(x["datasource"],
                                 {"type": "prometheus", "uid": "${DS_PROMETHEUS}"})

    def test_every_figure_asked_for_exists(self):
        for title, expr in self.exprs:
            for name in FIGURE.findall(expr):
                self.assertIn(name, self.names(), title)

    def test_every_figure_is_shown(self):
        shown = {x for _, expr in self.exprs for x in FIGURE.findall(expr)}
        wanted = {re.sub("_(sum|count)$", "_bucket", x) for x in self.names()}
        self.assertEqual(shown, wanted)

    def test_every_label_asked_for_exists(self):
        """Of selectors and of by (...)."""
        known = {label for _, pairs in self.figures for label, _ in pairs} | {"instance"}
        for title, expr in self.exprs:
            for label in re.findall(r"(\w+)=[~\"]", expr):
                self.assertIn(label, known, title)
            for group in re.findall(r"by \(([^)]*)\)", expr):
                self.assertIn(group, known, title)
        self.assertIn((("state", "good"),), [pairs for _, pairs in self.figures])

    def test_alerts_ask_for_figures_that_exist(self):
        found = FIGURE.findall(read("danests.rules.yml"))
        self.assertGreaterEqual(len(found), 4)
        for name in found:
            self.assertIn(name, self.names())

    @unittest.skipIf(PROMTOOL is None, "no promtool (package prometheus)")
    def test_promtool_reads_every_expression(self):
        rules = read("danests.rules.yml")
        for i, (_, expr) in enumerate(self.exprs):
            expr = expr.replace("$__rate_interval", "5m").replace("$instance", ".+")
            rules += "      - record: panel:%d\n        expr: %s\n" % (i, json.dumps(expr))
        with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as f:
            f.write(rules)
            f.flush()
            r = subprocess.run([PROMTOOL, "check", "rules", f.name], capture_output=True,
                               text=True, check=False)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("%d rules found" % (len(self.exprs) + 3), r.stdout)


if __name__ == "__main__":
    unittest.main()
