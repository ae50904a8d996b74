#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh [SECONDS [TARGET...]]: build the targets with libFuzzer and let each look
# for new inputs; needs clang with its runtime. What is found stays in build-fuzz/.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- $(ls test/fuzz/fuzz_*.c | sed 's:.*/fuzz_::; s:\.c$::')
flags="-std=c11 -D_GNU_SOURCE -g -O1 -Ilib -I. -fsanitize=fuzzer,address,undefined
	-fno-sanitize-recover=all"
sources="$(ls lib/base/*.c lib/parse/*.c lib/plan/*.c | grep -v kqueue) lib/source/dns_conf.c
	lib/source/dns_anchor.c lib/source/dns_anchor_file.c lib/source/stubproto.c plugin/conf.c
	plugin/conf_table.c plugin/netstring.c plugin/socketmap.c"
for name; do
	dir=build-fuzz/$name
	mkdir -p "$dir/corpus"
	# shellcheck disable=SC2086
	${CC:-clang} $flags "test/fuzz/fuzz_$name.c" $sources -lidn2 -o "$dir/fuzz"
	cp test/fuzz/"$name".in/* "$dir/corpus"
	echo "== $name, $seconds s"
	"$dir/fuzz" -max_total_time="$seconds" -verbosity=0 -print_final_stats=1 \
		-artifact_prefix="$dir/" "$dir/corpus"
done
