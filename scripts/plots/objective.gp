# objective.gp - Figures 8 to 13: the objective against the iteration, on a linear and on a logarithmic axis.
#
# Reads trajectory.csv of `dlexp optim`.  A third argument COLUMN=VALUE picks rows: optimizer=adam draws one optimizer on
# every function (Figures 8 to 11), fn=f1 every optimizer on one function (12, 13).
# Several optimizers on several functions make a line of panels for each function.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
only = ARGC == 3 ? ARG3 : ""
input = ARG1; stem = ARG2; arguments = ARGC == 3 ? 2 : ARGC; load here."style.gp"
required = "fn optimizer lr iteration x y objective"; load here."check.gp"
load here."runs.gp"
key_last = "lr"; own_first = "iteration"; load here."varied.gp"

# Of one function with several optimizers, summary.csv beside the table says from where on each stays below a threshold.
tables = folder(input); summary = tables."summary.csv"
table_of_runs = input; header_of_runs = header; rows_of_runs = rows
load here."beside.gp"
judged = ""; rows_of_summary = 0
if (only[1:3] eq "fn=" && has("summary.csv")) {
    input = summary; required = "fn optimizer lr"; load here."check.gp"; rows_of_summary = rows
    do for [threshold in "1e-1 1e-2 1e-3 1e-6"] { judged = judged.(strstrt(header.",", "stays_below_from_".threshold.",") ? " ".threshold : "") }
    input = table_of_runs; header = header_of_runs; rows = rows_of_runs
}

only_column = strstrt(only, "=") ? only[1:strstrt(only, "=") - 1] : ""
only_value = strstrt(only, "=") ? only[strstrt(only, "=") + 1:*] : ""
if (strlen(only) && !find(" fn optimizer lr ", only_column)) {
    print sprintf("cannot plot '%s': expected fn=NAME, optimizer=NAME or lr=NUMBER, got '%s'", input, only)
    exit status 2
}
# A learning rate is compared as a number, 1e-3 with 0.001, if it looks like one; real("1e-3") is beyond gnuplot 5.4.
exponent_at = strstrt(only_value, "e")
mantissa = exponent_at ? only_value[1:exponent_at - 1] : only_value
exponent = exponent_at ? only_value[exponent_at + 1:*] : "0"
is_number = only_column eq "lr" && strlen(mantissa) && strlen(exponent)
do for [i = 1:strlen(mantissa)] { is_number = is_number && strstrt("0123456789.", mantissa[i:i]) }
do for [i = 1:strlen(exponent)] { is_number = is_number && strstrt(i == 1 && strlen(exponent) > 1 ? "-+0123456789" : "0123456789", exponent[i:i]) }
is_number = is_number && mantissa ne "."
only_number = is_number ? real(mantissa) * 10.0 ** real(exponent) : NaN
picked(dummy) = strlen(only) == 0 || stringcolumn(only_column) eq only_value \
    || (is_number && abs(column("lr") - only_number) <= 1e-12 * only_number)

# The runs there are, each "optimizer|fn|lr" with what else was varied behind it, in the order of the file.
lr_here(dummy) = stringcolumn("lr").values_of(varied)
run_name(dummy) = stringcolumn("optimizer")."|".stringcolumn("fn")."|".lr_here(0)
part(name, i) = i == 1 ? name[1:strstrt(name, "|") - 1] : part(name[strstrt(name, "|") + 1:*]."|", i - 1)
runs = " "; optimizers = " "; fns = " "; lrs = " "; iterations = 1; known = " "
if (rows > 0) {
    stats input using (picked(0) ? ( \
        runs = add(runs, run_name(0)), optimizers = add(optimizers, stringcolumn("optimizer")), \
        fns = add(fns, stringcolumn("fn")), lrs = add(lrs, lr_here(0)), \
        iterations = column("iteration") > iterations ? column("iteration") : iterations, 0) : 0) nooutput
}
if (rows > 0 && words(runs) == 0) {
    stats input using (known = add(known, stringcolumn(only_column)), 0) nooutput
    print sprintf("cannot plot '%s': it has no row with %s; its column %s holds%s", input, only, only_column, known[1:strlen(known) - 1])
    exit status 1
}

