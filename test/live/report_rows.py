# SPDX-License-Identifier: BSD-2-Clause
"""Situations that a report on a log has to tell apart: what a domain publishes, what its
mail servers do, what this side asks of them, and what then is the truth about its mail."""

import itertools
from dataclasses import dataclass, replace

from row import GOOD, Chain, Mail, Row, Sts, host, lines, mx

DANE, STS, BOTH = "SMTP DANE with DNSSEC", "MTA-STS", "SMTP DANE with DNSSEC and MTA-STS"
TLS, NO_TLS = "TLS-only", "No TLS"
EE, TA = "<mx1 leaf 3 1 1>", "<mx1 root 2 0 1>"
UNUSABLE = "1 1 1 " + "22" * 32
PUBLIC = Chain(root="trusted", sent=("leaf", "middle"))
PREFIX = "rep-"
BURST = 24            # recipients at once, two to a delivery, so that sessions are used again
NEWER = (3, 10)       # a Postfix that knows TLS-Required: no
CROWD = 8             # messages, so that a destination is given up for a while
_addresses = ("10.53.9.%d" % n for n in itertools.count(1))


@dataclass
class Scene:
    """One domain, its mail, and the truth."""

    row: Row
    story: str
    kind: str             # sent; blocked; temp: danestsd said TEMP; local, policy: trouble of
    #                       this side, no block; open: TLS failed and need not have worked;
    #                       other: not of TLS; hidden: a hop of our own
    type: str = ""        # of what was sent, or blocked
    error: str = ""       # "7.321 starttls-not-supported": without the first digit
    own: str = ""         # this side's own policy, instead of danestsd's
    via: str = ""         # transport
    people: tuple = ("user",)
    messages: int = 1     # each one to all people
    sender: str = "lab@sender.lab"
    header: str = ""      # of the message
    newer: tuple = ()     # kind, type, error: from Postfix 3.10 on

    @property
    def domain(self):
        return self.row.zone

    @property
    def name(self):
        """Behind the prefix."""
        return self.domain.removeprefix(PREFIX)

    def mails(self):
        """Recipients of each message."""
        spoken = self.domain.encode().decode("idna")
        return [["%s@%s" % (p if self.messages == 1 else "%s%d" % (p, i), spoken)
                 for p in self.people] for i in range(self.messages)]

    def recipients(self):
        return [r for mail in self.mails() for r in mail]


def one(zone, story, kind, of=("", ""), tlsa=None, chain=Chain(), sts=None, manner="good",
        starttls=True, faults=(), text=None, **how):
    """A domain with one mail server; text: other records than those of such a one."""
    address = next(_addresses)
    row = Row((PREFIX + zone).encode("idna").decode(),
              text or lines(mx("mx1"), host("mx1", tlsa, address)), None, "", story, sts=sts,
              faults=faults,
              mail=(Mail("mx1", address, chain, starttls, manner=manner),) * (not text))
    return Scene(row, story, kind, *(of if isinstance(of, tuple) else (of,)), **how)


def behind(zone, story, kind, of, **how):
    """Its TLSA records are behind an alias into a zone that fails."""
    text = lines(mx("mx1"), host("mx1", None, next(_addresses)),
                 "_25._tcp.mx1 CNAME _25._tcp.mx1.rep-broken.lab.")
    return one(zone, story, kind, of, text=text, **how)


def two(zone, story, of, first, second, sts=None):
    """Two hosts, (TLSA, manner) each: the first one does not do."""
    text, mail = [mx("mx1", "mx2")], []
    for name, (tlsa, manner) in (("mx1", first), ("mx2", second)):
        address = next(_addresses)
        text.append(host(name, tlsa, address))
        mail.append(Mail(name, address, Chain() if tlsa else PUBLIC, manner=manner))
    return Scene(Row(PREFIX + zone, lines(*text), None, "", story, sts=sts, mail=tuple(mail)),
                 story, "sent", of)


