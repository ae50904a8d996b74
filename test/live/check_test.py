# SPDX-License-Identifier: BSD-2-Clause
"""One code path: the real Postfix sends a message into each situation of check_rows.py,
dane-report reads its log, danests check looks at it, danests verify at the chain that it
shows, and all say the same; then danests check meets mail servers with bad manners
(check_servers.py)."""

import concurrent.futures
import contextlib
import shutil

import check_look
import check_servers
import servers
from check_chain import by_verify
from check_rows import CASES, DIFFERENCES, REPORT_DIFFERENCES
from check_rows import ROWS as OWN_ROWS
from check_words import Verdict, postfix_verdicts, report_verdicts
from daemon import MODES, Daemon, lacks_trust_ad
from postfix import SUBMIT_PORT, Postfix
from row import matches
from table import ROWS as ROWS_OF_ALL
from zones import Key

ROWS = OWN_ROWS + check_servers.ROWS
PATIENCE = 120   # seconds for Postfix to be done with all messages
AT_ONCE = 4
# Half-dane is off where smtp_tls_security_level is not dane; and what Postfix gives up of
# itself, such as the sixth address, is not what is looked at here.
LINES = """smtp_tls_dane_insecure_mx_policy = dane
smtp_tls_loglevel = summary,certmatch
smtp_mx_address_limit = 0
smtp_mx_session_limit = 0
smtp_tls_mandatory_protocols = >=TLSv1.2
transport_maps = texthash:%s
default_process_limit = 20
"""
# No host with an address, a host that is one, and a host that the policy does not allow.
NOWHERE = ("allgone.lab", "literal.lab", "[parent.plain]")


def recipient(case):
    name = case.nexthop
    return "user@" + (case.domain if name.startswith("[") else name)


def by_postfix(world, build, wanted):
    """{recipient: Verdict}, by the log of the real one, and by dane-report of that log."""
    daemon = Daemon(world, build)
    transport = world.path("check-transport")
    with open(transport, "w", encoding="ascii") as f:
        f.writelines("%s smtp:%s\n" % (c.domain, c.nexthop) for c in CASES
                     if c.nexthop.startswith("["))
    postfix = Postfix(world, daemon.port, "postfix-check", more=LINES % transport)
    postfix.start()
    try:
        servers.wait_for(lambda: servers.listening("127.0.0.1", SUBMIT_PORT), 10, "Postfix")
        postfix.send(wanted)
        with contextlib.suppress(TimeoutError):   # what is missing is said case by case
            servers.wait_for(lambda: set(postfix_verdicts(postfix.log())) >= set(wanted),
                             PATIENCE, "Postfix to deliver or to hold")
    finally:
        postfix.stop()
        daemon.stop()
    return postfix_verdicts(postfix.log()), report_verdicts(
        build, postfix.log_file, daemon.log_file, wanted)


def postfix_says(tap, world, build):
    """Postfix does what the standards ask of a sender, or differs as it is known to."""
    rude = check_servers.recipients()
    found, report = by_postfix(world, build, [recipient(c) for c in CASES] + rude)
    verdicts = {c.domain: found.get(recipient(c), Verdict()) for c in CASES}
    for case in CASES:
        verdict = verdicts[case.domain]
        ends, token, why = DIFFERENCES.get(case.domain, (case.ends, case.token, ""))
        words = set((token or case.partly).split())
        good = verdict.ends == ends and all(
            words & tokens for tokens in verdict.failed + [verdict.tokens] * bool(token))
        arrived = [m for m in world.mail.received if m.recipient == recipient(case)]
        good = good and len(arrived) == (ends not in ("held", "bounced")) and (
            not case.judged or ends != "Verified" or arrived[0].name == case.server)   # U15 S18
        tap.ok(good, "Postfix: %s: %s: %s%s" % (
            case.domain, case.story, " ".join(filter(None, (ends, token))),
            " (%s)" % why if why else ""), verdict, arrived)
    wrong = ["%s: %s" % (r, found.get(r)) for r in rude
             if r not in found or found[r].ends not in ("held", "bounced")]
    tap.ok(not wrong, "Postfix: no server with bad manners gets mail", *wrong)
    tried = [c.domain for c in CASES if c.ends != "held" and verdicts[c.domain].failed]
    tap.ok(len(tried) >= 4, "Postfix: of a next host, too, its log says why", *tried)
    return verdicts, report_says(tap, report, verdicts)


def report_says(tap, report, postfix):
    """dane-report tells of each delivery what Postfix did; where it says less, or another
    thing than danests check will, the table knows why."""
    found, complaints = report
    verdicts = {c.domain: found.get(recipient(c), Verdict()) for c in CASES}
    tap.ok(not complaints, "dane-report: reads the log of all that", *complaints)
    for case in CASES:
        verdict, own = verdicts[case.domain], postfix[case.domain]
        ends, token, why = REPORT_DIFFERENCES.get(case.domain, (own.ends, "", ""))
        tap.ok(verdict.ends == ends.replace("Trusted", "Untrusted") and
               (not token or verdict.tokens == {token}) and
               (why or not own.tokens or verdict.tokens & own.tokens),
               "dane-report: %s: %s: %s%s" % (
                   case.domain, case.story, " ".join([ends] + sorted(verdict.tokens)),
                   " (%s)" % why if why else ""), verdict, own)
    return verdicts


