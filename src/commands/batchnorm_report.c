#include "batchnorm_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "batchnorm_groups.h"
#include "dlexp/json.h"
#include "dlexp/locate.h"
#include "dlexp/number.h"
#include "dlexp/statistics.h"
#include "dlexp/table.h"

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

static const char *row_value(const struct report_row *row, const char *key)
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
    const char *status = row_value(row, "status");
    if (!table || table->columns != EPOCH_TEST_ACCURACY + 1 || !status)
        return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again", run->id);
    row->ending = train_ending_of(&run->record, segment);
    row->diverged = row->ending.end != TRAIN_COMPLETED;
    row->model_sha256 = row_value(row, "best_model_sha256");
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

/* Whether the published numbers are of the same data, net and optimizer: beside others they would mislead. */
static bool is_homework(const struct batchnorm *report)
{
    const struct batchnorm_config *config = report->config;
    return strcmp(report->data.name, "genuine MNIST") == 0 && config->net.hidden.count == 2 &&
           config->net.hidden.values[0] == 128 && config->net.hidden.values[1] == 64 && config->net.batch == 60 &&
           strcmp(optimizer_row((size_t)config->optimizer)->name, "momentum") == 0 && config->constants.momentum == 0.9;
}

/* The homework's numbers, wherever they are installed. */
static int read_published(struct batchnorm *report)
{
    static const char *const names[] = {"published/epochs.csv", "published/best.csv"};
    struct csv *const tables[] = {&report->published_epochs, &report->published_best};
    struct error ignored;
    if (!is_homework(report))
        return -1;
    for (size_t i = 0; i < 2; i++) {
        char *path;
        int result = locate_data(&path, names[i], &ignored);
        if (result == 0)
            result = csv_read(tables[i], path, &ignored);
        free(path);
        if (result < 0)
            return -1;
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
    report->published = read_published(report) == 0;
    for (size_t i = 0; i < report->data.test.count; i++)
        if (++counts[report->data.test.labels[i]] > largest)
            largest = counts[report->data.test.labels[i]];
    report->chance_percent = 100.0 * (double)largest / (double)report->data.test.count;
    return 0;
}

void report_free(struct batchnorm *report)
{
    for (size_t i = 0; i < report->count; i++)
        free(report->rows[i].epoch);
    free(report->rows);
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
            const char *text = row_value(row, texts[t]);
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

/* The number in a published table's cell; nan where the page was cut. */
static double published_cell(const struct csv *csv, size_t row, const char *column)
{
    double value;
    const char *why;
    int c = csv_column(csv, column);
    const char *text = c >= 0 ? csv_cell(csv, row, (size_t)c) : "";
    return number_parse_real(text, strlen(text), &value, &why) == 0 ? value : (double)NAN;
}

static bool published_matches(const struct csv *csv, size_t row, const struct report_row *of)
{
    int norm = csv_column(csv, "norm");
    return norm >= 0 && strcmp(csv_cell(csv, row, (size_t)norm), of->norm_name) == 0 &&
           published_cell(csv, row, "lr") == of->lr;
}

static void print_published(const void *batchnorm, FILE *out)
{
    const struct batchnorm *report = batchnorm;
    static const struct {
        const char *name;
        size_t column;
    } metrics[] = {{"train_loss", EPOCH_TRAIN_LOSS},
                   {"train_accuracy_percent", EPOCH_TRAIN_ACCURACY},
                   {"test_accuracy_percent", EPOCH_TEST_ACCURACY}};
    const bool cumulative = report->config->protocol == TRAIN_NOTEBOOK;
    fputs("norm,lr,epoch,runs", out);
    for (size_t m = 0; m < 3; m++)
        fprintf(out, ",published_%s,measured_%s", metrics[m].name, metrics[m].name);
    fputs(",measured_cumulative_train_accuracy_percent,measured_cumulative_test_accuracy_percent\n", out);
    for (size_t first = 0, end; report->published && first < report->count; first = end) {
        end = report_group_end(report, first);
        const struct csv *csv = &report->published_epochs;
        for (size_t row = 0; row < csv->rows; row++) {
            if (!published_matches(csv, row, &report->rows[first]))
                continue;
            size_t epoch = (size_t)published_cell(csv, row, "epoch");
            fprintf(out, "%s,", report->rows[first].norm_name);
            csv_print_real(out, report->rows[first].lr);
            fprintf(out, ",%zu,%zu", epoch,
                    report_group_statistics(report, first, end, report_epoch_cell, EPOCH_TRAIN_LOSS, epoch).count);
            for (size_t m = 0; m < 3; m++) {
                fputc(',', out);
                csv_print_real(out, published_cell(csv, row, metrics[m].name));
                fputc(',', out);
                csv_print_real(
                    out, report_group_statistics(report, first, end, report_epoch_cell, metrics[m].column, epoch).mean);
            }
            for (size_t m = 1; m < 3; m++) {
                fputc(',', out);
                csv_print_real(out, report_group_statistics(report, first, end,
                                                            cumulative ? report_epoch_cell : report_cumulative_cell,
                                                            metrics[m].column, epoch)
                                        .mean);
            }
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
    {.name = "published.csv", .print = print_published},
    {.name = "steps.csv", .print = print_steps, .wanted = steps_wanted},
    {.name = NULL},
};

/* ---- for a person, for a program ---- */

/* "97.92", or "97.92 ± 0.11" where there is an interval; "-" where there is nothing. */
static const char *format_interval(char buffer[64], const struct statistics *s, int decimals)
{
    if (s->count == 0)
        strcpy(buffer, "-");
    else if (s->count == 1)
        snprintf(buffer, 64, "%.*f", decimals, s->mean);
    else
        snprintf(buffer, 64, "%.*f \302\261 %.*f", decimals, s->mean, decimals, s->half_width);
    return buffer;
}

static int print_results(const struct batchnorm *report, FILE *out, struct error *err)
{
    static const struct {
        report_measure_fn *measure;
        size_t column, epoch;
        int decimals;
    } cells[] = {
        {report_final_cell, EPOCH_TRAIN_LOSS, 0, 4},    {report_final_cell, EPOCH_TRAIN_ACCURACY, 0, 2},
        {report_epoch_cell, EPOCH_TEST_ACCURACY, 1, 2}, {report_final_cell, EPOCH_TEST_ACCURACY, 0, 2},
        {report_best_cell, EPOCH_TEST_ACCURACY, 0, 2},
    };
    struct table table;
    char buffer[64];
    if (report->published)
        table_begin(&table, 10, "norm", "lr", "runs", "diverged", "train loss", "train %", "test %: epoch 1", "end",
                    "best", "published");
    else
        table_begin(&table, 9, "norm", "lr", "runs", "diverged", "train loss", "train %", "test %: epoch 1", "end",
                    "best");
    for (size_t first = 0, end; first < report->count; first = end) {
        size_t diverged = 0;
        end = report_group_end(report, first);
        for (size_t i = first; i < end; i++)
            diverged += report->rows[i].diverged;
        table_cell(&table, "%s", report->rows[first].norm_name);
        table_cell(&table, "%s", number_format_real(buffer, report->rows[first].lr));
        table_cell(&table, "%zu", end - first);
        if (diverged == 1 && end - first == 1)
            table_cell(&table, "1 (%s)", train_ending_text(report->rows[first].ending, buffer));
        else
            table_cell(&table, "%zu", diverged);
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            struct statistics s =
                report_group_statistics(report, first, end, cells[c].measure, cells[c].column, cells[c].epoch);
            table_cell(&table, "%s", format_interval(buffer, &s, cells[c].decimals));
        }
        if (report->published) {
            double published = NAN;
            for (size_t row = 0; row < report->published_best.rows; row++)
                if (published_matches(&report->published_best, row, &report->rows[first]))
                    published = published_cell(&report->published_best, row, "test_accuracy_percent");
            if (isnan(published))
                table_cell(&table, "-");
            else
                table_cell(&table, "%.2f", published);
        }
    }
    return table_end(&table, out, err);
}

static void print_answers(const struct batchnorm *report, FILE *out)
{
    const struct reals *lrs = &report->config->lrs;
    char a[64], b[64], d[64];
    bool any = false;
    for (size_t claim = 0; claim < REPORT_CLAIMS; claim++)
        for (size_t l = 0; l < lrs->count; l++) {
            struct report_answer answer;
            if (!report_answer_claim(report, claim, lrs->values[l], &answer))
                continue;
            if (!any)
                fputs("\nDoes BatchNorm do what is said of it?  (test accuracy in %, batchnorm against none)\n", out);
            any = true;
            format_interval(a, &answer.batchnorm, 2);
            format_interval(b, &answer.none, 2);
            fprintf(out, "  %-21s at lr %-6g %s against %s", answer.claim, answer.lr, a, b);
            if (claim == REPORT_CLAIM_RATES)
                fprintf(out, " (chance %.2f)", report->chance_percent);
            else
                fprintf(out, "%s, difference %s", claim == REPORT_CLAIM_FASTER ? " after epoch 1" : " at the end",
                        format_interval(d, &answer.difference, 2));
            fprintf(out, ": %s\n", answer.verdict);
        }
}

int report_print(const void *batchnorm, FILE *out, struct error *err)
{
    const struct batchnorm *report = batchnorm;
    if (print_results(report, out, err) < 0)
        return -1;
    if (report->published)
        fputs("published: the homework's best test accuracy, which averages over the epochs so far (data/README.md)\n",
              out);
    print_answers(report, out);
    return 0;
}

static void add_statistics(cJSON *object, const char *name, const struct statistics *s)
{
    cJSON *entry = json_add_object(object, name);
    json_add_number(entry, "runs", (double)s->count);
    if (s->count > 0)
        json_add_number(entry, "mean", s->mean);
    if (s->count > 1)
        json_add_number(entry, "half_width_95", s->half_width);
}

struct cJSON *report_to_json(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    const struct reals *lrs = &report->config->lrs;
    cJSON *root = cJSON_CreateObject();
    json_add_string(root, "experiment", "batchnorm");
    json_add_string(root, "data", report->data.name);
    json_add_number(root, "chance_percent", report->chance_percent);
    cJSON *rows = json_add_array(root, "results");
    for (size_t first = 0, end; first < report->count; first = end) {
        end = report_group_end(report, first);
        size_t diverged = 0;
        cJSON *row = json_append(rows, cJSON_CreateObject());
        for (size_t i = first; i < end; i++)
            diverged += report->rows[i].diverged;
        json_add_string(row, "norm", report->rows[first].norm_name);
        json_add_number(row, "lr", report->rows[first].lr);
        json_add_number(row, "runs", (double)(end - first));
        json_add_number(row, "diverged", (double)diverged);
        struct statistics s = report_group_statistics(report, first, end, report_final_cell, EPOCH_TRAIN_LOSS, 0);
        add_statistics(row, "train_loss", &s);
        s = report_group_statistics(report, first, end, report_final_cell, EPOCH_TEST_ACCURACY, 0);
        add_statistics(row, "test_accuracy_percent", &s);
        s = report_group_statistics(report, first, end, report_best_cell, EPOCH_TEST_ACCURACY, 0);
        add_statistics(row, "best_test_accuracy_percent", &s);
    }
    cJSON *answers = json_add_array(root, "answers");
    for (size_t claim = 0; claim < REPORT_CLAIMS; claim++)
        for (size_t l = 0; l < lrs->count; l++) {
            struct report_answer answer;
            if (!report_answer_claim(report, claim, lrs->values[l], &answer))
                continue;
            cJSON *entry = json_append(answers, cJSON_CreateObject());
            json_add_string(entry, "claim", answer.claim);
            json_add_number(entry, "lr", answer.lr);
            add_statistics(entry, "batchnorm", &answer.batchnorm);
            add_statistics(entry, "none", &answer.none);
            add_statistics(entry, "difference", &answer.difference);
            json_add_string(entry, "verdict", answer.verdict);
        }
    return root;
}
