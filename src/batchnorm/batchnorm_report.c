/* What dlexp batchnorm derives from its records, and the tables it writes. */
#include "batchnorm_report.h"

#include <math.h>

#include "batchnorm_claims.h"
#include "batchnorm_groups.h"
#include "batchnorm_published.h"
#include "batchnorm_result.h"

int report_make(void *batchnorm, const struct plan *plan, struct error *err)
{
    struct batchnorm *report = batchnorm;
    if (report_make_rows(report, plan, err) < 0 || report_make_groups(report, err) < 0 ||
        published_read(report, err) < 0 || report_make_answers(report, err) < 0)
        return -1;
    report_make_notes(report);
    return 0;
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
