#!/usr/bin/env bash
# Every figure script draws every kind of table the program can write, and refuses what it cannot draw with a message.
set -euo pipefail
command -v gnuplot >/dev/null || { echo "skipped: no gnuplot"; exit 77; }
plots=$DLEXP_SOURCE_DIR/scripts/plots
. "$DLEXP_SOURCE_DIR/tests/cli/study_tables.bash"

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# draw SCRIPT TABLE - must succeed silently and write its pictures: the PNG, which takes the time of three, of a script's
# first table only, but with DLEXP_LONG=1.
drawn=' '
draw() {
    local output svg_only=()
    [[ -n ${DLEXP_LONG:-} || $drawn != *" $plots/$1 "* ]] || svg_only=(-e 'formats = "svg"')
    drawn+="$plots/$1 "
    drawing="$1 of $2"
    rm -f figure.svg figure.png
    output=$(gnuplot -d ${svg_only[@]+"${svg_only[@]}"} -c "$plots/$1.gp" "$2" figure </dev/null 2>&1) || fail "$1 on $2: $output"
    [[ -z $output ]] || fail "$1 on $2 said: $output"
    tail -c 20 figure.svg | grep -q '</svg>' || fail "$1 on $2: figure.svg is not whole"
    [[ ${#svg_only[@]} -gt 0 || $(head -c 4 figure.png | tail -c 3) == PNG ]] || fail "$1 on $2: figure.png is no PNG"
}

# refuse PATTERN SCRIPT ARGUMENT... - must end with an error that matches.
refuse() {
    local pattern=$1 script=$2 output
    shift 2
    if output=$(gnuplot -d -e 'formats = "svg"' -c "$plots/$script.gp" "$@" </dev/null 2>&1); then fail "$script $*: no error"; fi
    grep -q -- "$pattern" <<<"$output" || fail "$script $*: expected '$pattern', got: $output"
}

# joined LINES POINTS - figure.svg must have so many lines, each through so many points: marks alone do not show that.
joined() {
    local lines
    lines=$(tr '\n' ' ' <figure.svg | grep -o "<path[^>]* d='M[^']*'" | awk -v points="$2" 'gsub(/[ML]/, "") == points' | wc -l)
    [[ $lines -eq $1 ]] || fail "$drawing: expected $1 lines through $2 points, got $lines"
}

# header: of curves.csv.
header=$(awk 'BEGIN {
    line = "norm,lr,seed,epoch,runs,stopped,last"
    split("train_loss train_accuracy_percent test_loss test_accuracy_percent", measures, " ")
    for (i = 1; i <= 4; i++) line = line "," measures[i] "," measures[i] "_low," measures[i] "_high"
    print line
}')
# rows NORM LR SEED EPOCHS RUNS STOPPED - of a curve, or of a run that stopped, which has a SEED.
rows() {
    awk -v norm="$1" -v lr="$2" -v seed="$3" -v epochs="$4" -v runs="$5" -v stopped="$6" '
    function cells(x, width) { return "," x "," (seed != "" ? "," : x - width "," x + width) }
    BEGIN {
        for (epoch = 1; epoch <= epochs; epoch++) {
            loss = norm == "none" && lr >= 0.5 ? 2.3 : 0.3 * exp(-0.3 * epoch)
            accuracy = loss > 2 ? 9.8 : 98 - 10 * loss
            wide = runs > 1 ? 0.001 : 0
            print norm "," lr "," seed "," epoch "," runs "," stopped "," (seed != "" && epoch == epochs ? "yes" : "no") \
                cells(loss, wide) cells(accuracy, 100 * wide) cells(loss * 1.2, wide) cells(accuracy - 1, 100 * wide)
        }
    }'
}
# table NORMS RATES SEEDS EPOCHS
table() {
    echo "$header"
    local norm lr
    for norm in $1; do for lr in $2; do rows "$norm" "$lr" "" "$4" "$3" 0; done; done
}
table "none batchnorm" "0.01 0.5" 1 15 >default.csv
table "none batchnorm" "0.01 0.1 0.5" 3 15 >seeds.csv
table "none batchnorm" "0.001 0.003 0.01 0.03 0.1 0.5 1" 2 40 >many.csv
table batchnorm 0.01 1 15 >one_curve.csv
table "none batchnorm" "0.01 0.5" 1 1 >one_epoch.csv
echo "$header" >no_rows.csv
{ echo "$header" && rows none 0.01 "" 15 1 2 && rows none 0.01 2 4 1 2 && rows none 0.01 3 7 1 2 && rows batchnorm 0.01 "" 15 3 0; } >diverged.csv
{ echo "$header" && rows none 0.01 1 4 0 1; } >all_diverged.csv
{ echo "$header" && echo "none,0.01,,1,1,0,no,0,0,0,100,100,100,0,0,0,100,100,100"; } >zero_loss.csv
awk -F, '{ line = $NF; for (i = NF - 1; i > 0; i--) line = line "," $i; print line }' seeds.csv >other_order.csv
for script in training_loss training_accuracy test_accuracy; do
    for table in default seeds many one_curve one_epoch no_rows diverged all_diverged zero_loss other_order; do
        draw "$script" $table.csv
    done
    refuse "missing, unreadable or empty" $script no_such.csv figure
    : >empty.csv
    refuse "missing, unreadable or empty" $script empty.csv figure
    echo "norm,lr" >short.csv
    refuse "no column 'seed'" $script short.csv figure
    refuse "usage:" $script default.csv
done

# run.json beside a table tells that its accuracies are means over epochs 1 to k, and its losses sums; the figure is
# headed so.  The same table alone, or beside the other protocol's run.json, is not.
mkdir "not'\"\$(touch evil) fair" fair
for protocol in notebook fair; do
    directory=$protocol
    [[ $protocol == fair ]] || directory="not'\"\$(touch evil) fair"
    cp default.csv "$directory/curves.csv"
    printf '{\n\t"config":\t{\n\t\t"protocol":\t"%s",\n\t\t"epochs":\t15\n\t}\n}\n' $protocol >"$directory/run.json"
    for script in training_loss training_accuracy test_accuracy; do
        [[ $protocol == notebook || $script == test_accuracy ]] || continue
        draw "$script" "$directory/epochs.csv"
        headed=$(grep -c 'mean of epochs 1..k\|sum of the batch losses / 1000' figure.svg) || :
        [[ $headed -eq $([[ $protocol == notebook ]] && echo 1 || echo 0) ]] || fail "$script of the $protocol protocol is not headed as that"
    done
done
# With many rates the rate is the axis; a run that diverged is a cross there too.
draw test_accuracy many.csv
grep -q 'Learning rate (log scale)' figure.svg && grep -q 'BatchNorm, epoch 40' figure.svg && grep -q 'BatchNorm, epoch 1<' figure.svg || fail "seven rates are not drawn against the rate"
draw test_accuracy seeds.csv
! grep -q 'Learning rate (log scale)' figure.svg || fail "three rates are drawn against the rate"
table "none batchnorm" "0.001 0.003 0.01 0.03 0.1 0.5 1" 2 3 >by_rate.csv
# A curve's rows may have others between them: its line goes on.
draw training_loss default.csv && joined 4 15
for script in training_loss training_accuracy test_accuracy; do
    draw $script by_rate.csv && joined 4 7 # two nets, at the first and at the last epoch
done
# With a validation split the test set is evaluated at the end alone.
awk -F, -v OFS=, 'NR > 1 && $4 < 3 { for (i = 14; i <= 19; i++) $i = "" } 1' by_rate.csv >tested_once.csv
draw test_accuracy tested_once.csv && joined 2 7
! grep -q 'epoch 1<' figure.svg && grep -q 'range at epoch 3' figure.svg || fail "an epoch is named that has no values, or the last is not"
# Where the best nets end below 90 % there are ticks between them too.
awk -F, -v OFS=, 'NR > 1 { for (i = 17; i <= 19; i++) $i *= 0.92 } 1' by_rate.csv >below_90.csv
draw test_accuracy below_90.csv && grep -q '>85<' figure.svg || fail "no tick among nets between 80 and 90 %"
{ cat many.csv && rows none 3 1 4 0 1; } >many_diverged.csv
for script in training_loss test_accuracy; do
    draw $script many_diverged.csv
    grep -q 'Cross: a run that diverged' figure.svg || fail "$script by rate: a run that diverged is not told"
done
grep -q 'stopped' <(draw test_accuracy diverged.csv && cat figure.svg) || fail "runs that stopped are not told"
[[ ! -e evil ]] || fail "the name of a folder was run as a command"

# layers LAYERS EPOCHS NORM,RATE,RUNS,MEAN,SPREAD,DEAD...: layer_curves.csv; every mean is larger by a layer's number.
layers() {
    local count=$1 epochs=$2 curve
    shift 2
    echo norm,lr,layer,epoch,runs,input_mean,input_std,output_mean,output_std,dead_percent,weight_norm,gradient_norm
    for curve; do
        awk -F, -v layers="$count" -v epochs="$epochs" '{
            for (l = 1; l <= layers; l++) for (e = 1; e <= epochs; e++)
                print $1 "," $2 "," l "," e "," $3 "," $4 * l "," $5 ",0.5,0.5," $6 ",8,0.1"
        }' <<<"$curve"
    done
}
layers 2 15 none,0.01,1,0.5,1,0 none,0.5,1,-300,1000,100 batchnorm,0.01,1,0.1,1,0 batchnorm,0.5,1,-0.7,1.2,20 >layers.csv
layers 1 1 layernorm,0.1,3,0,0,0 >one_layer.csv
layers 8 9 none,1,1,0,1e6,0 none,2,1,0,1,0 none,3,1,0,1,0 none,4,1,0,1,0 none,5,1,0,1,0 none,6,1,0,1,0 none,7,1,0,1,0 >many_layers.csv
layers 2 3 none,0.01,6,0.5,1, batchnorm,0.01,6,0.1,1, >no_relu.csv
layers 2 3 none,0.01,6,inf,inf,100 batchnorm,0.01,6,0.1,1,0 >overflow.csv
layers 0 0 >no_layers.csv
for table in layers one_layer no_relu overflow no_layers many_layers; do
    draw layers $table.csv
    dead=$(grep -c 'Dead units' figure.svg) || :
    case $table in no_relu | no_layers) expected=0 ;; *) expected=1 ;; esac
    [[ $dead -eq $expected ]] || fail "layers of $table.csv: expected $expected panels of dead units, got $dead"
