#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Fetch policies over real TLS from good and hostile servers on loopback: TAP.
python=${PYTHON3:-/usr/bin/python3}
if ! "$python" -c 'import cryptography' 2> /dev/null; then
	echo "1..0 # SKIP $python has no module cryptography"
	exit 0
fi
exec "$python" -B "${srcdir:-.}/test/https/run.py" "${builddir:-.}/test/https/drive"
