# landscape.gp - level lines of the functions of `dlexp optim`: reads the tables `landscape` and `minima`, whose columns
# are fn, x, y, objective.
#
# Gives fns (their names), and for function f of them: $grid_f (x, y, objective, header-less), $levels_f (its level
# lines), and the arrays x_low, x_high, y_low, y_high, minimum_x, minimum_y (its first minimum).  Reads by column names,
# and leaves `unset datafile columnheaders`.
fns = " "; points = 0
stats landscape using (fns = add(fns, stringcolumn("fn")), points = points + 1, 0) nooutput
fn_count = words(fns)
array x_low[fn_count]; array x_high[fn_count]; array y_low[fn_count]; array y_high[fn_count]
array value_high[fn_count]; array value_low[fn_count]; array minimum_x[fn_count]; array minimum_y[fn_count]
array grid_fn[points]; array grid_x[points]; array grid_y[points]; array grid_value[points]
do for [f = 1:fn_count] {
    x_low[f] = 1e300; x_high[f] = -1e300; y_low[f] = 1e300; y_high[f] = -1e300; value_high[f] = -1e300; value_low[f] = 1e300
    minimum_x[f] = NaN; minimum_y[f] = NaN
}
array grid_first[fn_count]; array grid_last[fn_count]
do for [f = 1:fn_count] { grid_first[f] = 0; grid_last[f] = 0 }
lower(x, than) = x < than ? x : than
higher(x, than) = x > than ? x : than
stats landscape using (i = column(0) + 1, f = find(fns, stringcolumn("fn")), grid_fn[i] = f, \
    x = column("x"), y = column("y"), value_here = column("objective"), grid_x[i] = x, grid_y[i] = y, grid_value[i] = value_here, \
    grid_first[f] = grid_first[f] > 0 ? grid_first[f] : i, grid_last[f] = i, \
    x_low[f] = lower(x, x_low[f]), x_high[f] = higher(x, x_high[f]), y_low[f] = lower(y, y_low[f]), y_high[f] = higher(y, y_high[f]), \
    value_low[f] = lower(value_here, value_low[f]), value_high[f] = finite(value_here) ? higher(value_here, value_high[f]) : value_high[f], \
    0) nooutput
stats minima using (f = find(fns, stringcolumn("fn")), f && !finite(minimum_x[f > 0 ? f : 1]) ? \
    (minimum_x[f] = column("x"), minimum_y[f] = column("y")) : 0, 0) nooutput
unset datafile columnheaders

# Lines at 1, 2, 5 times powers of ten above the lowest value, or where it is steep at 1 and 3; splot wants an empty line
# after every row of the grid.  The lines are those of the root of f above its lowest: that one is nearly straight from one
# grid point to the next where f is steep, so lines of a narrow valley come out smooth.
set contour base
unset surface
do for [f = 1:fn_count] {
    eval sprintf("set print $grid_%d", f)
    previous = 0
    do for [i = int(grid_first[f]):int(grid_last[f])] {
        if (grid_fn[i] == f) {
            if (previous && grid_y[previous] != grid_y[i]) { print "" }
            print sprintf("%.9g,%.9g,%.9g", grid_x[i], grid_y[i], sqrt(grid_value[i] - value_low[f]))
            previous = i
        }
    }
    set print
    levels = ""; level_count = 0
    level_top = int(floor(log10(value_high[f] - value_low[f] > 0 ? value_high[f] - value_low[f] : 1)))
    do for [power = level_top:level_top - 4:-1] { do for [factor in value_high[f] > 50 ? "3 1" : "5 2 1"] {
        level = real(factor) * 10.0 ** power
        if (level < 0.95 * (value_high[f] - value_low[f]) && level_count < (value_high[f] > 50 ? 6 : 8)) {
            levels = sprintf("%.9g%s", sqrt(level), level_count ? "," : "").levels
            level_count = level_count + 1
        }
    } }
    eval "set cntrparam levels discrete ".(level_count ? levels : "1")
    eval sprintf("set table $levels_%d; splot $grid_%d using 1:2:3; unset table", f, f)
}
unset contour
set surface