# The curves of a line of panels: a kind is a run without its function where each function has a line, else a run.
split = words(fns) > 1 && (words(optimizers) > 1 || words(runs) > 5)
kind_name(run) = split ? part(run, 1)."|*|".part(run, 3) : run
kinds = " "
do for [run in runs] { kinds = add(kinds, kind_name(run)) }
kind_count = words(kinds)
nth(k) = k <= kind_count ? word(kinds, k) : "none|none|0"
before(k, j) = j >= k ? 0 : (part(nth(j), 1) eq part(nth(k), 1)) + before(k, j + 1)
variant(k) = 1 + before(k, 1)
variants(k) = same(part(nth(k), 1), 1)
same(name, j) = j > kind_count ? 0 : (part(nth(j), 1) eq name) + same(name, j + 1)
crowd = 0
do for [k = 1:kind_count] { crowd = variants(k) > crowd ? variants(k) : crowd }
if (kind_count > 12 || crowd > 5) {
    print sprintf("cannot plot '%s': expected at most 12 curves on one function, and 5 of one optimizer, got %d and %d; pick some: optimizer=NAME (%s), fn=NAME (%s) or lr=NUMBER (%s)", \
        input, kind_count, crowd, optimizers[2:strlen(optimizers) - 1], fns[2:strlen(fns) - 1], lrs[2:strlen(lrs) - 1])
    exit status 3
}
curve_title(k) = (words(optimizers) > 1 || words(fns) == 1 ? optimizer_title(part(nth(k), 1)) : "") \
    .(words(fns) > 1 && !split ? (words(optimizers) > 1 ? ", " : "").part(nth(k), 2) : "") \
    .(words(lrs) > 1 ? (words(optimizers) > 1 || words(fns) == 1 || !split ? ", " : "")."lr ".base(part(nth(k), 3)).spelled(behind(part(nth(k), 3))) : "")
colour(k) = variant_colour(optimizer_colour(part(nth(k), 1)), variant(k), variants(k))
width(k) = variant_width(variant(k), variants(k))
dashes(k) = variant_dash(variant(k), variants(k))
# Several optimizers have marks too, so that they can be told apart without colour; not all at the same iterations.
marks = words(optimizers) > 1
mark(k) = point_type(optimizer_series(part(nth(k), 1)), variant(k))
mark_colour(k) = optimizer_colour(part(nth(k), 1))
mark_step = iterations >= 12 ? int(iterations / 12) : 1
at_mark(k) = int(column("iteration")) % mark_step == int(mark_step * (k - 0.5) / kind_count)

axis_top = 1.3     # of the logarithmic axis, as a multiple of the first value; the linear one ends below it

# What each line spans, and the runs that have any positive value: a logarithmic axis has no place for another.
lines = split ? words(fns) : 1
line_of(fn) = split ? find(fns, fn) : 1
array start[lines]; array low_of[lines]
do for [line = 1:lines] { start[line] = 0.0; low_of[line] = 1e300 }
positive = " "
# Where each run's rows are, and the runs whose last value is above both axes.
places = words(runs) + 1
@begin_places
array last_of[places]
array legend_note[kind_count + 1]
legend_note[kind_count + 1] = ""      # a loop over no curves looks at the first one all the same
if (rows > 0) {
    stats input using (picked(0) ? (line = line_of(stringcolumn("fn")), x = column("objective"), run = run_name(0), i = find(runs, run), \
        positive = x > 0 ? add(positive, run) : positive, \
        start[line] = column("iteration") == 0 && x > start[line] ? x : start[line], \
        low_of[line] = x > 0 && x < low_of[line] ? x : low_of[line], last_of[i] = x, note_row(i, column(0)), 0) : 0) nooutput
}
do for [k = 1:kind_count] {
    left = " "; all = " "
    do for [i = 1:words(runs)] {
        run = word(runs, i); line = line_of(part(run, 2))
        if (kind_name(run) eq nth(k)) {
            all = add(all, part(run, 2))
            left = finite(last_of[i]) && last_of[i] <= axis_top * (start[line] > 0 ? start[line] : 1) ? left : add(left, part(run, 2))
        }
    }
    legend_note[k] = leaving(left, all)
}
legend_title(k) = curve_title(k).legend_note[k]

# A run that falls to 1e-200 must not flatten the others.
cut_at = ""
do for [line = 1:lines] {
    start[line] = start[line] > 0 ? start[line] : 1.0
    if (low_of[line] < 1e-9 * start[line]) {
        low_of[line] = 10.0 ** floor(log10(1e-9 * start[line]))
        one_end = power_text(1, int(floor(log10(low_of[line]) + 0.5)))
        cut_at = strstrt(cut_at, one_end) ? cut_at : cut_at.(strlen(cut_at) ? " or " : "").one_end
    } else {
        low_of[line] = low_of[line] < start[line] ? low_of[line] : start[line] / 10
    }
}

