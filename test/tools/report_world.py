# SPDX-License-Identifier: BSD-2-Clause
"""A log of some thousand lines whose truth is known: who made it up knows what happened."""
import collections
import datetime
import heapq
import random

import report_lines as lines

DANE, STS, BOTH = "SMTP DANE with DNSSEC", "MTA-STS", "SMTP DANE with DNSSEC and MTA-STS"
TLS, NO_TLS, EITHER, UNKNOWN = "TLS-only", "No TLS", "DANE or MTA-STS", "Unknown"
START = datetime.datetime(2025, 12, 20, 6, tzinfo=datetime.timezone.utc)
SPAN = 20 * 86400                       # over the end of the year
NEVER = "A2B3C4"                        # what no queue id is

# What stands in tls=, whether the session is one that is used again, and what that is.
NEW = (("dane", "", DANE), ("secure", "", STS), ("may", "", TLS), ("may:none", "", NO_TLS),
       ("encrypt", "", TLS), ("halfdane", "", TLS), ("may?", "reused", TLS),
       ("may?", "", NO_TLS), ("dane?", "reused", DANE), ("secure?", "reused", STS))
# The proof, the word of the session's line, and what that is.
OLD = (("Matched DANE EE certificate at depth 0: 3 1 1 00AA...", "Verified", DANE),
       ("matched peername: mx", "Verified", STS), ("", "Trusted", TLS), ("", "Untrusted", TLS),
       ("", "", NO_TLS), ("", "Anonymous", TLS))
# What danestsd said of a domain, and what a verified session is then.
PLAIN = (("d1.example", "full", "absent", DANE), ("d2.example", "none", "enforce", STS),
         ("d3.example", "full", "enforce", BOTH), ("d4.example", "", "", EITHER))
FAULTS = (("!dane", "TLS is required, but was not offered by host mx[192.0.2.1]", "",
           DANE, "7.321 starttls-not-supported"),
          ("!dane", "Server certificate not verified", "num=65:no matching DANE TLSA records",
           DANE, "7.323 tlsa-invalid"),
          ("!secure", "Server certificate not verified", "certificate has expired",
           STS, "7.5 sts-cert-expired"),
          ("unknown?", "non DNSSEC destination", "", DANE, "7.324 dane-required"),
          ("dane?", "Cannot start TLS: handshake failure", "",
           DANE, "7.323 tls-handshake-failure"))
ENDS = ("waits", "sent", "bounced", "expired", "refused")
FOREIGN = ("host mx[192.0.2.1] said: 450 4.7.0 Server certificate not verified (in reply to RCPT"
           " TO command)", "host mx said: 451 x, dsn=2.0.0, status=sent (250 ok)",
           "connect to mx[192.0.2.1]:25: Connection timed out")


