#!/usr/bin/env bash
# --tensorboard: event files that an independent reader decodes to the numbers of epochs.csv, a folder per run; the same
# bytes again, also where the runs come from the store.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
python=/usr/bin/python3
[[ -x $python ]] || { echo "skipped: no $python"; exit 77; }
make_data data 60 30 4 4 3
net='--data data --hidden 4 --batch 20 --epochs 3 --lr 0.1,0.5 --quiet'
# The words of $net are meant to be split.
# shellcheck disable=SC2086
for protocol in fair notebook; do
    "$DLEXP" batchnorm $net --protocol $protocol --seeds 1..2 --out $protocol --tensorboard $protocol.events >/dev/null ||
        complain "$protocol: exit status $?"
    $python "$DLEXP_SOURCE_DIR/tests/cli/tensorboard.py" $protocol/epochs.csv $protocol.events || complain "$protocol: another reader"
    "$DLEXP" batchnorm $net --protocol $protocol --seeds 1..2 --out $protocol --tensorboard again >/dev/null
    diff -r again $protocol.events || complain "$protocol: other bytes from the store"
    rm -r again
done
# A byte of a number is changed: the reader notices.
file=$(find fair.events -name '*tfevents*' | head -n 1)
size=$(wc -c <"$file")
{ head -c $((size - 6)) "$file"; printf '\x55'; tail -c 5 "$file"; } >damaged && mv damaged "$file"
! $python "$DLEXP_SOURCE_DIR/tests/cli/tensorboard.py" fair/epochs.csv fair.events 2>/dev/null || complain "damage is not noticed"
finish
