/* The chapter on question 3: four optimizers on two quadratics; see report.h. */
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
        report_optim_ranking(report, chapter);
        report_figures(report, chapter, "guess", NULL);
        report_optim_matrix(report, false);
    }
    if (report_question(
            report, "optim-b", "(b) The objective against the iteration",
            "Plot all four optimizers on each function. Which is the fastest?",
            "The numbers in brackets are iterations: from there on f stays below the threshold, 1e-1 to 1e-6, in the "
            "two runs that decide.")) {
        report_answers(report, chapter->experiment, report_optim_asked[0]);
        report_figures(report, chapter, "figure12", NULL);
        report_figures(report, chapter, "figure13", NULL);
        write_each(report, chapter, "summary.csv", "Each run: the iteration from which f stays below each threshold.",
                   run_columns);
    }
    if (report_question(report, "optim-c", "(c) Is the rate the same on both functions, and why?",
                        "For each optimizer, in a first phase and in a second one.",
                        "The numbers in brackets are iterations as in (b), on $f_1$ and on $f_2$.")) {
        for (size_t i = 1; report_optim_asked[i]; i++)
            report_answers(report, chapter->experiment, report_optim_asked[i]);
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
