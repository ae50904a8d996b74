#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every include points at its own layer or at a lower one (design: facts flow one
# way). The linker proves the same for the unit tests; this names file and line.
top=${srcdir:-.}
echo 1..2
bad=$(awk '
BEGIN { r["base"] = 0; r["parse"] = 1; r["plan"] = r["cert"] = 2; r["source"] = r["verify"] = 3; r["api"] = 4 }
FNR == 1 { n = split(FILENAME, p, "/"); here = p[n - 1] }
# The stub is a program of its own: base, parse and the wire protocol it shares.
here == "stub" && /^#include "(plan|verify|api)\// { print FILENAME ":" FNR ": " $2; next }
here == "stub" { next }
/^#include "[a-z]+\// {
	split($2, q, /["\/]/); there = q[2]
	if (r[there] > r[here] || (r[there] == r[here] && there != here))
		print FILENAME ":" FNR ": " here " includes " there
}' "$top"/lib/*/*.[ch])
if [ -z "$bad" ]; then echo "ok 1 - lib: no include points upward"
else echo "not ok 1 - lib: no include points upward"; echo "$bad" | sed 's/^/# /'; fi

# plugin/ and tools/ know the public header, base/, what they share in ctl/, and
# themselves; never each other.
bad=$(for part in ctl plugin tools; do
	part_of=$part
	[ $part != tools ] || part_of='tools(/report)?'
	grep -nE '^#include "' "$top/$part"/*.[ch] /dev/null |
		grep -vE "\"(danests\.h|base/[a-z_]+\.h|ctl/[a-z_]+\.h|$part_of/[a-z0-9_]+\.h)\""
done
# The report's stages know nothing of the other tools.
grep -nE '^#include "' "$top"/tools/report/*.[ch] /dev/null |
	grep -vE '"(danests\.h|base/[a-z_]+\.h|tools/report/[a-z0-9_]+\.h)"')
if [ -z "$bad" ]; then echo "ok 2 - plugin, tools and ctl use the public header and base only"
else echo "not ok 2 - plugin, tools and ctl use the public header and base only"; echo "$bad" | sed 's/^/# /'; fi
