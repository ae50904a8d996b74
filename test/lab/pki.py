# SPDX-License-Identifier: BSD-2-Clause
"""Certificates of the closed world: one trusted CA, one nobody trusts."""

import datetime
import hashlib
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


class Authority:
    """A root certificate and what it signs."""

    def __init__(self, title):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = _name(title)
        now = datetime.datetime.utcnow()
        self.cert = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(self.subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 30 * DAY)
            .not_valid_after(now + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
            .sign(self.key, hashes.SHA256())
        )

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)

    def issue(self, names, key, cn=None, san=True, expired=False, usage="server"):
        """A leaf for these DNS names; returns the certificate."""
        now = datetime.datetime.utcnow()
        start, end = (now - 20 * DAY, now - DAY) if expired else (now - DAY, now + 20 * DAY)
        purpose = {
            "server": ExtendedKeyUsageOID.SERVER_AUTH,
            "client": ExtendedKeyUsageOID.CLIENT_AUTH,
        }[usage]
        build = (
            x509.CertificateBuilder()
            .subject_name(_name(cn or names[0]))
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )
        if san:
            build = build.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        return build.sign(self.key, hashes.SHA256())


class Pki:
    """Writes NAME.pem (key, leaf and CA together) into a directory."""

    def __init__(self, directory):
        self.dir = directory
        os.makedirs(directory, exist_ok=True)
        self.trusted = Authority("closed world CA")
        self.stranger = Authority("CA that nobody trusts")
        # One key for all web servers; mail servers get their own, for TLSA's sake.
        self.web_key = ec.generate_private_key(ec.SECP256R1())
        self.ca_file = os.path.join(directory, "ca.crt")
        with open(self.ca_file, "wb") as f:
            f.write(self.trusted.pem())

    def keep(self, name, pem):
        path = os.path.join(self.dir, name + ".pem")
        with open(path, "wb") as f:
            f.write(pem)
        return path

    def _write(self, name, key, cert, authority):
        return self.keep(name, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())
            + cert.public_bytes(serialization.Encoding.PEM) + authority.pem())

    def web(self, host, kind):
        """A certificate for a policy host, good or with one fault."""
        authority = self.stranger if kind == "untrusted" else self.trusted
        domain = host.split(".", 1)[1]
        names = {
            "wrong-name": ["www." + domain],
            "wildcard": ["*." + domain],
            "partial-wildcard": ["mta*." + domain],
        }.get(kind, [host])
        cert = authority.issue(
            names, self.web_key, cn=host if kind == "cn-only" else None,
            san=kind != "cn-only", expired=kind == "expired",
            usage="client" if kind == "client-only" else "server")
        return self._write(host, self.web_key, cert, authority)

    def mail(self, host, kind):
        """A certificate for a mail server; returns (path, SHA-256 of the key)."""
        authority = self.stranger if kind == "untrusted" else self.trusted
        key = ec.generate_private_key(ec.SECP256R1())
        names = ["elsewhere.lab"] if kind == "wrong-name" else [host]
        cert = authority.issue(names, key, expired=kind == "expired")
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return self._write(host, key, cert, authority), hashlib.sha256(spki).hexdigest()
