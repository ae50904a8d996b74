#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Called by the TAP driver with the name of a test, fuzz_X.replay: the program
# fuzz_X over the corpus X.in and the bugs once found, X.repro.
program=${1%.replay}
name=$(basename "$program" | sed 's/^fuzz_//')
corpus=${srcdir:-.}/test/fuzz/$name
exec "$program" "$corpus.in" "$corpus.repro"
