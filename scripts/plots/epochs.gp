# epochs.gp - the curves of one column of curves.csv of `dlexp batchnorm`: reads `input`, column `measure`, and defines how
# to draw them.
#
# A curve is a net (norms.gp) at a learning rate, over all its seeds.  Its line is the mean of the runs that reached the last epoch, its
# band goes from their lowest to their highest value.  A run that stopped before (it diverged) is drawn by itself, thin, up
# to a cross.  All of them stand in the table; here they are only drawn.
#
# What the columns hold hangs on the protocol, which run.json beside the table tells: the notebook's accuracies are means
# over epochs 1 to k, its losses sums of batch losses / 1000.  A table that stands alone is taken for the fair protocol's.
#
# Gives: notebook (0 or 1), curve_count, epoch_first, epoch_last, value_low, value_high, is_mean(c) (whether a row is of the
# line of curve c), arrays curve_title, curve_final; the macros begin_figure, draw_curves, end_figure.

# Who names epochs.csv means its folder.
named = input[strlen(input) - 10:*]
input = named eq "/epochs.csv" ? folder(input)."curves.csv" : input
required = "norm lr seed epoch runs stopped last ".measure." ".measure."_low ".measure."_high"; load here."check.gp"
key_last = "seed"; own_first = "epoch"; load here."norms.gp"
load here."evidence.gp"

# In the table's folder, so that no name of a folder comes into the shell's line.
started_in = GPVAL_PWD
if (strlen(folder(input))) { cd folder(input) }
notebook = strlen(system("grep '^[[:space:]]*\"protocol\":[[:space:]]*\"notebook\"' run.json 2>/dev/null")) > 0
cd started_in

# The norms and learning rates there are, in the order of the file; the runs that stopped, each "norm|lr|seed".
norms = " "; lrs = " "; stopped = " "
epoch_first = 1e9; epoch_last = -1; seed_count = 0
is_run(dummy) = strlen(stringcolumn("seed")) > 0
run_name(dummy) = norm_here(0)."|".stringcolumn("lr")."|".stringcolumn("seed")
if (rows > 0) { stats input using ( \
    norms = add(norms, norm_here(0)), lrs = add(lrs, stringcolumn("lr")), \
    stopped = is_run(0) ? add(stopped, run_name(0)) : stopped, \
    seed_count = greater(seed_count, int(column("runs") + column("stopped"))), \
    epoch_first = lesser(epoch_first, int(column("epoch"))), epoch_last = greater(epoch_last, int(column("epoch"))), 0) nooutput }
norm_count = words(norms); lr_count = words(lrs); stopped_count = words(stopped)
curve_count = norm_count * lr_count
epochs = epoch_last < epoch_first ? 0 : epoch_last - epoch_first + 1

# Curves go through the learning rates, within each through the norms: the legend is then a table.
per_lr = norm_count > 0 ? norm_count : 1
curve_norm(c) = 1 + (c - 1) % per_lr
curve_lr(c) = 1 + (c - 1) / per_lr
curve_of(norm, lr) = (find(lrs, lr) - 1) * per_lr + find(norms, norm)
curve_here(dummy) = curve_of(norm_here(0), stringcolumn("lr"))
is_mean(c) = !is_run(0) && curve_here(0) == c
curve_series(c) = norm_series(word(norms, curve_norm(c)), curve_norm(c))

# The runs of each line, its value at the last epoch, and what all curves span.
array curve_runs[curve_count + 1]
array curve_title[curve_count + 1]
array curve_final[curve_count + 1]
do for [c = 1:curve_count + 1] { curve_runs[c] = 0; curve_final[c] = NaN }
value_low = 1e300; value_high = -1e300; first_there = 0     # whether there are values of the first epoch
span(x) = finite(x) ? (value_low = lesser(value_low, x), value_high = greater(value_high, x)) : 0
if (rows > 0) { stats input using (c = curve_here(0), curve_runs[c] = int(column("runs")), span(column(measure)), \
    is_run(0) ? 0 : (span(column(measure."_low")), span(column(measure."_high")), \
    first_there = first_there || (int(column("epoch")) == epoch_first && finite(column(measure))), \
    curve_final[c] = int(column("epoch")) == epoch_last ? column(measure) : curve_final[c]), 0) nooutput }
any_band = 0; any_stopped = 0
averaged = ""      # the curves that have a line
do for [c = 1:curve_count] {
    averaged = averaged.(curve_runs[c] > 0 ? " ".c : "")
    any_band = any_band || curve_runs[c] > 1
    any_stopped = any_stopped || curve_runs[c] < seed_count
    curve_title[c] = norm_title(word(norms, curve_norm(c))).", lr ".word(lrs, curve_lr(c)). \
                     (curve_runs[c] == seed_count ? "" : seed_count == 1 ? " (stopped)" : \
                     sprintf(" (%d of %d stopped)", seed_count - curve_runs[c], seed_count))
}

