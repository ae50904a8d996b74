# SPDX-License-Identifier: BSD-2-Clause
"""Lines as Postfix writes them, in every container that they come in; and dane-report on them."""
import bz2
import csv
import datetime
import gzip
import io
import json
import lzma
import os
import subprocess
import tempfile

PROGRAM = os.environ.get("DANE_REPORT", os.path.join(
    os.environ.get("builddir", "build"), "tools", "dane-report"))
NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.timezone.utc)
REPORTS = ("blocked", "blocked-details", "sent", "no-tls", "summary")
PEER = "mx.%s[192.0.2.1]:25"
UNUSABLE = "TLSA records unusable"
ENVIRONMENT = {**{k: v for k, v in os.environ.items() if k not in ("TZ", "COLUMNS")}, "TZ": "UTC"}


class Log:
    """Rows of (time, host, ident, pid, text); each line a second after the one before."""

    def __init__(self, instance="postfix", host="mail", start=NOON):
        self.rows, self.instance, self.host, self.now = [], instance, host, start

    def add(self, program, text, pid=101):
        ident = program if program in ("danestsd",) else self.instance + "/" + program
        self.rows.append((self.now, self.host, ident, pid, text))
        self.now += datetime.timedelta(seconds=1)
        return self

    def wait(self, **span):
        self.now += datetime.timedelta(**span)
        return self

    def born(self, qid, sender="s@here.example", message_id=None, count=1):
        self.add("smtpd", qid + ": client=localhost[127.0.0.1]", 90)
        self.add("cleanup", "%s: message-id=<%s>" % (
            qid, "%s@here.example" % qid if message_id is None else message_id), 91)
        return self.active(qid, sender, count)

    def active(self, qid, sender="s@here.example", count=1):
        return self.add("qmgr", "%s: from=<%s>, size=999, nrcpt=%d (queue active)" % (
            qid, sender, count), 92)

    def session(self, domain, word="Untrusted", pid=101, how="established"):
        return self.add("smtp", "%s TLS connection %s to %s: TLSv1.3 with cipher"
                        " TLS_AES_256_GCM_SHA384 (256/256 bits)" % (word, how, PEER % domain), pid)

    def deliver(self, qid, to, tls=None, status="sent", dsn=None, text="250 2.0.0 Ok: queued",
                pid=101, relay=None, program="smtp", more=""):
        domain = to.rpartition("@")[2].lower()
        dsn = dsn or ("2.0.0" if status == "sent" else "4.7.5")
        return self.add(program, "%s: to=<%s>, relay=%s,%s delay=1.1, delays=0.1/0/0.5/0.5,%s"
                        " dsn=%s, status=%s (%s)" % (
                            qid, to, relay or PEER % domain, more,
                            " tls=%s," % tls if tls else "", dsn, status, text), pid)

    def removed(self, qid):
        return self.add("qmgr", qid + ": removed", 92)

    def text(self, form="iso"):
        return b"".join(FORMS[form](*row) for row in self.rows)


# ---- Containers ----

def days(count):
    """One in the clear on each day, the last of which is 2026-11-20."""
    log = Log(start=NOON - datetime.timedelta(days=count - 1))
    for i in range(count):
        log.deliver("A%05X" % i, "x@d%d.example" % (i % 3), "may:none").wait(days=1, seconds=-1)
    return log


def blocked():
    log = Log().born("A12340", "boss@h.example")
    for i, (to, tls, text, status) in enumerate((
            ("a@one.example", "!dane", UNUSABLE, "deferred"),
            ("b@one.example", "!dane", UNUSABLE, "bounced"),
            ("c@two.example", "!secure", "TLS is required, but was not offered by host"
             " x[192.0.2.1]", "deferred"))):
        log.deliver("A1234%d" % i, to, tls, status, "4.7.5", text)
    return log


