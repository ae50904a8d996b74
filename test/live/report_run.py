# SPDX-License-Identifier: BSD-2-Clause
"""The real Postfix on its way through report_rows.py: sends, remembers what it sent, and
reads its own log only to know when it is done and which queue ids there are."""

import contextlib
import os
import re
import smtplib
from dataclasses import dataclass, field

import servers
from daemon import Daemon
from postfix import SUBMIT_PORT, Postfix
from report_rows import GONE

PATIENCE = 60    # seconds for Postfix to be done with all messages
FILTER_PORT = 10025
LINES = """smtp_tls_loglevel = %(loglevel)s
smtp_tls_policy_maps = texthash:%(base)s/policies, socketmap:inet:127.0.0.1:%(port)d:%(table)s
smtp_tls_dane_insecure_mx_policy = dane
smtp_tls_session_cache_database = btree:$data_directory/smtp_scache
smtp_delivery_status_filter = regexp:%(base)s/filter
smtp_host_lookup = dns
transport_maps = texthash:%(base)s/transport
burst_destination_recipient_limit = 2
default_process_limit = 30
mynetworks = 127.0.0.0/8
%(more)s"""
PROXY = "tlsproxy unix - - n - 0 tlsproxy\n"
SERVICES = """burst unix - - n - - smtp
named unix - - n - - smtp
 -o syslog_name=%(name)s/named
lmtp unix - - n - - lmtp
"""
TLSRPT = """smtp_tlsrpt_enable = yes
smtp_tlsrpt_socket_name = %s/tlsrpt
"""
FILTER = "/^4(\\.7\\.4 TLS is required, but was not offered by host mx1\\.rep-filtered\\..*)/ 5$1\n"


@dataclass
class Setting:
    """How Postfix is set."""

    suite: str               # "" for the one that is installed
    version: tuple
    loglevel: str
    reuse: bool = False      # smtp_tls_connection_reuse
    patterns: bool = False   # smtp_tls_enforce_sts_mx_patterns, from 3.10.5 on
    tlsrpt: bool = False     # smtp_tlsrpt_enable, from 3.10 on
    proxy: bool = True       # there is a tlsproxy
    more: str = ""           # of main.cf
    label: str = ""          # of another run with the same setting
    root: str = ""

    @property
    def title(self):
        return "Postfix %d.%d, smtp_tls_loglevel = %s%s" % (
            *self.version[:2], self.loglevel, ", reuse" if self.reuse else "")

    @property
    def name(self):
        """Of the instance, and of its folder."""
        return "postfix-%d.%d-%s%s%s" % (*self.version[:2], self.loglevel.replace(",", "-"),
                                         "-reuse" * self.reuse, self.label)

    @property
    def feature(self):
        """Each delivery has its tls=."""
        return self.version >= (3, 11)

    @property
    def sessions(self):
        """Each session has its line."""
        return self.loglevel != "0" or self.reuse


@dataclass
class Sent:
    """What was sent, and what came of it."""

    setting: Setting
    scenes: list
    log_file: str = ""       # Postfix's
    known_file: str = ""     # danestsd's
    ids: dict = field(default_factory=dict)      # recipient: its Message-ID
    received: dict = field(default_factory=dict)  # recipient: what a server saw of it

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="surrogateescape") as f:
            return f.read()


