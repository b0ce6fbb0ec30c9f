#!/usr/bin/env bash
# `dlexp report`: what stands in the folders stands on the page, in each format, and nothing else; what is missing is named
# with its command; damaged files are refused with their place; texts from files are only texts; the same folders give the
# same bytes.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 40 30 4 4 3
mkdir -p results
"$DLEXP" batchnorm --data data --hidden 4 --batch 10 --epochs 2 --lr 0.1,1 --seeds 1..2 -j1 --quiet --out results/batchnorm >/dev/null 2>&1 || complain "batchnorm"
"$DLEXP" sgd-mean --iterations 20 --trials 3 -j1 --quiet --out results/sgd-mean >/dev/null 2>&1 || complain "sgd-mean"
"$DLEXP" optim -j1 --quiet --out results/optim >/dev/null 2>&1 || complain "optim"

# Figures take seconds: without gnuplot, but for one.  A PATH with everything else that the script uses.
mkdir tools
for tool in bash grep sed cat cmp python3 env; do ln -s "$(command -v $tool)" tools/; done
without() { PATH=$PWD/tools "$DLEXP" "$@"; }

# holds FILE TEXT..., lacks FILE TEXT...
holds() {
    local file=$1 text
    shift
    for text; do grep -qF -- "$text" "$file" || complain "$file lacks '$text'"; done
}
lacks() {
    local file=$1 text
    shift
    for text; do ! grep -qF -- "$text" "$file" || complain "$file has '$text'"; done
}
# refused STATUS WORDS ARGUMENT...
refused() {
    local expected=$1 words=$2 status=0
    shift 2
    without report "$@" --out refused.html >printed 2>said || status=$?
    [ "$status" -eq "$expected" ] || complain "report $*: expected status $expected, got $status"
    grep -qF -- "$words" said || complain "report $*: expected '$words', got: $(cat said)"
    [ ! -e refused.html ] || complain "report $*: a page was written all the same"
}

# ---- the page
without report --out page.html >printed 2>said || complain "report: $(cat said)"
holds printed "wrote page.html"
holds page.html '<!DOCTYPE html>' 'prefers-color-scheme: dark' '@media print' '<math display="block">' \
    'gnuplot was not found' 'dlexp plot results/optim --figure figure12_f1' \
    'Question 1: BatchNorm' 'Question 2: SGD for the mean' 'Question 3: four optimizers, two quadratics' \
    'dlexp sgd-mean --iterations 20 --trials 3 -j1 --out results/sgd-mean' \
    'These results are missing.' '<code>dlexp data</code>'
lacks page.html '<script' 'http://' 'https:' '<mtext>\' # no formula has what is not read
# The words are the experiments' own: every sentence of every run.json stands on the page, behind its verdict.
python3 - <<'PYTHON' || complain "sentences, numbers or headings"
import glob, html, json, re, csv
page = open("page.html", encoding="utf-8").read()
text = html.unescape(re.sub("<[^>]*>", "", page))
count = 0
for name in glob.glob("results/*/run.json"):
    for answer in json.load(open(name))["answers"]:
        if answer["id"] in ("faster", "rates", "better", "wider", "momentum-all", "gd-f1-f2", "adam-f1-f2"):
            rest = re.sub(r"^(not comparable|supported|contradicted|equivalent|undecided)[.:;] *", "", answer["sentence"])
            assert rest in text, rest
            count += 1
assert count >= 9, count
for row in csv.DictReader(open("results/optim/summary.csv")):
    for threshold in ("1e-1", "1e-2", "1e-3", "1e-6"):
        cell = row["stays_below_from_" + threshold]
        assert not cell or f">{cell}</td>" in page, cell
levels = [int(n) for n in re.findall(r"<h([1-6])[ >]", page)]
assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels
ids = re.findall(r' id="([^"]*)"', page)
assert len(ids) == len(set(ids)), "an id stands twice"
for target in re.findall(r'href="#([^"]*)"', page):
    assert target in ids, target
