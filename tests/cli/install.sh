#!/usr/bin/env bash
# Installed, then moved: the program finds its data and scripts beside it, README's links lead to files, and `uninstall`
# takes back what was installed, and nothing else.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
build=$(dirname "$DLEXP")
if [[ ! -f $build/cmake_install.cmake ]] || ! command -v cmake >/dev/null; then
    echo "skipped: $DLEXP stands in no build tree of CMake"
    exit 77
fi
# The list of what the person at this build tree installed stays.
manifest=manifest.txt
[[ ! -e $build/install_manifest.txt ]] || mv "$build/install_manifest.txt" kept.txt
cmake -DCMAKE_INSTALL_PREFIX="$PWD/first" -P "$build/cmake_install.cmake" >install.txt 2>&1 ||
    complain "install: $(tail -n 3 install.txt)"
mv "$build/install_manifest.txt" "$manifest"
[[ ! -e kept.txt ]] || mv kept.txt "$build/install_manifest.txt"
[[ -s $manifest ]] || complain "no list of what was installed"
for file in bin/dlexp share/man/man1/dlexp.1 share/man/man1/dlexp-batchnorm.1 share/bash-completion/completions/dlexp \
    share/zsh/site-functions/_dlexp share/fish/vendor_completions.d/dlexp.fish share/doc/dlexp/README.md \
    share/dlexp/data/mnist/train-images-idx3-ubyte.gz share/dlexp/scripts/plots/samples.gp \
    share/dlexp/scripts/cluster/sweep.sbatch share/dlexp/scripts/cluster/sweep-parallel.sh \
    share/dlexp/data/schema/dlexp-1.schema.json; do
    [[ -s first/$file ]] || complain "not installed: $file"
done
pages=(first/share/man/man1/dlexp-*.1)
[[ ${#pages[@]} -eq $("$DLEXP" help --commands | wc -l) ]] || complain "not one manual page per command: ${pages[*]}"
for page in "${pages[@]}"; do
    name=${page##*/dlexp-}
    "$DLEXP" help --man "${name%.1}" | cmp -s - "$page" || complain "stale: $page"
done

# Links of the pages that were installed.
links=0
while IFS=: read -r page link; do
    links=$((links + 1))
    [[ -s $(dirname "$page")/$link ]] || complain "${page#first/}: its link $link leads nowhere"
done < <(grep -roE '\]\([^()#: ]+\)' --include=*.md first/share/doc/dlexp | sed -E 's/\]\((.*)\)/\1/')
[[ $links -gt 5 ]] || complain "expected more than 5 links, got $links"

# Moved, it uses the data beside it: those of the source tree are not looked at, as is seen by points of its own.
mv first second
mkdir -p work
printf 'x\n3\n4\n' >second/share/dlexp/data/published/points.csv
(cd work && ../second/bin/dlexp sgd-mean --points-file data/published/points.csv --iterations 5 --json --quiet) >moved.json 2>moved.txt ||
    complain "moved: $(cat moved.txt)"
grep -q '"y_star":	3.5' moved.json || complain "moved: the points are not those beside the program"
(cd work && ../second/bin/dlexp sgd-mean --points-file data/nonesuch.csv) 2>moved.txt
[[ $? -eq 3 ]] && grep -q 'second/bin/../share/dlexp' moved.txt && grep -q 'current directory' moved.txt || complain "moved: $(cat moved.txt)"
mv second first

# uninstall
touch first/share/dlexp/data/mine.txt
cmake -DMANIFEST="$manifest" -P "$DLEXP_SOURCE_DIR/scripts/cmake/uninstall.cmake" >uninstall.txt 2>&1 || complain "uninstall: $(cat uninstall.txt)"
left=$(find first -type f)
[[ $left = first/share/dlexp/data/mine.txt ]] || complain "uninstall left: $left"
[[ ! -e first/share/doc/dlexp && ! -e first/share/dlexp/scripts ]] || complain "uninstall left empty folders"
cmake -DMANIFEST="$manifest" -P "$DLEXP_SOURCE_DIR/scripts/cmake/uninstall.cmake" >uninstall.txt 2>&1
[[ $? -ne 0 ]] && grep -q 'nothing to uninstall' uninstall.txt || complain "uninstall twice: $(cat uninstall.txt)"
finish