done
# Six panels below each other on a page of 85 mm are no taller than its text, 230 mm; so are the four of rotation.csv.
printf '%s\n' angle,optimizer,lr,stays_below_from_1e-1,stays_below_from_1e-2,stays_below_from_1e-3,stays_below_from_1e-6 \
    0,gd,0.1,10,20,30,60 45,gd,0.1,11,21,31,61 90,gd,0.1,10,20,30,60 >rotation.csv
for figure in layers rotation; do
    gnuplot -d -e 'formats = "svg"; picture_width = 321.26' -c "$plots/$figure.gp" $figure.csv narrow </dev/null || fail "$figure at 85 mm"
    read -r width height < <(sed -n 's/.*viewBox="0 0 \([0-9]*\) \([0-9]*\)".*/\1 \2/p' narrow.svg | head -n 1)
    [[ $((height * 85)) -le $((230 * width + 85)) ]] || fail "$figure at 85 mm is $((height * 85 / width)) mm tall"
done
grep -q 'Of 8 layers the first 6. Of 7 rates the first 6.' figure.svg || fail "layers that are not drawn are not told"
refuse "no column 'layer'" layers default.csv figure

# runs RATES SEEDS EPOCHS: epochs.csv; with a schedule where there is a fourth argument.
runs() {
    awk -v rates="$1" -v seeds="$2" -v epochs="$3" -v schedule="${4:-}" 'BEGIN {
        print "norm,lr,seed,epoch,train_loss,train_accuracy_percent,test_loss,test_accuracy_percent" (schedule ? ",learning_rate" : "")
        count = split(rates, lr, " ")
        for (n = 1; n <= 2; n++) for (i = 1; i <= count; i++) for (s = 1; s <= seeds; s++) for (e = 1; e <= epochs; e++)
            print (n == 1 ? "none" : "batchnorm") "," lr[i] "," s "," e "," 0.3 * exp(-e / n) + s / 100 ",90,0.4,89" (schedule ? "," lr[i] * 0.5 ^ (e - 1) : "")
    }'
}
runs "0.01 0.5" 1 15 >constant.csv
runs "0.01 0.5" 3 15 yes >scheduled.csv
runs 0.1 1 1 >one.csv
runs "" 0 0 >none.csv
{ runs 0.1 1 3 yes && echo none,0.2,1,1,0,100,0,100,0; } >zero_rate.csv
for table in constant scheduled one none zero_rate; do
    draw learning_rate $table.csv
    constant=$(grep -c 'the rate is constant' figure.svg) || :
    case $table in scheduled | zero_rate) expected=0 ;; *) expected=1 ;; esac
    [[ $constant -eq $expected ]] || fail "learning_rate of $table.csv: whether there is a schedule is not told"
