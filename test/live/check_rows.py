# SPDX-License-Identifier: BSD-2-Clause
"""Situations in which the real Postfix and danests have to say the same of a domain: what
it publishes, what its mail servers do, and what a sender has to make of it."""

import itertools
from dataclasses import dataclass

from row import GOOD, Chain, Mail, Row, Sts, host, lines, mx

UNUSABLE = "1 1 1 " + "22" * 32
EE, TA = "<mx1 leaf 3 1 1>", "<mx1 root 2 0 1>"
PUBLIC = Chain(root="trusted", sent=("leaf", "middle"))   # what MTA-STS wants
PREFIX = "check-"             # other parts have domains, too
DEAD = "10.53.7.250"         # nobody listens there
_addresses = ("10.53.7.%d" % n for n in itertools.count(1))

# How it ends with Postfix: the level word of its TLS session, "clear", "held" or "bounced".
VERIFIED, TRUSTED, UNTRUSTED, CLEAR = "Verified", "Trusted", "Untrusted", "clear"
HELD, BOUNCED = "held", "bounced"


@dataclass
class Case:
    row: Row
    story: str
    ends: str
    token: str = ""      # HELD: why, as in danests(7)
    partly: str = ""     # not HELD, but this is wrong with some host, or with the policy
    to: str = "@"        # the nexthop; "@" stands for the domain
    judged: str = "mx1"  # the server whose chain 'danests verify' is shown; "": none is
    host: str = ""       # its name as an MX, where that is an alias

    @property
    def domain(self):
        return self.row.zone

    @property
    def nexthop(self):
        return self.to.replace("@", self.domain)

    @property
    def mail(self):
        """The judged one, of the row."""
        return next(m for m in self.row.mail if m.name == self.judged)

    @property
    def server(self):
        """Full name of the judged one."""
        return self.domain if self.judged == "@" else "%s.%s" % (self.judged, self.domain)


def one(zone, story, ends, token="", tlsa=None, chain=Chain(), sts=None, manner="good",
        starttls=True, partly="", faults=()):
    """A domain with one mail server."""
    address = next(_addresses)
    row = Row(PREFIX + zone, lines(mx("mx1"), host("mx1", tlsa, address)), None, "", story, sts=sts,
              mail=(Mail("mx1", address, chain, starttls, manner=manner),), faults=faults)
    judged = starttls and manner == "good" and not faults
    return Case(row, story, ends, token, partly, judged="mx1" if judged else "")


def many(zone, story, ends, hosts, token="", partly="", judged="mx1", sts=None, faults=()):
    """hosts: (TLSA or None, Chain, or None for a host where nobody listens)"""
    text, mail = [mx(*("mx%d" % (i + 1) for i in range(len(hosts))))], []
    for i, (tlsa, chain) in enumerate(hosts):
        name = "mx%d" % (i + 1)
        address = next(_addresses) if chain else DEAD
        text.append(host(name, tlsa, address))
        if chain:
            mail.append(Mail(name, address, chain))
    return Case(Row(PREFIX + zone, lines(*text), None, "", story, sts=sts, mail=tuple(mail),
                    faults=faults), story, ends, token, partly, judged=judged)


def by_hand(zone, story, ends, text, mail=(), **how):
    """mail: (name, address, Chain, port[, manner])"""
    options = {k: how.pop(k) for k in ("sts", "served", "faults") if k in how}
    servers = tuple(Mail(name, address, chain, True, *more)
                    for name, address, chain, *more in mail)
    row = Row(PREFIX + zone, text, None, "", story, mail=servers, **options)
    return Case(row, story, ends, **how)


LEAF_ONLY = ("leaf",)
NO_ROOT = ("leaf", "middle")

