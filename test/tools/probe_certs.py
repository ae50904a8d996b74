# SPDX-License-Identifier: BSD-2-Clause
"""Certificates of every kind, made with openssl(1): name.key, name.pem, name.chain."""
import os
import subprocess

KEYS = {
    "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ed25519": ["-newkey", "ed25519"],
    "rsa": ["-newkey", "rsa:2048"],
    "rsa1024": ["-newkey", "rsa:1024"],
}


class Certs:
    def __init__(self, where):
        self.where = where
        self.make("root", None, ca=True)
        self.make("ca", "root", ca=True)
        self.make("leaf", "ca")
        self.chain("leaf", "ca", "root")
        self.make("ed25519", "ca", key="ed25519")
        self.chain("ed25519", "ca")
        self.make("short", "ca", key="rsa1024")
        self.chain("short", "ca")
        self.make("sha1", "ca", key="rsa", more=["-sha1"])
        self.chain("sha1", "ca")
        self.make("wrong_use", "ca", key="rsa", extensions=["keyUsage=critical,keyEncipherment"])
        self.chain("wrong_use", "ca")
        self.make("expired", "ca", days=-1)
        self.chain("expired", "ca")
        for name, size in (("big", 200000), ("vast", 400000)):
            self.make(name, "ca", extensions=["1.2.3.4=ASN1:UTF8String:" + "x" * size])
            self.chain(name, "ca")
        self.make("many", "ca")
        self.chain("many", *["ca"] * 40)

    def path(self, name):
        return os.path.join(self.where, name)

    def run(self, *command):
        return subprocess.run(command, check=True, capture_output=True).stdout

    def make(self, name, issuer, key="ec", ca=False, days=30, extensions=(), more=()):
        lines = ["subjectAltName=DNS:%s.example.com" % name, *extensions]
        if ca:
            lines = ["basicConstraints=critical,CA:TRUE"]
        with open(self.path("ext"), "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        self.run("openssl", "req", "-new", "-nodes", "-subj", "/CN=" + name, *KEYS[key],
                 "-keyout", self.path(name + ".key"), "-out", self.path("csr"))
        sign = ["-signkey", self.path(name + ".key")]
        if issuer:
            sign = ["-CA", self.path(issuer + ".pem"), "-CAkey", self.path(issuer + ".key")]
        self.run("openssl", "x509", "-req", "-in", self.path("csr"), "-days", str(days),
                 "-set_serial", "1", "-extfile", self.path("ext"), *sign, *more, "-out",
                 self.path(name + ".pem"))
        with open(self.path(name + ".pub"), "wb") as file:
            file.write(self.run("openssl", "pkey", "-in", self.path(name + ".key"), "-pubout"))

    def chain(self, name, *issuers):
        with open(self.path(name + ".chain"), "wb") as out:
            for issuer in issuers:
                with open(self.path(issuer + ".pem"), "rb") as file:
                    out.write(file.read())

    def der(self, *names):
        return [self.run("openssl", "x509", "-in", self.path(name + ".pem"), "-outform",
                         "DER").hex() for name in names]

    def public(self, name):
        return self.run("openssl", "pkey", "-pubin", "-in", self.path(name + ".pub"), "-outform",
                        "DER").hex()
