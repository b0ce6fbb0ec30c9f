# style.gp - what all figures share: terminals, fonts, colours, line styles, grid, and the checks of a script's input.
#
# `dlexp plot` calls the scripts; by hand one is called as  gnuplot -d -c scripts/plots/NAME.gp INPUT.csv OUTPUT_STEM  and
# writes OUTPUT_STEM.svg and OUTPUT_STEM.png.  It starts with
#
#   folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
#   here = folder(ARG0)
#   input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
#   required = "column names it reads"; load here."check.gp"
#
# and then draws once for each of `formats`:  do for [format in formats] { @open_output ...plot... ; unset output }
# A table that is well but has more than can be told apart ends the script with status 3.
#
# Settings, by -e before -c:  formats = "svg png pdf";  to_standard_output = 1: the picture goes there;  picture_width: in
# pixels of 1/96 inch;  no_title = 1;  figure_font.

# At each assignment gnuplot looks for the variable's name among all, in the order they were made: those that scripts
# assign at every row of a table are made before the hundreds of others, which takes a quarter of the time off the largest
# figure.
rows = i = x = y = f = k = c = s = r = n = 0
this = last = row = column_ = left = top = right = bottom = ink = inked = width = height = at = 0
owner = way = way_x = way_y = whole = first_row = last_row = rows_of_run = line = run = start = low_of = last_of = positive = 0
curves = optimizers = lrs = iterations = runs = fns = norms = stopped = names = points = 0
grid_fn = grid_x = grid_y = grid_value = grid_first = grid_last = value_here = x_low = x_high = y_low = y_high = 0
value_low = value_high = curve_runs = curve_final = seed_count = epoch_first = epoch_last = first_value = rows_seen = 0

# The names are the user's, and gnuplot takes more than names: "<command" and "|command" are run, "~" is a home, "$x" a
# block of data, "-", "+" and "" are none of the files so called.  Only the first character decides, so behind "./" each is
# the file of that name.
plain(name) = strstrt(name, "/") == 1 ? name : "./".name
input = plain(input); stem = plain(stem)

set encoding utf8
set decimalsign '.'
set datafile separator comma
set datafile columnheaders
set datafile missing ''
set termoption noenhanced
# gnuplot's own format starts with a blank, which pngcairo draws: labels would stand right of their tics.
set format "%g"

# Okabe-Ito: eight colours that people with any colour vision can tell apart.
black = "#000000"; orange = "#E69F00"; sky = "#56B4E9"; green = "#009E73"
yellow = "#F0E442"; blue = "#0072B2"; vermillion = "#D55E00"; purple = "#CC79A7"
grey = "#666666"; light = "#D0D0D0"
series_colours = blue." ".vermillion." ".green." ".purple." ".orange." ".sky." ".black
series_colour(i) = word(series_colours, 1 + (i - 1) % words(series_colours))

faint(colour) = "#90".colour[2:7]

# Second and third marks, so that a figure reads without colour: shape goes with the colour, dash and filling with the
# variant.
set dashtype 1 solid
set dashtype 2 (14, 7)
set dashtype 3 (3, 5)
set dashtype 4 (14, 6, 3, 6)
set dashtype 5 (22, 5, 3, 5, 3, 5)
dash(i) = 1 + (i - 1) % 5
filled_points = "7 5 9 11 13"
open_points = "6 4 8 10 12"
point_type(series, variant) = int(word(variant % 2 ? filled_points : open_points, 1 + (series - 1) % 5))
line_width = 1.8
thin_width = 0.9
point_size = 0.75
band_opacity = 0.18

# Sizes in pixels of the layout, which are those of an SVG; the PNG has the same layout at twice the resolution.  A narrow
# picture has a narrow layout, so that its text stays readable: page_width is the most that a layout may be wide for text
# of 7 points, and what a figure's own width is cut to.
page_width = exists("picture_width") ? (picture_width * 1.5 > 420 ? picture_width * 1.5 : 420) : 1e6
fit_page(width) = width < page_width ? width : int(page_width)
figure_width = fit_page(800)
# `across` panels beside each other are all in one column on a page where they would be too narrow.
fit_columns = 'across = exists("picture_width") && across > 1 && page_width < 330 * across ? 1 : across'
# `lines` of panels below each other, with `rest` besides, are no taller than a page's text is (230 mm), but for panels so low
# that nothing is seen in them (`least`).  By the layout's width, which is set before.
page_height(dummy) = exists("picture_width") ? 230 / 25.4 * 96 * figure_width / picture_width : 1e6
fit_line(height, least, lines, rest) = lines * height + rest <= page_height(0) ? height \
    : (page_height(0) - rest) / lines > least ? int((page_height(0) - rest) / lines) : least
