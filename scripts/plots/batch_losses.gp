# batch_losses.gp - the loss of the batches against the step: means over blocks of steps with the range of the seeds, and
# behind them the first seed's losses as they came.  Reads step_curves.csv of `dlexp batchnorm --log-every N`, and steps.csv
# beside it.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
curves = input; steps = folder(input)."steps.csv"
input = steps; required = "norm lr seed step train_loss"; load here."check.gp"; rows_of_steps = rows; header_of_steps = header
input = curves; required = "norm lr first_step last_step runs train_loss train_loss_low train_loss_high"; load here."check.gp"
load here."runs.gp"
key_last = "lr"; own_first = "first_step"; load here."norms.gp"
load here."evidence.gp"

names = " "; norms = " "; lrs = " "; last_step = 0; runs = 0; low = 1e300; high = -1e300
curve_name(dummy) = norm_here(0)."|".stringcolumn("lr")
span(x) = finite(x) && x > 0 ? (low = lesser(low, x), high = greater(high, x)) : 0
if (rows > 0) { stats curves using (names = add(names, curve_name(0)), norms = add(norms, norm_here(0)), lrs = add(lrs, stringcolumn("lr")), \
    last_step = greater(last_step, column("last_step")), runs = greater(runs, int(column("runs"))), \
    span(column("train_loss_low")), span(column("train_loss_high")), 0) nooutput }
most = 12
curve_count = lesser(words(names), most)
nth(c) = c <= curve_count ? word(names, c) : "none|0"
curve_norm(c) = nth(c)[1:strstrt(nth(c), "|") - 1]
curve_rate(c) = nth(c)[strstrt(nth(c), "|") + 1:*]
series(c) = norm_series(curve_norm(c), find(norms, curve_norm(c)))
variant(c) = find(lrs, curve_rate(c))
colour(c) = series_colour(series(c))
mark(c) = point_type(series(c), variant(c))
of(c) = curve_name(0) eq nth(c) ? 0.5 * (column("first_step") + column("last_step")) : NaN
# The first seed in the table stands for all; settings of a grid have the same columns there.
first_seed = ""
if (rows_of_steps > 0) { stats steps every ::0::0 using (first_seed = stringcolumn("seed"), 0) nooutput }
raw(c) = curve_name(0) eq nth(c) && stringcolumn("seed") eq first_seed ? column("step") : NaN
above(x) = finite(x) && x > 0 ? x : NaN
do for [c = 1:curve_count] { nothing = entry(norm_title(curve_norm(c)).", lr ".curve_rate(c), colour(c), line_width, dash(variant(c)), mark(c), point_size) }
legend_columns = words(norms) > 1 && words(norms) < 4 ? words(norms) : 0
@lay_out_legend

figure_title = "Loss of the batches"
footnote = "Line: mean over blocks of steps".(runs > 1 ? sprintf(" and %d seeds, with the seeds' range", runs) : "")."; behind it each batch that was logged".(runs > 1 ? ", of the first seed" : "")."."
footnote = footnote.(words(names) > most ? sprintf(" Of %d curves the first %d.", words(names), most) : "")
figure_height = 510 - title_room + legend_height
low = low > high ? 1e-3 : low / 2.5; high = high > low ? high * 1.35 : 10
mark_step = 8
at_mark(c) = int(column(0)) % mark_step == (2 * c) % mark_step
do for [format in formats] {
    @open_output
    @begin_figure
    if (curve_count == 0) { set label 6 "No batch loss in this table" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    if (curve_count > 0) {
        panel_left = 92; y_title_distance = 66; panel_right = figure_width - 24; panel_top = title_height + legend_height + 12; panel_bottom = figure_height - 92
        panel_title = ""; x_title = "Step"; y_title = "Cross-entropy (log scale)"
        @place_panel
        set xrange [0:last_step]; set yrange [low:high]; set xtics nice_step(last_step, 8)
        set logscale y
        @power_tics
        plot for [c = 1:rows_of_steps > 0 ? curve_count : 0] steps using (raw(c)):(above(column("train_loss"))) with lines \
                linecolor rgb "#A8".colour(c)[2:7] linewidth 0.5 notitle, \
            for [c = 1:curve_count] curves using (of(c)):(above(column("train_loss_low"))):(above(column("train_loss_high"))) with filledcurves \
                fillcolor rgb colour(c) fillstyle transparent solid 0.25 notitle, \
            for [c = 1:curve_count] curves using (of(c)):(above(column("train_loss"))) with lines linecolor rgb colour(c) dashtype dash(variant(c)) linewidth line_width notitle, \
            for [c = 1:curve_count] curves using (at_mark(c) ? of(c) : NaN):(above(column("train_loss"))) with points linecolor rgb colour(c) pointtype mark(c) pointsize point_size notitle
        unset logscale
    }
    @end_figure
}
