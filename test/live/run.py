#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [-b BUILD] [--valgrind] [--rounds N] [--seed N] [--seconds N] [PART]...: live
tests in the closed world, as TAP.

Parts: validate, validate-plain, recursive, trust-ad (the whole table in that mode),
query (danests query), service (sockets, signals, options), resolvers (failing, changing
ones), stub (the helper of trust-ad is killed), faults, faults-ad (every packet and
connection fails in every way), postfix-new (the Postfix of newer Debians, where it can be
had), kill (SIGKILL at random moments; --rounds N), soak (an hour of changing domains in a
minute; --seconds N), replies (would Postfix take
it? danestsd and the real one agree), export (Postfix delivers by an exported cdb, without a
service), check (Postfix, danests check and danests verify say the same of a domain),
examples (the clients of examples/ deliver in the same situations), report (dane-report on
the real Postfix's logs, beside what the lab knows).
All of them by default.
DANESTS_BUILD names the build tree too; LAB_KEEP=DIR keeps all logs there."""

import argparse
import importlib
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lab")]

import space  # noqa: E402
from daemon import find, lacks_trust_ad  # noqa: E402
import tap as tap_module  # noqa: E402

MODES = ("validate", "validate-plain", "recursive", "trust-ad")
# Parts with domains of their own, each in a module: ROWS, run(tap, world, build, options),
# and prepare() for what needs a network.
MODULES = {"postfix-new": "postfix_new_test", "kill": "kill_test", "replies": "reply_test",
           "lifecycle": "lifecycle_test", "export": "export_test", "soak": "soak_test",
           "check": "check_test", "examples": "examples_test", "report": "report_test"}
PARTS = MODES + ("query", "service", "resolvers", "stub", "faults", "faults-ad") + tuple(MODULES)


def whole_table(tap, world, build, mode):
    import table_test
    from postfix import Postfix
    daemon = table_test.table(tap, world, build, mode)
    tap.run(table_test.warm, world, daemon, mode)
    tap.run(table_test.no_names, world, daemon)
    if mode == "validate":
        tap.run(table_test.postmap, world, daemon, Postfix(world, daemon.port).conf)
    tap.ok(daemon.stop() == 0, "danestsd ends with status 0 (%s)" % mode, daemon.log()[-3000:])


def valgrind(tap, world, build):
    """The daemon itself under valgrind, over rows that take every path of its code."""
    import table_test
    prefix = ("valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
              "--errors-for-leak-kinds=definite")
    daemon = table_test.table(
        tap, world, build, "validate", prefix=prefix, at_once=3, dns_timeout="20s",
        answer_timeout="60s", https_timeout="20s",
        subset=lambda r: r.served == "leaf" and not any(
            word in r.zone for word in ("many", "drip", "hang")))
    status = daemon.stop(60)
    tap.ok(status == 0, "valgrind finds nothing", "status %s" % status, daemon.log()[-6000:])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("-b", "--build", default=os.environ.get(
        "DANESTS_BUILD", os.path.join(HERE, "..", "..", "build")))
    parser.add_argument("--valgrind", action="store_true")
    parser.add_argument("--rounds", type=int, help="of kill, instead of 25 s of them")
    parser.add_argument("--seconds", type=int, help="of each run of soak")
    parser.add_argument("--seed", type=int, help="of what is random")
    parser.add_argument("parts", nargs="*", metavar="PART")
    options = parser.parse_args()
    parts = options.parts or ([] if options.valgrind else PARTS)
    for part in parts:
        if part not in PARTS:
            parser.error("unknown part %r" % part)
    build = os.path.abspath(options.build)
    try:
        find(build, "danestsd")
    except FileNotFoundError as e:
        print("Bail out! %s" % e)
        return 1
    modules = {p: importlib.import_module(MODULES[p]) for p in parts if p in MODULES}
    for module in modules.values():
        if hasattr(module, "prepare") and space.INSIDE not in os.environ:
            module.prepare()
    folder = space.enter([sys.executable, os.path.abspath(__file__), "-b", build]
                         + sys.argv[1:])
    tap = tap_module.Tap()
    try:
        from faults import fault_rows, faults
        from query_test import query
        from resolver_test import resolvers, stub, stub_poison
        from service_test import service
        from table import ROWS
        from world import World
        rows = ROWS + (fault_rows() if any("faults" in p for p in parts) else [])
        for module in modules.values():   # some share rows
            rows += [row for row in module.ROWS if row not in rows]
        world = World(folder, rows)
        tap.note("the world took %.1f s to start" % world.start())
        later = []   # tests that only have to wait until then
        for part in parts:
            began = time.monotonic()
            if part in ("trust-ad", "stub", "faults-ad") and lacks_trust_ad(build):
                tap.skip(part, "built without getdns")
            elif part in MODES:
                tap.run(whole_table, world, build, part)
            elif part == "service":
                service(tap, world, build, later)
            elif part == "resolvers":
                resolvers(tap, world, build, later)
            elif part == "stub":
                tap.run(stub, world, build)
                tap.run(stub_poison, world, build)
            elif part in modules:
                tap.run(modules[part].run, world, build, options)
            elif part == "query":
                tap.run(query, world, build)
            else:
                tap.run(faults, world, build, "trust-ad" if part.endswith("ad") else "validate")
            tap.note("%s took %.0f s" % (part, time.monotonic() - began))
        for test in later:
            tap.run(test)
        if options.valgrind:
            tap.run(valgrind, world, build)
    finally:
        space.keep_logs(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
