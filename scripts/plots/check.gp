# check.gp - stop with a clear message unless the script was called rightly and `input` has the columns named in
# `required`.
if (GPVAL_VERSION < 5.4) {
    print sprintf("%s: needs gnuplot 5.4 or later, this is %.1f", ARG0, GPVAL_VERSION)
    exit status 1
}
if (arguments != 2) {
    print "usage: gnuplot -d -c SCRIPT.gp INPUT.csv OUTPUT_STEM   (writes OUTPUT_STEM.svg and OUTPUT_STEM.png)"
    exit status 2
}
# The header as one string, put together column by column: gnuplot cuts cells of more than 1,000 bytes.
header = ""
unset datafile columnheaders
undefine STATS_columns
stats input every ::0::0 using (1) nooutput
if (exists("STATS_columns")) {
    header_columns = STATS_columns
    stats input every ::0::0 using (nothing = sum [i = 1:header_columns] (header = header.(i > 1 ? "," : "").stringcolumn(i), 0), 0) nooutput
}
set datafile columnheaders
if (strlen(header) == 0) {
    print sprintf("cannot plot '%s': it is missing, unreadable or empty; expected a CSV table with a header line", input)
    exit status 1
}
do for [name in required] {
    if (strstrt(",".header.",", ",".name.",") == 0) {
        print sprintf("cannot plot '%s': no column '%s' in its header '%s'", input, name, header)
        exit status 1
    }
}

# Rows under the header; a table without any is drawn as an empty figure that says so.  (Counted with the header,
# because `stats` warns of a file without points.)
rows = -1
unset datafile columnheaders
stats input using (rows = rows + 1, 0) nooutput
set datafile columnheaders
