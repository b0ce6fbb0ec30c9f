# paired_differences.gp - what BatchNorm adds to the test accuracy at the end, seed by seed: a dot for each seed with the
# claim's estimate and interval, at each learning rate that both nets have, and at the left each net at its own best rate,
# which is the claim.  The axis is linear near 0 and logarithmic far from it; the band is the margin.  Reads pairs.csv of
# `dlexp batchnorm`, and claims.csv beside it.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
pairs = input; claims = folder(input)."claims.csv"
input = claims; required = "id lr threshold verdict estimate low high level margin"; load here."check.gp"; rows_of_claims = rows
input = pairs; required = "claim lr at seed effect"; load here."check.gp"
key_last = "at"; own_first = "seed"; load here."norms.gp"   # claims.csv has the same settings
load here."runs.gp"
load here."evidence.gp"

# Each combination of other settings is a series: BatchNorm's less the plain net's.
norms = " "; lrs = " "; seeds = " "; lowest = 0.0; highest = 0.0; pair_count = 0
is_better(dummy) = stringcolumn("claim") eq "better"
series_here(dummy) = "batchnorm".values_of(varied)
span(x) = finite(x) ? (lowest = lesser(lowest, x), highest = greater(highest, x)) : 0
if (rows > 0) { stats pairs using (is_better(0) ? (norms = add(norms, series_here(0)), \
    lrs = at_own_rates(0) ? lrs : add(lrs, stringcolumn("lr")), seeds = add(seeds, stringcolumn("seed")), \
    pair_count = pair_count + 1, span(cell("effect")), 0) : 0) nooutput }
series_count = shown_nets(0)
@set_rate_axis

# The claim in words, of one series; intervals and the margin of all.
margin = 0.0; remark = ""; levels = " "
is_claim(dummy) = stringcolumn("id") eq "better"
points(x) = sprintf("%+.2f", x)
note_claim(dummy) = (remark = finite(cell("estimate")) ? sprintf("Each net at its own best rate: %s points%s: %s", points(cell("estimate")), \
    finite(cell("low")) ? sprintf(" (%.4g %% interval %s to %s)", 100 * column("level"), points(cell("low")), points(cell("high"))) : "", stringcolumn("verdict")) \
    : stringcolumn("verdict"))
if (rows_of_claims > 0) { stats claims using (is_claim(0) ? (margin = finite(cell("margin")) ? cell("margin") : margin, \
    levels = finite(cell("low")) && !at_own_rates(0) ? add(levels, sprintf("%.4g", 100 * column("level"))) : levels, \
    span(cell("low")), span(cell("high")), at_own_rates(0) && words(norms) == 1 ? note_claim(0) : 0, 0) : 0) nooutput }

# The axis: asinh of the difference in units of the margin.
unit = margin > 0 ? margin : 0.1
place_of(x) = asinh(x / unit)
difference_tics = 'set ytics ("0" 0); do for [tic in "0.001 0.002 0.005 0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10 20 50 100"] { \
    if (real(tic) > 0.9 * unit && (real(tic) < 2.5 * unit || tic[1:1] ne "2") && place_of(real(tic)) <= greater(highest_place, -lowest_place)) { \
        set ytics add ("+".tic place_of(real(tic)), "−".tic -place_of(real(tic))) } }'
lowest_place = lesser(place_of(lowest), -1.3) - 0.35; highest_place = greater(place_of(highest), 1.3) + 0.35

# The claim's own place stands apart at the left, one slot and a gap before the first rate.
room = lesser(rate_slot, 0.12 * (rate_high - rate_low))
own_room = 0.13 * (rate_high - rate_low)
own_x = rate_low - 0.75 * own_room; left_end = rate_low - 1.5 * own_room; divide = rate_low - 0.15 * own_room
beside(i, count, width) = count < 2 ? 0 : width * ((i - 1) / (count - 1.0) - 0.5)
centre(i) = (at_own_rates(0) ? own_x : log10(column("lr"))) + beside(i, series_count, 0.5 * width_here(0))
width_here(dummy) = at_own_rates(0) ? own_room : room
dot_x(i) = is_better(0) && series_here(0) eq word(norms, i) ? centre(i) + width_here(0) * (series_count < 2 ? 0.14 : 0.1) \
           + beside(find(seeds, stringcolumn("seed")), words(seeds), 0.32 * width_here(0) / series_count) : NaN
mean_x(i) = is_claim(0) && series_here(0) eq word(norms, i) && finite(cell("estimate")) && (at_own_rates(0) || find(lrs, stringcolumn("lr"))) \
            ? centre(i) - width_here(0) * (series_count < 2 ? 0.16 : 0.04) : NaN
bound(name) = finite(cell(name)) ? place_of(cell(name)) : place_of(cell("estimate"))
series_title(i) = words(norms) == 1 ? "one seed's difference" : net_title(i)
dot_size = words(lrs) > 24 ? 0.3 : words(lrs) > 8 || words(seeds) > 20 ? 0.45 : 0.6

figure_title = "Test accuracy with BatchNorm minus without it"
footnote = (margin > 0 ? sprintf("Band: the margin, ±%g points. ", margin) : "").(words(levels) == 1 ? sprintf("At common rates %s %% intervals, which hold together.", word(levels, 1)) : "").left_out_nets(0)
do for [i = 1:series_count] { nothing = entry(series_title(i), net_colour(i), 0, 1, net_mark(i), point_size) }
if (series_count) { nothing = entry("estimate, interval", black, 1.8, 1, 13, 1.1) }
@lay_out_legend
remark = broken(remark, 1.15); remark_room = 18 * (lines_of(remark) - 1)
figure_height = 510 - title_room + legend_height + remark_room + note_room(footnote)
do for [format in formats] {
    @open_output
    @begin_figure
    if (pair_count == 0) { set label 6 "No pair of runs in this table: they take both nets" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    if (pair_count > 0) {
        panel_left = 98; y_title_distance = 72; panel_right = figure_width - 24; panel_top = title_height + legend_height + 34 + remark_room; panel_bottom = figure_height - 92 - note_room(footnote)
        panel_title = remark; x_title = "Learning rate of both nets (log scale)"; y_title = "Difference (points), linear near 0"
        @place_panel
        set xrange [left_end:rate_high]; set yrange [lowest_place:highest_place]
        @rate_tics
        set xtics add (figure_width < 600 ? "own\nbest" : "own best" own_x)
        @difference_tics
        set arrow 20 from divide, graph 0 to divide, graph 1 nohead back linecolor rgb grey linewidth 0.8
        set object 1 rectangle from left_end, place_of(-margin) to rate_high, place_of(margin) back fillcolor rgb light fillstyle solid 0.45 noborder
        plot 0 with lines linecolor rgb black linewidth 1 notitle, \
            for [i = 1:series_count] pairs using (dot_x(i)):(place_of(cell("effect"))) with points \
                linecolor rgb net_colour(i) pointtype net_mark(i) pointsize dot_size notitle, \
            for [i = 1:(rows_of_claims > 0 ? series_count : 0)] claims using (mean_x(i)):(place_of(cell("estimate"))):(bound("low")):(bound("high")) \
                with yerrorbars linecolor rgb black pointtype 13 pointsize 0.9 linewidth 1.8 notitle
        unset arrow 20; unset object 1
    }
    @end_figure
}
