# SPDX-License-Identifier: BSD-2-Clause
"""The directory of the cache: shared, missing, read-only, damaged, full (S13)."""

import os
import subprocess

import servers
from life import ZONE, Timed


def _refused(life, build, **options):
    """The last words of one that does not start; "" when it does."""
    try:
        daemon = Timed(life, build, **options)
    except RuntimeError as e:
        return str(e)
    # Its sockets may be there a moment before it finds that the rest is not.
    servers.wait_for(lambda: not daemon.alive() or "listening on" in daemon.log(), 60, "a start")
    words = "" if daemon.alive() else daemon.log()
    daemon.stop()
    return words


def _mount(path, *options):
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(("mode=0755",) + options), "none", path],
                   check=True)


def _journal(folder):
    return max((os.path.join(folder, x) for x in os.listdir(folder) if x.startswith("journal.")),
               key=os.path.getsize)


def directories(tap, life, build):
    kept = life.publish("dir")
    first = Timed(life, build)
    folder = first.options["cache_dir"]
    for domain in [kept] + [life.publish("dir%d" % i) for i in range(4)]:
        first.ask(domain)
    words = _refused(life, build, cache_dir=folder)
    tap.ok("cache_dir" in words and folder in words, "two on one directory: the second is told",
           words)
    tap.ok(first.ask(kept) == life.secure(kept), "and the first goes on")
    first.stop()
    words = _refused(life, build, cache_dir="/nowhere/at/all")
    tap.ok("/nowhere/at/all" in words, "a directory that cannot be made: told, and no start",
           words)
    life.gone(kept)
    read_only(tap, life, build, folder, kept)
    damaged(tap, life, build, folder, kept)


def read_only(tap, life, build, folder, kept):
    path = life.world.path("read-only")
    _mount(path, "size=4m")
    for name in os.listdir(folder):
        if name.startswith(("journal.", "policies.cdb")):
            subprocess.run(["cp", os.path.join(folder, name), path], check=True)
    subprocess.run(["mount", "-o", "remount,ro", path], check=True)
    daemon = Timed(life, build, cache_dir=path)
    tap.ok(daemon.ask(kept) == life.secure(kept), "S13: read-only: what is there is applied",
           daemon.log()[-2000:])
    new = life.publish("ro-new")
    tap.ok(daemon.ask(new) == life.secure(new), "what comes is in force all the same")
    tap.ok(daemon.soon(lambda: path in daemon.log()), "and the log tells", daemon.log()[-2000:])
    tap.ok(daemon.stop() == 0, "it ends cleanly", daemon.log()[-2000:])


def damaged(tap, life, build, folder, kept):
    path = life.world.path("flipped")
    subprocess.run(["cp", "-r", folder, path], check=True)
    journal = _journal(path)
    with open(journal, "r+b") as f:
        data = bytearray(f.read())
        data[data.index(kept.encode()) + 60] ^= 0x10   # in the first of five records
        f.seek(0)
        f.write(data)
    others = ["dir%d.%s" % (i, ZONE) for i in range(4)]
    for domain in others:
        life.gone(domain)
    daemon = Timed(life, build, cache_dir=path)
    reply = daemon.ask(kept)
    tap.ok(reply == "NOTFOUND " and "damaged" in daemon.log(),
           "a flipped bit: that record is not used, and it is told", reply, daemon.log()[-2000:])
    tap.ok([daemon.ask(d) for d in others] == [life.secure(d) for d in others],
           "S13: it costs no other record", daemon.log()[-2000:])
    new = life.publish("after-damage")
    tap.ok(daemon.ask(new) == life.secure(new), "and it works")
    daemon.kill()
    life.gone(new)
    daemon.start()
    tap.ok(daemon.ask(new) == life.secure(new), "S13: what came after the damage is kept")
    daemon.stop()


def full(tap, life, build):
    path = life.world.path("full")
    _mount(path, "size=256k")
    daemon = Timed(life, build, cache_dir=path)
    first = life.publish("full0")
    daemon.ask(first)
    ballast = os.path.join(path, "ballast")
    with open(ballast, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 512)
        except OSError:
            pass
    domains = [life.publish("full%d" % i) for i in range(1, 31)]
    replies = [daemon.ask(d) for d in domains]
    tap.ok(replies == [life.secure(d) for d in domains],
           "S13: a full disk: policies are in force all the same", *replies[:3])
    tap.ok(daemon.soon(lambda: "No space left" in daemon.log()), "and the log tells",
           daemon.log()[-2000:])
    os.remove(ballast)
    tap.ok(daemon.soon(lambda: "can be stored again" in daemon.log()),
           "there is room again: they are written, and the log tells", daemon.log()[-1500:])
    daemon.kill()
    for domain in [first] + domains:
        life.gone(domain)
    daemon.start()
    replies = [daemon.ask(d) for d in [first] + domains]
    tap.ok(replies == [life.secure(d) for d in [first] + domains],
           "S13: and none is lost by a kill", *[r for r in replies if "secure" not in r][:3])
    daemon.stop()
