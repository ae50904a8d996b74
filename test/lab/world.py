# SPDX-License-Identifier: BSD-2-Clause
"""Brings the closed world up: zones from the table, servers, certificates."""

import gzip
import os
import socket
import threading
import time

import badweb
import dnswire
import mailcerts
import mailsink
import servers
import zones
from pki import Pki
from row import BAD_WEB, GLOBAL_WEB_ADDRESS, WEB_ADDRESS, WEB_ADDRESS6, Chain
from table import TLDS

RESOLVER, PLAIN_RESOLVER = "127.0.0.1", "127.0.0.2"


class World:
    def __init__(self, folder, rows):
        self.dir = folder
        self.rows = rows
        self.children = []
        self.hints = self.path("root.hints")
        self.anchor = self.path("root.key")
        self.pki = Pki(self.path("certs"))
        self.ca_file = self.pki.ca_file
        self.web = badweb.BadWeb(self.pki.dir)
        self.mail = mailsink.MailSink()

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def start(self):
        begun = time.monotonic()
        self._silence()
        self._policies()
        self._mail()
        self._zones()
        self._servers()
        self.web.start()
        self.mail.start()
        return time.monotonic() - begun

    # -- DNS ---------------------------------------------------------------

    def _zones(self):
        root, tld, leaf = zones.Key(), zones.Key(), zones.Key()
        names = {r.zone for r in self.rows}
        below = {}   # parent zone -> delegations
        keys = {}
        for row in self.rows:
            parent = self._parent(row.zone, names)
            signed = row.signed and TLDS[row.zone.rsplit(".", 1)[-1]] is not None
            keys[row.zone] = leaf if signed or row.ds != "ok" else None
            below.setdefault(parent, []).append(
                (row.zone + ".", row.served, keys[row.zone], row.ds))
        files = [self._root_zone(root, tld)]
        for name, denial in TLDS.items():
            own = "A " + zones.TLD_ADDRESS
            text = "@ NS ns.%s.\nns %s\nns AAAA %s\n%s" % (
                name, own, zones.TLD_ADDRESS6, zones.parent_text(below.get(name, ()), own))
            files.append(zones.ZoneFile(name + ".", text, tld if denial else None, denial,
                                        served="own"))
        for row in self.rows:
            denial = row.denial or TLDS[row.zone.rsplit(".", 1)[-1]] or "nsec3"
            text = row.full_text() + "\n" + zones.parent_text(
                below.get(row.zone, ()), zones.SERVED["leaf"])
            files.append(zones.ZoneFile(
                row.zone + ".", text, keys[row.zone],
                "nsec3" if denial == "optout" else denial, row.faults, row.served))
        self.files = {f.origin: f for f in files}
        self.built = zones.build_all(files, self.path("zones"))
        with open(self.hints, "w") as f:
            f.write(". 3600000 NS a.root.\na.root. 3600000 A %s\na.root. 3600000 AAAA %s\n" % (
                zones.ROOT_ADDRESS, zones.ROOT_ADDRESS6))
        with open(self.anchor, "w") as f:
            f.write(root.ds(".", "ok") + "\n")

    @staticmethod
    def _parent(zone, names):
        up = zone.split(".")[1:]
        while len(up) > 1 and ".".join(up) not in names:
            up.pop(0)
        return ".".join(up)

    @staticmethod
    def _root_zone(root, tld):
        own = "A " + zones.TLD_ADDRESS
        text = "@ NS a.root.\na.root. A %s\na.root. AAAA %s\n" % (
            zones.ROOT_ADDRESS, zones.ROOT_ADDRESS6)
        text += zones.parent_text(
            [(t + ".", "own", tld if denial else None, "ok") for t, denial in TLDS.items()], own)
        return zones.ZoneFile(".", text, root, "nsec", served="own")

    def _servers(self):
        tlds = {t + "." for t in TLDS}
        served = {r.zone + ".": r.served for r in self.rows}
        leaf = {}
        for origin, path in self.built.items():
            how = served.get(origin)
            if how == "servfail":
                leaf[origin] = path + ".missing"
            elif how in ("leaf", "v6"):
                leaf[origin] = path
        groups = (
            ("nsd-root", (zones.ROOT_ADDRESS, zones.ROOT_ADDRESS6), {".": self.built["."]}),
            ("nsd-tld", (zones.TLD_ADDRESS, zones.TLD_ADDRESS6),
             {t: self.built[t] for t in tlds}),
            ("nsd-leaf", (zones.LEAF_ADDRESS, zones.LEAF_ADDRESS6), leaf))
        for name, addresses, content in groups:
            self.children.append(servers.nsd(self.dir, name, addresses, content))
        self.leaf = self.children[-1]
        self.children.append(servers.unbound(self.dir, "unbound", RESOLVER, self.hints,
                                             self.anchor))
        self.children.append(servers.unbound(self.dir, "unbound-plain", PLAIN_RESOLVER,
                                             self.hints, None))
        how = {"mta-sts." + r.zone: r.sts.how for r in self.rows
               if r.sts and r.sts.how not in BAD_WEB + ("good",)}
        self.children.append(servers.nginx(
            self.dir, (WEB_ADDRESS, "[%s]" % WEB_ADDRESS6, GLOBAL_WEB_ADDRESS), self.pki.dir,
            how))
        for address, port in ((zones.ROOT_ADDRESS, 53), (zones.TLD_ADDRESS, 53),
                              (zones.LEAF_ADDRESS, 53), (RESOLVER, 53), (PLAIN_RESOLVER, 53),
                              (WEB_ADDRESS, 443)):
            servers.wait_for(lambda a=address, p=port: servers.listening(a, p), 20,
                             "%s port %d" % (address, port))
        servers.wait_for(lambda: dnswire.is_secure(RESOLVER, "lab", "SOA"), 20,
                         "a validated answer")
        servers.wait_for(lambda: dnswire.ask(PLAIN_RESOLVER, "lab", "SOA"), 20,
                         "the resolver that does not validate")

    def _silence(self):
        """The server that never answers: bound, so that no ICMP tells."""
        self.silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.silent.bind((zones.SILENT_ADDRESS, 53))
        self.silent_tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.silent_tcp.bind((zones.SILENT_ADDRESS, 53))
        self.silent_tcp.listen(64)

        def swallow():
            while True:
                self.silent.recvfrom(65535)
        threading.Thread(target=swallow, daemon=True).start()

    # -- Web and mail ------------------------------------------------------

    def _policies(self):
        for row in self.rows:
            if row.sts:
                self.publish(row.zone, row.sts)

    def publish(self, domain, sts):
        name = "mta-sts." + domain
        self.pki.web(name, sts.cert)
        text = sts.policy(domain).encode()
        self.web.hosts[name] = (sts.how, text)
        folder = self.path("nginx", "www", name, ".well-known")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "mta-sts.txt"), "wb") as f:
            f.write(text)
        with open(os.path.join(folder, "mta-sts.txt.gz"), "wb") as f:
            f.write(gzip.compress(text))

    def _mail(self):
        """Certificates of mail servers; they go into the zones as <spki NAME>, or, of a
        Chain, as <NAME PART U S M>."""
        for row in self.rows:
            certs = {}
            for server in row.mail:
                host = row.zone if server.name == "@" else server.name + "." + row.zone
                if isinstance(server.cert, Chain):
                    certs[server.name] = mailcerts.MailCerts(self.pki, host, server.cert)
                    path = self.pki.keep(host, certs[server.name].pem())
                else:
                    path, digest = self.pki.mail(host, server.cert)
                    row.text = row.text.replace("<spki %s>" % server.name, digest)
                self.mail.add(server.address, host, path if server.starttls else None,
                              server.port, server.manner)
            row.text = mailcerts.fill(row.text, certs)
