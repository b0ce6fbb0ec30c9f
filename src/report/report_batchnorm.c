/* The chapter on question 1: what BatchNorm does; see report.h. */
#include <cJSON.h>

#include "report.h"

static void write_task(struct report *report)
{
    struct document *document = &report->document;
    document_paragraph(
        document, "Two nets learn to name handwritten digits (MNIST): 784 - 128 - 64 - 10, with ReLU and "
                  "cross-entropy; one of them has BatchNorm before each ReLU. Both are trained by SGD with momentum "
                  "0.9 on batches of 60. Show by experiment that BatchNorm **(a)** accelerates convergence, **(b)** "
                  "permits larger learning rates, and **(c)** can lead to better performance.");
    document_heading(document, 3, "batchnorm-formula", "What BatchNorm computes");
    document_paragraph(document, "For each feature, over the $m$ examples $x_1$ to $x_m$ of a batch:");
    document_formula(document,
                     "\\begin{aligned} \\mu &= \\frac{1}{m} \\sum_{i=1}^{m} x_i, \\quad "
                     "\\sigma^2 = \\frac{1}{m} \\sum_{i=1}^{m} (x_i - \\mu)^2 \\\\ "
                     "y_i &= \\gamma \\, \\frac{x_i - \\mu}{\\sqrt{\\sigma^2 + \\epsilon}} + \\beta \\end{aligned}");
    document_paragraph(
        document, "with $\\epsilon = 10^{-5}$, and $\\gamma$ and $\\beta$ learnt. For testing, running averages "
                  "$r \\leftarrow 0.9 \\, r + 0.1 \\, b$ of the batches' statistics $b$ take the place of $\\mu$ and "
                  "$\\sigma^2$ (there with $m - 1$ for $m$), so that an image's answer does not hang on the images "
                  "beside it.");
}

static const struct frame_column run_columns[] = {
    {.name = "norm", .type = FRAME_TEXT, .title = "norm"},
    {.name = "lr", .type = FRAME_NUMBER, .title = "lr"},
    {.name = "seed", .type = FRAME_NUMBER, .title = "seed"},
    {.name = "final_train_loss", .type = FRAME_REAL, .title = "train loss", .shown = SHOWN_DIGITS, .places = 4},
    {.name = "final_train_accuracy_percent",
     .type = FRAME_REAL,
     .title = "train",
     .unit = "%",
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = "final_test_accuracy_percent",
     .type = FRAME_REAL,
     .title = "test",
     .unit = "%",
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = "best_test_accuracy_percent",
     .type = FRAME_REAL,
     .title = "best test",
     .unit = "%",
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = "best_epoch", .type = FRAME_NUMBER, .title = "of epoch"},
    {.name = "outcome", .type = FRAME_TEXT, .title = "outcome"},
    {.name = NULL},
};

static const struct frame_column group_columns[] = {
    {.name = "norm", .type = FRAME_TEXT, .title = "norm"},
    {.name = "lr", .type = FRAME_NUMBER, .title = "lr"},
    {.name = "runs", .type = FRAME_NUMBER, .title = "runs"},
    {.name = "outcome_trained", .type = FRAME_NUMBER, .title = "trained"},
    {.name = "train_loss_mean", .type = FRAME_REAL, .title = "train loss", .shown = SHOWN_DIGITS, .places = 4},
    {.name = "final_test_percent_mean",
     .type = FRAME_REAL,
     .title = "test",
     .unit = "%",
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = "final_test_percent_half_width",
     .type = FRAME_REAL,
     .shown = SHOWN_DECIMALS,
     .places = 2,
     .interval = true},
    {.name = "difference_to_none_mean",
     .type = FRAME_REAL,
     .title = "more than none",
     .optional = true,
     .shown = SHOWN_SIGNED,
     .places = 2},
    {.name = "difference_to_none_low",
     .type = FRAME_REAL,
     .title = "from",
     .optional = true,
     .shown = SHOWN_SIGNED,
     .places = 2},
    {.name = "difference_to_none_high",
     .type = FRAME_REAL,
     .title = "to",
     .optional = true,
     .shown = SHOWN_SIGNED,
     .places = 2},
    {.name = "published_best_test_accuracy_percent",
     .type = FRAME_REAL,
     .title = "published best",
     .unit = "%",
     .optional = true,
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = NULL},
};

