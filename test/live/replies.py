# SPDX-License-Identifier: BSD-2-Clause
"""Policies in Postfix's words, for reply_test.py: what danestsd must say of each, and
from which Postfix on it is so."""

SHA256 = ":".join(["AB"] * 32)
LONG = "a" * 63

# Every Postfix from 3.7 on takes these.
GOOD = [
    "none", "may", "encrypt", "dane", "dane-only", "verify", "secure",
    "DANE", "Dane-Only", "SECURE  match=a.example",
    "none match=x", "none nonsense",
    "secure match=a.example", "secure match=.example", "secure match=a.example:.b.example",
    "secure match=a.example match=b.example", "secure match=hostname",
    "secure match=nexthop:dot-nexthop", "secure,match=a.example", "secure MATCH=a.example",
    "secure match=:", "verify match=a.example",
    "secure match=a.example servername=hostname", "may servername=mx.example",
    "encrypt servername=a_b.example", "encrypt servername=a--b.example",
    "encrypt servername=%s.example" % LONG, "encrypt servername=1.2.3.x",
    "encrypt ciphers=high", "encrypt ciphers=medium", "encrypt ciphers=HIGH",
    "encrypt protocols=TLSv1.2", "encrypt protocols=!SSLv2:!SSLv3", "encrypt protocols=",
    "encrypt protocols=>=TLSv1.2", "encrypt protocols=>=TLSv1:<=TLSv1.3",
    "encrypt protocols=tlsv1.2:TLSv1.3",
    "encrypt exclude=aNULL", "encrypt exclude=DES:RC4", "encrypt exclude=",
    "encrypt ciphers=high protocols=TLSv1.2 exclude=DES connection_reuse=yes",
    "encrypt connection_reuse=yes", "encrypt connection_reuse=NO",
    "encrypt connection_reuse=yes connection_reuse=no",
    "may ciphers=medium", "may protocols=TLSv1.2", "dane ciphers=high", "dane-only exclude=DES",
    "fingerprint match=" + SHA256, "fingerprint match=" + SHA256.lower(),
    "fingerprint match=" + SHA256.replace(":", ""), "fingerprint match=ab:cd",
    "fingerprint match=ab:cd|12:34", "fingerprint match=ab:cd match=12:34",
    "fingerprint match=ab:cd||12", "fingerprint ciphers=high match=ab:cd",
]

# No Postfix takes these.
BAD = [
    "half-dane", "danes", "dane_only", "secured", "must", "OK", "OK dane", "TEMP x", "PERM x",
    "TIMEOUT x", "match=a.example", "secure:match=a.example", "no", "yes",
    "secure match=", "verify match=", "secure match", "secure =a", "secure a.example",
    "secure match = a.example", "secure match=a.example,b.example", "fingerprint match=",
    "fingerprint", "fingerprint match=junk", "fingerprint match=abc",
    "fingerprint match=ab:c", "fingerprint match=|", "fingerprint ciphers=high",
    "may match=a.example", "encrypt match=a.example", "dane match=a.example",
    "dane-only match=a.example",
    "secure servername=", "secure servername=a.example.", "secure servername=-a.example",
    "secure servername=a-.example", "secure servername=a..example",
    "secure servername=.example", "secure servername=192.0.2.1", "secure servername=*.example",
    "secure servername=a/b", "secure servername=a%s.example" % LONG,
    "secure servername=a.example servername=b.example",
    "encrypt ciphers=", "encrypt ciphers=high ciphers=high", "encrypt ciphers=best",
    "encrypt protocols=TLSv1.2 protocols=TLSv1.3", "encrypt protocols=TLSv9",
    "encrypt protocols=TLSv1.2:nonsense", "encrypt protocols=!", "encrypt protocols=>TLSv1.2",
    "encrypt protocols=TLSv1.2,TLSv1.3",
    "encrypt exclude=a exclude=b", "encrypt exclude=!DES", "encrypt exclude=DES:+RC4",
    "encrypt exclude=DES:@STRENGTH", "encrypt exclude=-RC4",
    "encrypt connection_reuse=maybe", "encrypt connection_reuse=",
    "encrypt tafile=/etc/x.pem", "dane tafile=/etc/x.pem", "may tafile=/etc/x.pem",
    "fingerprint tafile=/etc/x.pem match=ab:cd", "secure tafile=", "secure nonsense=1",
    "secure matches=a.example", "dane hostname=a", "secure match=a.example nonsense",
    "may policy_domain=a.example", "may policy_string=x", "may mx_host_pattern=x",
    "may policy_failure=sts-policy-invalid", "may policy_ttl=1",
    "may policy_type=tlsa", "may policy_type=", "may policy_type=sts policy_type=sts",
    "may policy_type=sts policy_domain=", "may policy_type=sts policy_domain=a.example.",
    "may policy_type=sts policy_domain=192.0.2.1", "may policy_type=sts policy_ttl=x",
    "may policy_type=sts policy_ttl=", "may policy_type=sts policy_ttl=1 policy_ttl=1",
    "may policy_type=sts policy_failure=x",
    "may policy_type=sts policy_domain=a.example policy_domain=a.example",
    "may policy_type=sts { policy_string = a: }b }", "may policy_type=sts { policy_string = x",
    "may policy_type=sts { policy_string }", "may policy_type=sts {}",
    "may enable_rpk=perhaps",
]

# These, from this version on only.
NEWER = [
    ((3, 9), "encrypt enable_rpk=yes"), ((3, 9), "secure match=a.example enable_rpk=no"),
    ((3, 10), "secure match=a.example servername=hostname policy_type=sts"
              " policy_domain=b.example policy_ttl=5 mx_host_pattern=a.example"
              " mx_host_pattern=*.b.example { policy_string = version: STSv1 }"),
    ((3, 10), "may policy_type=no-policy-found"), ((3, 10), "may policy_type=STS"),
    ((3, 10), "dane policy_type=sts mx_host_pattern=a.example"),
    ((3, 10), "may policy_type=sts policy_failure=sts-webpki-invalid"),
    ((3, 10), "may policy_type=sts policy_failure=validation-failure policy_string="),
    ((3, 10), "may policy_type=sts { policy_string = a {b} c }"),
    ((3, 10), "secure { match = a.example }"), ((3, 10), "secure {match=a.example}"),
    ((3, 10), "encrypt { protocols = TLSv1.2, TLSv1.3 }"),
]

# Postfix would take these, but not as they are meant: of several fingerprints it passes
# over a bad one, and of a single digit 3.7 panics; a brace in the middle of a word is part
# of a name to one version and not to the next; as is what is not ASCII.
STRICTER = ["fingerprint match=junk|ab:cd", "fingerprint match=a", "fingerprint match=a|ab:cd",
            "secure match=a{b}", "secure match=m\u00fcller.example"]
