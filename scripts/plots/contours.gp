# contours.gp - the way of every optimizer over the level lines of each function.  Reads trajectory.csv of `dlexp optim`,
# and landscape.csv, minima.csv and summary.csv beside it.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
trajectory = input; tables = folder(input)
do for [table in "landscape minima"] {
    input = tables.table.".csv"; required = "fn x y objective"; load here."check.gp"
}
summary = tables."summary.csv"; input = summary; required = "fn optimizer lr final_x final_y"; load here."check.gp"
rows_of_summary = rows
input = trajectory; required = "fn optimizer lr iteration x y objective"; load here."check.gp"
load here."runs.gp"
key_last = "lr"; own_first = "iteration"; load here."varied.gp"

# The curves there are, each "optimizer|lr" with what else was varied behind it, and the last iteration of each on each function.
lr_here(dummy) = stringcolumn("lr").values_of(varied)
run_name(dummy) = stringcolumn("optimizer")."|".lr_here(0)
curves = " "; optimizers = " "; lrs = " "; iterations = 0
if (rows > 0) {
    stats input using (curves = add(curves, run_name(0)), optimizers = add(optimizers, stringcolumn("optimizer")), \
        lrs = add(lrs, lr_here(0)), iterations = column("iteration") > iterations ? column("iteration") : iterations, 0) nooutput
}
landscape = tables."landscape.csv"; minima = tables."minima.csv"
load here."landscape.gp"
curve_count = words(curves)
c_fn = column_of("fn"); c_optimizer = column_of("optimizer"); c_lr = column_of("lr"); c_iteration = column_of("iteration"); c_x = column_of("x"); c_y = column_of("y")
# values_of, where columns go by number.
values_at(list) = strlen(list) == 0 ? "" : strlen(key_of(list)) == 0 ? values_at(rest_of(list)) : \
                  "~".key_of(list)."~".stringcolumn(column_of(key_of(list))).values_at(rest_of(list))
optimizer_of(curve) = curve[1:strstrt(curve, "|") - 1]
lr_of(curve) = curve[strstrt(curve, "|") + 1:*]
nth(k) = k <= curve_count ? word(curves, k) : "none|0"
same(name, j, end) = j > end ? 0 : (optimizer_of(nth(j)) eq name) + same(name, j + 1, end)
variant(k) = same(optimizer_of(nth(k)), 1, k)
colour(k) = optimizer_colour(optimizer_of(nth(k)))
curve_title(k) = optimizer_title(optimizer_of(nth(k))).(words(lrs) > 1 ? ", lr ".base(lr_of(nth(k))).spelled(behind(lr_of(nth(k)))) : "")
# All lines are of one width; the optimizer's dash lets what lies below be seen.
line_colour(k) = colour(k)
width(k) = 1.2 * line_width
# Marks along a path, every eighth of the window of a way, tell the optimizers apart without colour.
mark(k) = point_type(optimizer_series(optimizer_of(nth(k))), variant(k))
mark_every = 0.125
along(k, x, y) = (owner != k ? (owner = k, way = mark_every * (k - 0.5) / curve_count) : \
    (way = way + sqrt(((x - way_x) / (x_high[f] - x_low[f])) ** 2 + ((y - way_y) / (y_high[f] - y_low[f])) ** 2)), \
    way_x = x, way_y = y, way >= mark_every ? (way = way - mark_every * floor(way / mark_every), x) : NaN)
dashes(k) = dash(optimizer_series(optimizer_of(nth(k))) + variant(k) - 1)
at(i) = i
# Far points of a run that diverges would only confuse the clipping.
near(x, low, high) = x > low - 3 * (high - low) && x < high + 3 * (high - low) ? x : NaN
name_of_row(dummy) = stringcolumn(c_optimizer)."|".stringcolumn(c_lr).values_at(varied)
mine(k) = whole || stringcolumn(c_fn) eq word(fns, f) && name_of_row(0) eq nth(k)
# A place for each curve on each function: where its rows are.
place_of(k) = (f - 1) * curve_count + k
places = fn_count * (curve_count + 1) + 1
@begin_places
if (rows > 0) {
    stats input skip 1 using (f = find(fns, stringcolumn(c_fn)), k = find(curves, name_of_row(0)), \
        f && k ? note_row(place_of(k), column(0)) : 0, 0) nooutput
}
# Where each run on function f ends: summary.csv says it.
array end_x[places]; array end_y[places]; array ran[places]
do for [i = 1:places] { end_x[i] = NaN; end_y[i] = NaN; ran[i] = 0 }
set datafile columnheaders
if (rows_of_summary > 0) {
    stats summary using (f = find(fns, stringcolumn("fn")), k = find(curves, run_name(0)), i = place_of(k), \
        f && k && finite(column("final_x")) ? (ran[i] = 1, end_x[i] = column("final_x"), end_y[i] = column("final_y")) : 0, 0) nooutput
}
unset datafile columnheaders

