/*
 * tfevents.h - event files, which TensorBoard reads: scalars of a run over its steps.
 *
 * A file is a row of records (TFRecord): length (8 bytes), masked CRC-32C of these, data, masked CRC-32C of these, all
 * little-endian; masked: ((crc >> 15) | (crc << 17)) + 0xa282ead8.  The data are one protocol buffer each, an Event:
 * wall_time = 1 (double), step = 2 (int64), file_version = 3 (string), summary = 5, session_log = 7.
 * Sources: tensorflow/core/util/event.proto and framework/summary.proto; core/lib/io/record_writer.h.
 *
 * The times are all 0, so that the same runs give the same bytes.  What `out` refuses is for `out` to remember, as an
 * output (output.h) does.
 */
#ifndef DLEXP_TFEVENTS_H
#define DLEXP_TFEVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* tfevents_begin - the file's version, and a START of the session at `step`: what an earlier file of the run has from
 * there on is no longer shown. */
void tfevents_begin(FILE *out, int64_t step);

/* tfevents_scalar - one number; it is shown as a float. */
void tfevents_scalar(FILE *out, int64_t step, const char *tag, double value);

/* tfevents_crc - CRC-32C (Castagnoli; reflected polynomial 0x82f63b78), not masked. */
uint32_t tfevents_crc(const void *data, size_t size);

#endif
