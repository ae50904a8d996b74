# SPDX-License-Identifier: BSD-2-Clause
"""danests check --json as a witness: what it ran into, and whether that fits."""

import importlib.util
import json
import os
import subprocess
from dataclasses import dataclass, field

from daemon import MODES, find

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GUARD = 120      # seconds after which it hangs
OPTIONS = ("private_policy_hosts=allow", "dns_timeout=3s", "https_timeout=4s")
GOOD, HOLDS, WARNS, UNTOLD = 0, 1, 2, 75
# Spec, section 7: codes and RFC 8460 results of each token. Records none of which can be
# used are tlsa-invalid in both senses (rules.md 5.11, 5.20).
FAULTS = {
    "starttls-not-supported": (["4.7.321"], ["starttls-not-supported"]),
    "certificate-expired": (["4.7.322"], ["certificate-expired"]),
    "tlsa-invalid": (["4.7.323"], ["validation-failure", "tlsa-invalid"]),
    "tls-handshake-failure": (["4.7.323"], ["validation-failure"]),
    "dnssec-invalid": (["4.7.324"], ["dnssec-invalid"]),
    "certificate-host-mismatch": (["4.7.325"], ["certificate-host-mismatch"]),
    "dane-required": (["4.7.323", "4.7.324"], ["dane-required"]),
    "dns-query-failed": (["4.4.312"], [None]),
    "sts-cert-untrusted": (["4.7.5"], ["certificate-not-trusted"]),
    "sts-cert-expired": (["4.7.5"], ["certificate-expired"]),
    "sts-cert-host-mismatch": (["4.7.5"], ["certificate-host-mismatch"]),
    "sts-mx-not-in-policy": (["4.4.8"], ["validation-failure"]),
    "sts-policy-fetch-error": ([None], ["sts-policy-fetch-error"]),
    "sts-policy-invalid": ([None], ["sts-policy-invalid"]),
    "sts-webpki-invalid": ([None], ["sts-webpki-invalid"]),
    None: ([None], [None]),
}


@dataclass
class Run:
    """One run: its exit code, what it has on stderr and where its document is not as the
    schema has it, and each domain's result."""

    code: int
    complaints: str
    results: list = field(default_factory=list)


def command(world, build, *arguments, mode="validate"):
    argv = [find(build, "danests"), "check"]
    for option in OPTIONS + ("trust_anchor=" + world.anchor, "ca_file=" + world.ca_file,
                             "root_hints=" + world.hints,
                             *("%s=%s" % x for x in MODES[mode].items())):
        argv += ["-o", option]
    return subprocess.run(argv + list(arguments), capture_output=True, text=True, timeout=GUARD)


def schema():
    """Of the document, as it is in the tree."""
    place = importlib.util.spec_from_file_location("schema", os.path.join(
        TOP, "test", "tools", "schema.py"))
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    with open(os.path.join(TOP, "tools", "check.schema.json"), encoding="ascii") as f:
        return module.Schema(json.load(f))


def run(world, build, *arguments, mode="validate"):
    done = command(world, build, "--json", *arguments, mode=mode)
    document = json.loads(done.stdout) if done.stdout else {"results": []}
    wrong = schema().problems(document)
    return Run(done.returncode, "\n".join([done.stderr] * bool(done.stderr) + wrong),
               document["results"])


def look(world, build, *arguments):
    """One domain in a run of its own."""
    done = run(world, build, *arguments)
    if len(done.results) != 1:
        raise RuntimeError("check %s: %s" % (arguments, done))
    return Look(done.code, done.complaints, done.results[0])


@dataclass
class Look:
    code: int
    complaints: str
    result: dict

    def tokens(self, *ranks):
        return {f["token"] for f in self.result["findings"] if f["rank"] in ranks} - {None}

    @property
    def held(self):
        """Why all of its mail waits."""
        return self.tokens("holds")

    def verdict(self, address):
        """What the library said of the chain that was shown there."""
        return next(verdict_essence(a["verdict"]) for server in self.result["servers"]
                    for a in server["addresses"] if a["address"] == address)

    def __str__(self):
        return "exit %s %s\n%s" % (self.code, self.complaints, "\n".join(
            "%(rank)s %(token)s %(code)s: %(where)s: %(text)s" % f
            for f in self.result["findings"]))


def verdict_essence(verdict):
    """What danests check and danests verify both say of one chain."""
    def judged(one):
        return one and one["state"] != "not-judged" and tuple(
            one[k] for k in ("state", "token", "code", "depth", "reason"))

    return {"by": verdict["by"], "token": verdict["token"], "code": verdict["code"],
            "dane": judged(verdict["dane"]) or None, "sts": judged(verdict["sts"]) or None}


def essence(result):
    """What is the same in every run, however DNS is asked."""
    return (result["name"], result["exit"], result.get("level"), sorted(
        (f["rank"], f["token"] or "", f["where"]) for f in result["findings"]))


def wrong(case, seen):
    """What is not as the row says, in words; "" when all is."""
    if seen.complaints:
        return "it complains"
    if seen.code != seen.result["exit"]:
        return "exit %s, yet it says %s" % (seen.code, seen.result["exit"])
    for f in seen.result["findings"]:
        codes, results = FAULTS[f["token"]]
        if f["code"] not in codes or f["result"] not in results:
            return "not the code and result of %s" % f["token"]
    if case.says not in "".join(f["text"] for f in seen.result["findings"]):
        return "it should say: " + case.says
    if case.code is not None:
        return "" if seen.code == case.code else "it should exit with %d" % case.code
    if case.ends == "held":
        return "" if (seen.code, seen.held) == (HOLDS, set(case.token.split())) else \
            "it should say: held: " + case.token
    if seen.code not in (GOOD, WARNS):
        return "it should exit with 0 or 2"
    if case.partly and case.partly not in seen.tokens("fails", "warning"):
        return "it should name " + case.partly
    if not case.partly and seen.tokens("holds", "fails"):
        return "nothing should fail"
    return ""


def disagreement(seen, who, verdict):
    """Between it and another witness's Verdict (check_words.py), in words."""
    if (seen.code == HOLDS) != (verdict.ends == "held") and verdict.ends != "bounced":
        return "%s: %s" % (who, verdict.ends or "nothing")
    if seen.held and not seen.held & verdict.tokens:
        return "it waits for %s; %s's words fit %s" % (seen.held, who, verdict.tokens)
    told = seen.tokens("holds", "fails")
    for tokens in verdict.failed:
        if not tokens & told:
            return "it does not tell of a host that %s gave up by %s" % (who, tokens)
    return ""
