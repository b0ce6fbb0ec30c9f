/* The chapter on question 3: four optimizers on two quadratics; see report.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static void write_functions(struct report *report)
{
    struct document *document = &report->document;
    document_paragraph(document,
                       "Minimise two functions of $x$ and $y$ with gradient descent (GD), momentum, RMSProp and "
                       "Adam, all at the rate 0.001, in 2000 iterations or more, $f_1$ from (1, 1) and $f_2$ "
                       "from $(\\sqrt{2}, 0)$.");
    document_formula(document, "\\begin{aligned} f_1 &= x^2 + 0.1 \\, y^2 \\\\ f_2 &= \\frac{(x - y)^2}{2} + 0.1 \\, "
                               "\\frac{(x + y)^2}{2} \\end{aligned}");
    if (!report_question(report, "optim-functions", "The curvature of the functions",
                         "What are the Hessians of both functions, their eigenvalues, eigenvectors and condition "
                         "numbers?",
                         NULL))
        return;
    document_formula(document,
                     "H_1 = \\begin{pmatrix} 2 & 0 \\\\ 0 & 0.2 \\end{pmatrix}, \\quad H_2 = \\begin{pmatrix} "
                     "1.1 & -0.9 \\\\ -0.9 & 1.1 \\end{pmatrix}");
    document_paragraph(document,
                       "Both Hessians have the eigenvalues 2 and 0.2, so both functions are convex with the "
                       "condition number $\\kappa = 2 / 0.2 = 10$. The eigenvectors of $H_1$ are the axes, those "
                       "of $H_2$ the diagonals: with $u = (x - y) / \\sqrt{2}$ and $v = (x + y) / \\sqrt{2}$, "
                       "$f_2 = u^2 + 0.1 \\, v^2$, and the start is $(u, v) = (1, 1)$. So $f_2$ is $f_1$ **turned by "
                       "45 degrees**, with its start.");
}

static void write_rules(struct report *report)
{
    static const struct {
        const char *name, *rule;
    } rules[] = {
        {"GD:", "w \\leftarrow w - lr \\, g"},
        {"Momentum 0.9:", "m \\leftarrow 0.9 \\, m + g, \\quad w \\leftarrow w - lr \\, m"},
        {"RMSProp:", "\\begin{aligned} v &\\leftarrow 0.99 \\, v + 0.01 \\, g^2 \\\\ w &\\leftarrow w - lr \\, "
                     "\\frac{g}{\\sqrt{v} + 10^{-8}} \\end{aligned}"},
        {"Adam, at step $t$:",
         "\\begin{aligned} m &\\leftarrow 0.9 \\, m + 0.1 \\, g, \\quad v \\leftarrow 0.999 \\, v + 0.001 \\, g^2 \\\\ "
         "w &\\leftarrow w - lr \\, \\frac{m / (1 - 0.9^t)}{\\sqrt{v / (1 - 0.999^t)} + 10^{-8}} \\end{aligned}"},
    };
    document_heading(&report->document, 3, "optim-rules", "The update rules");
    document_paragraph(&report->document,
                       "With the gradient $g = \\nabla f(w)$; squares, roots and quotients are of each "
                       "coordinate by itself.");
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        document_paragraph(&report->document, rules[i].name);
        document_formula(&report->document, rules[i].rule);
    }
}

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

/* Of the claims that the questions (b) and (c) ask for; the guess has more. */
static const char *const asked[] = {"momentum-all", "gd-f1-f2", "momentum-f1-f2", "rmsprop-f1-f2", "adam-f1-f2"};
enum { ASKED = sizeof asked / sizeof *asked };

struct matrix {
    const struct csv *csv;
    bool asked;
};

