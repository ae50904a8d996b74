# SPDX-License-Identifier: BSD-2-Clause
"""dane-report beside what the lab knows: the real Postfix sends through the situations of
report_rows.py, with each setting of its log; what the report makes of that log is compared
delivery by delivery."""

import collections
import os
import re
from socket import AF_UNIX, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET
from socket import socket as Socket

import debian
from check_words import CERTIFICATE
from report_ask import HEADERS, Report
from report_life import life
from report_rows import NO_TLS, ROWS as OWN_ROWS, scenes
from report_run import FILTER_PORT, Sender, Setting
from report_truth import ABSENT, blocked_as, sent_as
from report_whole import cut, in_one_log, whole

ROWS = OWN_ROWS
for row in ROWS:         # so that Postfix has somebody to report to
    row.text += '\n_smtp._tls TXT "v=TLSRPTv1; rua=mailto:reports@<zone>"'
OLD = (3, 7)             # what is installed, and must be at least this
SETTINGS = [
    Setting("", OLD, "0"),
    Setting("", OLD, "1", more="enable_long_queue_ids = yes\n"),
    Setting("", OLD, "summary,certmatch"),
    Setting("", OLD, "summary,certmatch", reuse=True),
    Setting("trixie", (3, 10), "1", patterns=True, tlsrpt=True),
    Setting("trixie", (3, 10), "summary,certmatch", reuse=True),
    Setting("sid", (3, 11), "0", patterns=True),
    Setting("sid", (3, 11), "1", reuse=True),
]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def prepare():
    """Outside of the closed world: it has no network to get them from."""
    for suite in debian.SUITES:
        debian.prepare(suite)


def run(tap, world, build, _options):
    reports = _filters(world)
    done = []
    for setting in _usable(tap, world):
        tap.run(_one, world, build, setting, done)
    tap.run(life, world, build, Setting("", OLD, "1", label="-life"))
    tap.run(no_proxy, world, build, Setting("", OLD, "1", reuse=True, proxy=False,
                                            label="-without"))
    tap.run(in_one_log, world, build, done[1])
    for sent in done[1:4]:
        tap.run(cut, world, build, sent)
    tap.run(whole, world, build, done)
    reports.close()


def _filters(world):
    """What stands behind the hops of this host; where reports go."""
    path = world.path("filter.sock")
    world.mail.serve("127.0.0.1", "filter.lab", None, FILTER_PORT)
    world.mail.serve(path, "filter.lab", None, None)
    os.chmod(path, 0o666)
    reports = Socket(AF_UNIX, SOCK_DGRAM)
    reports.setsockopt(SOL_SOCKET, SO_RCVBUF, 4 << 20)   # nobody reads them
    reports.bind(world.path("tlsrpt"))
    os.chmod(world.path("tlsrpt"), 0o666)
    return reports


def _usable(tap, world):
    furnished = {}
    for setting in SETTINGS:
        suite = setting.suite
        if suite and suite not in furnished:
            why = debian.why_not(suite)
            if why:
                tap.skip("dane-report: the Postfix of Debian %s" % suite, why)
            furnished[suite] = None if why else debian.furnish(suite, world.dir)
        if suite:
            setting.root, setting.version = furnished[suite], debian.version(suite)
        if not suite or setting.root:
            yield setting


def _play(tap, world, build, setting, *names):
    """Sends it all; then danestsd goes away."""
    some = scenes(setting.version, *names)
    sender = Sender(world, build, setting, list(some))
    sender.start()
    try:
        sender.send(some)
        missing = sender.done(some)
        sender.gone()
    finally:
        sender.stop()
    tap.ok(not missing, "%s is done with all of it" % setting.title, *missing)
    return sender