/* A run each where there is one seed, else the means. */
static void write_tables(struct report *report, const struct report_chapter *chapter)
{
    const struct report_folder *folder = NULL;
    while ((folder = report_next(report, chapter->experiment, folder)) != NULL) {
        const cJSON *seeds =
            cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(folder->run, "config"), "seeds");
        report_table(report, folder, "groups.csv",
                     cJSON_GetArraySize(seeds) > 1 ? "Each net and rate: means over the seeds after the last epoch."
                                                   : "Each net and rate, one seed, after the last epoch.",
                     group_columns);
        if (cJSON_GetArraySize(seeds) <= 1)
            report_table(report, folder, "summary.csv",
                         "Each run after its last epoch; \"best test\" is chosen on the test set itself, which is "
                         "optimistic.",
                         run_columns);
    }
}

static void write_models(struct report *report, const struct report_chapter *chapter)
{
    const struct report_folder *folder = report_next(report, chapter->experiment, NULL);
    const cJSON *model, *models = folder ? cJSON_GetObjectItemCaseSensitive(folder->run, "models") : NULL;
    if (!models)
        return;
    document_heading(&report->document, 3, "batchnorm-models", "The nets (Figures 1 and 2)");
    cJSON_ArrayForEach(model, models) if (cJSON_IsString(model))
        document_listing(&report->document, model->string, model->valuestring);
    document_paragraph(&report->document, "`--save-best` besides saves the parameters of each run's best epoch, in "
                                          "`models/`, as safetensors that load into a PyTorch module.");
}

void report_write_batchnorm(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    write_task(report);
    report_commands(report, chapter);
    if (report_question(report, "batchnorm-a", "(a) Does it accelerate convergence?",
                        "Asked as: how many times as many steps does the net without BatchNorm take to a target "
                        "accuracy, each net at its own fastest rate, paired by seed?")) {
        report_answers(report, chapter->experiment, "faster");
        report_figures(report, chapter, "figure03", NULL);
        report_figures(report, chapter, "figure04", NULL);
        report_figures(report, chapter, "steps", report_best(report, chapter->experiment, "faster"));
    }
    if (report_question(report, "batchnorm-b", "(b) Does it permit larger learning rates?",
                        "Asked as: up to which rate does each net train, from its own best rate on without a gap?")) {
        report_answers(report, chapter->experiment, "rates");
        report_figures(report, chapter, "accuracy_by_rate", report_best(report, chapter->experiment, "rates"));
    }
    if (report_question(report, "batchnorm-c", "(c) Does it end better?",
                        "Asked as: how many points of test accuracy more, each net at its own best rate, paired by "
                        "seed?")) {
        report_answers(report, chapter->experiment, "better");
        report_figures(report, chapter, "figure05", NULL);
        report_figures(report, chapter, "paired", report_best(report, chapter->experiment, "better"));
        document_heading(document, 3, "batchnorm-why", "Why it is so");
        document_paragraph(document,
                           "A layer's output grows with its weights; behind BatchNorm it does not: $\\text{BN}(c \\, W "
                           "x) = \\text{BN}(W x)$ for every $c > 0$, but for $\\epsilon$. Then the gradient shrinks as "
                           "the weights grow, $\\nabla L(c \\, W) = \\frac{1}{c} \\nabla L(W)$, and stands at a right "
                           "angle to them, so that a step that is too large lengthens $W$ and makes the next ones "
                           "smaller: a rate at which the plain net blows up slows this one down instead. That is (b), "
                           "and with the larger rate comes (a): units that all see mean 0 and variance 1 also need no "
                           "steps to find their range.");
        document_paragraph(document,
                           "(c) is the weakest of the three: both nets can represent the same functions. What is left "
                           "is a better path there and the noise of the batches' statistics, which shrinks with longer "
                           "training, and turns into a loss where batches are tiny.");
        document_heading(document, 3, "batchnorm-results", "Results in tables");
        write_tables(report, chapter);
        document_heading(document, 3, "batchnorm-more", "More figures");
        report_figures(report, chapter, "", NULL);
    }
    write_models(report, chapter);
}
