# rotation.gp - the iteration from which f stays below each threshold, against the angle by which the quadratic is turned.  Reads rotation.csv of
# `dlexp optim --rotate`.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
thresholds = "1e-1 1e-2 1e-3 1e-6"
tables = folder(input); summary = tables."summary.csv"; load here."beside.gp"
last_iteration = 0
if (has("summary.csv")) {
    rotation_table = input; input = summary; required = "iterations"; load here."check.gp"
    if (rows > 0) { stats summary using (last_iteration = column("iterations") > last_iteration > 0 ? column("iterations") : last_iteration, 0) nooutput }
    input = rotation_table
}
required = "angle optimizer lr stays_below_from_1e-1 stays_below_from_1e-2 stays_below_from_1e-3 stays_below_from_1e-6"; load here."check.gp"
load here."runs.gp"

run_name(dummy) = stringcolumn("optimizer")."|".stringcolumn("lr")
curves = " "; lrs = " "; angle_low = 1e300; angle_high = -1e300
array most[4] = [0, 0, 0, 0]
# A missing number is left out and its neighbours are joined; NaN makes a gap.
# A first touch does not count.
cell(t) = stringcolumn("stays_below_from_".word(thresholds, t))
reached(t) = strlen(cell(t)) ? real(cell(t)) : NaN
more(t) = strlen(cell(t)) && reached(t) > most[t] ? reached(t) : most[t]
if (rows > 0) {
    stats input using (curves = add(curves, run_name(0)), lrs = add(lrs, stringcolumn("lr")), \
        angle_low = column("angle") < angle_low ? column("angle") : angle_low, \
        angle_high = column("angle") > angle_high ? column("angle") : angle_high, 0) nooutput
    do for [t = 1:4] { stats input using (most[t] = more(t), 0) nooutput }
}
curve_count = words(curves)
optimizer_of(curve) = curve[1:strstrt(curve, "|") - 1]
lr_of(curve) = curve[strstrt(curve, "|") + 1:*]
nth(k) = k <= curve_count ? word(curves, k) : "none|0"
same(name, j, end) = j > end ? 0 : (optimizer_of(nth(j)) eq name) + same(name, j + 1, end)
variant(k) = same(optimizer_of(nth(k)), 1, k)
colour(k) = optimizer_colour(optimizer_of(nth(k)))
mark(k) = point_type(optimizer_series(optimizer_of(nth(k))), variant(k))
curve_title(k) = optimizer_title(optimizer_of(nth(k))).(words(lrs) > 1 ? ", lr ".lr_of(nth(k)) : "")

# A panel a threshold that any run reaches.
shown = ""
do for [t = 1:4] { shown = most[t] > 0 ? shown." ".t : shown }
panels = words(shown) > 0 ? words(shown) : 1
across = panels < 3 ? panels : panels == 4 ? 2 : 3; @fit_columns
columns = across
lines = (panels + columns - 1) / columns
figure_width = fit_page(columns * (panels == 1 ? 700 : 400) + 20)
panel_width = (figure_width - 20) / columns
do for [k = 1:curve_count] { nothing = entry(curve_title(k), colour(k), line_width, dash(optimizer_series(optimizer_of(nth(k)))), mark(k), point_size) }
@lay_out_legend
figure_title = "Iterations until f stays below, by the angle of the quadratic"
footnote = last_iteration > 0 ? sprintf("In the grey strip: not below it, or above it again, at the end of the %d iterations.", last_iteration) : "No point: not reached within the run, or above it again at its end."
around = title_height + legend_height + 18 + note_room(footnote)
line_height = fit_line(370, 240, lines, around)
figure_height = lines * line_height + around
# Runs that do not get there stand in a strip above the last iteration, a row for each curve.
strip = last_iteration > 0 ? 0.045 * (curve_count + 1) * last_iteration : 0
in_strip(k, t) = strlen(cell(t)) ? NaN : last_iteration * (1 + 0.045 * (curve_count + 1 - k))
span = angle_high > angle_low ? angle_high - angle_low : 1
do for [format in formats] {
    @open_output
    @begin_figure
    if (words(shown) == 0) { set label 6 "No threshold reached in this table" at screen 0.5, 0.5 center textcolor rgb grey }
    do for [p = 1:panels] {
        t = p <= words(shown) ? int(word(shown, p)) : 1
        panel_left = 20 + ((p - 1) % columns) * panel_width + 84; panel_right = panel_left + panel_width - 104
        panel_top = title_height + legend_height + ((p - 1) / columns) * line_height + 32; panel_bottom = panel_top + line_height - 108
        panel_title = "f < ".word(thresholds, t); x_title = "Angle (degrees)"; y_title = "Iterations"; y_title_distance = 74
        @place_panel
        set xrange [rows > 0 ? angle_low - 0.02 * span : 0:rows > 0 ? angle_high + 0.02 * span : 1]
        set yrange [0:last_iteration > 0 ? last_iteration + strip : most[t] > 0 ? 1.08 * most[t] : 1]
        if (last_iteration > 0) { set object 1 rectangle from graph 0, first last_iteration to graph 1, first last_iteration + strip back fillcolor rgb light fillstyle solid 0.45 noborder }
        if (angle_low >= 0 && angle_high == 90) { set xtics 15 } else { set xtics nice_step(span, 6) }
        if (last_iteration > 0) { set ytics 0, nice_step(last_iteration, 6), last_iteration } else { set ytics autofreq }
        if (curve_count == 0) { plot 1e300 notitle; continue }
        plot for [k = 1:curve_count] input using (run_name(0) eq nth(k) ? column("angle") : NaN):(reached(t)) with linespoints \
            linecolor rgb colour(k) linewidth line_width dashtype dash(optimizer_series(optimizer_of(nth(k)))) pointtype mark(k) pointsize point_size notitle, \
            for [k = 1:last_iteration > 0 ? curve_count : 0] input using (run_name(0) eq nth(k) ? column("angle") : NaN):(in_strip(k, t)) with points \
            linecolor rgb colour(k) pointtype mark(k) pointsize 0.7 * point_size notitle, 1e300 notitle
    }
    @end_figure
}
