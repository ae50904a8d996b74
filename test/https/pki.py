# SPDX-License-Identifier: BSD-2-Clause
"""Certificates for policy hosts, good and bad, each in DIR/HOST.pem with its key."""

import datetime
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage, NameOID

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.utcnow()


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


class Authority:
    def __init__(self, title, above=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = name(title)
        above = above or self
        self.cert = (
            x509.CertificateBuilder().subject_name(self.subject).issuer_name(above.subject)
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 30 * DAY).not_valid_after(NOW + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(above.key, hashes.SHA256()))

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)


def leaf(folder, host, by, sans=None, cn=None, start=-1, end=20, usage=Usage.SERVER_AUTH,
         key=None, own=False, extra=()):
    """sans: None is the host itself. extra: certificates sent after the leaf."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = name(cn or host)
    build = (
        x509.CertificateBuilder().subject_name(subject)
        .issuer_name(subject if own else by.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(NOW + start * DAY).not_valid_after(NOW + end * DAY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False))
    sans = [host] if sans is None else sans
    if sans:
        build = build.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(n) for n in sans]), critical=False)
    cert = build.sign(key if own else by.key, hashes.SHA256())
    with open(os.path.join(folder, "%s.pem" % host), "wb") as out:
        out.write(key.private_bytes(serialization.Encoding.PEM,
                                    serialization.PrivateFormat.TraditionalOpenSSL,
                                    serialization.NoEncryption()))
        out.write(cert.public_bytes(serialization.Encoding.PEM))
        for more in extra:
            out.write(more.pem())


def weak_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)
