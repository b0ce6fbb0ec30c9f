# training_loss.gp - Figure 3: mean training loss of each epoch, logarithmic axis; of the notebook protocol the sum of
# batch losses / 1000.  Reads curves.csv of `dlexp batchnorm`.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
measure = "train_loss"; load here."epochs.gp"

figure_title = notebook ? "Training loss, sum of the batch losses / 1000" : "Training loss"
# A run that blows up on the way must not flatten the others.
most_shown = 20
cut = by_rate && value_high > most_shown
footnote = footnote.(cut ? sprintf(" Losses above %g stand at the upper edge.", most_shown) : "")
do for [format in formats] {
    @open_output
    @begin_figure
    panel_top = frame_top; panel_bottom = frame_bottom
    set label 4 "Cross-entropy (log scale)" @side_label
    # A little room around the values; a loss of exactly 0 has no place on this axis.
    low = value_high > 0 && value_low > 0 ? value_low / 1.35 : 0.001
    high = value_high > 0 && value_low > 0 ? (cut ? most_shown : value_high * 1.35) : 10
    set yrange [low:high]
    set logscale y
    @power_tics
    drawn(x) = x > high ? high : x > 0 ? x : NaN
    stopped_at = low * (high / low) ** 0.03
    if (by_rate) { plot @draw_by_rate } else { plot @draw_curves }
    @end_figure
    unset output
}
