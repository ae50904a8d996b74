# SPDX-License-Identifier: BSD-2-Clause
"""A namespace of our own: no network but loopback, no process that outlives it.

enter() starts the program again inside new network, mount and process namespaces,
with a private tmpfs to work in. However the outer process ends, the kernel ends
the inner ones and forgets their files."""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile

SKIP = 77
INSIDE = "DANESTS_LAB_DIR"
PR_SET_PDEATHSIG = 1
# Programs that the closed world is made of, and Debian's packages with them.
NEEDS = {"nsd": "nsd", "unbound": "unbound", "ldns-signzone": "ldnsutils", "nginx": "nginx-light",
         "postfix": "postfix", "ip": "iproute2", "unshare": "util-linux"}
ADDRESSES6 = ["fd53::1", "fd53::2", "fd53::3", "fd53::2:1", "fd53::4:1"]


def enter(argv=None):
    """Returns the world's directory, inside; the outer process never returns."""
    inside = os.environ.get(INSIDE)
    if inside:
        _furnish(inside)
        return inside
    if os.geteuid() != 0:
        sys.exit(_skip("the closed world needs root (or sudo) for its own network namespace"))
    missing = _missing()
    if missing:
        sys.exit(_skip("the closed world needs more packages: " + " ".join(missing)))
    unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc"]
    if subprocess.run(unshare + ["--kill-child", "true"], capture_output=True).returncode != 0:
        sys.exit(_skip("namespaces cannot be made here (unshare is not permitted)"))
    sys.exit(_outer(unshare + ["--kill-child"], argv or [sys.executable] + sys.argv))


def _missing():
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [package for name, package in NEEDS.items() if not shutil.which(name)]
    if importlib.util.find_spec("cryptography") is None:
        missing.append("python3-cryptography")
    return missing


def _skip(why):
    sys.stdout.write("1..0 # SKIP %s\n" % why)
    sys.stdout.flush()
    return SKIP


def _outer(unshare, argv):
    folder = tempfile.mkdtemp(prefix="danests-lab.")
    os.chmod(folder, 0o755)
    child = None

    def stop(number, _frame):
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, stop)
    try:
        child = subprocess.Popen(unshare + argv, env=dict(os.environ, **{INSIDE: folder}),
                                 preexec_fn=_die_with_parent)
        return child.wait()
    finally:
        if child is not None and child.poll() is None:
            child.kill()
            child.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def _furnish(folder):
    _run("mount", "-t", "tmpfs", "-o", "mode=0755", "none", folder)
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "address", "add", "10.53.0.1/16", "dev", "lo")
    _run("ip", "address", "add", "1.53.53.53/32", "dev", "lo")
    for address in ADDRESSES6:
        _run("ip", "address", "add", address + "/128", "dev", "lo", "nodad")
    resolv = os.path.join(folder, "resolv.conf")
    with open(resolv, "w") as f:
        f.write("nameserver 127.0.0.1\n")
    place = os.path.realpath("/etc/resolv.conf")
    if not os.path.exists(place):
        raise SystemExit("/etc/resolv.conf is missing: nothing to put ours over")
    _run("mount", "--bind", resolv, place)


def keep_logs(folder):
    """With LAB_KEEP=DIR, a copy of the world's files for a closer look."""
    target = os.environ.get("LAB_KEEP")
    if target:
        shutil.copytree(folder, target, dirs_exist_ok=True, symlinks=True,
                        ignore=lambda d, names: [n for n in names if not _plain(d, n)])


def _plain(folder, name):
    path = os.path.join(folder, name)
    return os.path.isdir(path) or os.path.isfile(path)
