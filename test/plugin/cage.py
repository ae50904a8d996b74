#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""cage.py UNIT PROGRAM ARGUMENTS...: run a program under the system call filter,
address families, W^X and user that a unit file gives it, without systemd."""
import ctypes
import errno
import os
import platform
import pwd
import re
import struct
import subprocess
import sys

LD, JEQ, JSET, RET, AND = 0x20, 0x15, 0x45, 0x06, 0x54
ALLOW, ERRNO = 0x7fff0000, 0x00050000
ARG0, ARG2 = 16, 32                     # low halves, of a little-endian machine
PROT_WRITE, PROT_EXEC = 2, 4
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
NAMESPACES = 0x7e020000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2


def settings(unit):
    """name -> values in order, of [Service]."""
    found = {}
    with open(unit, encoding="ascii") as f:
        for line in f:
            m = re.match(r"(\w+)=(.*)", line)
            if m:
                found.setdefault(m[1], []).append(m[2].strip())
    return found


def members(name):
    """The calls of a group, or the one call."""
    if not name.startswith("@"):
        return {name}
    out = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True,
                         capture_output=True, text=True).stdout
    calls = set()
    for word in re.findall(r"^\s+([@\w-]+)$", out, re.M):
        calls |= members(word)
    return calls


def allowed_calls(unit):
    calls = members("@default")
    for value in settings(unit)["SystemCallFilter"]:
        for word in value.lstrip("~").split():
            calls = calls - members(word) if value.startswith("~") else calls | members(word)
    return calls | members("@default")


def numbers():
    """name -> number, as this machine's compiler knows them."""
    out = subprocess.run([os.environ.get("CC", "cc").split()[0], "-E", "-dM", "-include",
                          "sys/syscall.h", "-x", "c", "/dev/null"],
                         check=True, capture_output=True, text=True).stdout
    return {m[1]: int(m[2]) for m in re.finditer(r"#define __NR_(\w+) (\d+)$", out, re.M)}


def why_not():
    """Why nothing can be caged here, or None."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return "not tried on this system"
    try:
        members("@default")
        if len(numbers()) < 200:
            return "no list of system calls"
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error)
    return None


def line(code, value, yes=0, no=0):
    return struct.pack("=HBBI", code, yes, no, value)


def returns(value):
    return line(RET, value)


def refuse(error):
    return returns(ERRNO | error)


def list_filter(known, allowed):
    code = line(LD, 0)
    for name in sorted(allowed):
        if name in known:
            code += line(JEQ, known[name], 0, 1) + returns(ALLOW)
    return code + refuse(errno.EPERM)


def family_filter(known, families):
    code = line(LD, 0) + line(JEQ, known["socket"], 1, 0) + returns(ALLOW) + line(LD, ARG0)
    for family in families:
        code += line(JEQ, FAMILIES[family], 0, 1) + returns(ALLOW)
    return code + refuse(errno.EAFNOSUPPORT)


def memory_filters(known):
    """What cannot be written cannot be run, and the other way round."""
    both = PROT_WRITE | PROT_EXEC
    yield (line(LD, 0) + line(JEQ, known["mmap"], 1, 0) + returns(ALLOW) + line(LD, ARG2) +
           line(AND, both) + line(JEQ, both, 0, 1) + refuse(errno.EPERM) + returns(ALLOW))
    yield (line(LD, 0) + line(JEQ, known["mprotect"], 1, 0) + returns(ALLOW) + line(LD, ARG2) +
           line(JSET, PROT_EXEC, 0, 1) + refuse(errno.EPERM) + returns(ALLOW))


def namespace_filter(known):
    return (line(LD, 0) + line(JEQ, known["clone3"], 0, 1) + refuse(errno.ENOSYS) +
            line(JEQ, known["clone"], 1, 0) + returns(ALLOW) + line(LD, ARG0) +
            line(JSET, NAMESPACES, 0, 1) + refuse(errno.EPERM) + returns(ALLOW))


def install(libc, code):
    text = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(text))
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")


def become_nobody():
    """As DynamicUser= would: somebody without any right."""
    user = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)


def main(unit, *command):
    values, known = settings(unit), numbers()
    allowed = allowed_calls(unit)
    if os.getuid() == 0:
        become_nobody()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    if values["MemoryDenyWriteExecute"] == ["yes"]:
        for code in memory_filters(known):
            install(libc, code)
    if values["RestrictNamespaces"] == ["yes"]:
        install(libc, namespace_filter(known))
    install(libc, family_filter(known, values["RestrictAddressFamilies"][0].split()))
    # The last: it need not let through what builds it (prctl, which it does).
    install(libc, list_filter(known, allowed))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
