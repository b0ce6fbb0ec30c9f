# sgd_mean.gp - the tables of `dlexp sgd-mean` below the folder ARG1, and how to draw one column of them: trajectories
# thin, bands over the trials shaded, theory dashed.
#
# Called after style.gp, with `usage_name` set, and `legend_floors`: whether the legend names the floors.  Gives: lrs,
# lr_count, rows, trials, variance, shuffled, has_bands, has_theory, iteration_last, array floor_of; remark and footnote; the macros
# begin_figure, name_lines, draw_bands, draw_trajectories, draw_answers, draw_theory, draw_marks.  The figure defines figure_title, side_title,
# note_below, shown(x): what it draws of a squared error, and band_edge(x): the same for an edge of a band.
if (arguments != 2) {
    print sprintf("usage: gnuplot -d -c %s.gp RESULTS_DIR OUTPUT_STEM   (writes OUTPUT_STEM.svg and OUTPUT_STEM.png)", \
        usage_name)
    exit status 2
}
results = input
tables = results; load here."beside.gp"

bands = results."/bands.csv"
has_bands = has("bands.csv")
theory = results."/theory.csv"
has_theory = has("theory.csv")
if (has_bands) {
    input = bands; required = "lr trials iteration mean q5 q25 q50 q75 q95"; load here."check.gp"
    has_bands = rows > 0
}
if (has_theory) {
    input = theory; required = "lr iteration expected_squared_error stationary_squared_error"; load here."check.gp"
    has_theory = rows > 0
}
# The level each rate ends at, the variance of the points and how they are drawn: summary.csv says them.
summary = results."/summary.csv"
input = summary; required = "lr sampling variance terminal_error"; load here."check.gp"
rows_of_summary = rows
trajectory = results."/trajectory.csv"
input = trajectory; required = "lr trial iteration y objective squared_error"; load here."check.gp"

lrs = " "; iteration_last = 0; variance = 0.0
if (rows > 0) {
    stats trajectory using (lrs = add(lrs, stringcolumn("lr")), \
        iteration_last = column("iteration") > iteration_last ? column("iteration") : iteration_last, 0) nooutput
}
lr_count = words(lrs)
lr_of(c) = c <= lr_count ? word(lrs, c) : "none"
of(c) = stringcolumn("lr") eq lr_of(c)
shuffled = 0
if (rows_of_summary > 0) {
    stats summary using (variance = column("variance"), shuffled = shuffled || stringcolumn("sampling") eq "shuffle", 0) nooutput
}
trials = 1
if (has_bands) { stats bands every ::0::0 using (trials = int(column("trials")), 0) nooutput }
# The level each rate settles at; 0 where it settles at none.
array floor_of[lr_count + 1]
do for [c = 1:lr_count + 1] { floor_of[c] = 0.0 }
if (has_theory) {
    do for [c = 1:lr_count] {
        stats theory using (level = column("stationary_squared_error"), \
            of(c) && finite(level) ? (floor_of[c] = level, 0) : 0) nooutput
    }
}

# Of very long runs a part of the iterations, so that a picture stays a picture.
thin = iteration_last > 4000 ? int(ceil(iteration_last / 4000.0)) : 1
colour(c) = series_colour(c)
# Rates have marks, and every second one a dashed line, so that they can be told apart without colour; marks not all at the
# same iterations.
mark(c) = point_type(c, 1 + (c - 1) / 5)
mark_step = iteration_last >= 12 ? int(iteration_last / 12) : 1
at_mark(c) = int(column("iteration")) % mark_step == int(mark_step * (c - 0.5) / lr_count)
line_of(c) = has_bands || has_theory ? 2.2 : line_width
line_dash(c) = c % 2 ? 1 : 2

