/* The chapter on question 2: SGD for the mean of points; see report.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const struct frame_column rate_columns[] = {
    {.name = "lr", .type = FRAME_NUMBER, .title = "lr"},
    {.name = "sampling", .type = FRAME_TEXT, .title = "draws"},
    {.name = "trials", .type = FRAME_NUMBER, .title = "trials"},
    {.name = "iterations_to_half", .type = FRAME_REAL, .title = "iterations to half", .shown = SHOWN_DECIMALS},
    {.name = "expected_iterations_to_half", .type = FRAME_REAL, .title = "theory", .shown = SHOWN_DECIMALS},
    {.name = "terminal_error",
     .type = FRAME_REAL,
     .title = "squared error, last half",
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "terminal_error_low",
     .type = FRAME_REAL,
     .title = "from",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "terminal_error_high",
     .type = FRAME_REAL,
     .title = "to",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "expected_terminal_error", .type = FRAME_REAL, .title = "theory", .shown = SHOWN_DIGITS, .places = 4},
    {.name = "stationary_error",
     .type = FRAME_REAL,
     .title = "floor",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "settled", .type = FRAME_TEXT, .title = "settled"},
    {.name = NULL},
};

static const struct frame_column point_columns[] = {
    {.name = "lr", .type = FRAME_NUMBER, .title = "lr"},
    {.name = "points", .type = FRAME_NUMBER, .title = "points"},
    {.name = "y_star", .type = FRAME_REAL, .title = "y*, their mean", .shown = SHOWN_DIGITS, .places = 6},
    {.name = "variance",
     .type = FRAME_REAL,
     .title = "their variance, the least objective",
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "final_y", .type = FRAME_REAL, .title = "last y of one trial", .shown = SHOWN_DIGITS, .places = 6},
    {.name = "final_objective", .type = FRAME_REAL, .title = "its objective", .shown = SHOWN_DIGITS, .places = 4},
    {.name = NULL},
};

static void write_closed_form(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    const struct report_folder *folder = report_next(report, chapter->experiment, NULL);
    if (!report_question(report, "sgd-mean-closed", "The closed form", "Which $y$ makes the objective least?", NULL))
        return;
    document_paragraph(document, "Where the derivative is 0:");
    document_formula(document,
                     "\\begin{aligned} f'(y) &= \\frac{2}{n} \\sum_{i=1}^{n} (y - x_i) = 2 \\, (y - \\bar{x}) = 0 "
                     "\\\\ y^{*} &= \\bar{x} = \\frac{1}{n} \\sum_{i=1}^{n} x_i \\end{aligned}");
    document_paragraph(document, "It is the minimum, as $f'' = 2 > 0$, and $f(y) = (y - y^{*})^2 + \\sigma^2$ with "
                                 "$\\sigma^2$ the variance of the points: the squared error is what the objective has "
                                 "above its minimum.");
    if (folder)
        report_table(report, folder, "summary.csv",
                     "Of these points, and where one trial ended. Which rate happens to end nearer to y* in one trial "
                     "is chance, and says nothing of the range: for that see the means over the last half.",
                     point_columns);
}

/* The iteration from which on theory has the larger rate's error above the smaller one's; -1: none is known. */
static long find_crossing(struct report *report, const struct report_folder *folder, char *rates, size_t size)
{
    struct csv csv;
    long crossing = -1;
    size_t first = 0, last;
    if (!report_read(report, folder, "theory.csv", &csv) || csv.rows == 0) {
        csv_free(&csv);
        return -1;
    }
    for (last = csv.rows;
         last > 0 && strcmp(report_cell(&csv, last - 1, "lr"), report_cell(&csv, csv.rows - 1, "lr")) == 0;)
        last--;
    snprintf(rates, size, "%.20s and %.20s", report_cell(&csv, 0, "lr"), report_cell(&csv, last, "lr"));
    for (; last > 0 && last < csv.rows && first < csv.rows; first++, last++) {
        const char *low = report_cell(&csv, first, "expected_squared_error");
        const char *high = report_cell(&csv, last, "expected_squared_error");
        const bool above = strtod(high, NULL) > strtod(low, NULL);
        if (!above)
            crossing = -1;
        else if (crossing < 0)
            crossing = strtol(report_cell(&csv, last, "iteration"), NULL, 10);
    }
    csv_free(&csv);
    return crossing;
}

