#!/usr/bin/env bash
# The .deb that cpack makes: installed in a fresh Debian root with what it depends on, it runs there, without the source
# tree, and goes away cleanly.  Needs root, debootstrap and a Debian machine whose packages can be had.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
skip() {
    echo "skipped: $1"
    exit 77
}
[[ -n ${DLEXP_LONG:-} ]] || skip "with DLEXP_LONG=1 only"
[[ $(id -u) -eq 0 ]] || skip "not root"
for tool in debootstrap cpack dpkg-shlibdeps chroot; do
    command -v "$tool" >/dev/null || skip "no $tool"
done
. /etc/os-release
[[ ${ID:-} = debian ]] || skip "not on Debian"
# Packages come from where this machine has them from.
mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?([^ ]+) .*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | head -n 1)
[[ -n $mirror ]] || skip "no mirror in /etc/apt"

root=$PWD/root
trap 'umount "$root/proc" 2>/dev/null; rm -rf "$root"' EXIT
(cd "$(dirname "$DLEXP")" && cpack -G DEB -B "$OLDPWD/packed") >cpack.txt 2>&1 || complain "cpack: $(tail -n 3 cpack.txt)"
package=$(ls packed/*.deb)
field() { dpkg-deb --field "$package" "$1"; }
for name in libc6 libcjson1 zlib1g; do
    [[ $(field Depends) == *"$name "* ]] || complain "Depends lacks $name: $(field Depends)"
done
[[ $(field Recommends) == *gnuplot* ]] || complain "Recommends: $(field Recommends)"
if command -v lintian >/dev/null; then
    lintian --fail-on error,warning "$package" >lintian.txt 2>&1 || complain "lintian: $(cat lintian.txt)"
fi

debootstrap --variant=minbase "$VERSION_CODENAME" "$root" "$mirror" >debootstrap.txt 2>&1 ||
    skip "debootstrap: $(tail -n 2 debootstrap.txt)"
mount -t proc proc "$root/proc" || skip "no /proc in the new root"
cp "$package" "$root/tmp/"
# The cache is the user's, not the package's: it stays, in /tmp of this system.
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DLEXP_CACHE=/tmp/cache LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
for file in /etc/resolv.conf /etc/apt/apt.conf.d/*proxy*; do
    [[ ! -f $file ]] || cp "$file" "$root$file"
done
inside sh -c 'find / -xdev -not -path "/var/*" -not -path "/tmp/*" -not -path "/proc/*" | sort' >before.txt
inside apt-get install -y --no-install-recommends "/tmp/$(basename "$package")" >apt.txt 2>&1 ||
    complain "apt-get install: $(tail -n 5 apt.txt)"

inside sh -c 'mkdir -p /tmp/home && cd /tmp/home && dlexp --version && dlexp data &&
    dlexp batchnorm --epochs 1 --lr 0.1 && dlexp sgd-mean --points-file data/published/points.csv && dlexp optim' \
    >runs.txt 2>&1 || complain "in the new root: $(tail -n 5 runs.txt)"
grep -q 'genuine MNIST' runs.txt || complain "dlexp data: $(head -n 5 runs.txt)"
grep -q 'gnuplot is missing' runs.txt || complain "without gnuplot nothing is said of it"
[[ -s $root/tmp/home/results/batchnorm/summary.csv ]] || complain "dlexp batchnorm left no table"
inside sh -c 'cd /tmp/home && dlexp report' >report.txt 2>&1 || complain "report without gnuplot: $(tail -n 3 report.txt)"
[[ -s $root/tmp/home/results/report.html ]] || complain "dlexp report left no page: $(tail -n 3 report.txt)"
# The same numbers as here.
"$DLEXP" batchnorm --epochs 1 --lr 0.1 --quiet >here.txt 2>&1
cmp -s results/batchnorm/summary.csv "$root/tmp/home/results/batchnorm/summary.csv" || complain "another summary.csv than here"
inside sh -c 'ls /usr/share/man/man1/dlexp*' >pages.txt 2>&1 # minbase's dpkg may leave them out; the package has them
dpkg-deb --contents "$package" | grep 'man1/dlexp-batchnorm.1.gz' >/dev/null || complain "no manual page in the package"

# With gnuplot, as recommended, figures are drawn.
inside apt-get install -y --no-install-recommends gnuplot-nox >gnuplot.txt 2>&1 || complain "gnuplot: $(tail -n 3 gnuplot.txt)"
inside sh -c 'cd /tmp/home && dlexp data --out sheet' >sheet.txt 2>&1 || complain "with gnuplot: $(tail -n 3 sheet.txt)"
[[ -s $root/tmp/home/sheet/samples.svg ]] || complain "no figure with gnuplot"
inside sh -c 'cd /tmp/home && dlexp plot results/optim --out drawn' >plot.txt 2>&1 || complain "plot: $(tail -n 3 plot.txt)"
compgen -G "$root/tmp/home/drawn/*.svg" >/dev/null || complain "dlexp plot drew nothing: $(tail -n 3 plot.txt)"
inside apt-get purge -y gnuplot-nox >/dev/null 2>&1
inside apt-get autoremove --purge -y >/dev/null 2>&1

inside apt-get purge -y dlexp >purge.txt 2>&1 || complain "purge: $(tail -n 3 purge.txt)"
inside apt-get autoremove --purge -y >>purge.txt 2>&1
inside sh -c 'find / -xdev -not -path "/var/*" -not -path "/tmp/*" -not -path "/proc/*" | sort' >after.txt
left=$(comm -13 before.txt after.txt | grep dlexp)
[[ -z $left ]] || complain "left after the removal: $left"
finish
