# accuracy_by_rate.gp - final test accuracy against the learning rate: every run a dot, the seeds' median with its interval,
# runs that did not train as crosses, each net's own best rate, and T, from which on a run counts as trained.  Reads
# summary.csv of `dlexp batchnorm`, and groups.csv, pairs.csv and claims.csv beside it.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
summary = input; tables = folder(input)
groups = tables."groups.csv"; pairs = tables."pairs.csv"; claims = tables."claims.csv"
load here."beside.gp"
input = claims; required = "id lr threshold"; load here."check.gp"; rows_of_claims = rows
rows_of_pairs = 0    # there are none of a net alone
if (has("pairs.csv")) {
    input = pairs; required = "claim lr at seed lr_batchnorm lr_none"; load here."check.gp"; rows_of_pairs = rows
}
input = groups; required = "norm lr selected_on final_test_percent_median final_test_percent_median_low final_test_percent_median_high"; load here."check.gp"; rows_of_groups = rows
input = summary; required = "norm lr seed outcome final_test_accuracy_percent"; load here."check.gp"
key_last = "seed"; own_first = "status"; load here."norms.gp"   # the other tables have the same settings
load here."runs.gp"
load here."evidence.gp"

# Nets, rates and seeds in the order of the table; what the accuracies span.
norms = " "; lrs = " "; seeds = " "; accuracy_low = 1e300; accuracy_high = -1e300; diverged = 0; failed = 0
# A run that diverged has no accuracy at the end; one without outcome is of a call that judges no claim.
accuracy(dummy) = stringcolumn("outcome") eq "diverged" ? NaN : cell("final_test_accuracy_percent")
has_trained(dummy) = stringcolumn("outcome") eq "trained" || strlen(stringcolumn("outcome")) == 0
span(x) = finite(x) ? (accuracy_low = lesser(accuracy_low, x), accuracy_high = greater(accuracy_high, x)) : (diverged = diverged + 1)
if (rows > 0) { stats summary using (norms = add(norms, norm_here(0)), lrs = add(lrs, stringcolumn("lr")), \
    seeds = add(seeds, stringcolumn("seed")), span(accuracy(0)), failed = failed + !has_trained(0), 0) nooutput }
net_count = shown_nets(0)
@set_rate_axis

# T of each combination of settings; equal ones are one line.
levels = " "
if (rows_of_claims > 0) { stats claims using (levels = stringcolumn("id") eq "rates" && finite(cell("threshold")) && cell("threshold") < infinite \
    ? add(levels, stringcolumn("threshold")) : levels, 0) nooutput }
do for [level in levels] { nothing = span(number(level)) }

# What chooses rates and T is measured on.  The rate that most seeds chose for a net, and its median there.
split = ""
if (rows_of_groups > 0) { stats groups using (split = stringcolumn("selected_on"), 0) nooutput }
array best_rate[words(norms) + 1]; array best_median[words(norms) + 1]
chosen = " "
chosen_of(dummy) = "batchnorm".values_of(varied)."|".stringcolumn("lr_batchnorm")." none".values_of(varied)."|".stringcolumn("lr_none")." "
if (rows_of_pairs > 0) { stats pairs using (chosen = stringcolumn("claim") eq "better" && at_own_rates(0) ? chosen.chosen_of(0) : chosen, 0) nooutput }
times(name) = sum [k = 1:words(chosen)] (word(chosen, k) eq name)
do for [n = 1:words(norms)] {
    best_rate[n] = ""; best_median[n] = NaN; most_times = 0
    do for [rate in lrs] {
        here_times = words(chosen) ? times(word(norms, n)."|".rate) : 0
        if (here_times > most_times) { most_times = here_times; best_rate[n] = rate }
    }
}
is_group(n) = norm_here(0) eq word(norms, n)
median(dummy) = cell("final_test_percent_median")
do for [n = 1:(rows_of_groups > 0 ? words(norms) : 0)] {
    stats groups using (best_median[n] = is_group(n) && stringcolumn("lr") eq best_rate[n] ? median(0) : best_median[n], 0) nooutput
}

