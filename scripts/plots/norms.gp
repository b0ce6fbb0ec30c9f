# norms.gp - what net a row of a table is of, how that is called, and which series of the colours and marks it is: the same in
# every figure of nets.  `norms` is the list of those that the figure has, i the net's place in it.
#
# A net is its norm and, where the call varied other settings too, their values (varied.gp): "batchnorm~optimizer~adam".
load here."varied.gp"
norm_here(dummy) = stringcolumn("norm").values_of(varied)

base_title(name) = name eq "none" ? "No normalization" : name eq "batchnorm" ? "BatchNorm" : name eq "layernorm" ? "LayerNorm" : name
norm_title(name) = base_title(base(name)).spelled(behind(name))
norm_series(name, i) = strstrt(name, "~") ? i : name eq "none" ? 1 : name eq "batchnorm" ? 2 : \
                       i + (find(norms, "none") ? 0 : 1) + (find(norms, "batchnorm") ? 0 : 1)
