# SPDX-License-Identifier: BSD-2-Clause
"""
Certificates good and bad, as PEM files in test/tls. They never get old: tests judge
them as of 2026-06-01. To add some, make all of them anew, and then the seeds of fuzz_chain
that consist of them (seeds.py).

    make.py [--keys] DIR     with --keys also NAME.key
"""

import datetime
import ipaddress
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage, NameOID, ObjectIdentifier

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from by_tools import HOST, openssl, pss  # noqa: E402

GOOD = ("2026-01-01", "2027-01-01")
OVER = ("2025-01-01", "2026-02-03")
EARLY = ("2026-07-08", "2027-01-01")
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\5\0")
WEB = (Usage.SERVER_AUTH,)


def rsa_key(bits):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def name(*texts):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, t) for t in texts])


class Stub:
    """Only the public half: nobody has the key."""

    def __init__(self, n, e=65537):
        self.public = rsa.RSAPublicNumbers(e, n).public_key()

    def public_key(self):
        return self.public


class Maker:
    def __init__(self):
        self.certs, self.keys = {}, {}

    def add(self, title, by=None, cn=None, key=None, days=GOOD, digest=hashes.SHA256(),
            ids=True, extensions=(), subject=None, signer=None):
        """by None: self-signed. signer: whose key signs, if not that of by."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = subject if subject is not None else name(cn or title)
        issuer = self.certs[by].subject if by else subject
        signing = self.keys[signer or by] if signer or by else key
        build = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(datetime.datetime.fromisoformat(days[0]))
            .not_valid_after(datetime.datetime.fromisoformat(days[1])))
        if ids:
            build = build.add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            upper = self.keys[by] if by else key
            build = build.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(upper.public_key()), False)
        for value, critical in extensions:
            build = build.add_extension(value, critical)
        if isinstance(signing, ed25519.Ed25519PrivateKey):
            digest = None
        self.certs[title] = build.sign(signing, digest)
        self.keys[title] = key

    def authority(self, title, by=None, path=None, ca=True, usage="sign", purpose=None,
                  constraints=None, **rest):
        extensions = []
        if ca is not None:
            extensions.append((x509.BasicConstraints(ca, path if ca else None), True))
        if usage:
            extensions.append((x509.KeyUsage(
                usage != "sign", False, False, False, False, usage == "sign", False, False,
                False), True))
        if purpose:
            extensions.append((x509.ExtendedKeyUsage(purpose), False))
        if constraints:
            extensions.append((x509.NameConstraints(*constraints), True))
        self.add(title, by, extensions=extensions, **rest)

    def leaf(self, title, by, sans=(HOST,), purpose=WEB, ca=False, extra=(), **rest):
        extensions = [(x509.BasicConstraints(ca, None), True)]
        if purpose:
            extensions.append((x509.ExtendedKeyUsage(purpose), False))
        if sans:
            extensions.append((x509.SubjectAlternativeName(
                [x509.DNSName(s) if isinstance(s, str) else s for s in sans]), False))
        rest.setdefault("cn", HOST)
        self.add(title, by, extensions=extensions + list(extra), **rest)

    def write(self, folder, with_keys):
        for title, cert in self.certs.items():
            with open(os.path.join(folder, title + ".pem"), "wb") as out:
                out.write(cert.public_bytes(serialization.Encoding.PEM))
            key = self.keys[title]
            if with_keys and not isinstance(key, Stub):
                with open(os.path.join(folder, title + ".key"), "wb") as out:
                    out.write(key.private_bytes(
                        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                        serialization.NoEncryption()))


def permitted(*domains):
    return ([x509.DNSName(d) for d in domains], None)


def usual(m):
    m.authority("root")
    m.authority("inter", "root")
    m.leaf("leaf", "inter", sans=(HOST, "*.wild.example.com"))
    m.leaf("leaf-root", "root")
    m.authority("stranger")
    m.leaf("leaf-stranger", "stranger")
    m.authority("rsa-root", key=rsa_key(2048))
    m.leaf("rsa-leaf", "rsa-root", key=rsa_key(2048))
    m.authority("ed-root", key=ed25519.Ed25519PrivateKey.generate())
    m.leaf("ed-leaf", "ed-root", key=ed25519.Ed25519PrivateKey.generate())
    m.leaf("self", None)
    m.leaf("self-ca", None, ca=True)


def dates(m):
    m.leaf("leaf-over", "inter", days=OVER)
    m.leaf("leaf-early", "inter", days=EARLY)
    m.leaf("leaf-over-client", "inter", days=OVER, purpose=(Usage.CLIENT_AUTH,))
    m.leaf("leaf-over-stranger", "stranger", days=OVER)
    m.leaf("leaf-forever", "inter", days=("2026-01-01", "9999-12-31T23:59:59"))
    m.authority("inter-over", "root", days=OVER)
    m.leaf("leaf-of-over", "inter-over")
    m.authority("inter-early", "root", days=EARLY)
    m.leaf("leaf-of-early", "inter-early")
    m.authority("root-over", days=OVER)
    m.leaf("leaf-root-over", "root-over")
    # The same name and key, from another root, and over.
    m.authority("old-root")
    for by, title in (("old-root", "inter-cross"), ("stranger", "inter-stranger")):
        m.authority(title, by, cn="inter", key=m.keys["inter"],
                    days=OVER if by == "old-root" else GOOD)
    # The same name and key as root.
    m.authority("root-cross", "old-root", cn="root", key=m.keys["root"], days=OVER)
    m.authority("root-renewed", cn="root", key=m.keys["root"],
                days=("2026-02-01", "2029-01-01"))
    m.authority("root-expired", cn="root", key=m.keys["root"], days=OVER)


def rules(m):
    m.authority("root-path0", path=0)
    m.authority("inter-path0", "root-path0")
    m.leaf("leaf-path0", "inter-path0")
    m.leaf("leaf-path0-direct", "root-path0")
    m.authority("root-org", constraints=permitted("example.org"))
    m.leaf("leaf-org-com", "root-org")
    m.leaf("leaf-org-org", "root-org", sans=("mx.example.org",), cn="mx.example.org")
    m.authority("inter-not-com", "root",
                constraints=(None, [x509.DNSName("example.com")]))
    m.leaf("leaf-not-com", "inter-not-com")
    m.authority("inter-no-sign", "root", usage="digital")
    m.leaf("leaf-no-sign", "inter-no-sign")
    m.authority("inter-not-ca", "root", ca=False)
    m.leaf("leaf-not-ca", "inter-not-ca")
    m.authority("inter-no-basic", "root", ca=None)
    m.leaf("leaf-no-basic", "inter-no-basic")
    m.leaf("leaf-by-leaf", "leaf")
    m.authority("anchor-not-ca", ca=False)
    m.leaf("leaf-anchor-not-ca", "anchor-not-ca")
    m.leaf("leaf-client", "inter", purpose=(Usage.CLIENT_AUTH,))
    m.leaf("leaf-any", "inter", purpose=(Usage.ANY_EXTENDED_KEY_USAGE,))
    m.leaf("leaf-no-purpose", "inter", purpose=None)
    m.authority("inter-client", "root", purpose=(Usage.CLIENT_AUTH,))
    m.leaf("leaf-of-client", "inter-client")
    m.authority("root-client", purpose=(Usage.CLIENT_AUTH,))
    m.leaf("leaf-root-client", "root-client")
    m.leaf("leaf-critical", "inter", extra=[(UNKNOWN, True)])
    m.leaf("leaf-uncritical", "inter", extra=[(UNKNOWN, False)])
    m.add("inter-critical", "root", extensions=[
        (x509.BasicConstraints(True, None), True), (UNKNOWN, True)])
    m.leaf("leaf-of-critical", "inter-critical")


def weak(m):
    m.leaf("leaf-sha1", "rsa-root", digest=hashes.SHA1())
    m.leaf("leaf-md5", "rsa-root", digest=hashes.MD5())
    m.leaf("leaf-rsa1024", "inter", key=rsa_key(1024))
    m.authority("root-sha1", key=rsa_key(2048), digest=hashes.SHA1())
    m.leaf("leaf-root-sha1", "root-sha1")
    m.authority("root-rsa1024", key=rsa_key(1024))
    m.leaf("leaf-root-rsa1024", "root-rsa1024")
    m.authority("inter-huge", "root", key=Stub((1 << 20000) + 1))
    m.leaf("leaf-huge", "inter-huge", signer="rsa-root")
    m.authority("inter-odd", "root", key=Stub(m.keys["rsa-root"].public_key()
                                              .public_numbers().n, (1 << 100) + 1))
    m.leaf("leaf-odd", "inter-odd", signer="rsa-root")


def forged(m):
    # Right names and key identifiers, another key's signature.
    m.leaf("leaf-forged", "inter", signer="stranger")
    m.authority("inter-forged", "root", signer="stranger")
    m.leaf("leaf-inter-forged", "inter-forged")
    # Two who issue each other, without key identifiers.
    m.authority("knot-a", ids=False)
    m.authority("knot-b", "knot-a", ids=False)
    m.authority("knot-a", "knot-b", ids=False)
    m.leaf("leaf-knot", "knot-a", ids=False)
    # Many that could be its issuer by name.
    m.authority("twin", ids=False)
    m.leaf("leaf-twin", "twin", ids=False)
    for i in range(8):
        m.authority("twin%d" % i, "root", cn="twin", ids=False)


def names(m):
    other = x509.RFC822Name("postmaster@example.com")
    m.leaf("cn-only", "inter", sans=())
    m.leaf("cn-mail", "inter", sans=(other,))
    m.leaf("cn-dns", "inter", sans=("other.example.com",))
    m.leaf("cn-two", "inter", sans=(), subject=name("first.example.com", HOST))
    m.leaf("cn-none", "inter", sans=(), subject=x509.Name([]))
    m.leaf("cn-ip", "inter", sans=(x509.IPAddress(ipaddress.ip_address("192.0.2.1")),))
    m.leaf("cn-long-uri", "inter",
           sans=(x509.UniformResourceIdentifier("https://example.com/" + "x" * 600),))
    m.leaf("cn-long-dns", "inter", sans=("x" * 300 + ".example.com",))
    m.leaf("cn-nul", "inter", sans=(), subject=name(HOST + "\0.example.net"))
    m.leaf("dns-nul", "inter", sans=(HOST + "\0.example.net",), cn="x")
    m.leaf("dns-odd", "inter", sans=("a\x1b[2Jb.example.com", HOST.upper()), cn="x")
    m.leaf("dns-many", "inter", cn="x",
           sans=["h%d.example.net" % i for i in range(1500)] + [HOST])


def large(m):
    """At what is looked at, and beyond it (cert/cert.h)."""
    def of_name(count):
        return name(*["x" * 60] * count)

    def extra(oid, size):
        return [(x509.UnrecognizedExtension(ObjectIdentifier(oid), b"\4\x82" +
                                            size.to_bytes(2, "big") + bytes(size)), False)]

    m.leaf("large-name-fits", None, subject=of_name(50))
    m.leaf("large-name", None, subject=of_name(60))
    m.authority("large-issuer-by", subject=of_name(60))
    m.leaf("large-issuer", "large-issuer-by")
    m.leaf("large-id-fits", None, ids=False, extra=extra("2.5.29.14", 1000))
    for title, oid in (("large-id", "2.5.29.14"), ("large-issuer-id", "2.5.29.35")):
        m.leaf(title, None, ids=False, extra=extra(oid, 2000))
    for title, count in (("large-count-fits", 50), ("large-count", 70)):
        m.leaf(title, None, extra=[extension for i in range(count) for extension in
                                   extra("1.3.6.1.4.1.55555.%d" % i, 0x101)])
    m.leaf("large", None, extra=extra("1.3.6.1.4.1.55555.1", 65500))


def anchors(m):
    """Roots that do not say they are authorities."""
    m.authority("root-no-basic", ca=None, usage=None)
    m.authority("root-only-sign", ca=None)
    for title in ("root-no-basic", "root-only-sign"):
        m.leaf("leaf-" + title, title)


PARTS = (usual, dates, rules, weak, forged, names, large, anchors)


def main():
    with_keys = "--keys" in sys.argv[1:]
    folder = sys.argv[-1]
    maker = Maker()
    for part in PARTS:
        part(maker)
    maker.write(folder, with_keys)
    pss(folder, with_keys)
    openssl(folder)


if __name__ == "__main__":
    main()