# What to say under the figure about bands and crosses.
footnote = any_band ? sprintf("Line and band: mean and range over %d seeds", seed_count) : ""
footnote = footnote.(any_stopped ? (any_band ? "; cross: a run that diverged (not in the mean)" : "Cross: the run diverged there") : "")
footnote = strlen(footnote) ? footnote."." : ""

# Marks at no more than about fifteen epochs.
mark_every = epochs > 30 ? ceil(epochs / 15.0) : 1
at_mark(dummy) = (int(column("epoch")) - epoch_first) % mark_every == 0
# k-th curve that has a line; the curve of the k-th run that stopped.
line(k) = int(word(averaged, k))
part(name, i) = i == 1 ? name[1:strstrt(name, "|") - 1] : part(name[strstrt(name, "|") + 1:*]."|", i - 1)
stopped_curve(k) = curve_of(part(word(stopped, k), 1), part(word(stopped, k), 2))
is_stopped(k) = run_name(0) eq word(stopped, k)
curve_dash(c) = dash(curve_lr(c))
curve_mark(c) = point_type(curve_series(c), curve_lr(c))
curve_colour(c) = series_colour(curve_series(c))
# Parts of a plot command; each ends in a comma, or is empty where there is nothing of it (even a loop over nothing would
# open the table).
draw_bands = !any_band ? '' : '\
    for [k = 1:words(averaged)] input using (is_mean(line(k)) ? column("epoch") : NaN):(column(measure."_low")):(column(measure."_high")) \
    with filledcurves fillcolor rgb curve_colour(line(k)) notitle,'
draw_stopped = !stopped_count ? '' : '\
    for [k = 1:stopped_count] input using (is_stopped(k) ? column("epoch") : NaN):(column(measure)) with lines \
    linecolor rgb curve_colour(stopped_curve(k)) dashtype curve_dash(stopped_curve(k)) linewidth thin_width notitle, \
    for [k = 1:stopped_count] input using (is_stopped(k) && stringcolumn("last") eq "yes" ? column("epoch") : NaN):(column(measure)) \
    with points linecolor rgb curve_colour(stopped_curve(k)) pointtype 2 pointsize 1.6 linewidth 2 notitle,'
draw_lines = !words(averaged) ? '' : '\
    for [k = 1:words(averaged)] input using (is_mean(line(k)) ? column("epoch") : NaN):(column(measure)) with lines \
    linecolor rgb curve_colour(line(k)) dashtype curve_dash(line(k)) linewidth line_width notitle, \
    for [k = 1:words(averaged)] input using (is_mean(line(k)) && at_mark(0) ? column("epoch") : NaN):(column(measure)) with points \
    linecolor rgb curve_colour(line(k)) pointtype curve_mark(line(k)) pointsize point_size linewidth line_width notitle,'
draw_curves = draw_bands.draw_stopped.draw_lines.' 1e300 notitle'     # a table without rows still gives a (bare) plot

# With many rates curves over epochs cannot be told apart: then the rate is the horizontal axis, and a net has a line for its
# last epoch and a thin one for its first.
by_rate = lr_count > 4
shown_norms = norm_count > most_nets ? most_nets : norm_count
both_ends = epochs > 1 && first_there     # with a validation split, tests stand at the last epoch alone
if (by_rate) { @set_rate_axis }
series_of(n) = norm_series(word(norms, n), n)
end_title(n, last) = norm_title(word(norms, n)).(both_ends ? last ? sprintf(", epoch %d", epoch_last) : sprintf(", epoch %d", epoch_first) : "")
is_end(n, last) = !is_run(0) && norm_here(0) eq word(norms, n) && int(column("epoch")) == (last ? epoch_last : epoch_first)
rate_of(n, last) = is_end(n, last) ? log10(column("lr")) : NaN
# Between a line's rows stand those of other epochs, which as NaN would leave gaps in it: they repeat the point before.
# i: which of a row's numbers it is.
array kept[3]
joined(i, n, last, value) = kept[i] = is_end(n, last) ? value : column(0) > 0 ? kept[i] : NaN
rate_on(n, last) = joined(1, n, last, log10(column("lr")))
value_on(n, last) = joined(2, n, last, drawn(column(measure)))
stopped_rate(n) = is_run(0) && norm_here(0) eq word(norms, n) && stringcolumn("last") eq "yes" ? log10(column("lr")) : NaN
draw_by_rate = '\
    for [n = 1:shown_norms] input using (rate_on(n, 1)):(joined(2, n, 1, drawn(column(measure."_low")))):(joined(3, n, 1, drawn(column(measure."_high")))) with filledcurves \
        fillcolor rgb series_colour(series_of(n)) notitle, \
    for [n = 1:both_ends ? shown_norms : 0] input using (rate_on(n, 0)):(value_on(n, 0)) with lines \
        linecolor rgb series_colour(series_of(n)) dashtype 3 linewidth thin_width notitle, \
    for [n = 1:both_ends ? shown_norms : 0] input using (rate_of(n, 0)):(drawn(column(measure))) with points \
        linecolor rgb series_colour(series_of(n)) pointtype point_type(series_of(n), 2) pointsize 0.8 * point_size notitle, \
    for [n = 1:shown_norms] input using (rate_on(n, 1)):(value_on(n, 1)) with lines \
        linecolor rgb series_colour(series_of(n)) dashtype net_dash(n) linewidth line_width notitle, \
    for [n = 1:shown_norms] input using (rate_of(n, 1)):(drawn(column(measure))) with points \
        linecolor rgb series_colour(series_of(n)) pointtype point_type(series_of(n), 1) pointsize point_size notitle, \
    for [n = 1:any_stopped ? shown_norms : 0] input using (stopped_rate(n)):(stopped_at) with points \
        linecolor rgb series_colour(series_of(n)) pointtype 2 pointsize point_size linewidth 1.4 notitle, 1e300 notitle'
