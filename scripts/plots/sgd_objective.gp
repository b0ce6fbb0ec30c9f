# sgd_objective.gp - the homework's own plot of SGD for the mean: objective against the iteration.  Reads the same
# tables as sgd_error.gp:
#
#   gnuplot -d -c scripts/plots/sgd_objective.gp RESULTS_DIR OUTPUT_STEM
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
usage_name = "sgd_objective"; legend_floors = 0; load here."sgd_mean.gp"

value_high = variance
seen(x) = (value_high = finite(x) && x > value_high ? x : value_high)
if (rows > 0) { stats trajectory using (seen(column("objective")), 0) nooutput }
if (has_bands) { stats bands using (seen(column("q95") + variance), 0) nooutput }
set yrange [0:value_high > 0 ? 1.06 * value_high : 1]
set format y "%g"
shown(x) = x + variance
band_edge(x) = x + variance

axis_low = 0.0; axis_high = value_high > 0 ? 1.06 * value_high : 1; axis_is_log = 0
@name_lines

figure_title = "SGD for the mean: objective"
side_title = "(1/n) Σ (y - x_i)²"
note_below = "Grey: the smallest value, the variance of the points."
do for [format in formats] {
    @open_output
    @begin_figure
    plot (rows > 0 ? variance : NaN) with lines linecolor rgb grey linewidth 1.2, \
        @draw_trajectories @draw_bands @draw_answers @draw_theory @draw_marks \
        1e300 notitle
    unset output
    unset label
    unset arrow
}
