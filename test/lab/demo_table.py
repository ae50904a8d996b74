# SPDX-License-Identifier: BSD-2-Clause
"""The demo's domains: what each publishes, and what the RFCs ask of a sender."""

from dataclasses import dataclass

from row import GOOD, Mail, Row, Sts, host, lines, mx

OWN = "3 1 1 <spki mx1>"   # TLSA for the server's real key


@dataclass
class Scene:
    row: Row
    story: str
    asks: str          # what the RFCs ask of a sender
    ends: str          # Verified, Untrusted, clear or held
    why: str = ""      # held: a regular expression that Postfix's reason has to match
    told: str = ""     # what dane-report says protected it: a key of demo_report.DELIVERED


def _scene(number, zone, story, tlsa, policy, cert, asks, ends, why="", expect="NOTFOUND",
           starttls=True, told="", **how):
    address = "10.53.2.%d" % number
    text = lines(mx("mx1"), host("mx1", tlsa=tlsa, a=address))
    row = Row(zone, text, expect, "", story, sts=policy,
              mail=(Mail("mx1", address, cert, starttls),), **how)
    if not told:
        told = "dane" if tlsa else "sts" if policy else "tls"
    return Scene(row, story, asks, ends, why, told)


def _list(*scenes):
    return [_scene(11 + i, *args, **named) for i, (args, named) in enumerate(scenes)]


def _s(*args, **named):
    return args, named


UNVERIFIED = r"Server certificate not (verified|trusted)"

SCENES = _list(
    _s("dane-right.lab", "DANE, the certificate matches", OWN, None, "untrusted",
       "RFC 7672 2.2: authenticate by TLSA, then deliver", "Verified", expect="dane-only"),
    _s("dane-wrong.lab", "DANE, the certificate matches no TLSA", GOOD, None, "good",
       "RFC 7672 2.2: no delivery; hold", "held", UNVERIFIED, expect="dane-only"),
    _s("dane-bogus.lab", "DANE, forged TLSA records", OWN, None, "good",
       "RFC 7672 2.1.2: a bogus answer is a failure; hold", "held",
       "client TLS configuration problem", expect="TEMP TLSA bogus",
       faults=(("_25._tcp.mx1", "TLSA", "wrong"),)),
    _s("dane-stripped.lab", "DANE, STARTTLS is missing", GOOD, None, "good",
       "RFC 7672 2.2: never in the clear; hold", "held", "TLS is required, but was not offered",
       expect="dane-only", starttls=False),
    _s("dane-unusable.lab", "TLSA published, none usable", "1 1 1 " + "22" * 32, None, "untrusted",
       "RFC 7672 2.2: TLS without authentication", "Untrusted", expect="dane", told="tls"),
    _s("sts-right.plain", "MTA-STS enforce, all is well", None, Sts(), "good",
       "RFC 8461 4.2: PKIX certificate for the MX name", "Verified",
       expect="secure mx1.sts-right.plain"),
    _s("sts-untrusted.plain", "MTA-STS, certificate of an unknown CA", None, Sts(), "untrusted",
       "RFC 8461 5: no delivery; hold", "held", UNVERIFIED,
       expect="secure mx1.sts-untrusted.plain"),
    _s("sts-expired.plain", "MTA-STS, the certificate has expired", None, Sts(), "expired",
       "RFC 8461 5: no delivery; hold", "held", UNVERIFIED,
       expect="secure mx1.sts-expired.plain"),
    _s("sts-outside.plain", "MTA-STS, the MX is not in the policy", None,
       Sts(mx=("mx.elsewhere.plain",)), "good",
       "RFC 8461 4.1: no delivery to that host; hold", "held", UNVERIFIED,
       expect="secure mx.elsewhere.plain"),
    _s("sts-stripped.plain", "MTA-STS, STARTTLS is missing", None, Sts(), "good",
       "RFC 8461 5: never in the clear; hold", "held", "TLS is required, but was not offered",
       expect="secure mx1.sts-stripped.plain", starttls=False),
    _s("sts-testing.plain", "MTA-STS testing, certificate of an unknown CA", None,
       Sts(mode="testing"), "untrusted", "RFC 8461 5: deliver all the same", "Untrusted",
       told="tls"),
    _s("both.lab", "DANE and MTA-STS", OWN, Sts(), "untrusted",
       "RFC 8461 2: MTA-STS does not override DANE", "Verified", expect="dane-only",
       told="both"),
    _s("opportunistic.plain", "no policy, TLS offered", None, None, "untrusted",
       "RFC 7672 2.2: opportunistic TLS", "Untrusted"),
    _s("notls.plain", "no policy, no TLS", None, None, "good",
       "RFC 7672 2.2: the clear is allowed", "clear", starttls=False, told="clear"),
)
ROWS = [s.row for s in SCENES]
