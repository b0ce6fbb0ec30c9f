# bench.gp - what share of the core's FMA peak each kernel reaches.  Reads bench.csv of `dlexp bench --out DIR`.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "group name shape gflop_s peak_share"; load here."check.gp"

array bar_name[rows + 1]; array bar_value[rows + 1]; array bar_low[rows + 1]; array bar_high[rows + 1]
array bar_text[rows + 1]; array bar_series[rows + 1]
bar_count = 0; peak = NaN
groups = "net wide square"
kept(group, share) = strstrt(" ".groups." ", " ".group." ") > 0 && finite(share)
note_bar(name, shape, group, share, rate) = (bar_count = bar_count + 1, bar_name[bar_count] = name."  ".shape, \
    bar_value[bar_count] = 100 * share, bar_low[bar_count] = NaN, bar_high[bar_count] = NaN, \
    bar_text[bar_count] = sprintf("%.0f %%  %.0f GFLOP/s", 100 * share, rate), \
    bar_series[bar_count] = group eq "net" ? (name[1:6] eq "sparse" ? 2 : 1) : group eq "wide" ? 3 : 4, 0)
if (rows > 0) {
    stats input using (stringcolumn("group") eq "peak" ? (peak = column("gflop_s"), 0) : \
        kept(stringcolumn("group"), column("peak_share")) ? note_bar(stringcolumn("name"), stringcolumn("shape"), \
        stringcolumn("group"), column("peak_share"), column("gflop_s")) : 0, 0) nooutput
}
bar_title = finite(peak) ? sprintf("Share of a core's FMA peak (%.0f GFLOP/s)", peak) : "Share of a core's FMA peak"
bar_axis = "% of peak (sparse: of what is not zero alone)"
bar_line = 100
load here."bars.gp"
