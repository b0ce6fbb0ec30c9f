#!/usr/bin/env bash
#
# sweep-parallel.sh - a sweep without a scheduler: GNU parallel starts the parts, here or on several machines by ssh, then
# they are joined and the tables are made.
#
#     bash sweep-parallel.sh   # with merge-after.sbatch beside it
#
# On one machine alone dlexp needs no help: it uses all CPUs by itself.  Change two lines, those with CHANGE above them.
# Stopped, or after a machine was lost: start it again, nothing that is done is computed twice.
set -eu

# CHANGE: where, and so how many at a time: ":" is this machine, others are as ssh knows them.  They share this folder by a
# network file system, have dlexp on their PATH, and each computes one part at a time with all its CPUs.
machines=:

# CHANGE: what is computed, as you would type it after `dlexp`, without --out.
experiment=(batchnorm --lr 1e-3..10:13 --seeds 1..10 --epochs 5 --validation 10000 --eval-every 100 --target 97)

# More parts than machines, so that fast ones take more of them.
shards=${DLEXP_SHARDS:-16}
export DLEXP_RESULTS=${DLEXP_RESULTS:-results/sweep}

# --termseq: at SIGTERM dlexp saves what it has and ends; parallel would kill it after 0.2 seconds.
seq "$shards" | parallel --will-cite --quote --sshlogin "$machines" --jobs 1 --workdir . --line-buffer --tag \
    --termseq TERM,30000,KILL,25 \
    "${DLEXP:-dlexp}" "${experiment[@]}" --shard "{}/$shards" --out "$DLEXP_RESULTS/shards/{}" ||
    echo "sweep-parallel.sh: some parts failed (above); what they have is joined; start this script again" >&2

exec bash "$(dirname "${BASH_SOURCE[0]}")/merge-after.sbatch"
