#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Probes against TLS servers that others wrote: openssl s_server, gnutls-serv, Python's ssl;
as TAP. PROBE_DRIVER names the program of test/tools/probe_driver.c."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from probe_certs import Certs
from probe_world import (GREETING, STARTTLS, Program, Server, dialogue, probe, probes, reset,
                         relay, swallow)
from tap import Tap

GO = b"220 2.0.0 go ahead\r\n"


def openssl(certs, *options, chain="leaf"):
    return Program(lambda port: [
        "openssl", "s_server", "-accept", "127.0.0.1:%d" % port, "-quiet", "-cert",
        certs.path(chain + ".pem"), "-cert_chain", certs.path(chain + ".chain"), "-key",
        certs.path(chain + ".key"), *options])


def smtp(program):
    """The dialogue in front of a program that knows TLS only."""
    def play(conn, wait):
        conn.sendall(GO)
        relay(conn, program.port)
    return Server(dialogue(STARTTLS, play))


def is_done(got):
    return (got["stage"], got["end"], got["said"]) == ("done", "ok", "")


def chains(tap, certs):
    with openssl(certs) as program, smtp(program) as server:
        got = probe(server, sni="mx.example.com")
        tap.ok(is_done(got) and got["starttls"] and got["greeting"] == "mx.example ESMTP",
               "openssl, STARTTLS", got)
        tap.ok(got["chain"] == certs.der("leaf", "ca", "root") and got["sent"] == 3,
               "the chain as it was sent", got)
        tap.ok(got["tls"].startswith("TLS 1.3, ") and got["tls"].count(", ") == 2,
               "version, group, cipher", got["tls"])
        got = probe(program, plain="yes", sni="mx.example.com")
        tap.ok(is_done(got) and len(got["chain"]) == 3 and got["greeting"] == "",
               "openssl, TLS at once", got)
        got = probes(server, threads=16)
        tap.ok(len(got) == 16 and all(is_done(g) and len(g["chain"]) == 3 for g in got),
               "16 at once", got)
    with openssl(certs, chain="many") as program, smtp(program) as server:
        got = probe(server)
        tap.ok(is_done(got) and len(got["chain"]) == 32 and got["sent"] == 41,
               "of 41 certificates 32 are kept", got["sent"], len(got["chain"]), got["said"])
    with openssl(certs, chain="big") as program, smtp(program) as server:
        got = probe(server)
        tap.ok(is_done(got) and len(got["chain"][0]) > 2 * 200000, "a certificate of 200 KB",
               got["said"])
    with openssl(certs, chain="vast") as program, smtp(program) as server:
        got = probe(server)
        tap.ok((got["stage"], got["end"]) == ("TLS handshake", "garbage") and
               "256 KiB" in got["said"] and not got["chain"], "one of 400 KB is refused", got)


def weak(tap, certs):
    """What Postfix takes is taken, and shown (U15)."""
    low = ("-cipher", "ALL:@SECLEVEL=0")
    for chain, options, tls in (
            ("leaf", ("-tls1", *low), "TLS 1.0, "),
            ("leaf", ("-tls1_1", *low), "TLS 1.1, "),
            ("leaf", ("-tls1_2",), "TLS 1.2, "),
            ("leaf", ("-tls1_3",), "TLS 1.3, "),
            ("leaf", ("-tls1_3", "-groups", "P-521"), "TLS 1.3, SECP521R1, "),
            ("short", low, "TLS 1."),
            ("short", ("-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"), "TLS 1.2, RSA, "),
            ("short", ("-tls1_2", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0"),
             "TLS 1.2, "),
            ("sha1", low, "TLS 1."),
            ("wrong_use", ("-tls1_2", "-cipher", "ECDHE"), "TLS 1.2, "),
            ("expired", (), "TLS 1."),
            ("ed25519", (), "TLS 1.")):
        with openssl(certs, *options, chain=chain) as program, smtp(program) as server:
            got = probe(server)
        tap.ok(is_done(got) and got["tls"].startswith(tls) and
               got["chain"][:1] == certs.der(chain), "%s %s" % (chain, " ".join(options)), got)
    with openssl(certs, "-tls1_2", "-cipher", "aNULL:@SECLEVEL=0", "-nocert") as program:
        got = probe(program, plain="yes")
    tap.ok((got["stage"], got["end"]) == ("TLS handshake", "failed") and
           got["said"].startswith("TLS alert 40 from the server"), "no certificate (U16)", got)


def clients(tap, certs):
    """Certificates that the server wants from us."""
    for version in ("-tls1_2", "-tls1_3"):
        with openssl(certs, version, "-verify", "1") as program, smtp(program) as server:
            got = probe(server)
        tap.ok(is_done(got), "%s: one is asked for" % version, got)
        with openssl(certs, version, "-Verify", "1") as program, smtp(program) as server:
            got = probe(server)
        tap.ok((got["stage"], got["end"]) == ("TLS handshake", "failed") and
               got["said"].startswith("TLS alert ") and
               len(got["chain"]) == (3 if version == "-tls1_3" else 0),
               "%s: there has to be one" % version, got)


def raw_keys(tap, certs):
    for options, want in (("NORMAL:-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-X509", True),):
        with Program(lambda port: [
                "gnutls-serv", "-q", "-p", str(port), "--echo", "--priority", options,
                "--rawpkkeyfile", certs.path("leaf.key"), "--rawpkfile",
                certs.path("leaf.pub")]) as program, smtp(program) as server:
            got = probe(server, raw="yes")
            tap.ok(is_done(got) and got["raw"] == want and
                   got["chain"] == [certs.public("leaf")], "a raw public key (U13)", got)
            got = probe(server)
            tap.ok((got["stage"], got["end"]) == ("TLS handshake", "failed"),
                   "a raw public key that was not offered", got)
    with openssl(certs) as program:
        got = probe(program, plain="yes", raw="yes")
    tap.ok(is_done(got) and not got["raw"] and len(got["chain"]) == 3,
           "offered to a server without one", got)


class Secure:
    """Python's own TLS behind STARTTLS, and what it saw."""

    def __init__(self, certs, then, version=None, behind=b""):
        self.names, self.then, self.go = [], then, GO + behind
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certs.path("leaf.pem"), certs.path("leaf.key"))
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        if version:
            self.context.maximum_version = version

    def play(self, conn, wait):
        conn.sendall(self.go)
        stream = self.context.wrap_socket(conn.conn, server_side=True)
        conn.conn = stream
        self.then(conn, wait)


