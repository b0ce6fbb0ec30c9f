# For sourcing, after tiny_data.bash: what a program's tables come to, to be compared over kernel sets, threads and machines.

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# running_sha256 FILE: of a model's running means and variances, one tensor behind the other; empty without any.
running_sha256() {
    local file=$1 size from to
    size=$(od -An -tu8 -N8 "$file" | tr -d ' ')
    head -c $((8 + size)) "$file" | grep -q running_ || return 0
    head -c $((8 + size)) "$file" | tr '}' '\n' |
        sed -n 's/.*running_.*data_offsets":\[\([0-9]*\),\([0-9]*\)\].*/\1 \2/p' |
        while read -r from to; do tail -c +$((9 + size + from)) "$file" | head -c $((to - from)); done |
        sha256 | cut -d' ' -f1
}

# make_both_data: `sparse`, of which the first layer reads the non-zero pixels, and `dense`, the same with no pixel zero.
make_both_data() {
    local file
    make_data sparse 190 62 9 11 5
    mkdir -p dense
    for file in sparse/*; do
        case $file in
            *images*) { head -c 16 "$file"; tail -c +17 "$file" | LC_ALL=C tr '\000' '\011'; } >"dense/${file#sparse/}" ;;
            *) cp "$file" dense ;;
        esac
    done
    expect_density sparse 0 0.8
    expect_density dense 0.8 1
}

# expect_density DIRECTORY LOW HIGH: the share of non-zero pixels decides how the first layer is computed.
expect_density() {
    "$DLEXP" data "$1" --json --samples 1 --out facts 2>/dev/null </dev/null | awk -v low="$2" -v high="$3" '
        /"density"/ { sub(/,/, ""); density = $2; found++; wrong += density <= low || density > high }
        END { exit found == 0 || wrong > 0 }' || complain "the data set $1: expected a density above $2, at most $3"
}

# What is trained: optimizer, rates, hidden layers, batch.  Layers of 1..16, 17..32, ... 300 numbers, batches that divide the 190
# images and that do not; the large ones pass the size from which --threads share a step.
configurations='
sgd 0.1,0.5 300,33,7 60
momentum 0.01,0.3 16,150 47
rmsprop 0.001 65,129 60
adam 0.001,0.01 400,17 95
adam 0.01 113 4'

# tables DIRECTORY COMMAND OPTION...: trains every configuration on both data sets; the tables' and models' checksums into
# DIRECTORY.sums.  The exit status is that of the first run that fails, its message in err.txt.
tables() {
    local directory=$1 data optimizer lr hidden batch
    shift
    rm -rf "$directory"
    for data in sparse dense; do
        while read -r optimizer lr hidden batch; do
            [ -n "$optimizer" ] || continue
            "$@" --quiet --data $data --out "$directory/$data-$optimizer-$hidden" --epochs 2 --seeds 3 --log-every 1 \
                --save-best --optimizer "$optimizer" --lr "$lr" --hidden "$hidden" --batch "$batch" >out.txt 2>err.txt \
                </dev/null || return
        done <<<"$configurations"
    done
    (cd "$directory" && find . '(' -name '*.csv' -o -name '*.safetensors' ')' ! -path '*/runs/*' | LC_ALL=C sort |
        while IFS= read -r file; do sha256 "$file"; done) >"$directory.sums"
}

# expect_same WHAT EXPECTED GOT: two lists of checksums; says which files differ.
expect_same() {
    local differ
    cmp -s "$2" "$3" && return
    differ=$(diff "$2" "$3" | sed -n 's/^> [0-9a-f]*  //p' | head -n 3 | tr '\n' ' ')
    complain "$1: other bytes than $2 in $(diff "$2" "$3" | grep -c '^>') of $(wc -l <"$2" | tr -d ' ') files, among them $differ"
}

# expect_complete SUMS: every configuration has left its tables and models, and they are not all alike.
expect_complete() {
    local name count
    for name in epochs.csv summary.csv steps.csv .safetensors; do
        count=$(grep -c "$name\$" "$1")
        [ "$count" -ge 10 ] || complain "$1: expected $name of 10 configurations, got $count"
    done
    count=$(grep 'epochs.csv$' "$1" | cut -d ' ' -f 1 | sort -u | wc -l)
    [ "$count" -eq 10 ] || complain "$1: expected 10 different epochs.csv, got $count"
}

# one_sum SUMS: a single SHA-256 of a list, for the eye.
one_sum() {
    sha256 "$1" | cut -d ' ' -f 1
}