# The answer is what is expected: the mean over the trials with its bands, or with one trial the expectation of theory; the
# trial itself lies thin behind it.
has_answer = has_bands || has_theory
legend_name(c) = sprintf("lr %s", lr_of(c)).(has_bands ? sprintf(", mean of %d trials", trials) : has_theory ? ", expectation" : ", one trial")
do for [c = 1:lr_count] { nothing = entry(legend_name(c), colour(c), line_of(c), line_dash(c), mark(c), point_size) }
if (has_bands && has_theory) { nothing = entry("expectation (theory)", black, 1.2, 3, 0, 0) }
if (rows > 0 && has_answer) { nothing = entry("one trial", grey, thin_width, 1, 0, 0) }
if (has_bands) { nothing = entry("25 to 75 %", faint(grey), 9, 1, 0, 0) + entry("5 and 95 %", grey, thin_width, 2, 0, 0) }
@lay_out_legend
figure_height = figure_height - title_room + legend_height - legend_line
from_top(pixels) = 1 - pixels / (1.0 * figure_height)
# Right of the frame is room for the rates' names, if theory has lines there to be named.
name_text(c) = sprintf("lr %s", lr_of(c)).(legend_floors && floor_of[c] > 0 ? sprintf(": %.2g", floor_of[c]) : "")
name_width = 0
if (has_theory) { do for [c = 1:lr_count] { name_width = wider(name_width, 0.85 * text_pixels(name_text(c)) + 26) } }
frame_left = 98.0 / figure_width; frame_right = 0.98 - (name_width > 160 ? 160 : name_width > 16 ? name_width : 16) / (1.0 * figure_width)
legend_from = 40 - title_room
frame_top = from_top(legend_from + 16 + legend_height)
frame_bottom = 106.0 / figure_height

# Theory and the floors look alike for all rates, so each has its rate's mark and name where it meets the right edge: name_lines
# collects these places, from the top in pixels, of the values they are given; a rate whose two places nearly agree has
# one name.  Names that would stand upon each other are pushed apart.
name_distance = 15.0
frame_pixels = (frame_top - frame_bottom) * figure_height
array name_at[2 * lr_count + 1]; array name_rate[2 * lr_count + 1]
array expected_last[lr_count + 1]
name_count = 0
do for [c = 1:lr_count + 1] { expected_last[c] = NaN }
if (has_theory) {
    do for [c = 1:lr_count] {
        stats theory using (of(c) ? (expected_last[c] = column("expected_squared_error"), 0) : 0) nooutput
    }
}
# Where a value of the axis is: 0 at the top of the frame, 1 at its bottom.
share(x) = axis_is_log ? (x > 0 && x < 1e300 ? (log10(axis_high) - log10(x)) / (log10(axis_high) - log10(axis_low)) : NaN) \
    : (axis_high - x) / (axis_high - axis_low)
add_name(c, place) = place >= 0 && place <= 1 \
    && !(name_count > 0 && name_rate[name_count > 0 ? name_count : 1] == c && abs(place * frame_pixels - name_at[name_count > 0 ? name_count : 1]) < 2 * name_distance) ? \
    (name_count = name_count + 1, name_at[name_count] = place * frame_pixels, name_rate[name_count] = c) : 0
name_lines = '\
    do for [c = 1:has_theory ? lr_count : 0] { \
        nothing = add_name(c, share(shown(expected_last[c]))); \
        if (floor_of[c] > 0 && legend_floors) { nothing = add_name(c, share(shown(floor_of[c]))) } \
    }; \
    do for [i = 2:name_count] { do for [j = i:2:-1] { if (name_at[j] < name_at[j - 1]) { \
        swap = name_at[j]; name_at[j] = name_at[j - 1]; name_at[j - 1] = swap; \
        swap = name_rate[j]; name_rate[j] = name_rate[j - 1]; name_rate[j - 1] = swap } } }; \
    do for [sweep = 1:60] { do for [i = 2:name_count] { push = 0.5 * (name_distance - (name_at[i] - name_at[i - 1])); \
        if (push > 0) { name_at[i - 1] = name_at[i - 1] - push; name_at[i] = name_at[i] + push } } }'

