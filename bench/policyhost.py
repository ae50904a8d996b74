# SPDX-License-Identifier: BSD-2-Clause
"""nginx as the policy host of thousands of domains, d0000000.ZONE and on: a certificate
for each hundred of them, and a policy that is made up from the name."""
import os
import shutil
import socket
import subprocess

from proc import Failure, Server

ADDRESS = "127.0.0.8"
EACH = 100    # names in a certificate

NGINX = r"""daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
events {{ worker_connections 1024; }}
http {{
	access_log off;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	default_type text/plain;
	map $ssl_server_name $bundle {{ ~^mta-sts\.d(?<many>[0-9]+)[0-9][0-9]\. $many; }}
	map $ssl_server_name $domain {{ ~^mta-sts\.(?<name>.*)$ $name; }}
	ssl_certificate {folder}/$bundle.pem;
	ssl_certificate_key {folder}/key.pem;
	server {{
		listen {address}:443 ssl;
		return 200 "version: STSv1\nmode: enforce\nmx: new.$domain\nmax_age: 604800\n";
	}}
}}
"""


def _openssl(*argv):
    done = subprocess.run(["openssl", *argv], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"openssl {argv[0]}: {done.stderr.strip()}")


def _certificates(folder, zone, domains):
    def path(name):
        return os.path.join(folder, name)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    _openssl("req", "-x509", *key, "-keyout", path("ca.key"), "-out", path("ca.pem"), "-days",
             "10", "-subj", "/CN=bench")
    _openssl("req", "-new", *key, "-keyout", path("key.pem"), "-out", path("csr"), "-subj",
             "/O=bench")
    for bundle in range((domains + EACH - 1) // EACH):
        with open(path("names"), "w", encoding="ascii") as f:
            f.write("subjectAltName=critical," + ",".join(
                f"DNS:mta-sts.d{bundle * EACH + i:07d}.{zone}" for i in range(EACH)))
        _openssl("x509", "-req", "-in", path("csr"), "-CA", path("ca.pem"), "-CAkey",
                 path("ca.key"), "-CAcreateserial", "-days", "5", "-extfile", path("names"),
                 "-out", path(f"{bundle:05d}.pem"))
    return path("ca.pem")


def _listens():
    with socket.socket() as s:
        return s.connect_ex((ADDRESS, 443)) == 0


def start(bench, zone, domains):
    """(the server, file of its CA)"""
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        raise Failure("nginx or openssl is not installed")
    folder = os.path.join(bench.folder, "policyhost")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    authority = _certificates(folder, zone, domains)
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(NGINX.format(folder=folder, address=ADDRESS))
    server = Server("nginx", ["nginx", "-p", folder, "-c", conf, "-e",
                              os.path.join(folder, "nginx.error")], bench.folder)
    server.wait_for(_listens, 10, "HTTPS")
    return server, authority
