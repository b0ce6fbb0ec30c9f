# For sourcing: records that say something else than what was computed, sealed as if that were so.

command -v sha256sum >/dev/null || { echo "skipped: no sha256sum"; exit 77; }
export LC_ALL=C

# take_apart FILE: the head without its first line and its last, and, if there is any, [end] and the bulk.
take_apart() {
    awk 'NR == 1 { if ($2 != "record" || $3 != 2) exit 1; bulk = $5; next }
        !behind && /^\[end / { behind = 1; if (bulk > 0) print "[end]"; next } 1' "$1"
}

hash_of() {
    sha256sum | cut -d' ' -f1
}

# put_together FILE: the reverse, sealed, whatever the parts are.
put_together() {
    awk -v head=head.part -v bulk=bulk.part 'BEGIN { printf "" >head; printf "" >bulk }
        /^\[end\]$/ { behind = 1; next } { print >(behind ? bulk : head) }'
    { printf 'dlexp record 2 %d %d %s\n' $(($(wc -c <head.part) + 71)) "$(wc -c <bulk.part)" "$(hash_of <bulk.part)" && cat head.part; } >whole.part
    { cat whole.part && printf '[end %s]\n' "$(hash_of <whole.part)" && cat bulk.part; } >"$1"
}

# change FILE COMMAND...: the record's parts through the command, sealed again.
change() {
    local file=$1
    shift
    take_apart "$file" | "$@" >changed
    put_together "$file" <changed
}

# spoil FILE: a byte of its end is another one, which is not sealed again: in a record that has any, of its bulk.
spoil() {
    local size
    size=$(wc -c <"$1")
    printf '~' | dd of="$1" bs=1 seek=$((size - 3)) conv=notrunc 2>/dev/null
}

# to_format_1 DIR COMMAND...: the records of the store as an earlier version wrote them, all in one folder and in one
# part, without what is counted per test image, through the command.
to_format_1() {
    local directory=$1 record
    shift
    for record in "$directory"/runs/*/*.run; do
        take_apart "$record" | awk '
            /^\[end\]$/ { behind = 1; next }
            behind { rows[++count] = $0; next }
            { lines[++total] = $0 }
            END {
                for (i = 1; i <= total; i++) {
                    if (lines[i] ~ /^\[bulk (bits|confusion)/) { split(lines[i++], words, " "); used += words[3]; continue }
                    bulk = sub(/^\[bulk /, "[table ", lines[i])
                    print lines[i]
                    if (!bulk) continue
                    split(lines[i], words, " ")
                    print lines[++i]
                    for (n = words[3]; n > 0; n--) print rows[++used]
                }
            }' | "$@" >changed
        { echo "dlexp record 1" && cat changed; } >whole.part
        rm "$record"
        { cat whole.part && printf '[end %s]\n' "$(hash_of <whole.part)"; } >"$directory/runs/${record##*/}"
    done
    rmdir "$directory"/runs/??
}