def manners(tap, certs):
    def answer(conn, wait):
        conn.line()
        conn.sendall(b"221 bye\r\n")
        swallow(conn)

    for family, name in ((socket.AF_INET, "IPv4"), (socket.AF_INET6, "IPv6")):
        secure = Secure(certs, answer)
        with Server(dialogue(STARTTLS, secure.play), family) as server:
            got = probe(server, helo="[192.0.2.1]", sni="MX.example.com")
        tap.ok(is_done(got) and secure.names == ["MX.example.com"], "%s: SNI (U15, S18)" % name,
               got, secure.names)
        tap.ok(server.heard == b"EHLO [192.0.2.1]\r\nSTARTTLS\r\nQUIT\r\n" and
               server.error is None, "%s: what was said, QUIT within TLS" % name, server.heard,
               server.error)
    for behind, shown in ((b"250 injected\r\n", "250 injected"), (b"\r\n", "??"),
                          (bytes.fromhex("1603030002") + b"x" * 3000, "?????" + "x" * 250)):
        secure = Secure(certs, answer, behind=behind)
        with Server(dialogue(STARTTLS, secure.play)) as server:
            got = probe(server)
        tap.ok(is_done(got) and len(got["chain"]) == 1 and got["unasked"] == shown and
               server.heard.endswith(b"STARTTLS\r\nQUIT\r\n") and server.error is None,
               "text in the clear behind the 220 is no part of TLS (CVE-2011-0411): %s" %
               shown[:12], got, server.heard, server.error)
    for sni in ("", None):
        secure = Secure(certs, answer)
        with Server(dialogue(STARTTLS, secure.play)) as server:
            got = probe(server, **({} if sni is None else {"sni": sni}))
        tap.ok(is_done(got) and secure.names == [None], "no SNI: %r" % sni, got, secure.names)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for what, then in (("never closes", lambda conn, wait: wait(60)),
                           ("says nothing to QUIT, and reads", lambda conn, wait: swallow(conn)),
                           ("talks without an end", lambda conn, wait: [
                               conn.sendall(b"220-" + b"x" * 16000) for _ in range(4000)]),
                           ("resets at once", reset)):
            secure = Secure(certs, then, version)
            with Server(dialogue(STARTTLS, secure.play)) as server:
                got = probe(server)
            tap.ok(is_done(got) and len(got["chain"]) == 1,
                   "%s, then one that %s" % (version.name, what), got)


def renegotiation(tap, certs):
    """s_server asks for another handshake when it reads an r."""
    with openssl(certs, "-tls1_2") as program:
        def play(conn, wait):
            conn.sendall(GO)
            relay(conn, program.port, lambda: program.type(b"r\n"))

        with Server(dialogue(STARTTLS, play)) as server:
            got = probe(server)
    tap.ok(is_done(got) and len(got["chain"]) == 3, "renegotiation is not joined in", got)


if __name__ == "__main__":
    tap = Tap()
    where = tempfile.mkdtemp()
    try:
        certs = Certs(where)
        for group in (chains, weak, clients, raw_keys, manners, renegotiation):
            tap.run(group, certs)
    finally:
        shutil.rmtree(where)
    sys.exit(tap.done())
