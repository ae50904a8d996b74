# SPDX-License-Identifier: BSD-2-Clause
"""
What compare.py lets OpenSSL and danests verify judge: chains of test/tls/make.py and
more.py, each with TLSA sets. "3 1 1 leaf" is a record of that certificate; several are joined by ", ".

DIFFERENCES names every case where both are meant to disagree: what OpenSSL says, what we
say, and why. Cases that are not there have to agree.
"""

KINDS = ("0 0", "0 1", "0 2", "1 0", "1 1", "1 2")


def every(usage, name):
    return ["%d %s %s" % (usage, kind, name) for kind in KINDS]


CASES = [
    # chain as it is sent; TLSA sets
    ("leaf inter", every(3, "leaf") + every(2, "inter") + [
        "3 1 1 inter", "3 0 1 self", "2 0 1 stranger",
        "2 0 0 root", "2 1 0 root", "2 0 1 root", "2 1 1 root", "2 0 0 stranger",
        "2 1 0 stranger", "2 0 1 leaf", "2 1 1 leaf",
        # agility, several, usability
        "3 1 1 leaf, 3 1 2 self", "3 1 2 leaf, 3 1 1 self", "3 1 1 leaf, 3 0 2 self",
        "3 1 1 self, 2 0 1 inter", "3 1 1 self, 3 1 1 inter, 3 1 1 leaf",
        "2 0 1 stranger, 2 1 1 inter", "2 1 1 inter, 2 1 2 stranger",
        "1 1 1 leaf", "0 0 1 root", "1 1 1 leaf, 3 1 1 self", "1 1 1 self, 3 1 1 leaf",
        "3 1 0 leaf, 3 1 2 self",
    ]),
    ("leaf inter root", every(2, "root") + ["2 0 1 inter", "2 1 1 inter", "3 1 1 leaf"]),
    ("leaf", ["3 1 1 leaf", "2 0 0 inter", "2 1 0 inter", "2 0 1 inter", "2 0 0 root",
              "2 1 0 root"]),
    ("rsa-leaf rsa-root", every(2, "rsa-root") + ["3 1 1 rsa-leaf", "3 0 2 rsa-leaf"]),
    ("rsa-leaf", ["2 0 0 rsa-root", "2 1 0 rsa-root", "3 0 0 rsa-leaf"]),
    ("ed-leaf ed-root", ["3 1 1 ed-leaf", "2 0 1 ed-root", "2 1 2 ed-root"]),
    ("ed-leaf", ["2 1 0 ed-root", "2 0 0 ed-root"]),
    ("pss-leaf pss-root", ["3 1 1 pss-leaf", "2 1 1 pss-root"]),
    # order and what else is sent
    ("leaf root inter", ["2 0 1 root", "2 1 1 inter"]),
    ("leaf stranger rsa-root inter", ["2 0 1 inter", "2 1 0 root", "2 0 1 stranger"]),
    ("leaf inter-cross inter", ["2 1 1 inter", "2 0 1 inter"]),
    # dates
    ("leaf-over inter", ["3 1 1 leaf-over", "2 0 1 inter", "2 1 0 root"]),
    ("leaf-early inter", ["3 1 1 leaf-early", "2 0 1 inter"]),
    ("leaf-of-over inter-over root", ["2 0 1 root", "2 0 1 inter-over", "2 1 1 inter-over"]),
    ("leaf-root-over root-over", ["2 0 1 root-over", "2 1 1 root-over"]),
    ("leaf-root-over", ["2 0 0 root-over", "2 1 0 root-over"]),
    ("leaf-forever inter", ["2 0 1 inter"]),
    # names
    ("leaf-org-org root-org", ["3 1 1 leaf-org-org", "2 0 1 root-org"]),
    ("cn-only inter", ["2 0 1 inter", "3 1 1 cn-only"]),
    ("cn-mail inter", ["2 0 1 inter"]),
    ("cn-dns inter", ["2 0 1 inter", "3 1 1 cn-dns"]),
    ("cn-two inter", ["2 0 1 inter"]),
    ("cn-none inter", ["2 0 1 inter"]),
    ("cn-ip inter", ["2 0 1 inter"]),
    ("cn-nul inter", ["2 0 1 inter"]),
    ("dns-nul inter", ["2 0 1 inter"]),
    ("dns-odd inter", ["2 0 1 inter"]),
    ("dns-many inter", ["2 0 1 inter"]),
    # the server's own certificate as an anchor
    ("self", ["3 1 1 self", "2 0 1 self", "2 1 1 self", "2 0 0 self", "2 1 0 self"]),
    ("self-ca", ["3 0 1 self-ca", "2 0 1 self-ca", "2 0 0 self-ca"]),
    ("self-ca self-ca", ["2 0 1 self-ca"]),
    # attackers
    ("leaf-stranger stranger root", ["2 0 1 root", "2 1 1 root", "2 0 0 root", "2 1 0 root",
                                     "3 1 1 leaf"]),
    ("leaf-forged inter root", ["2 0 1 root", "2 0 1 inter", "2 1 0 inter"]),
    ("leaf-forged", ["2 0 0 inter", "2 1 0 inter"]),
    ("leaf-inter-forged inter-forged root", ["2 0 1 root"]),
    ("self leaf inter root", ["2 0 1 root", "3 1 1 leaf"]),
    # several that could be the issuer
    ("leaf-twin twin", ["2 0 1 twin", "2 1 1 twin"]),
    ("leaf-twin twin0 twin root", ["2 0 1 twin", "2 0 1 root", "2 0 1 twin0"]),
    ("leaf-knot knot-a knot-b", ["2 0 1 knot-a", "2 0 1 knot-b", "3 1 1 leaf-knot"]),
    # limits
    ("leaf-path0-direct root-path0", ["2 0 1 root-path0"]),
    ("leaf-path0 inter-path0 root-path0", ["2 0 1 root-path0", "2 1 1 root-path0",
                                           "2 1 0 root-path0", "2 0 1 inter-path0"]),
    ("leaf-path0 inter-path0", ["2 0 0 root-path0", "2 1 0 root-path0"]),
    ("leaf-org-com root-org", ["2 0 1 root-org", "2 1 1 root-org", "3 1 1 leaf-org-com"]),
    ("leaf-org-com", ["2 0 0 root-org", "2 1 0 root-org"]),
    ("leaf-not-com inter-not-com", ["2 0 1 inter-not-com"]),
    ("leaf-not-ca inter-not-ca root", ["2 0 1 root", "2 0 1 inter-not-ca"]),
    ("leaf-no-basic inter-no-basic root", ["2 0 1 root"]),
    ("leaf-no-sign inter-no-sign root", ["2 0 1 root"]),
    ("leaf-anchor-not-ca anchor-not-ca", ["2 0 1 anchor-not-ca"]),
    ("leaf-by-leaf leaf inter root", ["2 0 1 root", "2 0 1 leaf"]),
    ("leaf-client inter", ["2 0 1 inter", "3 1 1 leaf-client"]),
    ("leaf-any inter", ["2 0 1 inter"]),
    ("leaf-no-purpose inter", ["2 0 1 inter"]),
    ("leaf-of-client inter-client root", ["2 0 1 root"]),
    ("leaf-root-client root-client", ["2 0 1 root-client"]),
    ("leaf-critical inter", ["2 0 1 inter", "3 1 1 leaf-critical"]),
    ("leaf-uncritical inter", ["2 0 1 inter"]),
    ("leaf-of-critical inter-critical root", ["2 0 1 root"]),
    ("leaf-last inter-last root", ["2 0 1 root", "2 0 1 inter-last"]),
    # what keys may do
    ("key-enciphers inter", ["2 0 1 inter"]),
    ("key-signs inter", ["2 0 1 inter"]),
    ("key-certifies inter", ["2 0 1 inter"]),
    ("key-agrees inter", ["2 0 1 inter"]),
    ("leaf-ca inter", ["2 0 1 inter"]),
    ("leaf-email inter", ["2 0 1 inter"]),
    ("leaf-two-purposes inter", ["2 0 1 inter"]),
    ("leaf-no-usage root-no-usage", ["2 0 1 root-no-usage"]),
    ("leaf-server inter-server root", ["2 0 1 root", "2 1 0 inter-server"]),
    ("leaf-of-any inter-any root", ["2 0 1 root"]),
    # spellings of names
    ("dns-wild inter", ["2 0 1 inter"]),
    ("dns-wild-part inter", ["2 0 1 inter"]),
    ("dns-wild-top inter", ["2 0 1 inter"]),
    ("dns-wild-two inter", ["2 0 1 inter"]),
    ("dns-wild-only inter", ["2 0 1 inter"]),
    ("dns-upper inter", ["2 0 1 inter"]),
    ("dns-dot inter", ["2 0 1 inter"]),
    ("cn-wild inter", ["2 0 1 inter"]),
    ("cn-upper inter", ["2 0 1 inter"]),
    ("cn-suffix inter", ["2 0 1 inter"]),
    # name constraints
    ("leaf-only-com only-com", ["2 0 1 only-com", "2 1 0 root"]),
    ("cn-only-com only-com", ["2 0 1 only-com"]),
    ("leaf-only-org only-org", ["2 0 1 only-org"]),
    ("cn-only-org only-org root", ["2 0 1 root", "2 0 1 only-org"]),
    ("two-only-org only-org", ["2 0 1 only-org", "2 1 0 root"]),
    ("leaf-only-dot only-dot", ["2 0 1 only-dot"]),
    ("leaf-only-not-mx only-not-mx", ["2 0 1 only-not-mx"]),
    ("cn-only-not-mx only-not-mx", ["2 0 1 only-not-mx"]),
    ("wild-only-not-mx only-not-mx", ["2 0 1 only-not-mx"]),
    # one key in two certificates
    ("leaf-double double-self double", ["2 1 1 double", "2 0 1 double-self", "2 0 1 double"]),
    # strength
    ("leaf-sha1 rsa-root", ["2 0 1 rsa-root", "3 1 1 leaf-sha1"]),
    ("leaf-rsa1024 inter", ["2 0 1 inter", "3 1 1 leaf-rsa1024"]),
    ("leaf-root-sha1 root-sha1", ["2 0 1 root-sha1"]),
    ("leaf-root-rsa1024 root-rsa1024", ["2 0 1 root-rsa1024"]),
]