SENT = [
    one("ee.lab", "DANE-EE", "sent", DANE, EE, people=("user", "second")),
    one("ta.lab", "DANE-TA", "sent", DANE, TA),
    one("dane-null.lab", "DANE, the null sender", "sent", DANE, EE, sender=""),
    one("dane-burst.lab", "DANE, many at once", "sent", DANE, EE, via="burst",
        people=tuple("u%d" % i for i in range(BURST))),
    one("sts.plain", "MTA-STS", "sent", STS, chain=PUBLIC, sts=Sts()),
    one("sts-burst.plain", "MTA-STS, many at once", "sent", STS, chain=PUBLIC, sts=Sts(),
        via="burst", people=tuple("u%d" % i for i in range(BURST))),
    one("hub.lab", "DANE, a server for many domains", "sent", DANE, EE, chain=PUBLIC,
        via="burst", people=tuple("u%d" % i for i in range(BURST))),
    one("hub-sts.plain", "MTA-STS, the same server", "sent", STS, text=mx("mx1.rep-hub.lab."),
        sts=Sts(mx=("mx1.rep-hub.lab",)), via="burst",
        people=tuple("u%d" % i for i in range(BURST))),
    one("both.lab", "DANE and MTA-STS", "sent", BOTH, EE, chain=PUBLIC, sts=Sts()),
    one("trusted.plain", "no policy, a CA that is known", "sent", TLS, chain=PUBLIC),
    one("untrusted.plain", "no policy, any certificate", "sent", TLS),
    one("anonymous.plain", "no policy, no certificate", "sent", TLS, manner="anonymous"),
    one("may-burst.plain", "no policy, many at once", "sent", TLS, via="burst",
        people=tuple("u%d" % i for i in range(BURST))),
    one("clear.plain", "no policy, no TLS", "sent", NO_TLS, starttls=False),
    one("clear-burst.plain", "no TLS, many at once", "sent", NO_TLS, starttls=False,
        via="burst", people=tuple("u%d" % i for i in range(BURST))),
    one("testing.plain", "MTA-STS testing, an unknown CA", "sent", TLS, sts=Sts(mode="testing")),
    one("testing-clear.plain", "MTA-STS testing, no TLS", "sent", NO_TLS,
        sts=Sts(mode="testing"), starttls=False),
    one("unusable.lab", "TLSA records, none usable", "sent", TLS, UNUSABLE),
    one("half.plain", "unsigned MX records, a host with TLSA", "sent", TLS,
        text=mx("mx1.rep-ee.lab.")),
    one("encrypt.plain", "encrypt by this side's own policy", "sent", TLS, own="encrypt"),
    two("second.lab", "the first host's TLSA is wrong, the second one's right", DANE,
        (GOOD, "good"), ("<mx2 leaf 3 1 1>", "good")),
    two("second.plain", "the handshake with the first host fails, MTA-STS", STS,
        (None, "alert"), (None, "good"), Sts(mx=("*.@",))),
    one("quoted.lab", "a quoted local part", "sent", DANE, EE, people=('"john smith, (x)>"',)),
    one("b\u00fccher.plain", "SMTPUTF8", "sent", TLS, manner="utf8",
        people=("j\u00f6rg",)),
]

