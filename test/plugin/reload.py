#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""danestsd on SIGHUP: what changes, what stays, and what is refused (spec.md 2)."""
import os
import socket
import stat
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from commands import run  # noqa: E402
from reloaded import NOTFOUND, Reloading, children  # noqa: E402
from world import PATIENCE, A, Client, Dns, free_port, wait_for  # noqa: E402


class Reload(Reloading):
    def test_nothing_changed_and_clients_stay(self):
        with self.daemon() as d:
            client, idle = d.client(), Client(d.path)
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            d.wait_for_log("dnssec: (?!self-test not finished)")
            asked = len(d.dns.asked)
            d.hup("reloaded: nothing has changed")
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            self.assertEqual(idle.ask("QUERY a.toys"), NOTFOUND)
            self.assertEqual(d.dns.mx_questions("a.toys"), 1)  # nor is anything forgotten
            self.assertEqual(len(d.dns.asked), asked)  # nor is DNSSEC tested anew
            client.close()
            idle.close()

    def test_a_bad_one_is_refused_with_file_and_line(self):
        cases = [
            ("max_clients = many\n", r"danestsd\.conf:6: .*max_clients"),
            ("no_such_thing = 1\n", r"danestsd\.conf:6: .*no_such_thing"),
            ("no equals sign\n", r"danestsd\.conf:6: "),
            ("root_hints = /nonexistent/hints\n", r"danestsd\.conf:6: root_hints"),
            ("user = nobody-of-this-name\n", r"danestsd\.conf:6: user"),
            ("ca_file = /nonexistent/ca\n", r"danestsd\.conf:6: ca_file"),
            ("trust_anchor = /nonexistent/key\n", r"danestsd\.conf:6: .*trust.anchor"),
            ("resolver = nonsense\n", r"danestsd\.conf:6: .*resolver"),
            ("dnssec = trust-ad\nresolver = 192.0.2.1\n", "N2|without getdns"),
            ("listen = inet:192.0.2.1:1\n", r"danestsd\.conf:6: listen: inet:192\.0\.2\.1:1"),
            ("listen =\n", r"danestsd\.conf:6: listen: nothing"),
            ("overrides = /nonexistent/overrides\n", "/nonexistent/overrides"),
        ]
        with self.daemon() as d:
            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            for text, pattern in cases:
                # Were any of it taken over, nothing would be found any more.
                d.write("listen = inet:127.0.0.1:%d\n" % free_port() + text
                        if "listen" not in text else text)
                if "listen" not in text:
                    pattern = pattern.replace(":6:", ":7:")
                line = d.hup("reload refused: .*(%s).*the running configuration stays" % pattern)
                self.assertEqual(line.count("refused"), 1)
                other = d.client()
                self.assertEqual(other.ask("QUERY a.toys"), NOTFOUND)
                self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
                other.close()
            os.unlink(d.conf)
            d.hup("reload refused: .*danestsd.conf")
            self.assertEqual(d.dns.mx_questions("a.toys"), 1)
            self.assertEqual(client.ask("QUERY b.toys"), NOTFOUND)
            client.close()

    def test_a_refused_reload_closes_what_it_opened(self):
        with self.daemon() as d:
            port = free_port()
            fds, counts = "/proc/%d/fd" % d.process.pid, []
            for _ in range(12):
                d.write(listen="inet:127.0.0.1:%d, unix:%s.new, inet:192.0.2.1:1" %
                        (port, d.path))
                d.hup("reload refused: .*192.0.2.1")
                counts.append(len(os.listdir(fds)))
            self.assertRaises(ConnectionRefusedError, Client, ("127.0.0.1", port))
            self.assertFalse(os.path.exists(d.path + ".new"))
            self.assertLess(min(counts[6:]), min(counts[:6]) + 3, counts)

    def test_endpoints_come_and_go_and_the_same_ones_stay(self):
        with self.daemon() as d:
            old, inode = d.client(), os.stat(d.path).st_ino
            port, other = free_port(), os.path.join(d.folder, "other")
            d.write(listen="unix:%s unix:%s inet:127.0.0.1:%d" % (d.path, other, port),
                    listen_mode="0600")
            d.hup("reloaded: changed: listen, listen_mode")
            self.assertEqual(os.stat(d.path).st_ino, inode)
            self.assertEqual(stat.S_IMODE(os.stat(d.path).st_mode), 0o600)
            self.assertEqual(stat.S_IMODE(os.stat(other).st_mode), 0o600)
            self.assertRaises(ConnectionRefusedError, d.client)
            for c in (old, Client(d.path), Client(other), Client(("127.0.0.1", port))):
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
                c.close()
            d.write(listen="inet:127.0.0.1:%d" % port)
            d.hup("reloaded: changed: listen")
            self.assertFalse(os.path.exists(d.path))
            self.assertFalse(os.path.exists(other))
            client = Client(("127.0.0.1", port))
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()

    def test_another_resolver_is_asked_and_what_the_old_one_said_forgotten(self):
        first, second = Dns(), Dns()
        with self.daemon(dns=first) as d:
            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            d.write(resolver="127.0.0.1:%d" % second.port)
            d.hup("reloaded: changed: resolver")
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            self.assertEqual(second.mx_questions("a.toys"), 1)
            self.assertEqual(first.mx_questions("a.toys"), 1)
            client.close()

    def test_another_trust_anchor_in_the_same_file_is_another_one(self):
        with self.daemon() as d:
            anchor = os.path.join(d.folder, "anchor")
            with open(d.dns.root.anchor, encoding="ascii") as f:
                good = f.read()
            digest = good.split()[-1]
            bad = good.replace(digest, ("1" if digest[0] == "0" else "0") + digest[1:])

            def write(text):
                with open(anchor, "w", encoding="ascii") as f:
                    f.write(text)

            write(good)
            d.write(trust_anchor=anchor)
            d.hup("reloaded: changed: trust_anchor$")
            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            write("; a remark\n" + good)
            d.hup("reloaded: nothing has changed$")
            self.assertEqual(d.lines("answers of DNS are forgotten"), [])
            write(bad)
            d.hup("reloaded: ")
            # What the former one vouched for is not believed any more, warm or cold.
            self.assertRegex(client.ask("QUERY a.toys"), "^TEMP ")
            self.assertRegex(client.ask("QUERY b.toys"), "^TEMP ")
            self.assertEqual(len(d.lines("answers of DNS are forgotten")), 1)
            write(good)
            d.hup("reloaded: ")
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            self.assertEqual(client.ask("QUERY b.toys"), NOTFOUND)
            client.close()

    def test_replies_follow_new_parameters(self):
        with self.daemon() as d:
            client = d.client()
            client.ask("QUERY a.toys")
            d.write(insecure_mx="may")
            d.hup("reloaded: changed: insecure_mx")
            client.ask("QUERY a.toys")
            # The reply is worked out anew, from what the library still knows.
            lines = [x for x in d.lines("nexthop=a.toys ") if "source=lookup" in x]
            self.assertEqual(len(lines), 2)
            self.assertEqual(d.dns.asked.count(("mx.a.toys", A)), 1)
            d.write(insecure_mx="may", log_repeat="2h")
            d.hup("reloaded: changed: log_repeat")
            client.ask("QUERY a.toys")
            self.assertEqual(len(d.lines("nexthop=a.toys ")), 2)
            client.close()

    def test_overrides_are_read_again(self):
        with self.daemon() as d:
            path = os.path.join(d.folder, "overrides")

            def overrides(text):
                with open(path, "w", encoding="ascii") as f:
                    f.write(text)

            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            overrides("a.toys encrypt\n")
            d.write(overrides=path)
            d.hup("reloaded: changed: overrides; 1 overrides")
            self.assertEqual(client.ask("QUERY a.toys"), "OK encrypt")
            overrides("a.toys dane-only\nb.toys encrypt\n")
            d.hup("reloaded: 2 overrides, read anew")
            self.assertEqual(client.ask("QUERY a.toys"), "OK dane-only")
            self.assertEqual(client.ask("QUERY b.toys"), "OK encrypt")
            d.hup("reloaded: 2 overrides$")
            self.assertEqual(len(d.lines("reloaded: 2 overrides, read anew")), 1)
            overrides("b.toys encrypt\n\na.toys rubbish\n")
            d.hup("reload refused: .*overrides:3: .*stays")
            self.assertEqual(client.ask("QUERY a.toys"), "OK dane-only")
            self.assertEqual(client.ask("QUERY b.toys"), "OK encrypt")
            d.write()
            d.hup("reloaded: changed: overrides")
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            client.close()

    def test_the_administrators_endpoints_come_and_go(self):
        def figures(port):
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                return s.makefile("rb").read()

        with self.daemon() as d:
            ports, control = [free_port(), free_port()], os.path.join(d.folder, "control")
            for i in range(3):
                d.write(metrics="inet:127.0.0.1:%d" % ports[i % 2],
                        control="unix:" + control if i != 1 else "")
                d.hup("reloaded: changed: control, metrics$")
                self.assertIn(b"200", figures(ports[i % 2]).split(b"\r\n")[0])
                self.assertRaises(ConnectionRefusedError, figures, ports[1 - i % 2])
                self.assertEqual(os.path.exists(control), i != 1)
            self.assertEqual(stat.S_IMODE(os.stat(control).st_mode), 0o600)
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(PATIENCE)
                s.connect(control)
                s.sendall(b"{\n")
                self.assertIn(b"error", s.recv(4096))
            d.write(metrics="inet:192.0.2.1:1", control="unix:" + control + ".new")
            d.hup("reload refused: .*metrics: inet:192.0.2.1:1")
            self.assertFalse(os.path.exists(control + ".new"))
            self.assertIn(b"200", figures(ports[0]).split(b"\r\n")[0])
            d.write()
            d.hup("reloaded: changed: control, metrics$")
            self.assertRaises(ConnectionRefusedError, figures, ports[0])
            self.assertFalse(os.path.exists(control))

    def test_what_needs_a_restart_is_said_and_the_rest_applied(self):
        with self.daemon() as d:
            port = free_port()
            d.write(user="nobody", cache_dir=os.path.join(d.folder, "cache"),
                    listen=d.base["listen"] + " inet:127.0.0.1:%d" % port)
            d.hup("reloaded: changed: listen$")
            self.assertEqual(len(d.lines("reload: user, cache_dir can only change at a"
                                         " restart")), 1)
            client = Client(("127.0.0.1", port))
            self.assertEqual(client.ask("QUERY .toys"), NOTFOUND)
            client.close()

    def test_the_helper_of_trust_ad_comes_and_goes(self):
        if "without getdns" in run("-t", "-o", "dnssec=trust-ad", "-o", "resolver=127.0.0.1",
                                   text="").stderr:
            self.skipTest("built without getdns")
        with self.daemon() as d:
            client = d.client()

            def helpers(count):
                wait_for(lambda: len(children(d.process.pid)) == count)
                return children(d.process.pid)

            self.assertEqual(helpers(0), [])
            for i in range(3):
                d.write(dnssec="trust-ad")
                d.hup("reloaded: changed: .*dnssec")
                self.assertEqual(len(helpers(1)), 1)
                # The toy resolver does not validate, which the helper's probes find out.
                self.assertRegex(client.ask("QUERY a%d.toys" % i), "^(NOTFOUND |TEMP a)")
                d.write(dnssec="trust-ad", max_lookups=str(9 + i))
                d.hup("reloaded: changed: max_lookups$")
                self.assertEqual(len(helpers(1)), 1)
                d.write(max_lookups=str(9 + i))
                d.hup("reloaded: changed: dnssec$")
                self.assertEqual(helpers(0), [])
                self.assertEqual(client.ask("QUERY b%d.toys" % i), NOTFOUND)
            client.close()

    @unittest.skipIf(os.getuid() != 0, "needs root")
    def test_what_the_user_may_not_read_is_refused(self):
        with self.daemon("user=nobody") as d:
            d.hup("reloaded: nothing has changed")
            os.chmod(d.conf, 0o600)
            d.hup("reload refused: .*danestsd.conf: .*ermission denied")
            client = d.client()
            self.assertEqual(client.ask("QUERY a.toys"), NOTFOUND)
            client.close()

    def test_options_win_over_the_file_again(self):
        with self.daemon("max_clients=33") as d:
            d.write(max_clients="44", max_lookups="7")
            d.hup("reloaded: changed: max_lookups$")

    def test_max_clients(self):
        with self.daemon() as d:
            clients = [d.client() for _ in range(10)]
            for c in clients:
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
            d.write(max_clients="1")
            d.hup("reloaded: changed: max_clients")
            extra = [d.client() for _ in range(12)]  # 1, and the reserve is 16
            self.assertTrue(extra[-1].is_closed())
            for c in clients:
                self.assertEqual(c.ask("QUERY .toys"), NOTFOUND)
            for c in clients + extra:
                c.close()


if __name__ == "__main__":
    unittest.main()
