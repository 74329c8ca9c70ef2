#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Brings up a Slurm of its own: a controller and several nodes on this one machine.
#
#   tests/slurm/up.sh FOLDER [NODES]      then:  . FOLDER/env      (sbatch, squeue, ... find the cluster by it)
#   tests/slurm/down.sh FOLDER            ends it and removes FOLDER
#
# Everything that the cluster keeps is in FOLDER, and all its sockets are on the loopback address: nothing in /etc
# is read or written, several such clusters live side by side, and no other Slurm of this machine is touched. The
# packages must be there: tools/setup.sh slurm.
set -euo pipefail
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
die() {
    echo "up.sh: $*" >&2
    exit 1
}
[ $# -ge 1 ] || die "usage: up.sh FOLDER [NODES]"
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
nodes=${2:-4}
for program in munged slurmctld slurmd sbatch; do
    command -v "$program" >/dev/null || die "there is no $program; tools/setup.sh slurm installs it"
done
# The path of a socket has 108 bytes at most, and Slurm splits its lists at commas and blanks.
[ ${#folder} -le 80 ] || die "$folder is too long a path for the socket in it"
case $folder in *[!A-Za-z0-9/._-]*) die "$folder: only letters, digits and /._- go into slurm.conf" ;; esac

# Tries a command every tenth of a second for so many seconds.
within() {
    local until=$((SECONDS + $1))
    shift
    while ! timeout 5 "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.1
    done
}

umask 022
# What is half up when something fails is taken down again; its folder goes with it, so the reason is said first.
trap '[ $? -eq 0 ] || "$(dirname "$0")/down.sh" "$folder"' EXIT
mkdir -p "$folder"/{run,log,state,spool,munge}
chmod 755 "$folder" # munge looks for its socket as whoever asks
chmod 700 "$folder/munge" # munged refuses a key that others could replace
(umask 077 && head -c 1024 /dev/urandom >"$folder/munge/key")
# Started first, since every other program proves with it who it is.
munged --key-file="$folder/munge/key" --socket="$folder/run/munge.socket" --pid-file="$folder/run/munged.pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" --num-threads=2 2>"$folder/log/munged" ||
    die "munged: $(tail -n 2 "$folder/log/munged")"
within 10 munge --socket="$folder/run/munge.socket" --no-input || die "munged does not answer"

# A port is taken where a socket of this machine is bound to it, in whatever state.
taken() { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") "; }
# The first port of as many free ones in a row as the cluster needs, somewhere in 20000-29999.
free_ports() {
    local first port
    for _ in $(seq 50); do
        first=$((20000 + RANDOM % 9900))
        for ((port = first; port <= first + nodes; port++)); do taken "$port" && continue 2; done
        echo "$first"
        return
    done
    die "no free ports"
}

configure() { # FIRST_PORT
    local first=$1 host user node
    host=$(hostname -s)
    user=$(id -un)
    cat <<CONF
ClusterName=seatrial
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
# A job that is requeued waits for its old credential to end: two minutes where nothing is said, here seconds.
AuthInfo=socket=$folder/run/munge.socket,cred_expire=6
# Each daemon listens on its own address, which is 127.0.0.1, and not on all.
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=$first
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdPidFile=$folder/run/slurmd-%n.pid
SlurmdLogFile=$folder/log/slurmd-%n
SlurmdSpoolDir=$folder/spool/%n
StateSaveLocation=$folder/state
# Neither control groups nor an MPI nor accounting: this runs in any container.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MailProg=/bin/true
# A node may promise processors and memory that this machine lacks.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=2,batch_sched_delay=0
# A node that does not answer is down after some seconds, and up again when it does.
SlurmdTimeout=5
ReturnToService=2
KillWait=3
JobRequeue=1
CONF
    for ((node = 0; node < nodes; node++)); do
        echo "NodeName=node$node NodeHostname=$host NodeAddr=127.0.0.1 Port=$((first + 1 + node)) CPUs=2" \
            "RealMemory=4096 State=UNKNOWN"
    done
    echo "PartitionName=all Nodes=node[0-$((nodes - 1))] Default=YES MaxTime=INFINITE DefMemPerCPU=64 State=UP"
}

export SLURM_CONF=$folder/slurm.conf
printf 'export SLURM_CONF=%s\n' "$SLURM_CONF" >"$folder/env"
# Between the look at the ports and the daemon's start another program may have taken one: then others are tried.
for attempt in 1 2 3; do
    configure "$(free_ports)" >"$SLURM_CONF"
    slurmctld >"$folder/log/slurmctld.out" 2>&1 && within 15 scontrol ping && break
    [ "$attempt" -lt 3 ] || die "slurmctld: $(tail -n 3 "$folder/log/slurmctld")"
done
for ((node = 0; node < nodes; node++)); do
    mkdir -p "$folder/spool/node$node"
    slurmd -N "node$node" >"$folder/log/slurmd-node$node.out" 2>&1 || die "slurmd: $(tail -n 3 "$folder/log/slurmd-node$node")"
done
all_idle() { [ "$(sinfo --noheader --Node --states=idle --format=%N | sort -u | wc -l)" -eq "$nodes" ]; }
export -f all_idle
export nodes
within 30 bash -c all_idle || die "not all nodes came up: $(sinfo --noheader --Node --format='%N %T' | tr '\n' ' ')"
