/*
 * safetensors.h - named tensors as bytes: the format of huggingface/safetensors, which PyTorch and others load.
 *
 * A little-endian u64, the length of the header; the header, JSON {name: {dtype, shape, data_offsets}}, padded with
 * blanks to a multiple of 8; then the tensors' bytes, little-endian, one after the other, without gaps.
 *
 * Each tensor begins at a multiple of its element's size, so that readers may map the file.  They lie in the order of
 * the state_dict where that does it, and with the wider types first otherwise.
 */
#ifndef DLEXP_SAFETENSORS_H
#define DLEXP_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/net/mlp.h"

/*
 * safetensors_from_mlp - the network's state_dict as a malloc'ed file image.  metadata: NULL or lines "key=value",
 * which become the header's "__metadata__".
 */
int safetensors_from_mlp(const struct mlp *mlp, const char *metadata, unsigned char **data, size_t *size,
                         struct error *err);

/*
 * safetensors_aligned - whether each tensor of a file of ours begins at a multiple of its element's size: earlier
 * versions kept to the state_dict's order whatever the widths.  Fails for lack of memory alone; what is no such file is
 * not aligned.
 */
int safetensors_aligned(bool *aligned, const unsigned char *data, size_t size, struct error *err);

#endif