class Sender:
    """One Postfix, and a danestsd of its own."""

    def __init__(self, world, build, setting, scenes):
        self.world, self.setting, self.scenes = world, setting, scenes
        self.daemon = Daemon(world, build)
        folder = setting.name
        inside = os.path.join("/lab" if setting.root else world.dir, folder)
        values = {"base": inside, "port": self.daemon.port, "loglevel": setting.loglevel,
                  "more": setting.more, "name": setting.name,
                  "table": "QUERYwithTLSRPT" if setting.patterns else "QUERY"}
        more = LINES % values + "syslog_name = %s\n" % setting.name
        more += "smtp_tls_connection_reuse = yes\n" * setting.reuse
        more += "smtp_tls_enforce_sts_mx_patterns = yes\n" * setting.patterns
        if setting.tlsrpt:
            more += TLSRPT % os.path.dirname(inside)
        self.postfix = Postfix(world, self.daemon.port, folder, setting.root, more=more,
                               services=SERVICES % values + PROXY * setting.proxy)
        self._files(world.path(folder), inside)
        self.sent = Sent(setting, scenes, self.postfix.log_file, self.daemon.log_file)
        self.taken = len(world.mail.received)

    def _files(self, folder, inside):
        with open(os.path.join(folder, "policies"), "w", encoding="ascii") as f:
            f.writelines("%s %s\n" % (s.domain, s.own) for s in self.scenes if s.own)
        with open(os.path.join(folder, "transport"), "w", encoding="ascii") as f:
            for s in self.scenes:
                if s.via:
                    via = s.via % os.path.join(os.path.dirname(inside), "filter.sock") \
                        if "%s" in s.via else s.via
                    f.write("%s %s\n" % (s.domain, via if ":" in via else via + ":"))
        with open(os.path.join(folder, "filter"), "w", encoding="ascii") as f:
            f.write(FILTER)

    def start(self):
        self.postfix.start()
        servers.wait_for(lambda: servers.listening("127.0.0.1", SUBMIT_PORT), 10, "Postfix")

    def send(self, scenes):
        with smtplib.SMTP("127.0.0.1", SUBMIT_PORT, timeout=30) as session:
            for scene in scenes:
                for recipients in scene.mails():
                    self._one(session, scene.sender, scene.header, recipients)

    def _one(self, session, sender, header, recipients):
        number = len(self.sent.ids)
        name = "<%s.%d@sender.lab>" % (self.setting.name, number)
        session.sendmail(
            sender, recipients, "Message-ID: %s\r\n%sSubject: hello\r\n\r\nhello\r\n" % (
                name, header and header + "\r\n"),
            ["SMTPUTF8"] * (not all(r.isascii() for r in recipients)))
        self.sent.ids.update(dict.fromkeys(recipients, name))

    def done(self, scenes, times=1):
        """Until the log has that many ends of each delivery."""
        wanted = [r for s in scenes for r in s.recipients()]

        def missing():
            log = self.sent.log()
            return [r for r in wanted if log.count(": to=<%s>," % r) < times]
        with contextlib.suppress(TimeoutError):   # what is missing is said case by case
            servers.wait_for(lambda: not missing(), PATIENCE, "Postfix to deliver or to hold")
        return missing()

    def command(self, *argv):
        return self.postfix.run(argv[0], "-c", self.postfix.conf, *argv[1:])

    def queue_id(self, recipient):
        return re.findall(r": (\w+): to=<%s>," % re.escape(recipient), self.sent.log())[-1]

    def again(self, scene):
        """Tries it anew under another queue id."""
        recipient = scene.recipients()[0]
        old = self.queue_id(recipient)
        self.command("postsuper", "-r", old)
        self.command("postkick", "public", "pickup", "W")
        self.done([scene], 2)
        return old, self.queue_id(recipient)

    def probe(self, scenes):
        """Asks whether mail would be taken, and sends none."""
        for scene in scenes:
            self.postfix.run("sendmail", "-C", self.postfix.conf, "-f", scene.sender, "-bv",
                             "probe@" + scene.domain)
        self.command("postkick", "public", "pickup", "W")
        with contextlib.suppress(TimeoutError):
            servers.wait_for(lambda: len(re.findall(r"status=(?:un)?deliverable ",
                                                    self.sent.log())) >= len(scenes),
                             PATIENCE, "Postfix to probe")
        return re.findall(r"to=<probe@(\S+)>.* status=((?:un)?deliverable) ", self.sent.log())

    def flush(self):
        self.command("postqueue", "-f")

    def expire(self, forced):
        """All that is left is too old; one of them because somebody says so."""
        self.command("postsuper", "-e", self.queue_id(forced.recipients()[0]))
        self.command("postconf", "-e", "maximal_queue_lifetime = 0", "bounce_queue_lifetime = 0")
        self.command("postfix", "reload")
        self.flush()

    def expired(self, scenes):
        """Until all of them were given back."""
        ids = {self.queue_id(r) for s in scenes for r in s.recipients()}

        def waiting():
            log = self.sent.log()
            return [x for x in ids if ": %s: removed" % x not in log]
        with contextlib.suppress(TimeoutError):
            servers.wait_for(lambda: not waiting(), PATIENCE, "Postfix to give mail back")

    def gone(self):
        """The service ends; mail goes on."""
        self.daemon.stop()
        self.send([GONE])
        self.done([GONE])
        self.scenes.append(GONE)

    def stop(self):
        self.postfix.stop()
        self.daemon.stop()
        for mail in self.world.mail.received[self.taken:]:
            self.sent.received.setdefault(mail.recipient, []).append(mail)
