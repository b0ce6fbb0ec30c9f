# samples.gp - sample sheet: digits as pictures with their labels above.  Reads samples.csv of `dlexp data`
# (a row a pixel: sample, label, row, column, value 0..255), any number of images of any one size.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "sample label row column value"; load here."check.gp"

# The number of images, one after the other in the file, their common size, and the number of pixels that are not white.
# image() is to be called with each row's sample, from `this = 0; last = ""`: it counts the images.
image(sample) = sample eq last ? this : (last = sample, this = this + 1)
this = 0; last = ""; height = 0; width = 0; inked = 0
if (rows > 0) {
    stats input using (image(stringcolumn("sample")), inked = inked + (column("value") > 0), \
        height = column("row") + 1 > height ? int(column("row")) + 1 : height, \
        width = column("column") + 1 > width ? int(column("column")) + 1 : width, 0) nooutput
}
count = this
pixels = width * height
if (count * pixels != rows) {
    print sprintf("cannot plot '%s': expected %d images of %d x %d = %d rows, got %d (cut short, or not image by image?)", \
        input, count, height, width, count * pixels, rows)
    exit status 1
}
array label_of[count + 1]
if (rows > 0) {
    this = 0; last = ""
    stats input using (label_of[image(stringcolumn("sample"))] = stringcolumn("label"), 0) nooutput
}

# The ink of every pixel; beyond the last row and column there is none.
array ink[count * (height + 1) * (width + 1) + 1]
do for [i = 1:|ink|] { ink[i] = 0 }
place(s, row, column) = ((s - 1) * (height + 1) + row) * (width + 1) + column + 1
if (rows > 0) {
    this = 0; last = ""
    stats input using (i = place(image(stringcolumn("sample")), int(column("row")), int(column("column"))), ink[i] = column("value"), 0) nooutput
}

# About square sheet; a tile is an image, a gap beside it and a line for the label above it, in units of image pixels.
longest = 1
do for [s = 1:count] { longest = strlen(label_of[s]) > longest ? strlen(label_of[s]) : longest }
side = width > height ? width : height
columns = count > 0 ? int(ceil(sqrt(1.5 * count * height / width))) : 1
columns = columns < 1 ? 1 : columns > count && count > 0 ? count : columns
lines = count > 0 ? (count + columns - 1) / columns : 1
gap = 0.22 * (side > 0 ? side : 1)
head = 0.5 * (side > 0 ? side : 1)
tile_width = width + gap
tile_height = height + head
sheet_width = columns * tile_width + gap
sheet_height = lines * tile_height + gap
left_of(s) = gap + ((s - 1) % columns) * tile_width
top_of(s) = head + ((s - 1) / columns) * tile_height

# The figure takes the shape of the sheet, so pixels are square and nothing is left empty; a large sheet makes a large
# figure.
title_height = 44.0
figure_width = 800
if (count > 0) {
    scale = 720.0 / (sheet_width > sheet_height ? sheet_width : sheet_height)
    scale = scale > 110.0 / side ? 110.0 / side : scale < 1 ? 1.0 : scale
    # Whole pixels, so that no image pixel ends within one.
    scale = scale > 1 ? floor(scale) : scale
    drawn_width = scale * sheet_width
    figure_width = drawn_width > 300 ? int(drawn_width) : 300
    figure_height = int(scale * sheet_height + title_height)
    # In parts of the ordinary size, which is 14 units high.
    label_size = 0.3 * scale * side / 14
    label_size = label_size > 1 ? 1 : label_size < 0.4 ? 0.4 : label_size
} else {
    scale = 1.0; drawn_width = 700; figure_height = 300; sheet_width = 1; sheet_height = 1; label_size = 1
}
unset border; unset xtics; unset ytics; unset grid; unset key; unset colorbox
set lmargin at screen 0.5 - 0.5 * drawn_width / figure_width
set rmargin at screen 0.5 + 0.5 * drawn_width / figure_width
set bmargin at screen 0
set tmargin at screen 1 - title_height / figure_height
set xrange [0:sheet_width]
set yrange [sheet_height:0]
# Ink on paper: 0 is white, 255 black.
set palette defined (0 "#ffffff", 1 "#000000")
set cbrange [0:255]
if (count == 0) { set label 2 "No image in this table" at screen 0.5, 0.5 center textcolor rgb grey }
do for [s = 1:count] {
    set object 10 + s rectangle from left_of(s), top_of(s) to left_of(s) + width, top_of(s) + height \
        back fillstyle empty border linecolor rgb light linewidth 0.8
}
# Left, top, right, bottom, value.  Darker than the paper only.
grow = 0.35
right_of(i) = ink[i + 1] > 0
below(i) = ink[i + width + 1] > 0
corner(i) = ink[i + width + 2] > 0
# A row's pixel: its left edge, and on the way the others, for the columns behind.
pixel(dummy) = (s = image(stringcolumn("sample")), row = int(column("row")), column_ = int(column("column")), i = place(s, row, column_), \
    left = left_of(s) + column_, top = top_of(s) + row, right = left + 1 + (right_of(i) ? grow : 0), \
    bottom = top + 1 + (below(i) && (corner(i) || !right_of(i)) ? grow : 0), ink[i] > 0 ? left : NaN)
do for [format in formats] {
    @open_output
    set label 1 "Samples with their labels" at screen 0.5, 1 - 20.0 / figure_height center font title_font
    do for [s = 1:count] {
        set label 10 + s label_of[s] at first left_of(s) + 0.5 * width, top_of(s) - 0.2 * side center \
            font sprintf(",%.1f", label_size * text_size)
    }
    # Pixels as squares, white ones left out: sharp at any size, where `with image` is smoothed by many viewers.  Two
    # edges that meet within a pixel of the screen would let the paper through as a faint line; so a square goes on
    # below its neighbours to the right and below, which are drawn after it, if they have ink.
    if (inked > 0) {
        this = 0; last = ""
        plot input using (0.5 * (pixel(0) + right)):(0.5 * (top + bottom)):(left):(right):(top):(bottom):(ink[i]) with boxxyerror \
            fillcolor palette fillstyle solid 1 noborder
    } else {
        plot 1e300
    }
    unset output
}