# The curves of a line, broad ones first and thin ones upon them: drawn_1, drawn_2, ...; on the logarithmic axis log_1, ...
run_of(k, line) = split ? part(nth(k), 1)."|".word(fns, line)."|".part(nth(k), 3) : nth(k)
do for [line = 1:lines] {
    here_all = ""; here_log = ""
    do for [pass = 1:2] {
        do for [k = 1:kind_count] {
            if ((width(k) > line_width) == (pass == 1)) {
                here_all = here_all.(find(runs, run_of(k, line)) ? " ".k : "")
                here_log = here_log.(find(positive, run_of(k, line)) ? " ".k : "")
            }
        }
    }
    eval sprintf("drawn_%d = here_all; log_%d = here_log", line, line)
}
at(i) = i <= words(drawn) ? int(word(drawn, i)) : 1
run_at(i) = find(runs, run_of(at(i), line)) > 0 ? find(runs, run_of(at(i), line)) : 1
objective_of(k) = whole || run_name(0) eq run_of(k, line) ? shown(column("objective")) : NaN
above(x) = x > 0 ? x : NaN
do for [k = 1:kind_count] { nothing = entry(legend_title(k), colour(k), width(k), dashes(k), marks ? mark(k) : 0, point_size) }
draw_curves = 'for [i = 1:words(drawn)] input every ::from_row(run_at(i))::to_row(run_at(i)) using (column("iteration")):(objective_of(at(i))) with lines \
    linecolor rgb colour(at(i)) linewidth width(at(i)) dashtype dashes(at(i)) notitle, \
    for [i = 1:marks ? words(drawn) : 0] input every ::from_row(run_at(i))::to_row(run_at(i)) using (at_mark(at(i)) ? column("iteration") : NaN):(objective_of(at(i))) with points \
    linecolor rgb mark_colour(at(i)) pointtype mark(at(i)) pointsize point_size notitle, 1e300 notitle'

# What all curves have in common stands in the title, whether it was picked or the table holds nothing else.
subject = (words(optimizers) == 1 ? optimizer_title(word(optimizers, 1)) : "").(words(fns) == 1 ? (words(optimizers) == 1 ? " on " : "").word(fns, 1) : "")
subject = only_column eq "lr" ? subject.(strlen(subject) ? ", " : "")."lr ".only_value : subject
figure_title = strlen(subject) ? subject.": objective against iteration" : "Objective against iteration"
below_from(k, threshold) = stringcolumn("optimizer")."|".stringcolumn("fn")."|".stringcolumn("lr") eq nth(k) && \
    strlen(stringcolumn("stays_below_from_".threshold)) ? column("stays_below_from_".threshold) : NaN
threshold(i) = i <= words(judged) ? number(word(judged, i)) : 1
any_judged = words(judged) && marks && !split && words(lrs) < 2
draw_judged = !any_judged ? "" : ', for [i = 1:words(judged)] for [k = 1:kind_count] summary \
    using (below_from(k, word(judged, i))):(threshold(i)) with points linecolor rgb colour(k) pointtype 6 pointsize 1.5 * point_size linewidth 1.6 notitle'
if (any_judged) { nothing = entry("stays below", black, 0, 1, 6, 1.5 * point_size) }
footnote = (any_judged ? "Dotted: the thresholds of the claims; ring: from there on f stays below. " : "").(strlen(cut_at) ? sprintf("The logarithmic axis ends at %s; what lies below it is not drawn there.", cut_at) : "")
# The two axes stand side by side, or on a narrow page one below the other.
figure_width = fit_page(1000); stacked = figure_width < 800; figure_width = stacked ? figure_width : 1000
@lay_out_legend
line_height = 382
figure_height = title_height + line_height * lines * (stacked ? 2 : 1) + legend_height
do for [format in formats] {
    @open_output
    @begin_figure
    if (kind_count == 0) { set label 6 "No run in this table" at screen 0.5, from_top(title_height + 12) center textcolor rgb grey }
    do for [line = 1:lines] {
        panel_top = title_height + legend_height + 32 + (line - 1) * line_height * (stacked ? 2 : 1); panel_bottom = panel_top + 268
        set xrange [0:iterations]
        set xtics nice_step(iterations, 5)
        x_title = "Iteration"; y_title = "Objective"

        drawn = kind_count ? value("drawn_".line) : ""
        shown(x) = x
        y_title_distance = 62; panel_left = 86; panel_right = stacked ? figure_width - 30 : 470
        panel_title = split ? word(fns, line).", linear axis" : "Linear axis"
        @place_panel
        set xtics nice_step(iterations, 5)
        set yrange [0:1.05 * start[line]]
        set ytics autofreq; unset mytics
        if (words(drawn)) { plot @draw_curves } else { plot 1e300 notitle }
        unset label 6

        drawn = kind_count ? value("log_".line) : ""
        shown(x) = above(x)
        if (stacked) { panel_top = panel_top + line_height; panel_bottom = panel_bottom + line_height }
        panel_left = stacked ? 92 : 604; panel_right = stacked ? figure_width - 30 : 970; y_title_distance = 68
        panel_title = split ? word(fns, line).", logarithmic axis" : "Logarithmic axis"
        @place_panel
        set xtics nice_step(iterations, 5)
        set logscale y
        low = low_of[line] / 1.3; high = axis_top * start[line]
        set yrange [low:high]
        @power_tics
        do for [i = 1:any_judged ? words(judged) : 0] { set arrow 20 + i from graph 0, first threshold(i) to graph 1, first threshold(i) \
            nohead back linecolor rgb grey linewidth 1.2 dashtype 3 }
        if (words(drawn)) { plot @draw_curves @draw_judged } else { plot 1e300 notitle }
        do for [i = 1:words(judged)] { unset arrow 20 + i }
        unset logscale
    }
    @end_figure
}
