#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# All scenarios against the pure planner.
exec "${builddir:-.}/test/scenario/run" "${srcdir:-.}"/test/scenario/*.scn
