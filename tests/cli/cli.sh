#!/usr/bin/env bash
# The command line as a user meets it: help, version, slips, and the exit status of each.
# Nothing here starts a run: every bad command line must be refused before that.
set -u
DLEXP=${DLEXP:?the dlexp binary}
failures=0

complain() {
    echo "FAILED: $*"
    sed 's/^/    stdout: /' out.txt | head -n 5
    sed 's/^/    stderr: /' err.txt | head -n 5
    failures=$((failures + 1))
}

# run STATUS WORD...: the exit status; the outputs are kept in out.txt and err.txt.
run() {
    local expected=$1 status
    shift
    "$DLEXP" "$@" >out.txt 2>err.txt </dev/null
    status=$?
    [ "$status" -eq "$expected" ] || complain "dlexp $*: expected exit status $expected, got $status"
}

# shown TEXT...: standard output holds each text, standard error nothing.
shown() {
    local text
    for text in "$@"; do
        grep -qF -e "$text" out.txt || complain "standard output lacks: $text"
    done
    [ ! -s err.txt ] || complain "unexpected text on standard error"
}

# refused MESSAGE WORD...: status 2, exactly this line on standard error, nothing on standard output.
refused() {
    local message="dlexp: $1"
    shift
    run 2 "$@"
    [ "$(cat err.txt)" = "$message" ] || complain "dlexp $*: expected the message: $message"
    [ ! -s out.txt ] || complain "dlexp $*: unexpected text on standard output"
}

# ---- help and version
for words in --help -h help 'help help' 'help --help' 'version -h'; do
    run 0 $words
    shown 'Usage: dlexp COMMAND [options]' 'Commands:' 'batchnorm' 'data' 'Exit status:' \
        '  2      the command line is wrong'
done
cp out.txt help.txt
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' help.txt | grep -vx -e help -e completion -e version)
[ "$(echo "$commands" | grep -cx -e batchnorm -e data)" -eq 2 ] || complain "the list of commands lacks batchnorm or data"
while IFS= read -r command; do
    run 0 help $command # "data import" is two words
    shown "Usage: dlexp $command [options]" '  -h, --help'
    mv out.txt expected.txt
    ! grep -q '.\{121\}' expected.txt || complain "the help of $command is too wide"
    for words in -h --help '--help --no-such-option'; do
        run 0 $command $words
        cmp -s out.txt expected.txt || complain "dlexp $command $words differs from dlexp help $command"
    done
done <<<"$commands"
run 0 --version
grep -Eqx 'dlexp [0-9]+\.[0-9]+\.[0-9]+ \(.+, .+\)' out.txt || complain "the version line"
shown dlexp
cp out.txt version.txt
run 0 version
cmp -s out.txt version.txt || complain "version and --version differ"

