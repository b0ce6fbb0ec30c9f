#!/usr/bin/env bash
# dlexp plot: which figures it finds, what it writes, what it leaves alone, and what it says of what it cannot draw.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
command -v gnuplot >/dev/null || { echo "skipped: no gnuplot"; exit 77; }

# run STATUS WORD...: dlexp plot; outputs in out.txt and err.txt.
run() {
    local expected=$1 status
    shift
    "$DLEXP" plot "$@" >out.txt 2>err.txt </dev/null
    status=$?
    [ "$status" -eq "$expected" ] || complain "plot $*: expected exit status $expected, got $status: $(cat out.txt err.txt)"
}

# says FILE TEXT...
says() {
    local file=$1 text
    shift
    for text; do
        tr -s ' \n' ' ' <"$file" | grep -qF -e "$text" || complain "$file does not say '$text': $(head -n 5 "$file")"
    done
}

"$DLEXP" optim --quiet --iterations 20 --lr 0.1 --optimizer gd --out results/optim >/dev/null || complain "optim"
"$DLEXP" sgd-mean --quiet --iterations 20 --out results/sgd >/dev/null || complain "sgd-mean"
mkdir results/notes
echo a,b >results/own.csv # a file of someone's own beside the folders hides none of them

# ---- folders of results, each to a folder of its own; a repeated call draws what has changed
run 0 --figure figure08_gd,figure06_sgd_objective
says out.txt 'wrote results/figures/optim/figure08_gd.svg' 'wrote results/figures/sgd/figure06_sgd_objective.svg' \
    '2 figures of results: 2 drawn, 0 unchanged'
[ "$(find results/figures -type f | sort | tr '\n' ' ')" = "results/figures/index.html results/figures/optim/.drawn results/figures/optim/figure08_gd.svg results/figures/sgd/.drawn results/figures/sgd/figure06_sgd_objective.svg " ] ||
    complain "other files: $(find results/figures -type f)"
svg=results/figures/optim/figure08_gd.svg
[ "$(head -c 5 $svg)" = '<svg ' ] || complain "the SVG begins with $(head -c 5 $svg)"
says $svg '<title id="figure08_gd-title">Gradient descent: objective against iteration (Figure 8)</title>' \
    '<desc id="figure08_gd-desc">The objective of gradient descent' 'role="img"' 'font-family="DejaVu Sans, sans-serif"' \
    'width="1000"' '<rect x="0" y="0" width="1000"' 'fill="#ffffff"' \
    '@media screen and (prefers-color-scheme: dark) { [id="figure08_gd-figure"] { filter: invert'
[ "$(grep -c '<title' $svg)" -eq 1 ] && ! grep -qi 'gnuplot' $svg || complain "gnuplot's own words are in the SVG: $(grep -i gnuplot $svg | head -n 3)"
# Every identifier has the name before it, and every reference leads to one.
for id in $(grep -oE "(href=['\"]#|url\(#)[^'\")]+" $svg | sed 's/.*#//' | sort -u); do
    grep -q "id=['\"]$id['\"]" $svg || complain "a reference to $id, which is not there"
done
! grep -oE " id=['\"][^'\"]*" $svg | grep -v "figure08_gd-" || complain "identifiers without the figure's name"
says results/figures/index.html '<img src="optim/figure08_gd.svg" alt="The objective of gradient descent' 'href="sgd/figure06_sgd_objective.svg"'
cp $svg first.svg
run 0 --figure figure08_gd,figure06_sgd_objective
says out.txt '0 drawn, 2 unchanged'
run 0 --figure figure08_gd --force
says out.txt '1 drawn, 0 unchanged'
cmp -s first.svg $svg || complain "the same tables give another SVG"
"$DLEXP" optim --quiet --iterations 30 --lr 0.1 --optimizer gd --out results/optim >/dev/null || complain "optim"
run 0 --figure figure08_gd,figure06_sgd_objective
says out.txt '1 drawn, 1 unchanged'
cmp -s first.svg $svg && complain "other tables give the same SVG"