figure_height = 540
if (!exists("formats")) { formats = "svg png" }
if (!exists("to_standard_output")) { to_standard_output = 0 }
if (!exists("no_title")) { no_title = 0 }
if (!exists("figure_font")) { figure_font = "DejaVu Sans" }
# Without its title a figure is so much lower.
title_room = no_title ? 30 : 0
titled(text) = no_title ? "" : text
scale_of(format) = exists("picture_width") ? 1.0 * picture_width / figure_width : format eq "png" ? 2.0 : 1.0
open_output = 'picture_scale = scale_of(format); text_size = format eq "svg" ? 14.0 : 10.5; \
    title_font = format eq "svg" ? ",18" : ",13.5"; note_font = format eq "svg" ? ",11.5" : ",8.5"; \
    text_font = sprintf("%s,%g", figure_font, text_size); tic_lift = format eq "svg" ? 0.35 : 0; \
    if (format eq "svg") { \
        set terminal svg size figure_width, figure_height font text_font noenhanced linewidth 1 rounded background "#ffffff" \
    }; \
    if (format eq "pdf") { \
        set terminal pdfcairo size picture_scale * figure_width / 96.0, picture_scale * figure_height / 96.0 font text_font \
            fontscale picture_scale linewidth 1.5 * picture_scale pointscale 1.4 * picture_scale noenhanced rounded background "#ffffff" \
    }; \
    if (format eq "png") { \
        set terminal pngcairo size int(picture_scale * figure_width + 0.5), int(picture_scale * figure_height + 0.5) font text_font \
            fontscale picture_scale linewidth picture_scale pointscale 1.4 * picture_scale noenhanced rounded background "#ffffff" \
    }; \
    if (to_standard_output) { set output } else { set output stem.".".format }'

frame_style = 'set border 3 linecolor rgb grey linewidth 0.8; \
    set xtics nomirror out scale 0.6 offset 0, tic_lift textcolor rgb black; set ytics nomirror out scale 0.6 textcolor rgb black; \
    set grid ytics linecolor rgb light linewidth 0.8 dashtype 1'
tic_lift = 0
@frame_style
set style fill transparent solid band_opacity noborder

# Smallest of 1, 2, 5, 10, 20, ... steps that gives at most `count` intervals over `span`.
nice_step(span, count) = nice_round(1.0 * span / count)
nice_round(x) = x <= 0 ? 1 : nice_pick(x, 10.0 ** floor(log10(x)))
nice_pick(x, unit) = x <= unit * 1.0001 ? unit : x <= 2.0001 * unit ? 2 * unit : x <= 5.0001 * unit ? 5 * unit : 10 * unit
# gnuplot takes "1e-05" for an integer with something behind it; "1.0e-05" it reads.
number(text) = strstrt(text, "e") && !strstrt(text, ".") ? real(text[1:strstrt(text, "e") - 1].".0".text[strstrt(text, "e"):*]) : real(text)
finite(x) = x == x && abs(x) < 1e300

# A tick of a logarithmic axis, `factor` (1 to 9) times a power of ten: "10⁻³", "3·10⁻³"; all of them the same way.
power_text(factor, power) = (factor == 1 ? "" : sprintf("%g·", factor))."10".(power < 0 ? "⁻" : "").raised(sprintf("%d", abs(power)))
raised(digits) = strlen(digits) ? word("⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹", 1 + int(digits[1:1])).raised(digits[2:*]) : ""

# The tics of a logarithmic axis from `low` to `high`: powers of ten, about ten at most; on a short axis steps between
# them too, in plain numbers where all are readable as such.
plain_or_power(factor, power) = power_plain ? sprintf("%g", factor * 10.0 ** power) : power_text(factor, power)
power_tics = 'set ytics (); unset mytics; power_step = int(ceil(log10(high / low) / 10)); \
    power_factors = log10(high / low) < 1.2 ? "1 2 3 4 5 7" : log10(high / low) < 2.6 ? "1 2 5" : "1"; \
    power_plain = power_factors ne "1" && low >= 1e-4 && high < 1e5; \
    do for [power = int(floor(log10(low))):int(ceil(log10(high)))] { \
        do for [factor in power_factors] { \
            tic = factor * 10.0 ** power; \
            if (power % power_step == 0 && tic >= 0.999999 * low && tic <= 1.000001 * high) { set ytics add (plain_or_power(real(factor), power) tic) } \
        } \
    }'

# A list of distinct words, " a b c ": find gives the place of a word (0: not there), add appends a new one.
find(list, w) = strstrt(list, " ".w." ") ? words(list[1:strstrt(list, " ".w." ")]) + 1 : 0
add(list, w) = find(list, w) ? list : list.w." "
load here."legend.gp"
