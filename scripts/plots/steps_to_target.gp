# steps_to_target.gp - how many training steps each seed's run takes to the target accuracy, each net at its own fastest
# rate: the share of seeds that are there after so many steps.  Runs that never get there are counted at the right edge.
# Reads pairs.csv of `dlexp batchnorm`, and claims.csv beside it.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
pairs = input; claims = folder(input)."claims.csv"
input = claims; required = "id lr threshold verdict estimate low high level"; load here."check.gp"; rows_of_claims = rows
input = pairs; required = "claim lr seed lr_batchnorm lr_none batchnorm none"; load here."check.gp"
key_last = "at"; own_first = "seed"; load here."norms.gp"
load here."runs.gp"
load here."evidence.gp"

# A net's seeds are its base's column of the pairs with its settings.
is_faster(dummy) = stringcolumn("claim") eq "faster" && at_own_rates(0)
norms = " "
if (rows > 0) { stats pairs using (norms = is_faster(0) ? add(add(norms, "none".values_of(varied)), "batchnorm".values_of(varied)) : norms, 0) nooutput }
net_count = shown_nets(0)
steps(n) = is_faster(0) && values_of(varied) eq word(norms, n)[strlen(base(word(norms, n))) + 1:*] ? cell(base(word(norms, n))) : NaN

# How many there are of each net, how many get there, and at which rates.
array count[words(norms) + 1]; array there[words(norms) + 1]; array rates[words(norms) + 1]
low = 1e300; high = -1e300
span(x) = x > 0 && x < infinite ? (low = lesser(low, x), high = greater(high, x), 1) : 0
do for [n = 1:words(norms)] {
    count[n] = 0; there[n] = 0; rates[n] = " "
    stats pairs using (x = steps(n), x == x ? (count[n] = count[n] + 1, there[n] = there[n] + span(x), \
        rates[n] = add(rates[n], stringcolumn("lr_".base(word(norms, n))))) : 0, 0) nooutput
}
least_rate(list) = (r = word(list, 1), nothing = sum [k = 1:words(list)] (r = number(word(list, k)) < number(r) ? word(list, k) : r, 0), r)
largest_rate(list) = (r = word(list, 1), nothing = sum [k = 1:words(list)] (r = number(word(list, k)) > number(r) ? word(list, k) : r, 0), r)
rates_text(list) = words(list) == 1 ? sprintf("lr %.3g", number(word(list, 1))) : sprintf("lr %.3g to %.3g", number(least_rate(list)), number(largest_rate(list)))
legend_title(n) = sprintf("%s, %s", net_title(n), rates_text(rates[n]))

# What claims.csv says of one combination of settings; of several, their curves alone.
target = ""; remark = ""
ratio_text(x) = x >= infinite ? "∞" : sprintf("%.3g", x)
note_claim(dummy) = (target = stringcolumn("threshold"), remark = finite(cell("estimate")) ? sprintf("Steps without BatchNorm / with it: %s%s: %s", \
    ratio_text(cell("estimate")), finite(cell("low")) ? sprintf(" (%.1f %% interval %s to %s)", 100 * column("level"), ratio_text(cell("low")), ratio_text(cell("high"))) : "", \
    stringcolumn("verdict")) : stringcolumn("verdict"))
if (words(norms) <= 2 && rows_of_claims > 0) { stats claims using (stringcolumn("id") eq "faster" && at_own_rates(0) ? note_claim(0) : 0, 0) nooutput }

