# SPDX-License-Identifier: BSD-2-Clause
"""What a row of the world's table is made of. The table itself is table.py."""

import re
from dataclasses import dataclass, field

WEB_ADDRESS, WEB_ADDRESS6 = "10.53.4.1", "fd53::4:1"
BAD_WEB_ADDRESS = "10.53.5.1"
GLOBAL_WEB_ADDRESS = "1.53.53.53"   # looks public; exists on the closed world's loopback only
# What the unfriendly policy host can do to a visitor (badweb.py).
BAD_WEB = ("drip", "oversize", "endless", "cut", "hang", "old-tls", "headers", "close", "slow",
           "moody")
# DANE-EE, SHA-256 of the key: usable, whatever it may match.
GOOD = "3 1 1 " + "8755cd" + "1f" * 29


def host(name, tlsa=GOOD, a="10.53.2.1", aaaa=None, port=25):
    """Records of one mail host."""
    out = []
    if a:
        out.append("%s A %s" % (name, a))
    if aaaa:
        out.append("%s AAAA %s" % (name, aaaa))
    for record in [tlsa] if isinstance(tlsa, str) else tlsa or ():
        owner = "_%d._tcp" % port if name == "@" else "_%d._tcp.%s" % (port, name)
        out.append("%s TLSA %s" % (owner, record))
    return "\n".join(out)


def mx(*names):
    return "\n".join("@ MX %d %s" % (10 * (i + 1), n) for i, n in enumerate(names))


def lines(*parts):
    return "\n".join(parts)


ONE = lines(mx("mx1"), host("mx1"))                    # one host, usable TLSA
BARE = lines(mx("mx1"), host("mx1", tlsa=None))        # one host, no TLSA


@dataclass
class Sts:
    """An MTA-STS policy and how it is published. "@" stands for the domain."""

    mode: str = "enforce"
    mx: tuple = ("mx1.@",)
    max_age: str = "86400"
    body: str = None
    txt: tuple = ("v=STSv1; id=1;",)
    cert: str = "good"
    how: str = "good"
    where: str = None      # records of the policy host, instead of an address

    def policy(self, domain):
        text = self.body
        if text is None:
            text = "version: STSv1\r\nmode: %s\r\n%smax_age: %s\r\n" % (
                self.mode, "".join("mx: %s\r\n" % m for m in self.mx), self.max_age)
        return text.replace("@", domain)

    def records(self):
        address = BAD_WEB_ADDRESS if self.how in BAD_WEB else WEB_ADDRESS
        where = "mta-sts A " + address if self.where is None else self.where
        return lines(*('_mta-sts TXT %s' % (t if t[0] == '"' else '"%s"' % t)
                       for t in self.txt), where)


@dataclass
class Chain:
    """What a mail server shows (mailcerts.py): when each certificate is valid (good,
    expired, future), and which of them it sends. "@" stands for the host, <zone> for what
    is above it."""

    leaf: str = "good"
    middle: str = "good"
    root: str = "good"     # or trusted: the CA that the closed world trusts
    names: tuple = ("@",)  # DNS-IDs
    cn: str = None         # instead of the host's name
    key: str = "ecdsa"     # or rsa, ed25519
    use: str = "server"    # or client: what the leaf is for
    ca: bool = True        # the intermediate may sign certificates
    length: int = 1        # how many intermediates the root allows
    below: str = None      # the only names that the root vouches for
    # also: other, a root of the same name with another key
    sent: tuple = ("leaf", "middle", "root")


@dataclass
class Mail:
    """A mail server (mailsink.py)."""

    name: str
    address: str
    cert: object = "good"  # a word of pki.py, or a Chain
    starttls: bool = True
    port: int = 25
    manner: str = "good"   # refuse, alert or old-tls: what STARTTLS ends in; inject: text
                           # behind its reply; codes: two in the reply to EHLO; stubborn:
                           # one certificate, whatever name is asked for; anonymous: none;
                           # utf8: SMTPUTF8; quote, greet: what mailsink.QUOTES says


@dataclass
class Row:
    """One zone, what is wrong with it, and what Postfix has to be told."""

    zone: str
    text: str
    expect: str            # for the zone's own name; see matches()
    rules: str
    claim: str
    more: tuple = ()       # (key, expect, rules, claim): further questions
    sts: Sts = None
    trust_ad: str = None   # expectation in trust-ad mode, where it differs
    faults: tuple = ()
    denial: str = None     # default: as the zone's TLD does it
    ds: str = "ok"
    served: str = "leaf"
    signed: bool = True
    mail: tuple = field(default_factory=tuple)

    def full_text(self):
        text = self.text + ("\n" + self.sts.records() if self.sts else "")
        return text.replace("<zone>", self.zone)

    def cases(self):
        """(key, expect, expect in trust-ad mode, rules, claim)"""
        if self.expect:
            yield (self.zone, self.expect, self.trust_ad or self.expect, self.rules, self.claim)
        for key, expect, rules, claim in self.more:
            key = key.replace("@", self.zone)
            yield (key, expect, expect, rules, claim)


def pattern(expect, key, mode):
    """The reply wanted, as a regular expression over all of it.

    dane-only, dane, NOTFOUND, "secure P[:P]", or "TEMP RECORD [bogus]": the reason
    names the domain and the record; "bogus" that DNSSEC said so, which only an
    own validator can know."""
    word = expect.split()
    if word[0] == "NOTFOUND":
        return r"NOTFOUND "
    if word[0] == "secure":
        return r"OK secure match=%s servername=hostname" % re.escape(word[1])
    if word[0] == "TEMP":
        record = {"ADDR": "(?:ADDR|AAAA|A|CNAME)"}.get(word[1], word[1])
        domain = re.escape(key.strip("[]").split("]")[0].split(":")[0])
        cause = r"DNSSEC bogus.*" if "bogus" in word and mode != "trust-ad" else r".+"
        return r"TEMP %s: %s [!-~]+: %s" % (domain, record, cause)
    return r"OK " + re.escape(expect)


def matches(expect, key, mode, reply):
    return (re.fullmatch(pattern(expect, key, mode), reply) is not None
            and (not reply.startswith("TEMP ") or len(reply) <= 5 + 200))