done
refuse "no column 'seed'" learning_rate short.csv figure

# Settings that a call varied stand behind the keys: each of their values is a curve of its own, with its title.
{ sed 's/,seed,epoch/,seed,optimizer,hidden,epoch/; 2,$s/^\([^,]*,[^,]*,[^,]*\),/\1,momentum,8-6,/' default.csv
  sed '1d; s/^\([^,]*,[^,]*,[^,]*\),/\1,adam,16,/' default.csv; } >varied.csv
draw test_accuracy varied.csv
for title in 'No normalization, optimizer momentum, hidden 8-6, lr 0.01' 'BatchNorm, optimizer adam, hidden 16, lr 0.5'; do
    grep -q "$title" figure.svg || fail "a grid's curve is not named: $title"
done
mkdir varied
"$DLEXP" optim --optimizer momentum --momentum 0.5,0.9 --lr 0.01 --fn f1,f2 --iterations 60 --out varied --quiet >/dev/null
for script in objective contours; do
    draw $script varied/trajectory.csv
    for title in 'lr 0.01, momentum 0.5' 'lr 0.01, momentum 0.9'; do
        grep -q "$title" figure.svg || fail "$script: a grid's curve is not named: $title"
    done
done

# A study: rates, seeds, failures and settings as many and as few as there can be.
study_tables study "0.001 0.00316227766 0.01 0.0316227766 0.1 0.316227766 1 3.16227766 10" 10
study_tables one_rate 0.1 7
study_tables one_seed "0.01 0.1 1" 1
study_tables all_failed "0.01 0.1 1" 6 all
study_tables never "0.01 0.1 1" 6 apart # the plain net never gets to the target
study_tables forty "$(awk 'BEGIN { for (i = 0; i < 40; i++) printf "%.6g ", 10 ^ (-4 + i / 8) }')" 3
study_tables settings "0.01 0.1" 6 none optimizer=momentum,adam,sgd,rmsprop
study_tables no_runs "" 0
for folder in study one_rate one_seed all_failed never forty settings no_runs; do
    draw accuracy_by_rate $folder/summary.csv
    empty=$(grep -c 'No run in this table' figure.svg) || :
    [[ $empty -eq $([[ $folder == no_runs ]] && echo 1 || echo 0) ]] || fail "accuracy_by_rate of $folder: whether there are runs is not told"
    draw steps_to_target $folder/pairs.csv
    draw paired_differences $folder/pairs.csv
    draw tuning $folder/tuning.csv
