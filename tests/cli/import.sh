#!/usr/bin/env bash
# `dlexp data import`: the same images as CSV, .npy files and PGM images become the same data set, each image once; what
# is not a byte is refused with its place.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"

# 30 images of 2 x 3 pixels; image i is of class i mod 3, 5 of 6 of its pixels differ from image to image.
pixel='function pixel(i, p) { return p == 0 ? 255 * (i % 2) : (i * 7 + p * 41) % 256 }'
awk "$pixel"' BEGIN { print "x0,digit,x1,x2,x3,x4,x5"
    for (i = 0; i < 30; i++) { printf "%d,%d", pixel(i, 0), i % 3; for (p = 1; p < 6; p++) printf ",%d", pixel(i, p); print "" } }' >named.csv
awk "$pixel"' BEGIN { for (i = 0; i < 30; i++) { printf "%d", i % 3; for (p = 0; p < 6; p++) printf ",%.17g", pixel(i, p) / 255; printf "\r\n" } }' >shares.csv
gzip -k named.csv
# npy FILE HEADER VERSION: numbers of bytes on standard input; the header as numpy pads it.
npy() {
    local length=$((${#2} + 1))
    { printf '\x93NUMPY'; printf '%b' "\\x0$3\\x00"
      printf '%b' "$(printf '\\x%02x\\x%02x' $((length % 256)) $((length / 256)))"
      [ "$3" = 1 ] || printf '\x00\x00'
      printf '%s\n' "$2"; octal_bytes; } >"$1"
}
awk "$pixel"' BEGIN { for (i = 0; i < 30; i++) for (p = 0; p < 6; p++) print pixel(i, p) }' >pixels
npy x.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (30, 2, 3), }" 1 <pixels
awk 'BEGIN { for (i = 0; i < 30; i++) print i % 3 "\n0\n0\n0" }' | npy y.npy "{'descr': '<i4', 'fortran_order': False, 'shape': (30,), }" 2
awk 'BEGIN { for (i = 0; i < 30; i++) print "0\n" i % 3 }' | npy big.npy "{'descr': '>u2', 'fortran_order': False, 'shape': (30, 1), }" 1
for ((i = 0; i < 30; i++)); do
    mkdir -p photos/$((i % 3))
    numbers=$(sed -n "$((6 * i + 1)),$((6 * i + 6))p" pixels)
    file=photos/$((i % 3))/$(printf %02d $i).pgm
    if ((i % 2)); then { printf 'P5\n# made\n3 2\n255\n'; octal_bytes <<<"$numbers"; } >"$file"
    else { echo 'P2 3 2 255'; echo "$numbers"; } >"$file"; fi
done

# taken NAME ARGUMENTS...
taken() { "$DLEXP" data import "${@:2}" --out "$1" >"$1.txt" 2>"$1.err" || complain "$1: exit status $?: $(cat "$1.err")"; }
taken named named.csv --label digit --rows 2
taken number named.csv.gz --label 2 --columns 3
taken shares shares.csv --rows 2
taken numpy x.npy --labels y.npy
taken bigendian x.npy --labels big.npy
taken folder photos
for name in number shares numpy bigendian; do
    diff -rq -x import.json named $name || complain "$name: another data set than the CSV's"
done

# ---- each image is in one part, as often as it was in the input; of each class a fifth, 2 of 10, is for testing
images() { for part in train t10k; do tail -c +17 "$1/$part-images-idx3-ubyte" | od -An -v -tu1 -w6 | tr -s ' '; done | sort; }
od -An -v -tu1 -w6 <(octal_bytes <pixels) | tr -s ' ' | sort >expected
for name in named folder; do
    images $name | cmp -s - expected || complain "$name: not each image once"
    [ "$(cat $name/classes.csv)" = "$(printf 'class,name,train,test\n0,%s,8,2\n1,%s,8,2\n2,%s,8,2' \
        $([ $name = folder ] && echo 0 1 2 || echo '' '' ''))" ] || complain "$name: classes.csv: $(cat $name/classes.csv)"
done
# The labels go with their images: the last pixel of an image says which it is.
paste <(tail -c +17 named/train-images-idx3-ubyte | od -An -v -tu1 -w6) <(tail -c +9 named/train-labels-idx1-ubyte | od -An -v -tu1 -w1) |
    awk '{ for (i = 0; i < 30; i++) if ($6 == (i * 7 + 205) % 256 && $7 == i % 3) found++ } END { exit found != 24 }' ||
    complain "labels and images were torn apart"
"$DLEXP" data import named.csv --label digit --rows 2 --seed 2 --out other >/dev/null
cmp -s named/t10k-images-idx3-ubyte other/t10k-images-idx3-ubyte && complain "--seed does nothing"
"$DLEXP" batchnorm --data folder --hidden 4 --batch 8 --epochs 1 --lr 0.1 --out trained -q >/dev/null || complain "it cannot be trained on"

# ---- two inputs; folders of names; a folder named import
taken both named.csv --label digit --test named.csv --rows 2
cmp -s both/train-images-idx3-ubyte <(printf '\0\0\010\003\0\0\0\036\0\0\0\002\0\0\0\003'; octal_bytes <pixels) ||
    complain "--test: the training images are not those of the input"
cmp -s both/t10k-images-idx3-ubyte both/train-images-idx3-ubyte || complain "--test: other test images"
cp -r photos named-photos
mv named-photos/0 named-photos/cat && mv named-photos/1 named-photos/ant && mv named-photos/2 named-photos/bee
taken animals named-photos
sed 1d animals/classes.csv | cut -d, -f1,2 | paste -sd' ' | grep -qx '0,ant 1,bee 2,cat' || complain "$(cat animals/classes.csv)"
cp -r named import
"$DLEXP" data ./import --samples 3 --out sheet | grep -q '24 training and 6 test images of 2 x 3' || complain "dlexp data ./import"

# ---- labels that are words; semicolons and tabs; with a header and without
words() { awk -F, -v OFS="$1" 'NR == 1 { $1 = $1; print; next } { $2 = $2 == 0 ? "cat" : $2 == 1 ? "ant" : "bee"; $1 = $1; print }' named.csv; }
words ';' >words.csv
words '	' | sed 1d >bare.tsv
taken words words.csv --label digit --rows 2
taken bare bare.tsv --rows 2
sed 1d words/classes.csv | cut -d, -f1,2 | paste -sd' ' | grep -qx '0,ant 1,bee 2,cat' || complain "$(cat words/classes.csv)"
grep -q ' ant ' words.txt || complain "the names are not shown: $(cat words.txt)"
diff -r -x import.json words bare || complain "another data set without a header, parted by tabs"
# Test images have the training images' numbers, also of fewer classes.
words , >words.csv
grep -v ',bee,\|,ant,' words.csv >cats.csv
taken cats words.csv --label digit --rows 2 --test cats.csv
[ "$(tail -c +9 cats/t10k-labels-idx1-ubyte | od -An -v -tu1 | tr -d ' \n')" = 2222222222 ] || complain "test images have other numbers"

# ---- what is refused: refused STATUS 'WORDS' ARGUMENTS...
refused() {
    "$DLEXP" data import "${@:3}" --out refused >out.txt 2>err.txt
    status=$?
    [ $status -eq "$1" ] || complain "${*:3}: exit status $status instead of $1"
    grep -qF -e "$2" err.txt || complain "${*:3}: expected '$2', got $(cat err.txt)"
    [ -z "$(ls refused 2>/dev/null)" ] || complain "${*:3}: left $(ls refused)"
}
edit() { sed "$1" named.csv >edited.csv; }
edit '8s/,[0-9]*$/,256/'; refused 3 "line 8, column 7 'x5': expected a byte" edited.csv --label digit
edit '8s/,[0-9]*$/,1.5/'; refused 3 "got '1.5'" edited.csv --label digit
edit '8s/,[0-9]*$/,0.5/'; refused 3 "got '0.5'" edited.csv --label digit
edit '8s/,[0-9]*$/,nan/'; refused 3 "got 'nan'" edited.csv --label digit
edit '8s/,[0-9]*$//'; refused 3 'line 8: expected 7 cells as in line 1, got 6' edited.csv --label digit
edit '8s/$/,1/'; refused 3 'line 8: expected 7 cells as in line 1, got more' edited.csv --label digit
edit '8s/^\([0-9]*\),[0-9]*/\1,300/'; refused 3 "line 8, column 2 'digit': expected a label" edited.csv --label digit
sed '3s/,[^,]*\r/,0.004\r/' shares.csv >edited.csv; refused 3 'line 3, column 7: expected a byte' edited.csv
sed 's/^[0-9]*,/0,/' shares.csv >edited.csv; refused 3 'labels of 2 or more classes' edited.csv
sed 's/,cat,/,cow,/' words.csv >edited.csv; refused 3 "expected the classes of 'words.csv', got 'cow'" words.csv --label digit --test edited.csv
refused 3 "expected classes by their names" words.csv --label digit --test named.csv
sed '5s/,[a-z]*,/,,/' words.csv >edited.csv; refused 3 "line 5, column 2 'digit': expected the name of a class" edited.csv --label digit
edit '8s/^\([0-9]*\),[0-9]*/\1,cat/'; refused 3 "line 8, column 2 'digit': expected a label" edited.csv --label digit
awk 'BEGIN { print "0,digit"; for (i = 0; i < 300; i++) print i % 256 ",c" i }' >edited.csv; refused 3 "line 258, column 2 'digit': expected the name of a class, of 256" edited.csv --label digit
refused 3 "a column of labels of the name 'label' or 'class'" named.csv
refused 3 "a column of labels '8'" named.csv --label 8
refused 3 'images of 4 x 1 pixels' named.csv --label digit --rows 4
refused 2 '--labels' x.npy
refused 2 'has no column of labels' photos --label 1
refused 2 'expected only without --test' named.csv --test named.csv --seed 3
refused 3 'expected images for testing, got none' named.csv --label digit --test-share 0.04
refused 3 'cannot' nothing.csv
: >empty.csv; refused 3 'empty.csv' empty.csv
printf 'a\nb\n' >words.txt; refused 3 'parted by commas' words.txt
head -c 100 x.npy >cut.npy; refused 3 'is it cut off?' cut.npy --labels y.npy
npy f.npy "{'descr': '|u1', 'fortran_order': True, 'shape': (30, 2, 3), }" 1 <pixels; refused 3 'Fortran order' f.npy --labels y.npy
npy f.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (30, 2, 3), }" 1 <pixels; refused 3 "got '<f4'" f.npy --labels y.npy
npy f.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999999999, 2, 3), }" 1 <pixels
refused 3 "f.npy" f.npy --labels y.npy
npy f.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (4611686018427387904, 2, 3), }" 1 <pixels
refused 3 "f.npy" f.npy --labels y.npy
npy f.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (30, 2, 3), 'more': 1, }" 1 <pixels
refused 3 'expected a header like' f.npy --labels y.npy
npy f.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (30, 2, 3), }" 3 <pixels; refused 3 'got 3.0' f.npy --labels y.npy
npy l.npy "{'descr': '|i1', 'fortran_order': False, 'shape': (30,), }" 1 < <(awk 'BEGIN { for (i = 0; i < 30; i++) print i == 7 ? 255 : i % 3 }')
refused 3 'index 7: expected a label of 0..255, got -1' x.npy --labels l.npy
mkdir photos/01 && cp photos/1/01.pgm photos/01; refused 3 'both class 1' photos; rm -r photos/01
printf 'P5 3 2 255\n12345' >photos/1/01.pgm; refused 3 'expected 6 bytes of pixels, got 5' photos
printf 'P5 3 2 65535\n123456123456' >photos/1/01.pgm; refused 3 'expected 255 as the largest value, got 65535' photos
printf 'P5 2 3 255\n123456' >photos/1/01.pgm; refused 3 'photos/1/01.pgm' photos
printf 'P2 3 2 255 1 2 3 4 5' >photos/1/01.pgm; refused 3 'pixel 6 of 6: expected a number of 0..255, got none' photos
printf 'PNG' >photos/1/01.pgm; refused 3 'begins with P5 or P2' photos

"$DLEXP" data import photos --out photos >/dev/null 2>err.txt
[ $? -eq 2 ] && grep -q 'name another folder' err.txt || complain "it wrote into its input: $(cat err.txt)"
# A folder that holds somebody's data is left alone.
make_data mine 10 10 2 3 2
gzip mine/train-images-idx3-ubyte
"$DLEXP" data import named.csv --label digit --out mine >/dev/null 2>err.txt
[ $? -eq 2 ] && grep -q 'no import.json' err.txt || complain "it wrote over a data set: $(cat err.txt)"
# A failure removes what an earlier import left, whose images are gone, but no file that is not an import's.
taken again named.csv --label digit
sed 's/^[0-9]*,/0,/' shares.csv >edited.csv
"$DLEXP" data import edited.csv --out again >/dev/null 2>&1 && complain "one class is imported"
[ -z "$(ls again)" ] || complain "a failure left $(ls again)"
echo notes >again/classes.csv
"$DLEXP" data import edited.csv --out again >/dev/null 2>&1
[ "$(cat again/*)" = notes ] || complain "a failure changed a file that no import wrote: $(ls again)"
finish