figure_title = "Steps to ".(strlen(target) && number(target) < infinite ? sprintf("%.4g %% accuracy", number(target)) : "the target accuracy")
footnote = "Share of seeds whose run has met the target at some evaluation.".left_out_nets(0)
do for [n = 1:net_count] { nothing = entry(legend_title(n), net_colour(n), 1.3 * line_width, net_dash(n), net_mark(n), point_size) }
@lay_out_legend
remark = broken(remark, 1.15); remark_room = 18 * (lines_of(remark) - 1)
figure_height = 486 - title_room + legend_height + remark_room + note_room(footnote)
empty = low > high
low = empty ? 100 : low / 1.5; high = empty ? 10000 : high * 1.5
# Behind the last step a strip for those that never get there; a curve ends before it, at the share that does.
edge = log10(high) + 0.02 * (log10(high) - log10(low)); right = edge + 0.17 * (log10(high) - log10(low))
share(n) = count[n] ? 100.0 / count[n] : 0
end_text(n) = there[n] == count[n] ? sprintf("all %d", count[n]) : sprintf("%d, never %d", there[n], count[n] - there[n])
# Equal ends stand one below the other, in the lower half one above the other.
end_of(n) = 100.0 * there[n] / greater(count[n], 1)
same_before(n) = n < 2 ? 0 : sum [k = 1:n - 1] (abs(end_of(k) - end_of(n)) < 5)
label_at(n) = greater(end_of(n), 3) + (end_of(n) < 50 ? 7 : -7) * same_before(n)
# Each net's share of seeds, from 0 at its first to the strip: a block of lines for a net.  What is no number would break the
# sum in two, so all other rows add 0 at the strip.
met(n) = steps(n) < infinite
set print $curves
set print
set xrange [log10(low):right]; set yrange [0:101]
do for [n = 1:net_count] {
    set table $sorted
    plot pairs using (met(n) ? log10(steps(n)) : edge):(met(n) ? share(n) : 0) smooth cumulative
    unset table
    set print $curves append
    first = 1
    do for [i = 1:|$sorted|] {
        if (words($sorted[i]) == 3 && word($sorted[i], 3) eq "i") {
            if (first) { print there[n] ? word($sorted[i], 1) : sprintf("%.9g", log10(low)), ",0"; first = 0 }
            print word($sorted[i], 1).",".word($sorted[i], 2)
        }
    }
    print sprintf("%.9g,%.9g", edge, end_of(n))
    print ""; print ""
    set print
}
step_tics = 'set xtics (); do for [power = int(floor(log10(low))):int(ceil(log10(high)))] { do for [factor in log10(high / low) < 2.2 ? "1 2 5" : "1"] { \
    tic = power + log10(real(factor)); \
    if (tic >= log10(low) && tic <= log10(high)) { set xtics add (abs(power) < 5 ? sprintf("%g", real(factor) * 10.0 ** power) : power_text(real(factor), power) tic) } } }'
unset datafile columnheaders
do for [format in formats] {
    @open_output
    @begin_figure
    if (net_count == 0) { set label 6 "No steps to a target in this table: they take both nets" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    if (net_count > 0) {
        panel_left = 86; panel_right = figure_width - 24; panel_top = title_height + legend_height + 34 + remark_room; panel_bottom = figure_height - 92 - note_room(footnote)
        panel_title = remark; x_title = "Training steps (log scale)"; y_title = "Seeds that are there (%)"
        @place_panel
        set xrange [log10(low):right]; set yrange [-3:106]
        set ytics 25
        @step_tics
        set object 1 rectangle from edge, graph 0 to right, graph 1 back fillcolor rgb light fillstyle solid 0.35 noborder
        set label 7 "at the end" at 0.5 * (edge + right), graph 0 center offset 0, -1 font note_font textcolor rgb grey
        do for [n = 1:net_count] {
            set label 20 + n end_text(n) \
                at edge, label_at(n) left offset 0.5, 0 textcolor rgb net_colour(n)
        }
        plot 50 with lines linecolor rgb grey linewidth 1 dashtype 3 notitle, \
            for [n = 1:net_count] $curves index n - 1 using 1:2 with steps linecolor rgb net_colour(n) dashtype net_dash(n) linewidth 1.3 * line_width notitle, \
            for [n = 1:net_count] $curves index n - 1 using ($1 < edge - 1e-6 && $2 > 0 ? $1 : NaN):2 with points linecolor rgb net_colour(n) pointtype net_mark(n) pointsize point_size notitle
        do for [n = 1:net_count] { unset label 20 + n }
        unset object 1; unset label 7
    }
    @end_figure
}