done
draw accuracy_by_rate study/summary.csv
failing=$(awk -F, 'NR > 1 && $6 != "trained"' study/summary.csv | wc -l)
for text in 'trained: 87.5 % or more on validation' 'rate that most seeds chose on validation' 'spread beside their rate' "Did not train: $failing of 180" 'diverged (10)'; do
    sed 's/<[^>]*>//g' figure.svg | tr -s ' \t\n' ' ' | grep -qF "$text" || fail "accuracy_by_rate does not say '$text'" # a note may be in two lines
done
joined 2 9
draw tuning study/tuning.csv && joined 2 "$(awk -F, 'NR > 1 && $1 == "none"' study/tuning.csv | wc -l)"
draw accuracy_by_rate settings/summary.csv
grep -q 'Of 8 nets the first 6' figure.svg || fail "nets that are not drawn are not told"
draw steps_to_target study/pairs.csv
for text in 'Steps to 87.5 % accuracy' 'BatchNorm, lr 0.316' 'Steps without BatchNorm / with it: ' '97.9 % interval' '>all 10<'; do
    grep -qF "$text" figure.svg || fail "steps_to_target does not say '$text'"
done
draw steps_to_target never/pairs.csv
grep -q '0, never 6' figure.svg && grep -q 'with it: ∞' figure.svg || fail "runs that never get to the target are not counted"
draw paired_differences study/pairs.csv
for text in 'Each net at its own best rate: +' '95 % interval +' 'own best' 'the margin, ±0.2 points'; do
    grep -qF -- "$text" figure.svg || fail "paired_differences does not say '$text'"
