# SPDX-License-Identifier: BSD-2-Clause
"""
Certificates that only compare.py needs, beside those of test/tls/make.py and with keys: key
usage, purposes, names and name constraints where TLS libraries are known to disagree.
"""
import importlib.util
import os

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = importlib.util.spec_from_file_location(
    "make", os.path.join(HERE, "..", "tls", "make.py"))
make = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make)


def key_usage(*allowed):
    names = ("digital_signature", "content_commitment", "key_encipherment",
             "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
             "encipher_only", "decipher_only")
    return (x509.KeyUsage(**{name: name in allowed for name in names}), True)


def constraints(permitted=None, excluded=None):
    return tuple([x509.DNSName(name) for name in names] if names else None
                 for names in (permitted, excluded))


def usages(m):
    m.leaf("key-enciphers", "inter", extra=[key_usage("key_encipherment")])
    m.leaf("key-signs", "inter", extra=[key_usage("digital_signature")])
    m.leaf("key-certifies", "inter", extra=[key_usage("key_cert_sign")])
    m.leaf("key-agrees", "inter", extra=[key_usage("key_agreement")])
    m.leaf("leaf-ca", "inter", ca=True)
    m.leaf("leaf-email", "inter", purpose=(Usage.EMAIL_PROTECTION,))
    m.leaf("leaf-two-purposes", "inter", purpose=(Usage.CLIENT_AUTH, Usage.SERVER_AUTH))
    m.authority("root-no-usage", usage=None)
    m.leaf("leaf-no-usage", "root-no-usage")
    m.authority("inter-server", "root", purpose=(Usage.SERVER_AUTH,))
    m.leaf("leaf-server", "inter-server")
    m.authority("inter-any", "root", purpose=(Usage.ANY_EXTENDED_KEY_USAGE,))
    m.leaf("leaf-of-any", "inter-any")
    m.authority("inter-last", "root", path=0)
    m.leaf("leaf-last", "inter-last")


def spellings(m):
    for title, name in (("wild", "*.example.com"), ("wild-part", "m*.example.com"),
                        ("wild-top", "*.com"), ("wild-two", "*.*.com"), ("wild-only", "*"),
                        ("upper", "MX.EXAMPLE.COM"), ("dot", "mx.example.com.")):
        m.leaf("dns-" + title, "inter", sans=(name,), cn="x")
    for title, name in (("wild", "*.example.com"), ("upper", "MX.Example.Com"),
                        ("suffix", ".example.com")):
        m.leaf("cn-" + title, "inter", sans=(), cn=name)


def constrained(m):
    for title, limits in (("com", constraints(["example.com"])),
                          ("org", constraints(["example.org"])),
                          ("dot", constraints([".example.com"])),
                          ("not-mx", constraints(None, ["mx.example.com"]))):
        m.authority("only-" + title, "root", constraints=limits)
        m.leaf("leaf-only-" + title, "only-" + title)
        m.leaf("cn-only-" + title, "only-" + title, sans=())
    m.leaf("two-only-org", "only-org", sans=("a.example.org", make.HOST))
    m.leaf("wild-only-not-mx", "only-not-mx", sans=("*.example.com",))
    # One name, one key: under the root, and on its own.
    m.authority("double", "root")
    m.authority("double-self", cn="double", key=m.keys["double"])
    m.leaf("leaf-double", "double")


def write(folder):
    maker = make.Maker()
    for part in make.PARTS + (usages, spellings, constrained):
        part(maker)
    maker.write(folder, True)
    make.pss(folder, True)