class World:
    def __init__(self, seed, messages=420):
        self.random = random.Random(seed)
        self.heap, self.count = [], 0
        self.sent = collections.Counter()      # (day, type)
        self.clear = collections.Counter()     # (day, domain), in the clear
        self.blocked = collections.Counter()   # (domain, type, error)
        self.details = []                      # (time, error, recipient)
        self.short, self.used = 0, collections.defaultdict(list)
        self.busy = {}                         # (host, instance): [free from, pid]
        for i, (domain, dane, sts, _) in enumerate(PLAIN):
            for again in range(0, SPAN, 86400):
                if dane:
                    self.put(again + i, "mx2", "danestsd", 4, "policy nexthop=%s domain=%s"
                             " reply=%s dane=%s sts=%s sts_id=- hosts=1 expires=86400"
                             " source=cache ms=1 error=- reason=\"\"" % (
                                 domain, domain, "secure" if dane == "none" else "dane-only",
                                 dane, sts))
        for _ in range(messages):
            self.message(self.random.randrange(60, SPAN))
        for _ in range(messages):
            self.noise(self.random.randrange(SPAN))
        self.rows = [row for _, _, row in sorted(self.heap)]

    def put(self, at, host, ident, pid, text):
        self.count += 1
        at = START + datetime.timedelta(seconds=at)
        heapq.heappush(self.heap, (at, self.count, (at, host, ident, pid, text)))

    def noise(self, at):
        self.put(at, self.random.choice(("mail", "mx2")), *self.random.choice((
            ("postfix/smtpd", 9, "connect from c.example[192.0.2.9]"),
            ("postfix/smtpd", 9, "Anonymous TLS connection established from c[192.0.2.9]:"
             " TLSv1.3 with cipher X (256/256 bits)"),
            ("sshd", 8, NEVER + ": to=<x@y.example>, relay=none, delay=1, status=sent (ok)"),
            ("postfix/anvil", 7, "statistics: max connection rate 1/60s"),
            ("postfix-blind/smtp", 6, "warning: no tls at all"))))

    def process(self, key, at):
        """One that has nothing to do at the time, for five seconds."""
        pool = self.busy.setdefault(key, [])
        for entry in pool:
            if entry[0] <= at:
                entry[0] = at + 5
                return entry[1]
        pool.append([at + 5, 1000 + len(pool)])
        return pool[-1][1]

    def queue_id(self, at):
        if self.random.random() < .5:
            return "4%s" % "".join(self.random.choices("BCDFGHJKLMNPQRSTVWXYZbcdfghjk0123", k=12))
        self.short += 1
        return "%06X" % (self.short % 60 * 16 + 5)

    def recipient(self, domain):
        user = "".join(self.random.choices("abcdefgh", k=5))
        return self.random.choice((user, '"%s, (x>"' % user, "+" + user)) + "@" + domain

    def message(self, at):
        host, instance, how = self.random.choice((
            ("mail", "postfix", self.new), ("mail", "postfix-old", self.old),
            ("mail", "postfix-blind", self.blind), ("mx2", "postfix", self.plain),
            ("mail", "postfix", self.fault), ("mail", "postfix", self.foreign)))
        # Short ones are used again, but never by two messages at a time.
        qid, where = self.queue_id(at), (host, instance)
        while any(abs(at - other) < 4000 for other in self.used[qid]):
            qid = self.queue_id(at)
        self.used[qid].append(at)
        self.put(at, host, instance + "/cleanup", 2, "%s: message-id=<%s.%d@h>" % (qid, qid, at))
        self.put(at, host, instance + "/qmgr", 3,
                 "%s: from=<s@h.example>, size=1, nrcpt=1 (queue active)" % qid)
        end = how(at + 1, where, qid)
        if end is not None:
            self.put(end + 2, host, instance + "/qmgr", 3, qid + ": removed")

    def deliver(self, at, where, pid, qid, to, tls="", status="sent", text="250 ok", more=""):
        domain = to.rpartition("@")[2]
        self.put(at, where[0], where[1] + "/smtp", pid,
                 "%s: to=<%s>, relay=mx.%s[192.0.2.1]:25,%s delay=1, delays=0/0/1/0,%s dsn=%s,"
                 " status=%s (%s)" % (qid, to, domain, more, " tls=%s," % tls if tls else "",
                                      "2.0.0" if status == "sent" else "4.7.5", status, text))

    def session(self, at, where, pid, domain, word, how="established"):
        self.put(at, where[0], where[1] + "/smtp", pid, "%s TLS connection %s to mx.%s[192.0.2.1]"
                 ":25: TLSv1.3 with cipher X (256/256 bits)" % (word, how, domain))

    def went(self, at, kind, domain):
        day = (START + datetime.timedelta(seconds=at)).strftime("%Y-%m-%d")
        self.sent[day, kind] += 1
        if kind == NO_TLS:
            self.clear[day, domain] += 1

    def domain(self):
        return "%s%d.example" % (self.random.choice("abc"), self.random.randrange(9))

    # ---- What can happen to a message; the second after which it is gone ----

    def new(self, at, where, qid):
        tls, again, kind = self.random.choice(NEW)
        domain, pid = self.domain(), self.process(where, at)
        if again:
            self.session(at, where, pid, domain, "Untrusted", "reused")
        for _ in range(self.random.choice((1, 1, 3))):
            self.deliver(at + 1, where, pid, qid, self.recipient(domain), tls,
                         more=" conn_use=2," if "?" in tls else "")
            self.went(at + 1, kind, domain)
        return at + 1

    def old(self, at, where, qid):
        proof, word, kind = self.random.choice(OLD)
        domain, pid = self.domain(), self.process(where, at)
        if proof:
            self.put(at, where[0], where[1] + "/smtp", pid, "mx.%s[192.0.2.1]:25: %s" % (
                domain, proof))
        if word:
            self.session(at, where, pid, domain, word)
        for _ in range(self.random.choice((1, 2))):
            self.deliver(at + 1, where, pid, qid, self.recipient(domain))
            self.went(at + 1, kind, domain)
        return at + 1

    def blind(self, at, where, qid):
        domain = self.domain()
        self.deliver(at, where, self.process(where, at), qid, self.recipient(domain))
        self.went(at, UNKNOWN, domain)
        return at

    def plain(self, at, where, qid):
        domain, _, _, kind = self.random.choice(PLAIN)
        pid = self.process(where, at)
        self.session(at, where, pid, domain, "Verified")
        self.deliver(at + 1, where, pid, qid, self.recipient(domain))
        self.went(at + 1, kind, domain)
        return at + 1

    def foreign(self, at, where, qid):
        self.deliver(at, where, self.process(where, at), qid, self.recipient(self.domain()),
                     "may", "deferred", self.random.choice(FOREIGN))

    def fault(self, at, where, qid):
        tls, text, cause, kind, error = self.random.choice(FAULTS)
        domain, end = self.domain(), self.random.choice(ENDS)
        to, first, tries = self.recipient(domain), at, self.random.randrange(1, 4)
        for n in range(tries):
            pid, last = self.process(where, at), n + 1 == tries
            if cause:
                self.put(at, where[0], where[1] + "/smtp", pid, "server certificate verification"
                         " failed for mx.%s[192.0.2.1]:25: %s" % (domain, cause))
            self.deliver(at + 1, where, pid, qid, to, tls,
                         "bounced" if last and end == "bounced" else "deferred", text)
            at += 600
        error = ("5." if end in ("bounced", "expired") else "4.") + error
        self.blocked[domain, kind, error] += 1
        self.details.append(((START + datetime.timedelta(seconds=first + 1)).strftime(
            "%Y-%m-%dT%H:%M:%SZ"), kind, error + ": " + text, to))
        if end == "sent":
            self.deliver(at, where, self.process(where, at), qid, to, "dane")
            self.went(at, DANE, domain)
        elif end == "refused":
            self.deliver(at, where, self.process(where, at), qid, to, "may", "bounced",
                         "host mx said: 550 5.1.1 no such user")
        elif end == "expired":
            self.put(at, where[0], where[1] + "/qmgr", 3,
                     "%s: from=<s@h.example>, status=expired, returned to sender" % qid)
        return at if end != "waits" else None

    def text(self, form="iso"):
        return b"".join(lines.FORMS[form](*row) for row in self.rows)
