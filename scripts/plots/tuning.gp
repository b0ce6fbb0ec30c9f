# tuning.gp - what searching for a learning rate gives: the expected best accuracy of b runs drawn from the grid's, against
# b, for each net.  Reads tuning.csv of `dlexp batchnorm`.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "norm trials expected_best_percent selected_on"; load here."check.gp"
key_last = "trials"; own_first = "expected_best_percent"; load here."norms.gp"
load here."runs.gp"
load here."evidence.gp"

norms = " "; accuracy_low = 1e300; accuracy_high = -1e300; trials_low = 1e300; trials_high = -1e300; split = ""
best(dummy) = cell("expected_best_percent")
span(x) = finite(x) ? (accuracy_low = lesser(accuracy_low, x), accuracy_high = greater(accuracy_high, x)) : 0
if (rows > 0) { stats input using (norms = add(norms, norm_here(0)), span(best(0)), split = stringcolumn("selected_on"), \
    trials_low = lesser(trials_low, column("trials")), trials_high = greater(trials_high, column("trials")), 0) nooutput }
net_count = shown_nets(0)
of(n) = norm_here(0) eq word(norms, n) ? log10(column("trials")) : NaN
if (trials_low > trials_high) { trials_low = 1; trials_high = 10 }
# A mark about every eighth of the axis, so that nets are told in grey too.
span_of_trials = greater(log10(trials_high) - log10(trials_low), 0.1)
marked(n) = norm_here(0) eq word(norms, n) && (trials_high < 16 || int(column("trials")) == trials_low || \
            int(8 * log10(column("trials")) / span_of_trials + 0.5 * n) != int(8 * log10(column("trials") - 1) / span_of_trials + 0.5 * n)) \
            ? log10(column("trials")) : NaN

figure_title = "What trying learning rates and seeds is worth"
footnote = "Of so many runs drawn from the grid's the best one; the axis is the logarithm of the error.".left_out_nets(0)
do for [n = 1:net_count] { nothing = entry(net_title(n), net_colour(n), 1.3 * line_width, net_dash(n), net_mark(n), point_size) }
@lay_out_legend
figure_height = 486 - title_room + legend_height
place_low = accuracy_low > accuracy_high ? place(0) : place(accuracy_low)
place_high = accuracy_low > accuracy_high ? place(99) : place(accuracy_high)
place_room = greater(0.06 * (place_high - place_low), 0.02)
place_low = place_low - place_room; place_high = place_high + place_room
low = 100 - 10 ** -place_low; high = 100 - 10 ** -place_high
trial_tics = 'set xtics (); do for [power = 0:int(ceil(log10(trials_high)))] { do for [factor in trials_high < 2000 ? "1 2 5" : "1"] { \
    tic = power + log10(real(factor)); \
    if (tic >= log10(trials_low) - 1e-9 && tic <= log10(trials_high) + 1e-9) { set xtics add (sprintf("%g", real(factor) * 10.0 ** power) tic) } } }'
do for [format in formats] {
    @open_output
    @begin_figure
    if (net_count == 0) { set label 6 "No trials in this table" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    if (net_count > 0) {
        panel_left = 98; y_title_distance = 70; panel_right = figure_width - 24; panel_top = title_height + legend_height + 12; panel_bottom = figure_height - 92
        panel_title = ""; x_title = "Trials, each a learning rate and a seed (log scale)"; y_title = "Expected best ".(strlen(split) ? split." " : "")."accuracy (%)"
        @place_panel
        set xrange [log10(trials_low) - 0.03 * span_of_trials:log10(trials_high) + 0.03 * span_of_trials]
        set yrange [place_low:place_high]
        @trial_tics
        @accuracy_tics
        plot for [n = 1:net_count] input using (of(n)):(place(best(0))) with lines linecolor rgb net_colour(n) dashtype net_dash(n) \
                linewidth 1.3 * line_width notitle, \
            for [n = 1:net_count] input using (marked(n)):(place(best(0))) with points linecolor rgb net_colour(n) pointtype net_mark(n) \
                pointsize point_size notitle
    }
    @end_figure
}
