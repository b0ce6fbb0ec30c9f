/* The tables of question 3 with a column or a row for each threshold: verdicts, and the runs in order; see report.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* ---- the guess against what was measured: a row for each claim and function, a column for each threshold ---- */

enum { THRESHOLDS = 4 };
static const char *const thresholds[THRESHOLDS] = {"1e-1", "1e-2", "1e-3", "1e-6"};

static const struct frame_column matrix_columns[] = {
    {.name = "claim", .type = FRAME_TEXT, .title = "claim"},
    {.name = "at", .type = FRAME_TEXT, .title = "on"},
    {.name = "1e-1", .type = FRAME_TEXT, .title = "to 1e-1"},
    {.name = "1e-2", .type = FRAME_TEXT, .title = "to 1e-2"},
    {.name = "1e-3", .type = FRAME_TEXT, .title = "to 1e-3"},
    {.name = "1e-6", .type = FRAME_TEXT, .title = "to 1e-6"},
    {.name = NULL},
};

static bool is_same(const struct csv *csv, size_t a, size_t b, const char *name)
{
    return strcmp(report_cell(csv, a, name), report_cell(csv, b, name)) == 0;
}

/* "supported (574, 968)" */
static void fill_verdict(struct frame *frame, const struct csv *csv, size_t row)
{
    const char *first = report_cell(csv, row, "first_iterations"), *second = report_cell(csv, row, "second_iterations");
    const char *reason = report_cell(csv, row, "reason");
    char text[256];
    if (!*first && !*second) /* why, in its first words */
        snprintf(text, sizeof text, "%.40s: %.*s", report_cell(csv, row, "verdict"), (int)strcspn(reason, ";"), reason);
    else
        snprintf(text, sizeof text, "%.40s (%.40s, %.40s)", report_cell(csv, row, "verdict"), *first ? first : "-",
                 *second ? second : "-");
    frame_text(frame, text);
}

const char *const report_optim_asked[] = {"momentum-all",  "gd-f1-f2",   "momentum-f1-f2",
                                          "rmsprop-f1-f2", "adam-f1-f2", NULL};

struct matrix {
    const struct csv *csv;
    bool asked;
};

static bool is_asked(const char *id)
{
    for (size_t i = 0; report_optim_asked[i]; i++)
        if (strcmp(report_optim_asked[i], id) == 0)
            return true;
    return false;
}

static void fill_matrix(const void *context, struct frame *frame)
{
    const struct matrix *matrix = context;
    const struct csv *csv = matrix->csv;
    char text[256];
    for (size_t row = 0; row < csv->rows; row++) {
        if ((row > 0 && is_same(csv, row, row - 1, "id") && is_same(csv, row, row - 1, "at")) ||
            (matrix->asked && !is_asked(report_cell(csv, row, "id"))))
            continue;
        snprintf(text, sizeof text, "%.20s: %.200s", report_cell(csv, row, "source"), report_cell(csv, row, "claim"));
        frame_text(frame, text);
        frame_text(frame, report_cell(csv, row, "at"));
        for (size_t t = 0; t < THRESHOLDS; t++) {
            size_t at = row;
            while (at < csv->rows && is_same(csv, at, row, "id") && is_same(csv, at, row, "at") &&
                   strcmp(report_cell(csv, at, "threshold"), thresholds[t]) != 0)
                at++;
            if (at < csv->rows && is_same(csv, at, row, "id") && is_same(csv, at, row, "at"))
                fill_verdict(frame, csv, at);
            else
                frame_none(frame);
        }
    }
}

static const struct frame_column finding_columns[] = {
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "finding", .type = FRAME_TEXT, .title = "the homework found"},
    {.name = "verdict", .type = FRAME_TEXT, .title = "verdict"},
    {.name = "ahead_first", .type = FRAME_TEXT, .title = "lower at first, on", .optional = true},
    {.name = "overtaken_at", .type = FRAME_NUMBER, .title = "overtaken at", .optional = true},
    {.name = NULL},
};

void report_optim_matrix(struct report *report, bool only_asked)
{
    const struct report_folder *folder = NULL;
    while ((folder = only_asked ? report_homework(report, "optim", folder) : report_next(report, "optim", folder)) !=
           NULL) {
        struct csv csv;
        char caption[900], other[REPORT_OTHER];
        if (!report_read(report, folder, "claims.csv", &csv))
            continue;
        snprintf(
            caption, sizeof caption,
            "%s in runs of %.0f iterations: the iteration from which f stays below each threshold, of the two runs "
            "that decide; - where one does not get there. From %.200s/claims.csv%s",
            only_asked ? "Question 3, the homework's guesses and findings" : "All guesses and findings",
            report_length(folder), folder->name, report_other(other, folder));
        if (csv.rows > 0)
            document_records(&report->document, caption, matrix_columns, fill_matrix,
                             &(struct matrix){&csv, only_asked});
        csv_free(&csv);
        if (only_asked)
            report_table(report, folder, "comparison.csv",
                         "What the homework found of f1 against f2, iteration by iteration.", finding_columns);
    }
}

