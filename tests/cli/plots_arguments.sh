#!/usr/bin/env bash
# No name of a file, setting or value of a table reaches gnuplot or a shell as anything but text: every figure script, and
# `dlexp data`, with names that mean something to them.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/study_tables.bash"
command -v gnuplot >/dev/null || { echo "skipped: no gnuplot"; exit 77; }
plots=$DLEXP_SOURCE_DIR/scripts/plots

# All of these are names of files.  What they would do elsewhere is to make a file `stolen`, or to read or write another one.
names=('|touch stolen;cat >y' '<touch stolen' '~' '$x' '-' '+' '@ARG1' "it's" 'a"b' 'a\b' '`touch stolen`'
    '$(touch stolen)' "'; touch stolen; '" '"; system("touch stolen"); "' $'two\nlines' $'\xe0\'; touch stolen; \'' '*' '%s%n')

# ---- a table for each script, as small as it can be
mkdir tables home
export HOME=$PWD/home
here=$PWD
header=norm,lr,seed,epoch,runs,stopped,last
for measure in train_loss train_accuracy_percent test_loss test_accuracy_percent; do
    header+=,$measure,${measure}_low,${measure}_high
done
numbers=,1,1,0,no,0.3,0.3,0.3,90,90,90,0.4,0.4,0.4,89,89,89
printf '%s\n' "$header" "none,0.01,$numbers" "batchnorm,0.01,$numbers" >tables/curves.csv
printf '%s\n' sample,label,row,column,value 0,3,0,0,200 0,3,0,1,0 >tables/samples.csv
printf '%s\n' group,name,shape,gflop_s,peak_share 'peak,fma,x,100,1' 'net,forward 1,60 x 784 x 128,50,0.5' >tables/bench.csv
printf '%s\n' case,peer,median_s,ratio,ratio_low,ratio_high plain,numpy,0.4,4,3.9,4.1 >tables/compare.csv
"$DLEXP" sgd-mean --quiet --trials 3 --iterations 20 --out tables/sgd-mean >/dev/null || complain "sgd-mean"
"$DLEXP" optim --quiet --iterations 20 --lr 0.1 --out tables/optim >/dev/null || complain "optim"
"$DLEXP" optim --quiet --iterations 200 --lr 0.1 --rotate 0..90:3 --out tables/rotate >/dev/null || complain "optim --rotate"
make_data tables/data 6 4 3 3 2
printf '%s\n' norm,lr,layer,epoch,runs,input_mean,input_std,dead_percent none,0.1,1,1,1,0.5,1,0 >tables/layers.csv
printf '%s\n' norm,lr,label,named,images,percent,runs none,0.1,0,0,9,90,1 none,0.1,0,1,1,10,1 none,0.1,1,1,5,100,1 >tables/confusion.csv
mkdir tables/hardest tables/batch_losses
printf '%s\n' norm,lr,place,image,label,wrong,runs none,0.1,1,7,3,2,2 >tables/hardest/hardest.csv
printf '%s\n' image,row,column,value 7,0,0,200 7,0,1,0 >tables/hardest/hardest_pixels.csv
printf '%s\n' norm,lr,first_step,last_step,runs,train_loss,train_loss_low,train_loss_high none,0.1,1,2,1,0.5,0.5,0.5 none,0.1,3,4,1,0.4,0.4,0.4 >tables/batch_losses/step_curves.csv
printf '%s\n' norm,lr,seed,step,train_loss none,0.1,1,1,0.5 none,0.1,1,2,0.6 >tables/batch_losses/steps.csv
study_tables tables/study "0.01 0.1" 6
published_table tables/published.csv none 0.01 2
[ "$failures" -eq 0 ] || finish

# put SCRIPT NAME: the script's table under that name, in this folder; table: how to call it.
put() {
    table=$2
    case $1 in
    training_loss | training_accuracy | test_accuracy) cp "$here/tables/curves.csv" "./$2" ;;
    learning_rate) printf '%s\n' norm,lr,seed,epoch,train_loss none,0.1,1,1,0.5 >"./$2" ;;
    samples | bench | compare | layers | published | confusion) cp "$here/tables/$1.csv" "./$2" ;;
    rotation) cp "$here/tables/rotate/rotation.csv" "./$2" ;;
    objective) cp "$here/tables/optim/trajectory.csv" "./$2" ;;
    guess) cp -r "$here/tables/optim" "./$2" ;;
    sgd_error | sgd_objective) cp -r "$here/tables/sgd-mean" "./$2" ;;
    hardest | batch_losses)
        cp -r "$here/tables/$1" "./$2"
        table=$2/$([ "$1" = hardest ] && echo hardest || echo step_curves).csv
        ;;
    contours | curvature) # they read tables beside theirs
        mkdir "./$2"
        cp "$here"/tables/optim/{landscape,minima,cuts,summary,trajectory}.csv "./$2"
        table=$2/landscape.csv
        [ "$1" = curvature ] || table=$2/trajectory.csv
        ;;
    accuracy_by_rate | steps_to_target | paired_differences | tuning) # the same
        cp -r "$here/tables/study" "./$2"
        case $1 in
        accuracy_by_rate) table=$2/summary.csv ;;
        tuning) table=$2/tuning.csv ;;
        *) table=$2/pairs.csv ;;
        esac
        ;;
    *) complain "$1.gp: this test has no table for it" ;;
    esac
}

