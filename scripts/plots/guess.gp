# guess.gp - the homework's guess against what was measured: a bar for each of its eight runs, the fastest guess at the top,
# with its phases, and marks where f stays below each threshold from then on.  Reads summary.csv and phases.csv of
# `dlexp optim`:
#
#   gnuplot -d -c scripts/plots/guess.gp RESULTS_DIR OUTPUT_STEM
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
results = input
thresholds = "1e-1 1e-2 1e-3 1e-6"
summary = results."/summary.csv"; phases = results."/phases.csv"
input = summary; required = "fn optimizer lr iterations stays_below_from_1e-1 stays_below_from_1e-2 stays_below_from_1e-3 stays_below_from_1e-6"; load here."check.gp"
input = phases; required = "fn optimizer lr phase first_iteration last_iteration"; load here."check.gp"
load here."runs.gp"

# The guess: momentum on both functions, then RMSProp on f1, RMSProp on f2 and Adam on both, then GD on both.
runs = " momentum|f1 momentum|f2 rmsprop|f1 rmsprop|f2 adam|f1 adam|f2 gd|f1 gd|f2 "
groups = "1 1 2 2 2 2 3 3"; middles = "1.5 4.5 7.5"
guess_lr = 0.001
count = words(runs)
run_name(dummy) = stringcolumn("optimizer")."|".stringcolumn("fn")
# The place of the row's run from above, NaN of others.
place(dummy) = number(stringcolumn("lr")) == guess_lr && find(runs, run_name(0)) ? find(runs, run_name(0)) : NaN
optimizer_of(k) = word(runs, k)[1:strstrt(word(runs, k), "|") - 1]
fn_of(k) = word(runs, k)[strstrt(word(runs, k), "|") + 1:*]
last = 1.0
stats phases using (last = column("last_iteration") > last ? column("last_iteration") : last, 0) nooutput

# Thresholds by shape and colour, from light to dark.
threshold_colours = "#E69F00 #D55E00 #0072B2 #000000"
threshold_points = "7 5 9 13"
first_phase = "#9FB8CC"; second_phase = "#E3E9EE"
bar = 0.32
phase_first(p) = int(column("phase")) == p ? column("first_iteration") : NaN
below(t) = strlen(stringcolumn("stays_below_from_".word(thresholds, t))) ? column("stays_below_from_".word(thresholds, t)) : NaN

figure_title = "The guess against what was measured"
footnote = sprintf("A mark: from there on f stays below; no mark: not within the %d iterations. Were the guess right, marks of one kind would stand further right from group to group.", last)
figure_width = fit_page(860)
do for [t = 1:4] { nothing = entry("f < ".word(thresholds, t), word(threshold_colours, t), 0, 1, int(word(threshold_points, t)), 1.2) }
nothing = entry("first phase", first_phase, 9, 1, 0, 0) + entry("second phase", second_phase, 9, 1, 0, 0)
legend_columns = figure_width < 800 ? 2 : 0
@lay_out_legend
figure_height = 430 - title_room + legend_height + note_room(footnote)
do for [format in formats] {
    @open_output
    @begin_figure
    panel_left = 150; panel_right = figure_width - 30; panel_top = title_height + legend_height + 12; panel_bottom = figure_height - 92 - note_room(footnote)
    panel_title = ""; x_title = "Iteration"; y_title = ""
    @place_panel
    unset grid
    set grid xtics linecolor rgb light linewidth 0.8
    set xrange [0:last]; set yrange [count + 0.6:0.4]
    set xtics autofreq; set ytics ()
    do for [k = 1:count] { set ytics add (sprintf("%s %s", optimizer_title(optimizer_of(k)), fn_of(k)) k) }
    do for [k = 1:count - 1] {
        if (word(groups, k) ne word(groups, k + 1)) { set arrow k from graph 0, first k + 0.5 to graph 1, first k + 0.5 nohead linecolor rgb grey linewidth 0.8 dashtype 3 }
    }
    do for [g = 1:3] {
        set label 10 + g sprintf("guess %d", g) at screen from_left(18), first real(word(middles, g)) left font note_font textcolor rgb grey
    }
    plot 1e300 notitle, for [p = 1:2] phases using (0.5 * (phase_first(p) + column("last_iteration"))):(place(0)):(0.5 * (column("last_iteration") - phase_first(p))):(bar) with boxxyerror fillstyle solid 1.0 noborder linecolor rgb (p == 1 ? first_phase : second_phase) notitle, \
        for [t = 1:4] summary using (below(t)):(place(0)) with points linecolor rgb "#ffffff" pointtype int(word(threshold_points, t)) pointsize 1.75 notitle, \
        for [t = 1:4] summary using (below(t)):(place(0)) with points linecolor rgb word(threshold_colours, t) pointtype int(word(threshold_points, t)) pointsize 1.3 notitle
    unset arrow
    @end_figure
}
