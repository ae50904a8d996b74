#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Manual pages are clean mdoc, every file says under which licence it is, and none is
# long, but for the one public header: the interface is read in one piece. The keys of a
# decision's line are the same in the manual, in its order, as in the source.
top=${srcdir:-.}
echo 1..4
if command -v mandoc >/dev/null; then
	bad=$(mandoc -Tlint -Wwarning "$top"/man/*.[1-8] 2>&1)
	if [ -z "$bad" ]; then echo "ok 1 - mandoc has nothing to say about the manual"
	else echo "not ok 1 - mandoc has nothing to say about the manual"; echo "$bad" | sed 's/^/# /'; fi
else
	echo "ok 1 - # SKIP no mandoc"
fi
bad=$(find "$top/lib" "$top/plugin" "$top/ctl" "$top/tools" "$top/test" "$top/bench" -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.map' \) \
	-exec sh -c 'for f; do head -n 3 "$f" | grep -q SPDX-License-Identifier || echo "$f"; done' sh {} +)
if [ -z "$bad" ]; then echo "ok 2 - every source file names its licence"
else echo "not ok 2 - every source file names its licence"; echo "$bad" | sed 's/^/# /'; fi
bad=$(find "$top/lib" "$top/plugin" "$top/ctl" "$top/tools" "$top/test" "$top/bench" -type f \
	\( -name '*.[ch]' -o -name '*.py' \) ! -path "$top/lib/danests.h" -exec awk 'FNR == 351 { print FILENAME }' {} +)
if [ -z "$bad" ]; then echo "ok 3 - no source file is longer than 350 lines"
else echo "not ok 3 - no source file is longer than 350 lines"; echo "$bad" | sed 's/^/# /'; fi
said=$(sed -n '/^\.Ss Keys/,/^\.Sh/s/^\.It Li //p' "$top/man/danestsd-log.5" | tr '\n' ' ')
kept=$(sed -n 's/^\t{ "\([a-z_]*\)", .*/\1/p' "$top/lib/base/decision.c" | tr '\n' ' ')
if [ -n "$kept" ] && [ "$said" = "$kept" ]; then echo "ok 4 - danestsd-log(5) has the keys of the line"
else echo "not ok 4 - danestsd-log(5) has the keys of the line"; echo "# said: $said; kept: $kept"; fi