array legend_note[curve_count + 1]
legend_note[curve_count + 1] = ""      # a loop over no curves looks at the first one all the same
inside(x, low, high) = finite(x) && x >= low && x <= high
do for [k = 1:curve_count] {
    left = " "; all = " "
    do for [f = 1:fn_count] {
        i = (f - 1) * curve_count + k
        if (ran[i]) {
            all = add(all, word(fns, f))
            left = inside(end_x[i], x_low[f], x_high[f]) && inside(end_y[i], y_low[f], y_high[f]) ? left : add(left, word(fns, f))
        }
    }
    legend_note[k] = leaving(left, all)
}
legend_title(k) = curve_title(k).legend_note[k]

across = fn_count == 1 ? 1 : fn_count <= 4 ? 2 : 3; @fit_columns
columns = across
lines = (fn_count + columns - 1) / columns
figure_width = fit_page((fn_count == 1 ? 620 : 480) * columns + 20)
cell_width = (figure_width - 20) / columns
cell_height = fn_count == 1 ? 560 : 470
figure_title = fn_count == 1 ? sprintf("Path of %s on %s", curve_count == 1 ? curve_title(1) : words(optimizers) == 1 ? optimizer_title(word(optimizers, 1)) : "each optimizer", word(fns, 1)) : "Path of each optimizer"
footnote = sprintf("Small marks: along the way; a large one: where a run ends (of %d iterations).", iterations)." Numbers on the level lines: f."
do for [k = 1:curve_count] { nothing = entry(legend_title(k), line_colour(k), width(k), dashes(k), mark(k), point_size) }
nothing = entry("start", black, 0, 1, 6, 1.2) + entry("minimum", black, 0, 1, 1, 1.5)
@lay_out_legend
figure_height = cell_height * lines + title_height + legend_height + 34 + note_room(footnote)
draw_runs = 'for [i = 1:curve_count] input skip 1 every ::from_row(place_of(at(i)))::to_row(place_of(at(i))) using (mine(at(i)) ? near(column(c_x), x_low[f], x_high[f]) : NaN):(near(column(c_y), y_low[f], y_high[f])) \
    with lines linecolor rgb line_colour(at(i)) linewidth width(at(i)) dashtype dashes(at(i)) notitle, \
    for [k = 1:curve_count] input skip 1 every ::from_row(place_of(k))::to_row(place_of(k)) using (mine(k) ? along(k, column(c_x), column(c_y)) : NaN):(near(column(c_y), y_low[f], y_high[f])) \
    with points linecolor rgb colour(k) pointtype mark(k) pointsize point_size notitle'
draw_starts = !curve_count ? "1e300 notitle" : 'input skip 1 using (stringcolumn(c_fn) eq word(fns, f) && column(c_iteration) == 0 ? column(c_x) : NaN):(column(c_y)) \
    with points linecolor rgb black pointtype 6 pointsize 1.2 linewidth 1.6 notitle'
draw_runs = curve_count ? draw_runs : "1e300 notitle"     # a table without rows
do for [format in formats] {
    @open_output
    @begin_figure
    do for [f = 1:fn_count] {
        cell_left = 20 + ((f - 1) % columns) * cell_width + 62; cell_right = cell_left + cell_width - 82
        cell_top = title_height + legend_height + ((f - 1) / columns) * cell_height + 30; cell_bottom = cell_top + cell_height - 92
        @fit_panel
        panel_title = word(fns, f); x_title = "x"; y_title = "y"
        @place_panel
        @map_axes
        owner = 0
        plot levels_of(f) using (coordinate(1)):(coordinate(2)) with lines linecolor rgb "#B8B8B8" linewidth 0.8 notitle, @draw_names, \
            @draw_runs, \
            for [k = 1:curve_count] "+" every ::0::0 using (end_x[(f - 1) * curve_count + k]):(end_y[(f - 1) * curve_count + k]) \
                with points linecolor rgb colour(k) pointtype mark(k) pointsize 1.2 notitle, \
            minima skip 1 using (stringcolumn(1) eq word(fns, f) ? column(2) : NaN):3 with points linecolor rgb black pointtype 1 pointsize 1.5 linewidth 2 notitle, \
            @draw_starts
    }
    @end_figure
}
