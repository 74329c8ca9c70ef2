#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What nvcc's assembler said of each kernel: registers, spills. Fails where one spills.
# usage: tools/ptxas.sh LOG...     last line: "N passed, N failed"
sed -n "s/.*Compiling entry function '\(.*\)' for '\(.*\)'/kernel \1 \2/p; s/.* \([0-9]*\) bytes spill stores, \([0-9]*\) bytes spill loads.*/spill \1 \2/p; s/.*Used \([0-9]*\) registers.*/used \1/p" "$@" |
awk '$1 == "kernel" { name = $2; arch = $3
                      sub(/^_ZN[0-9]*_GLOBAL__N__[0-9a-f]*_[0-9]*_/, "", name) # the file, its hash, the name, the types
                      gsub(/_cu_[0-9a-f]*/, " ", name); sub(/EEE?v.*$/, ">", name)
                      sub(/IL[ib]/, "<", name); gsub(/EL[ib]/, ", ", name) }
     $1 == "spill" { spill = $2 + $3 }
     $1 == "used" { printf "%-44s %s: %3d registers, %d bytes spilled\n", name, arch, $2, spill
                    if (spill) failed++; else passed++ }
     END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }'