# Dots stand beside their rate, a net at each side, seed by seed.
room = lesser(rate_slot, 0.12 * (rate_high - rate_low))
beside(i, count, width) = count < 2 ? 0 : width * ((i - 1) / (count - 1.0) - 0.5)
dot_x(n) = log10(column("lr")) + beside(n, net_count, 0.5 * room) + beside(find(seeds, stringcolumn("seed")), words(seeds), 0.42 * room / net_count)
dot_y(dummy) = finite(accuracy(0)) ? place(accuracy(0)) : place_low + 0.012 * (place_high - place_low)
dot(n, trained) = norm_here(0) eq word(norms, n) && has_trained(0) == trained ? dot_x(n) : NaN
group_x(n) = is_group(n) && finite(median(0)) ? log10(column("lr")) : NaN
edge(name) = finite(cell(name)) ? place(cell(name)) : place(median(0))
dot_size = words(lrs) > 24 ? 0.3 : words(lrs) > 8 || words(seeds) > 20 ? 0.42 : 0.55

figure_title = "Test accuracy at the end, by learning rate"
footnote = words(seeds) > 1 ? sprintf("Dots are runs (%d seeds), spread beside their rate. Line and band: median and its interval.", words(seeds)) : "A dot is a run (one seed), beside its rate."
footnote = footnote.(failed ? sprintf(" Did not train: %d of %d.", failed, rows) : "").(diverged ? sprintf(" At the bottom edge: diverged (%d).", diverged) : "").left_out_nets(0)
do for [n = 1:net_count] { nothing = entry(net_title(n), net_colour(n), 1.3 * line_width, net_dash(n), net_mark(n), point_size) }
if (failed) { nothing = entry("did not train", black, 0, 1, 2, point_size) }
if (words(chosen)) { nothing = entry((words(seeds) > 1 ? "rate that most seeds chose" : "rate that the seed chose").(split eq "test" ? "" : " on ".split), black, 0, 1, 6, 1.9) }
if (words(levels)) { nothing = entry(words(levels) > 1 ? "trained, or not" : sprintf("trained: %.4g %% or more%s", number(word(levels, 1)), split eq "test" ? "" : " on ".split), grey, 1.4, 3, 0, 0) }
@lay_out_legend
figure_height = 520 - title_room + legend_height + note_room(footnote)
place_low = accuracy_low > accuracy_high ? place(0) : place(accuracy_low)
place_high = accuracy_low > accuracy_high ? place(99) : place(accuracy_high)
place_room = greater(0.05 * (place_high - place_low), 0.02)
place_low = place_low - place_room; place_high = place_high + place_room
low = 100 - 10 ** -place_low; high = 100 - 10 ** -place_high
do for [format in formats] {
    @open_output
    @begin_figure
    if (net_count == 0) { set label 6 "No run in this table" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    if (net_count > 0) {
        panel_left = 98; y_title_distance = 70; panel_right = figure_width - 24; panel_top = title_height + legend_height + 12; panel_bottom = figure_height - 92 - note_room(footnote)
        panel_title = ""; x_title = "Learning rate (log scale)"; y_title = "Test accuracy (%), log scale of the error"
        @place_panel
        set xrange [rate_low:rate_high]; set yrange [place_low:place_high]
        @rate_tics
        @accuracy_tics
        do for [k = 1:words(levels)] {
            set arrow 20 + k from rate_low, place(number(word(levels, k))) to rate_high, place(number(word(levels, k))) nohead back \
                linecolor rgb grey linewidth 1.4 dashtype 3
        }
        plot for [n = 1:net_count] groups using (group_x(n)):(edge("final_test_percent_median_low")):(edge("final_test_percent_median_high")) \
                with filledcurves fillcolor rgb net_colour(n) notitle, \
            for [n = 1:net_count] summary using (dot(n, 0)):(dot_y(0)) with points linecolor rgb net_colour(n) pointtype 2 pointsize dot_size linewidth 1.1 notitle, \
            for [n = 1:net_count] summary using (dot(n, 1)):(dot_y(0)) with points linecolor rgb net_colour(n) pointtype net_mark(n) pointsize dot_size linewidth 1 notitle, \
            for [n = 1:net_count] groups using (group_x(n)):(place(median(0))) with lines linecolor rgb net_colour(n) dashtype net_dash(n) linewidth 1.3 * line_width notitle, \
            for [n = 1:net_count] groups using (group_x(n)):(place(median(0))) with points linecolor rgb net_colour(n) pointtype net_mark(n) pointsize 1.6 * dot_size notitle, \
            for [n = 1:net_count] '+' using (strlen(best_rate[n]) ? log10(number(best_rate[n])) : NaN):(place(best_median[n])) every ::0::0 \
                with points linecolor rgb black pointtype 6 pointsize 1.9 linewidth 1.6 notitle
        do for [k = 1:words(levels)] { unset arrow 20 + k }
    }
    @end_figure
}
