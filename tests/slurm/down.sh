#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ends the cluster that up.sh made in FOLDER, with all that it runs, and removes FOLDER.
set -uo pipefail
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
if [ $# -ne 1 ] || [ ! -d "$1/munge" ]; then
    echo "usage: down.sh FOLDER, of a cluster that up.sh made" >&2
    exit 1
fi
folder=$(cd "$1" && pwd -P)
export SLURM_CONF=$folder/slurm.conf

# Ends the process of a pid file, only where its command line or its environment names what it should: the number
# may long be another's. A process that ended but was not waited for (a zombie, state Z) is gone.
end() { # PID_FILE WORD
    local pid tenth
    pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 0
    { tr "\0" " " <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qF -- "$2" || return 0
    kill "$pid" 2>/dev/null
    for ((tenth = 0; tenth < 80; tenth++)); do
        case $(awk '/^State/ {print $2}' "/proc/$pid/status" 2>/dev/null) in Z | '') return 0 ;; esac
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null
}

if timeout 5 scontrol ping 2>/dev/null | grep -q 'is UP'; then
    timeout 10 scancel --user="$(id -un)" 2>/dev/null
    for ((tenth = 0; tenth < 80; tenth++)); do
        [ -z "$(timeout 5 squeue --noheader --states=running,completing 2>/dev/null)" ] && break
        sleep 0.1
    done
fi
for file in "$folder"/run/slurmd-*.pid; do
    [ -e "$file" ] || continue
    name=${file##*/slurmd-}
    end "$file" "-N ${name%.pid}"
done
end "$folder/run/slurmctld.pid" slurmctld
end "$folder/run/munged.pid" "$folder"
rm -rf -- "$folder"
