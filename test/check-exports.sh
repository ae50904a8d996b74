#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Header, symbol map, shared library and manual name the same functions with the
# same prototypes: what people forget, a script compares.
top=${srcdir:-.}
build=${builddir:-.}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0
result() { # claim, file with complaints
	n=$((n + 1))
	if [ -s "$2" ]; then echo "not ok $n - $1"; sed 's/^/# /' "$2"; else echo "ok $n - $1"; fi
}
echo 1..4

# One prototype per line, comments and declarations of types gone, blanks folded.
sed -e '/^#/d' -e '/^extern "C" {$/d' "$top"/lib/danests.h "$top"/lib/danests_gnutls.h |
	sed -e ':a' -e 's:/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/::g' | tr '\n' ' ' |
	sed -e 's:/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/::g' -e 's/{[^}]*}//g' -e 's/;/;\n/g' |
	grep -o '[a-z_][a-z_ ]*[ *]\+danests_[a-z_]*(.*);' | sed 's/[[:space:]]\+/ /g; s/^ //' |
	sort > "$tmp/protos"
sed 's/.*\(danests_[a-z_]*\)(.*/\1/' "$tmp/protos" | sort -u > "$tmp/header"
[ -s "$tmp/header" ] || echo "no function found in the headers" > "$tmp/header"

sed -n 's/^\t\(danests_[a-z_]*\);$/\1/p' "$top/lib/danests.map" | sort > "$tmp/map"
diff "$tmp/header" "$tmp/map" > "$tmp/out"
result "danests.map lists what the headers declare" "$tmp/out"

so=$build/lib/.libs/libdanests.so
if [ -f "$so" ]; then
	nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort > "$tmp/so"
	diff "$tmp/header" "$tmp/so" > "$tmp/out"
	result "libdanests.so exports that and nothing else" "$tmp/out"
else
	n=$((n + 1)); echo "ok $n - # SKIP no shared library was built"
fi

cat "$top"/man/danests*.3 | sed -n 's/^\.Nm \(danests_[a-z_]*\).*/\1/p' | sort -u > "$tmp/man"
diff "$tmp/header" "$tmp/man" > "$tmp/out"
result "every function has a page in section 3" "$tmp/out"

# .Ft "type" / .Fn name "arg" "arg" back into a prototype; .Fo forms likewise.
awk '
function flat(s) { gsub(/[ \t]+/, " ", s); gsub(/\* /, "*", s); sub(/^ /, "", s); return s }
function unq(s) { gsub(/"/, "", s); return s }
FNR == 1 { syn = 0 }
/^\.Sh/ { syn = ($2 == "SYNOPSIS") }
!syn { next }
/^\.Ft / { sub(/^\.Ft /, ""); ft = unq($0) }
/^\.Fn / {
	line = $0; sub(/^\.Fn /, "", line); name = line; sub(/ .*/, "", name)
	sub(/^[^ ]+ ?/, "", line); args = ""
	while (match(line, /"[^"]*"/)) {
		args = args (args == "" ? "" : ", ") substr(line, RSTART + 1, RLENGTH - 2)
		line = substr(line, RSTART + RLENGTH)
	}
	print flat(ft " " name "(" args ");")
}
/^\.Fo / { fo = $2; args = "" }
/^\.Fa / && fo != "" { sub(/^\.Fa /, ""); args = args (args == "" ? "" : ", ") unq($0) }
/^\.Fc/ { print flat(ft " " fo "(" args ");"); fo = "" }
' "$top"/man/danests*.3 | sort -u > "$tmp/manprotos"
sed 's/\* /*/g' "$tmp/protos" | sort -u > "$tmp/headprotos"
diff "$tmp/headprotos" "$tmp/manprotos" > "$tmp/out"
result "the manual shows the prototypes of the header" "$tmp/out"