/* ---- the eight in order, from their summary ---- */

static double iterations_of(const struct csv *csv, size_t row, const char *threshold)
{
    char name[64];
    snprintf(name, sizeof name, "stays_below_from_%s", threshold);
    const char *text = report_cell(csv, row, name);
    return *text ? strtod(text, NULL) : HUGE_VAL;
}

/* The row that follows row `before` (csv->rows: none) in order of iterations, equals by their row; csv->rows: none. */
static size_t next_ranked(const struct csv *csv, const char *threshold, size_t before)
{
    const double last = before < csv->rows ? iterations_of(csv, before, threshold) : -1;
    size_t best = csv->rows;
    for (size_t row = 0; row < csv->rows; row++) {
        const double at = iterations_of(csv, row, threshold);
        const bool behind = at > last || (at == last && before < csv->rows && row > before);
        if (isfinite(at) && behind && (best == csv->rows || at < iterations_of(csv, best, threshold)))
            best = row;
    }
    return best;
}

static const struct frame_column ranking_columns[] = {
    {.name = "threshold", .type = FRAME_TEXT, .title = "until f <"},
    {.name = "ranking", .type = FRAME_TEXT, .title = "fastest first (iterations)"},
    {.name = "never", .type = FRAME_TEXT, .title = "not there at the end"},
    {.name = NULL},
};

/* Its columns that name a run beside those that tell the table's rows apart. */
static const struct frame_column named_columns[] = {{.name = "optimizer"}, {.name = "fn"}, {.name = NULL}};

struct ranking {
    const struct csv *csv;
    struct frame_column varied[REPORT_VARIED];
    size_t count;
};

/* "momentum f1", "momentum f1 lr 0.01" */
static const char *name_run(char text[128], const struct ranking *ranking, size_t row)
{
    size_t used = (size_t)snprintf(text, 128, "%.20s %.20s", report_cell(ranking->csv, row, "optimizer"),
                                   report_cell(ranking->csv, row, "fn"));
    for (size_t i = 0; i < ranking->count && used < 128; i++) {
        const char *value = report_cell(ranking->csv, row, ranking->varied[i].name);
        if (*value)
            used += (size_t)snprintf(text + used, 128 - used, " %.20s %.20s", ranking->varied[i].title, value);
    }
    return text;
}

static void fill_ranking(const void *context, struct frame *frame)
{
    const struct ranking *ranking = context;
    const struct csv *csv = ranking->csv;
    char name[128];
    for (size_t t = 0; t < THRESHOLDS; t++) {
        char order[2048] = "", never[2048] = "";
        size_t used = 0, before = csv->rows, row;
        for (; (row = next_ranked(csv, thresholds[t], before)) < csv->rows && used < sizeof order; before = row) {
            const bool equal = before < csv->rows &&
                               iterations_of(csv, before, thresholds[t]) == iterations_of(csv, row, thresholds[t]);
            used += (size_t)snprintf(order + used, sizeof order - used, "%s%s %.0f",
                                     before == csv->rows ? ""
                                     : equal             ? " = "
                                                         : " > ",
                                     name_run(name, ranking, row), iterations_of(csv, row, thresholds[t]));
        }
        for (row = used = 0; row < csv->rows && used < sizeof never; row++)
            if (!isfinite(iterations_of(csv, row, thresholds[t])))
                used += (size_t)snprintf(never + used, sizeof never - used, "%s%s", used ? ", " : "",
                                         name_run(name, ranking, row));
        frame_text(frame, thresholds[t]);
        frame_text(frame, *order ? order : "none");
        frame_text(frame, never);
    }
}

void report_optim_ranking(struct report *report, const struct report_chapter *chapter)
{
    const struct report_folder *folder = NULL;
    while ((folder = report_next(report, chapter->experiment, folder)) != NULL) {
        struct csv csv;
        char caption[800], other[REPORT_OTHER];
        if (report_has(report, folder, "trajectory.csv") && report_read(report, folder, "summary.csv", &csv)) {
            snprintf(caption, sizeof caption,
                     "The runs in order of the iteration from which f stays below a threshold, in %.0f iterations; "
                     "= as fast. From %.200s/summary.csv%s",
                     report_length(folder), folder->name, report_other(other, folder));
            struct ranking ranking = {.csv = &csv};
            ranking.count = report_varied(folder, &csv, named_columns, ranking.varied);
            if (csv.rows <= REPORT_ROWS)
                document_records(&report->document, caption, ranking_columns, fill_ranking, &ranking);
            csv_free(&csv);
        }
    }
}
