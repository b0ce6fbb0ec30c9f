# curvature.gp - Figure 7: how f1 and f2 (or any functions) curve.  Reads landscape.csv of `dlexp optim`, and minima.csv
# and cuts.csv beside it: level lines of the first two functions, and cuts of all through their minimum along x and along y.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
landscape = input; minima = folder(input)."minima.csv"; cuts = folder(input)."cuts.csv"
input = cuts; required = "fn along distance objective"; load here."check.gp"; rows_of_cuts = rows
input = minima; required = "fn x y objective"; load here."check.gp"; minima_header = header
input = landscape; required = "fn x y objective"; load here."check.gp"
load here."runs.gp"
load here."landscape.gp"

maps = fn_count > 2 ? 2 : fn_count
# Functions have marks, so that they can be told apart without colour; not all at the same places, as cuts may agree.
mark(f, along_y) = point_type(f, 1 + along_y)
cut_points = rows_of_cuts / (2 * fn_count)     # of each
mark_step = cut_points >= 12 ? cut_points / 6 : 2
at_mark(f, along_y) = int(column(0)) % cut_points % mark_step == int(mark_step * (f - 0.75 + 0.5 * along_y) / fn_count)
# Of cuts.csv by number: fn, along, distance, objective.
c_fn = 1; c_along = 2
is_cut(f, along_y) = stringcolumn(c_fn) eq word(fns, f) && stringcolumn(c_along) eq (along_y ? "y" : "x")
do for [f = 1:fn_count] {
    nothing = entry(word(fns, f).", along x", series_colour(f), line_width, 1, mark(f, 0), point_size)
    nothing = entry(word(fns, f).", along y", series_colour(f), line_width, 2, mark(f, 1), point_size)
}
@lay_out_legend
figure_title = fn_count == 1 ? sprintf("Curvature of %s", word(fns, 1)) : fn_count == 2 ? sprintf("Curvature of %s and %s", word(fns, 1), word(fns, 2)) : "Curvature"
# The Hessian at the minimum, and its condition number.
array hessian[fn_count + 1]; array condition[fn_count + 1]
do for [f = 1:fn_count + 1] { hessian[f] = ""; condition[f] = "" }
larger_eigen(xx, xy, yy) = 0.5 * (xx + yy) + sqrt(0.25 * (xx - yy) ** 2 + xy ** 2)
smaller_eigen(xx, xy, yy) = 0.5 * (xx + yy) - sqrt(0.25 * (xx - yy) ** 2 + xy ** 2)
number_text(x) = x < 0 ? sprintf("−%.4g", -x) : sprintf("%.4g", x)
note_hessian(f, xx, xy, yy) = (hessian[f] = sprintf("Hessian [%s, %s; %s, %s]", number_text(xx), number_text(xy), number_text(xy), number_text(yy)), \
    condition[f] = sprintf("curvatures %.4g and %.4g, condition number %.4g", larger_eigen(xx, xy, yy), smaller_eigen(xx, xy, yy), \
    larger_eigen(xx, xy, yy) / smaller_eigen(xx, xy, yy)))
if (strstrt(minima_header, "hessian_xx") > 0) {
    stats minima skip 1 using (f = find(fns, stringcolumn(1)), f && !strlen(hessian[f > 0 ? f : 1]) ? \
        (note_hessian(f, $5, $6, $7), 0) : 0, 0) nooutput
}
footnote = "Numbers on the level lines: f. Cross: the minimum".(strlen(hessian[1]) ? "; the Hessian, row by row, is that at the minimum." : ".")
# A row of panels, or on a narrow page one below the other.
across = maps + 1; @fit_columns
figure_width = fit_page(20 + 380 * maps + 470)
map_width = across > 1 ? 380 : figure_width - 20
cell_height = across > 1 ? 410 : 470
figure_height = 70 - title_room + legend_height + cell_height * (across > 1 ? 1 : maps + 1) + note_room(footnote)
do for [format in formats] {
    @open_output
    @begin_figure
    do for [f = 1:maps] {
        cell_top = title_height + legend_height + 32 + (across > 1 ? 0 : (f - 1) * cell_height); cell_bottom = cell_top + cell_height - 130
        cell_left = 20 + (across > 1 ? (f - 1) * map_width : 0) + 62; cell_right = cell_left + map_width - 76
        @fit_panel
        panel_title = word(fns, f); x_title = "x"; y_title = "y"
        @place_panel
        @map_axes
        set label 7 hessian[f] at screen 0.5 * (from_left(panel_left) + from_left(panel_right)), from_top(panel_bottom + 66) center font note_font
        set label 8 condition[f] at screen 0.5 * (from_left(panel_left) + from_left(panel_right)), from_top(panel_bottom + 84) center font note_font
        plot levels_of(f) using (coordinate(1)):(coordinate(2)) with lines linecolor rgb series_colour(f) linewidth 1.1 notitle, @draw_names, \
            minima skip 1 using (stringcolumn(1) eq word(fns, f) ? column(2) : NaN):3 with points linecolor rgb black pointtype 1 pointsize 1.5 linewidth 2 notitle
    }
    unset label 7; unset label 8
    cell_top = title_height + legend_height + 32 + (across > 1 ? 0 : maps * cell_height)
    panel_left = (across > 1 ? 20 + map_width * maps : 0) + 82; panel_right = figure_width - 20; panel_top = cell_top; panel_bottom = cell_top + cell_height - 130
    panel_title = "Cuts through the minimum"; x_title = "Distance to the minimum"; y_title = "Objective"
    @place_panel
    set autoscale x; set yrange [0:*]; set xtics autofreq; set ytics autofreq
    plot for [f = 1:fn_count] cuts skip 1 using (is_cut(f, 0) ? $3 : NaN):4 with lines linecolor rgb series_colour(f) linewidth line_width notitle, \
        for [f = 1:fn_count] cuts skip 1 using (is_cut(f, 1) ? $3 : NaN):4 with lines linecolor rgb series_colour(f) linewidth line_width dashtype 2 notitle, \
        for [f = 1:fn_count] cuts skip 1 using (is_cut(f, 0) && at_mark(f, 0) ? $3 : NaN):4 with points linecolor rgb series_colour(f) pointtype mark(f, 0) pointsize point_size notitle, \
        for [f = 1:fn_count] cuts skip 1 using (is_cut(f, 1) && at_mark(f, 1) ? $3 : NaN):4 with points linecolor rgb series_colour(f) pointtype mark(f, 1) pointsize point_size notitle
    @end_figure
}
