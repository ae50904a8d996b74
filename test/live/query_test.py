# SPDX-License-Identifier: BSD-2-Clause
"""danests query: the same answers, and why, with a service and without one."""

import json
import re
import subprocess

from daemon import Daemon, find
from row import matches

# More of what --json says of a few domains, with the path to it.
DETAILS = [
    ("full.lab", ("dane",), "full"),
    ("full.lab", ("hosts", 1, "tlsa", 0, "usage"), 3),
    ("mxalias.lab", ("hosts", 0, "base"), "mx1.full.lab"),
    ("mxalias.lab", ("hosts", 0, "name"), "mxa.mxalias.lab"),
    ("mxalias4.lab", ("hosts", 0, "base"), "mxa.mxalias4.lab"),
    ("mxalias4.lab", ("hosts", 0, "address_secure"), False),
    ("partial.lab", ("dane",), "partial"),
    ("unusable.lab", ("dane",), "unusable"),
    ("half.plain", ("dane",), "half"),
    ("half.plain", ("mx_secure",), False),
    ("none-failed.lab", ("dane",), "unknown"),
    ("tlsa-wrong.lab", ("dane",), "bogus"),
    ("tlsa-wrong.lab", ("error",), "dnssec-invalid"),
    ("servfail.lab", ("dane",), "error"),
    ("servfail.lab", ("error",), "dns-query-failed"),
    # RFC 8460 has no result for it; and nothing is known of MX records
    ("servfail.lab", ("result",), None),
    ("servfail.lab", ("mx_secure",), None),
    ("tlsa-wrong.lab", ("result",), "dnssec-invalid"),
    ("tlsa-wrong.lab", ("mx_secure",), True),
    ("mx-wrong.lab", ("mx_secure",), None),
    ("mx-wrong.lab", ("result",), "dnssec-invalid"),
    ("[mx1.full.lab]", ("mx_secure",), None),
    ("[mx1.full.lab]", ("hosts", 0, "name"), "mx1.full.lab"),
    ("full.lab", ("mx_secure",), True),
    ("full.lab", ("result",), "success"),
    ("full.lab", ("source",), "lookup"),
    ("literal.lab", ("hosts", 0, "name"), None),
    ("literal.lab", ("hosts", 0, "base"), None),
    ("gone.lab", ("hosts", 0, "state"), "gone"),
    ("usable-failed.lab", ("hosts", 1, "state"), "failed"),
    ("nullmx.lab", ("takes_no_mail",), True),
    ("sts.plain", ("sts_policy", "mx", 0), "mx1.sts.plain"),
    ("sts-age0.plain", ("sts_policy", "max_age"), 0),
    ("sts-testing.plain", ("sts",), "testing"),
    ("sts-none.plain", ("sts",), "none"),
    ("sts-notxt.plain", ("sts",), "absent"),
    ("sts-404.plain", ("sts",), "error"),
    ("sts-404.plain", ("error",), "sts-policy-fetch-error"),
    ("sts-badmode.plain", ("error",), "sts-policy-invalid"),
    ("sts-expired.plain", ("error",), "sts-webpki-invalid"),
    ("sts-cnonly.plain", ("error",), "sts-webpki-invalid"),
]


def query(tap, world, build):
    program = find(build, "danests")
    expect = {c[0]: c[1] for r in world.rows for c in r.cases()}
    names = sorted({d[0] for d in DETAILS})

    def run(*args):
        return subprocess.run([program, "query", *args], capture_output=True, text=True,
                              timeout=120)
    options = []
    for option in ("resolver=127.0.0.1", "trust_anchor=" + world.anchor,
                   "ca_file=" + world.ca_file, "private_policy_hosts=allow"):
        options += ["-o", option]
    done = run("--direct", "--json", *options, *names)
    results = {r["nexthop"]: r for r in json.loads(done.stdout)["results"]}
    wrong = [r for n, r in results.items()
             if not matches(expect[n], n, "validate", r["reply"])]
    tap.ok(not wrong and done.returncode == 75, "query --direct decides the same", *wrong)
    for name, path, wanted in DETAILS:
        value = results[name]
        for step in path:
            value = value[step]
        tap.ok(value == wanted, "query --direct --json: %s: %s is %r"
               % (name, ".".join(map(str, path)), wanted), repr(value), results[name])
    tap.ok(all(r["meaning"].startswith(r["level"] + ": ") and r["ms"] >= 0
               for r in results.values()), "query --direct --json: a meaning and a time for each",
           results)
    done = run("--direct", *options, "servfail.lab", "[mx1.full.lab]", "literal.lab", "half.plain",
               "full.lab")
    for name, line in (("servfail.lab", "    MX lookup failed"),
                       ("[mx1.full.lab]", "    no MX lookup: the host is given"),
                       ("literal.lab", "    10 (not a host name): none"),
                       ("half.plain", "    MX records insecure"),
                       ("full.lab", "    MX records secure")):
        part = ("\n" + done.stdout).split("\n%s: " % name)[-1]
        lines = part.split("  holds until")[0].splitlines()
        tap.ok(line in lines, "query --direct %s: %r" % (name, line.strip()), done.stdout)
        tap.ok(any(re.fullmatch(r"  source: lookup, \d+ ms", x) for x in lines),
               "query --direct %s: source and time" % name, done.stdout)
    with_server(tap, world, build, run)


def with_server(tap, world, build, run):
    daemon = Daemon(world, build)
    done = run("--server", "inet:127.0.0.1:%d" % daemon.port, "full.lab", "none.lab")
    tap.ok(done.returncode == 0 and "OK dane-only" in done.stdout and "NOTFOUND" in done.stdout,
           "query --server asks the service", done)
    tap.ok("\n  dane-only: deliver only over TLS authenticated by TLSA" in done.stdout and
           "no more is known of why: " in done.stderr and "--control" in done.stderr,
           "query --server tells what the reply means and who knows why", done)
    done = run("--server", "inet:127.0.0.1:%d" % daemon.port, "--control",
               daemon.options["control"], "--json", *sorted({d[0] for d in DETAILS}))
    results = {r["nexthop"]: r for r in json.loads(done.stdout)["results"]}
    wrong = []
    for name, path, wanted in DETAILS:
        value = results[name]
        for step in path:
            value = value[step]
        if value != wanted:
            wrong.append("%s: %s: %r" % (name, path, value))
    tap.ok(not wrong and not done.stderr, "query --server --control explains as --direct does",
           done.stderr, *wrong)
    done = run("--server", "inet:127.0.0.1:%d" % daemon.port, "--json", "full.lab", "b\udcff.lab")
    names = [r["nexthop"] for r in json.loads(done.stdout)["results"]]
    tap.ok(names == ["full.lab", "b\\xff.lab"],
           "query --server --json: a name that is not UTF-8 is not lost", done)
    done = run("--server", "inet:127.0.0.1:%d" % daemon.port, "mx-wrong.lab")
    tap.ok(done.returncode == 75, "query: 75 when a sender has to wait", done)
    daemon.stop()
    done = run("--server", "inet:127.0.0.1:%d" % daemon.port, "full.lab")
    tap.ok(done.returncode == 69, "query: 69 without a service", done)
