# beside.gp - has(NAME): whether that file is in the folder `tables`; tables that a call need not have written are asked for.
#
# The folder's name for the shell, quoted byte by byte: in UTF-8 a byte that begins no character would swallow the quote behind
# it.
set encoding iso_8859_1
quoted = "'"
do for [i = 1:strlen(tables)] { quoted = quoted.(tables[i:i] eq "'" ? "'\\''" : tables[i:i]) }
set encoding utf8
has(name) = int(system(sprintf("test -f %s/%s' && echo 1 || echo 0", quoted, name)))
