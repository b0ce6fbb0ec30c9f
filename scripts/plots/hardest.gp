# hardest.gp - the test images that most runs get wrong, a sheet of 5 x 5 for each net at its best rate.  Reads hardest.csv
# of `dlexp batchnorm`, and hardest_pixels.csv beside it.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
hardest = input; pixels = folder(input)."hardest_pixels.csv"
input = pixels; required = "image row column value"; load here."check.gp"; rows_of_pixels = rows
input = hardest; required = "norm lr place image label wrong runs"; load here."check.gp"
load here."runs.gp"
key_last = "lr"; own_first = "place"; load here."norms.gp"
load here."evidence.gp"

names = " "; norms = " "; runs = 0
net_name(dummy) = norm_here(0)."|".stringcolumn("lr")
if (rows > 0) { stats input using (names = add(names, net_name(0)), norms = add(norms, norm_here(0)), runs = greater(runs, int(column("runs"))), 0) nooutput }
most = 4; across = 5
count = lesser(words(names), most)
nth(n) = n <= count ? word(names, n) : "none|0"
net_title_at(n) = norm_title(nth(n)[1:strstrt(nth(n), "|") - 1]).", lr ".nth(n)[strstrt(nth(n), "|") + 1:*]

# Of each net and place: the image, its label, how many runs get it wrong.
array image_of[count * 25 + 1]; array label_of[count * 25 + 1]; array wrong_of[count * 25 + 1]; array shown_of[count + 1]
do for [i = 1:|image_of|] { image_of[i] = "" }
do for [n = 1:count + 1] { shown_of[n] = 0 }
slot(n, place) = (n - 1) * 25 + place
if (rows > 0) { stats input using (n = find(names, net_name(0)), place = int(column("place")), n <= count && place >= 1 && place <= 25 ? \
    (i = slot(n, place), image_of[i] = stringcolumn("image"), label_of[i] = stringcolumn("label"), wrong_of[i] = stringcolumn("wrong"), \
    shown_of[n] = greater(shown_of[n], place), 0) : 0, 0) nooutput }

# The ink of each image in the file, one after the other.
images = " "; height = 1; width = 1
if (rows_of_pixels > 0) { stats pixels using (images = int(column("row")) == 0 && int(column("column")) == 0 ? images.stringcolumn("image")." " : images, \
    height = greater(height, int(column("row")) + 1), width = greater(width, int(column("column")) + 1), 0) nooutput }
array ink[words(images) * height * width + 1]
at = 0
if (rows_of_pixels > 0) { stats pixels using (at = at + 1, at <= |ink| ? (ink[at] = column("value"), 0) : 0, 0) nooutput }
if (at != words(images) * height * width) {
    print sprintf("cannot plot '%s': expected %d images of %d x %d pixels, got %d rows", pixels, words(images), height, width, at)
    exit status 1
}

tile = 76.0; gap = 12.0; head = 20.0
sheet = across * tile + (across - 1) * gap
columns = count > 1 && 2 * (sheet + 44) <= page_width ? 2 : 1
lines = count > 0 ? (count + columns - 1) / columns : 1
most_lines = 1
do for [n = 1:count] { most_lines = greater(most_lines, (shown_of[n] + across - 1) / across) }
sheet_height = most_lines * (tile + head + gap)
figure_width = int(columns * (sheet + 44)); figure_width = figure_width < 460 ? 460 : figure_width
figure_height = int(title_height + lines * (sheet_height + 40) + 24)
figure_title = "The test images that are most often wrong"
footnote = rows <= 0 ? "" : sprintf("Above each: its label, and how many of %d runs name it wrongly.", runs).(words(names) > most ? sprintf(" Of %d nets the first %d.", words(names), most) : "")
scale = tile / (width > height ? width : height)
# In pixels of the figure, from the left and the top.
sheet_left(n) = 0.5 * (figure_width - columns * (sheet + 44)) + 22 + ((n - 1) % columns) * (sheet + 44)
sheet_top(n) = title_height + 26 + ((n - 1) / columns) * (sheet_height + 40)
tile_left(n, p) = sheet_left(n) + ((p - 1) % across) * (tile + gap) + 0.5 * (tile - scale * width)
tile_top(n, p) = sheet_top(n) + ((p - 1) / across) * (tile + head + gap) + head

grow = 0.35     # below the neighbours, so that no paper shines through (samples.gp)
any_ink = 0
set print $pixels
do for [n = 1:count] { do for [p = 1:shown_of[n]] {
    k = find(images, image_of[slot(n, p)])
    if (k) { do for [row = 0:height - 1] { do for [column = 0:width - 1] {
        value = ink[((k - 1) * height + row) * width + column + 1]
        if (value > 0) {
            any_ink = 1
            left = tile_left(n, p) + scale * column; top = tile_top(n, p) + scale * row
            print sprintf("%.7g,%.7g,%.7g,%.7g,%g", left, top, left + scale * (1 + (column < width - 1 ? grow : 0)), top + scale * (1 + (row < height - 1 ? grow : 0)), value)
        }
    } } }
} }
set print
unset datafile columnheaders
set palette defined (0 "#ffffff", 1 "#000000")
set cbrange [0:255]; unset colorbox; unset key
do for [format in formats] {
    @open_output
    @begin_figure
    set lmargin at screen 0; set rmargin at screen 1; set tmargin at screen 1; set bmargin at screen 0
    set xrange [0:figure_width]; set yrange [figure_height:0]
    if (count == 0) { set label 6 "No image in this table" at screen 0.5, 0.5 center textcolor rgb grey }
    do for [n = 1:count] {
        set label 30 + n net_title_at(n) at first sheet_left(n) + 0.5 * sheet, first sheet_top(n) - 8 center
        do for [p = 1:shown_of[n]] {
            i = slot(n, p)
            set label 100 + i label_of[i] at first tile_left(n, p), first tile_top(n, p) - 9 left
            set label 300 + i sprintf("%s of %d", wrong_of[i], runs) at first tile_left(n, p) + scale * width, first tile_top(n, p) - 9 right font note_font textcolor rgb grey
            set object i rectangle from first tile_left(n, p), first tile_top(n, p) to first tile_left(n, p) + scale * width, first tile_top(n, p) + scale * height \
                front fillstyle empty border linecolor rgb light linewidth 0.8
        }
    }
    if (any_ink) {
        plot $pixels using (0.5 * ($1 + $3)):(0.5 * ($2 + $4)):1:3:2:4:5 with boxxyerror fillcolor palette fillstyle solid 1 noborder
    } else { plot 1e300 }
    @end_figure
}
