# SPDX-License-Identifier: BSD-2-Clause
"""Warm questions: the daemon beside a bare echo server, and beside its peers."""
import os

import service
from table import Table, count, middle, ratio

CONNECTIONS = (1, 10, 100, 1000)
KEYS = ("-k", "d%.bench", "-w", service.WARM_KEYS)


def _pin(server, cpu):
    """The server on one core, the load on the other: else the scheduler is measured."""
    if cpu is not None:
        for task in os.listdir(f"/proc/{server.pid}/task"):
            os.sched_setaffinity(int(task), {cpu})


def cores():
    """(server's, load's), or nothing to pin to on a single core."""
    have = sorted(os.sched_getaffinity(0))
    return (have[0], have[1]) if len(have) > 1 else (None, None)


def warm_up(bench, endpoint, kind):
    figures = service.load(bench, endpoint, "-c", 50, "-n", service.WARM_KEYS, *KEYS)
    return service.expect(figures, kind, "warming up")


def _measure(bench, who, endpoint, connections, seconds):
    """Figures with the server's CPU time for one question in them."""
    before = who.server.cpu()
    figures = service.load(bench, endpoint, "-c", connections, "-t", seconds, *KEYS,
                           pin=cores()[1])
    figures["cpu_us"] = (who.server.cpu() - before) * 1e6 / figures["requests"]
    return figures


def _row(table, label, ours, floor):
    def mid(runs, name):
        return middle([r[name] for r in runs])

    table.add(label, count(mid(ours, "rate")), count(mid(floor, "rate")),
              ratio(mid(ours, "rate"), mid(floor, "rate")),
              f"{mid(ours, 'p50_us'):.0f}", f"{mid(ours, 'p99_us'):.0f}",
              f"{mid(floor, 'p99_us'):.0f}", ratio(mid(ours, "p99_us"), mid(floor, "p99_us")),
              f"{mid(ours, 'p999_us'):.0f}", f"{mid(ours, 'cpu_us'):.1f}",
              f"{mid(floor, 'cpu_us'):.1f}")


def against_echo(bench, out):
    table = Table("Warm questions, danestsd beside a bare epoll echo server "
                  "(aim: rate >= 0.9, p99 <= 1.3)", "connections", "q/s", "echo q/s", "ratio",
                  "p50 us", "p99 us", "echo p99", "ratio", "p99.9 us", "CPU us", "echo CPU")
    with service.danestsd(bench, "validate") as ours:
        ours.ready("d0000000.bench", "OK dane")
        warm_up(bench, ours.tcp, "OK")
        _pin(ours.server, cores()[0])
        for kind in ("unix", "tcp"):
            with service.echo(bench, kind) as floor:
                _pin(floor.server, cores()[0])
                for connections in CONNECTIONS:
                    runs = {ours: [], floor: []}
                    # A B B A: a machine that slows down meanwhile slows both.
                    for who in [ours, floor, floor, ours] * bench.rounds:
                        figures = _measure(bench, who, getattr(who, kind), connections,
                                           bench.seconds)
                        if who is ours:
                            service.expect(figures, "OK", "warm")
                        runs[who].append(figures)
                    _row(table, f"{kind} {connections}", runs[ours], runs[floor])
    table.note("CPU us: of the server, for one question. Server and load on a core each.")
    table.show(out)


def against_peers(bench, out):
    table = Table("Warm questions over TCP, the peers by the same load", "service",
                  "connections", "q/s", "ours/theirs", "p50 us", "p99 us", "p99.9 us", "CPU us")
    peers = [("postfix-mta-sts-resolver", lambda: service.pmsr(bench))]
    if bench.tlspol:
        peers.append(("postfix-tlspol", lambda: service.tlspol(bench, bench.tlspol)))
    else:
        table.note("postfix-tlspol: not measured (TLSPOL=/path/to/postfix-tlspol)")
    with service.danestsd(bench, "validate") as ours:
        ours.ready("d0000000.bench", "OK dane")
        warm_up(bench, ours.tcp, "OK")
        for name, start in peers:
            peer = start()
            if peer is None:
                table.note(f"{name}: not installed")
                continue
            with peer:
                warm_up(bench, peer.tcp, "OK")
                for connections in (10, 100):
                    runs = {ours: [], peer: []}
                    for who in (ours, peer, peer, ours):
                        runs[who].append(service.expect(
                            _measure(bench, who, who.tcp, connections, bench.seconds),
                            "OK", name))
                    base = middle([r["rate"] for r in runs[ours]])
                    for who, label in ((peer, name), (ours, "danestsd")):
                        mid = {k: middle([r[k] for r in runs[who]]) for k in
                               ("rate", "p50_us", "p99_us", "p999_us", "cpu_us")}
                        table.add(label, connections, count(mid["rate"]),
                                  ratio(base, mid["rate"]), f"{mid['p50_us']:.0f}",
                                  f"{mid['p99_us']:.0f}", f"{mid['p999_us']:.0f}",
                                  f"{mid['cpu_us']:.1f}")
    table.show(out)
