# SPDX-License-Identifier: BSD-2-Clause
"""Certificates that python3-cryptography does not make, for make.py."""

import os
import shutil
import subprocess
import tempfile

HOST = "mx.example.com"
TEMPLATE = """
cn = "%s"
activation_date = "2026-01-01 00:00:00"
expiration_date = "2027-01-01 00:00:00"
%s
"""


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def pss(folder, with_keys):
    """Keys for RSA-PSS only, which GnuTLS' tool makes."""
    def path(title):
        return os.path.join(folder, title)

    for title, lines in (("pss-root", "ca\ncert_signing_key"),
                         ("pss-leaf", "dns_name = \"%s\"\ntls_www_server\nsigning_key" % HOST)):
        with open(path("template"), "w", encoding="ascii") as out:
            out.write(TEMPLATE % (title, lines))
        run("certtool", "--generate-privkey", "--key-type", "rsa-pss", "--hash", "sha256",
            "--bits", "2048", "--outfile", path(title + ".key"))
        how = ["--generate-self-signed"] if title == "pss-root" else [
            "--generate-certificate", "--load-ca-certificate", path("pss-root.pem"),
            "--load-ca-privkey", path("pss-root.key")]
        run("certtool", *how, "--load-privkey", path(title + ".key"),
            "--template", path("template"), "--outfile", path(title + ".pem"))
    os.unlink(path("template"))
    for title in ("pss-root", "pss-leaf"):
        if not with_keys:
            os.unlink(path(title + ".key"))


CA = """
[ca]
new_certs_dir = .
database = index
rand_serial = yes
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
[leaf]
subjectAltName = DNS:%s
"""


def openssl(folder):
    """What only openssl makes: RSA-PSS with the longest salt, and version 1."""
    with tempfile.TemporaryDirectory() as work:
        def path(title):
            return os.path.join(work, title)

        def issue(by, title, extensions, *how):
            kind = ["-algorithm", "rsa-pss" if "pss" in title else "rsa"]
            run("openssl", "genpkey", *kind, "-pkeyopt", "rsa_keygen_bits:2048",
                "-out", path(title + ".key"))
            run("openssl", "req", "-new", "-key", path(title + ".key"), "-subj",
                "/CN=" + title, "-out", path(title + ".csr"))
            signer = ["-selfsign"] if by == title else ["-cert", path(by + ".pem")]
            run("openssl", "ca", "-batch", "-notext", "-config", path("config"), "-name", "ca",
                "-startdate", "20260101000000Z", "-enddate", "20270101000000Z",
                "-in", path(title + ".csr"), "-keyfile", path(by + ".key"), *signer, *how,
                *(["-extensions", extensions] if extensions else []),
                "-out", path(title + ".pem"))
            shutil.copy(path(title + ".pem"), folder)

        with open(path("config"), "w", encoding="ascii") as out:
            out.write((CA % HOST).replace("= .", "= " + work).replace(
                "= index", "= " + path("index")))
        with open(path("index"), "w", encoding="ascii"):
            pass
        longest = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:max")
        issue("pss-long-root", "pss-long-root", "root", *longest)
        issue("pss-long-root", "pss-long-leaf", "leaf", *longest)
        issue("v1-root", "v1-root", None)
        issue("v1-root", "leaf-v1-root", "leaf")
        issue("v1-root", "v1-inter", None)
        issue("v1-inter", "leaf-v1-inter", "leaf")