DANE_EE = [
    one("ee-right.lab", "DANE-EE, the certificate matches", VERIFIED, tlsa=EE),
    one("ee-wrong.lab", "DANE-EE, it does not", HELD, "tlsa-invalid", tlsa=GOOD),
    one("ee-expired.lab", "DANE-EE ignores dates: expired", VERIFIED, tlsa=EE,
        chain=Chain(leaf="expired")),
    one("ee-future.lab", "DANE-EE ignores dates: not yet valid", VERIFIED, tlsa=EE,
        chain=Chain(leaf="future")),
    one("ee-name.lab", "DANE-EE ignores names", VERIFIED, tlsa=EE,
        chain=Chain(names=("www.<zone>",), cn="www.<zone>")),
    one("ee-alone.lab", "DANE-EE of a whole certificate, sent alone", VERIFIED,
        tlsa="<mx1 leaf 3 0 2>", chain=Chain(sent=LEAF_ONLY)),
    one("ee-full.lab", "DANE-EE with the whole key in the record", VERIFIED,
        tlsa="<mx1 leaf 3 1 0>"),
    one("ee-long.lab", "DANE-EE, 41 certificates are sent", VERIFIED, tlsa=EE,
        chain=Chain(sent=("leaf",) + ("middle", "root") * 20)),
    one("ee-100.lab", "DANE-EE, one of 100 records, as many as Postfix takes", VERIFIED,
        tlsa=tuple("3 1 1 %064x" % n for n in range(99)) + (EE,)),
    one("ee-client.lab", "DANE-EE, a certificate for clients", VERIFIED, tlsa=EE,
        chain=Chain(use="client")),
    one("ee-next.lab", "DANE-EE, the record of the next key beside it", VERIFIED, tlsa=(GOOD, EE)),
    one("ee-rsa.lab", "DANE-EE, an RSA key", VERIFIED, tlsa=EE, chain=Chain(key="rsa")),
    one("ee-ed25519.lab", "DANE-EE, an Ed25519 key", VERIFIED, tlsa=EE,
        chain=Chain(key="ed25519")),
    one("agile-weak.lab", "the strongest digest is wrong, a weaker one right", HELD,
        "tlsa-invalid", tlsa=("3 1 2 " + "44" * 64, EE)),
    one("agile-strong.lab", "the strongest digest is right, a weaker one wrong", VERIFIED,
        tlsa=("<mx1 leaf 3 1 2>", GOOD)),
    one("agile-full.lab", "a whole key counts beside any digest", VERIFIED,
        tlsa=("3 1 2 " + "44" * 64, "<mx1 leaf 3 1 0>")),
    one("mixed-usage.lab", "DANE-EE does not match, DANE-TA does", VERIFIED, tlsa=(GOOD, TA)),
]

DANE_TA = [
    one("ta-right.lab", "DANE-TA, the root is sent", VERIFIED, tlsa=TA),
    one("ta-key.lab", "DANE-TA by the key of the root", VERIFIED, tlsa="<mx1 root 2 1 1>"),
    one("ta-middle.lab", "DANE-TA of the intermediate", VERIFIED, tlsa="<mx1 middle 2 0 1>",
        chain=Chain(sent=NO_ROOT)),
    one("ta-wild.lab", "DANE-TA, a wildcard certificate", VERIFIED, tlsa=TA,
        chain=Chain(names=("*.<zone>",))),
    one("ta-cn.lab", "DANE-TA, the name in the CN only", VERIFIED, tlsa=TA, chain=Chain(names=())),
    one("ta-nexthop.lab", "DANE-TA, the domain's name instead of the host's", VERIFIED, tlsa=TA,
        chain=Chain(names=("<zone>",))),
    one("ta-order.lab", "DANE-TA, the chain is out of order", VERIFIED, tlsa=TA,
        chain=Chain(sent=("leaf", "root", "middle"))),
    one("ta-below.lab", "DANE-TA, the root vouches for names such as this", VERIFIED, tlsa=TA,
        chain=Chain(below="check-ta-below.lab")),
    one("ta-name.lab", "DANE-TA, another name", HELD, "certificate-host-mismatch", tlsa=TA,
        chain=Chain(names=("www.<zone>",))),
    one("ta-expired.lab", "DANE-TA, the certificate has expired", HELD, "certificate-expired",
        tlsa=TA, chain=Chain(leaf="expired")),
    one("ta-future.lab", "DANE-TA, the certificate is not valid yet", HELD, "tlsa-invalid",
        tlsa=TA, chain=Chain(leaf="future")),
    one("ta-rootold.lab", "DANE-TA, the root has expired", HELD, "certificate-expired", tlsa=TA,
        chain=Chain(root="expired")),
    one("ta-middleold.lab", "DANE-TA, an intermediate anchor has expired", HELD,
        "certificate-expired", tlsa="<mx1 middle 2 0 1>", chain=Chain(middle="expired")),
    one("ta-unsent200.lab", "DANE-TA 2 0 0, the root is not sent", VERIFIED,
        tlsa="<mx1 root 2 0 0>", chain=Chain(sent=NO_ROOT)),
    one("ta-unsent210.lab", "DANE-TA 2 1 0, the root is not sent", VERIFIED,
        tlsa="<mx1 root 2 1 0>", chain=Chain(sent=NO_ROOT)),
    one("ta-unsent201.lab", "DANE-TA 2 0 1, the root is not sent", HELD, "tlsa-invalid",
        tlsa=TA, chain=Chain(sent=NO_ROOT)),
    one("ta-gap.lab", "DANE-TA, the intermediate is not sent", HELD, "tlsa-invalid", tlsa=TA,
        chain=Chain(sent=("leaf", "root"))),
    one("ta-partwild.lab", "DANE-TA, a wildcard within a label", HELD,
        "certificate-host-mismatch", tlsa=TA, chain=Chain(names=("mx*.<zone>",), cn="mx")),
    one("ta-twolabels.lab", "DANE-TA, a wildcard two labels above", HELD,
        "certificate-host-mismatch", tlsa=TA, chain=Chain(names=("*.lab",), cn="mx")),
    one("ta-client.lab", "DANE-TA, a certificate for clients", HELD, "tlsa-invalid", tlsa=TA,
        chain=Chain(use="client")),
    one("ta-noca.lab", "DANE-TA, the intermediate is no authority", HELD, "tlsa-invalid", tlsa=TA,
        chain=Chain(ca=False)),
    one("ta-length.lab", "DANE-TA, the root allows no intermediate", HELD, "tlsa-invalid",
        tlsa=TA, chain=Chain(length=0)),
    one("ta-outside.lab", "DANE-TA, the root does not vouch for such names", HELD,
        "tlsa-invalid", tlsa=TA, chain=Chain(below="elsewhere.lab")),
    one("ta-appended.lab", "DANE-TA, the right root behind a chain of another", HELD,
        "tlsa-invalid", tlsa="<mx1 other 2 0 1>", chain=Chain(sent=("leaf", "middle", "other"))),
    one("ta-leaf.lab", "DANE-TA of the server's own certificate", HELD, "tlsa-invalid",
        tlsa="<mx1 leaf 2 0 1>"),
]

