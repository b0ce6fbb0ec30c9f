# learning_rate.gp - each run's learning rate and its training loss after each epoch, side by side.  Reads epochs.csv of
# `dlexp batchnorm`, whose column learning_rate is there where a schedule moves the rate; otherwise it is lr throughout.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "norm lr seed epoch train_loss"; load here."check.gp"
load here."runs.gp"
key_last = "seed"; own_first = "epoch"; load here."norms.gp"
scheduled = strstrt(",".header.",", ",learning_rate,") > 0
rate(dummy) = scheduled && strlen(stringcolumn("learning_rate")) ? column("learning_rate") : column("lr")

norms = " "; lrs = " "; curves = " "; runs = " "
epoch_first = 1e9; epoch_last = 0
rate_low = 1e300; rate_high = 0; loss_low = 1e300; loss_high = 0
greater(a, b) = a > b ? a : b
lesser(a, b) = a < b ? a : b
above(x) = finite(x) && x > 0 ? x : NaN
curve_name(dummy) = norm_here(0)."|".stringcolumn("lr")
run_name(dummy) = curve_name(0)."|".stringcolumn("seed")
span_rate(x) = x > 0 ? (rate_low = lesser(rate_low, x), rate_high = greater(rate_high, x)) : 0
span_loss(x) = x > 0 ? (loss_low = lesser(loss_low, x), loss_high = greater(loss_high, x)) : 0
if (rows > 0) { stats input using ( \
    norms = add(norms, norm_here(0)), lrs = add(lrs, stringcolumn("lr")), curves = add(curves, curve_name(0)), \
    runs = add(runs, run_name(0)), span_rate(rate(0)), span_loss(column("train_loss")), \
    epoch_first = lesser(epoch_first, int(column("epoch"))), epoch_last = greater(epoch_last, int(column("epoch"))), 0) nooutput }

# Colour and mark are the norm's; dash, and whether the mark is filled, the learning rate's.  Runs that differ in the seed
# look alike.
curve_count = words(curves); most = 60
run_count = words(runs) > most ? most : words(runs)
curve_norm(c) = (name = word(curves, c), name[1:strstrt(name, "|") - 1])
curve_rate(c) = (name = word(curves, c), name[strstrt(name, "|") + 1:*])
series(c) = norm_series(curve_norm(c), find(norms, curve_norm(c)))
variant(c) = find(lrs, curve_rate(c))
curve_colour(c) = series_colour(series(c))
curve_mark(c) = point_type(series(c), variant(c))
curve_title(c) = norm_title(curve_norm(c)).", lr ".curve_rate(c)
last_bar(name) = strstrt(name, "|") ? strstrt(name, "|") + last_bar(name[strstrt(name, "|") + 1:*]) : 0
curve_of(r) = find(curves, word(runs, r)[1:last_bar(word(runs, r)) - 1])
mark_step = ceil((epoch_last - epoch_first + 1) / 8.0) < 1 ? 1 : ceil((epoch_last - epoch_first + 1) / 8.0)
# Marks of curves that lie upon each other, as rates do, stand at places of their own.
at_mark(c) = (int(column("epoch")) - epoch_first) % mark_step == series(c) % mark_step
epoch_of(r) = run_name(0) eq word(runs, r) ? column("epoch") : NaN
mark_of(r) = run_name(0) eq word(runs, r) && at_mark(curve_of(r)) ? column("epoch") : NaN
run_width = run_count > curve_count ? thin_width : line_width
draw_runs = 'for [r = 1:run_count] input using (epoch_of(r)):(value_of(0)) with lines linecolor rgb curve_colour(curve_of(r)) \
        dashtype dash(variant(curve_of(r))) linewidth run_width notitle, \
    for [r = 1:run_count] input using (mark_of(r)):(value_of(0)) with points linecolor rgb curve_colour(curve_of(r)) \
        pointtype curve_mark(curve_of(r)) pointsize point_size linewidth line_width notitle'
do for [c = 1:curve_count] { nothing = entry(curve_title(c), curve_colour(c), line_width, dash(variant(c)), curve_mark(c), point_size) }

figure_title = "Learning rate and training loss of each run"
footnote = run_count > curve_count ? sprintf("%d runs: a line for each seed%s.", words(runs), words(runs) > most ? sprintf(", of the first %d", most) : "") : ""
footnote = footnote.(scheduled ? "" : (strlen(footnote) ? " " : "")."No schedule: the rate is constant.")
across = 2; @fit_columns      # on a narrow page one below the other
figure_width = fit_page(1000); cell_width = figure_width / across - 4; cell_height = 370
@lay_out_legend
figure_height = 86 - title_room + legend_height + (2 / across) * cell_height
epoch_pad = epoch_last > epoch_first ? 0.02 * (epoch_last - epoch_first) : 0.5
# k: 0 or 1.
panel = 'panel_left = 92 + (across > 1 ? k * (cell_width + 8) : 0); panel_right = panel_left + cell_width - 108; \
    panel_top = title_height + legend_height + 34 + (across > 1 ? 0 : k * cell_height); panel_bottom = panel_top + cell_height - 78; x_title = "Epoch"; \
    @place_panel; set xrange [epoch_first - epoch_pad:epoch_last + epoch_pad]; \
    set xtics epoch_first, greater(1, nice_step(epoch_last - epoch_first, 7)); set logscale y; \
    low = low > high ? 1e-3 : low / 1.35; high = high > low ? high * 1.35 : 10; set yrange [low:high]; @power_tics'
do for [format in formats] {
    @open_output
    @begin_figure
    if (run_count == 0) { set label 6 "No finished epoch in this table" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    if (run_count > 0) {
        k = 0; y_title_distance = 68
        panel_title = "Learning rate"; y_title = "Learning rate (log scale)"
        low = rate_low; high = rate_high
        @panel
        value_of(dummy) = above(rate(0))
        plot @draw_runs
        k = 1; y_title_distance = 62
        panel_title = "Training loss"; y_title = "Cross-entropy (log scale)"
        low = loss_low; high = loss_high
        @panel
        value_of(dummy) = above(column("train_loss"))
        plot @draw_runs
    }
    @end_figure
}
