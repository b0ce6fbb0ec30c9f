# evidence.gp - what the figures of a study share, `dlexp batchnorm` over learning rates and seeds: axes of accuracies and of
# rates, how nets are drawn, and cells that are empty or infinite.
greater(a, b) = a > b ? a : b
lesser(a, b) = a < b ? a : b

# An accuracy's place on its axis: errors, 100 - accuracy, logarithmic, so that failures at chance and tenths of a point
# between good nets are both seen.  Where nothing is wrong the error is taken for least_error.
least_error = 0.01
place(accuracy) = -log10(100 - accuracy < least_error ? least_error : 100 - accuracy)
# The tics of that axis from accuracy `low` to `high`: errors of 1, 2, 5 times a power of ten; on a short axis more of them, and
# on one of average length more of them above 95 %, where good nets differ.
accuracy_tics = 'set ytics (); error_span = place(high) - place(low); \
    error_factors = error_span > 1.2 ? "1 2 5" : error_span > 0.35 ? "1 1.5 2 3 4 5 7" : "1 1.2 1.4 1.6 1.8 2 2.2 2.4 2.6 2.8 3 3.5 4 4.5 5 6 7 8 9"; \
    do for [power = -2:2] { do for [factor in power == 0 && error_span > 1.2 && error_span < 2.2 ? "1 2 3 4 5" : error_factors] { \
        tic = 100 - factor * 10.0 ** power; \
        if (tic > -1e-9 && place(tic) >= place(low) - 1e-9 && place(tic) <= place(high) + 1e-9) { set ytics add (sprintf("%g", tic) place(tic)) } \
    } }'

# Learning rates stand by their logarithm.  Few have a tic each, more than that the powers of ten, or on a short axis steps
# between them.
set_rate_axis = 'rate_low = 1e300; rate_high = -1e300; \
    do for [rate in lrs] { rate_low = lesser(rate_low, log10(number(rate))); rate_high = greater(rate_high, log10(number(rate))) }; \
    rate_slot = 1.0; \
    do for [a = 1:words(lrs)] { do for [b = a + 1:words(lrs) > 60 ? a : words(lrs)] { \
        rate_slot = lesser(rate_slot, abs(log10(number(word(lrs, a))) - log10(number(word(lrs, b))))) } }; \
    rate_slot = words(lrs) > 60 ? (rate_high - rate_low) / words(lrs) : rate_slot; \
    rate_low = words(lrs) ? rate_low - 0.6 * rate_slot : -3; rate_high = words(lrs) ? rate_high + 0.6 * rate_slot : 0'
rate_tics = 'set xtics (); \
    if (words(lrs) <= 5) { do for [rate in lrs] { set xtics add (rate log10(number(rate))) } } \
    else { do for [power = int(floor(rate_low)):int(ceil(rate_high))] { do for [factor in rate_high - rate_low > 1.6 ? "1" : "1 2 5"] { \
        tic = power + log10(real(factor)); \
        if (tic >= rate_low && tic <= rate_high) { set xtics add (rate_text(real(factor), power) tic) } } } }'
rate_text(factor, power) = abs(power) <= 3 ? sprintf("%g", factor * 10.0 ** power) : power_text(factor, power)

# The net of place i in `norms`: colour, mark and dash all tell it, so that it is told in grey as well.
net_series(i) = norm_series(word(norms, i), i)
net_colour(i) = series_colour(net_series(i))
net_mark(i) = point_type(net_series(i), 1)
net_dash(i) = dash(net_series(i) == 2 ? 1 : net_series(i) == 1 ? 2 : net_series(i))
net_title(i) = norm_title(word(norms, i))
longest_net(dummy) = (longest = 8, nothing = sum [i = 1:words(norms)] (longest = greater(longest, strlen(net_title(i))), 0), longest)
# No more nets than can be told apart.
most_nets = 6
shown_nets(dummy) = lesser(words(norms), most_nets)
left_out_nets(dummy) = words(norms) > most_nets ? sprintf(" Of %d nets the first %d.", words(norms), most_nets) : ""

# A cell that may be empty or infinite; the latter is a number that finite() lets pass.
infinite = 5e299
cell(name) = strlen(stringcolumn(name)) ? (stringcolumn(name) eq "inf" ? infinite : stringcolumn(name) eq "nan" ? NaN : column(name)) : NaN
# claims.csv and pairs.csv: of a claim's own number, each net at a rate of its own; not of a rate that both nets have.
at_own_rates(dummy) = strlen(stringcolumn("lr")) == 0
