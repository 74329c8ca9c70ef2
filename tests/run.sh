#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs test programs, each with a time limit, and adds up what they say.
# usage: tests/run.sh BUILD_DIR PROGRAM...     last line: "N passed, N failed, N skipped"
set -u
build=$1
shift
passed=0 failed=0 skipped=0
log=$build/test.log
: > "$log"
export SEATRIAL="${SEATRIAL:-$build/seatrial}"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Those of tests/longest.txt begin first: begun last, one of them would run alone beside idle cores.
for program in "$@"; do printf '%s\n' "${program#"$build"/tests/}"; done > "$results/all"
# shellcheck disable=SC2046
set -- $(awk 'NR == FNR { all[$0] = 1; name[n++] = $0; next }
              !/^#/ && $1 in all { print $1; delete all[$1] }
              END { for (i = 0; i < n; i++) if (name[i] in all) print name[i] }' \
    "$results/all" "$(dirname "$0")/longest.txt" | sed "s|^|$build/tests/|")

# As many at once as there are cores; each leaves what it said, then how it ended.
i=0
for program in "$@"; do
    i=$((i + 1))
    printf '%s %s\n' "$i" "$program"
done | xargs -L 1 -P "$(nproc)" sh -c \
    'from=$(date +%s); timeout 600 "$2" > "$0/$1.out" 2>&1; echo $? > "$0/$1.part"
     echo $(($(date +%s) - from)) > "$0/$1.seconds"; mv "$0/$1.part" "$0/$1.status"' "$results" &
running=$!
trap 'kill "$running" 2> /dev/null; exit 130' INT TERM

i=0
for program in "$@"; do
    i=$((i + 1))
    while [ ! -e "$results/$i.status" ]; do
        kill -0 "$running" 2> /dev/null || [ -e "$results/$i.status" ] || echo 1 > "$results/$i.status"
        sleep 0.1
    done
    out=$(cat "$results/$i.out")
    status=$(cat "$results/$i.status")
    printf '%s\n' "$out" >> "$log"
    p=$(printf '%s\n' "$out" | grep -c '^\[       OK \]')
    f=$(printf '%s\n' "$out" | grep '^\[  FAILED  \] [a-zA-Z_0-9]*$' | sort -u | grep -c .)
    s=$(printf '%s\n' "$out" | grep '^\[  SKIPPED \] [a-zA-Z_0-9]*$' | sort -u | grep -c .)
    # A program that died or printed no result failed, whatever it counted.
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
    if [ $((p + f + s)) -eq 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '%-48s %4d passed' "${program#"$build"/tests/}" "$p"
    [ "$s" -gt 0 ] && printf ', %d skipped' "$s"
    [ "$f" -gt 0 ] && printf ', %d FAILED' "$f"
    # Those that make the whole slow are to be seen.
    seconds=$(cat "$results/$i.seconds" 2> /dev/null || echo 0)
    [ "$seconds" -ge 10 ] && printf ', %d s' "$seconds"
    printf '\n'
    if [ "$f" -gt 0 ]; then
        printf '%s\n' "$out" | grep -v -e '^\[ RUN' -e '^\[       OK' | tail -40
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
