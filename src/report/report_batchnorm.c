/* The chapter on question 1: what BatchNorm does; see report.h. */
#include <cJSON.h>

#include "report.h"

static void write_task(struct report *report)
{
    struct document *document = &report->document;
    document_paragraph(
        document,
        "Two nets learn to name handwritten digits (MNIST): 784 - 128 - 64 - 10, with ReLU and "
        "cross-entropy; one of them has BatchNorm before each ReLU. Both are trained by SGD with momentum "
        "0.9 on batches of 60, shuffled anew in each epoch, for 15 epochs at the learning rates 0.01 and 0.5, "
        "from seed 1234. Show by experiment that BatchNorm **(a)** accelerates convergence, **(b)** "
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
                  "$\\sigma^2$ (in the running average of $\\sigma^2$ the sum is divided by $m - 1$), so that the "
                  "answer for an image is the same whatever other images are tested with it.");
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
    {.name = "train_loss_mean",
     .type = FRAME_REAL,
     .title = "train loss",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "batch_losses_sum_over_1000_mean", /* of the notebook protocol */
     .type = FRAME_REAL,
     .title = "train loss, sum / 1000",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 4},
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
    {.name = "difference_to_none_level",
     .type = FRAME_REAL,
     .title = "level",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "published_best_test_accuracy_percent",
     .type = FRAME_REAL,
     .title = "published best",
     .unit = "%",
     .optional = true,
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = NULL},
};

static const struct frame_column model_columns[] = {
    {.name = "norm", .type = FRAME_TEXT, .title = "norm"},
    {.name = "lr", .type = FRAME_NUMBER, .title = "lr"},
    {.name = "seed", .type = FRAME_NUMBER, .title = "seed"},
    {.name = "best_epoch", .type = FRAME_NUMBER, .title = "of epoch"},
    {.name = "best_test_accuracy_percent",
     .type = FRAME_REAL,
     .title = "test",
     .unit = "%",
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = "best_model_sha256", .type = FRAME_TEXT, .title = "SHA-256 of the file"},
    {.name = NULL},
};

static int seeds_of(const struct report_folder *folder)
{
    return cJSON_GetArraySize(
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(folder->run, "config"), "seeds"));
}

/* A row for each run where there is one seed, else the means. */
static void write_folder(struct report *report, const struct report_folder *folder)
{
    const bool homework = !*folder->differs && report_distance(folder) == 0;
    if (seeds_of(folder) <= 1)
        report_table(
            report, folder, "summary.csv",
            homework ? "The homework's table of best results, by these runs; \"best test\" is chosen on the test set "
                       "itself, which is optimistic."
                     : "Each run after its last epoch; \"best test\" is chosen on the test set itself, which is "
                       "optimistic.",
            run_columns);
    report_table(report, folder, "groups.csv",
                 seeds_of(folder) > 1
                     ? "Each net and rate after the last epoch: means over the seeds, ± half of their 95 % interval. "
                       "\"From\" and \"to\": the interval of the difference at its level, which is higher, and the "
                       "interval wider, than in the answer, as each rate is asked besides."
                     : "Each net and rate, one seed, after the last epoch. \"Published best\" is the best of the "
                       "averages over all epochs so far that the homework printed; \"test\" is the last epoch's own.",
                 group_columns);
    if (report_has(report, folder, "models"))
        report_table(report, folder, "summary.csv",
                     "The saved models: models/NORM_lrLR_seedSEED_RUN.safetensors, with the first eight digits of "
                     "the run.",
                     model_columns);
}

static void write_tables(struct report *report, const struct report_chapter *chapter)
{
    const struct report_folder *folder = NULL;
    document_paragraph(
        &report->document,
        "A rate of outcome \"failed\" does not train; a run that fails counts in the claims only where "
        "its rate was chosen for a pair. In the notebook protocol a run goes through the rates one after "
        "another with the same weights, and its training loss is the sum of an epoch's batch losses "
        "over 1000. The accuracies that the homework printed are averages over all epochs so far; "
        "the figure that compares them shows such averages of ours too, so they are not those of "
        "Figure 5.");
    while ((folder = report_next(report, chapter->experiment, folder)) != NULL)
        write_folder(report, folder);
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
    for (folder = NULL; (folder = report_next(report, chapter->experiment, folder)) != NULL;)
        if (report_has(report, folder, "models"))
            return; /* they stand in a table */
    document_paragraph(&report->document,
                       "**Saved models**: none of these folders has any. The same command with `--save-best` saves the "
                       "parameters of each run's best epoch in `models/`, as safetensors that load into a PyTorch "
                       "module; the hashes that these files then have stand in `best_model_sha256` of summary.csv.");
}

void report_write_batchnorm(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    write_task(report);
    report_commands(report, chapter);
    if (report_question(report, "batchnorm-a", "(a) Does it accelerate convergence?",
                        "Asked as: how many times as many steps does the net without BatchNorm take to a target "
                        "accuracy, each net at its own fastest rate, paired by seed?",
                        NULL)) {
        report_answers(report, chapter->experiment, "faster");
        report_figures(report, chapter, "figure03", NULL);
        report_figures(report, chapter, "figure04", NULL);
        report_figures(report, chapter, "steps", report_best(report, chapter->experiment, "faster"));
    }
    if (report_question(
            report, "batchnorm-b", "(b) Does it permit larger learning rates?",
            "Asked as: what is the largest rate at which each net still trains, if all rates from its best one up "
            "to there train too?",
            NULL)) {
        report_answers(report, chapter->experiment, "rates");
        report_figures(report, chapter, "accuracy_by_rate", report_best(report, chapter->experiment, "rates"));
    }
    if (report_question(report, "batchnorm-c", "(c) Does it end better?",
                        "Asked as: how many points of test accuracy more, each net at its own best rate, paired by "
                        "seed?",
                        NULL)) {
        report_answers(report, chapter->experiment, "better");
        report_figures(report, chapter, "figure05", NULL);
        report_figures(report, chapter, "paired", report_best(report, chapter->experiment, "better"));
        document_heading(document, 3, "batchnorm-why", "What theory says");
        document_paragraph(
            document,
            "A layer's output grows with its weights; behind BatchNorm it does not: $\\text{BN}(c \\, W "
            "x) = \\text{BN}(W x)$ for every $c > 0$, but for $\\epsilon$. Then the gradient shrinks as "
            "the weights grow, $\\nabla L(c \\, W) = \\frac{1}{c} \\nabla L(W)$, and stands at a right "
            "angle to them, so that a step that is too large lengthens $W$ and makes the next ones "
            "smaller: a rate at which the plain net blows up slows this one down instead. That is what theory "
            "has for (b); the runs on this page measure whether it is so, not why.");
        document_paragraph(document,
                           "For (a) the larger rate is not the cause where the rates in its answer are the same "
                           "or smaller with BatchNorm. The cause is not measured here.");
        document_paragraph(document,
                           "(c) has the least behind it: but for $\\epsilon$ both nets can represent the same "
                           "functions. How much is left depends on how long the runs are: compare the answers by "
                           "their epochs.");
        document_heading(document, 3, "batchnorm-results", "Results in tables");
        write_tables(report, chapter);
        document_heading(document, 3, "batchnorm-more", "More figures");
        report_figures(report, chapter, "", NULL);
    }
    write_models(report, chapter);
}
