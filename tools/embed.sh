#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints a text file as the bytes of a C array, ended by a zero: `static const char x[] = {` #include `};`
set -eu
od -An -v -tu1 "$1" | sed 's/\([0-9][0-9]*\)/\1,/g'
echo 0
