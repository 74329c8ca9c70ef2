#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Brings a Slurm of its own up, runs tests/slurm/real.c on it, takes it down. Where Slurm's packages cannot be had,
# its tests are skipped, and counted.
# usage: tests/slurm/run.sh BUILD_DIR       last line: "N passed, N failed, N skipped"
set -u
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
tests=$(grep -c 'cmocka_unit_test(' "$root/tests/slurm/real.c")
skip() {
    echo "skipped: $*"
    echo "0 passed, 0 failed, $tests skipped"
    exit 0
}
for program in munged slurmctld slurmd sbatch; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || skip "there is no $program here"
done
# In /tmp, whatever TMPDIR is: the path of a socket has 108 bytes at most.
folder=$(mktemp -d /tmp/seatrial-slurm-XXXXXX) || exit 1
end() { [ ! -d "$folder" ] || timeout 60 "$root/tests/slurm/down.sh" "$folder"; }
trap end EXIT
trap 'exit 130' INT TERM
if ! timeout 90 "$root/tests/slurm/up.sh" "$folder"; then
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
# shellcheck source=/dev/null
. "$folder/env"
SEATRIAL_SLURM=$folder timeout 240 "$root/tests/run.sh" "$build" "$build/tests/slurm/real"