done
# Every seed counts at the end, whatever other rows stand between: two of six get there here.
sed '/^faster/s/,300,inf,inf$/,300,400,0.4/' never/pairs.csv | awk -F, -v OFS=, '$1 == "faster" && $4 > 2 { $9 = "inf" } 1' >never/some.csv
draw steps_to_target never/some.csv
grep -q '>2, never 4<' figure.svg || fail "of 6 seeds 2 get to the target: not told"
# gnuplot reads 1e-05 as text; settings of one value (--columns all) are no part of a net's name.
study_tables small_rates "1e-05 1e-04 1e-03" 6 none weight-decay=0
for script in accuracy_by_rate:summary steps_to_target:pairs paired_differences:pairs tuning:tuning; do
    draw ${script%:*} small_rates/${script#*:}.csv
    ! grep -q 'weight-decay' figure.svg || fail "${script%:*} names a setting of one value"
done
# A net alone has no pairs, and no table of them.
mkdir alone
for table in summary groups claims; do grep -v '^batchnorm' study/$table.csv >alone/$table.csv; done
draw accuracy_by_rate alone/summary.csv
grep -q 'No normalization' figure.svg || fail "a net alone is not drawn"
for script in accuracy_by_rate steps_to_target paired_differences tuning; do
    refuse "missing, unreadable or empty" $script no_such.csv figure
    cp default.csv study/other.csv
    refuse "no column" $script study/other.csv figure
    refuse "usage:" $script study/pairs.csv
done
mkdir half
cp study/pairs.csv study/summary.csv half/
refuse "claims.csv': it is missing" paired_differences half/pairs.csv figure
refuse "claims.csv': it is missing" steps_to_target half/pairs.csv figure
refuse "claims.csv': it is missing" accuracy_by_rate half/summary.csv figure

published_table published.csv "none batchnorm" "0.01 0.5" 15
published_table one_published.csv none 0.01 1 1
published_table no_published.csv "" "" 15
published_table many_published.csv "a b c d e" "0.1 0.2 0.3 0.4 0.5" 40
for table in published one_published many_published no_published; do draw published $table.csv; done
draw published published.csv
grep -q 'z = −6.0' figure.svg || fail "published: z is not named"
draw published one_published.csv
grep -q 'averages over all epochs so far' figure.svg && ! grep -q ' z[ .:=]' figure.svg || fail "published, of one seed: what its numbers are is not told, or a z that is not there is"
refuse "no column 'published_test_accuracy_percent'" published default.csv figure

# ---- what each class is taken for: confusion CLASSES NET...
confusion() {
    local classes=$1
    shift
    echo norm,lr,label,named,images,percent,runs
    local net
    for net; do
        awk -v net="$net" -v n="$classes" 'BEGIN {
            for (l = 0; l < n; l++) for (c = 0; c < n; c++) { p = l == c ? 90 : l == 2 && c == 3 ? 8.25 : l == 3 && c == 2 ? 0.01 : 0; print net ",0.1," l "," c "," p "," (l == 1 ? "" : p) ",7" }
        }'
    done
}
confusion 10 none batchnorm >confusion.csv
confusion 3 none a b c d >many_confusion.csv
confusion 0 >no_confusion.csv
confusion 26 none >letters.csv
for table in confusion many_confusion no_confusion letters; do draw confusion $table.csv; done
draw confusion confusion.csv
for text in '>8.2<' '>90<' 'Mean over 7 runs'; do grep -qF "$text" figure.svg || fail "confusion does not say '$text'"; done
draw confusion many_confusion.csv
grep -q 'Of 5 nets the first 4' figure.svg || fail "nets that are not drawn are not told"
confusion 40 none >forty.csv
status=0
gnuplot -d -e 'formats = "svg"' -c "$plots/confusion.gp" forty.csv figure </dev/null 2>said || status=$?
[[ $status -eq 3 ]] && grep -q 'at most 30 classes' said || fail "forty classes: expected status 3, got $status: $(cat said)"
refuse "no column 'label'" confusion default.csv figure

