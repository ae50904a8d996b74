#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh [SECONDS [TARGET...]]: build the targets with libFuzzer and let each look
# for new inputs; needs clang with its runtime. What is found stays in build-fuzz/.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- $(ls test/fuzz/fuzz_*.c | sed 's:.*/fuzz_::; s:\.c$::')
CC=${CC:-clang}
libs=$(pkg-config --libs libunbound gnutls libcurl libidn2 jansson)
flags="-std=c11 -D_GNU_SOURCE -DDANESTS_VERSION=\"fuzz\" -DSYSCONFDIR=\"/etc\"
	-DSTUB_PROGRAM=\"danests-stub\" -g -O1 -Ilib -I. -fsanitize=fuzzer-no-link,address,undefined
	-fno-sanitize-recover=all"

# Everything but the programs' own files, compiled once for all targets.
mkdir -p build-fuzz/obj
for source in lib/base/*.c lib/parse/*.c lib/plan/*.c lib/cert/*.c lib/source/*.c lib/verify/*.c \
	lib/api/*.c ctl/*.c plugin/*.c tools/*.c; do
	case $source in
	*/loop_kqueue.c | */confine_none.c | */control_peer_none.c) continue ;;
	plugin/main.c | tools/danests.c) continue ;;
	esac
	object=build-fuzz/obj/$(echo "$source" | tr / _ | sed 's/c$/o/')
	# shellcheck disable=SC2086
	[ -n "$(find "$object" -newer "$source" 2>/dev/null)" ] || $CC $flags -c "$source" -o "$object"
done
rm -f build-fuzz/libfuzzed.a
ar rc build-fuzz/libfuzzed.a build-fuzz/obj/*.o

for name; do
	dir=build-fuzz/$name
	mkdir -p "$dir/corpus"
	# shellcheck disable=SC2086
	$CC $flags -fsanitize=fuzzer "test/fuzz/fuzz_$name.c" build-fuzz/libfuzzed.a $libs -lcdb \
		-lpthread -o "$dir/fuzz"
	cp test/fuzz/"$name".in/* "$dir/corpus"
	echo "== $name, $seconds s"
	"$dir/fuzz" -max_total_time="$seconds" -verbosity=0 -print_final_stats=1 \
		-artifact_prefix="$dir/" "$dir/corpus"
done