if (by_rate) {
    footnote = (any_band ? sprintf("Line: mean over %d seeds; band: their range%s.", seed_count, epochs > 1 ? sprintf(" at epoch %d", epoch_last) : "") : "").(any_stopped ? " Cross: a run that diverged." : "").left_out_nets(0)
    do for [n = 1:shown_norms] {
        nothing = entry(end_title(n, 1), series_colour(series_of(n)), line_width, net_dash(n), point_type(series_of(n), 1), point_size)
        if (both_ends) { nothing = entry(end_title(n, 0), series_colour(series_of(n)), thin_width, 3, point_type(series_of(n), 2), 0.8 * point_size) }
    }
    legend_columns = both_ends ? 2 : 0
} else {
    # A column a norm and a row a learning rate.
    do for [c = 1:curve_count] { nothing = entry(curve_title[c], curve_colour(c), line_width, curve_dash(c), curve_mark(c), point_size) }
    legend_columns = norm_count > 1 ? norm_count : 0
}
@lay_out_legend

# Frame of the drawing area: title, legend, the panels, epoch axis and footnote.
figure_height = figure_height - title_room + (legend_lines > 2 ? legend_height - 2 * legend_line : 0)
from_top(pixels) = 1 - pixels / (1.0 * figure_height)
frame_left = 98.0 / figure_width
frame_right = 1 - 22.0 / figure_width
legend_from = 40 - title_room
frame_top = from_top(legend_from + 18 + legend_height)
frame_bottom = (strlen(footnote) ? 90.0 : 66.0) / figure_height
unset key

# begin_figure opens the page with title, legend and footnote, and leaves the frame and the epoch axis set for the
# panel(s). Axis titles are labels at a place of ours: the terminals put `set xlabel` at different distances.
begin_figure = 'set multiplot; \
    set label 1 titled(figure_title) at screen 0.5 * (frame_left + frame_right), from_top(20) center font title_font; \
    set label 2 wrapped(footnote) at screen 20.0 / figure_width, 1.0 * note_bottom(footnote) / figure_height left font note_font textcolor rgb grey; \
    unset border; unset xtics; unset ytics; unset grid; unset logscale; \
    set xrange [0:1]; set yrange [0:1]; \
    @set_legend; plot 1e300; @unset_legend; unset label 1; unset label 2; \
    set lmargin at screen frame_left; set rmargin at screen frame_right; \
    set tmargin at screen frame_top; set bmargin at screen frame_bottom; \
    @frame_style; \
    if (by_rate) { set xrange [rate_low:rate_high]; @rate_tics } else { @epoch_axis }; \
    set label 5 (by_rate ? "Learning rate (log scale)" : "Epoch") at screen 0.5 * (frame_left + frame_right), frame_bottom - 46.0 / figure_height center; \
    if (curve_count == 0) { set label 3 "No finished epoch in this table" at screen 0.54, 0.5 center textcolor rgb grey }'
epoch_axis = 'set xrange [epoch_left:epoch_right]; set xtics epoch_tic, epoch_step; \
    if (epoch_tic > epoch_first) { set xtics add (sprintf("%d", epoch_first) epoch_first) }'
side_label = 'at screen 0.025, 0.5 * (panel_top + panel_bottom) rotate by 90 center'
end_figure = 'unset multiplot; unset label'
if (epochs > 0) {
    epoch_pad = epochs == 1 ? 0.5 : 0.02 * (epochs - 1)
    epoch_left = epoch_first - epoch_pad
    epoch_right = epoch_last + epoch_pad
    epoch_step = int(nice_step(epochs - 1, 15))
    epoch_step = epoch_step < 1 ? 1 : epoch_step
    # Tics at multiples of the step; the first epoch has one where it is none.
    epoch_tic = epoch_step * int(ceil(epoch_first / (1.0 * epoch_step)))
} else {
    epoch_first = 0; epoch_left = 0; epoch_right = 15; epoch_tic = 0; epoch_step = 1
}