# ---- the hardest images: two nets that share one, none, and pixels that are cut short
mkdir hardest
pixels() { awk -v ids="$1" 'BEGIN { print "image,row,column,value"; n = split(ids, id, " "); for (i = 1; i <= n; i++) for (r = 0; r < 3; r++) for (c = 0; c < 4; c++) print id[i] "," r "," c "," (r == c ? 255 : 0) }'; }
pixels "2 5 9" >hardest/hardest_pixels.csv
printf '%s\n' norm,lr,place,image,label,wrong,runs none,0.1,1,5,3,7,7 none,0.1,2,2,1,6,7 batchnorm,0.1,1,5,3,7,7 batchnorm,0.1,2,9,8,1,7 >hardest/hardest.csv
draw hardest hardest/hardest.csv
for text in '>7 of 7<' '>1 of 7<' 'No normalization, lr 0.1'; do grep -qF "$text" figure.svg || fail "hardest does not say '$text'"; done
sed '$d' hardest/hardest_pixels.csv >cut.csv && mv cut.csv hardest/hardest_pixels.csv
refuse "expected 3 images of 3 x 4 pixels, got 35 rows" hardest hardest/hardest.csv figure
sed -i '2,$d' hardest/hardest.csv hardest/hardest_pixels.csv
draw hardest hardest/hardest.csv
rm hardest/hardest_pixels.csv
refuse "hardest_pixels.csv': it is missing" hardest hardest/hardest.csv figure

# ---- batch losses: with and without a band, one block, none
mkdir losses
blocks() { awk -v nets="$1" -v n="$2" -v w="$3" 'BEGIN { print "norm,lr,first_step,last_step,runs,train_loss,train_loss_low,train_loss_high"; k = split(nets, net, " ")
    for (i = 1; i <= k; i++) for (b = 1; b <= n; b++) print net[i] ",0.1," 5 * b - 4 "," 5 * b "," (w ? 3 : 1) "," 2 / b "," 2 / b - w "," 2 / b + w }'; }
raw() { awk -v nets="$1" 'BEGIN { print "norm,lr,seed,step,train_loss"; k = split(nets, net, " "); for (i = 1; i <= k; i++) for (s = 1; s <= 20; s++) print net[i] ",0.1,1," s "," 2 / s * (0.5 + s % 3) }'; }
for case in "none batchnorm:4:0.1" "none:1:0" ":0:0"; do
    IFS=: read -r nets count width <<<"$case"
    blocks "$nets" "$count" "$width" >losses/step_curves.csv
    raw "$nets" >losses/steps.csv
    draw batch_losses losses/step_curves.csv
done
rm losses/steps.csv
refuse "steps.csv': it is missing" batch_losses losses/step_curves.csv figure

# samples IMAGES HEIGHT WIDTH
samples() {
    echo sample,label,row,column,value
    awk -v n="$1" -v h="$2" -v w="$3" 'BEGIN {
        for (s = 0; s < n; s++) for (r = 0; r < h; r++) for (c = 0; c < w; c++) print s "," s % 10 "," r "," c "," (s + r * c) % 256
    }'
}
for size in "25 28 28" "1 28 28" "7 10 20" "3 1 1" "0 28 28"; do
    # shellcheck disable=SC2086
    samples $size >samples.csv
    draw samples samples.csv
done
samples 2 5 5 | sed '$d' >cut.csv
refuse "expected 2 images of 5 x 5 = 50 rows, got 49" samples cut.csv figure

# A folder with a space, found from the script's own place and from another working directory.
mkdir "a folder"
cp -r "$plots" "a folder/"
plots="$PWD/a folder/plots"
draw test_accuracy default.csv
echo "all figures drawn"
