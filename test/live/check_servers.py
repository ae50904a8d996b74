# SPDX-License-Identifier: BSD-2-Clause
"""danests check before mail servers with bad manners (badmail.py): it ends by itself, with
a finding that names the stage, and takes no more than it needs."""

import concurrent.futures

import check_look
from badmail import MANNERS, PATIENT, BadMail
from row import GOOD, Row, lines

ZONE = "check-bad.lab"
# How far it came, the exit code, and the token where a sender holds mail for it: the zone
# publishes DANE. Before STARTTLS a server may have been rude to us alone.
CONNECT, GREETING, EHLO = "connect", "greeting", "EHLO"
STARTTLS, TLS = "STARTTLS", "TLS handshake"
HELD, UNKNOWN = 1, 75
ENDS = {
    "nobody": (CONNECT, UNKNOWN), "deaf": (CONNECT, UNKNOWN),
    "mute": (GREETING, UNKNOWN), "tarpit": (GREETING, UNKNOWN), "close": (GREETING, UNKNOWN),
    "reset": (GREETING, UNKNOWN), "half-line": (GREETING, UNKNOWN), "lines": (GREETING, HELD),
    "line": (GREETING, HELD), "away": (GREETING, UNKNOWN), "ssh": (GREETING, HELD),
    "binary": (GREETING, HELD),
    "ehlo-mute": (EHLO, UNKNOWN), "ehlo-close": (EHLO, UNKNOWN), "ehlo-reset": (EHLO, UNKNOWN),
    "ehlo-lines": (EHLO, HELD), "ehlo-line": (EHLO, HELD), "ehlo-drip": (EHLO, UNKNOWN),
}
ENDS.update((m, (STARTTLS, HELD, "starttls-not-supported")) for m in MANNERS
            if m.startswith("starttls-"))
ENDS.update((m, (TLS, HELD, "tls-handshake-failure")) for m in MANNERS if m.startswith("tls-"))
ADDRESSES = {m: "10.53.8.%d" % (i + 1) for i, m in enumerate(MANNERS)}
ROWS = [Row(ZONE, lines(*(
    "%s MX 10 mx.%s\nmx.%s A %s\n_25._tcp.mx.%s TLSA %s" % (m, m, m, a, m, GOOD)
    for m, a in ADDRESSES.items())), None, "", "mail servers with bad manners")]
TIMEOUT = 12           # seconds for one address of the patient ones
LONG = 90              # and of those who have to end by themselves
BOUND = 16 << 20       # octets that a server without end gets rid of, buffers included


def start(world):
    servers = BadMail({a: m for m, a in ADDRESSES.items()},
                      world.pki.mail("mx." + ZONE, "good")[0])
    servers.start()
    return servers


def recipients():
    """Where Postfix ends soon: it has minutes for each line."""
    return ["user@%s.%s" % (m, ZONE) for m in MANNERS if m not in PATIENT]


def bad_manners(tap, world, build, servers):
    """Each alone, for its exit code and for its bounds; all the while nobody hangs."""
    servers.forget()
    with concurrent.futures.ThreadPoolExecutor(len(PATIENT) + 4) as pool:
        looks = dict(zip(MANNERS, pool.map(lambda m: check_look.look(
            world, build, "--timeout", str(TIMEOUT if m in PATIENT else LONG),
            "%s.%s" % (m, ZONE)), MANNERS)))
    for manner, (stage, code, *token) in ENDS.items():
        look = looks[manner]
        met = stage == CONNECT or servers.visits.get(manner)
        end = look.result["servers"][0]["addresses"][0]["end"]
        named = [f for f in look.result["findings"] if ADDRESSES[manner] in f["where"]
                 and stage.lower() in f["text"].lower()]
        tap.ok(look.code == code and look.held == set(token) and named and met
               and not look.complaints and (end == "timeout") == (manner in PATIENT)
               and servers.sent.get(manner, 0) <= BOUND,
               "check: bad manners: %s: %s: exit %d%s" % (
                   manner, stage, code, "".join(" " + t for t in token)),
               look, servers.sent.get(manner))
    said = "".join(f["text"] for x in looks.values() for f in x.result["findings"])
    tap.ok(all(0x20 <= ord(c) < 0x7f for c in said), "check: what a server says stays printable",
           repr(said))
