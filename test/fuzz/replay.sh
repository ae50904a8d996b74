#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The TAP driver calls this with a fuzz program: replay what belongs to it.
name=$(basename "$1" | sed 's/^fuzz_//')
corpus=${srcdir:-.}/test/fuzz/$name
exec "$1" "$corpus.in" "$corpus.repro"
