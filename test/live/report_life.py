# SPDX-License-Identifier: BSD-2-Clause
"""What becomes of a message that was blocked: tried again, under another queue id, sent
after all, given back. It is one message, and stays one."""

import datetime
import re

from report_ask import Report
from report_rows import scenes
from report_run import Sender

SOME = ("ee.lab", "stripped.lab", "wrong.lab", "wrong-null.lab", "sts-name.plain",
        "sts-refused.plain", "filtered.lab", "later.lab", "again.lab", "tlsa-bogus.lab",
        "own-encrypt.plain", "clear.plain")


def life(tap, world, build, setting):
    some = scenes(setting.version, *SOME)
    by_name = {s.name: s for s in some}
    later, again, forced = (by_name[x] for x in ("later.lab", "again.lab", "sts-name.plain"))
    held = [s for s in some if s.kind != "sent" and s not in (later, by_name["filtered.lab"])]
    sender = Sender(world, build, setting, some)
    sender.start()
    try:
        sender.send(some)
        sender.done(some)
        old, new = sender.again(again)
        tap.ok(old != new, "postsuper -r gives a message another queue id", old)
        probed = sender.probe([by_name["ee.lab"], by_name["wrong.lab"]])
        tap.ok(sorted(probed) == [("rep-ee.lab", "deliverable"),
                                  ("rep-wrong.lab", "undeliverable")],
               "sendmail -bv asks and sends nothing", *probed)
        place, server = _server(world, later)
        world.mail.servers[place] = (*server[:2], "good")   # STARTTLS works from now on
        sender.flush()
        sender.done(held + [later], 2)
        _look(tap, build, sender, "tried again", some, lambda s: "4")
        sender.expire(forced)
        sender.expired(held)
        _look(tap, build, sender, "given back", some, lambda s: "4" if s is later else "5")
        world.mail.servers[place] = server
    finally:
        sender.stop()


def _server(world, scene):
    place = (scene.row.mail[0].address, scene.row.mail[0].port)
    return place, world.mail.servers[place]


def _look(tap, build, sender, how, some, digit):
    """Each blocked message once, with the time of its first failure."""
    sent = sender.sent
    report = Report(build, [sent.log_file], [sent.known_file])
    rows = report.rows("blocked-details")
    firsts = _first_failures(sent.log())
    wrong = []
    for scene in (s for s in some if s.kind in ("blocked", "temp")):
        code = "5" if "filtered" in scene.domain else digit(scene)
        for recipient in scene.recipients():
            mine = [r for r in rows if r["Recipient"] == recipient]
            if len(mine) != 1 or not mine[0]["Error Details"].startswith(
                    "%s.%s: " % (code, scene.error)):
                wrong.append("%s: want %s.%s once: %s" % (recipient, code, scene.error, mine))
            elif mine[0]["Time"] != firsts[recipient]:
                wrong.append("%s: the first time was %s: %s" % (recipient, firsts[recipient],
                                                                mine))
    tap.ok(not wrong, "blocked mail that is %s: each message once, with its first time" % how,
           *wrong)
    want = sum(len(s.recipients()) for s in some if s.kind in ("blocked", "temp"))
    others = [r for r in rows if not any(
        r["Recipient Domain"] == s.domain for s in some if s.kind in ("blocked", "temp"))]
    tap.ok(len(rows) - len(others) == want and
           all(r["Recipient Domain"] == "rep-own-encrypt.plain" for r in others),
           "blocked mail that is %s: nothing besides" % how, want, *rows)
    found = {s.domain: report.sent(s.domain) for s in some}
    want = {s.domain: {s.type: len(s.recipients())} if s.kind == "sent" else
            {s.type: 1} if "later" in s.domain else {} for s in some}
    tap.ok(found == want, "blocked mail that is %s: what was sent in the end" % how, found, want)
    tap.ok(not report.complaints, "blocked mail that is %s: status 0" % how, *report.complaints)


def _first_failures(log):
    """{recipient: time}, of the first line that says so; the log is in local time."""
    year = datetime.datetime.now().year
    found = {}
    for line in log.splitlines():
        match = re.match(r"(\w+ +\d+ [\d:]+) .*: to=<(.*)>, relay=.* status=(deferred|bounced) ",
                         line)
        if match and match.group(2) not in found:
            when = datetime.datetime.strptime("%d %s" % (year, match.group(1)),
                                              "%Y %b %d %H:%M:%S").astimezone(
                                                  datetime.timezone.utc)
            found[match.group(2)] = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    return found
