#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The public header compiles alone, in every dialect an MTA may be written in.
top=${srcdir:-.}
CC=${CC:-cc}
set -- c99 c11 c17
echo 1..$((2 * $# + 3))
n=0
try() { # claim, command...
	n=$((n + 1)); claim=$1; shift
	if out=$("$@" 2>&1); then echo "ok $n - $claim"
	else echo "not ok $n - $claim"; echo "$out" | sed 's/^/# /'; fi
}
for std; do
	try "danests.h compiles as $std" $CC -std=$std -pedantic -Wall -Wextra -Werror \
		-Wstrict-prototypes -fsyntax-only -x c "$top/lib/danests.h"
	try "danests_gnutls.h compiles as $std" $CC -std=$std -Wall -Wextra -Werror \
		-Wstrict-prototypes -I"$top/lib" -fsyntax-only -x c "$top/lib/danests_gnutls.h"
done
if ${CXX:-c++} --version >/dev/null 2>&1; then
	try "danests.h compiles as c++17" ${CXX:-c++} -std=c++17 -pedantic -Wall -Wextra -Werror \
		-fsyntax-only -x c++ "$top/lib/danests.h"
	try "danests_gnutls.h compiles as c++17" ${CXX:-c++} -std=c++17 -Wall -Wextra -Werror \
		-I"$top/lib" -fsyntax-only -x c++ "$top/lib/danests_gnutls.h"
else
	for h in danests.h danests_gnutls.h; do
		n=$((n + 1)); echo "ok $n - $h as C++ # SKIP no C++ compiler"
	done
fi

# And each internal header stands on its own.
bad=$(for h in "$top"/lib/*/*.h; do
	$CC -std=c11 -D_GNU_SOURCE -I"$top/lib" -fsyntax-only -x c "$h" 2>&1 || echo "$h"
done)
n=$((n + 1))
if [ -z "$bad" ]; then echo "ok $n - internal headers include what they need"
else echo "not ok $n - internal headers include what they need"; echo "$bad" | sed 's/^/# /'; fi
