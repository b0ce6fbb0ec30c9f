#!/usr/bin/env bash
# The directions of the includes: a room (a folder of src and its headers in include/dlexp) uses itself and the rooms
# before it in the list, and no two modules use each other, not by way of others either.  And the top level holds what it
# is to hold: a test that is started there may have left files.
set -u
cd "${DLEXP_SOURCE_DIR:?the source tree}" || exit 1
rooms='base formats statistics cli run plot data kernels net train batchnorm sgd_mean optim bench dataset compare check stores report'
# These use no other experiment.
experiments='batchnorm sgd_mean optim bench dataset compare'
failures=0

complain() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    for entry in $(git ls-files | cut -d/ -f1 | sort -u); do
        [[ $entry == .* || " CMakeLists.txt LICENSE README.md data include scripts src tests " == *" $entry "* ]] ||
            complain "$entry does not belong at the top level"
    done
fi

# Lines "room/module room/module file": the first's file includes the second's header.
arrows() {
    local file room header
    for file in src/*/*.[ch] include/dlexp/*/*.h; do
        room=$(basename "$(dirname "$file")")
        grep -o '^#include "[^"]*"' "$file" | cut -d'"' -f2 | while read -r header; do
            case $header in
            dlexp/*/*) header=${header#dlexp/} ;;
            *_generated.h) continue ;; # CMake writes it
            */*) header="outside/$header" ;;
            *) header=$room/$header ;;
            esac
            file_name=$(basename "$file")
            echo "$room/${file_name%.*} ${header%.h} $file"
        done
    done
}
arrows=$(arrows)
[[ $(wc -l <<<"$arrows") -gt 300 ]] || complain "expected more than 300 includes, got $(wc -l <<<"$arrows")"

for folder in src/*/ include/dlexp/*/; do
    compgen -G "$folder*" >/dev/null || continue
    [[ " $rooms " == *" $(basename "$folder") "* ]] || complain "$folder is not in the list of rooms: give it its place"
done
[[ -z $(ls include/dlexp/*.h 2>/dev/null) ]] || complain "a header of include/dlexp stands in no room"

# The place of each room in the list; experiments share the last one, as they may not use each other.
wrong=$(awk -v rooms="$rooms" -v experiments="$experiments" '
    BEGIN {
        count = split(rooms, list, " ")
        for (i = 1; i <= count; i++) floor[list[i]] = i
        split(experiments, last, " ")
        for (i in last) floor[last[i]] = count
    }
    {
        split($1, from, "/"); split($2, to, "/")
        if (!(to[1] in floor)) print $3 ": includes " $2 ", which is no room"
        else if (from[1] != to[1] && floor[to[1]] >= floor[from[1]]) print $3 ": includes " $2 ".h, which is not below it"
    }' <<<"$arrows")
[[ -z $wrong ]] || complain "arrows that run up:"$'\n'"$wrong"

# A module is a .c with its header; a header without a .c of its name is part of those that include it.  tsort names the
# members of every circle.
circles=$(
    while read -r from to _; do
        [[ $from == "$to" || ! -f src/$to.c ]] || echo "$from $to"
    done <<<"$arrows" | sort -u | tsort 2>&1 >/dev/null
)
[[ -z $circles ]] || complain "circles:"$'\n'"$circles"

[[ $failures -eq 0 ]] || { echo "$failures failures"; exit 1; }
