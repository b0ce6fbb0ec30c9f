#!/usr/bin/env bash
# Completions and manual pages are made from the tables of commands and options: every option that the help names is in all
# of them.  The scripts are sourced by bash, and by zsh and fish where they are there.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
mkdir -p alpha 'two words'
touch alphabet.json
export PATH=$(dirname "$DLEXP"):$PATH

commands=$("$DLEXP" help --commands)
[ "$commands" = "$("$DLEXP" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' | tr ' ' - |
    grep -vx -e help -e version -e completion)" ] || complain "help --commands: $commands"

# options COMMAND: those of its help, with dashes.
options() { "$DLEXP" help "$1" | sed -n '/^Examples:/q; s/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'; }

# ---- bash
"$DLEXP" completion bash >dlexp.bash && bash -n dlexp.bash || complain "the script for bash"
. ./dlexp.bash
# completes 'WORDS' EXPECTED: the last word, as bash parts words at =, completes to exactly these, in any order.
completes() {
    local line=${1//=/ = }
    read -ra COMP_WORDS <<<"$line"
    [[ $line != *' ' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _dlexp
    got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' ')
    [ "$got" = "$(tr ' ' '\n' <<<"$2" | sort | paste -sd' ')" ] || complain "bash: '$1': expected '$2', got '$got'"
}
completes 'dlexp bat' batchnorm
completes 'dlexp help bat' batchnorm
completes 'dlexp completion ' 'bash zsh fish'
completes 'dlexp batchnorm --norm batch' batchnorm
completes 'dlexp batchnorm --norm=batch' batchnorm
completes 'dlexp batchnorm --norm none,' 'none,batchnorm none,layernorm'
completes 'dlexp batchnorm --norm=none,layernorm,b' none,layernorm,batchnorm
completes 'dlexp batchnorm --protocol ' 'fair notebook'
completes 'dlexp batchnorm --lr 0.1 --save-b' --save-best
completes 'dlexp batchnorm --seeds ' ''
completes 'dlexp batchnorm --data al' alpha
completes 'dlexp batchnorm -j ' ''
completes 'dlexp sgd-mean --points-file alp' 'alpha alphabet.json'
completes 'dlexp optim --config alphab' alphabet.json
completes 'dlexp compare alphab' alphabet.json
completes 'dlexp data al' alpha
completes 'dlexp data --json al' alpha
completes 'dlexp data im' import
completes 'dlexp data import alphab' alphabet.json
completes 'dlexp data import --test-sh' --test-share
COMP_WORDS=(dlexp data two) COMP_CWORD=2
_dlexp
[ "${COMPREPLY[*]}" = 'two words' ] && [ "${#COMPREPLY[@]}" -eq 1 ] || complain "bash: a name with a blank: ${COMPREPLY[*]}"

# ---- every option of every command, in the completion and in the manual page
for command in $commands; do
    completes "dlexp $command --" "$(options "$command" | paste -sd' ')"
    "$DLEXP" help --man "$command" >"$command.1"
    for option in $(options "$command"); do
        grep -qF -e "${option//-/\\-}" "$command.1" || complain "dlexp-$command(1) lacks $option"
    done
    # What names a folder or a file by its value completes one.
    for option in $("$DLEXP" help "$command" | sed -nE 's/^ {2,6}(-[a-z], )?(--[a-z-]*) (DIR|FILE|FOLDER) .*/\2/p'); do
        COMP_WORDS=(dlexp "$command" "$option" alpha) COMP_CWORD=3
        _dlexp
        [[ " ${COMPREPLY[*]} " == *' alpha'* ]] || complain "bash: $command $option: completes no folder and no file"
    done
done
"$DLEXP" help --man >dlexp.1
for command in $commands; do
    grep -q "^.BR dlexp.-${command//-/.-} (1)" dlexp.1 || complain "dlexp(1) does not name $command"
done

# ---- the pages are well-formed, and fit a screen
for page in ./*.1; do
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$page" >lint.txt
        ! grep -v 'missing date' lint.txt || complain "$page: mandoc"
    fi
    if command -v groff >/dev/null; then
        groff -man -Tascii -ww -rLL=80n "$page" >"$page.txt" 2>warnings.txt
        [ ! -s warnings.txt ] || complain "$page: $(head -n 3 warnings.txt)"
        ! sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' "$page.txt" | grep '.\{81\}' || complain "$page: wider than 80 columns"
    fi
done
[ "$("$DLEXP" help --man nonesuch 2>&1 | grep -c 'unknown command')" -eq 1 ] || complain "help --man nonesuch"
[ "$("$DLEXP" completion tcsh 2>&1)" = "dlexp: unknown shell 'tcsh'; known: bash, zsh, fish; see 'dlexp help'" ] ||
    complain "completion tcsh"

# ---- fish
"$DLEXP" completion fish >dlexp.fish
fish_completes() {
    local got
    got=$(HOME=$PWD fish -N -c "source dlexp.fish; complete -C '$1'" | cut -f1 | paste -sd' ')
    [ "$got" = "$2" ] || complain "fish: '$1': expected '$2', got '$got'"
}
if command -v fish >/dev/null; then
    fish -n dlexp.fish || complain "the script for fish"
    fish_completes 'dlexp batchn' batchnorm
    fish_completes 'dlexp batchnorm --norm none,b' none,batchnorm
    fish_completes 'dlexp batchnorm --norm=none,b' --norm=none,batchnorm
    fish_completes 'dlexp sgd-mean --points-fi' --points-file
    fish_completes 'dlexp batchnorm --data al' alpha/
    fish_completes 'dlexp compare alphab' alphabet.json
    fish_completes 'dlexp help bat' batchnorm
else
    echo "not tried: fish is not installed"
fi

# ---- zsh: the keys as they are typed, and what then stands on the line
mkdir functions
"$DLEXP" completion zsh >functions/_dlexp
if command -v zsh >/dev/null; then
    zsh -n functions/_dlexp || complain "the script for zsh"
    # (zsh puts the comma behind a name of a list, and takes it back at a blank.)
    cat >keys.zsh <<'END'
zmodload zsh/zpty
zpty shell 'TERM=dumb zsh -f -i'
zpty -w shell 'PS1= PS2= ; setopt no_list_beep; fpath=($PWD/functions $fpath); autoload -U compinit; compinit -u -D'
zpty -w shell 'keep() { print -r -- "$BUFFER" >>lines.txt; BUFFER= }; zle -N keep; bindkey "^T" keep; bindkey "^I" complete-word'
zpty -w shell 'touch ready.txt'
for ((i = 0; i < 100; i++)) { [[ -e ready.txt ]] && break; sleep 0.05 }
for line in "$@"; do zpty -n -w shell "$line"$'\t\x14'; done
for ((i = 0; i < 200; i++)) { [[ -e lines.txt && $(wc -l <lines.txt) -eq $# ]] && break; sleep 0.05 }
zpty -d shell
END
    ZDOTDIR=$PWD zsh -f keys.zsh 'dlexp batchn' 'dlexp batchnorm --norm none,batch' 'dlexp batchnorm --norm=lay' \
        'dlexp sgd-mean --points-fi' 'dlexp compare alphab' 'dlexp data al' 'dlexp completion fi' >/dev/null 2>&1
    sed 's/ *$//' lines.txt >typed.txt
    diff - typed.txt <<'END' || complain "zsh: other lines (<: expected)"
dlexp batchnorm
dlexp batchnorm --norm none,batchnorm,
dlexp batchnorm --norm=layernorm,
dlexp sgd-mean --points-file=
dlexp compare alphabet.json
dlexp data alpha/
dlexp completion fish
END
else
    echo "not tried: zsh is not installed"
fi
finish