TLS = [
    one("unusable.lab", "no TLSA record can be used", UNTRUSTED, tlsa=UNUSABLE,
        partly="tlsa-invalid"),
    one("unusable-clear.lab", "no TLSA record can be used, no STARTTLS", HELD,
        "tlsa-invalid", tlsa=UNUSABLE, starttls=False),
    one("stripped.lab", "DANE, no STARTTLS", HELD, "starttls-not-supported", tlsa=GOOD,
        starttls=False),
    one("refused.lab", "DANE, STARTTLS is refused", HELD, "starttls-not-supported", tlsa=EE,
        manner="refuse"),
    one("alert.lab", "DANE, the handshake ends in an alert", HELD, "tls-handshake-failure",
        tlsa=EE, manner="alert"),
    one("injected.lab", "DANE, text behind the reply to STARTTLS", HELD,
        "starttls-not-supported", tlsa=EE, manner="inject"),
    one("oldtls.lab", "DANE, TLS 1.1 at most", HELD, "tls-handshake-failure", tlsa=EE,
        chain=Chain(key="rsa"), manner="old-tls"),
    one("sts-stripped.plain", "MTA-STS, no STARTTLS", HELD, "starttls-not-supported", sts=Sts(),
        starttls=False),
    one("sts-refused.plain", "MTA-STS, STARTTLS is refused", HELD, "starttls-not-supported",
        chain=PUBLIC, sts=Sts(), manner="refuse"),
    one("sts-alert.plain", "MTA-STS, the handshake ends in an alert", HELD,
        "tls-handshake-failure", chain=PUBLIC, sts=Sts(), manner="alert"),
    one("open.plain", "nothing is published, any certificate", UNTRUSTED,
        chain=Chain(leaf="expired")),
    one("clear.plain", "nothing is published, no STARTTLS", CLEAR, starttls=False),
]