static void write_crossing(struct report *report, const struct report_folder *folder)
{
    char rates[64], text[256];
    const long crossing = folder ? find_crossing(report, folder, rates, sizeof rates) : -1;
    if (crossing <= 0)
        return;
    snprintf(
        text, sizeof text,
        "The curves cross: by theory the expected squared error of the larger rate is the larger one from iteration "
        "%ld on (rates %s).",
        crossing, rates);
    document_paragraph(&report->document, text);
}

static void write_why(struct report *report)
{
    struct document *document = &report->document;
    document_heading(document, 3, "sgd-mean-why", "Why: contraction and noise");
    document_paragraph(document,
                       "A step moves $y$ the share $2 \\, lr$ of the way to the point that is drawn. In terms of "
                       "the distance $e_t = y_t - y^{*}$ and $a = 1 - 2 \\, lr$, with $E[x_i] = y^{*}$:");
    document_formula(document, "\\begin{aligned} e_{t+1} &= a \\, e_t + 2 \\, lr \\, (x_i - y^{*}) \\\\ "
                               "E[e_{t+1}^2] &= a^2 \\, E[e_t^2] + 4 \\, lr^2 \\, \\sigma^2 \\\\ "
                               "E[e_t^2] &= a^{2t} \\, e_0^2 + \\frac{lr}{1 - lr} \\, \\sigma^2 \\, (1 - a^{2t}) "
                               "\\end{aligned}");
    document_paragraph(document,
                       "The first part is the **contraction**: what is left of the start shrinks by $a^2$ at each "
                       "step, faster for a larger rate (0.9604 at 0.01, 0.64 at 0.1). The second is the "
                       "**noise** of the draws: it does not go away, and its level $\\sigma^2 \\, lr / (1 - lr)$ "
                       "grows with the rate, 11 times from 0.01 to 0.1. So the larger rate is faster at first "
                       "and ends in a wider range, and no constant rate gets to $y^{*}$.");
    document_paragraph(document,
                       "With every point drawn once in a pass (shuffled), the noise of a pass nearly cancels, "
                       "and at the ends of passes the level is lower.");
}

/* The answer, and Figure 6 of the runs nearest to the homework's. */
static void write_first(struct report *report, const struct report_chapter *chapter)
{
    const struct report_folder *nearest = report_claim_nearest(report, chapter->experiment, "faster").folder;
    report_answers(report, chapter->experiment, "faster");
    write_crossing(report, nearest);
    if (nearest)
        report_figure_of(report, chapter, "figure06", nearest);
}

void report_write_sgd_mean(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    const struct report_folder *folder = NULL;
    document_paragraph(document,
                       "Find the mean of $n = 100$ points from Uniform[0, 1] by stochastic gradient descent, "
                       "from $y_0 = 0$, with 200 iterations, $i$ drawn anew at each, at the rates 0.01 and 0.1:");
    document_formula(document, "\\begin{aligned} &\\min_{y} \\, f(y), \\quad f(y) = \\frac{1}{n} \\sum_{i=1}^{n} (y - "
                               "x_i)^2 \\\\ &y \\leftarrow y - lr \\cdot 2 \\, (y - x_i) \\end{aligned}");
    report_commands(report, chapter);
    write_closed_form(report, chapter);
    if (report_question(report, "sgd-mean-first", "Is the larger rate faster at first?",
                        "Compare the squared errors $(y_t - y^{*})^2$ of both rates early on.", "Figure 6 shows them."))
        write_first(report, chapter);
    if (report_question(report, "sgd-mean-end", "Does the larger rate end in a wider range?",
                        "Compare the squared errors of both rates over the last half of the iterations.",
                        "In 200 iterations the rate 0.01 does not settle, as the answer of such runs says, so longer "
                        "ones decide.")) {
        report_answers(report, chapter->experiment, "wider");
        write_why(report);
        document_heading(document, 3, "sgd-mean-results", "Results: figures and tables");
        report_figures(report, chapter, "", NULL);
        while ((folder = report_next(report, chapter->experiment, folder)) != NULL)
            report_table(report, folder, "summary.csv",
                         "Each rate: iterations until half of the start's squared error is left, and the mean squared "
                         "error over the last half, with its 95 % interval; floor: what theory has for an endless run.",
                         rate_columns);
    }
}