# The value of each line, as x,y,text in $names_f: at its point that is farthest from the minimum, of equal ones the lower
# one, and not at the edge of the window; on one of f's long axes, where lines lie farthest apart.
inner(x, low, high) = x > low + 0.06 * (high - low) && x < high - 0.06 * (high - low)
level_text(root, f) = sprintf("%.3g", root ** 2 + (abs(value_low[f]) < 1e-12 ? 0 : value_low[f]))
do for [f = 1:fn_count] {
    eval sprintf("level_lines = |$levels_%d|", f)
    eval sprintf("set print $names_%d", f)
    print "1e300,1e300,"
    level = -1; last_x = 0; last_y = 0
    do for [i = 1:level_lines + 1] {
        line = "#"
        if (i <= level_lines) { eval sprintf("line = $levels_%d[i]", f) }
        if (words(line) >= 3 && line[1:1] ne "#") {
            level_at_x = real(word(line, 1)); level_at_y = real(word(line, 2))
            if (level < 0 || abs(level - real(word(line, 3))) > 1e-9 * (1 + level)) {
                if (level >= 0 && far > 0.02) { print sprintf("%.9g,%.9g,%s", far_x, far_y, level_text(level, f)) }
                level = real(word(line, 3)); far = -1
            }
            away = ((level_at_x - minimum_x[f]) / (x_high[f] - x_low[f])) ** 2 + ((level_at_y - minimum_y[f]) / (y_high[f] - y_low[f])) ** 2
            if (inner(level_at_x, x_low[f], x_high[f]) && inner(level_at_y, y_low[f], y_high[f]) && \
                (away > far * 1.001 || (away > 0.999 * far && level_at_y < far_y))) { far = away; far_x = level_at_x; far_y = level_at_y }
        }
    }
    if (level >= 0 && far > 0.02) { print sprintf("%.9g,%.9g,%s", far_x, far_y, level_text(level, f)) }
    set print
}
set style textbox opaque margins 0.3, 0.3 fillcolor rgb "white" noborder
draw_names = 'names_of(f) using 1:2:3 with labels font note_font textcolor rgb grey boxed notitle'
names_of(f) = sprintf("$names_%d", f)

# The largest box of the shape of function f's window inside left, right, top, bottom, centred: fit_panel sets panel_*.
fit_scale(f, width, height) = lesser(width / (x_high[f] - x_low[f]), height / (y_high[f] - y_low[f]))
lesser(a, b) = a < b ? a : b
fit_panel = 'panel_scale = fit_scale(f, 1.0 * (cell_right - cell_left), 1.0 * (cell_bottom - cell_top)); \
    panel_left = 0.5 * (cell_left + cell_right - panel_scale * (x_high[f] - x_low[f])); \
    panel_right = cell_left + cell_right - panel_left; \
    panel_top = 0.5 * (cell_top + cell_bottom - panel_scale * (y_high[f] - y_low[f])); \
    panel_bottom = cell_top + cell_bottom - panel_top'
map_axes = 'set xrange [x_low[f]:x_high[f]]; set yrange [y_low[f]:y_high[f]]; unset grid; \
    set border 15 linecolor rgb grey linewidth 0.8; \
    set xtics nice_step(x_high[f] - x_low[f], 6); set ytics nice_step(y_high[f] - y_low[f], 6); \
    set format x "%g"; set format y "%g"'

# Columns of `input` by number, for `plot input skip 1`.
spaced(text) = strstrt(text, ",") ? text[1:strstrt(text, ",") - 1]." ".spaced(text[strstrt(text, ",") + 1:*]) : text
column_of(name) = find(" ".spaced(header)." ", name)
levels_of(f) = sprintf("$levels_%d", f)
# gnuplot separates the coordinates of contours by blanks whatever the separator is.
coordinate(i) = real(word(stringcolumn(1), i))