DNS = [
    one("tlsa-bogus.lab", "forged TLSA records", HELD, "dnssec-invalid", tlsa=EE,
        faults=(("_25._tcp.mx1", "TLSA", "wrong"),)),
    one("mx-bogus.lab", "MX records with an expired signature", HELD, "dnssec-invalid", tlsa=EE,
        faults=(("@", "MX", "expired"),)),
    by_hand("servfail.lab", "the name server fails", HELD, lines(mx("mx1"), host("mx1")),
            token="dns-query-failed", judged="", served="servfail"),
    by_hand("null.lab", "null MX", BOUNCED, "@ MX 0 .", judged=""),
    by_hand("nothing.lab", "the domain does not exist", BOUNCED, "", judged="",
            to="no-such-name.@"),
    by_hand("implicit.lab", "no MX: the domain is the server", VERIFIED,
            host("@", "<@ leaf 3 1 1>", "10.53.7.251"),
            (("@", "10.53.7.251", Chain(), 25),), judged="@"),
    by_hand("v6.lab", "a server on IPv6 only", VERIFIED,
            lines(mx("mx1"), host("mx1", EE, None, "fd53::2:1")),
            (("mx1", "fd53::2:1", Chain(), 25),)),
    by_hand("port.lab", "a host in brackets and a port", VERIFIED, lines(
        host("mx1", EE, "10.53.7.252", port=587), "_25._tcp.mx1 TLSA " + GOOD),
        (("mx1", "10.53.7.252", Chain(), 587),), to="[mx1.@]:587"),
    by_hand("alias.lab", "the MX host is an alias: names of its target", VERIFIED, lines(
        mx("mx1"), "mx1 CNAME real", host("real", "<real root 2 0 1>", "10.53.7.253")),
        (("real", "10.53.7.253", Chain(), 25),), judged="real", host="mx1.check-alias.lab"),
    by_hand("nexthop.lab", "the domain is an alias: DANE-TA by its target's name", VERIFIED, lines(
        "in CNAME @", mx("mx1"), host("mx1", TA, "10.53.7.249")),
        (("mx1", "10.53.7.249", Chain(names=("<zone>",)), 25),), to="in.@"),
    by_hand("tlsaalias.lab", "the TLSA records are behind an alias", VERIFIED, lines(
        mx("mx1"), "mx1 A 10.53.7.248", "_25._tcp.mx1 CNAME _dane", "_dane TLSA " + EE),
        (("mx1", "10.53.7.248", Chain(), 25),), judged=""),
    by_hand("unreachable.lab", "the zone of the first host fails", VERIFIED, lines(
        mx("mx1.check-servfail.lab.", "mx1"), host("mx1", EE, "10.53.7.247")),
        (("mx1", "10.53.7.247", Chain(), 25),), partly="dns-query-failed"),
    by_hand("half.plain", "unsigned MX records, a host with TLSA that matches", TRUSTED,
            mx("mx1.check-ee-right.lab."), judged=""),
    by_hand("half-wrong.plain", "unsigned MX records, a host with TLSA that does not", HELD,
            mx("mx1.check-ee-wrong.lab."), judged="", token="tlsa-invalid"),
    by_hand("two-faces.lab", "a right certificate at one address, a wrong one at the other",
            VERIFIED, lines(mx("mx1"), host("mx1", EE, "10.53.7.246"), "mx1 A 10.53.7.245"),
            (("mx1", "10.53.7.246", Chain(), 25), ("other", "10.53.7.245", Chain(), 25,
                                                   "stubborn")),
            partly="tlsa-invalid"),
    by_hand("dead-address.lab", "nobody listens at one of two addresses", VERIFIED, lines(
        mx("mx1"), host("mx1", EE, "10.53.7.254"), "mx1 A " + DEAD),
        (("mx1", "10.53.7.254", Chain(), 25),)),
]

MANY = [
    many("second.lab", "the first host's TLSA is wrong, the second one's right", VERIFIED,
         ((GOOD, Chain()), ("<mx2 leaf 3 1 1>", Chain())), partly="tlsa-invalid", judged="mx2"),
    many("second-bogus.lab", "the first host's TLSA is bogus, the second one's right", VERIFIED,
         ((EE, Chain()), ("<mx2 leaf 3 1 1>", Chain())), partly="dnssec-invalid", judged="mx2",
         faults=(("_25._tcp.mx1", "TLSA", "wrong"),)),
    many("neither.lab", "no host's certificate matches", HELD,
         ((GOOD, Chain()), (GOOD, Chain())), "tlsa-invalid"),
    many("backup.lab", "a backup host without TLSA", VERIFIED, ((EE, Chain()), (None, Chain()))),
    many("backup-wrong.lab", "a backup host without TLSA, the first host's is wrong", UNTRUSTED,
         ((GOOD, Chain()), (None, Chain())), partly="tlsa-invalid"),
    many("dead-host.lab", "nobody listens at the first host", VERIFIED,
         ((GOOD, None), ("<mx2 leaf 3 1 1>", Chain())), judged="mx2"),
    many("eight.lab", "eight hosts", VERIFIED,
         tuple(("<mx%d leaf 3 1 1>" % i, Chain()) for i in range(1, 9))),
    many("mixed.lab", "MTA-STS, one host with TLSA where nobody listens, one without", HELD,
         ((GOOD, None), (None, PUBLIC)), "dane-required", judged="", sts=Sts(mx=("*.@",))),
]