assert re.search(r"scope=\"col\"", page)
PYTHON
without report results --out again.html >printed 2>said && cmp -s page.html again.html || complain "the same folders, other bytes"
without report results/optim results/sgd-mean --out two.html >printed 2>said || complain "two folders: $(cat said)"
holds two.html 'results/optim' 'results/sgd-mean' '<code>dlexp batchnorm'

# ---- of several folders: the answer that decides, of those nearest to 15 epochs; behind it the nearest one.  Other data,
# nets, rules or protocols are other experiments: however much they decide, they answer nothing, and are called what they are
mkdir many
for name in first second third a-net data notebook; do cp -r results/batchnorm many/$name; done
mkdir many/third/models
python3 - <<'PYTHON' || complain "the folders of many experiments"
import csv, json, os, re
# As known.c recognises MNIST: the four hashes of its row.
known = open(os.environ["DLEXP_SOURCE_DIR"] + "/src/data/known.c").read()
hashes = re.findall(r'"([0-9a-f]{64})"', known[known.index('.name = "mnist"'):])[:4]
assert len(hashes) == 4
for name, epochs, verdict, estimate, pairs, other in (
        ("first", 1, "supported", "1.31", "10", {}), ("second", 5, "contradicted", "-0.26", "7", {}),
        ("third", 15, "undecided", "0.18", "7", {}), ("a-net", 15, "supported", "4", "90", {"hidden": [32], "optimizer": "adam"}),
        ("data", 15, "supported", "5", "90", {"data": "digits"}), ("notebook", 15, "supported", "6", "90", {"protocol": "notebook"})):
    rows = list(csv.DictReader(open(f"many/{name}/claims.csv")))
    for row in rows:
        if row["id"] == "better" and not row["lr"]:
            row.update(verdict=verdict, estimate=estimate, low="", high="", n=pairs)
    with open(f"many/{name}/claims.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    run = json.load(open(f"many/{name}/run.json"))
    run["config"].update({"epochs": epochs, "hidden": [128, 64], "batch": 60, "data": None}, **other)
    if name != "data":
        for part, sha256 in zip(("train_images", "train_labels", "test_images", "test_labels"), hashes):
            run["data"][part]["sha256"] = sha256
    run["answers"] = [dict(a, sentence=f"{verdict}. By {name}.") for a in run["answers"] if a["id"] == "better"]
    run["answers"].append({"claim": "is news", "id": "news", "sentence": f"supported. Nobody asked {name}."})
    json.dump(run, open(f"many/{name}/run.json", "w"))
PYTHON
without report many --format markdown --out many.md >printed 2>said || complain "several folders: $(cat said)"
is() { [ "$1" = "$2" ] || complain "$3: expected '$1', got '$2'"; }
is "contradicted|-0.26|5|7|second undecided|0.18|15, as the homework|7|third" \
    "$(grep -F '| 1 (c)' many.md | cut -d'|' -f3-7 | sed 's/ *| */|/g; s/^ *//; s/ *$//' | paste -sd' ')" "at a glance"
is "Ends better, after 5 epochs Ends better, after 15 epochs" "$(grep -o 'Ends better, after [0-9]* epochs' many.md | paste -sd' ')" "boxes"
holds many.md '| supported | 1 epoch | first |  | By first. |' '| supported | 15 epochs | data | data digits | By data. |' \
    '| supported | 15 epochs | a-net | optimizer adam, hidden 32 | By a-net. |' \
    '| supported | 15 epochs | notebook | protocol notebook | By notebook. |' "From a-net/groups.csv (not the homework's: optimizer adam, hidden 32)" \
    "ends better: points of test accuracy. More is decided by \`dlexp batchnorm --seeds 1..10 --eval-every 50\`" '## Other claims' '| Is news | Nobody asked second. |' \
    'The saved models: models/NORM'
model=$(python3 -c 'import csv; print(next(csv.DictReader(open("many/third/summary.csv")))["best_model_sha256"])')
holds many.md "| $model |"
lacks page.html 'Nobody asked'
# Where there are none but other experiments, the question stays open.
without report many/a-net many/data --format markdown --out others.md >printed 2>said || complain "other experiments: $(cat said)"
lacks others.md '**Ends better' '| 1 (c)' # no box, no row at a glance
holds others.md "The same claim, by other experiments than the homework's:" "The homework's results are missing"
# A longer one with one optimizer stands behind the homework's, and is not at a glance; rates tell its rows apart.
cp -r results cycled
"$DLEXP" optim --optimizer rmsprop --lr 1e-3,1e-2 --iterations 3000 -j1 --quiet --out cycled/cycles >/dev/null 2>&1 || complain "cycles"
without report cycled --format markdown --out cycled.md >printed 2>said || complain "cycles: $(cat said)"
is "2000" "$(grep -o "Question 3, .* findings in runs of [0-9]* iterations" cycled.md | grep -o '[0-9]* iter' | grep -o '[0-9]*' | paste -sd' ')" "at a glance, optim"
is "optim cycles" "$(grep -o 'stays below each threshold. From [a-z]*' cycled.md | grep -o '[a-z]*$' | paste -sd' ')" "folders of question 3"
holds cycled.md '| optimizer | lr | curves on f1 and f2 |' 'rmsprop f1 lr 0.01 26' "(not the homework's: optimizer rmsprop, lr 0.001, 0.01)"
# What the homework found of the optimizers, and the eight in order.
without report results --format markdown --out all.md >printed 2>said || complain "all: $(cat said)"
holds all.md '| rmsprop f1 1116 \> momentum f1 1139 = momentum f2 1139 \> rmsprop f2 1603 \> adam f1 1885 | gd f1, gd f2, adam f2 |' \
    '| adam | f2 first, then f1 | supported | f2 | 853 |' '[Words](#words)' \
    'RMSProp on f1 rises above the threshold again after iteration 2000'

# Where theory's curves cross, by the formula of the page.
"$DLEXP" sgd-mean -j1 --quiet --out cross >/dev/null 2>&1 || complain "sgd-mean"
crossing=$(python3 - <<'PYTHON'
import csv
row = next(csv.DictReader(open("cross/summary.csv")))
start, variance = float(row["y_star"]) ** 2, float(row["variance"])
error = lambda lr, t: (1 - 2 * lr) ** (2 * t) * start + lr / (1 - lr) * variance * (1 - (1 - 2 * lr) ** (2 * t))
print(next(t for t in range(1, 200) if error(0.1, t) > error(0.01, t)))
PYTHON
)
without report cross --format markdown --out cross.md >printed 2>said || complain "cross: $(cat said)"
holds cross.md "is the larger one from iteration $crossing on (rates 0.01 and 0.1)"

# ---- a figure, where gnuplot is
if command -v gnuplot >/dev/null; then
    mkdir one
    cp -r results/optim one/
    rm one/optim/{trajectory,landscape}.csv # what is left draws one figure, twice
    cp -r one/optim one/other
    "$DLEXP" report one --out drawn.html >printed 2>said || complain "with a figure: $(cat said)"
    grep -q '<svg ' drawn.html || complain "no figure was drawn"
    holds drawn.html '<title' '<desc' "The homework&#39;s guess against what was measured" 2>/dev/null
    lacks drawn.html 'gnuplot was not found'
    # A figure's own style sheet, which makes it dark on a dark screen, names the figure as the page does.
    python3 - <<'PYTHON' || complain "the style of a figure"
import re
page = open("drawn.html", encoding="utf-8").read()
styled = re.findall(r'\[id="([^"]*)"\]', page)
assert styled and len(set(styled)) == len(styled), styled
for name in styled: assert f' id="{name}"' in page, name
PYTHON
fi

# ---- captions say what is drawn: nothing that other runs than the homework's would make false
"$DLEXP" plot --list --json >figures.json || complain "plot --list"
python3 - <<'PYTHON' || complain "a caption tells what the runs show"
import json, re
shown = r"\b(falls?|fell|rises|swings?|settles?|stays at|faster|slower|worse|better than|does not leave|do not see|turned by|converges?|oscillat\w*)\b"
figures = json.load(open("figures.json"))["figures"]
assert len(figures) > 20
for figure in figures:
    assert not re.search(shown, figure["description"]), (figure["name"], re.search(shown, figure["description"]))
PYTHON

# ---- the other formats, by --format or by the ending of --out; one that contradicts it is refused
for pair in html:html md:markdown tex:latex TEX:latex markdown:markdown; do
    without report results/optim --out "by-ending.${pair%:*}" -q && without report results/optim --format ${pair#*:} --out by-name -q &&
        cmp -s "by-ending.${pair%:*}" by-name || complain "--out by-ending.${pair%:*} is not --format ${pair#*:}"
done
# refuses WORDS ARGUMENT...: with its own --out
refuses() {
    local words=$1 status=0
    shift
    without report results/optim "$@" >printed 2>said || status=$?
    [ $status -eq 2 ] && grep -qF -- "$words" said || complain "report $*: status $status, expected '$words', got: $(cat said)"
}
refuses "--out: expected a name that ends in .tex, as --format latex writes it, got 'x.md'" --format latex --out x.md
refuses "--out: expected a name that ends in .html, .md or .tex, or --format beside it, got 'x.txt'" --out x.txt
refuses "print the HTML page to PDF in a browser" --out x.pdf
refuses "print the HTML page to PDF in a browser" --format pdf
refuses "did you mean 'markdown'?" --format md
[ ! -e x.md ] && [ ! -e x.txt ] && [ ! -e x.pdf ] || complain "a page was written all the same"
without report results/optim --format latex --out x.txt -q || complain "an ending that no format has, beside --format: $(cat said)"
without report --format markdown --out page.md >printed 2>said || complain "markdown: $(cat said)"
holds page.md '# BatchNorm, SGD and optimizers' '| function | optimizer |' '$$' 'dlexp plot results/optim --figure guess'
without report --format latex --out page.tex >printed 2>said || complain "latex: $(cat said)"
holds page.tex '\documentclass' '\toprule' '\begin{pmatrix}' '\end{document}'
if command -v pdflatex >/dev/null && [ -n "${DLEXP_LONG:-}" ]; then
    pdflatex -halt-on-error page.tex >latex.txt || complain "pdflatex: $(tail -n 20 latex.txt)"
fi

# ---- a sheet to hand out: no folder is needed, and nothing measured stands there
(mkdir -p empty && cd empty && PATH=$PWD/../tools "$DLEXP" report --without-answers --out ../sheet.html >printed 2>said) || complain "sheet"
holds sheet.html 'Your answer:' '<math display="block">' 'dlexp sgd-mean'
lacks sheet.html 'class="answer' '<svg' 'contraction' 'The homework guessed' 'class="verdict'
# Its numbers are those that the homework gives: its nets, rates, constants and lengths.  Another one is an answer, or refers
# to one that is not there; so does a word that points to something on the page.
"$DLEXP" report --without-answers --out sheet.md -q || complain "sheet.md"
python3 - <<'PYTHON' || complain "the sheet tells what is to be found out, or refers to what is not there"
import re
text = open("sheet.md", encoding="utf-8").read()
text = re.sub(r"```.*?```", "", text, flags=re.S)  # commands
text = re.sub(r"^Made by .*", "", text, flags=re.M)
given = {"784", "128", "64", "10", "0.9", "60", "15", "0.01", "0.5", "1234",  # question 1
         "0.1", "1", "2", "5", "0", "8",  # formulas: 1 - m, sums from 1, squares, 10^{-5}, 10^{-8}; numbers of questions
         "100", "200", "2000", "0.001", "3", "0.99", "0.999",  # questions 2 and 3
         "28", "255"}  # the images
numbers = set(re.findall(r"\d+(?:\.\d+)?", text))
assert numbers <= given, numbers - given
assert len(numbers) > 20, numbers
words = re.findall(r"\b(below|above|figures?|table|bracket\w*|settle\w*|turned|degrees|rotat\w*|measured|supported|contradicted|undecided|shown|found)\b", text, re.I)
assert not words, words
PYTHON
# What stands there is what the page asks: the page with answers has every line of it, but the room and the commands.
without report results --out asked.md -q || complain "asked.md"
python3 - <<'PYTHON' || complain "the sheet has what the page has not"
import re
sheet, page = (re.sub(r"```.*?```", "", open(name, encoding="utf-8").read(), flags=re.S) for name in ("sheet.md", "asked.md"))
body = sheet[sheet.index("## Question 1"):sheet.index("Made by")]
lines = [line for line in body.split("\n") if line and line not in ("&nbsp;", "*Your answer:*")]
assert len(lines) > 60, len(lines)
missing = [line for line in lines if line not in page]
assert not missing, missing
PYTHON

# ---- what is not there, or damaged
refused 3 "'nowhere' is no folder" nowhere
refused 3 "empty" empty
cp -r results damaged
printf '{"experiment": "optim", ' >damaged/optim/run.json
refused 3 "damaged/optim/run.json': expected the JSON that a dlexp command wrote" damaged
cp results/optim/run.json damaged/optim/
sed -i '3s/^f1,0,momentum,0.001,/f1,0,momentum,oops,/; 3s/2\.97[0-9e.-]*/far/' damaged/optim/summary.csv
refused 3 "damaged/optim/summary.csv', line 3: expected a number in the column final_objective, got 'far'" damaged
printf 'a,b\n1\n' >damaged/optim/claims.csv
refused 3 "damaged/optim/claims.csv', line 2: expected 2 cells" damaged
refused 2 "--format" results --format docx

# An older folder has no sentences.
cp -r results older
python3 - <<'PYTHON'
import json
run = json.load(open("older/sgd-mean/run.json")); del run["answers"]
json.dump(run, open("older/sgd-mean/run.json", "w"))
PYTHON
without report older --out older.html >printed 2>said || complain "older: $(cat said)"
holds older.html 'has tables but no sentences' 'dlexp sgd-mean --iterations 20 --trials 3 -j1 --out older/sgd-mean</code>'

# ---- texts that mean something to a format
cp -r results hostile
python3 - <<'PYTHON'
import json
evil = "<script>alert(1)</script> & \"q\" | `tick` $x$ \\input{a} _u_ **b** %c #d ^e ~f {g}"
run = json.load(open("hostile/optim/run.json"))
for answer in run["answers"]: answer["sentence"] = answer["claim"] = evil
run["command_line"] = ["dlexp", "optim", evil, "--out", "x"]
json.dump(run, open("hostile/optim/run.json", "w"))
lines = open("hostile/optim/summary.csv").read().split("\n")
lines[1] = lines[1].replace("gd", '"' + evil.replace('"', '""').replace(",", "") + '"', 1)
open("hostile/optim/summary.csv", "w").write("\n".join(lines))
PYTHON
for format in html markdown latex; do
    without report hostile --format $format --out hostile.$format >printed 2>said || complain "hostile $format: $(cat said)"
done
lacks hostile.html '<script'
holds hostile.html '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;q&quot;'
holds hostile.markdown '\<script\>alert(1)\</script\> \& "q" \| \`tick\` \$x\$' '\*\*b\*\*'
lacks hostile.markdown '| <script'
holds hostile.latex '\textbackslash{}input\{a\} \_u\_ **b** \%c \#d \textasciicircum{}e \textasciitilde{}f \{g\}'
lacks hostile.latex ' \input{a}'

# ---- where it cannot be written
refused_out=0
without report results --out data/train-labels-idx1-ubyte/x.html >printed 2>said || refused_out=$?
[ "$refused_out" -eq 4 ] || complain "a file as a folder: status $refused_out: $(cat said)"
# The guess of question 3 has its reasons.
holds page.html 'What speaks for it: <strong>momentum</strong> adds up the gradients before' 'Adam corrects for that'

# ---- quiet; the folders in a file of options, those of the command line win
without report --out quiet.html -q >printed.quiet 2>said || complain "report -q: $(cat said)"
[ ! -s printed.quiet ] && [ ! -s said ] && cmp -s page.html quiet.html || complain "report -q: $(cat printed.quiet said)"
# The folders, in a file of options; those of the command line win.
printf '{"operand": ["results/optim", "results/sgd-mean"], "out": "by-file.html"}' >report.json
without report --config report.json >/dev/null 2>said || complain "report --config: $(cat said)"
without report results/optim results/sgd-mean --out by-words.html >/dev/null
cmp -s by-file.html by-words.html || complain "report --config: other folders"
without report results/batchnorm --config report.json --out by-both.html >/dev/null
without report results/batchnorm --out by-words.html >/dev/null
cmp -s by-both.html by-words.html || complain "report --config: the file's folders won over the command line's"
printf '{"operand": ["results/optim", 3]}' >report.json
refused 3 'report.json: operand: expected a string or an array of strings, got a number' --config report.json

# ---- tables of one call beside the run.json of another are nobody's: report, plot and check leave the folder out until
# the call has finished, whether it was killed amid its runs or failed among its tables
net="batchnorm --data data --hidden 4 --batch 10 --lr 0.1 --seeds 1 -j1"
mkdir mixed
cp -r results/optim mixed/
"$DLEXP" $net --epochs 1 --quiet --out mixed/x >/dev/null 2>&1 || complain "the first call"
cp -r mixed/x "mixed/a table"
# all_refuse FOLDER CALL: alone it is refused, among others it is left out, and the call that ends it is named.
all_refuse() {
    local folder=$1 call=$2 words
    words="'mixed/$folder': expected the tables of a call that has finished"
    refused 3 "$words" "mixed/$folder"
    grep -qF -- "$call" said || complain "report mixed/$folder: expected '$call', got: $(cat said)"
    ! "$DLEXP" plot "mixed/$folder" --out drawn >/dev/null 2>said && grep -qF -- "$words" said || complain "plot mixed/$folder: $(cat said)"
    ! "$DLEXP" check "mixed/$folder/summary.csv" --against "mixed/$folder" >/dev/null 2>said && grep -qF -- "$words" said ||
        complain "check mixed/$folder: $(cat said)"
    without report mixed --format markdown --out mixed.md >/dev/null 2>said || complain "report mixed: $(cat said)"
    holds mixed.md "\`mixed/$folder\` is left out: its call runs or was stopped" "$call"
    lacks mixed.md "From $folder"
    "$DLEXP" check results/optim/summary.csv --against mixed --table summary.csv --quiet >/dev/null 2>said || complain "check mixed: $(cat said)"
    grep -qF "note: 'mixed/$folder' is left out" said || complain "check mixed: $(cat said)"
}
"$DLEXP" $net --epochs 100000 --out mixed/x >/dev/null 2>&1 &
child=$!
for i in $(seq 600); do grep -q '"status":.*"running"' mixed/x/run.json && break; sleep 0.05; done
kill -s KILL $child
wait $child 2>/dev/null
# In "a table" nothing is left to compute: one table is written, and then comes a folder in the place of the next.
"$DLEXP" $net --epochs 2 --quiet --out "mixed/a table" >/dev/null 2>&1 || complain "a second call"
rm "mixed/a table/summary.csv"
mkdir "mixed/a table/summary.csv"
! "$DLEXP" $net --epochs 1 --quiet --out "mixed/a table" >/dev/null 2>&1 || complain "a folder was replaced by a table"
rmdir "mixed/a table/summary.csv"
cp mixed/x/summary.csv "mixed/a table/"
all_refuse x "dlexp $net --epochs 100000 --out mixed/x"
all_refuse "a table" "dlexp $net --epochs 1 --out 'mixed/a table'"
for folder in x "a table"; do "$DLEXP" $net --epochs 1 --quiet --out "mixed/$folder" >/dev/null 2>&1; done
without report mixed --format markdown --out mixed.md >/dev/null 2>said || complain "report mixed: $(cat said)"
lacks mixed.md 'is left out'
holds mixed.md "From x/" "From a table/"
finish
