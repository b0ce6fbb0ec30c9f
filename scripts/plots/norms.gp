# norms.gp - how a norm is called and which series of the colours and marks it is: the same in every figure.  `norms` is the
# list of those that the figure has, i the norm's place in it.
norm_title(name) = name eq "none" ? "No normalization" : name eq "batchnorm" ? "BatchNorm" : name eq "layernorm" ? "LayerNorm" : name
norm_series(name, i) = name eq "none" ? 1 : name eq "batchnorm" ? 2 : i + (find(norms, "none") ? 0 : 1) + (find(norms, "batchnorm") ? 0 : 1)
