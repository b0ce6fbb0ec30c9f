# objective.gp - Figures 8 to 13: the objective against the iteration, on a linear and on a logarithmic axis.
#
# Reads trajectory.csv of `dlexp optim`.  A third argument COLUMN=VALUE picks rows: optimizer=adam draws one optimizer on
# every function (Figures 8 to 11), fn=f1 every optimizer on one function (12, 13).
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
only = ARGC == 3 ? ARG3 : ""
input = ARG1; stem = ARG2; arguments = ARGC == 3 ? 2 : ARGC; load here."style.gp"
required = "fn optimizer lr iteration x y objective"; load here."check.gp"
load here."runs.gp"

only_column = strstrt(only, "=") ? only[1:strstrt(only, "=") - 1] : ""
only_value = strstrt(only, "=") ? only[strstrt(only, "=") + 1:*] : ""
if (strlen(only) && !find(" fn optimizer lr ", only_column)) {
    print sprintf("cannot plot '%s': expected fn=NAME, optimizer=NAME or lr=NUMBER, got '%s'", input, only)
    exit status 2
}
picked(dummy) = strlen(only) == 0 || stringcolumn(only_column) eq only_value

# The curves, each "optimizer|fn|lr", in the order of the file, and what they span.
curve_name(dummy) = stringcolumn("optimizer")."|".stringcolumn("fn")."|".stringcolumn("lr")
part(curve, i) = i == 1 ? curve[1:strstrt(curve, "|") - 1] : part(curve[strstrt(curve, "|") + 1:*]."|", i - 1)
curves = " "; optimizers = " "; fns = " "; lrs = " "
iterations = 1; start = 0.0; low = 1e300
if (rows > 0) {
    stats input using (picked(0) ? ( \
        curves = add(curves, curve_name(0)), optimizers = add(optimizers, stringcolumn("optimizer")), \
        fns = add(fns, stringcolumn("fn")), lrs = add(lrs, stringcolumn("lr")), \
        iterations = column("iteration") > iterations ? column("iteration") : iterations, \
        start = column("iteration") == 0 && column("objective") > start ? column("objective") : start, \
        low = column("objective") > 0 && column("objective") < low ? column("objective") : low, 0) : 0) nooutput
}
curve_count = words(curves)
start = start > 0 ? start : 1.0
# A run that falls to 1e-200 must not flatten the others.
floor_value = 1e-9 * start
cut = low < floor_value
log_low = cut ? floor_value : low < start ? low : start / 10

# A curve's place among those of its optimizer.
nth(k) = k <= curve_count ? word(curves, k) : "none|none|0"
before(k, j) = j >= k ? 0 : (part(nth(j), 1) eq part(nth(k), 1)) + before(k, j + 1)
variant(k) = 1 + before(k, 1)
variants(k) = before(curve_count + 1, 1) >= 0 ? same(part(nth(k), 1), 1) : 1
same(name, j) = j > curve_count ? 0 : (part(nth(j), 1) eq name) + same(name, j + 1)
curve_title(k) = (words(optimizers) > 1 || words(fns) == 1 ? optimizer_title(part(nth(k), 1)) : "") \
    .(words(fns) > 1 ? (words(optimizers) > 1 ? ", " : "").part(nth(k), 2) : "") \
    .(words(lrs) > 1 ? ", lr ".part(nth(k), 3) : "")
colour(k) = variant_colour(optimizer_colour(part(nth(k), 1)), variant(k), variants(k))
width(k) = variant_width(variant(k), variants(k))
dashes(k) = variant_dash(variant(k), variants(k))
objective_of(k) = curve_name(0) eq nth(k) ? column("objective") : NaN
above(x) = x > 0 ? x : NaN

# Broad curves first, thin ones upon them.
drawn = ""
do for [pass = 1:2] {
    do for [k = 1:curve_count] { drawn = drawn.((width(k) > line_width) == (pass == 1) ? " ".k : "") }
}
at(i) = i <= words(drawn) ? int(word(drawn, i)) : 1
draw_legend = 'for [k = 1:curve_count] 1e300 with lines linecolor rgb colour(k) linewidth width(k) dashtype dashes(k) title curve_title(k), 1e300 notitle'
draw_curves = 'for [i = 1:curve_count] input using (column("iteration")):(above(objective_of(at(i)))) with lines \
    linecolor rgb colour(at(i)) linewidth width(at(i)) dashtype dashes(at(i)) notitle, 1e300 notitle'
draw_curves = curve_count ? draw_curves : "1e300 notitle"

figure_title = only_column eq "optimizer" ? optimizer_title(only_value) : only_column eq "fn" ? only_value : ""
figure_title = strlen(figure_title) ? figure_title.": objective against iteration" : "Objective against iteration"
footnote = cut && curve_count ? sprintf("The logarithmic axis ends at %.0e; curves that leave it go on falling.", floor_value) : ""
figure_width = 1000
longest = 0
do for [k = 1:curve_count] { longest = strlen(curve_title(k)) > longest ? strlen(curve_title(k)) : longest }
legend_height = 24 * legend_lines(curve_count, longest)
figure_height = 426 + legend_height
do for [format in formats] {
    @open_output
    @begin_figure
    if (curve_count == 0) { set label 6 sprintf("No run in this table%s", strlen(only) ? " with ".only : "") at screen 0.5, from_top(title_height + 12) center textcolor rgb grey }
    panel_top = title_height + legend_height + 32; panel_bottom = figure_height - 82
    set xrange [0:iterations]
    set xtics nice_step(iterations, 5)
    x_title = "Iteration"

    y_title_distance = 58; panel_left = 82; panel_right = 470
    panel_title = "Linear axis"; y_title = "Objective"
    @place_panel
    set xtics nice_step(iterations, 5)
    set yrange [0:1.05 * start]
    set ytics autofreq
    plot @draw_curves
    unset label 6

    panel_left = 604; panel_right = 970; y_title_distance = 84
    panel_title = "Logarithmic axis"; y_title = "Objective"
    @place_panel
    set xtics nice_step(iterations, 5)
    set logscale y
    set yrange [log_low / 1.3:start * 1.3]
    set format y "%g"
    set ytics autofreq
    plot @draw_curves
    unset logscale
    @end_figure
}
