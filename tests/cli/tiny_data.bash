# For sourcing: a small data set, and how the tests of runs complain.

DLEXP=${DLEXP:?the dlexp binary}
failures=0

complain() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

finish() {
    [ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
    exit 0
}

# octal_bytes: standard input holds numbers 0..255, one per line; they go out as bytes.
octal_bytes() {
    local line
    awk '{ s = s sprintf("\\0%03o", $1) } length(s) > 8000 { print s; s = "" } END { print s }' |
        while IFS= read -r line; do printf '%b' "$line"; done
}

# make_data DIR TRAIN TEST ROWS COLUMNS CLASSES: four IDX files of noise with a pattern that tells the class.
make_data() {
    local directory=$1 rows=$4 columns=$5 classes=$6 part count
    mkdir -p "$directory"
    for part in train t10k; do
        [ $part = train ] && count=$2 || count=$3
        awk -v n="$count" -v rows="$rows" -v columns="$columns" -v classes="$classes" -v seed="$count" '
            function number(x) { print int(x / 16777216) % 256; print int(x / 65536) % 256; print int(x / 256) % 256; print x % 256 }
            BEGIN {
                number(2051); number(n); number(rows); number(columns)
                for (i = 0; i < n; i++)
                    for (p = 0; p < rows * columns; p++) {
                        seed = (seed * 1103 + 12345) % 1048576
                        noise = int(seed / 16) % 128
                        print p % 2 ? 0 : noise + (int(p / 2) % classes == i % classes ? 100 : 0)
                    }
            }' | octal_bytes >"$directory/$part-images-idx3-ubyte"
        awk -v n="$count" -v classes="$classes" '
            function number(x) { print int(x / 16777216) % 256; print int(x / 65536) % 256; print int(x / 256) % 256; print x % 256 }
            BEGIN { number(2049); number(n); for (i = 0; i < n; i++) print i % classes }' |
            octal_bytes >"$directory/$part-labels-idx1-ubyte"
    done
}
