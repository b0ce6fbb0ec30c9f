# varied.gp - the settings that the call of a table varied, beside the keys that every such table has: they tell one curve from
# another.
#
# Their columns stand between those named key_last and own_first, which the script sets.  values_of(varied) is a row's text
# "~optimizer~adam~batch~60"; base(name) what stands before the first "~" of a name, spelled(rest) what stands behind it, for
# people: ", optimizer adam, batch 60".
varied = ","
if (strstrt(",".header, ",".key_last.",") > 0) { varied = header[strstrt(",".header, ",".key_last.",") + strlen(key_last):*] }
varied = varied[1:strstrt(varied, ",".own_first)]
# With --columns all there are settings of one value too, which tell no net from another.
spaced(list) = strlen(list) == 0 ? "" : (list[1:1] eq "," ? " " : list[1:1]).spaced(list[2:*])
kept = ","
do for [key in spaced(varied)] {
    first_value = ""; values_differ = 0; rows_seen = 0
    if (rows > 0) { stats input using (first_value = rows_seen ? first_value : stringcolumn(key), rows_seen = rows_seen + 1, \
        values_differ = values_differ || stringcolumn(key) ne first_value, 0) nooutput }
    kept = kept.(values_differ ? key."," : "")
}
varied = kept
key_of(list) = list[1:strstrt(list.",", ",") - 1]
rest_of(list) = list[strstrt(list.",", ",") + 1:*]
values_of(list) = strlen(list) == 0 ? "" : strlen(key_of(list)) == 0 ? values_of(rest_of(list)) : \
                  "~".key_of(list)."~".stringcolumn(key_of(list)).values_of(rest_of(list))
base(name) = name[1:strstrt(name."~", "~") - 1]
spelled(rest) = strlen(rest) == 0 ? "" : ", ".key_of_pair(rest)." ".value_of_pair(rest).spelled(after_pair(rest))
key_of_pair(rest) = rest[2:strstrt(rest[2:*]."~", "~")]
value_of_pair(rest) = base(rest[strlen(key_of_pair(rest)) + 3:*])
after_pair(rest) = rest[strlen(key_of_pair(rest)) + strlen(value_of_pair(rest)) + 3:*]
behind(name) = name[strlen(base(name)) + 1:*]
