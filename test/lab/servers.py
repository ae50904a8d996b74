# SPDX-License-Identifier: BSD-2-Clause
"""The real servers of the closed world: NSD, Unbound, nginx."""

import os
import socket
import subprocess
import time

NSD = """server:
%(addresses)s
	port: 53
	username: ""
	chroot: ""
	database: ""
	server-count: 1
	tcp-count: 200
	hide-version: yes
	minimal-responses: yes
	rrl-ratelimit: 0
	zonelistfile: "%(dir)s/zone.list"
	xfrdfile: "%(dir)s/xfrd.state"
	xfrdir: "%(dir)s"
	pidfile: "%(dir)s/nsd.pid"
	logfile: "%(dir)s/nsd.log"
remote-control:
	control-enable: no
"""

UNBOUND = """server:
	interface: %(address)s
	port: 53
	access-control: 127.0.0.0/8 allow
	username: ""
	chroot: ""
	directory: "%(dir)s"
	pidfile: "%(dir)s/unbound.pid"
	logfile: "%(dir)s/unbound.log"
	use-syslog: no
	root-hints: "%(hints)s"
	module-config: "%(modules)s"
	%(anchor)s
	do-not-query-localhost: no
	local-zone: "test." nodefault
	num-threads: 1
	outgoing-range: 450
	num-queries-per-thread: 2000
	ede: yes
	val-log-level: 2
	do-daemonize: no
remote-control:
	control-enable: no
"""

NGINX = """daemon off;
user root;
worker_processes 1;
pid %(dir)s/nginx.pid;
error_log %(dir)s/error.log;
events { worker_connections 1024; }
http {
	log_format hosts '$ssl_server_name $status $request';
	access_log %(dir)s/access.log hosts;
	client_body_temp_path %(dir)s/body;
	proxy_temp_path %(dir)s/proxy;
	fastcgi_temp_path %(dir)s/fastcgi;
	uwsgi_temp_path %(dir)s/uwsgi;
	scgi_temp_path %(dir)s/scgi;
	types { text/plain txt; }
	ssl_protocols TLSv1.2 TLSv1.3;
	ssl_certificate %(certs)s/$ssl_server_name.pem;
	ssl_certificate_key %(certs)s/$ssl_server_name.pem;
	map_hash_bucket_size 256;
	map $host $how {
		default good;
%(map)s
	}
	server {
%(listen)s
		root %(dir)s/www/$host;
		if ($how = 404) { return 404; }
		if ($how = redirect) { return 301 https://mta-sts.sts.plain$request_uri; }
		error_page 470 = @html;
		error_page 471 = @charset;
		error_page 472 = @notype;
		error_page 473 = @gzip;
		if ($how = html) { return 470; }
		if ($how = charset) { return 471; }
		if ($how = notype) { return 472; }
		if ($how = gzip) { return 473; }
		location @html { types { } default_type text/html; }
		location @charset { types { } default_type "text/plain; charset=utf-8"; }
		location @notype { types { } default_type ""; }
		location @gzip {
			types { } default_type text/plain;
			add_header Content-Encoding gzip;
			rewrite ^(.*)$ $1.gz break;
		}
	}
}
"""


def start(argv, log, **options):
    """A child with its output in a file."""
    with open(log, "ab") as out:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **options)


def _folder(world, name):
    path = os.path.join(world, name)
    os.makedirs(path, exist_ok=True)
    return path


def nsd(world, name, addresses, zones):
    """zones: {origin: path}"""
    folder = _folder(world, name)
    conf = os.path.join(folder, "nsd.conf")
    with open(conf, "w") as f:
        f.write(NSD % {"dir": folder,
                       "addresses": "\n".join("\tip-address: " + a for a in addresses)})
        for origin, path in zones.items():
            f.write('zone:\n\tname: "%s"\n\tzonefile: "%s"\n' % (origin, path))
    return start(["nsd", "-d", "-c", conf], os.path.join(folder, "out"))


def unbound(world, name, address, hints, anchor):
    """A resolver; without anchor it does not validate."""
    folder = _folder(world, name)
    conf = os.path.join(folder, "unbound.conf")
    with open(conf, "w") as f:
        f.write(UNBOUND % {
            "dir": folder, "address": address, "hints": hints,
            "modules": "validator iterator" if anchor else "iterator",
            "anchor": 'trust-anchor-file: "%s"' % anchor if anchor else ""})
    return start(["unbound", "-d", "-c", conf], os.path.join(folder, "out"))


def nginx(world, addresses, certs, how):
    """how: {policy host: behaviour}"""
    folder = _folder(world, "nginx")
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w") as f:
        f.write(NGINX % {
            "dir": folder, "certs": certs,
            "map": "\n".join("\t\t%s %s;" % x for x in how.items()),
            "listen": "\n".join("\t\tlisten %s:443 ssl;" % a for a in addresses)})
    return start(["nginx", "-p", folder, "-c", conf, "-e", os.path.join(folder, "error.log")],
                 os.path.join(folder, "out"))


def fetches(world, host):
    """How often nginx was asked for this host's policy."""
    path = os.path.join(world, "nginx", "access.log")
    with open(path) as f:
        return sum(1 for line in f if line.split()[0] == host)


def wait_for(check, seconds, what):
    """Until check() is true; what it waits for is named when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.02)
    raise TimeoutError("waited %d s in vain for %s" % (seconds, what))


def listening(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(1)
        return s.connect_ex((address, port)) == 0
