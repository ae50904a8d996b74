# SPDX-License-Identifier: BSD-2-Clause
"""Fetch policies from nginx and from hostile servers; is each outcome right? TAP."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile
import pki

NGINX_AT, HOSTILE_AT, NOBODY_AT = "127.0.0.2", "127.0.0.3", "127.0.0.4"
OLD_AT, NO_TLS_AT, FULL_AT = "127.0.0.5", "127.0.0.6", "127.0.0.7"
# Only four policies of one network are fetched at once.
ELSEWHERE = ["127.0.%d.3" % n for n in range(40, 52)]
MUTE_AT = ["127.0.%d.1" % n for n in range(60, 65)]
ENOUGH_MS = 60000   # a busy machine needs no longer
SHORT_MS = 6000     # of those that have to time out, and do what else has to be done before
LATEST = 120        # seconds that a busy machine may take for all of it
FETCH, INVALID, WEBPKI = "STS_FETCH", "STS_INVALID", "STS_WEBPKI"
BUSY = "local failure (too many policies are being fetched)"

# first label: (failure or None, what the last words look like)
CASES = {
    # S7
    "cnonly": (WEBPKI, r"certificate is not for mta-sts\.cnonly\.test \(no DNS names\)"),
    "othername": (WEBPKI, r"not for mta-sts\.othername\.test \(its names: a\.test, b\.test\)"),
    "partstar": (WEBPKI, r"its names: mta-\*\.partstar\.test"),
    "deepstar": (WEBPKI, r"its names: \*\.test"),
    "star": (None, "enforce"),
    "expired": (WEBPKI, r"certificate expired on \d{4}-\d\d-\d\d"),
    "future": (WEBPKI, r"certificate becomes valid on \d{4}-"),
    "client": (WEBPKI, r"certificate is not for servers"),
    "stranger": (WEBPKI, r"issuer is not trusted: CN=nobody's CA"),
    "selfmade": (WEBPKI, r"certificate is self-signed"),
    "weak": (WEBPKI, r"too weak"),
    "nomiddle": (WEBPKI, r"issuer is not trusted: CN=middle CA"),
    "middle": (None, "enforce"),
    "longchain": (WEBPKI, r"more than 16 certificates"),
    "nosuchname": (FETCH, r"TLS handshake: "),
    # S8
    "redirect": (FETCH, r"redirect refused \(HTTP 301\)"),
    "notmodified": (FETCH, r"HTTP status 304"),
    "missing": (FETCH, r"HTTP status 404"),
    "bighome": (FETCH, r"HTTP status 404"),
    "broken": (FETCH, r"HTTP status 500"),
    "nocontent": (FETCH, r"HTTP status 204"),
    "partial": (FETCH, r"HTTP status 206"),
    # S9
    "html": (INVALID, r"media type text/html\?\[2J"),
    "plainly": (INVALID, r"media type text/plainly, not text/plain"),
    "gzip": (INVALID, r"content encoding gzip"),
    "identity": (None, "enforce"),
    "params": (None, "enforce"),
    "notype": (None, "enforce"),
    "hinted": (None, "enforce"),
    # S10
    "announced": (INVALID, r"body larger than 65536 bytes"),
    "chunks": (INVALID, r"body larger than 65536 bytes"),
    "stream": (INVALID, r"body larger than 65536 bytes"),
    "brim": (None, "enforce"),
    "headers": (FETCH, r"HTTP header larger than 16384 bytes|HTTP: "),
    "drip": (FETCH, r"HTTP: timed out after"),
    "mute": (FETCH, r"HTTP: timed out after"),
    "ninety": (FETCH, r"HTTP: not HTTP"),
    "cut": (FETCH, r"HTTP: body cut short|HTTP: connection broken"),
    "silent": (FETCH, r"HTTP: no answer, connection closed"),
    # S5
    "empty": (INVALID, r""),
    "nonsense": (INVALID, r"line 2: "),
    "zeroage": (None, "enforce"),
}


class Tap:
    count = failed = 0

    def ok(self, good, claim, detail=""):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, claim))
        if not good:
            print("# " + detail)


def make_certificates(folder):
    root, nobody = pki.Authority("test root"), pki.Authority("nobody's CA")
    middle = pki.Authority("middle CA", root)
    special = {
        "cnonly": {"sans": []},
        "othername": {"sans": ["a.test", "b.test"]},
        "partstar": {"sans": ["mta-*.partstar.test"]},
        "deepstar": {"sans": ["*.test"]},
        "star": {"sans": ["*.star.test"]},
        "expired": {"start": -20, "end": -3},
        "future": {"start": 3},
        "client": {"usage": pki.Usage.CLIENT_AUTH},
        "stranger": {"by": nobody},
        "selfmade": {"own": True},
        "weak": {"key": pki.weak_key()},
        "nomiddle": {"by": middle},
        "middle": {"by": middle, "extra": [middle]},
        "longchain": {"by": middle, "extra": [middle] * 17},
    }
    for case in set(CASES) - {"nosuchname"}:
        pki.leaf(folder, "mta-sts.%s.test" % case,
                 **{"by": root, **special.get(case, {})})
    pki.leaf(folder, "mta-sts.nginx.test", root,
             sans=["mta-sts.%s.test" % n for n in ["nginx"] + ["q%d" % i for i in range(9)]])
    ca = os.path.join(folder, "ca.pem")
    with open(ca, "wb") as out:
        out.write(root.pem())
    return ca


def start_nginx(folder, port):
    """The well-behaved server; None when it is not installed."""
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nginx is None:
        return None
    web = os.path.join(folder, "web/.well-known")
    os.makedirs(web)
    with open(os.path.join(web, "mta-sts.txt"), "wb") as out:
        out.write(hostile.POLICY)
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="ascii") as out:
        out.write("""