def _one(tap, world, build, setting, done):
    sender = _play(tap, world, build, setting)
    _servers_saw(tap, sender.sent)
    for joined in (False, True):
        report = Report(build, [sender.sent.log_file], [sender.sent.known_file] * joined)
        title = "%s%s" % (setting.title, ", with danestsd's log" if joined else "")
        _sent(tap, title, report, sender.sent, joined)
        _blocked(tap, title, report, sender.sent, joined)
        _summary(tap, title, report, sender.sent)
        tap.ok(not report.complaints, "%s: every report ends with status 0" % title,
               *report.complaints)
    done.append(sender.sent)


def _servers_saw(tap, sent):
    """What the rows call the truth is what mail servers and Postfix's log have seen."""
    wrong = []
    log = sent.log()
    for scene in sent.scenes:
        for recipient in scene.recipients():
            saw = [bool(m.tls) for m in sent.received.get(recipient, ())]
            want = [scene.type != NO_TLS] if scene.kind == "sent" else \
                [False] * (scene.kind == "hidden" and not scene.via.startswith("discard"))
            if saw != want:
                wrong.append("%s: servers saw %s, not %s" % (recipient, saw, want))
        if scene.error.endswith(("tlsa-invalid", "mismatch", "expired", "untrusted")) and \
                scene.kind == "blocked" and not scene.own and "unusable" not in scene.domain:
            if not re.search(r"to=<[^ ]*@%s>.*\((delivery temporarily suspended: )?(%s|server "
                             "unavailable)" % (re.escape(scene.domain), CERTIFICATE), log):
                wrong.append("%s: it was not for its certificate" % scene.domain)
    tap.ok(not wrong, "%s: mail ended as the situations were meant" % sent.setting.title, *wrong)


def _sent(tap, title, report, sent, joined):
    """Each delivery that worked has the one type that its log shows, and no other has any."""
    scenes = sent.scenes
    found = report.sent_of([s.domain for s in scenes])
    wrong, count = [], 0
    for scene in scenes:
        number = len(scene.recipients()) * (scene.kind == "sent")
        count += number
        wanted, types = sent_as(scene, sent.setting, joined), found[scene.domain]
        if sum(types.values()) != number or not set(types) <= wanted:
            wrong.append("%s (%s): %s, not %d of %s" % (scene.domain, scene.story, types, number,
                                                        wanted))
    total = sum(r["Count Of Secured Messages"] for r in report.rows("sent"))
    tap.ok(not wrong, "%s: sent: %d deliveries as the lab knows them" % (title, count), *wrong)
    tap.ok(total == count, "%s: sent: and none besides" % title, "%d, not %d" % (total, count))
    # One with recipients of two types counts for each.
    messages = sum(r["Count Of Secured Messages"]
                   for r in report.rows("sent", "--count", "messages"))
    wanted = sum(len(s.mails()) * len(found[s.domain]) for s in scenes if s.kind == "sent")
    tap.ok(messages == wanted, "%s: sent: they are %d messages" % (title, wanted), messages)
    clear = {s.domain: len(s.recipients()) for s in scenes if s.type == NO_TLS}
    if not sent.setting.sessions and not sent.setting.feature:
        clear = {}      # nothing proves that TLS would have been logged
    listed = collections.Counter()
    for row in report.rows("no-tls"):
        listed[row["Recipient Domain"]] += row["Count of Messages"]
    tap.ok(listed == clear, "%s: no-tls: the domains that take no TLS" % title, listed, clear)


