# SPDX-License-Identifier: BSD-2-Clause
"""The real Postfix as a sender, with a configuration and a queue of its own."""

import os
import re
import smtplib
import subprocess
from dataclasses import dataclass

SUBMIT_PORT = 2525

# The lines that the README asks of an administrator.
README_LINES = """smtp_dns_support_level = dnssec
smtp_tls_security_level = may
smtp_tls_policy_maps = socketmap:inet:127.0.0.1:%(port)d:QUERY
"""

MAIN = README_LINES + """
smtp_tls_CAfile = %(ca)s
smtp_tls_loglevel = 1
compatibility_level = 3.6
queue_directory = %(dir)s/queue
data_directory = %(dir)s/data
command_directory = %(command)s
daemon_directory = %(daemon)s
mail_owner = postfix
setgid_group = postdrop
maillog_file = %(dir)s/maillog
maillog_file_prefixes = %(dir)s
myhostname = sender.lab
myorigin = $myhostname
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = all
smtp_host_lookup = dns
smtp_connect_timeout = 5s
smtpd_relay_restrictions = permit_mynetworks, reject
"""

MASTER = """%(port)d inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def _without(text, more):
    """Postfix would warn of a parameter that is set twice."""
    names = {line.split(" =")[0] for line in more.splitlines()}
    return "".join(line for line in text.splitlines(True) if line.split(" =")[0] not in names)


@dataclass
class Outcome:
    """What Postfix did with one message, by its own log."""

    status: str = ""       # sent, deferred, bounced, or "" so far
    text: str = ""         # the words in brackets after the status
    tls: str = ""          # Verified, Trusted, Untrusted, Anonymous, or "" for none


class Postfix:
    """root: another system's tree to run it in (debian.py), the world being its /lab.
    more: further lines of main.cf; services: of master.cf."""

    def __init__(self, world, port, name="postfix", root="", table="QUERY", more="",
                 services=""):
        self.root = root
        self.dir = world.path(name)
        for folder in ("conf", "queue", "data"):
            os.makedirs(os.path.join(self.dir, folder))
        subprocess.run(["chown", "postfix", os.path.join(self.dir, "data")], check=True)
        lab = "/lab" if root else world.dir
        own = os.path.join(lab, name)
        values = {"dir": own, "port": port,
                  "ca": os.path.join(lab, os.path.relpath(world.ca_file, world.dir)),
                  "command": self._builtin("command_directory"),
                  "daemon": self._builtin("daemon_directory")}
        self.conf = os.path.join(own, "conf")
        self.log_file = os.path.join(self.dir, "maillog")
        with open(os.path.join(self.dir, "conf", "main.cf"), "w") as f:
            f.write(_without((MAIN % values).replace(":QUERY", ":" + table), more) + more)
        with open(os.path.join(self.dir, "conf", "master.cf"), "w") as f:
            f.write(MASTER % {"port": SUBMIT_PORT} + services)

    def run(self, *argv):
        """One of its commands."""
        return subprocess.run((["chroot", self.root] if self.root else []) + list(argv),
                              capture_output=True, text=True, timeout=60)

    def _builtin(self, name):
        return self.run("postconf", "-dh", name).stdout.strip()

    def _command(self, word):
        return self.run("postfix", "-c", self.conf, word)

    def start(self):
        done = self._command("start")
        if done.returncode != 0:
            raise RuntimeError("Postfix does not start: %s\n%s" % (done.stderr, self.log()))

    def stop(self):
        self._command("stop")

    def log(self):
        try:
            with open(self.log_file, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    @staticmethod
    def send(recipients):
        """One message to each."""
        with smtplib.SMTP("127.0.0.1", SUBMIT_PORT, timeout=30) as session:
            for recipient in recipients:
                session.sendmail("lab@sender.lab", [recipient],
                                 "Subject: hello %s\r\n\r\nhello\r\n" % recipient)

    def outcomes(self, recipients):
        """{recipient: Outcome}, as far as the log tells by now."""
        found = {r: Outcome() for r in recipients}
        tls = {}   # smtp process -> the TLS session it last made
        for line in self.log().splitlines():
            match = re.search(r"postfix/smtp\[(\d+)\]: (.*)", line)
            if not match:
                continue
            process, text = match.groups()
            session = re.match(r"(\w+) TLS connection established to (\S+?)\[", text)
            if session:
                tls[process] = session.groups()
            done = re.match(r"\w+: to=<([^>]*)>, relay=(\S+?)(?:\[.*?)?,.* status=(\w+) \((.*)\)",
                            text)
            if done and done.group(1) in found:
                outcome = found[done.group(1)]
                outcome.status, outcome.text = done.group(3), done.group(4)
                word, host = tls.pop(process, ("", ""))
                outcome.tls = word if host == done.group(2) else ""
        return found
