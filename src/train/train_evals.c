/* Evaluations between epochs: when they are, and their table in a record. */
#include "dlexp/train/train_evals.h"

#include <math.h>

#include "dlexp/base/divisor.h"

bool train_evals_due(const struct train_config *config, const struct dataset *data, uint64_t step)
{
    return config->selection.eval_every > 0 && step % config->selection.eval_every == 0 &&
           step % train_epoch_steps(config, data) != 0;
}

uint64_t train_evals_count(const struct train_config *config, const struct dataset *data, uint64_t steps)
{
    const uint64_t every = config->selection.eval_every, epoch = train_epoch_steps(config, data);
    if (every == 0)
        return 0;
    /* Less those at which an epoch ends, the multiples of both. */
    return steps / every - steps / epoch / (every / greatest_common_divisor(every, epoch));
}

uint64_t train_evals_numbers(const struct train_config *config, const struct dataset *data)
{
    const uint64_t steps = train_epoch_steps(config, data) * (uint64_t)config->epochs;
    return EVAL_COLUMNS * train_segments(config) * train_evals_count(config, data, steps);
}

void train_evals_note(struct record *record, struct record_table *evals, size_t segment, uint64_t step,
                      struct train_score score)
{
    const double loss = isfinite(score.loss) ? score.loss : (double)NAN;
    const double cells[EVAL_COLUMNS] = {(double)segment, (double)step, loss, score.accuracy_percent};
    record_table_row(record, evals, cells);
}

void train_evals_check(struct record_audit *audit, const struct train_config *config, const struct dataset *data,
                       size_t segment, uint64_t steps, size_t *row)
{
    const struct record_table *table = record_table_find(audit->record, TRAIN_EVALS_TABLE);
    const uint64_t every = config->selection.eval_every;
    for (uint64_t step = every; every > 0 && step <= steps; step += every) {
        if (!train_evals_due(config, data, step))
            continue;
        if (++*row > (table ? table->rows : 0) || table->columns != EVAL_COLUMNS)
            continue; /* told at the end */
        const double *cells = table->cells + (*row - 1) * EVAL_COLUMNS;
        if (cells[EVAL_SEGMENT] != (double)segment || cells[EVAL_STEP] != (double)step)
            record_audit_fail(audit, "expected step %llu of segment %zu in row %zu of its table '%s', got others",
                              (unsigned long long)step, segment, *row, TRAIN_EVALS_TABLE);
        if (!(cells[EVAL_ACCURACY] >= 0 && cells[EVAL_ACCURACY] <= 100) || isinf(cells[EVAL_LOSS]))
            record_audit_fail(audit,
                              "expected an accuracy of 0 to 100 %% and a loss that is finite or nan in row %zu of its "
                              "table '%s', got others",
                              *row, TRAIN_EVALS_TABLE);
    }
}

void train_evals_check_end(struct record_audit *audit, const struct train_config *config, size_t row)
{
    if (config->selection.eval_every > 0)
        record_audit_rows(audit, record_audit_table(audit, TRAIN_EVALS_TABLE, TRAIN_EVALS_HEADER, 0), row);
}
