# SPDX-License-Identifier: BSD-2-Clause
"""The Postfix of newer Debians (debian.py) as our client: TLSRPT attributes, and MX names
held against the policy's patterns (smtp_tls_enforce_sts_mx_patterns, 3.10.5 and later)."""

import concurrent.futures
import contextlib
import importlib.machinery
import importlib.util
import json
import os
import re
import socket
import ssl
from dataclasses import replace

import debian
import demo_table
import servers
from daemon import Daemon
from demo_table import Scene
from postfix import SUBMIT_PORT, Postfix
from row import Mail, Row, Sts, host, lines, matches, mx

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 60    # seconds for Postfix to be done with all messages
NEW_LINES = """smtp_tls_enforce_sts_mx_patterns = yes
smtp_tlsrpt_enable = yes
smtp_tlsrpt_socket_name = /lab/tlsrpt
"""
# What Postfix says when no MX host is left; of each it warns that no pattern matches.
OUTSIDE = "server unavailable or unable to receive mail"
MISMATCH = "MX name '%s' does not match STS MX pattern for '%s'"
# Warnings that are meant: mail held by TEMP, a TLSA record of another world, and that one.
MEANT = (r"socketmap server temporary error|lookup error for|policy table lookup error|"
         r"client TLS configuration problem|unsupported TLSA certificate usage|"
         r"does not match STS MX pattern|"
         # of the machine's clocks, which may be a tick apart
         r"file system clock is|resetting file time stamps")
REPORTS = '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:reports@<zone>"'
FULL = 1600      # patterns that fill a reply to its last octets
TOO_MANY = 2300  # so many that the attributes are left out of the reply


def _many(count):
    """A policy of so many hosts, the right one last."""
    return Sts(body="version: STSv1\r\nmode: enforce\r\n%smx: mx1.@\r\nmax_age: 86400\r\n" % (
        "".join("mx: h%04d.@\r\n" % i for i in range(count))))


def _scene(number, zone, story, policy, ends, hosts=("mx1",), why=""):
    text = lines(mx(*hosts), REPORTS, *(host(h, tlsa=None, a="10.53.2.%d" % (number + i))
                                        for i, h in enumerate(hosts)))
    mail = tuple(Mail(h, "10.53.2.%d" % (number + i)) for i, h in enumerate(hosts))
    return Scene(Row(zone, text, None, "S16", story, sts=policy, mail=mail), story, "", ends,
                 why)


# ends: once Postfix has the patterns.
SCENES = [
    _scene(60, "pat-wild.plain", "an MX that a wildcard covers", Sts(mx=("*.@",)), "Verified"),
    _scene(61, "pat-deep.plain", "an MX two labels below a wildcard", Sts(mx=("*.@",)), "held",
           ("a.b",), OUTSIDE),
    _scene(62, "pat-cert.plain", "an MX outside of the policy with a certificate for one in it",
           Sts(mx=("mx.elsewhere.plain",)), "held", why=OUTSIDE),
    _scene(63, "pat-second.plain", "a first MX outside of the policy, a second one in it",
           Sts(mx=("mx2.@",)), "Verified", ("mx1", "mx2"), OUTSIDE),
    _scene(65, "pat-full.plain", "a reply of nearly 100 000 octets", _many(FULL), "Verified"),
    _scene(66, "pat-more.plain", "more patterns than a reply holds as attributes",
           _many(TOO_MANY), "Verified"),
]


def _renamed(scene):
    """The demo's domains beside the table's, some of which have the same name."""
    zone = "demo-" + scene.row.zone
    return replace(scene, row=replace(
        scene.row, zone=zone, expect=scene.row.expect.replace(scene.row.zone, zone)))


DEMO = [_renamed(s) for s in demo_table.SCENES]
ROWS = [s.row for s in DEMO + SCENES]
# The same without patterns: Postfix holds the certificate's names against them, no more.
WITHOUT = {"pat-deep.plain": "Verified", "pat-cert.plain": "Verified"}


def prepare():
    """Outside of the closed world: it has no network to get them from."""
    for suite in debian.SUITES:
        debian.prepare(suite)


def run(tap, world, build, _options):
    usable = {}
    for suite in debian.SUITES:
        why = debian.why_not(suite)
        if why:
            tap.skip("the Postfix of Debian %s" % suite, why)
        else:
            usable[suite] = ".".join(map(str, debian.version(suite)))
    if not usable:
        return
    _second_name(world)
    daemon = Daemon(world, build)
    full = len(daemon.ask("pat-full.plain", "tlsrpt"))
    tap.ok(99900 < full <= 100000, "a reply as long as Postfix takes", full)
    for suite, version in usable.items():
        tap.run(_one, world, daemon, debian.furnish(suite, world.dir), version)
    tap.ok(daemon.stop() == 0, "danestsd ends with status 0 after newer Postfixes",
           daemon.log()[-3000:])


def _one(tap, world, daemon, root, version):
    name = "postfix-" + version
    plain = Postfix(world, daemon.port, name, root)
    _table(tap, world, daemon, plain, version)
    _deliver(tap, world, daemon, plain, "Postfix %s, map QUERY" % version, DEMO +
             [replace(s, ends=WITHOUT.get(s.row.zone, s.ends), why="") for s in SCENES])
    with _report_socket(world) as reports:
        newer = Postfix(world, daemon.port, name + "-tlsrpt", root, "QUERYwithTLSRPT", NEW_LINES)
        _deliver(tap, world, daemon, newer, "Postfix %s, map QUERYwithTLSRPT" % version, [
            replace(s, why=OUTSIDE) if s.row.zone == "demo-sts-outside.plain" else s
            for s in DEMO + SCENES])
        _reported(tap, reports, version)


