# compare.gp - how many times longer others take than dlexp.  Reads compare.csv of scripts/bench/compare.sh.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "case peer median_s ratio ratio_low ratio_high"; load here."check.gp"

array bar_name[rows + 1]; array bar_value[rows + 1]; array bar_low[rows + 1]; array bar_high[rows + 1]
array bar_text[rows + 1]; array bar_series[rows + 1]
bar_count = 0; case_count = 0; last = ""
seconds_text(s) = s >= 0.1 ? sprintf("%.2f s", s) : sprintf("%.1f ms", 1000 * s)
note_bar(case, peer, seconds, ratio, low, high) = (case_count = case_count + (case ne last), last = case, \
    bar_count = bar_count + 1, bar_name[bar_count] = case.": ".peer, bar_value[bar_count] = ratio, bar_low[bar_count] = low, \
    bar_high[bar_count] = high, bar_text[bar_count] = sprintf("%.2f  %s", ratio, seconds_text(seconds)), \
    bar_series[bar_count] = case_count, 0)
if (rows > 0) {
    stats input using (finite(column("ratio")) ? note_bar(stringcolumn("case"), stringcolumn("peer"), column("median_s"), \
        column("ratio"), column("ratio_low"), column("ratio_high")) : 0, 0) nooutput
}
bar_title = "Time on one core, as a multiple of dlexp's"
bar_axis = "times dlexp (median, lowest and highest of the rounds)"
bar_line = 1
load here."bars.gp"
