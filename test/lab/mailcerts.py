# SPDX-License-Identifier: BSD-2-Clause
"""Chains of certificates for mail servers (row.Chain): a leaf, an intermediate and a root,
each good or with one fault, sent or not; and TLSA records made of any of them."""

import datetime
import hashlib
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from row import Chain

DAY = datetime.timedelta(days=1)
KEYS = {
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
USES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
# From and until when, in days from now.
WHEN = {"good": (-30, 30), "expired": (-30, -1), "future": (1, 30)}
TLSA = re.compile(r"<([\w@]+) (\w+) ([0-3]) ([01]) ([0-2])>")


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _certificate(subject, key, issuer, signer, when):
    start, end = WHEN[when]
    now = datetime.datetime.utcnow()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start * DAY)
        .not_valid_after(now + end * DAY)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                       False)
    )


def _authority(title, key, issuer, signer, when, length, below=None):
    """length: of the path below it; None: it is no authority at all"""
    build = (
        _certificate(_name(title), key, issuer, signer, when)
        .add_extension(x509.BasicConstraints(ca=length is not None, path_length=length), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    if below:
        build = build.add_extension(
            x509.NameConstraints(permitted_subtrees=[x509.DNSName(below)],
                                 excluded_subtrees=None), True)
    return build.sign(signer, hashes.SHA256())


def _root(host, chain):
    key, subject = KEYS["ecdsa"](), _name("root of " + host)
    return key, subject, _authority("root of " + host, key, subject, key, chain.root,
                                    chain.length, chain.below)


class MailCerts:
    """The certificates of one server: .leaf, .middle, .root, .other; its key."""

    def __init__(self, pki, host, chain):
        self.key = KEYS[chain.key]()
        signer, issuer, self.root = self._top(pki, host, chain)
        self.other = _root(host, Chain())[2]
        middle_key = KEYS["ecdsa"]()
        self.middle = _authority("intermediate of " + host, middle_key, issuer, signer,
                                 chain.middle, 0 if chain.ca else None)
        zone = host.split(".", 1)[1]
        names = [n.replace("@", host).replace("<zone>", zone) for n in chain.names]
        build = (
            _certificate(_name((chain.cn or host).replace("<zone>", zone)), self.key,
                         self.middle.subject, middle_key, chain.leaf)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(x509.ExtendedKeyUsage([USES[chain.use]]), False)
        )
        if names:
            build = build.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        self.leaf = build.sign(middle_key, hashes.SHA256())
        self.sent = [getattr(self, part) for part in chain.sent]

    @staticmethod
    def _top(pki, host, chain):
        """(key, subject, certificate): one that everybody trusts, or the server's own."""
        if chain.root == "trusted":
            return pki.trusted.key, pki.trusted.subject, pki.trusted.cert
        return _root(host, chain)

    def pem(self):
        pem = serialization.Encoding.PEM
        return self.key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + b"".join(
            cert.public_bytes(pem) for cert in self.sent)

    def association(self, part, selector, mtype):
        """Data of a TLSA record, in hex (RFC 6698 2.1)."""
        cert = getattr(self, part)
        data = cert.public_bytes(serialization.Encoding.DER) if selector == 0 else \
            cert.public_key().public_bytes(serialization.Encoding.DER,
                                           serialization.PublicFormat.SubjectPublicKeyInfo)
        return (data if mtype == 0 else
                (hashlib.sha256, hashlib.sha512)[mtype - 1](data).digest()).hex()


def fill(text, certs):
    """<mx1 root 2 0 1> becomes that TLSA record. certs: {server: MailCerts}"""
    def record(match):
        server, part, usage, selector, mtype = match.groups()
        if server not in certs:
            return match.group()
        return "%s %s %s %s" % (usage, selector, mtype, certs[server].association(
            part, int(selector), int(mtype)))
    return TLSA.sub(record, text)