ANCHOR_OVER = ("accepts", "refuses",
               "5.12: OpenSSL looks at the dates of an anchor only when it is self-issued; "
               "RFC 7671 5.2.2 knows no such exception, so no anchor that is over counts")
OWN_KEY = ("accepts", "refuses",
           "5.12: OpenSSL itself refuses this certificate under 2 0 x and 2 1 1 (an anchor is "
           "at depth 1 or above), but takes a bare key that signed it; for us it is 3 1 0")
PART = ("accepts", "refuses",
        "5.3: RFC 7672 3.2.3 wants \"*\" to be the whole first label; s_client has no option "
        "for that, Postfix switches partial wildcards off")
WEAK = ("accepts", "refuses",
        "U3: this s_client has security level 0, as Postfix sets it; we want 112 bits of "
        "strength from whatever a signature on the way rests on")

NAMESAKE = ("refuses", "accepts",
            "U8: of several certificates that may be the issuer by name OpenSSL follows the "
            "first; we try each, and a signature decides")

DIFFERENCES = {
    ("dns-wild-part inter", "2 0 1 inter"): PART,
    ("leaf-of-over inter-over root", "2 0 1 inter-over"): ANCHOR_OVER,
    ("leaf-of-over inter-over root", "2 1 1 inter-over"): ANCHOR_OVER,
    ("self", "2 1 0 self"): OWN_KEY,
    ("leaf-twin twin0 twin root", "2 0 1 twin"): NAMESAKE,
    ("leaf-double double-self double", "2 0 1 double"): NAMESAKE,
    ("leaf-sha1 rsa-root", "2 0 1 rsa-root"): WEAK,
    ("leaf-rsa1024 inter", "2 0 1 inter"): WEAK,
    ("leaf-root-rsa1024 root-rsa1024", "2 0 1 root-rsa1024"): WEAK,
}
