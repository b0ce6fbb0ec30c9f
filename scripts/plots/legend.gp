# legend.gp - the legend of every figure: entries of a line, a mark and a text, with equal gaps between them.
#
# A figure notes its entries, then lays them out, which gives the height, and draws them between two plots of a multiplot:
#
#   nothing = entry(text, colour, line width (0: none), dash, point type (0: none), point size)
#   @lay_out_legend        gives legend_height
#   @set_legend ... plot ... @unset_legend
#
# All in one line if they fit, else in as many columns as do.  With legend_columns set before, no more than those.
legend_count = 0; legend_columns = 0; legend_line = 22.0; legend_height = 0
array legend_text[100]; array legend_colour[100]; array legend_width[100]; array legend_dash[100]; array legend_mark[100]; array legend_size[100]
array legend_left[100]; array legend_wide[100]
entry(text, colour, width, dash, mark, size) = legend_count >= 100 ? 0 : (legend_count = legend_count + 1, legend_text[legend_count] = text, \
    legend_colour[legend_count] = colour, legend_width[legend_count] = width, legend_dash[legend_count] = dash, \
    legend_mark[legend_count] = mark, legend_size[legend_count] = size, 0)

# The width of a text in the pixels of the layout, by DejaVu Sans: scripts cannot ask gnuplot.
letter_width(c) = strstrt("ijl'|!", c) ? 0.28 : strstrt(" .,:;()/ftr-[]", c) ? 0.37 : strstrt("mwMW%", c) ? 0.93 : strstrt("ABCDEFGHKNOPQRUVXY", c) ? 0.7 : 0.615
text_pixels(text) = 14.0 * (sum [letter = 1:strlen(text)] letter_width(text[letter:letter]))

# A text in as many lines as the figure's width asks for: of 14 pixels times `size`; footnotes are of 11.5.  A footnote of two
# lines fits below every figure; for more of them a script makes its figure note_room higher.
broken(text, size) = size * text_pixels(text) <= figure_width - 40 ? text : broken_at(text, last_blank(text, int(strlen(text) * (figure_width - 40) / (size * text_pixels(text)))), size)
wrapped(text) = broken(text, 0.82)
lines_of(text) = 1 + (strlen(text) ? sum [letter = 1:strlen(text)] (text[letter:letter] eq "\n") : 0)
note_bottom(text) = lines_of(wrapped(text)) == 1 ? 14 : 9 + 17 * (lines_of(wrapped(text)) - 1)
note_room(text) = lines_of(wrapped(text)) > 2 ? 17 * (lines_of(wrapped(text)) - 2) : 0
# The title's font, smaller where the figure is too narrow for it.
fitted_title(text) = sprintf(",%.3g", (format eq "svg" ? 18 : 13.5) * (text_pixels(text) * 18 / 14 > figure_width - 24 ? (figure_width - 24) * 14 / 18.0 / text_pixels(text) : 1))
last_blank(text, at) = at < 2 || at > strlen(text) ? strlen(text) : text[at:at] eq " " ? at : last_blank(text, at - 1)
broken_at(text, at, size) = at >= strlen(text) ? text : text[1:at - 1]."\n".broken(text[at + 1:*], size)

legend_sample = 34.0; legend_gap = 26.0
entry_pixels(i) = legend_sample + 8 + text_pixels(legend_text[i])
wider(a, b) = a > b ? a : b
column_pixels(k, columns) = (widest = 0.0, nothing = sum [i = 1:legend_count] ((i - 1) % columns == k - 1 ? (widest = wider(widest, entry_pixels(i)), 0) : 0), widest)
legend_pixels(columns) = (sum [k = 1:columns] column_pixels(k, columns)) + (columns - 1) * legend_gap
lay_out_legend = 'legend_most = legend_columns > 0 && legend_columns < legend_count ? legend_columns : legend_count; \
    legend_across = 1; \
    do for [columns = 1:legend_most] { if (legend_pixels(columns) <= figure_width - 30) { legend_across = columns } }; \
    legend_lines = legend_count ? (legend_count + legend_across - 1) / legend_across : 1; \
    legend_height = legend_line * legend_lines; \
    legend_at = 0.5 * (figure_width - legend_pixels(legend_across)); \
    do for [k = 1:legend_across] { legend_wide[k] = legend_at; legend_at = legend_at + column_pixels(k, legend_across) + legend_gap }; \
    do for [i = 1:legend_count] { legend_left[i] = legend_wide[1 + (i - 1) % legend_across] }'

# `legend_from`: the top of the legend, in pixels from the top of the figure.
legend_y(i) = 1 - (legend_from + legend_line * ((i - 1) / legend_across + 0.5)) / (1.0 * figure_height)
legend_x(pixels) = pixels / (1.0 * figure_width)
set_legend = 'do for [i = 1:legend_count] { \
        if (legend_width[i] > 0) { \
            set arrow 500 + i from screen legend_x(legend_left[i]), legend_y(i) to screen legend_x(legend_left[i] + legend_sample), legend_y(i) \
                nohead linecolor rgb legend_colour[i] linewidth legend_width[i] dashtype legend_dash[i] \
        }; \
        if (legend_mark[i] > 0) { \
            set label 500 + i "" at screen legend_x(legend_left[i] + 0.5 * legend_sample), legend_y(i) \
                point pointtype legend_mark[i] pointsize legend_size[i] linewidth line_width linecolor rgb solid(legend_colour[i]) \
        }; \
        set label 600 + i legend_text[i] at screen legend_x(legend_left[i] + legend_sample + 8), legend_y(i) left \
    }'
unset_legend = 'do for [i = 1:legend_count] { unset arrow 500 + i; unset label 500 + i; unset label 600 + i }'
solid(colour) = strlen(colour) == 9 ? "#".colour[4:9] : colour
