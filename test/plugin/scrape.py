# SPDX-License-Identifier: BSD-2-Clause
"""Prometheus's side: fetch figures and read them."""
import os
import re
import shutil
import socket

try:
    from prometheus_client.parser import text_string_to_metric_families as families
except ImportError:
    families = None

PROMTOOL = shutil.which(os.environ.get("PROMTOOL", "promtool"))

SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="([^"\\]*)"(?:,|$)')


def samples(text):
    """{(name, ((label, value), ...)): number}, of text that has no escapes in it."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        pairs = LABEL.findall(labels or "")
        assert LABEL.sub("", labels or "") == "", line
        key = (name, tuple(sorted(pairs)))
        assert key not in found, line
        found[key] = float(value)
    return found


def without_histogram_parts(found):
    return {key for key in found if not key[0].endswith("_bucket")}


def read_reply(sock):
    """(status, headers in lower case, body) until the other end hangs up."""
    data = b""
    while True:
        more = sock.recv(65536)
        if not more:
            break
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict((k.lower(), v) for k, v in (x.split(": ", 1) for x in lines[1:]))
    return int(lines[0].split(" ")[1]), headers, body


class Target:
    def __init__(self, port):
        self.port = port

    def connect(self, timeout=60):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def raw(self, request):
        with self.connect() as s:
            s.sendall(request.encode("latin-1"))
            return read_reply(s)

    def text(self):
        status, _, body = self.raw("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert status == 200, status
        return body.decode("ascii")
