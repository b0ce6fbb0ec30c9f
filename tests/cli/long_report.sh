#!/usr/bin/env bash
# The page of `dlexp report` in Chromium (long_report.js says what is looked at).  Needs chromium, node and npm, which brings
# puppeteer-core and axe-core.  DLEXP_PICTURES=FOLDER keeps pictures of the page.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
skip() {
    echo "skipped: $1"
    exit 77
}
[[ -n ${DLEXP_LONG:-} ]] || skip "with DLEXP_LONG=1 only"
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no Chromium"
command -v gnuplot >/dev/null || skip "no gnuplot"
command -v npm >/dev/null && command -v node >/dev/null || skip "no node with npm"
npm install --no-audit --no-fund puppeteer-core@24 axe-core@4 >npm.txt 2>&1 || skip "npm: $(tail -n 2 npm.txt)"

mkdir results
for call in "data --samples 20" "batchnorm --data data/small --hidden 8 --batch 10 --epochs 3 --lr 0.01..1:5 --seeds 1..7 --layers" \
    "sgd-mean --trials 200 --iterations 400" optim "optim --rotate 0..90:7"; do
    name=${call// /-}
    [[ -d data/small ]] || make_data data/small 200 100 8 8 10
    # shellcheck disable=SC2086
    "$DLEXP" $call --out "results/${name//[^a-z0-9-]/}" >said.txt 2>&1 || complain "$call: $(tail -n 2 said.txt)"
done
"$DLEXP" report --out page.html >said.txt 2>&1 || complain "report: $(cat said.txt)"
"$DLEXP" report --without-answers --out sheet.html >said.txt 2>&1 || complain "sheet: $(cat said.txt)"
cp "$DLEXP_SOURCE_DIR/tests/cli/long_report.js" .
node long_report.js "$PWD/page.html" "$chromium" ${DLEXP_PICTURES:+"$DLEXP_PICTURES"} || complain "the page in Chromium"
node long_report.js "$PWD/sheet.html" "$chromium" >sheet.txt
grep -qx '0 pictures, 0 complaints' sheet.txt || complain "the sheet in Chromium: $(cat sheet.txt)"
# A page that must not pass: something too wide, something from elsewhere, an image without words.
sed 's|<main>|<main><p style="width: 2000px">wide</p><img src="http://localhost:9/x.png">|' page.html >bad.html
node long_report.js "$PWD/bad.html" "$chromium" >bad.txt && complain "a bad page passes"
for word in 'the page is' 'asks for http://localhost:9/x.png' 'axe: image-alt'; do
    grep -qF -- "$word" bad.txt || complain "a bad page: '$word' is not said: $(cat bad.txt)"
done
finish
