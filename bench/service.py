# SPDX-License-Identifier: BSD-2-Clause
"""The socketmap services that are measured: danestsd, the echo floor, the peers."""
import json
import os
import shutil
import socket
import sqlite3
import time

from proc import Failure, Server, run

PORT = {"danestsd": 8461, "echo": 8462, "pmsr": 8463, "tlspol": 8464}
WARM_KEYS = 1000


def ask(endpoint, key, timeout=30):
    """One question as Postfix would put it; the reply's payload."""
    kind, _, where = endpoint.partition(":")
    family, to = socket.AF_UNIX, where
    if kind == "inet":
        host, _, port = where.rpartition(":")
        family, to = socket.AF_INET, (host, int(port))
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(timeout)
        s.connect(to)
        request = f"QUERY {key}".encode()
        s.sendall(b"%d:%s," % (len(request), request))
        data = b""
        while not data.endswith(b","):
            more = s.recv(65536)
            if not more:
                raise OSError("connection closed")
            data += more
    return data.partition(b":")[2][:-1].decode("ascii", "replace")


def answers(endpoint, key, start):
    """Does it say what it should? No, while it does not listen yet."""
    try:
        return ask(endpoint, key).startswith(start)
    except OSError:
        return False


class Service:
    """A server with its endpoints: .unix (or None) and .tcp."""

    def __init__(self, name, argv, folder, env=None, unix=False):
        self.name = name
        self.tcp = f"inet:127.0.0.1:{PORT[name]}"
        self.unix = "unix:" + os.path.join(folder, name + ".sock") if unix else None
        self.server = Server(name, [a.format(unix=self.unix, tcp=self.tcp) for a in argv],
                             folder, env)

    def ready(self, key, start, endpoint=None):
        self.server.wait_for(lambda: answers(endpoint or self.tcp, key, start), 60,
                             f"reply {start!r} about {key}")
        return self

    def stop(self):
        self.server.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def danestsd(bench, mode, resolver="127.0.0.1", prefix=(), **options):
    """With default parameters but where it listens, whom it asks and whom it trusts."""
    folder = bench.folder
    settings = {
        "listen": "{unix}, {tcp}", "control": f"unix:{folder}/control",
        "cache_dir": folder, "resolver": resolver, "dnssec": mode,
    }
    if mode == "validate":
        settings["trust_anchor"] = bench.world.anchor
    settings.update(options)
    argv = list(prefix) + [bench.tools.path("plugin/danestsd"), "-f", "-c", "/dev/null"]
    for name, value in settings.items():
        argv += ["-o", f"{name}={value}"]
    return Service("danestsd", argv, folder, bench.tools.env, unix=True)


def echo(bench, endpoint):
    """One process for each kind of socket: a floor has no second listener to look after."""
    service = Service("echo", [bench.tools.bench("echo"), "{" + endpoint + "}"],
                      bench.folder, unix=True)
    return service.ready("x", "QUERY x", getattr(service, endpoint))


def pmsr(bench):
    """postfix-mta-sts-resolver as Debian ships it: SQLite, here with policies in it that
    are fresh for the whole run, so that it has nothing to ask for."""
    if shutil.which("mta-sts-daemon") is None:
        return None
    cache = os.path.join(bench.folder, "pmsr.db")
    body = json.dumps({"version": "STSv1", "mode": "enforce", "max_age": 604800,
                       "mx": ["mail.example.com"]})
    with sqlite3.connect(cache) as db:
        db.execute("create table sts_policy_cache "
                   "(domain text, ts integer, pol_id text, pol_body text)")
        db.execute("create unique index sts_policy_domain on sts_policy_cache (domain)")
        db.executemany("insert into sts_policy_cache values (?, ?, '1', ?)",
                       [(f"d{i:07d}.bench", int(time.time()), body) for i in range(WARM_KEYS)])
    db.close()
    config = os.path.join(bench.folder, "pmsr.yml")
    with open(config, "w", encoding="ascii") as f:
        f.write(f"host: 127.0.0.1\nport: {PORT['pmsr']}\ncache_grace: 86400\n"
                f"cache:\n  type: sqlite\n  options:\n    filename: \"{cache}\"\n")
    service = Service("pmsr", ["mta-sts-daemon", "-c", config], bench.folder)
    return service.ready("d0000000.bench", "OK secure")


def tlspol(bench, program):
    """postfix-tlspol, asking the same warm resolver; nothing of it is left from run to run."""
    config = os.path.join(bench.folder, "tlspol.yml")
    cache = os.path.join(bench.folder, "tlspol.cache")
    if os.path.exists(cache):
        os.unlink(cache)
    with open(config, "w", encoding="ascii") as f:
        f.write(f"server:\n  address: 127.0.0.1:{PORT['tlspol']}\n  log-level: warn\n"
                f"  prefetch: false\n  cache-file: {cache}\n"
                "dns:\n  address: 127.0.0.1:53\n")
    service = Service("tlspol", [program, "-config", config], bench.folder)
    return service.ready("d0000000.bench", "OK dane")


def load(bench, endpoint, *options, pin=None):
    """Run the load generator; what it saw."""
    argv = [bench.tools.bench("mapload"), *map(str, options), endpoint]
    if pin is not None and shutil.which("taskset"):
        argv = ["taskset", "-c", str(pin)] + argv
    return run(argv)


def expect(figures, kind, what):
    """All replies of this kind, or the figures mean something else than they say."""
    if figures.get(kind, 0) != figures["requests"]:
        raise Failure(f"{what}: not all replies were {kind}: {figures}")
    return figures