static bool is_asked(const char *id)
{
    for (size_t i = 0; i < ASKED; i++)
        if (strcmp(asked[i], id) == 0)
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

/* ---- tables ---- */

static const struct frame_column run_columns[] = {
    {.name = "fn", .type = FRAME_TEXT, .title = "function"},
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "lr", .type = FRAME_NUMBER, .title = "lr"},
    {.name = "final_objective", .type = FRAME_REAL, .title = "final f", .shown = SHOWN_DIGITS, .places = 4},
    {.name = "stays_below_from_1e-1", .type = FRAME_NUMBER, .title = "below 1e-1 from"},
    {.name = "stays_below_from_1e-2", .type = FRAME_NUMBER, .title = "1e-2"},
    {.name = "stays_below_from_1e-3", .type = FRAME_NUMBER, .title = "1e-3"},
    {.name = "stays_below_from_1e-6", .type = FRAME_NUMBER, .title = "1e-6"},
    {.name = "ending", .type = FRAME_TEXT, .title = "ending"},
    {.name = NULL},
};

static const struct frame_column comparison_columns[] = {
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "curves", .type = FRAME_TEXT, .title = "curves on f1 and f2"},
    {.name = "max_difference", .type = FRAME_REAL, .title = "largest difference", .shown = SHOWN_DIGITS, .places = 3},
    {.name = "at_iteration", .type = FRAME_NUMBER, .title = "at iteration"},
    {.name = "ahead_first", .type = FRAME_TEXT, .title = "lower at first, on", .optional = true},
    {.name = "overtaken_at", .type = FRAME_NUMBER, .title = "overtaken at", .optional = true},
    {.name = "finding", .type = FRAME_TEXT, .title = "the homework found"},
    {.name = "verdict", .type = FRAME_TEXT, .title = "verdict"},
    {.name = NULL},
};

static const struct frame_column phase_columns[] = {
    {.name = "fn", .type = FRAME_TEXT, .title = "function"},
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "phase", .type = FRAME_NUMBER, .title = "phase"},
    {.name = "first_iteration", .type = FRAME_NUMBER, .title = "from"},
    {.name = "last_iteration", .type = FRAME_NUMBER, .title = "to"},
    {.name = "log_slope", .type = FRAME_REAL, .title = "slope of ln f", .shown = SHOWN_DIGITS, .places = 3},
    {.name = "measured_rate_1",
     .type = FRAME_REAL,
     .title = "factor per step",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 6},
    {.name = "predicted_rate_1",
     .type = FRAME_REAL,
     .title = "the same by theory",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 6},
    {.name = NULL},
};

