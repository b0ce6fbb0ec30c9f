# confusion.gp - what the test images of each class are named as, a square for each net at its best rate.  Reads
# confusion.csv of `dlexp batchnorm`.
folder(path) = strlen(path) == 0 || path[strlen(path):*] eq "/" ? path : folder(path[1:strlen(path) - 1])
here = folder(ARG0)
input = ARG1; stem = ARG2; arguments = ARGC; load here."style.gp"
required = "norm lr label named images percent runs"; load here."check.gp"
load here."runs.gp"
key_last = "lr"; own_first = "label"; load here."norms.gp"
load here."evidence.gp"

names = " "; norms = " "; classes = 0; runs = 0; worst = 0.0
net_name(dummy) = norm_here(0)."|".stringcolumn("lr")
is_wrong(dummy) = stringcolumn("label") ne stringcolumn("named")
percent(dummy) = cell("percent")
if (rows > 0) { stats input using (names = add(names, net_name(0)), norms = add(norms, norm_here(0)), classes = greater(classes, int(column("label")) + 1), \
    runs = greater(runs, int(column("runs"))), worst = is_wrong(0) && finite(percent(0)) ? greater(worst, percent(0)) : worst, 0) nooutput }
most = 4
count = lesser(words(names), most)
nth(n) = n <= count ? word(names, n) : "none|0"
net_title_at(n) = norm_title(nth(n)[1:strstrt(nth(n), "|") - 1]).", lr ".nth(n)[strstrt(nth(n), "|") + 1:*]
if (classes > 30) {
    print sprintf("cannot plot '%s': expected at most 30 classes, whose numbers can be read, got %d", input, classes)
    exit status 3
}
# Cells of mistakes are coloured by their share, to the worst of all nets; the diagonal is grey.
worst = worst > 0 ? worst : 1
cell_size = classes > 12 ? 30 : 44
side = cell_size * (classes > 0 ? classes : 10)
columns = count > 1 && 2 * (side + 110) <= page_width ? 2 : 1
lines = count > 0 ? (count + columns - 1) / columns : 1
figure_width = columns * (side + 90) + 30; figure_width = figure_width < 420 ? 420 : figure_width
figure_height = title_height + lines * (side + 96) + 30
figure_title = "What each class is taken for (% of its images)"
footnote = rows <= 0 ? "" : sprintf("Mean over %d run%s. Colour: the share of that mistake.", runs, runs == 1 ? "" : "s").(words(names) > most ? sprintf(" Of %d nets the first %d.", words(names), most) : "")
in(n) = net_name(0) eq nth(n)
is_right(n) = in(n) && !is_wrong(0)
text_of(x) = !finite(x) || x <= 0 ? "" : x >= 9.95 ? sprintf("%.0f", x) : x < 0.05 ? "·" : sprintf("%.1f", x)
set palette defined (0 "#ffffff", 0.25 "#fde0c5", 0.6 "#f0a060", 1 "#D55E00")
set cbrange [0:1]; unset colorbox
do for [format in formats] {
    @open_output
    @begin_figure
    if (count == 0) { set label 6 "No class in this table" at screen 0.5, 0.5 center textcolor rgb grey; plot 1e300 notitle; unset label 6 }
    do for [n = 1:count] {
        panel_left = 74 + ((n - 1) % columns) * (side + 90); panel_right = panel_left + side
        panel_top = title_height + 26 + ((n - 1) / columns) * (side + 96); panel_bottom = panel_top + side
        panel_title = net_title_at(n); x_title = "Named as"; y_title = (n - 1) % columns == 0 ? "Label" : ""; y_title_distance = 44
        @place_panel
        unset grid; set border 15 linecolor rgb grey linewidth 0.8
        set xrange [-0.5:classes - 0.5]; set yrange [classes - 0.5:-0.5]
        set xtics 0, 1 scale 0; set ytics 0, 1 scale 0
        plot input using (in(n) && is_wrong(0) && percent(0) > 0 ? column("named") : NaN):(column("label")):(0.5):(0.5):(sqrt(percent(0) / worst)) with boxxyerror \
                fillcolor palette fillstyle solid 1 noborder notitle, \
            input using (is_right(n) ? column("named") : NaN):(column("label")):(0.5):(0.5) with boxxyerror fillcolor rgb "#E6E6E6" fillstyle solid 1 noborder notitle, \
            input using (in(n) ? column("named") : NaN):(column("label")):(text_of(percent(0))) with labels font note_font textcolor rgb black notitle
    }
    @end_figure
}
