# layers.gp - what BatchNorm does inside: for each hidden layer the input of its activation after each epoch, mean and
# standard deviation, a row of panels for each learning rate; below, the share of dead ReLUs.  Reads layer_curves.csv of
# `dlexp batchnorm --layers`.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "norm lr layer epoch runs input_mean input_std dead_percent"; load here."check.gp"
load here."runs.gp"
key_last = "lr"; own_first = "layer"; load here."norms.gp"

# Norms and learning rates in the order of the file, and what they span.
norms = " "; lrs = " "; curves = " "
layers = 0; epoch_first = 1e9; epoch_last = 0; seeds = 0; any_dead = 0
greater(a, b) = a > b ? a : b
curve_name(dummy) = norm_here(0)."|".stringcolumn("lr")
if (rows > 0) { stats input using ( \
    norms = add(norms, norm_here(0)), lrs = add(lrs, stringcolumn("lr")), curves = add(curves, curve_name(0)), \
    layers = greater(layers, int(column("layer"))), seeds = greater(seeds, int(column("runs"))), \
    epoch_first = int(column("epoch")) < epoch_first ? int(column("epoch")) : epoch_first, \
    epoch_last = greater(epoch_last, int(column("epoch"))), \
    any_dead = any_dead || strlen(stringcolumn("dead_percent")) > 0, 0) nooutput }

# No more panels than can be looked at.
most = 6
columns = layers > most ? most : layers
lines = words(lrs) > most ? most : words(lrs)
left_out = (layers > most ? sprintf(" Of %d layers the first %d.", layers, most) : "").(words(lrs) > most ? sprintf(" Of %d rates the first %d.", words(lrs), most) : "")

# Colour and mark are the norm's; dash, and whether the mark is filled, the learning rate's.
curve_count = words(curves)
curve_norm(c) = (name = word(curves, c), name[1:strstrt(name, "|") - 1])
curve_rate(c) = (name = word(curves, c), name[strstrt(name, "|") + 1:*])
series(c) = norm_series(curve_norm(c), find(norms, curve_norm(c)))
variant(c) = find(lrs, curve_rate(c))
curve_colour(c) = series_colour(series(c))
curve_mark(c) = point_type(series(c), variant(c))
curve_title(c) = norm_title(curve_norm(c)).", lr ".curve_rate(c)
mark_step = ceil((epoch_last - epoch_first + 1) / 8.0) < 1 ? 1 : ceil((epoch_last - epoch_first + 1) / 8.0)
# Marks of one rate's curves do not lie upon each other.
at_mark(c) = (int(column("epoch")) - epoch_first) % mark_step == (mark_step > 1 ? series(c) % mark_step : 0)
is_curve(c, layer) = curve_name(0) eq word(curves, c) && int(column("layer")) == layer
epoch_of(c, layer) = is_curve(c, layer) ? column("epoch") : NaN
mark_of(c, layer) = is_curve(c, layer) && at_mark(c) ? column("epoch") : NaN

# The axis of a row of panels: linear, or where the inputs are of very different sizes, asinh, which is linear near 0
# and logarithmic far from it.
highest = 0.0
edge(x) = finite(x) ? (highest = greater(highest, abs(x))) : 0
scaled(x) = wide ? asinh(x) : x
low(dummy) = scaled(column("input_mean") - column("input_std"))
high(dummy) = scaled(column("input_mean") + column("input_std"))
wide_tics = 'set ytics (0); do for [power = 1:int(ceil(log10(highest)))] { \
    if (power % (highest > 3e4 ? 2 : 1) == 0) { \
        set ytics add (sprintf("%g", 10.0 ** power) asinh(10.0 ** power), sprintf("-%g", 10.0 ** power) asinh(-10.0 ** power)) \
    } \
}'
# `shown` are the curves of the row's learning rate.
at(k) = int(word(shown, k))
draw_inputs = 'for [k = 1:words(shown)] input using (epoch_of(at(k), layer)):(low(0)):(high(0)) \
        with filledcurves fillcolor rgb curve_colour(at(k)) notitle, \
    for [k = 1:words(shown)] input using (epoch_of(at(k), layer)):(low(0)) with lines \
        linecolor rgb curve_colour(at(k)) dashtype dash(variant(at(k))) linewidth thin_width notitle, \
    for [k = 1:words(shown)] input using (epoch_of(at(k), layer)):(high(0)) with lines \
        linecolor rgb curve_colour(at(k)) dashtype dash(variant(at(k))) linewidth thin_width notitle, \
    for [k = 1:words(shown)] input using (epoch_of(at(k), layer)):(scaled(column("input_mean"))) with lines \
        linecolor rgb curve_colour(at(k)) dashtype dash(variant(at(k))) linewidth 1.4 * line_width notitle, \
    for [k = 1:words(shown)] input using (mark_of(at(k), layer)):(scaled(column("input_mean"))) with points \
        linecolor rgb curve_colour(at(k)) pointtype curve_mark(at(k)) pointsize point_size linewidth line_width notitle'