def _stamp(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S.%f").encode()


def _octets(text):
    return text if isinstance(text, bytes) else text.encode()


def _tail(ident, pid, text):
    return b"%s[%d]: %s" % (ident.encode(), pid, _octets(text))


def bsd(t, host, ident, pid, text):
    stamp = "%s %2d %s" % (t.strftime("%b"), t.day, t.strftime("%H:%M:%S"))
    return b"%s %s %s\n" % (stamp.encode(), host.encode(), _tail(ident, pid, text))


def iso(t, host, ident, pid, text):
    return b"%s+00:00 %s %s\n" % (_stamp(t), host.encode(), _tail(ident, pid, text))


def iso_east(t, host, ident, pid, text):
    t = t + datetime.timedelta(hours=5, minutes=30)
    return b"%s+05:30 %s %s\n" % (_stamp(t)[:19], host.encode(), _tail(ident, pid, text))


def syslog5424(t, host, ident, pid, text):
    return b'<22>1 %sZ %s %s %d - [x@1 a="\\]"] \xef\xbb\xbf%s\n' % (
        _stamp(t), host.encode(), ident.encode(), pid, _octets(text))


def journal(t, host, ident, pid, text):
    text = _octets(text)
    try:
        message = text.decode()
    except UnicodeDecodeError:
        message = list(text)
    return json.dumps({
        "__REALTIME_TIMESTAMP": str(int(t.timestamp()) * 1000000), "_HOSTNAME": host,
        "SYSLOG_IDENTIFIER": ident, "SYSLOG_PID": str(pid), "_PID": "1", "MESSAGE": message,
    }).encode() + b"\n"


def journal_octets(t, host, ident, pid, text):
    whole = json.loads(journal(t, host, ident, pid, text))
    whole["MESSAGE"] = list(_octets(text))
    return json.dumps(whole).encode() + b"\n"


def export(t, host, ident, pid, text):
    text = _octets(text)
    return (b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=%d\n_HOSTNAME=%s\nSYSLOG_IDENTIFIER=%s\n"
            b"SYSLOG_PID=%d\nMESSAGE\n%s%s\n\n" % (
                int(t.timestamp()) * 1000000, host.encode(), ident.encode(), pid,
                len(text).to_bytes(8, "little"), text))


FORMS = {
    "bsd": bsd,
    "no host": lambda t, host, *rest: bsd(t, "@", *rest).replace(b"@ ", b"", 1),
    "iso": iso,
    "iso Z": lambda *row: iso(*row).replace(b"+00:00", b"Z", 1),
    "iso with a zone": iso_east,
    "RFC 5424": syslog5424,
    "RFC 5424 without PRI": lambda *row: syslog5424(*row)[4:],
    "maillog_file": lambda t, *row: t.strftime("%b %d").encode() + bsd(t, *row)[6:],
    "journal json": journal,
    "journal json of octets": journal_octets,
    "journal export": export,
    "journal short-iso": lambda t, *row: iso(t, *row).replace(_stamp(t) + b"+00:00",
                                                            _stamp(t)[:19] + b"+0000", 1),
    "journal short-unix": lambda t, *row: b"%d.000000" % int(t.timestamp()) + bsd(t, *row)[15:],
    "compose": lambda *row: b"mail-1  | " + bsd(*row),
    "docker -t": lambda t, *row: _stamp(t) + b"789Z " + bsd(t, *row),
    "kubernetes": lambda t, *row: _stamp(t) + b"123Z stdout F " + bsd(t, *row),
    "grep -H": lambda *row: b"mail.log.1:" + bsd(*row),
}


def zstd(octets):
    return subprocess.run(["zstd", "-qc"], input=octets, stdout=subprocess.PIPE, check=True).stdout


PACKERS = {
    "gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress, "zst": zstd,
    "lzma": lambda octets: lzma.compress(octets, format=lzma.FORMAT_ALONE),
}


# ---- dane-report ----

def run(*args, data=b"", **more):
    """All of what the program did; logs come from standard input unless args name some."""
    more.setdefault("env", ENVIRONMENT)
    return subprocess.run([PROGRAM, *args], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False, **more)


def report(name, log, *args, code=0):
    """Rows of a CSV, without the header."""
    data = log if isinstance(log, bytes) else log.text()
    done = run(name, "--all-time", *args, data=data)
    assert done.returncode == code, done
    return rows_of(done.stdout)[1:]


def rows_of(text):
    return list(csv.reader(io.StringIO(text.decode("utf-8"), newline="")))


def footer(done):
    found = {}
    for line in done.stderr.decode().splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name, []).append(value.strip())
    return found


def sent(log, *args):
    """{type: count} of what is not 0."""
    total = {}
    for _, kind, count in report("sent", log, *args):
        if count != "0":
            total[kind] = total.get(kind, 0) + int(count)
    return total


def every(files, *args, data=b""):
    """All reports, as one text."""
    with tempfile.TemporaryDirectory() as folder:
        done = run("all", "-o", folder, "--all-time", *args, *files, data=data)
        assert done.returncode == 0, done
        return "".join(open(os.path.join(folder, name + ".csv"), newline="",
                            encoding="utf-8").read() for name in REPORTS)
