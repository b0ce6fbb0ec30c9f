/* The chapter on question 3: four optimizers on two quadratics; see report.h. */
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
    document_heading(document, 3, "optim-functions", "The functions, their Hessians and condition numbers");
    document_formula(document,
                     "\\begin{aligned} f_1 &= x^2 + 0.1 \\, y^2, \\quad H_1 = \\begin{pmatrix} 2 & 0 \\\\ 0 & 0.2 "
                     "\\end{pmatrix} \\\\ f_2 &= \\frac{(x - y)^2}{2} + 0.1 \\, \\frac{(x + y)^2}{2}, \\quad "
                     "H_2 = \\begin{pmatrix} 1.1 & -0.9 \\\\ -0.9 & 1.1 \\end{pmatrix} \\end{aligned}");
    document_paragraph(document,
                       "Both Hessians have the eigenvalues 2 and 0.2, so both functions are convex with the "
                       "condition number $\\kappa = 2 / 0.2 = 10$. The eigenvectors of $H_1$ are the axes, those "
                       "of $H_2$ the diagonals: with $u = (x - y) / \\sqrt{2}$ and $v = (x + y) / \\sqrt{2}$, "
                       "$f_2 = u^2 + 0.1 \\, v^2$, and the start is $(u, v) = (1, 1)$. **$f_2$ is $f_1$ turned by "
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

static const char *cell(const struct csv *csv, size_t row, const char *name)
{
    const int column = csv_column(csv, name);
    return column < 0 ? "" : csv_cell(csv, row, (size_t)column);
}

static bool is_same(const struct csv *csv, size_t a, size_t b, const char *name)
{
    return strcmp(cell(csv, a, name), cell(csv, b, name)) == 0;
}

/* "supported (574, 968)" */
static void fill_verdict(struct frame *frame, const struct csv *csv, size_t row)
{
    const char *first = cell(csv, row, "first_iterations"), *second = cell(csv, row, "second_iterations");
    char text[160];
    if (!*first && !*second)
        snprintf(text, sizeof text, "%.40s", cell(csv, row, "verdict"));
    else
        snprintf(text, sizeof text, "%.40s (%.40s, %.40s)", cell(csv, row, "verdict"), *first ? first : "-",
                 *second ? second : "-");
    frame_text(frame, text);
}

static void fill_matrix(const void *context, struct frame *frame)
{
    const struct csv *csv = context;
    char text[256];
    for (size_t row = 0; row < csv->rows; row++) {
        if (row > 0 && is_same(csv, row, row - 1, "id") && is_same(csv, row, row - 1, "at"))
            continue;
        snprintf(text, sizeof text, "%.20s: %.200s", cell(csv, row, "source"), cell(csv, row, "claim"));
        frame_text(frame, text);
        frame_text(frame, cell(csv, row, "at"));
        for (size_t t = 0; t < THRESHOLDS; t++) {
            size_t at = row;
            while (at < csv->rows && is_same(csv, at, row, "id") && is_same(csv, at, row, "at") &&
                   strcmp(cell(csv, at, "threshold"), thresholds[t]) != 0)
                at++;
            if (at < csv->rows && is_same(csv, at, row, "id") && is_same(csv, at, row, "at"))
                fill_verdict(frame, csv, at);
            else
                frame_none(frame);
        }
    }
}

static void write_matrix(struct report *report, const struct report_chapter *chapter)
{
    const struct report_folder *folder = NULL;
    while ((folder = report_next(report, chapter->experiment, folder)) != NULL) {
        struct csv csv;
        char caption[600];
        if (!report_read(report, folder, "claims.csv", &csv))
            continue;
        snprintf(caption, sizeof caption,
                 "Each claim of the homework, its guess and its findings, by the iteration from which f stays below "
                 "the threshold; in brackets those of the two "
                 "runs that decide, - where one does not get there. From %s/claims.csv",
                 folder->path);
        if (csv.rows > 0)
            document_table(&report->document, caption, matrix_columns, fill_matrix, &csv);
        csv_free(&csv);
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
    {.name = "ahead_first", .type = FRAME_TEXT, .title = "lower at first", .optional = true},
    {.name = "overtaken_at", .type = FRAME_NUMBER, .title = "overtaken at", .optional = true},
    {.name = "finding", .type = FRAME_TEXT, .title = "the homework found"},
    {.name = "verdict", .type = FRAME_TEXT, .title = "verdict"},
    {.name = NULL},
};

static const struct frame_column phase_columns[] = {
    {.name = "fn", .type = FRAME_TEXT, .title = "function"},
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "phase", .type = FRAME_NUMBER, .title = "phase"},
    {.name = "direction", .type = FRAME_TEXT, .title = "direction"},
    {.name = "first_iteration", .type = FRAME_NUMBER, .title = "from"},
    {.name = "last_iteration", .type = FRAME_NUMBER, .title = "to"},
    {.name = "log_slope", .type = FRAME_REAL, .title = "slope of ln f", .shown = SHOWN_DIGITS, .places = 3},
    {.name = "measured_rate_1",
     .type = FRAME_REAL,
     .title = "rate",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 6},
    {.name = "predicted_rate_1",
     .type = FRAME_REAL,
     .title = "by the Hessian",
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
    document_paragraph(document,
                       "where the larger root $z$ is the factor of one step. **First phase**: the steep direction, "
                       "$h = 2$, decays. **Second phase**: the flat one, $h = 0.2$, is what is left, ten times as "
                       "slow for GD; momentum is about ten times as fast as GD in both.");
    document_paragraph(document,
                       "**RMSProp and Adam** divide each coordinate by the size of its own gradients. On $f_1$ the "
                       "coordinates are the eigenvectors, so steep and flat get steps of the same length, about "
                       "$lr$ each: the condition number is undone. On $f_2$ both coordinates see a mixture of steep "
                       "and flat and are scaled alike: in the first phase they go down the steep direction "
                       "$u$, which holds most of $f$, a little sooner, and in the second, along the flat "
                       "diagonal, the scaling no longer helps. So a rotation matters to a rule that scales "
                       "coordinates, and only to such a one.");
}

void report_write_optim(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    static const char *const about[] = {"gd-f1-f2", "momentum-f1-f2", "rmsprop-f1-f2", "adam-f1-f2"};
    write_functions(report);
    report_figures(report, chapter, "figure07", NULL);
    write_rules(report);
    report_commands(report, chapter);
    if (report_question(report, "optim-a", "(a) The guess: which of the eight is how fast?",
                        "Before solving anything, rank the eight: four optimizers on two functions.")) {
        document_paragraph(document, "The homework guessed: momentum first, as fast on $f_1$ as on $f_2$; then RMSProp "
                                     "and Adam, RMSProp faster on $f_1$; GD last. The guess against what was "
                                     "measured:");
        report_figures(report, chapter, "guess", NULL);
        write_matrix(report, chapter);
    }
    if (report_question(
            report, "optim-b", "(b) The objective against the iteration",
            "Plot all four optimizers on each function. Which is the fastest? The numbers below are iterations: from "
            "there on f stays below the threshold, 1e-1 to 1e-6, in the two runs that decide.")) {
        report_answers(report, chapter->experiment, "momentum-all");
        report_figures(report, chapter, "figure12", NULL);
        report_figures(report, chapter, "figure13", NULL);
        write_each(report, chapter, "summary.csv", "Each run: the iteration from which f stays below each threshold.",
                   run_columns);
    }
    if (report_question(report, "optim-c", "(c) Is the rate the same on both functions, and why?",
                        "For each optimizer, in a first phase and in a second one. The numbers below are iterations as "
                        "above, on $f_1$ and on $f_2$.")) {
        for (size_t i = 0; i < sizeof about / sizeof *about; i++)
            report_answers(report, chapter->experiment, about[i]);
        write_each(report, chapter, "comparison.csv", "f1 against f2, iteration by iteration.", comparison_columns);
        write_why(report);
        report_figures(report, chapter, "figure", NULL);
        report_figures(report, chapter, "", NULL);
        write_each(report, chapter, "phases.csv",
                   "Phases: the first until 0.1 % of the steep direction's part of f is left.", phase_columns);
    }
}