# ---- slips in the place of the command
run 2
grep -qF 'Usage: dlexp COMMAND' err.txt || complain "bare dlexp shows how it is used"
grep -qFx "dlexp: expected a command, got none; see 'dlexp help'" err.txt || complain "bare dlexp says what is missing"
[ ! -s out.txt ] || complain "bare dlexp wrote to standard output"
known=$(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' help.txt | paste -sd, | sed 's/,/, /g')
refused "unknown command 'bathcnorm'; known: $known; did you mean 'batchnorm'? See 'dlexp help'" bathcnorm
refused "unknown command 'dta'; known: $known; did you mean 'data'? See 'dlexp help'" dta --json
refused "unknown command 'qqqqqqqq'; known: $known; see 'dlexp help'" qqqqqqqq
refused "unknown command ''; known: $known; see 'dlexp help'" ''
refused "unknown command 'batch'; known: $known; did you mean 'batchnorm'? See 'dlexp help'" help batch
refused "unknown option '--versoin' for 'dlexp'; did you mean '--version'? See 'dlexp help'" --versoin
refused "unknown option '--lr' for 'dlexp'; the options of a command follow its name; see 'dlexp help'" --lr 0.5 batchnorm
refused "unexpected word 'data' after 'batchnorm'; see 'dlexp help'" help batchnorm data
refused "unexpected word 'x' after 'version'; see 'dlexp help'" --version x

# ---- slips in the options: refused MESSAGE-WITHOUT-ITS-END WORD...
bad() {
    local message=$1
    shift
    case $message in
    *\?) message="$message See 'dlexp help batchnorm'" ;;
    *) message="$message; see 'dlexp help batchnorm'" ;;
    esac
    refused "$message" batchnorm "$@"
}
bad "unknown option '--epoch' for 'dlexp batchnorm'; did you mean '--epochs'?" --epoch 3
bad "unknown option '--epo' for 'dlexp batchnorm'; did you mean '--epochs'?" --epo=3
bad "unknown option '--learning-rate' for 'dlexp batchnorm'; did you mean '--lr'?" --learning-rate 0.1
bad "unknown option '--batch_size' for 'dlexp batchnorm'; did you mean '--batch'?" --batch_size=32
# An unknown option is told all that are known: those of the help.
known=$("$DLEXP" help batchnorm | sed '/^Examples:/q' | sed -n 's/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort)
said=$("$DLEXP" batchnorm --foo 2>&1 | sed 's/.*; known: //; s/; see .*//' | tr -d ' ' | tr , '\n' | sort)
[ -n "$known" ] && [ "$known" = "$said" ] || complain "--foo is told of other options than the help: $said"
bad "unexpected word 'fast': 'dlexp batchnorm' takes options only" fast
bad "unexpected word '--epochs': 'dlexp batchnorm' takes options only" -- --epochs
bad "--lr: expected a value (--lr LIST), got none" --quiet --lr
bad "--lr: given a second time; write one list, separated by commas" --lr 0.1 --lr 0.5
bad "--quiet: expected no value, got '1'" --quiet=1
bad "--lr: expected a number > 0, got '5x' (not a number)" --lr 5x
bad "--lr: expected a number > 0, got '' (empty)" --lr ''
bad "--lr: expected a number > 0, got '' (empty)" --lr=
bad "--lr: expected a number > 0, got '0'" --lr 0
bad "--lr: expected a number > 0, got '-0.5'" --lr -0.5
bad "--lr: expected a number > 0, got '-h' (not a number)" --lr -h
bad "--lr: expected a number > 0, got 'nan' (not finite)" --lr nan
bad "--lr: expected a number > 0, got '1e999' (out of range)" --lr 1e999
bad "--lr: element 2 (''): empty; expected a number > 0" --lr 0.1,,0.5
bad "--lr: element 3 (''): empty; expected a number > 0" --lr 0.1,0.5,

# Ranges and known names belong to the command's table: only the parts that do not depend on it are compared.
vague() {
    local start="dlexp: $1" part=$2
    shift 2
    run 2 batchnorm "$@"
    [ "$(wc -l <err.txt)" -eq 1 ] || complain "dlexp batchnorm $*: expected one line"
    case $(cat err.txt) in
    "$start"*"$part"*"'dlexp help batchnorm'") ;;
    *) complain "dlexp batchnorm $*: expected $start ... $part" ;;
    esac
}
vague "--epochs: expected an integer" "got '0'" --epochs 0
vague "--epochs: expected an integer" "got '1.5' (not an integer)" --epochs 1.5
vague "--epochs: expected an integer" "got '99999999999999999999' (out of range)" --epochs=99999999999999999999
vague "--hidden: element 2 ('64x'): not an integer; expected an integer" "" --hidden 128,64x
vague "--hidden: element 1 ('0'): expected an integer" "" --hidden 0,64
vague "--seeds: expected an integer" "got '9..5' (a range runs upwards" --seeds 9..5
vague "--seeds: expected at most 100000 seeds in all" "'1..100001'" --seeds 1..100001
vague "--seeds: expected an integer" "got '1..' (not a range of two integers)" --seeds 1..
vague "--optimizer: unknown name 'addam'; known: " "did you mean 'adam'?" --optimizer addam
vague "--norm: element 2 ('batchnrm'): unknown name; known: " "did you mean 'batchnorm'?" --norm none,batchnrm
vague "--norm: unknown name ''; known: " "" --norm ''

# ---- standard output that cannot be written
if [ -w /dev/full ]; then
    for words in --help --version 'help batchnorm'; do
        "$DLEXP" $words >/dev/full 2>err.txt
        status=$?
        : >out.txt
        [ "$status" -eq 4 ] || complain "dlexp $words >/dev/full: expected exit status 4, got $status"
        grep -q '^dlexp: cannot write to standard output: .' err.txt || complain "dlexp $words >/dev/full: no message"
    done
fi
"$DLEXP" --help >&- 2>err.txt
status=$?
[ "$status" -eq 4 ] || complain "closed standard output: expected exit status 4, got $status"
(
    ulimit -f 0 && exec "$DLEXP" --help >limited.txt
) 2>/dev/null
status=$?
[ "$status" -eq 4 ] || complain "file-size limit: expected exit status 4, got $status"

# ---- the script that does everything says how long that takes
bash "$DLEXP_SOURCE_DIR/scripts/reproduce.sh" --help 2>&1 | grep -q ' minutes on ' || complain "reproduce.sh --help: no time"

[ "$failures" -eq 0 ] || exit 1
echo "all command lines behaved"