STS = [
    one("sts-right.plain", "MTA-STS, all is well", VERIFIED, chain=PUBLIC, sts=Sts()),
    one("sts-wild.plain", "MTA-STS, a wildcard in the policy", VERIFIED, chain=PUBLIC,
        sts=Sts(mx=("*.@",))),
    one("sts-untrusted.plain", "MTA-STS, an unknown CA", HELD, "sts-cert-untrusted", sts=Sts()),
    one("sts-expired.plain", "MTA-STS, the certificate has expired", HELD, "sts-cert-expired",
        chain=Chain(leaf="expired", root="trusted"), sts=Sts()),
    one("sts-name.plain", "MTA-STS, another name", HELD, "sts-cert-host-mismatch",
        chain=Chain(names=("www.<zone>",), root="trusted"), sts=Sts()),
    one("sts-client.plain", "MTA-STS, a certificate for clients", HELD, "sts-cert-untrusted",
        chain=Chain(use="client", root="trusted"), sts=Sts()),
    one("sts-wildcert.plain", "MTA-STS, a wildcard certificate", VERIFIED,
        chain=Chain(names=("*.<zone>",), root="trusted"), sts=Sts()),
    one("sts-gap.plain", "MTA-STS, the intermediate is not sent", HELD, "sts-cert-untrusted",
        chain=Chain(root="trusted", sent=LEAF_ONLY), sts=Sts()),
    one("sts-cn.plain", "MTA-STS, the name in the CN only", HELD, "sts-cert-host-mismatch",
        chain=Chain(names=(), root="trusted"), sts=Sts()),
    one("sts-outside.plain", "MTA-STS, the MX is not in the policy", HELD,
        "sts-mx-not-in-policy", chain=PUBLIC, sts=Sts(mx=("mx.elsewhere.plain",))),
    many("sts-second.plain", "MTA-STS, the second MX only is in the policy", VERIFIED,
         ((None, PUBLIC), (None, PUBLIC)), judged="mx2", partly="sts-mx-not-in-policy",
         sts=Sts(mx=("mx2.@",))),
    many("sts-backup.plain", "MTA-STS, an unknown CA, and a second host that is good", VERIFIED,
         ((None, Chain()), (None, PUBLIC)), judged="mx2", partly="sts-cert-untrusted",
         sts=Sts(mx=("*.@",))),
    one("sts-testing.plain", "MTA-STS testing, an unknown CA", UNTRUSTED,
        partly="sts-cert-untrusted", sts=Sts(mode="testing")),
    one("sts-testing-clear.plain", "MTA-STS testing, no STARTTLS", CLEAR,
        partly="starttls-not-supported", sts=Sts(mode="testing"), starttls=False),
    one("sts-none.plain", "MTA-STS none, an unknown CA", UNTRUSTED, sts=Sts(mode="none")),
    one("sts-404.plain", "a TXT record, but no policy", TRUSTED, chain=PUBLIC,
        partly="sts-policy-fetch-error", sts=Sts(how="404")),
    one("sts-broken.plain", "a policy that is none", TRUSTED, chain=PUBLIC,
        partly="sts-policy-invalid", sts=Sts(body="version: STSv1\nmode: enforce\n")),
    one("sts-webpki.plain", "a policy host with an expired certificate", TRUSTED, chain=PUBLIC,
        partly="sts-webpki-invalid", sts=Sts(cert="expired")),
    one("both.lab", "DANE matches, MTA-STS would not trust it", VERIFIED, tlsa=EE,
        partly="sts-cert-untrusted", sts=Sts()),
    one("both-wrong.lab", "DANE does not match, MTA-STS would be content", HELD, "tlsa-invalid",
        tlsa=GOOD, chain=PUBLIC, sts=Sts()),
    one("both-unusable.lab", "unusable TLSA records, MTA-STS is content", VERIFIED, tlsa=UNUSABLE,
        chain=PUBLIC, partly="tlsa-invalid", sts=Sts()),
    one("both-untrusted.lab", "unusable TLSA records, MTA-STS is not", HELD,
        "sts-cert-untrusted", tlsa=UNUSABLE, sts=Sts()),
]


CASES = DANE_EE + DANE_TA + TLS + DNS + MANY + STS
ROWS = [c.row for c in CASES]

# Where Postfix 3.7 ends differently, and ought to: (how, by which token, why).
DIFFERENCES = {
    "check-ta-middleold.lab": (VERIFIED, "", "rules.md 5.12: OpenSSL does not look at the dates"
                               " of an anchor that is no root"),
    "check-injected.lab": (VERIFIED, "", "CVE-2011-0411: Postfix throws away what came too early,"
                           " danests check does not go on with such a server"),
    "check-sts-cn.plain": (VERIFIED, "", "S18 wants a DNS-ID; Postfix takes a CN where there is"
                           " none"),
}