def _second_name(world):
    """mx1.pat-cert.plain shows a certificate that names a host of the policy as well."""
    name = "mx1.pat-cert.plain"
    cert = world.pki.trusted.issue([name, "mx.elsewhere.plain"], world.pki.web_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(world.pki._write("pat-cert", world.pki.web_key, cert,
                                             world.pki.trusted))
    context.sni_callback = world.mail._named
    world.mail.by_name[name] = context


def _table(tap, world, daemon, postfix, version):
    """Every row, through this Postfix's own socketmap client."""
    where = "socketmap:inet:127.0.0.1:%d:QUERY" % daemon.port

    def ask(case):
        done = postfix.run("postmap", "-c", postfix.conf, "-q", case[0], where)
        if done.returncode == 0:
            return "OK " + done.stdout.rstrip("\n")
        error = re.search(r"socketmap server temporary error: (.*)", done.stderr)
        return "TEMP " + error.group(1) if error else "NOTFOUND " + done.stderr

    cases = [c for r in world.rows for c in r.cases()]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(ask, cases))
    wrong = ["%s: want %s, got %s" % (c[0], c[1], reply) for c, reply in zip(cases, replies)
             if not matches(c[1], c[0], "validate", reply)]
    tap.ok(not wrong, "Postfix %s reads the reply of all %d rows as they are meant" % (
        version, len(cases)), *wrong)


def _deliver(tap, world, daemon, postfix, title, scenes):
    verdict = _demo().verdict
    scenes = {"user@" + s.row.zone: s for s in scenes}
    taken = len(world.mail.received)
    postfix.start()
    try:
        servers.wait_for(lambda: servers.listening("127.0.0.1", SUBMIT_PORT), 10, "Postfix")
        postfix.send(scenes)
        with contextlib.suppress(TimeoutError):   # what is missing is said row by row
            servers.wait_for(lambda: all(o.status for o in postfix.outcomes(scenes).values()),
                             PATIENCE, "Postfix to deliver or to hold")
    finally:
        postfix.stop()
    outcomes, log = postfix.outcomes(scenes), postfix.log()
    for recipient, scene in scenes.items():
        mail = [m for m in world.mail.received[taken:] if m.recipient == recipient]
        word, wrong = verdict(_expecting(scene, daemon), daemon.ask(scene.row.zone),
                              outcomes[recipient], _named_right(scene, mail))
        server = "%s.%s" % (scene.row.mail[0].name, scene.row.zone)
        if scene.why == OUTSIDE and MISMATCH % (server, scene.row.zone) not in log:
            wrong = wrong or "it does not say that %s matches no pattern" % server
        tap.ok(not wrong, "%s: %s: %s: %s" % (title, scene.row.zone, scene.story, scene.ends),
               wrong, word, outcomes[recipient], daemon.ask(scene.row.zone, "tlsrpt")[:600])
    found = [x for x in log.splitlines()
             if re.search(r"(warning|error|fatal|panic): ", x) and not re.search(MEANT, x)]
    tap.ok(not found, "%s: it complains of no reply" % title, *found[:20])


def _expecting(scene, daemon):
    """The scenes of this file are about what Postfix does with a reply, not about it."""
    if scene.row.expect is not None:
        return scene
    words = daemon.ask(scene.row.zone).removeprefix("OK secure match=").split(" ")
    return replace(scene, row=replace(scene.row, expect="secure " + words[0]))


def _named_right(scene, mail):
    """The demo knows of one MX; here a host of the policy may be another."""
    right = {scene.row.mail[-1].name + "." + scene.row.zone, "mx1." + scene.row.zone}
    return [replace(m, name="mx1." + scene.row.zone) if m.name in right else m for m in mail]


def _demo():
    path = os.path.join(HERE, "..", "lab", "demo")
    loader = importlib.machinery.SourceFileLoader("demo", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo", loader))
    loader.exec_module(module)
    return module


# -- Reports for TLSRPT ------------------------------------------------------

@contextlib.contextmanager
def _report_socket(world):
    """Where libtlsrpt sends one datagram for each delivery."""
    path = world.path("tlsrpt")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        place.bind(path)
        os.chmod(path, 0o666)
        place.settimeout(10)
        try:
            yield place
        finally:
            os.remove(path)


def _reported(tap, place, version):
    """A policy's own lines come out at the other end as they were published."""
    found = {}
    with contextlib.suppress(TimeoutError):
        while "pat-wild.plain" not in found:
            report = json.loads(place.recv(1 << 20))
            found[report.get("d")] = report
    report = found.get("pat-wild.plain")
    if not tap.ok(report is not None, "Postfix %s reports to TLSRPT" % version, *found):
        return
    policy = report["policies"][0]
    text = " ".join(policy.get("policy-string", policy.get("ps", ())))
    tap.ok("version: STSv1 mode: enforce mx: *.pat-wild.plain max_age: 86400" == text,
           "Postfix %s: the policy's own lines are in the report" % version,
           json.dumps(report))
