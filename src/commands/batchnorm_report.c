/* What dlexp batchnorm derives from its records, and the tables it writes. */
#include "batchnorm_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "batchnorm_groups.h"
#include "batchnorm_published.h"
#include "batchnorm_result.h"

/* ---- rows ---- */

static int compare_rows(const void *a_, const void *b_)
{
    const struct report_row *a = a_, *b = b_;
    if (a->norm != b->norm)
        return a->norm < b->norm ? -1 : 1;
    if (a->lr != b->lr)
        return a->lr < b->lr ? -1 : 1;
    return (a->seed > b->seed) - (a->seed < b->seed);
}

const char *report_value(const struct report_row *row, const char *key)
{
    char name[64];
    snprintf(name, sizeof name, "segment.%zu.%s", row->segment, key);
    return record_get(&row->run->record, name);
}

static int make_row(struct report_row *row, const struct run *run, const struct train_config *train, size_t segment,
                    struct error *err)
{
    const struct record_table *table = record_table_find(&run->record, "epochs");
    /* Segments go rate by rate, and within a rate norm by norm. */
    *row = (struct report_row){.run = run, .segment = segment, .seed = train->seed};
    row->norm = (enum mlp_norm)train->norms.values[segment % train->norms.count];
    row->lr = train->lrs.values[segment / train->norms.count];
    mlp_norm_name((size_t)row->norm, &row->norm_name);
    const char *status = report_value(row, "status");
    if (!table || table->columns != EPOCH_TEST_ACCURACY + 1 || !status)
        return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again", run->id);
    row->ending = train_ending_of(&run->record, segment);
    row->diverged = row->ending.end != TRAIN_COMPLETED;
    row->model_sha256 = report_value(row, "best_model_sha256");
    row->epoch = malloc((table->rows + 1) * sizeof *row->epoch);
    if (!row->epoch)
        return error_out_of_memory(err, "the tables");
    for (size_t i = 0; i < table->rows; i++) {
        const double *cells = table->cells + i * table->columns;
        if (cells[EPOCH_SEGMENT] == (double)segment)
            row->epoch[row->epochs++] = cells;
    }
    return 0;
}

int report_make(void *batchnorm, const struct plan *plan, struct error *err)
{
    struct batchnorm *report = batchnorm;
    const struct train_config *trains = report->trains;
    size_t count = 0, counts[256] = {0}, largest = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += train_segments(&trains[i]);
    report->rows = calloc(count, sizeof *report->rows);
    if (!report->rows)
        return error_out_of_memory(err, "the tables");
    for (size_t i = 0; i < plan->count; i++)
        for (size_t s = 0; s < train_segments(&trains[i]); s++)
            if (make_row(&report->rows[report->count++], &plan->runs[i], &trains[i], s, err) < 0)
                return -1;
    qsort(report->rows, report->count, sizeof *report->rows, compare_rows);
    for (size_t i = 0; i < report->data.test.count; i++)
        if (++counts[report->data.test.labels[i]] > largest)
            largest = counts[report->data.test.labels[i]];
    report->chance_percent = 100.0 * (double)largest / (double)report->data.test.count;
    if (report_make_groups(report, err) < 0 || published_read(report, err) < 0 || report_make_answers(report, err) < 0)
        return -1;
    report_make_notes(report);
    return 0;
}

void report_free(struct batchnorm *report)
{
    for (size_t i = 0; i < report->count; i++)
        free(report->rows[i].epoch);
    free(report->rows);
    free(report->scratch);
    free(report->groups);
    free(report->answers);
    csv_free(&report->published_epochs);
    csv_free(&report->published_best);
}

/* ---- tables ---- */

/* The columns that name a row. */
static void print_key(FILE *out, const struct report_row *row)
{
    fprintf(out, "%s,", row->norm_name);
    csv_print_real(out, row->lr);
    fprintf(out, ",%lld,", (long long)row->seed);
}

static void print_epochs(const void *batchnorm, FILE *out)
{
    const struct batchnorm *report = batchnorm;
    fputs("norm,lr,seed,epoch,train_loss,train_accuracy_percent,test_loss,test_accuracy_percent\n", out);
    for (size_t i = 0; i < report->count; i++)
        for (size_t k = 0; k < report->rows[i].epochs; k++) {
            print_key(out, &report->rows[i]);
            for (size_t c = EPOCH_NUMBER; c <= EPOCH_TEST_ACCURACY; c++) {
                csv_print_real(out, report->rows[i].epoch[k][c]);
                fputc(c < EPOCH_TEST_ACCURACY ? ',' : '\n', out);
            }
        }
}

static void print_summary(const void *batchnorm, FILE *out)
{
    const struct batchnorm *report = batchnorm;
    static const char *const texts[] = {"parameters", "initial_weights_sha256", "final_weights_sha256",
                                        "best_model_sha256"};
    fputs("norm,lr,seed,status,diverged_step,final_epoch,final_train_loss,final_train_accuracy_percent,final_test_loss,"
          "final_test_accuracy_percent,best_epoch,best_test_accuracy_percent,parameters,initial_weights_sha256,"
          "final_weights_sha256,best_model_sha256,run\n",
          out);
    for (size_t i = 0; i < report->count; i++) {
        const struct report_row *row = &report->rows[i];
        const double *last = report_last_epoch(row), *best = report_best_epoch(row);
        print_key(out, row);
        fprintf(out, "%s,", train_end_name(row->ending.end));
        if (row->ending.end == TRAIN_DIVERGED)
            fprintf(out, "%llu", (unsigned long long)row->ending.step);
        for (size_t c = EPOCH_NUMBER; c <= EPOCH_TEST_ACCURACY; c++) {
            fputc(',', out);
            csv_print_real(out, last ? last[c] : (double)NAN);
        }
        fputc(',', out);
        csv_print_real(out, best ? best[EPOCH_NUMBER] : (double)NAN);
        fputc(',', out);
        csv_print_real(out, best ? best[EPOCH_TEST_ACCURACY] : (double)NAN);
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            const char *text = report_value(row, texts[t]);
            fprintf(out, ",%s", text ? text : "");
        }
        fprintf(out, ",%s\n", row->run->id);
    }
}

static void print_steps(const void *batchnorm, FILE *out)
{
    const struct batchnorm *report = batchnorm;
    fputs("norm,lr,seed,step,train_loss\n", out);
    for (size_t i = 0; i < report->count; i++) {
        char name[32];
        snprintf(name, sizeof name, "steps.%zu", report->rows[i].segment);
        const struct record_table *steps = record_table_find(&report->rows[i].run->record, name);
        for (size_t step = 1; steps && step <= steps->rows; step++) {
            /* Every N-th, and the first. */
            if (step != 1 && step % (size_t)report->config->log_every != 0)
                continue;
            print_key(out, &report->rows[i]);
            fprintf(out, "%zu,", step);
            csv_print_float(out, (float)steps->cells[step - 1]);
            fputc('\n', out);
        }
    }
}

static bool steps_wanted(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    return report->config->log_every > 0;
}

const struct experiment_table report_tables[] = {
    {.name = "epochs.csv", .print = print_epochs},
    {.name = "summary.csv", .print = print_summary},
    {.name = "published.csv", .print = published_print, .wanted = published_wanted},
    {.name = "steps.csv", .print = print_steps, .wanted = steps_wanted},
    {.name = NULL},
};
