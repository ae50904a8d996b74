# SPDX-License-Identifier: BSD-2-Clause
"""A newer Debian's Postfix, unpacked into a folder of our own: downloaded and checked by
debootstrap from the mirror that this machine's apt uses, never installed. Kept between
runs, made anew when it does not work."""

import os
import re
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.abspath(os.path.join(HERE, "..", "..", "build", "debian"))
PATIENCE = 240       # seconds for one suite, all in all
SUITES = {"trixie": (3, 10), "sid": (3, 11)}     # and the Postfix that it must have at least
MERGED = ("bin", "sbin", "lib", "lib64")         # what is a link into /usr today
SHARED = ("/dev", "/proc", "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf")


class Unavailable(Exception):
    """Why there is none; one line for people."""


def tree(suite):
    return os.path.join(FOLDER, suite)


def version(suite):
    """(3, 10, 13) when the tree is there and its Postfix runs; else None."""
    try:
        done = subprocess.run(["chroot", tree(suite), "postconf", "-dh", "mail_version"],
                              capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"(\d+)\.(\d+)\.?(\d*)\S*", done.stdout.strip())
    return tuple(int(x or 0) for x in match.groups()) if match else None


def prepare(suite):
    """Makes the tree where there is none that works. To be called with a network."""
    if version(suite) is not None:
        return
    shutil.rmtree(tree(suite), ignore_errors=True)
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        return
    os.makedirs(FOLDER, exist_ok=True)
    why = os.path.join(FOLDER, suite + ".why")
    work = tempfile.mkdtemp(prefix=suite + ".", dir=FOLDER)
    try:
        _download(suite, work)
        _unpack(work)
        os.rename(os.path.join(work, "root"), tree(suite))
        if os.path.exists(why):
            os.remove(why)
    except (Unavailable, OSError, subprocess.SubprocessError) as e:
        with open(why, "w") as f:
            f.write("%s\n" % e)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def why_not(suite):
    """Why the suite cannot be used here; "" when it can."""
    have = version(suite)
    if have is not None:
        return "" if have[:2] >= SUITES[suite] else "Debian %s has Postfix %s" % (
            suite, ".".join(map(str, have)))
    if shutil.which("debootstrap") is None:
        return "debootstrap is not installed"
    try:
        with open(os.path.join(FOLDER, suite + ".why")) as f:
            return " ".join(f.read().split())[:200]
    except FileNotFoundError:
        return "Debian %s was not unpacked" % suite


def furnish(suite, lab):
    """Inside a mount namespace of our own: what Postfix needs besides its files; the
    lab's folder is /lab there. Returns the tree."""
    root = tree(suite)
    os.makedirs(os.path.join(root, "lab"), exist_ok=True)
    subprocess.run(["mount", "--bind", lab, os.path.join(root, "lab")], check=True)
    for path in SHARED:
        place = root + path
        if not os.path.isdir(path) and not os.path.exists(place):
            with open(place, "w"):
                pass
        subprocess.run(["mount", "--bind", path, place], check=True)
    return root


def _mirrors():
    """Where this machine's own apt gets Debian from."""
    try:
        done = subprocess.run(["apt-get", "indextargets", "--format",
                               "$(REPO_URI) $(ORIGIN)/$(LABEL)", "Created-By: Packages"],
                              capture_output=True, text=True, timeout=30)
    except OSError:
        raise Unavailable("no apt here that could name a mirror of Debian") from None
    found = [x.split()[0] for x in done.stdout.splitlines() if x.endswith(" Debian/Debian")]
    if not found:
        raise Unavailable("apt's sources here name no mirror of Debian")
    return list(dict.fromkeys(found))


def _environment():
    """debootstrap's downloader knows nothing of apt's proxy."""
    environment = dict(os.environ, LC_ALL="C")
    for kind in ("http", "https"):
        done = subprocess.run(["apt-config", "dump", "--format", "%v",
                               "Acquire::%s::Proxy" % kind], capture_output=True, text=True)
        proxy = done.stdout.strip()
        if proxy and proxy != "DIRECT":
            environment.setdefault(kind + "_proxy", proxy)
    return environment


def _download(suite, work):
    end = time.monotonic() + PATIENCE
    trouble = ""
    for mirror in _mirrors():
        argv = ["debootstrap", "--variant=minbase", "--download-only", "--include=postfix",
                suite, os.path.join(work, "packages"), mirror]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, env=_environment(),
                                  timeout=max(1, end - time.monotonic()), cwd=work)
        except subprocess.TimeoutExpired:
            raise Unavailable("debootstrap was not done with Debian %s in %d s" % (
                suite, PATIENCE)) from None
        if done.returncode == 0:
            return
        said = [x for x in done.stderr.splitlines() + done.stdout.splitlines()
                if x.startswith("E:")]
        trouble = (said or ["status %d" % done.returncode])[0]
    raise Unavailable("debootstrap cannot get Debian %s: %s" % (suite, trouble))


def _unpack(work):
    """All packages, none of their scripts: nothing here is ever installed."""
    root = os.path.join(work, "root")
    packages = os.path.join(work, "packages", "var", "cache", "apt", "archives")
    for name in MERGED:
        os.makedirs(os.path.join(root, "usr", name))
        os.symlink("usr/" + name, os.path.join(root, name))
    for name in sorted(os.listdir(packages)):
        if not name.endswith(".deb"):
            continue
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", os.path.join(packages, name)],
                              stdout=subprocess.PIPE) as source:
            subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", root, "-f", "-"],
                           stdin=source.stdout, check=True, capture_output=True)
        if source.returncode != 0:
            raise Unavailable("cannot unpack " + name)
    shutil.rmtree(os.path.join(work, "packages"), ignore_errors=True)
