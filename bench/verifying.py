# SPDX-License-Identifier: BSD-2-Clause
"""Verifications a second, OpenSSL's own DANE check of the same chain beside ours; and how
long a policy takes that an earlier lookup came to."""
import hashlib
import os
import re
import subprocess

from proc import Failure
from table import Table, count

HOST = "mx1.example.com"
KEYS = {"ECDSA": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        "RSA": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")}
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
LEAF = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n" \
    f"subjectAltName=DNS:{HOST}\n"


def _openssl(*argv, data=None):
    done = subprocess.run(("openssl",) + argv, input=data, capture_output=True)
    if done.returncode:
        raise Failure("openssl %s: %s" % (argv[0], done.stderr.decode(errors="replace")))
    return done.stdout


def _certificate(folder, name, kind, signer, extensions):
    """name.key, name.pem; signer None: by itself."""
    path = os.path.join(folder, name)
    _openssl("genpkey", *KEYS[kind], "-out", path + ".key")
    with open(path + ".ext", "w", encoding="ascii") as f:
        f.write(extensions)
    request = _openssl("req", "-new", "-key", path + ".key", "-subj", "/CN=" + name)
    by = ("-signkey", path + ".key") if signer is None else (
        "-CA", os.path.join(folder, signer + ".pem"), "-CAkey",
        os.path.join(folder, signer + ".key"), "-CAcreateserial")
    with open(path + ".pem", "wb") as f:
        f.write(_openssl("x509", "-req", "-days", "30", "-sha256", "-extfile", path + ".ext", *by,
                         data=request))
    return path + ".pem"


def _digest(pem, selector):
    if selector == 0:
        der = _openssl("x509", "-in", pem, "-outform", "DER")
    else:
        der = _openssl("pkey", "-pubin", "-outform", "DER",
                       data=_openssl("x509", "-in", pem, "-noout", "-pubkey"))
    return hashlib.sha256(der).hexdigest()


def against_openssl(bench, out):
    table = Table("Judging a chain of three by one TLSA record, from DER to the verdict (aim: 1)",
                  "record", "keys", "ours/s", "OpenSSL/s", "ratio")
    for kind in KEYS:
        folder = os.path.join(bench.folder, "chain-" + kind)
        os.mkdir(folder)
        root = _certificate(folder, "root", kind, None, CA)
        middle = _certificate(folder, "middle", kind, "root", CA)
        leaf = _certificate(folder, "leaf", kind, "middle", LEAF)
        chain = os.path.join(folder, "chain.pem")
        with open(chain, "wb") as f:
            for pem in (leaf, middle, root):
                with open(pem, "rb") as part:
                    f.write(part.read())
        for usage, selector, pem in ((3, 0, leaf), (3, 1, leaf), (2, 0, root), (2, 1, middle)):
            record = f"{usage} {selector} 1 {_digest(pem, selector)}"
            done = subprocess.run([bench.tools.bench("verify"), str(2 * bench.seconds), HOST,
                                   record, chain], capture_output=True, text=True)
            if done.returncode:
                raise Failure(f"{record}: {done.stderr.strip()}")
            ours, theirs, ratio = done.stdout.split()
            table.add(record[:5], kind, count(float(ours)), count(float(theirs)), ratio)
    table.show(out)


def remembered(bench, out):
    """A thousand domains that were looked up before, asked for through the library."""
    table = Table("What an earlier lookup came to, through the library (aim: 1 us)", "call", "ns")
    names = [f"d{i:07d}.bench" for i in range(1000)]
    done = subprocess.run([bench.tools.bench("cached"), "-o", "resolver=127.0.0.1", "-o",
                           "trust_anchor=" + bench.world.anchor, *names],
                          capture_output=True, text=True)
    if done.returncode:
        raise Failure(done.stderr.strip())
    for call, ns in re.findall(r"(danests_\w+) (\d+) ns", done.stdout):
        table.add(call, count(float(ns)))
    table.show(out)