def check_says(tap, world, build, witnesses):
    """danests check says of each domain what happens to its mail, and why; and so does every
    witness: {who: {domain: Verdict}}."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        looks = dict(zip((c.domain for c in CASES), pool.map(
            lambda c: check_look.look(world, build, c.nexthop), CASES)))
    for case in CASES:
        look = looks[case.domain]
        wrong = [check_look.wrong(case, look)]
        if case.domain not in DIFFERENCES:
            wrong += [check_look.disagreement(look, who, verdicts[case.domain])
                      for who, verdicts in witnesses.items()
                      if who != "dane-report" or case.domain not in REPORT_DIFFERENCES]
        tap.ok(not any(wrong), "check: %s: %s: exit %d%s" % (
            case.domain, case.story, look.code, "".join(" " + t for t in sorted(look.held))),
            *wrong, look, *(v[case.domain] for v in witnesses.values()))
    return looks


def verify_says(tap, world, build, looks):
    """danests verify comes to the same verdict from the chain alone."""
    if not shutil.which("openssl"):
        tap.skip("verify", "no openssl to save the chains")
        return
    cases = [c for c in CASES if c.judged]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        said = list(pool.map(lambda c: by_verify(world, build, c), cases))
    for case, one in zip(cases, said):
        if one is None:
            continue   # nothing is published
        verify = check_look.verdict_essence(one)
        check = looks[case.domain].verdict(case.mail.address)
        tap.ok(verify == check and verify["token"] == (case.token or verify["token"]),
               "verify: %s: %s: %s %s" % (case.domain, case.story, one["verdict"],
                                          one["token"] or ""), verify, check)


def everything_at_once(tap, world, build, looks):
    """Many domains in one run come out as they did one by one, in their order."""
    names = [c.nexthop for c in CASES]
    together = check_look.run(world, build, *names)
    tap.ok(together.code == 1 and not together.complaints,
           "check: %d domains in one run: exit 1" % len(names), together)
    wrong = [c.domain for c, result in zip(CASES, together.results)
             if check_look.essence(result) != check_look.essence(looks[c.domain].result)]
    tap.ok(len(together.results) == len(names) and not wrong,
           "check: and each as if it were alone", wrong)
    for mode in MODES:
        if mode == "trust-ad" and lacks_trust_ad(build):
            tap.skip("check: " + mode, "built without getdns")
            continue
        other = check_look.run(world, build, *names, mode=mode)
        wrong = [b["name"] for a, b in zip(together.results, other.results)
                 if check_look.essence(a) != check_look.essence(b)]
        tap.ok(other.code == 1 and len(other.results) == len(names) and not wrong,
               "check: all of it again, DNS by %s" % mode, other.complaints, wrong)
    plain = check_look.command(world, build, *names)
    ugly = [x for x in plain.stdout.split("\n") if len(x) > 80 or not x.isascii()
            or (x and not x.isprintable())]
    tap.ok(plain.returncode == 1 and plain.stdout and not plain.stderr and not ugly,
           "check: the same for people: 80 columns, nothing but text", plain.stderr, *ugly)


def whole_table(tap, world, build):
    """Without connections: of every domain of the lab's table the reply that danestsd would
    give, and mail is held where that is TEMP, and where it has nowhere to go."""
    cases = [c for r in ROWS_OF_ALL for c in r.cases() if not c[0].startswith(".")]
    done = check_look.run(world, build, "--no-smtp", *(c[0] for c in cases))
    wrong = []
    for (key, expect, _, rules, _), result in zip(cases, done.results):
        held = any(f["rank"] == "holds" for f in result["findings"])
        if not matches(expect, key, "validate", result["reply"]) or (
                result["reply"].startswith("TEMP ") != held and key not in NOWHERE
                and not result["policy"]["takes_no_mail"]):
            wrong.append("%s (%s): want %s, got %s, %s" % (
                key, rules, expect, result["reply"], result["verdict"]))
    tap.ok(len(done.results) == len(cases) and not wrong and not done.complaints,
           "check: --no-smtp of the whole table: the replies of danestsd, held where it is TEMP",
           done.complaints, *wrong)


def our_side(tap, world, build):
    """What does not work here says nothing of the domain: exit 75."""
    name = CASES[0].domain
    for claim, option in (("a resolver that is not there", "resolver=127.0.0.77"),
                          ("a trust anchor of another root", "trust_anchor=" + world.path("lie"))):
        with open(world.path("lie"), "w", encoding="ascii") as f:
            f.write(Key().ds(".", "ok") + "\n")
        found = check_look.look(world, build, "-o", option, "-o", "dns_timeout=2s", name)
        tap.ok(found.code == check_look.UNTOLD and not found.held and not found.complaints,
               "check: %s: exit 75" % claim, found)


def run(tap, world, build, _options):
    rude = check_servers.start(world)
    postfix, report = postfix_says(tap, world, build)
    looks = check_says(tap, world, build, {"Postfix": postfix, "dane-report": report})
    tap.run(verify_says, world, build, looks)
    tap.run(everything_at_once, world, build, looks)
    tap.run(whole_table, world, build)
    tap.run(our_side, world, build)
    tap.run(check_servers.bad_manners, world, build, rude)