remark = rows == 0 ? "No iteration in these tables" : ""
footnote = has_answer ? "" : "Line: one trial."
unset key
set lmargin at screen frame_left; set rmargin at screen frame_right
set tmargin at screen frame_top; set bmargin at screen frame_bottom
begin_figure = '\
    set label 1 titled(figure_title) at screen 0.5 * (frame_left + frame_right), from_top(20) center font title_font; \
    set label 2 footnote at screen 20.0 / figure_width, 46.0 / figure_height left font note_font textcolor rgb grey; \
    set label 6 wrapped(note_below) at screen 20.0 / figure_width, (3.0 + note_bottom(note_below)) / figure_height left font note_font textcolor rgb grey; \
    set label 3 side_title at screen 0.022, 0.5 * (frame_top + frame_bottom) rotate by 90 center; \
    set label 5 "Iteration" at screen 0.5 * (frame_left + frame_right), frame_bottom - 44.0 / figure_height center; \
    if (strlen(remark)) { set label 4 remark at screen 0.54, 0.5 center textcolor rgb grey }; \
    @set_legend; \
    do for [i = 1:name_count] { \
        name_y = frame_top - name_at[i] / figure_height; \
        set label 10 + 2 * i "" at screen frame_right + 13.0 / figure_width, name_y \
            point pointtype mark(name_rate[i]) pointsize 0.7 * point_size linecolor rgb colour(name_rate[i]); \
        set label 11 + 2 * i name_text(name_rate[i]) at screen frame_right + 22.0 / figure_width, name_y \
            left font note_font \
    }'
set xrange [0:iteration_last > 0 ? iteration_last : 1]
if (iteration_last < 10) { set xtics 1 }

# Parts of a plot command; each ends in a comma, or is empty where there is no such table (even a loop over nothing
# would open it).
iteration_of = '(of(c) ? column("iteration") : NaN)'
draw_bands = !has_bands ? '' : '\
    for [c = 1:lr_count] bands every thin using @iteration_of:(band_edge(column("q25"))):(band_edge(column("q75"))) \
        with filledcurves fillcolor rgb colour(c) fillstyle transparent solid (c % 2 ? 0.3 : 0.2) noborder, \
    for [c = 1:lr_count] bands every thin using @iteration_of:(band_edge(column("q5"))) with lines \
        linecolor rgb colour(c) linewidth thin_width dashtype 2, \
    for [c = 1:lr_count] bands every thin using @iteration_of:(band_edge(column("q95"))) with lines \
        linecolor rgb colour(c) linewidth thin_width dashtype 2,'
draw_trajectories = rows == 0 ? '' : '\
    for [c = lr_count:1:-1] trajectory every thin using @iteration_of:(shown(column("squared_error"))) \
        with lines linecolor rgb (has_answer ? faint(colour(c)) : colour(c)) linewidth (has_answer ? 0.7 : line_of(c)),'
answer = has_bands ? "bands" : "theory"
draw_answers = !has_answer ? '' : '\
    for [c = 1:lr_count] @answer every thin using @iteration_of:(shown(column(answer_column))) \
        with lines linecolor rgb colour(c) linewidth line_of(c) dashtype line_dash(c),'
answer_column = has_bands ? "mean" : "expected_squared_error"
draw_theory = !(has_theory && has_bands) ? '' : '\
    for [c = 1:lr_count] theory every thin using @iteration_of:(shown(column("expected_squared_error"))) \
        with lines linecolor rgb black linewidth 1.2 dashtype 3,'
draw_marks = has_answer ? '\
    for [c = 1:lr_count] @answer using (of(c) && at_mark(c) ? column("iteration") : NaN):(shown(column(answer_column))) \
        with points linecolor rgb colour(c) pointtype mark(c) pointsize point_size,' : rows == 0 ? '' : '\
    for [c = lr_count:1:-1] trajectory using (of(c) && at_mark(c) ? column("iteration") : NaN):(shown(column("squared_error"))) \
        with points linecolor rgb colour(c) pointtype mark(c) pointsize point_size,'
