# SPDX-License-Identifier: BSD-2-Clause
"""Cold domains: the daemon beside the bare library with the same five questions a
domain, in both modes, and what warm clients notice of it."""
import subprocess

import service
import warm
from proc import Failure, figures as read_figures, run
from table import Table, count, middle, ratio

# The last domain is asked first, to know that the service is ready; it is not measured.
FLIGHT = 200


def _ready_key(bench):
    return f"d{bench.world.domains - 1:07d}.bench"


def _ours(bench, start, domains):
    with start() as who:
        who.ready(_ready_key(bench), "OK dane")
        before = who.server.cpu()
        figures = service.load(bench, who.tcp, "-c", FLIGHT, "-n", domains, "-w", domains,
                               "-k", "d%.bench")
        figures["cpu_us"] = (who.server.cpu() - before) * 1e6 / domains
        return service.expect(figures, "OK", "cold")


def _bare(bench, name, domains, *options):
    figures = run([bench.tools.bench(name), "-n", str(domains), "-c", str(FLIGHT), *options])
    if figures["failed"] or figures["secure"] != 5 * domains:
        raise Failure(f"{name}: not every answer was a secure one: {figures}")
    return figures


def _compare(bench, table, mode, domains, contenders):
    """Interleaved; the first contender is the daemon, the rest what it is held to."""
    try:
        _take_turns(bench, table, mode, domains, contenders)
    except Failure as e:
        table.note(f"{mode}: not measured: {e}")


def _take_turns(bench, table, mode, domains, contenders):
    runs = [[] for _ in contenders]
    for turn in range(2 * bench.rounds):
        order = list(enumerate(contenders))
        for i, (_, measure) in order if turn % 2 == 0 else order[::-1]:
            runs[i].append(measure())
    rates = [middle([r["rate"] for r in each]) for each in runs]
    for i, (name, _) in enumerate(contenders):
        cpu = middle([r["cpu_us"] for r in runs[i]])
        table.add(mode, name, count(domains), count(rates[i]),
                  "" if i == 0 else ratio(rates[0], rates[i]), f"{cpu:.0f}")


def against_bare(bench, out):
    table = Table(f"Cold domains, {FLIGHT} in flight, five answers each, resolver warm "
                  "(aim: ratio >= 0.67)", "mode", "who", "domains", "domains/s", "ours/theirs",
                  "CPU us each")
    anchor = bench.world.anchor
    _bare(bench, "bare_unbound", bench.world.domains, "-a", anchor)  # the resolver's turn
    few, many = bench.validated, bench.trusted
    _compare(bench, table, "validate", few, [
        ("danestsd", lambda: _ours(bench, lambda: service.danestsd(bench, "validate"), few)),
        ("bare libunbound", lambda: _bare(bench, "bare_unbound", few, "-a", anchor)),
    ])
    contenders = [
        ("danestsd", lambda: _ours(bench, lambda: service.danestsd(bench, "trust-ad"), many)),
        ("bare getdns, TCP", lambda: _bare(bench, "bare_getdns", many, "-T", "tcp")),
        ("bare getdns, UDP", lambda: _bare(bench, "bare_getdns", many, "-T", "udp")),
    ]
    if bench.tlspol:
        contenders.append(("postfix-tlspol", lambda: _ours(
            bench, lambda: service.tlspol(bench, bench.tlspol), many)))
    _compare(bench, table, "trust-ad", many, contenders)
    table.note("CPU: of the client alone, helper process included; the resolver has its own.")
    table.show(out)


def _cold_load(bench, rate, domains, endpoint):
    return subprocess.Popen([bench.tools.bench("mapload"), "-c", "512", "-r", str(rate), "-n",
                             str(domains), "-w", str(domains), "-s", str(service.WARM_KEYS),
                             "-k", "d%.bench", endpoint],
                            stdout=subprocess.PIPE, text=True)


def _meanwhile(bench, rate, table, whom):
    """Warm figures of one server while danestsd gets so many cold domains a second."""
    with service.danestsd(bench, "validate") as ours, service.echo(bench, "tcp") as floor:
        ours.ready("d0000000.bench", "OK dane")
        warm.warm_up(bench, ours.tcp, "OK")
        domains = min(int(rate * bench.mixed_seconds),
                      bench.world.domains - service.WARM_KEYS)
        cold = _cold_load(bench, rate, domains, ours.tcp) if rate else None
        # Warm clients come at a pace, as mail does: a closed loop would take all the
        # time that there is from the resolving, and measure that.
        who = ours if whom == "danestsd" else floor
        figures = service.load(bench, who.tcp, "-c", 10, "-r", 2000, "-t",
                               max(1, bench.mixed_seconds - 1), *warm.KEYS)
        if who is ours:
            service.expect(figures, "OK", "warm meanwhile")
        done = "-"
        if cold is not None:
            text, _ = cold.communicate(timeout=300)
            if cold.returncode != 0:
                raise Failure("the cold load failed")
            seen = read_figures(text)
            done = count(seen["rate"])
            if seen.get("TEMP"):
                table.note(f"at {rate}/s: {seen['TEMP']:.0f} of {domains} cold answers "
                           "were TEMP")
        table.add(count(rate), done, whom, count(figures["rate"]),
                  *(f"{figures[k]:.0f}" for k in ("p50_us", "p99_us", "p999_us", "max_us")))


def warm_meanwhile(bench, out):
    table = Table("Warm questions (10 connections, TCP) while danestsd gets cold domains, "
                  "validating", "cold/s wanted", "cold/s done", "warm at", "warm q/s", "p50 us",
                  "p99 us", "p99.9 us", "max us")
    for rate in (0, 250, 1000):
        for whom in ("danestsd", "echo"):
            _meanwhile(bench, rate, table, whom)
    table.note("warm at echo: danestsd has the cold load, another process the warm one: what "
               "the machine")
    table.note("and its scheduler do to any server meanwhile.")
    table.show(out)
