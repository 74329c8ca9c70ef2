#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what a build and its tests need and this machine lacks. Debian and its kin only: elsewhere it says
# which packages are needed and stops. `tools/setup.sh test` adds what only the tests need, `tools/setup.sh slurm`
# installs what `make test-slurm` brings up and starts none of it.
set -eu
packages="gcc make libc6-dev libyaml-dev libjansson-dev libgsl-dev libglpk-dev libsqlite3-dev zlib1g-dev libzstd-dev liblzma-dev librandom123-dev gnuplot-nox fonts-dejavu-core"
case ${1:-} in
test) packages="$packages libcmocka-dev libomp-dev zstd chromium" ;;
slurm) packages="slurmctld slurmd slurm-client munge" ;;
esac
if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    if [ -n "${SEATRIAL_NO_SETUP:-}" ]; then exit 0; fi
    echo "This is not a Debian system. Install these (Debian's names) yourself, then set SEATRIAL_NO_SETUP=1:" >&2
    echo "  $packages" >&2
    exit 1
fi
missing=
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
sudo=
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1; then sudo=sudo; else
        echo "Not root and no sudo. Missing packages:$missing" >&2
        exit 1
    fi
fi
echo "Installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# Packages of services would start them; this file, where it is there, forbids it (Debian policy 9.3.3.1).
if [ "${1:-}" = slurm ] && [ ! -e /usr/sbin/policy-rc.d ]; then
    trap '$sudo rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | $sudo tee /usr/sbin/policy-rc.d >/dev/null
    $sudo chmod 755 /usr/sbin/policy-rc.d
fi
# An index that knows every package need not be fetched again.
# shellcheck disable=SC2086
if ! $sudo apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
    $sudo apt-get -o DPkg::Lock::Timeout=300 update -qq
    $sudo apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing >/dev/null
fi
