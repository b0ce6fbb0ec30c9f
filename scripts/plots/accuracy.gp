# accuracy.gp - draws one accuracy column (percent) against the epoch, after epochs.gp.
#
# With many rates: against the rate, on an axis of the logarithm of the error (evidence.gp).  Else curves at chance and curves that differ by tenths cannot be read on one scale.  So where some values lie far below the
# good curves there are two panels over one epoch axis: above, the range of the good curves enlarged; below, 0 to 100 %.
accuracy_name = notebook ? "Accuracy (%), mean of epochs 1..k" : "Accuracy (%)"
# The good curves end within ten points of the best.  What they span is the range to enlarge, from their first epoch on.
best = -1
do for [c = 1:curve_count] { best = curve_final[c] > best ? curve_final[c] : best }
good_low = 101
do for [c = 1:curve_count] {
    if (curve_final[c] >= best - 10) {
        stats input using (is_mean(c) ? (good_low = lesser(good_low, column(measure."_low")), 0) : 0) nooutput
    }
}
zoom_high = value_high > 99 ? 100 : ceil(value_high)
zoom_low = good_low > 100 ? 0 : good_low < best - 40 ? best - 40 : floor(good_low)
zoom_low = zoom_low > zoom_high - 2 ? zoom_high - 2 : zoom_low
zoom_low = zoom_low < 0 ? 0 : zoom_low
two_panels = best >= 0 && value_low < zoom_low - (zoom_high - zoom_low)

do for [format in formats] {
    @open_output
    @begin_figure
    set ytics autofreq
    set format y "%g"
    if (by_rate) {
        panel_top = frame_top; panel_bottom = frame_bottom
        place_low = place(value_low > value_high ? 0 : value_low); place_high = place(value_low > value_high ? 99 : value_high)
        place_room = greater(0.05 * (place_high - place_low), 0.02)
        place_low = place_low - place_room; place_high = place_high + place_room
        low = 100 - 10 ** -place_low; high = 100 - 10 ** -place_high
        set yrange [place_low:place_high]
        @accuracy_tics
        set label 4 accuracy_name.", log scale of the error" @side_label
        drawn(x) = place(x)
        stopped_at = place_low + 0.03 * (place_high - place_low)
        plot @draw_by_rate
    } else { if (two_panels) {
        split = frame_bottom + 0.36 * (frame_top - frame_bottom)
        set bmargin at screen split + 22.0 / figure_height
        set yrange [zoom_low:zoom_high + 0.03 * (zoom_high - zoom_low)]
        set ytics nice_step(zoom_high - zoom_low, 8)
        set xtics epoch_tic, epoch_step
        set format x ""
        panel_top = frame_top; panel_bottom = split
        set label 4 "Accuracy (%), enlarged" @side_label
        plot @draw_curves
        unset label 5      # drawn once is enough
        panel_top = split; panel_bottom = frame_bottom
        set label 4 "0 to 100 %" @side_label
        set tmargin at screen split
        set bmargin at screen frame_bottom
        set yrange [0:104]
        set ytics 25
        set format x "%g"
        @epoch_axis
        point_size = 0.5
        plot @draw_curves
        point_size = 0.75
    } else {
        panel_top = frame_top; panel_bottom = frame_bottom
        set label 4 accuracy_name @side_label
        room = 0.05 * (value_high - value_low) + 0.2
        if (curve_count) {
            set yrange [value_low - room:value_high + room]
        } else {
            set yrange [0:100]
        }
        plot @draw_curves
    } }
    @end_figure
    unset output
}