# ---- one folder; sizes and formats
run 0 results/optim --figure figure08_gd --out one --format svg,pdf --width 85mm --no-title --font 'DejaVu Serif'
says one/figure08_gd.svg 'width="85mm"' 'font-family="DejaVu Serif, sans-serif"'
[ "$(head -c 5 one/figure08_gd.pdf)" = '%PDF-' ] || complain "no PDF"
! grep -q '>GD: objective against iteration<' one/figure08_gd.svg || complain "--no-title: it has one"
grep -q '>GD: objective against iteration<' $svg || complain "no title without --no-title"
# On a narrow page panels stand one below the other.
size() { grep -o 'viewBox="0 0 [0-9]* [0-9]*"' "$1" | tr -dc '0-9 ' | cut -d ' ' -f "$2"; }
run 0 results/optim --figure contours,figure07_curvature --out narrow --width 85mm
for figure in contours figure07_curvature; do
    [ "$(size narrow/$figure.svg 4)" -gt "$(size narrow/$figure.svg 3)" ] && [ "$(size narrow/$figure.svg 3)" -le 482 ] ||
        complain "$figure at 85 mm is laid out on $(size narrow/$figure.svg 3) x $(size narrow/$figure.svg 4)"
done
for folder in pdf1 pdf2; do
    SOURCE_DATE_EPOCH=86400 "$DLEXP" plot results/optim --figure figure08_gd --out $folder --format pdf >out.txt 2>err.txt || complain "pdf: $(cat err.txt)"
done
cmp -s pdf1/figure08_gd.pdf pdf2/figure08_gd.pdf || complain "the same tables and SOURCE_DATE_EPOCH give another PDF"
grep -aq 'CreationDate (D:19700102000000Z' pdf1/figure08_gd.pdf || complain "the PDF's date is not SOURCE_DATE_EPOCH: $(grep -a CreationDate pdf1/figure08_gd.pdf)"
# The guess's marks and bars are explained in the picture.
"$DLEXP" optim --quiet --iterations 200 --out guess >/dev/null || complain "optim"
run 0 guess --figure guess --out guessed
says guessed/guess.svg '<text>f &lt; 1e-1</text>' '<text>f &lt; 1e-6</text>' '<text>first phase</text>' '<text>second phase</text>' \
    'no mark: not within the 200 iterations'
run 2 --width 85furlongs
says err.txt "--width: expected a number with a unit, as 85mm" "got '85furlongs'"
run 2 --width 1mm
says err.txt "--width: expected 40mm to 2600mm"
run 2 --font 'a"b'
says err.txt "--font: expected a font's name"
run 2 --figure figure08_dg
says err.txt "did you mean 'figure08_gd'?"

