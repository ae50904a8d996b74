#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""dane-report on logs, as TAP: what every Postfix and every container says, whole outputs.

report_use.py has options, exit codes and files, report_laws.py a log whose truth is known."""
import sys
import unittest

import report_lines as lines
from control import main
from report_lines import Log, report, sent

DANE, STS, BOTH = "SMTP DANE with DNSSEC", "MTA-STS", "SMTP DANE with DNSSEC and MTA-STS"
TLS, NO_TLS, EITHER, UNKNOWN = "TLS-only", "No TLS", "DANE or MTA-STS", "Unknown"
REQUIRED = "TLS required"
NOT_VERIFIED = "Server certificate not verified"


def sample():
    """Something of everything, for comparing containers."""
    log = Log()
    log.born("4Wq3mK0abcz1", count=2).session("a.example", "Verified")
    log.deliver("4Wq3mK0abcz1", "one@a.example").deliver("4Wq3mK0abcz1", '"t, wo>"@a.example')
    log.removed("4Wq3mK0abcz1")
    log.born("ABCDEF0123", "", "").session("b.example", "Trusted", 102)
    log.deliver("ABCDEF0123", "x@B.Example", pid=102).removed("ABCDEF0123")
    log.born("ABCDEF0124").deliver("ABCDEF0124", "x@c.example", pid=103).removed("ABCDEF0124")
    log.born("ABCDEF0125").add("smtp", "server certificate verification failed for"
                               " mx.d.example[192.0.2.1]:25: num=65:no matching DANE TLSA"
                               " records", 104)
    log.deliver("ABCDEF0125", "x@d.example", None, "deferred", text=NOT_VERIFIED, pid=104)
    log.add("qmgr", "ABCDEF0125: from=<s@here.example>, status=expired, returned to sender", 92)
    return log.removed("ABCDEF0125")


class Containers(unittest.TestCase):
    def test_every_container_of_the_same_lines_says_the_same(self):
        log, want = sample(), None
        for form in lines.FORMS:
            got = lines.every([], "--year", "2026", data=log.text(form))
            want = want or got
            self.assertEqual(got, want, form)
        self.assertIn("2026-11-20,No TLS,1\r\n", want)

    def test_a_stream_may_mix_them(self):
        log, forms = sample(), [f for f in lines.FORMS if f != "journal export"]
        got = b"".join(lines.FORMS[forms[i % len(forms)]](*row)
                       for i, row in enumerate(log.rows) if "no host" not in forms[i % len(forms)])
        alone = Log()
        alone.rows = [r for i, r in enumerate(log.rows) if forms[i % len(forms)] != "no host"]
        self.assertEqual(lines.every([], "--year", "2026", data=got),
                         lines.every([], data=alone.text()))

    def test_whole_files(self):
        text = lines.every([], data=sample().text())
        parts = [
            "Recipient Domain,Security Type,Count of Messages Blocked,"
            "Distinct Error Generated for Domain",
            "d.example,SMTP DANE with DNSSEC,1,5.7.323 tlsa-invalid",
            "Time,Security type,Error Details,Sender,Recipient,Recipient Domain,Message ID",
            "2026-11-20T12:00:22Z,SMTP DANE with DNSSEC,5.7.323 tlsa-invalid: " + NOT_VERIFIED +
            ",s@here.example,x@d.example,d.example,<ABCDEF0125@here.example>",
            "Date,Security type,Count Of Secured Messages",
            "2026-11-20," + DANE + ",0", "2026-11-20,MTA-STS,0", "2026-11-20," + BOTH + ",0",
            "2026-11-20,TLS-only,1", "2026-11-20,No TLS,1", "2026-11-20," + EITHER + ",2",
            "2026-11-20,Unknown,0",
            "Date,Recipient Domain,Count of Messages", "2026-11-20,c.example,1",
            "Section,Name,Count,Share,Remark", ""]
        self.assertEqual(text[:len("\r\n".join(parts))], "\r\n".join(parts))


class SentTypes(unittest.TestCase):
    def check(self, want, log, *args):
        self.assertEqual(sent(log, *args), want)

    def test_words_of_tls_in_Postfix_3_11(self):
        for word, want in (("dane", DANE), ("dane-only", DANE), ("halfdane", TLS),
                           ("secure", STS), ("verify", TLS), ("fingerprint", TLS),
                           ("encrypt", TLS), ("may", TLS), ("may:none", NO_TLS),
                           ("none", NO_TLS), ("dane:encrypt", TLS), ("dane?", DANE),
                           ("secure?", STS), ("may?", NO_TLS), ("quantum", UNKNOWN)):
            self.check({want: 1}, Log().born("A12345").deliver("A12345", "x@a.example", word))

    def test_may_with_a_question_mark_is_TLS_where_the_session_was_reused(self):
        log = Log().session("a.example", how="reused")
        self.check({TLS: 1}, log.deliver("A12345", "x@a.example", "may?", more=" conn_use=2,"))

    def test_halfdane_is_what_was_asked_for(self):
        log = Log().deliver("A12345", "x@a.example", "halfdane")
        self.check({DANE: 1}, log, "--halfdane", "dane")

    def test_certmatch_makes_older_ones_exact(self):
        peer = lines.PEER % "a.example"
        for proof, word, want in (
                ("Matched DANE EE certificate at depth 0: 3 1 1 ab...", "Verified", DANE),
                ("Matched DANE TA public key verified certificate at depth 1: 2 1 1 ab",
                 "Verified", DANE),
                ("Matched DANE EE certificate at depth 0: 3 1 1 ab...", "Trusted", TLS),
                ("matched peername: mx.a.example", "Verified", STS),
                ("depth=0 matched end entity public-key sha256 digest=AB:CD", "Verified", DANE),
                ("Matched subjectAltName: mx.a.example", "Verified", STS)):
            log = Log().add("smtp", peer + ": " + proof).session("a.example", word)
            self.check({want: 1}, log.deliver("A12345", "x@a.example"))

    def test_words_of_the_session_line(self):
        for word, want in (("Verified", EITHER), ("Trusted", TLS), ("Untrusted", TLS),
                           ("Anonymous", TLS)):
            log = Log().session("a.example", word)
            self.check({want: 1}, log.deliver("A12345", "x@a.example"))

    def test_no_TLS_is_said_only_where_TLS_is_logged(self):
        log = Log().born("A12345").deliver("A12345", "x@a.example")
        self.check({UNKNOWN: 1}, log)
        self.check({NO_TLS: 1}, log, "--assume-tls-logged")
        log.session("b.example", pid=7)
        self.check({NO_TLS: 1}, log)

    def test_nor_where_the_log_begins_in_the_middle_of_the_delivery(self):
        log = Log().deliver("A12345", "x@a.example").session("b.example", pid=7)
        again = Log().deliver("A12345", "x@a.example", "may?")
        self.check({NO_TLS: 1}, log)     # without a line of any message's life it was not cut
        self.check({NO_TLS: 1}, again)
        self.check({UNKNOWN: 1}, log.born("B12345"))
        self.check({NO_TLS: 1}, log, "--assume-tls-logged")
        self.check({UNKNOWN: 1}, again.born("B12345"))
        self.check({NO_TLS: 1}, Log().deliver("A12345", "x@a.example", "may:none"))

    def test_other_programs_and_instances_prove_nothing(self):
        log = Log()
        log.add("smtpd", "Anonymous TLS connection established from c[192.0.2.9]: TLSv1.3 with"
                " cipher X (256/256 bits)")
        log.deliver("A12345", "x@a.example")
        other = Log("postfix-out").session("a.example").deliver("A12345", "x@a.example")
        self.assertEqual(sent(log.text() + other.text()), {UNKNOWN: 1, TLS: 1})

    def test_policies_tell_which_and_both(self):
        log = Log().session("a.example", "Verified").deliver("A12345", "x@a.example")
        for dane, sts, reply, want in (
                ("full", "absent", "dane-only", DANE), ("full", "enforce", "dane-only", BOTH),
                ("none", "enforce", "secure", STS)):
            policy = Log(start=lines.NOON - lines.datetime.timedelta(seconds=9)).add(
                "danestsd", "policy nexthop=a.example domain=a.example reply=%s dane=%s sts=%s"
                " sts_id=- hosts=1 expires=3600 source=lookup ms=1 error=- reason=\"\"" % (
                    reply, dane, sts), 5)
            self.check({want: 1}, policy.text() + log.text())

    def test_what_is_no_mail_of_ours_is_not_counted(self):
        log = Log().deliver("A1", "no@qid.example")
        log.deliver("A12345", "x@a.example", "may", relay="127.0.0.1[127.0.0.1]:10024")
        log.deliver("A12346", "x@a.example", "may", relay="localhost[::1]:10024")
        log.deliver("A12347", "x@a.example", None, relay="mail[private/dovecot-lmtp]",
                    program="lmtp")
        log.deliver("A12348", "x@a.example", "may", "deliverable")
        log.deliver("A12349", "x@a.example", None, relay="local", program="local")
        log.deliver("A1234A", "x@a.example", "may", relay="f.example[192.0.2.9]:25")
        self.check({}, log, "--internal", "F.example", "--internal", "198.51.100.0/24")
        log.deliver("A1234B", "x@a.example", "may", relay="mx[198.51.100.7]:25")
        self.check({TLS: 2}, log)
        self.check({TLS: 1}, log, "--internal", "198.51.100.0/24")

    def test_a_delivery_counts_once_and_a_queue_id_can_come_again(self):
        log = Log().born("A12345").deliver("A12345", "x@a.example", "may").removed("A12345")
        self.check({TLS: 1}, log.text() + log.text())
        again = Log(start=log.now).born("A12345").deliver("A12345", "x@a.example", "may")
        self.check({TLS: 2}, log.text() + again.text())


class Blocked(unittest.TestCase):
    def one(self, text, tls=None, before=None, dsn="4.7.5", program="smtp", relay=None):
        log = Log().born("A12345")
        if before:
            log.add("smtp", before)
        log.deliver("A12345", "x@a.example", tls, "deferred", dsn, text, program=program,
                    relay=relay)
        got = report("blocked", log)
        self.assertLessEqual(len(got), 1)
        return (got[0][1], got[0][3]) if got else None

    def test_each_statement_has_its_error(self):
        not_offered = "TLS is required, but was not offered by host mx.a.example[192.0.2.1]"
        refused = ("TLS is required, but host mx.a.example[192.0.2.1] refused to start TLS:"
                   " 454 4.7.0 no")
        cause = "server certificate verification failed for mx.a.example[192.0.2.1]:25: "
        for text, tls, before, want in (
                (not_offered, "!dane", None, (DANE, "4.7.321 starttls-not-supported")),
                (not_offered, "!secure", None, (STS, "4.7.321 starttls-not-supported")),
                (not_offered, None, None, (REQUIRED, "4.7.321 starttls-not-supported")),
                (refused, "!dane", None, (DANE, "4.7.321 starttls-not-supported")),
                (NOT_VERIFIED, "!dane", cause + "num=65:no matching DANE TLSA records",
                 (DANE, "4.7.323 tlsa-invalid")),
                (NOT_VERIFIED, None, cause + "num=65:no matching DANE TLSA records",
                 (DANE, "4.7.323 tlsa-invalid")),
                (NOT_VERIFIED, "!dane", cause + "num=62:hostname mismatch",
                 (DANE, "4.7.325 certificate-host-mismatch")),
                (NOT_VERIFIED, "!dane", cause + "certificate has expired",
                 (DANE, "4.7.322 certificate-expired")),
                (NOT_VERIFIED, "!secure", cause + "num=62:hostname mismatch",
                 (STS, "4.7.5 sts-cert-host-mismatch")),
                (NOT_VERIFIED, "!secure", cause + "certificate has expired",
                 (STS, "4.7.5 sts-cert-expired")),
                (NOT_VERIFIED, "!secure", cause + "self-signed certificate",
                 (STS, "4.7.5 sts-cert-untrusted")),
                ("Server certificate not trusted", None, None,
                 (UNKNOWN, "4.7.5 cert-not-verified")),
                ("Cannot start TLS: handshake failure", "dane?", None,
                 (DANE, "4.7.323 tls-handshake-failure")),
                ("TLSA records unusable", "unknown?", None, (DANE, "4.7.323 tlsa-invalid")),
                ("TLSA lookup error for mx.a.example:25", "unknown?", None,
                 (DANE, "4.4.312 dns-query-failed")),
                ("non DNSSEC destination", "unknown?", None, (DANE, "4.7.324 dane-required")),
                ("no TLSA records found", None, None, (DANE, "4.7.323 dane-required")),
                ("server unavailable or unable to receive mail", "secure?",
                 "MX name 'mx.a.example' does not match STS MX pattern for 'a.example'",
                 (STS, "4.4.8 sts-mx-not-in-policy")),
                (NOT_VERIFIED, "!verify", None, None),
                ("client TLS configuration problem", "unknown?", None, None),
                ("connect to mx.a.example[192.0.2.1]:25: Connection refused", "dane?", None, None),
                ("host mx.a.example[192.0.2.1] said: 450 " + NOT_VERIFIED, "may", None, None),
                ("host mx.a.example[192.0.2.1] said: 450 dsn=2.0.0, status=sent (ok)", "may",
                 None, None)):
            self.assertEqual(self.one(text, tls, before), want, (text, tls, before))

    def test_suspended_ones_have_the_error_of_what_suspended_them(self):
        text = "delivery temporarily suspended: TLSA records unusable"
        self.assertEqual(self.one(text, program="error", relay="none"),
                         (DANE, "4.7.323 tlsa-invalid"))

    def test_once_for_each_error_and_also_when_it_went_through_later(self):
        log = Log().born("A12345")
        for text in (NOT_VERIFIED, NOT_VERIFIED, "TLSA records unusable", NOT_VERIFIED):
            log.deliver("A12345", "x@a.example", "!dane", "deferred", text=text)
            log.wait(minutes=10).active("A12345")
        log.deliver("A12345", "x@a.example", "dane").removed("A12345")
        self.assertEqual(report("blocked", log), [["a.example", DANE, "1", "4.7.323 tlsa-invalid"]])
        self.assertEqual(sent(log), {DANE: 1})
        details = report("blocked-details", log)
        self.assertEqual([row[0] for row in details], ["2026-11-20T12:00:03Z"])

    def test_bounced_and_expired_ones_begin_with_5(self):
        log = Log().born("A12345")
        log.deliver("A12345", "x@a.example", "!dane", "bounced", "5.7.5", "TLSA records unusable")
        log.born("A12346").deliver("A12346", "x@b.example", "!dane", "deferred",
                                   text="TLSA records unusable").wait(days=5)
        log.add("qmgr", "A12346: from=<s@here.example>, status=expired, returned to sender", 92)
        self.assertEqual([row[3] for row in report("blocked", log)], ["5.7.323 tlsa-invalid"] * 2)

    def test_another_MX_host_that_worked_is_no_block(self):
        log = Log().born("A12345").add("smtp", "A12345: " + NOT_VERIFIED)
        log.deliver("A12345", "x@a.example", "dane").removed("A12345")
        self.assertEqual(report("blocked", log), [])
        self.assertIn("MX hosts passed over", [row[0] for row in report("summary", log)])

    def test_most_first_and_then_by_domain(self):
        log = Log()
        for i, domain in enumerate(("c", "b", "b", "a")):
            log.deliver("A1234%d" % i, "x@%s.example" % domain, "!dane", "deferred",
                        text="TLSA records unusable")
        self.assertEqual([row[0][0] + row[2] for row in report("blocked", log)],
                         ["b2", "a1", "c1"])


class Hostile(unittest.TestCase):
    def details(self, sender="s@h.example", to="x@a.example", message_id="i", text="TLSA records"
                " unusable"):
        log = Log().add("cleanup", b"A12345: message-id=<" + message_id + b">"
                        if isinstance(message_id, bytes) else "A12345: message-id=<%s>" %
                        message_id).active("A12345", sender)
        log.deliver("A12345", to, "!dane", "deferred", text=text)
        return report("blocked-details", log)

    def test_formulas_are_text(self):
        row = self.details("=cmd|'/c calc'!A0@h.example", "+1@a.example", "x")[0]
        self.assertEqual(row[3:5], ["'=cmd|'/c calc'!A0@h.example", "'+1@a.example"])
        self.assertEqual(self.details("-2@h.example", "@a.example")[0][3:5],
                         ["'-2@h.example", "'@a.example"])

    def test_quotes_commas_and_line_ends_stay_in_their_cell(self):
        row = self.details('"a,\\"b"@h.example', '"x, y>"@a.example', "i#012j,\"k\"")[0]
        self.assertEqual(row[3:7], ['"a,\\"b"@h.example', '"x, y>"@a.example', "a.example",
                                    '<i#012j,"k">'])

    def test_octets_that_are_no_UTF_8_and_control_characters_are_replaced(self):
        row = self.details(message_id=b"a\xff\xc3\x28\x1b[2J\x7f\xc2\x9bb")[0]
        self.assertEqual(row[6], "<a\ufffd\ufffd(?[2J??b>")

    def test_marks_that_turn_text_round_are_seen_in_tables(self):
        log = Log().deliver("A12345", "x@a.example", "!dane", "deferred",
                            text="TLSA records unusable").rows
        text = Log()
        text.rows = log
        text.active("A12345", "a\u202eb@h.example")
        text.rows.reverse()
        done = lines.run("blocked-details", "--format", "table", data=text.text())
        self.assertIn(b"a<U+202E>b@h.example", done.stdout)
        self.assertNotIn("\u202e".encode(), done.stdout)

    def test_replies_of_2000_octets_and_cut_lines_say_nothing_of_others(self):
        log = Log().deliver("A12345", "x@a.example", "may", "deferred", "4.0.0",
                            "host mx said: 450 " + ("status=sent (x) " * 125)[:1900])
        whole = log.text()[:-20] + b"\n"
        log = Log(start=log.now).deliver("A12346", "x@a.example", "may")
        self.assertEqual(sent(whole + log.text()), {TLS: 1})

    def test_nothing_at_all_makes_it_fail(self):
        noise = bytes(range(256)) * 300 + b"\n" * 9 + b"\0" * 5000 + b"A" * 100000
        done = lines.run("blocked", data=noise + b"\n" + sample().text())
        self.assertEqual(done.returncode, 0)
        self.assertNotEqual(lines.footer(done)["lines not understood"], ["0"])
        self.assertIn(b"d.example", done.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
