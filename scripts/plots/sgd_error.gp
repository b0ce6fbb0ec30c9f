# sgd_error.gp - Figure 6: squared error (y - y*)^2 against the iteration, logarithmic axis, with theory and its floors.
# Reads trajectory.csv and summary.csv, and bands.csv and theory.csv where they are, of `dlexp sgd-mean`:
#
#   gnuplot -d -c scripts/plots/sgd_error.gp RESULTS_DIR OUTPUT_STEM
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
usage_name = "sgd_error"; legend_floors = 1; load here."sgd_mean.gp"

# The axis: from 1/300 of the lowest level at which a rate ends, which is about where 5 % of the trials are below, as a
# trajectory that crosses y* dips to 0 for one iteration; to a little above the highest value.  Without noise errors fall as far as they like, and are shown.
value_high = -1e300; value_low = 1e300; lowest_level = 1e300
seen(x) = (value_high = finite(x) && x > value_high ? x : value_high, \
    value_low = x > 0 && x < value_low ? x : value_low, x)
if (rows > 0) { stats trajectory using (seen(column("squared_error")), 0) nooutput }
if (has_bands) { stats bands using (seen(column("q95")), seen(column("mean")), 0) nooutput }
ends_at(x) = (lowest_level = x > 0 && x < lowest_level ? x : lowest_level)
if (rows_of_summary > 0) { stats summary using (x = column("terminal_error"), nothing = ends_at(x), 0) nooutput }
do for [c = 1:lr_count] { nothing = ends_at(floor_of[c]) }
noisy = variance > 0 && lowest_level < 1e300
value_low = noisy && value_low < lowest_level / (has_bands ? 300 : 100) ? lowest_level / (has_bands ? 300 : 100) : value_low
low = value_high > 0 ? value_low / 1.5 : 0.001
high = value_high <= 0 ? 10 : value_high < 1e307 ? value_high * 2 : value_high
below = 0
if (rows > 0 && noisy) { stats trajectory using (below = below + (column("squared_error") < low), 0) nooutput }
set yrange [low:high]
set logscale y
@power_tics
axis_end(x) = power_text(floor(x / 10.0 ** floor(log10(x)) + 0.5), int(floor(log10(x))))
shown(x) = x > 0 ? x : NaN
band_edge(x) = x > low ? x : low

axis_low = low; axis_high = high; axis_is_log = 1
@name_lines
remark = rows > 0 && value_high <= 0 ? "Every squared error is 0" : remark
figure_title = "SGD for the mean: squared error"
side_title = "(y - y*)² (log scale)"
note_below = !has_theory ? "" : "Broad line and number at the right: the floor, ". \
    (shuffled ? "the level at the ends of passes." : "the level it settles at, variance lr / (1 - lr).")
if (below) {
    footnote = footnote.sprintf("%sOf the one trial cut off below %s: %d point%s.", \
        strlen(footnote) ? " " : "", axis_end(low), below, below == 1 ? "" : "s")
}
do for [format in formats] {
    @open_output
    @begin_figure
    plot @draw_trajectories @draw_bands \
        for [c = 1:lr_count] (floor_of[c] > 0 ? floor_of[c] : NaN) \
            with lines linecolor rgb faint(colour(c)) linewidth 5, \
        @draw_answers @draw_theory @draw_marks \
        1e300 notitle
    unset output
    unset label
    unset arrow
}
