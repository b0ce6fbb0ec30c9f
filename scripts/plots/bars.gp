# bars.gp - named horizontal bars, one below the other: a script fills arrays bar_name, bar_value, bar_low, bar_high (NaN: no
# whisker), bar_text, bar_series (1..count) and sets bar_count, bar_title, bar_axis, then loads this.
#
# bar_line: where to draw a vertical line of reference; NaN for none.
value_high = finite(bar_line) ? bar_line : 0.0
longest_name = 1; longest_text = 1
do for [i = 1:bar_count] {
    value_high = bar_value[i] > value_high ? bar_value[i] : value_high
    value_high = finite(bar_high[i]) && bar_high[i] > value_high ? bar_high[i] : value_high
    longest_name = strlen(bar_name[i]) > longest_name ? strlen(bar_name[i]) : longest_name
    longest_text = strlen(bar_text[i]) > longest_text ? strlen(bar_text[i]) : longest_text
}
value_high = value_high > 0 ? value_high : 1
any_whisker = 0
unset datafile columnheaders
set print $bars
do for [i = 1:bar_count] {
    print sprintf("%d,%.9g,%.9g,%.9g,%d", i, bar_value[i], finite(bar_low[i]) ? bar_low[i] : bar_value[i], \
        finite(bar_high[i]) ? bar_high[i] : bar_value[i], bar_series[i])
    any_whisker = any_whisker || finite(bar_high[i])
}
set print

figure_height = 130 + 24 * (bar_count > 0 ? bar_count : 4)
left = 24 + 7.6 * longest_name
set lmargin at screen left / figure_width
set rmargin at screen 1 - 24.0 / figure_width
set tmargin at screen 1 - 56.0 / figure_height
set bmargin at screen 66.0 / figure_height
unset key
set yrange [(bar_count > 0 ? bar_count : 1) + 0.6:0.4]
set xrange [0:value_high * (1 + (8.0 * longest_text + 16) / (figure_width - left - 24))]
do for [format in formats] {
    @open_output
    set border 1 linecolor rgb grey linewidth 0.8
    set xtics nice_step(value_high, 8) nomirror out scale 0.6 textcolor rgb black
    unset ytics # they would cut long names
    unset grid
    set grid xtics linecolor rgb light linewidth 0.8 dashtype 1
    unset label
    unset arrow
    set style textbox opaque margins 0.3, 0.2 fillcolor rgb "white" noborder # numbers are not crossed by the line of reference
    set label 1 bar_title at screen 0.5, 1 - 26.0 / figure_height center font title_font
    set xlabel bar_axis
    do for [i = 1:bar_count] {
        set label 2 * i + 9 bar_name[i] at graph 0, first i right offset -0.8, 0
        set label 2 * i + 10 bar_text[i] at (finite(bar_high[i]) ? bar_high[i] : bar_value[i]), i left offset 0.6, 0 font note_font front boxed
    }
    if (finite(bar_line)) { set arrow 1 from bar_line, graph 0 to bar_line, graph 1 nohead back linecolor rgb grey linewidth 1.2 dashtype 2 }
    if (bar_count > 0) {
        plot $bars using (0.5 * $2):1:(0.5 * $2):(0.36):(int("0x".series_colour(int($5))[2:7])) with boxxyerror fillstyle solid 0.85 noborder \
                linecolor rgb variable, \
            $bars using (any_whisker ? $2 : NaN):1:3:4 with xerrorbars pointtype 0 linecolor rgb black linewidth 1.2
    } else {
        set label 2 "no rows to draw" at graph 0.5, 0.5 center textcolor rgb grey
        plot NaN
    }
    unset output
}