static void write_each(struct report *report, const struct report_chapter *chapter, const char *table,
                       const char *caption, const struct frame_column *columns)
{
    const struct report_folder *folder = NULL;
    while ((folder = report_next(report, chapter->experiment, folder)) != NULL)
        if (report_has(report, folder,
                       "trajectory.csv")) /* runs at many angles are too many to list; there is a figure */
            report_table(report, folder, table, caption, columns);
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

static void write_ranking(struct report *report, const struct report_chapter *chapter)
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

static void write_why(struct report *report)
{
    struct document *document = &report->document;
    document_paragraph(document,
                       "**GD and momentum**: a rotation $Q$ of the plane turns the gradient with it, $g \\to Q g$. "
                       "Both rules only add and scale whole vectors, so every iterate on $f_2$ is the turned "
                       "iterate on $f_1$, and the curves are the same but for rounding. Along each eigenvector "
                       "with curvature $h$ they go by themselves:");
    document_formula(document,
                     "\\begin{aligned} \\text{GD: } & f_k = (1 - 2 \\, lr)^{2k} + 0.1 \\, (1 - 0.2 \\, lr)^{2k} \\\\ "
                     "\\text{momentum: } & z^2 - (1 + 0.9 - lr \\, h) \\, z + 0.9 = 0 \\end{aligned}");
    document_paragraph(
        document, "where the larger root $z$ is the factor of one step. **First phase**: the steep direction, "
                  "$h = 2$, decays, by the factor 0.998 for GD and 0.973515 for momentum. **Second phase**: the flat "
                  "one, $h = 0.2$, is what is left, with 0.9998 and 0.997963. So GD's distance falls ten times as "
                  "slowly in the second phase ($\\text{ln} \\, 0.998 / \\text{ln} \\, 0.9998$), and momentum is 13.4 "
                  "times as fast as GD in the first and 10.2 times in the second. The slope of $f$ as a whole "
                  "changes less, as the flat direction has its part in the first phase already.");
    document_paragraph(
        document, "**RMSProp and Adam** divide each coordinate by the size of its own gradients. On $f_1$ the "
                  "coordinates are the eigenvectors, so the steep and the flat direction are scaled by "
                  "themselves; on $f_2$ both coordinates see a mixture of the two and are scaled alike. The "
                  "homework's two parts of the way, \"f2 first, then f1\", are those before and after the curves "
                  "cross, \"overtaken at\" in the table of $f_1$ against $f_2$; they are not the phases of the "
                  "table of slopes. By that finding the curve of $f_2$ is the lower one before the crossing, that of "
                  "$f_1$ behind it. So a rotation matters to a rule that scales "
                  "coordinates, and only to such a one.");
}

static void write_guess(struct document *document)
{
    document_paragraph(document, "The homework guessed: momentum first, as fast on $f_1$ as on $f_2$; then RMSProp and "
                                 "Adam, RMSProp faster on $f_1$; GD last.");
    document_paragraph(document,
                       "What speaks for it: **momentum** adds up the gradients before, with 0.9 to ten times one of "
                       "them, and as it only adds and scales vectors, the rotation does not matter to it. "
                       "**RMSProp and Adam** divide each coordinate by the size of its gradients, so a step is about "
                       "$lr$ in each coordinate, also in a flat one; that suits $f_1$, whose coordinates are its "
                       "eigenvectors, better than $f_2$. RMSProp's average of squares begins at $0.01 \\, g^2$, which "
                       "makes its first step $10 \\, lr$; Adam corrects for that, and its first step is $lr$. **GD** "
                       "waits for the flat direction, of which a step leaves the share 0.9998. What was measured:");
}

void report_write_optim(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    write_functions(report);
    report_figures(report, chapter, "figure07", NULL);
    write_rules(report);
    report_commands(report, chapter);
    if (report_question(report, "optim-a", "(a) The guess: which of the eight is how fast?",
                        "Before solving anything, rank the eight: four optimizers on two functions.", NULL)) {
        write_guess(document);
        write_ranking(report, chapter);
        report_figures(report, chapter, "guess", NULL);
        report_optim_matrix(report, false);
    }
    if (report_question(
            report, "optim-b", "(b) The objective against the iteration",
            "Plot all four optimizers on each function. Which is the fastest?",
            "The numbers in brackets are iterations: from there on f stays below the threshold, 1e-1 to 1e-6, in the "
            "two runs that decide.")) {
        report_answers(report, chapter->experiment, asked[0]);
        report_figures(report, chapter, "figure12", NULL);
        report_figures(report, chapter, "figure13", NULL);
        write_each(report, chapter, "summary.csv", "Each run: the iteration from which f stays below each threshold.",
                   run_columns);
    }
    if (report_question(report, "optim-c", "(c) Is the rate the same on both functions, and why?",
                        "For each optimizer, in a first phase and in a second one.",
                        "The numbers in brackets are iterations as in (b), on $f_1$ and on $f_2$.")) {
        for (size_t i = 1; i < ASKED; i++)
            report_answers(report, chapter->experiment, asked[i]);
        write_each(report, chapter, "comparison.csv", "f1 against f2, iteration by iteration.", comparison_columns);
        write_why(report);
        report_figures(report, chapter, "figure", NULL);
        report_figures(report, chapter, "", NULL);
        write_each(
            report, chapter, "phases.csv",
            "Phases: the first lasts until 0.1 % of the steep direction's part of f is left. Slope of ln f: its mean "
            "change in an iteration, of f as a whole. Factor per step: what a coordinate's distance to the "
            "minimum is multiplied by, measured and by the root z above; f falls with its square, so where one "
            "direction is all that is left, the slope is twice the factor's ln.",
            phase_columns);
    }
}
