# runs.gp - what the figures of `dlexp optim` share: how an optimizer is called and drawn, and panels with one legend.
#
# A curve's colour is its optimizer's; where several curves of one optimizer are drawn (f1 and f2, or learning rates) the
# first is broad and light and the others are thin and dashed upon it, so that equal curves are both seen.
# In this order, which gives them their colours; names and titles go by pairs.
optimizers_known = " gd momentum rmsprop adam nesterov adamw "
optimizer_titles = " GD Momentum RMSProp Adam Nesterov AdamW "
optimizer_title(name) = find(optimizers_known, name) ? word(optimizer_titles, find(optimizers_known, name)) : name
optimizer_others = " "      # names that are not among them, as they are met
optimizer_series(name) = find(optimizers_known, name) ? find(optimizers_known, name) \
                         : (optimizer_others = add(optimizer_others, name), words(optimizers_known) + find(optimizer_others, name))
optimizer_colour(name) = series_colour(optimizer_series(name))
variant_colour(colour, variant, variants) = variants > 1 && variant == 1 ? faint(colour) : colour
variant_width(variant, variants) = variants > 1 && variant == 1 ? 6.5 : line_width
variant_dash(variant, variants) = variants == 1 || variant == 1 ? 1 : 2 + (variant - 2) % 4

# What the legend says of a curve that ends outside of the panels of `left`, a list of those functions among all that have
# it, `all`: else it would be missing there without a word.
leaving(left, all) = words(left) == 0 ? "" : words(left) == words(all) ? " (leaves the plot)" : " (leaves ".joined(left).")"
joined(list) = word(list, 1).(words(list) > 1 ? ", ".joined(list[strstrt(list[2:*], " ") + 1:*]) : "")

# Where the rows of a table's runs are, from 0: @begin_places for `places` runs, then note_row(i, row) for each row of run i.
# They lie one after the other in our tables, so a curve reads its own rows only, every ::from_row(i)::to_row(i).  Of a run
# whose rows are scattered it reads all rows, and whole is 0: each row has to be asked whose it is.
begin_places = 'array first_row[places]; array last_row[places]; array rows_of_run[places]; \
    do for [i = 1:places] { first_row[i] = 0; last_row[i] = 0; rows_of_run[i] = 0 }'
places = 1
@begin_places      # functions of arrays can only be written where there are arrays
note_row(i, row) = (first_row[i] = rows_of_run[i] ? first_row[i] : row, last_row[i] = row, rows_of_run[i] = rows_of_run[i] + 1, row)
from_row(i) = (whole = last_row[i] - first_row[i] + 1 == rows_of_run[i], whole ? int(first_row[i]) : 0)
to_row(i) = whole ? int(last_row[i]) : rows - 1

# Positions in pixels: from the left and the top.
from_left(pixels) = pixels / (1.0 * figure_width)
from_top(pixels) = 1 - pixels / (1.0 * figure_height)

# begin_figure opens the page with the title, the legend (legend.gp) and the footnote; place_panel then takes the panel's
# frame: panel_left, panel_right, panel_top, panel_bottom in pixels, panel_title, x_title and y_title.
title_height = 44 - title_room
y_title_distance = 58
footnote = ""
legend_from = title_height - 2
begin_figure = 'set multiplot; \
    set label 1 titled(figure_title) at screen 0.5, from_top(20) center font fitted_title(figure_title); \
    set label 2 wrapped(footnote) at screen from_left(20), from_top(figure_height - note_bottom(footnote)) left font note_font textcolor rgb grey; \
    set lmargin at screen 0.02; set rmargin at screen 0.98; \
    set tmargin at screen from_top(title_height - 6); set bmargin at screen from_top(title_height + legend_height); \
    unset border; unset xtics; unset ytics; unset grid; unset logscale; unset key; \
    set xrange [0:1]; set yrange [0:1]; set format x "%g"; set format y "%g"; \
    @set_legend; plot 1e300; @unset_legend; \
    unset label 1; unset label 2'
place_panel = 'set lmargin at screen from_left(panel_left); set rmargin at screen from_left(panel_right); \
    set tmargin at screen from_top(panel_top); set bmargin at screen from_top(panel_bottom); \
    @frame_style; \
    set label 3 panel_title at screen 0.5 * (from_left(panel_left) + from_left(panel_right)), from_top(panel_top + 6 - 18 * lines_of(panel_title)) center; \
    set label 4 x_title at screen 0.5 * (from_left(panel_left) + from_left(panel_right)), from_top(panel_bottom + 42) center; \
    set label 5 y_title at screen from_left(panel_left - y_title_distance), 0.5 * (from_top(panel_top) + from_top(panel_bottom)) rotate by 90 center'
end_figure = 'unset multiplot; unset label; unset object; unset output'
