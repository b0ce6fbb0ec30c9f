# published.gp - the homework's published test accuracies over what the seeds give, a panel for each net and rate: the band
# from the lowest to the highest seed, their mean, and the published curve, with its z at the last epoch.  Reads
# published.csv of `dlexp batchnorm`; all its accuracies of seeds are, as the homework's, means over epochs 1 to k.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "norm lr epoch runs published_test_accuracy_percent test_accuracy_seeds_mean test_accuracy_seeds_low \
    test_accuracy_seeds_high test_accuracy_z test_accuracy_percentile"; load here."check.gp"
key_last = "lr"; own_first = "epoch"; load here."norms.gp"
load here."runs.gp"
load here."evidence.gp"

# A column of panels for each net, a row for each rate.
norms = " "; lrs = " "; epoch_first = 1e9; epoch_last = 0; runs = 0
if (rows > 0) { stats input using (norms = add(norms, norm_here(0)), lrs = add(lrs, stringcolumn("lr")), \
    epoch_first = lesser(epoch_first, int(column("epoch"))), epoch_last = greater(epoch_last, int(column("epoch"))), \
    runs = greater(runs, int(column("runs"))), 0) nooutput }
most = 4
columns = lesser(words(norms), most); lines = lesser(words(lrs), most)
here_is(c, r) = norm_here(0) eq word(norms, c) && stringcolumn("lr") eq word(lrs, r)
epoch_of(c, r) = here_is(c, r) ? column("epoch") : NaN
published_of(dummy) = cell("published_test_accuracy_percent")

# What is said in a panel: where the last published number stands among the seeds.
z_text(z, percentile) = !finite(z) ? "" : sprintf("z = %s%.1f", abs(z) < 0.05 ? "" : z < 0 ? "−" : "+", abs(z)).(finite(percentile) ? sprintf(", %.0f %% of seeds below", percentile) : "")
figure_title = "The homework's test accuracy, and what seeds give"
footnote = "As the homework printed them: averages over all epochs so far, so not those of one epoch. Lines end where its printout does."
footnote = footnote.(runs > 1 ? sprintf(" Band: lowest to highest of %d seeds. z: how many standard deviations the last printed number is from their mean.", runs) : "")
left_out = (words(norms) > most ? sprintf(" Of %d nets the first %d.", words(norms), most) : "").(words(lrs) > most ? sprintf(" Of %d rates the first %d.", words(lrs), most) : "")
footnote = footnote.left_out
if (rows > 0) {
    nothing = entry("printed by the homework", black, line_width, 1, 7, point_size)
    nothing = entry(runs > 1 ? "mean of the seeds" : "this run", blue, line_width, 2, 0, 0)
    if (runs > 1) { nothing = entry("all seeds", faint(blue), 9, 1, 0, 0) }
}
across = columns; @fit_columns      # on a narrow page the nets stand one below the other
cell_width = across == 1 ? 700 : 440; cell_height = lines * columns == across ? 360 : 264
figure_width = fit_page(60 + cell_width * greater(across, 1))
cell_width = across == 1 ? figure_width - 60 : cell_width
@lay_out_legend
panel_lines = lines * (columns > across ? columns : 1)
figure_height = title_height + legend_height + cell_height * greater(panel_lines, 1) + 56 + note_room(footnote)
epoch_pad = epoch_last > epoch_first ? 0.03 * (epoch_last - epoch_first) : 0.5
do for [format in formats] {
    @open_output
    @begin_figure
    if (rows <= 0) { set label 6 "No published number in this table" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    do for [r = 1:lines] {
        do for [c = 1:columns] {
            low = 1e300; high = -1e300; note = ""; seen = 0; end = 1e300
            span(x) = finite(x) ? (low = lesser(low, x), high = greater(high, x)) : 0
            set xrange [*:*]; set yrange [*:*]
            stats input using (here_is(c, r) ? (seen = seen + 1, span(published_of(0)), span(cell("test_accuracy_seeds_low")), span(cell("test_accuracy_seeds_high")), \
                note = finite(published_of(0)) ? z_text(cell("test_accuracy_z"), cell("test_accuracy_percentile")) : note, \
                end = finite(published_of(0)) ? lesser(published_of(0), cell("test_accuracy_seeds_mean")) : end, 0) : 0) nooutput
            if (seen) {
                low = low > high ? 0 : low; high = high < low ? 100 : high
                room = greater(0.08 * (high - low), 0.05)
                place_across = columns > across ? 0 : c - 1; line = columns > across ? (r - 1) * columns + c : r
                panel_left = 92 + place_across * cell_width; panel_right = panel_left + cell_width - 76
                panel_top = title_height + legend_height + 36 + (line - 1) * cell_height; panel_bottom = panel_top + cell_height - 76
                panel_title = norm_title(word(norms, c)).", lr ".word(lrs, r)
                x_title = line == panel_lines ? "Epoch" : ""; y_title = place_across == 0 ? "Test accuracy (%)" : ""; y_title_distance = 66
                @place_panel
                set xrange [epoch_first - epoch_pad:epoch_last + epoch_pad]; set yrange [low - room:high + room]
                set xtics epoch_first, greater(1, nice_step(epoch_last - epoch_first, 8)); set ytics nice_step(greater(high - low, room), 5)
                # In the corner that the lines leave free, which mostly rise.
                set label 7 note at graph 0.97, graph (end < low + 0.35 * (high - low) ? 0.88 : 0.12) right
                plot input using (epoch_of(c, r)):(cell("test_accuracy_seeds_low")):(cell("test_accuracy_seeds_high")) with filledcurves \
                        fillcolor rgb blue fillstyle transparent solid 0.25 notitle, \
                    input using (epoch_of(c, r)):(cell("test_accuracy_seeds_mean")) with lines linecolor rgb blue dashtype 2 linewidth line_width notitle, \
                    input using (epoch_first == epoch_last ? epoch_of(c, r) : NaN):(cell("test_accuracy_seeds_mean")) with points linecolor rgb blue pointtype 6 notitle, \
                    input using (epoch_of(c, r)):(published_of(0)) with linespoints linecolor rgb black pointtype 7 pointsize point_size linewidth line_width notitle
                unset label 7
            }
        }
    }
    @end_figure
}