draw_dead = 'for [c = 1:curve_count] input using (epoch_of(c, layer)):(column("dead_percent")) with lines \
        linecolor rgb curve_colour(c) dashtype dash(variant(c)) linewidth line_width notitle, \
    for [c = 1:curve_count] input using (mark_of(c, layer)):(column("dead_percent")) with points \
        linecolor rgb curve_colour(c) pointtype curve_mark(c) pointsize point_size linewidth line_width notitle'
do for [c = 1:curve_count] { nothing = entry(curve_title(c), curve_colour(c), line_width, dash(variant(c)), curve_mark(c), point_size) }

figure_title = "Inside the hidden layers"
footnote = "Of at most 1,000 test images in eval mode. Line and band: mean ± standard deviation over images and units". \
           (seeds > 1 ? sprintf("; all numbers are means over %d seeds", seeds) : "").".".left_out
across = columns; @fit_columns      # on a narrow page the layers stand one below the other
cell_width = columns < 3 ? 410 : 330; cell_height = 258
figure_width = fit_page(64 + cell_width * (across < 2 && !exists("picture_width") ? 2 : greater(across, 1)))
cell_width = across == 1 ? figure_width - 64 : cell_width
@lay_out_legend
stacked = columns > across ? columns : 1
panel_lines = (lines + (any_dead ? 1 : 0)) * stacked
around = title_height + legend_height + 48 + note_room(footnote)
cell_height = fit_line(cell_height, 165, panel_lines > 0 ? panel_lines : 1, around)
figure_height = cell_height * (panel_lines > 0 ? panel_lines : 1) + around
# Beside low panels there is no room for the axis' title, so it stands above them.
low_panels = cell_height < 240
place_title = 'if (low_panels) { panel_title = panel_title.": ".y_title; y_title = "" }'
epoch_pad = epoch_last > epoch_first ? 0.02 * (epoch_last - epoch_first) : 0.5
place_cell = 'panel_left = 100 + (stacked > 1 ? 0 : layer - 1) * cell_width; panel_right = panel_left + cell_width - 56; \
    panel_line = (line - 1) * stacked + (stacked > 1 ? layer : 1); \
    panel_top = title_height + legend_height + 34 + (panel_line - 1) * cell_height; panel_bottom = panel_top + cell_height - 80; \
    x_title = panel_line == panel_lines ? "Epoch" : ""; \
    y_title_distance = 74; @place_panel; set xrange [epoch_first - epoch_pad:epoch_last + epoch_pad]; \
    set xtics epoch_first, greater(1, nice_step(epoch_last - epoch_first, 7))'
do for [format in formats] {
    @open_output
    @begin_figure
    if (curve_count == 0) { set label 6 "No hidden layer of a run in this table" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle }
    do for [line = 1:lines] {
        highest = 0.0; shown = ""
        do for [c = 1:curve_count] { shown = shown.(variant(c) == line ? " ".c : "") }
        stats input using (stringcolumn("lr") eq word(lrs, line) && int(column("layer")) <= columns \
            ? (edge(column("input_mean") - column("input_std")), edge(column("input_mean") + column("input_std")), 0) : 0) nooutput
        wide = highest > 12
        highest = highest > 0 ? highest : 1
        do for [layer = 1:columns] {
            panel_title = sprintf("Layer %d, lr %s", layer, word(lrs, line))
            y_title = layer > 1 && stacked == 1 && !low_panels ? "" : wide ? "Pre-activation (asinh)" : "Pre-activation"
            @place_title
            @place_cell
            set yrange [-1.06 * scaled(highest):1.06 * scaled(highest)]
            if (wide) { @wide_tics } else { set ytics nice_step(2 * highest, 6) }
            plot @draw_inputs
        }
    }
    if (any_dead) {
        line = lines + 1
        do for [layer = 1:columns] {
            panel_title = sprintf("Layer %d", layer)
            y_title = layer > 1 && stacked == 1 && !low_panels ? "" : "Dead units (%)"
            @place_title
            @place_cell
            set yrange [-4:104]; set ytics 0, 25
            plot @draw_dead
        }
    }
    @end_figure
}