# expect_only WHAT NAME...: the folder holds these files and no others, and nothing was written at home.
expect_only() {
    local what=$1 expected
    shift
    expected=$(for name; do printf '%q\n' "$name"; done | LC_ALL=C sort)
    [ "$(for name in * .[!.]*; do [ -e "./$name" ] && printf '%q\n' "$name"; done | LC_ALL=C sort)" = "$expected" ] ||
        complain "$what: expected $* alone, got $(ls -AQm)"
    [ -z "$(ls -A "$HOME")" ] || complain "$what: $(ls -AQm "$HOME") was written at home"
}

# in_folder: a new one to work in.
folders=0
in_folder() {
    folders=$((folders + 1))
    mkdir "$here/folder$folders"
    cd "$here/folder$folders" || exit 1
}

# ---- every script, with each name for its table and its pictures
scripts=0
for file in "$plots"/*.gp; do
    grep -q '^here = folder(ARG0)' "$file" || continue # loaded by the others
    script=$(basename "$file" .gp)
    scripts=$((scripts + 1))
    for i in "${!names[@]}"; do
        # The whole list for one that is given a file and one that is given a folder; the others have the same first lines.
        # Landscapes take a second.
        case $script in
        test_accuracy | sgd_error) ;;
        contours | curvature) [ "$i" -lt 1 ] || continue ;;
        *) [ "$i" -lt 2 ] || continue ;;
        esac
        name=${names[i]}
        in_folder
        put "$script" "$name"
        # Both pictures of one script, as all open them by the same words (style.gp); of the others the one that is quicker.
        pictures=(-e 'formats = "svg"') written=("$name.svg")
        [ "$script" != test_accuracy ] || pictures=() written+=("$name.png")
        said=$(gnuplot -d ${pictures[@]+"${pictures[@]}"} -c "$file" "$table" "$name" </dev/null 2>&1) ||
            complain "$script.gp with the name $name: status $?"
        [ -z "$said" ] || complain "$script.gp with the name $name: $said"
        expect_only "$script.gp with the name $name" "$name" "${written[@]}"
    done
done
[ "$scripts" -ge 12 ] || complain "expected 12 figure scripts or more in $plots, got $scripts"

# ---- names of files that are not there are no commands either
for name in '<echo norm,lr,seed,epoch,train_accuracy_percent,test_accuracy_percent,train_loss; touch stolen' '$x' '-'; do
    in_folder
    said=$(gnuplot -d -c "$plots/test_accuracy.gp" "$name" figure </dev/null 2>&1) && complain "$name: drawn"
    case $said in *"missing, unreadable or empty"*) ;; *) complain "$name: $said" ;; esac
    expect_only "the missing table $name"
done

# ---- settings, and what a table holds: only text
in_folder
for setting in 'fn=`touch stolen`' 'fn=$(touch stolen)' 'fn=@picked' 'lr="; system("touch stolen"); "' 'lr=1e3;touch stolen' \
    'fn="' '`touch stolen`=1' 'system("touch stolen")=1'; do
    gnuplot -d -c "$plots/objective.gp" "$here/tables/optim/trajectory.csv" figure "$setting" </dev/null >/dev/null 2>&1 &&
        complain "objective.gp $setting: drawn"
done
expect_only "objective.gp with settings"
for value in '`touch stolen`' '@formats' '$(touch stolen)' '<b>&amp;' '"; system("touch stolen"); "' "'" '{/=40 x_1^2}' '%s%n' 'a\nb'; do
    in_folder
    cell=${value//\"/\"\"}
    printf '%s\n' "$header" "\"$cell\",\"$cell\",$numbers" >t.csv
    gnuplot -d -e 'formats = "svg"' -c "$plots/test_accuracy.gp" t.csv figure </dev/null >/dev/null 2>&1 || complain "test_accuracy.gp of $value"
    expect_only "test_accuracy.gp of a norm $value" t.csv figure.svg
    ! grep -q '<b>' figure.svg || complain "$value: raw in the SVG"
    case $value in '`'* | @* | '"'*) ;; *) continue ;; esac
    sed "s|^f1,|$(sed 's/[&|\\]/\\&/g' <<<"\"$cell\""),|" "$here/tables/optim/trajectory.csv" >o.csv
    gnuplot -d -e 'formats = "svg"' -c "$plots/objective.gp" o.csv figure </dev/null >/dev/null 2>&1
    expect_only "objective.gp of a function $value" t.csv o.csv figure.svg
done

# ---- dlexp's own call
for name in "${names[@]:0:6}" "${names[13]}" "${names[14]}" "${names[15]}"; do
    in_folder
    "$DLEXP" data "$here/tables/data" --samples 2 --out "$name" >/dev/null 2>said.txt || complain "data --out $name: status $?: $(cat said.txt)"
    rm said.txt
    expect_only "data --out $name" "$name"
    cd "./$name" && expect_only "data --out $name: below" classes.csv samples.csv samples.svg samples.png
done
finish