BLOCKED = [
    one("stripped.lab", "DANE, no STARTTLS", "blocked", (DANE, "7.321 starttls-not-supported"),
        GOOD, starttls=False),
    one("refused.lab", "DANE, STARTTLS is refused", "blocked",
        (DANE, "7.321 starttls-not-supported"), EE, manner="refuse"),
    one("wrong.lab", "DANE, no record matches", "blocked", (DANE, "7.323 tlsa-invalid"), GOOD,
        people=("user", '"john smith, (x)>"', "=1+1")),
    one("wrong-null.lab", "DANE, no record matches, the null sender", "blocked",
        (DANE, "7.323 tlsa-invalid"), GOOD, sender=""),
    one("named.lab", "DANE, by a transport with a name of its own in the log", "blocked",
        (DANE, "7.323 tlsa-invalid"), GOOD, via="named"),
    one("ta-expired.lab", "DANE-TA, expired", "blocked", (DANE, "7.322 certificate-expired"),
        TA, Chain(leaf="expired")),
    one("ta-name.lab", "DANE-TA, another name", "blocked",
        (DANE, "7.325 certificate-host-mismatch"), TA, Chain(names=("www.<zone>",))),
    one("ta-gap.lab", "DANE-TA, no way to the anchor", "blocked", (DANE, "7.323 tlsa-invalid"),
        TA, Chain(sent=("leaf", "root"))),
    one("alert.lab", "DANE, the handshake fails", "blocked",
        (DANE, "7.323 tls-handshake-failure"), EE, manner="alert"),
    one("unusable-clear.lab", "TLSA records, none usable, no STARTTLS", "blocked",
        (DANE, "7.323 tlsa-invalid"), UNUSABLE, starttls=False),
    one("crowd.lab", "DANE, so many that the domain is given up for a while", "blocked",
        (DANE, "7.323 tlsa-invalid"), GOOD, messages=CROWD),
    one("need-dnssec.plain", "dane-only of our own, nothing signed", "blocked",
        (DANE, "7.324 dane-required"), own="dane-only"),
    one("need-tlsa.lab", "dane-only of our own, no TLSA", "blocked",
        (DANE, "7.323 dane-required"), own="dane-only"),
    one("need-usable.lab", "dane-only of our own, no usable TLSA", "blocked",
        (DANE, "7.323 tlsa-invalid"), UNUSABLE, own="dane-only"),
    one("need-mx.plain", "dane-only of our own, unsigned MX", "blocked",
        (DANE, "7.324 dane-required"), text=mx("mx1.rep-ee.lab."), own="dane-only"),
    one("own-bogus.lab", "dane of our own, TLSA bogus", "blocked",
        (DANE, "4.312 dns-query-failed"), EE, own="dane",
        faults=(("_25._tcp.mx1", "TLSA", "wrong"),)),
    behind("own-broken.lab", "dane of our own, the TLSA lookup fails", "blocked",
           (DANE, "4.312 dns-query-failed"), own="dane"),
    one("waived.lab", "DANE, no record matches, TLS-Required: no", "blocked",
        (DANE, "7.323 tlsa-invalid"), GOOD, header="TLS-Required: no",
        newer=("sent", TLS, "")),
    one("sts-stripped.plain", "MTA-STS, no STARTTLS", "blocked",
        (STS, "7.321 starttls-not-supported"), sts=Sts(), starttls=False),
    one("sts-refused.plain", "MTA-STS, STARTTLS is refused", "blocked",
        (STS, "7.321 starttls-not-supported"), chain=PUBLIC, sts=Sts(), manner="refuse"),
    one("sts-alert.plain", "MTA-STS, the handshake fails", "blocked",
        (STS, "7.323 tls-handshake-failure"), chain=PUBLIC, sts=Sts(), manner="alert"),
    one("sts-untrusted.plain", "MTA-STS, an unknown CA", "blocked",
        (STS, "7.5 sts-cert-untrusted"), sts=Sts()),
    one("sts-expired.plain", "MTA-STS, expired", "blocked", (STS, "7.5 sts-cert-expired"),
        chain=Chain(leaf="expired", root="trusted"), sts=Sts()),
    one("sts-name.plain", "MTA-STS, another name", "blocked",
        (STS, "7.5 sts-cert-host-mismatch"),
        chain=Chain(names=("www.<zone>",), root="trusted"), sts=Sts()),
    one("sts-outside.plain", "MTA-STS, the MX is not in the policy", "blocked",
        (STS, "4.8 sts-mx-not-in-policy"), chain=PUBLIC, sts=Sts(mx=("mx.elsewhere.plain",))),
    one("both-wrong.lab", "DANE does not match, MTA-STS would be content", "blocked",
        (DANE, "7.323 tlsa-invalid"), GOOD, chain=PUBLIC, sts=Sts()),
    one("filtered.lab", "DANE, no STARTTLS, bounced by a status filter", "blocked",
        (DANE, "7.321 starttls-not-supported"), GOOD, starttls=False),
    one("later.lab", "DANE, no STARTTLS at first", "blocked",
        (DANE, "7.321 starttls-not-supported"), EE, manner="refuse"),
    one("again.lab", "DANE, no STARTTLS, put into the queue anew", "blocked",
        (DANE, "7.321 starttls-not-supported"), GOOD, starttls=False),
]

REST = [
    one("tlsa-bogus.lab", "forged TLSA records", "temp", (DANE, "7.324 dnssec-invalid"), EE,
        faults=(("_25._tcp.mx1", "TLSA", "wrong"),)),
    behind("tlsa-broken.lab", "the lookup of TLSA records fails", "temp",
           (DANE, "4.312 dns-query-failed")),
    one("mx-bogus.lab", "MX records with an expired signature", "other",
        (DANE, "7.324 dnssec-invalid"), EE, faults=(("@", "MX", "expired"),)),
    one("own-encrypt.plain", "encrypt of our own, no STARTTLS", "policy", starttls=False,
        own="encrypt"),
    one("own-nonsense.plain", "a policy of our own that is none", "local", own="nonsense"),
    one("may-alert.plain", "no policy, the handshake fails", "open",
        ("", "7.323 tls-handshake-failure"), manner="alert"),
    one("quote.plain", "a server that says what Postfix says", "other", manner="quote"),
    one("greet.plain", "and one that says it at once", "other", manner="greet"),
    one("null.lab", "null MX", "other", text="@ MX 0 ."),
    one("hop.plain", "a content filter on this host", "hidden", via="smtp:[127.0.0.1]:10025"),
    one("socket.plain", "a content filter behind a socket", "hidden", via="lmtp:unix:%s"),
    one("discard.plain", "mail that is thrown away", "hidden", via="discard:"),
]
GONE = one("gone.plain", "danestsd has gone", "local")

SCENES = SENT + BLOCKED + REST
ROWS = [s.row for s in SCENES + [GONE]] + [
    Row(PREFIX + "broken.lab", "", None, "", "its name server fails", served="servfail")]


def scenes(version, *names):
    """Some of them, or all, as they are with this Postfix; by what stands behind the prefix."""
    return [replace(s, **dict(zip(("kind", "type", "error"), s.newer)))
            if version >= NEWER else s
            for s in SCENES if not names or s.domain.removeprefix(PREFIX) in names]
