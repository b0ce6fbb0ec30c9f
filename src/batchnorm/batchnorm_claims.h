/*
 * batchnorm_claims.h - the claims about BatchNorm (batchnorm_evidence.h), judged by the command's runs: rows to grids,
 * one for each block of the grid, and the tables of their answers.
 *
 * They speak of the nets with the norms none and batchnorm, whatever else is in the grid.  Every block has its claims.
 */
#ifndef DLEXP_BATCHNORM_CLAIMS_H
#define DLEXP_BATCHNORM_CLAIMS_H

#include "batchnorm_evidence.h"
#include "batchnorm_rows.h"

/* Of one block. */
struct report_evidence {
    const struct run *run; /* one of its runs: what they have in common */
    struct evidence evidence;
    /* What evidence.grid is of: */
    struct evidence_rate *rates;
    int64_t *seeds;
    struct evidence_run *runs[EVIDENCE_NETS];
    struct evidence_evaluation *evaluations;
};

/* What is judged of a block: its first `seeds` seeds (SIZE_MAX: all); refined: with the runs between the grid's rates.
 */
struct report_scope {
    size_t block, seeds;
    bool refined;
};

/*
 * report_evidence_read - the grid and rules of that, which point into *of (zeroed before).  report_evidence_make - and
 * of->evidence.  report_evidence_free - after success and failure alike.
 */
int report_evidence_read(struct report_evidence *of, struct evidence_grid *grid, struct evidence_rules *rules,
                         const struct batchnorm *report, const struct report_scope *scope, struct error *err);
int report_evidence_make(struct report_evidence *of, const struct batchnorm *report, const struct report_scope *scope,
                         struct error *err);
void report_evidence_free(struct report_evidence *of);

/* report_make_evidence - from the rows; of the runs that (c) compares, also the bits per test image, read from the
 * store. report_free_evidence - after success and failure alike. */
int report_make_evidence(struct batchnorm *report, struct error *err);
void report_free_evidence(struct batchnorm *report);

/* report_run_of - a row as the claims see it, with its evaluations (report_evaluations), which are not copied. */
struct evidence_run report_run_of(const struct batchnorm *report, const struct report_row *row,
                                  const struct evidence_evaluation *evaluations, size_t evaluation_count);

/* report_fill_claims - claims.csv: a row for each claim's number, and of (a) and (c) one for each rate that both nets
 * have.  report_answers_columns - the claims' numbers with all that is known beside them, as JSON has it. */
void report_fill_claims(const void *batchnorm, struct frame *frame);
extern const struct frame_column report_answers_columns[];
void report_fill_answers(const void *batchnorm, struct frame *frame);

#endif