def _blocked(tap, title, report, sent, joined):
    """Each message that waits is there once, with who it is from and for, and why."""
    rows = report.rows("blocked-details")
    by_recipient = collections.defaultdict(list)
    for row in rows:
        by_recipient[row["Recipient"]].append(row)
    wrong, count = [], 0
    for scene in sent.scenes:
        digit = "5" if "filtered" in scene.domain else "4"
        wanted = blocked_as(scene, sent.setting, joined)
        for recipient in scene.recipients():
            mine = by_recipient.pop(recipient, [])
            count += len(mine)
            said = {(r["Security type"], r["Error Details"].partition(": ")[0]) for r in mine}
            good = {(x[0], "%s.%s" % (digit, x[1])) for x in wanted if x is not ABSENT}
            if len(mine) > 1 or not said <= good or (not mine and ABSENT not in wanted):
                wrong.append("%s (%s): %s, not %s" % (recipient, scene.story, said, good))
            wrong += [x for row in mine for x in _cells(row, scene, sent.ids[recipient])]
    wrong += ["%s: %s" % x for x in by_recipient.items()]
    tap.ok(not wrong, "%s: blocked-details: %d messages as the lab knows them" % (title, count),
           *wrong)
    groups = collections.Counter((r["Recipient Domain"], r["Security type"],
                                  r["Error Details"].partition(": ")[0]) for r in rows)
    listed = [(r["Recipient Domain"], r["Security Type"],
               r["Distinct Error Generated for Domain"], r["Count of Messages Blocked"])
              for r in report.rows("blocked")]
    tap.ok(sorted(listed) == sorted((*k, v) for k, v in groups.items())
           and [-x[3] for x in listed] == sorted(-x[3] for x in listed),
           "%s: blocked: the same in %d rows, the most first" % (title, len(listed)), listed)
    cells = [[("'" * x.startswith(("=", "+", "-", "@", "\t"))) + x for x in row.values()]
             for row in rows]
    tap.ok(report.table("blocked-details")[1:] == cells and any(x[4][:2] == "'=" for x in cells),
           "%s: blocked-details: CSV has the cells of JSON, harmless for spreadsheets" % title)
    heads = {name: report.table(name)[0] for name in HEADERS}
    tap.ok(heads == HEADERS, "%s: header lines" % title, heads)


def _cells(row, scene, name):
    wrong = []
    for column, want in (("Sender", scene.sender), ("Recipient Domain", scene.domain),
                         ("Message ID", name)):
        if row[column] != want:
            wrong.append("%s: %s is %r, not %r" % (row["Recipient"], column, row[column], want))
    if not MOMENT.fullmatch(row["Time"]):
        wrong.append("%s: no time: %s" % (row["Recipient"], row["Time"]))
    if not row["Error Details"].partition(": ")[2]:
        wrong.append("%s: no statement: %s" % (row["Recipient"], row["Error Details"]))
    return wrong


def _summary(tap, title, report, sent):
    """What is no block: hosts passed over, local trouble."""
    rows = report.rows("summary")
    passed = [r for r in rows if r["Section"] == "MX hosts passed over"]
    tap.ok(sum(r["Count"] for r in passed) == 2 and len(passed) == 2,
           "%s: summary: two hosts were passed over, for two reasons" % title, *passed)
    trouble = "\n".join(r["Name"] for r in rows if r["Section"] == "Local trouble")
    missing = [x for x in ('"rep-gone.plain"', '"rep-own-nonsense.plain"',
                           "client TLS configuration problem") if x not in trouble]
    tap.ok(not missing, "%s: summary: what was wrong on this side" % title, *missing, trouble)


def no_proxy(tap, world, build, setting):
    """Postfix calls it a failed handshake when its own tlsproxy cannot be reached."""
    sender = _play(tap, world, build, setting, "ee.lab", "sts.plain", "trusted.plain", "ta.lab",
                   "stripped.lab", "clear.plain")
    for joined in (False, True):
        report = Report(build, [sender.sent.log_file], [sender.sent.known_file] * joined)
        held = {r["Recipient Domain"] for r in report.rows("blocked")}
        tap.ok(held == {"rep-stripped.lab"}, "without tlsproxy: no handshake is held against a "
               "server%s" % (", with danestsd's log" * joined), *held)
        trouble = [r["Name"] for r in report.rows("summary") if r["Section"] == "Local trouble"]
        tap.ok(any("tlsproxy" in x for x in trouble),
               "without tlsproxy: that is named as trouble of this side", *trouble)