daemon off; worker_processes 1; pid {0}/nginx.pid; error_log {0}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; types {{ text/plain txt; }} client_body_temp_path {0}/t1;
  proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3; uwsgi_temp_path {0}/t4;
  scgi_temp_path {0}/t5;
  server {{ listen {1}:{2} ssl; root {0}/web;
    ssl_certificate {0}/mta-sts.nginx.test.pem;
    ssl_certificate_key {0}/mta-sts.nginx.test.pem; }}
}}
""".format(folder, NGINX_AT, port))
    server = subprocess.Popen([nginx, "-p", folder, "-c", conf], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not os.path.exists(os.path.join(folder, "nginx.pid")) and time.monotonic() < end:
        time.sleep(0.05)
    return server


def fetch(driver, ca, port, wanted, most=64, private="allow", env=None, limit=ENOUGH_MS):
    """{domain: (state, failure, lifetime, place, words)}; environment must not matter."""
    out = subprocess.run(
        [driver, ca, str(port), str(limit), str(most), private]
        + ["%s=%s" % (d, a) for d, a in wanted.items()],
        stdout=subprocess.PIPE, timeout=300, check=False, env=env)
    if out.returncode != 0:
        print("# driver says: %s" % out.stdout.decode("ascii", "replace").strip())
        return {}
    text = out.stdout.decode("ascii")
    rows = [line.split(" ", 5) for line in text.splitlines()]
    return {r[0]: (r[1], r[2], int(r[3]), int(r[4]), r[5]) for r in rows if len(r) == 6}


def check_cases(tap, driver, ca, server):
    hosts = {"%s.test" % case: ELSEWHERE[i % len(ELSEWHERE)] for i, case in enumerate(CASES)}
    env = dict(os.environ, https_proxy="http://127.0.0.9:1", ALL_PROXY="http://127.0.0.9:1")
    slow = {name: hosts.pop(name) for name in ("drip.test", "mute.test")}
    got = fetch(driver, ca, server.port, hosts, env=env)
    got.update(fetch(driver, ca, server.port, slow, env=env, limit=SHORT_MS))
    for case, (failure, words) in CASES.items():
        state, failed, life, _, said = got.get("%s.test" % case, ("", "", 0, 0, ""))
        if failure is None:
            good = state == "INSECURE" and re.fullmatch(words, said) and \
                life - (0 if case == "zeroage" else 86400) in range(LATEST)
        else:
            good = state == "FAILED" and failed == failure and re.search(words, said) and \
                life - 300 in range(LATEST) and said.isprintable() and len(said) < 320
        tap.ok(bool(good), "%s: %s" % (case, failure or "a policy"),
               "%s %s %d %s" % (state, failed, life, said))
    for case in ("expired", "cnonly", "stranger", "weak"):
        tap.ok("mta-sts.%s.test" % case not in server.requests,
               "S7: %s: no request was sent" % case)
    request = server.requests.get("mta-sts.params.test", b"").lower()
    tap.ok(request.startswith(b"get /.well-known/mta-sts.txt http/1.1\r\nhost: "
                              b"mta-sts.params.test:%d\r\n" % server.port),
           "S6: path and host of the request", repr(request))
    tap.ok(request and not re.search(rb"\r\n(accept-encoding|cookie|authorization|if-)",
                                     request),
           "S8: no encodings, cookies, validators", repr(request))


def check_addresses(tap, driver, ca, server):
    port = server.port
    got = fetch(driver, ca, port, {"params.test": NOBODY_AT}).get("params.test")
    tap.ok(bool(got) and got[1] == FETCH and "connect: refused" in got[4],
           "nobody listens: connect: refused", repr(got))
    got = fetch(driver, ca, port, {"params.test": "%s,::1,%s" % (NOBODY_AT, HOSTILE_AT)})
    tap.ok(got.get("params.test", ("",))[0] == "INSECURE",
           "another address of the same host is tried", repr(got))
    old = hostile.Hostile([OLD_AT], server.certs, port, newest=hostile.ssl.TLSVersion.TLSv1_1)
    got = fetch(driver, ca, port, {"params.test": OLD_AT}).get("params.test")
    tap.ok(bool(got) and got[1] == FETCH and "TLS handshake: " in got[4] and
           not old.requests, "S7: TLS 1.1 is too old", repr(got))
    with hostile.socket.create_server((NO_TLS_AT, port)):
        got = fetch(driver, ca, port, {"params.test": NO_TLS_AT}, limit=3000).get("params.test")
    tap.ok(bool(got) and got[1] == FETCH and "TLS handshake: timed out after " in got[4],
           "connected, but no TLS", repr(got))
    with hostile.socket.create_server((FULL_AT, port), backlog=0):
        crowd = [hostile.socket.socket() for _ in range(4)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex((FULL_AT, port))
        got = fetch(driver, ca, port, {"params.test": FULL_AT}, limit=3000).get("params.test")
        for one in crowd:
            one.close()
    tap.ok(bool(got) and got[1] == FETCH and "(connect: timed out after " in got[4],
           "nobody accepts", repr(got))
    server.requests.clear()
    got = fetch(driver, ca, port, {"params.test": HOSTILE_AT}, private="deny")
    got = got.get("params.test")
    tap.ok(bool(got) and got[1] == FETCH and
           "mta-sts.params.test has only non-global addresses" in got[4],
           "S27: private_policy_hosts = deny", repr(got))
    tap.ok(not server.requests, "S27: and nothing was sent")
    got = fetch(driver, ca, port, {"mute.test": HOSTILE_AT, "params.test": ""}, most=1,
                limit=3000)
    got = got.get("params.test")
    tap.ok(bool(got) and got[1] == FETCH and got[3] == 1 and
           "policy host mta-sts.params.test has no address" in got[4],
           "no address: said at once, though others wait their turn", repr(got))
    got = fetch(driver, ca, port, most=3, wanted={
        "-mute.test": HOSTILE_AT, "-drip.test": HOSTILE_AT, "params.test": HOSTILE_AT,
        "-notype.test": HOSTILE_AT, "-ninety.test": HOSTILE_AT})
    tap.ok(got.get("params.test", ("",))[0] == "INSECURE" and "mute.test" not in got,
           "what is under way and what waits may be freed", repr(got))
    got = fetch(driver, "/dev/null", port, {"params.test": HOSTILE_AT})
    tap.ok(not got, "no authority, no start")


def is_busy(row, latest=LATEST):
    """Our own fault: over after 15 s, not five minutes."""
    return row[1] == "LOCAL" and row[4] == BUSY and row[2] - 15 in range(latest)


def check_mute(tap, driver, ca, port):
    """S27: policy hosts that accept and say nothing hold up nobody but each other."""
    mute = hostile.Mute(MUTE_AT[0], port)
    hosts = {"m%d.test" % i: MUTE_AT[0] for i in range(20)}
    hosts["params.test"] = HOSTILE_AT
    got = fetch(driver, ca, port, hosts, most=8, limit=SHORT_MS)
    good = got.pop("params.test", ("", "", 0, 0, ""))
    tap.ok(good[0] == "INSECURE" and good[3] == 1,
           "mute: another address is served at once", repr(good))
    tap.ok(len(mute.visits) == 4, "mute: four at once and no more, "
           "for the time limit includes the wait", repr(len(mute.visits)))
    tap.ok(sum(row[1] == FETCH and "TLS handshake: timed out" in row[4] and
               row[2] - 300 in range(LATEST) for row in got.values()) == 4,
           "mute: S11 for those who were asked", repr(got))
    tap.ok(len(got) == 20 and sum(map(is_busy, got.values())) == 16,
           "mute: waiting in vain is told as what it is", repr(got))
    mute.close()


def check_late(tap, driver, ca, port):
    mute = hostile.Mute(MUTE_AT[0], port, first=0.55 * SHORT_MS / 1000)
    got = fetch(driver, ca, port, {"m1.test": MUTE_AT[0], "m2.test": MUTE_AT[0]}, most=1,
                limit=SHORT_MS)
    tap.ok(len(mute.visits) == 2 and got.get("m1.test", ("", ""))[1] == FETCH and
           is_busy(got.get("m2.test", ("", "", 0, 0, ""))),
           "late: little time was left, and that is not the host's fault", repr(got))
    mute.close()


def check_full(tap, driver, ca, port):
    """S27: the queue is bounded, as a whole and for each network."""
    mutes = [hostile.Mute(address, port) for address in MUTE_AT]
    hosts = {}
    for n, address in enumerate(MUTE_AT[:4]):
        hosts.update({"m%d-%d.test" % (n, i): address for i in range(4 + 1024)})
    hosts["one-more.test"] = MUTE_AT[3]
    hosts.update({"fifth-%d.test" % i: MUTE_AT[4] for i in range(5)})
    hosts["params.test"] = HOSTILE_AT
    got = fetch(driver, ca, port, hosts, limit=SHORT_MS)
    first = sorted(got, key=lambda name: got[name][3])[:3]
    tap.ok(first[:2] == ["one-more.test", "fifth-4.test"] and
           all(is_busy(got[name]) for name in first[:2]),
           "full: who would be one too many is told at once", repr(first))
    tap.ok(first[2:] == ["params.test"] and got["params.test"][0] == "INSECURE",
           "full: who need not wait is served", repr(first))
    tap.ok(len(got) == len(hosts) and
           sum(map(is_busy, got.values())) == 4 * 1024 + 2 and
           [len(mute.visits) for mute in mutes] == [4] * 5,
           "full: the others wait in vain", repr([len(mute.visits) for mute in mutes]))
    for mute in mutes:
        mute.close()


def check_turns(tap, driver, ca, port):
    hosts = {"%s.test" % case: HOSTILE_AT for case in ("params", "notype", "hinted", "brim")}
    hosts.update({"star.test": ELSEWHERE[0], "identity.test": ELSEWHERE[1]})
    got = fetch(driver, ca, port, hosts, most=1)
    tap.ok([got[name][3] for name in hosts if name in got] == [1, 2, 5, 6, 3, 4],
           "networks take turns, and those within one come in order", repr(got))


def check_nginx(tap, driver, ca, port):
    hosts = {"q%d.test" % i: NGINX_AT for i in range(9)}
    hosts["nginx.test"] = NGINX_AT
    got = fetch(driver, ca, port, hosts, most=1)
    tap.ok(len(got) == 10 and all(row[0] == "INSECURE" for row in got.values()),
           "nginx: ten policies, one at a time", repr(got))
    tap.ok([row[3] for row in got.values()] == list(range(1, 11)),
           "who waits is served in order", repr(got))


def main():
    tap, driver = Tap(), sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        ca = make_certificates(folder)
        server = hostile.Hostile([HOSTILE_AT] + ELSEWHERE, folder)
        nginx = start_nginx(folder, server.port)
        try:
            check_cases(tap, driver, ca, server)
            check_addresses(tap, driver, ca, server)
            for check in (check_mute, check_late, check_full, check_turns):
                check(tap, driver, ca, server.port)
            if nginx is not None:
                check_nginx(tap, driver, ca, server.port)
            else:
                print("# no nginx: its cases are left out")
        finally:
            if nginx is not None:
                nginx.terminate()
                nginx.wait()
    print("1..%d" % tap.count)
    return 1 if tap.failed else 0


sys.exit(main())
