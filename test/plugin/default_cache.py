#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danestsd with the cache_dir that nobody has set: when it goes on without, and when
that would forget policies. In a file system of its own over the real one."""
import ctypes
import os
import pwd
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "live")]
import world  # noqa: E402
from tap import Tap  # noqa: E402

USER = pwd.getpwnam("nobody")
CANTCREAT = 73
NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18


def own_file_system(where):
    """False: not allowed to."""
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.unshare(NEWNS) == 0 and \
        libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0 and \
        libc.mount(b"tmpfs", where.encode(), b"tmpfs", 0, b"mode=755") == 0


def default_folder():
    out = subprocess.run([world.PROGRAM, "-d"], capture_output=True, text=True, check=True)
    return re.search(r"^cache_dir = (/.+)$", out.stdout, re.M)[1]


class Case:
    """The folder as it is found, and who starts the service."""

    def __init__(self, folder, options=("user=nobody",), uid=0):
        self.folder, self.options, self.uid = folder, options, uid
        if os.path.islink(folder):
            os.unlink(folder)
        shutil.rmtree(folder, ignore_errors=True)

    def make(self, owner, mode=0o700):
        os.mkdir(self.folder, mode)
        os.chown(self.folder, owner, -1)

    def file(self, name, owner=0):
        path = os.path.join(self.folder, name)
        with open(path, "wb"):
            pass
        os.chmod(path, 0o600)
        os.chown(path, owner, -1)

    def start(self):
        """(status or None when it runs, what it logs)"""
        command = [world.PROGRAM, "-f", "-c", "/dev/null"]
        for option in ("listen=inet:127.0.0.1:%d" % world.free_port(), "control=",
                       "resolver=127.0.0.1:%d" % world.free_port()) + tuple(self.options):
            command += ["-o", option]
        log_path = os.path.join(os.path.dirname(self.folder), "log")
        with open(log_path, "wb") as log, \
             subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                              user=self.uid, extra_groups=[]) as process:
            end = time.monotonic() + world.PATIENCE
            text = ""
            while "listening on" not in text and process.poll() is None and \
                    time.monotonic() < end:
                time.sleep(0.05)
                with open(log_path, encoding="latin-1") as f:
                    text = f.read()
            status = process.poll()
            process.terminate()
        with open(log_path, encoding="latin-1") as f:
            return status, f.read()


def refuses(t, claim, case, pattern):
    status, log = case.start()
    t.ok(status == CANTCREAT and re.search(pattern, log) and "going on without" not in log,
         claim, status, log)


def goes_without(t, claim, case):
    status, log = case.start()
    t.ok(status is None and "going on without" in log, claim, status, log)


def policies_are_not_given_up(t, folder):
    for name in "journal.1", "policies.cdb":
        case = Case(folder)
        case.make(USER.pw_uid)
        case.file(name)
        refuses(t, "a %s that cannot be read ends the start" % name, case,
                name.replace(".", r"\.") + ": Permission denied")
    case = Case(folder)
    case.make(0)
    refuses(t, "so does a folder that the user may not enter", case, "Permission denied")
    case = Case(folder)
    os.symlink("/nonexistent/danests", folder)
    refuses(t, "and a link to a disk that is not there", case, "symbolic link")
    case = Case(folder, options=(), uid=USER.pw_uid)
    case.make(USER.pw_uid)
    case.file("journal.1")
    refuses(t, "also without user", case, "Permission denied")


def what_is_not_there_is_gone_without(t, folder):
    readable = all(os.stat(x).st_mode & 1 for x in parents(os.path.abspath(world.PROGRAM)))
    if not readable:
        t.skip("who tries it out goes without", "the program is out of nobody's reach")
        return
    case = Case(folder, options=(), uid=USER.pw_uid)
    goes_without(t, "who tries it out and cannot make it goes without", case)
    case = Case(folder, options=(), uid=USER.pw_uid)
    case.make(0)
    case.file("journal.1")
    goes_without(t, "who tries it out beside somebody else's goes without", case)


def usual_start_makes_it(t, folder):
    case = Case(folder)
    status, log = case.start()
    t.ok(status is None and "going on without" not in log and
         os.stat(folder).st_uid == USER.pw_uid, "a missing one is made for the user", log)
    status, log = case.start()
    t.ok(status is None and "going on without" not in log, "and found again", log)


def parents(path):
    while path != "/":
        yield path
        path = os.path.dirname(path)


def main():
    t = Tap()
    folder = default_folder()
    base = os.path.dirname(folder)
    if sys.platform != "linux" or os.getuid() != 0 or not os.path.isdir(base) or \
            not own_file_system(base):
        t.skip("a cache_dir that nobody has set", "needs root, Linux, and mount namespaces")
        return t.done()
    for test in (policies_are_not_given_up, what_is_not_there_is_gone_without,
                 usual_start_makes_it):
        t.run(test, folder)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
