# SPDX-License-Identifier: BSD-2-Clause
"""What a row of check_rows.py is made of."""

import itertools
from dataclasses import dataclass

from row import Chain, Mail, Row, host, lines, mx

UNUSABLE = "1 1 1 " + "22" * 32
EE, TA = "<mx1 leaf 3 1 1>", "<mx1 root 2 0 1>"
PUBLIC = Chain(root="trusted", sent=("leaf", "middle"))   # what MTA-STS wants
PREFIX = "check-"            # other parts have domains, too
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
    token: str = ""      # HELD: why, as in danests(7); several: of one host each
    partly: str = ""     # not HELD, but this is wrong with some host, or with the policy
    code: int = None     # BOUNCED: exit code of danests check
    says: str = ""       # words of a finding, in any case
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
        starttls=True, partly="", says="", faults=()):
    """A domain with one mail server."""
    address = next(_addresses)
    row = Row(PREFIX + zone, lines(mx("mx1"), host("mx1", tlsa, address)), None, "", story, sts=sts,
              mail=(Mail("mx1", address, chain, starttls, manner=manner),), faults=faults)
    judged = starttls and manner in ("good", "inject", "codes") and not faults
    return Case(row, story, ends, token, partly, says=says, judged="mx1" if judged else "")


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
