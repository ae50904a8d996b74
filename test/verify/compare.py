#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""
danests verify beside OpenSSL's own DANE check, on the same chains and TLSA sets in one run,
as TAP. OpenSSL judges what a real server sends: s_server on a socket, s_client -dane_tlsa_*
as an SMTP client has it (RFC 7672 3.1.1: no names with DANE-EE). Both judge as of the same
day. DANESTS names our program; no network is needed.
"""
import base64
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "live")]
import more  # noqa: E402
from cases import CASES, DIFFERENCES  # noqa: E402
from tap import Tap  # noqa: E402

PROGRAM = os.environ.get("DANESTS", os.path.join(
    os.environ.get("builddir", "build"), "tools", "danests"))
HOST = "mx.example.com"
DAY = "2026-06-01T00:00:00Z"
SECONDS = "1780272000"


class Certificates:
    def __init__(self, folder):
        self.folder = folder
        warnings.simplefilter("ignore")   # weak ones are made on purpose
        more.write(folder)
        self.parts = {}

    def path(self, name, suffix=".pem"):
        return os.path.join(self.folder, name + suffix)

    def pem(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def chain(self, names):
        """A file with these certificates."""
        path = self.path("chain-" + "+".join(names))
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(self.pem(name) for name in names))
        return path

    def part(self, name, selector):
        if (name, selector) not in self.parts:
            body = re.sub("-----[^-]*-----", "", self.pem(name))
            der = base64.b64decode(body)
            if selector == "1":
                key = subprocess.run(["openssl", "x509", "-noout", "-pubkey", "-in",
                                      self.path(name)], check=True, capture_output=True).stdout
                der = base64.b64decode(re.sub(b"-----[^-]*-----", b"", key))
            self.parts[name, selector] = der
        return self.parts[name, selector]

    def record(self, text):
        usage, selector, mtype, name = text.split()
        data = self.part(name, selector)
        if mtype != "0":
            data = getattr(hashlib, "sha256" if mtype == "1" else "sha512")(data).digest()
        return "%s %s %s %s" % (usage, selector, mtype, data.hex())


class Server:
    """openssl s_server that sends this chain. Its socket has a short name: OpenSSL 3.0 has
    31 octets for it."""

    def __init__(self, certs, names):
        self.folder = certs.folder
        path = os.path.join(certs.folder, "socket")
        words = ["openssl", "s_server", "-unix", "socket", "-unlink", "-quiet", "-no-CAfile",
                 "-no-CApath", "-no-CAstore", "-cipher", "DEFAULT:@SECLEVEL=0",
                 "-cert", certs.path(names[0]), "-key", certs.path(names[0], ".key")]
        if len(names) > 1:
            words += ["-cert_chain", certs.chain(names[1:])]
        if os.path.exists(path):
            os.unlink(path)
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, cwd=self.folder,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.monotonic() + 20
        while not os.path.exists(path):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("s_server: %s" % self.process.stderr.read())
            time.sleep(0.005)

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=20)


def openssl(server, records):
    """(accepted, in its words)"""
    words = ["openssl", "s_client", "-unix", "socket", "-dane_tlsa_domain", HOST,
             "-servername", HOST, "-dane_ee_no_namechecks", "-verify_return_error", "-attime",
             SECONDS, "-no-CAfile", "-no-CApath", "-no-CAstore", "-cipher",
             "DEFAULT:@SECLEVEL=0"]
    for record in records:
        words += ["-dane_tlsa_rrdata", record]
    for _ in range(50):
        done = subprocess.run(words, input=b"", capture_output=True, timeout=30, check=False,
                              cwd=server.folder)
        if b"connect" not in done.stderr.split(b"\n")[0] or b"CONNECTED" in done.stdout:
            break
        time.sleep(0.05)   # the socket is there before the server listens
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    codes = re.findall(r"Verify return code: (\d+ \([^)]*\))", text)
    if "Failed to import any TLSA" in text:
        return False, "no usable record"
    error = re.findall(r"verify error:num=\d+:(.*)", text)
    if codes:
        return codes[-1].startswith("0 ") and not error, (error or codes)[-1]
    return False, (error or text.strip().splitlines() or ["nothing"])[-1]


def ours(chain, records):
    words = [PROGRAM, "verify", "--host", HOST, "--at", DAY]
    for record in records:
        words += ["--tlsa", record]
    done = subprocess.run(words + [chain], capture_output=True, timeout=30,
                          check=False)
    line = done.stdout.decode().split("\n")[0]
    if done.returncode not in (0, 1):
        raise RuntimeError("danests verify: %s" % done.stderr.decode())
    if (done.returncode == 0) != line.startswith("pass"):
        raise RuntimeError("exit %d with %r" % (done.returncode, line))
    return done.returncode == 0, line


def word(accepted):
    return "accepts" if accepted else "refuses"


def compare(tap, chain, tlsa, theirs, mine):
    what = "%s | %s" % (chain, tlsa)
    listed = DIFFERENCES.get((chain, tlsa))
    detail = ("OpenSSL %s: %s" % (word(theirs[0]), theirs[1]),
              "danests %s: %s" % (word(mine[0]), mine[1]))
    if listed is None:
        tap.ok(theirs[0] == mine[0], "%s: both %s" % (what, word(mine[0])), *detail)
        return
    says, wanted, why = listed
    tap.ok((theirs[0], mine[0]) == (says == "accepts", wanted == "accepts"),
           "%s: OpenSSL %s, we %s: %s" % (what, says, wanted, why), *detail)


def both(certs, server, names):
    """One TLSA set to what OpenSSL and what we say."""
    chain = certs.chain(names)

    def judge(tlsa):
        records = [certs.record(one) for one in tlsa.split(", ")]
        return openssl(server, records), ours(chain, records)
    return judge


def main():
    tap = Tap()
    seen = set()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="danests-compare.") as folder, \
            concurrent.futures.ThreadPoolExecutor(4) as pool:
        certs = Certificates(folder)
        for chain, sets in CASES:
            names = chain.split()
            server = Server(certs, names)
            try:
                for tlsa, verdicts in zip(sets, pool.map(both(certs, server, names), sets)):
                    seen.add((chain, tlsa))
                    compare(tap, chain, tlsa, *verdicts)
            finally:
                server.stop()
    tap.ok(set(DIFFERENCES) <= seen, "every difference that is listed was looked at",
           *sorted(" | ".join(case) for case in set(DIFFERENCES) - seen))
    tap.note("%d cases in %.0f s" % (len(seen), time.monotonic() - begin))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