# ---- what there is, and what is missing
run 0 --list
for script in "$DLEXP_SOURCE_DIR"/scripts/plots/*.gp; do
    grep -q '^here = folder(ARG0)' "$script" || continue # loaded by the others
    name=$(basename "$script")
    [ "$name" = compare.gp ] || grep -q "\"$name\"" "$DLEXP_SOURCE_DIR/src/plot/figure.c" || complain "no figure is drawn by $name"
done
says out.txt 'figure08_gd: Gradient descent: objective against iteration (Figure 8)' 'of: dlexp optim'
run 0 --list --json
python3 -c 'import json; assert len(json.load(open("out.txt"))["figures"]) > 20' 2>/dev/null || ! command -v python3 >/dev/null || complain "--list --json"
run 3 results/optim --figure rotation
says err.txt "cannot draw rotation of 'results/optim': no rotation.csv; dlexp optim --rotate 0..90:19 writes it"
run 3 nowhere
says err.txt "'nowhere' is no folder"
run 3 results/notes
says err.txt "'results/notes' holds no tables"
run 3 results/optim --figure figure11_adam
says err.txt "no row with optimizer adam in summary.csv"

# ---- a picture goes with its tables, those of other folders and other hands stay
cp -r results/optim lost
run 0 lost --figure figure08_gd,contours --out both
run 0 results/sgd --figure figure06_sgd_objective --out both
run 3 results/sgd --figure figure08_gd --out both
cp both/contours.svg both/mine.svg
rm lost/landscape.csv
run 0 lost --figure figure08_gd,contours --out both
says out.txt 'removed both/contours.svg' 'no landscape.csv' '0 drawn, 1 unchanged'
[ "$(cd both && echo *)" = 'figure06_sgd_objective.svg figure08_gd.svg index.html mine.svg' ] || complain "other files than those that remain: $(ls both)"
! grep -q contours both/.drawn || complain "the list of pictures has one that went"
run 0 lost --figure figure08_gd,contours --out both --json
! grep -q removed out.txt || complain "removed twice: $(cat out.txt)"

# ---- and with its folder; of the folder of pictures what is of other hands stays
mkdir many && cp -r results/optim many/a && cp -r results/sgd many/b && cp -r results/sgd many/c
run 0 many --figure figure08_gd,figure06_sgd_objective --out gone
touch gone/c/notes.txt
rm -r many/b many/c
run 0 many --figure figure08_gd,figure06_sgd_objective --out gone
says out.txt 'removed gone/b/figure06_sgd_objective.svg its folder is gone' 'removed gone/c/figure06_sgd_objective.svg' '0 drawn, 1 unchanged'
[ "$(cd gone && find . -type f ! -name .drawn | sort | paste -sd' ')" = './a/figure08_gd.svg ./c/notes.txt ./index.html' ] || complain "not what is left: $(find gone)"
[ ! -e gone/b ] || complain "an empty folder is left"

# ---- quiet: nothing but what went wrong
run 0 many --figure figure08_gd --out gone --force -q
[ ! -s out.txt ] && [ ! -s err.txt ] || complain "plot -q says: $(cat out.txt err.txt)"
run 3 many --figure rotation --out gone -q
says err.txt 'no rotation.csv'

# ---- as many at a time as there are CPUs: each of these gnuplots waits for another one
mkdir two empty
cat >two/gnuplot <<'END'
#!/bin/sh
echo >>started
for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ "$(wc -l <started)" -lt 2 ] || { echo '<svg width="8" height="8"><g id="gnuplot_canvas"></g></svg>'; exit 0; }
    sleep 0.1
done
exit 7
END
chmod +x two/gnuplot
if [ "$(nproc)" -ge 2 ]; then
    PATH=$PWD/two:$PATH run 0 results/optim --figure contours,figure08_gd --out pair
    [ "$(sed -n 's/^wrote pair.//p' out.txt | tr '\n' ' ')" = 'figure08_gd.svg contours.svg index.html ' ] || complain "not in the order of the table: $(cat out.txt)"
fi

# ---- a gnuplot that is not there, fails, or is stopped
mkdir bin
PATH=$PWD/empty run 4 results/optim --figure figure08_gd --force
says err.txt 'gnuplot is missing' 'install the package gnuplot'
printf '#!/bin/sh\necho no such font >&2\nexit 7\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH run 1 results/optim --figure figure08_gd --out failing
says err.txt 'figure08_gd of results/optim: ' 'failed with status 7: no such font' '1 figure could not be drawn'
[ ! -e failing/figure08_gd.svg ] || complain "a picture of a gnuplot that failed"
printf '#!/bin/sh\necho more than can be told apart >&2\nexit 3\n' >bin/gnuplot
PATH=$PWD/bin:$PATH run 3 results/optim --figure figure08_gd --out declining
says err.txt 'more than can be told apart'
printf '#!/bin/sh\nexit 0\n' >bin/gnuplot
PATH=$PWD/bin:$PATH run 4 results/optim --figure figure08_gd --out nothing
says err.txt 'ended well but drew nothing'
finish
