/* The table of figures; see figure.h. */
#include "dlexp/plot/figure.h"

#include <string.h>

/* Needs that several figures have. */
#define CURVES(measure)                                                                                                \
    {                                                                                                                  \
        {                                                                                                              \
            .table = "curves.csv", .columns = "norm lr epoch runs stopped " measure                                    \
        }                                                                                                              \
    }
#define SGD                                                                                                            \
    {                                                                                                                  \
        {.table = "trajectory.csv", .columns = "lr trial iteration squared_error"},                                    \
            {.table = "summary.csv", .columns = "lr sampling variance terminal_error"}, {.table = "theory.csv"},       \
        {                                                                                                              \
            .table = "bands.csv"                                                                                       \
        }                                                                                                              \
    }
/* Of one optimizer, or on one function. */
#define PATHS(column, name)                                                                                            \
    .command = "optim", .script = "objective.gp", .table = "trajectory.csv", .setting = column "=" name,               \
    .needs = {{.table = "trajectory.csv", .columns = "fn optimizer lr iteration objective"},                           \
              {.table = "summary.csv", .columns = column, .value = name}}

static const struct figure figures[] = {
    {.name = "samples",
     .command = "data",
     .script = "samples.gp",
     .table = "samples.csv",
     .needs = {{.table = "samples.csv", .columns = "sample label row column value"}},
     .made_by = "dlexp data",
     .title = "Samples of the data set",
     .description = "A sheet of training images, each with its label above it. The classes come in "
                    "turn, so that with ten classes a column holds images of one class."},
    {.name = "figure03_training_loss",
     .command = "batchnorm",
     .script = "training_loss.gp",
     .table = "curves.csv",
     .needs = CURVES("train_loss"),
     .made_by = "dlexp batchnorm",
     .title = "Training loss (Figure 3)",
     .description = "Cross-entropy on the training set, on a logarithmic axis, after each epoch: a line for each net "
                    "and learning rate, the mean over seeds with the range of the seeds as a band. With many rates "
                    "the horizontal axis is the rate, and the lines are those of the first and the last epoch."},
    {.name = "figure04_training_accuracy",
     .command = "batchnorm",
     .script = "training_accuracy.gp",
     .table = "curves.csv",
     .needs = CURVES("train_accuracy_percent"),
     .made_by = "dlexp batchnorm",
     .title = "Training accuracy (Figure 4)",
     .description = "Share of training images named rightly, after each epoch: a line for each net and learning rate. "
                    "The upper panel enlarges the range of the good nets, the lower one goes from 0 to 100 %. With "
                    "many rates the horizontal axis is the rate."},
    {.name = "figure05_test_accuracy",
     .command = "batchnorm",
     .script = "test_accuracy.gp",
     .table = "curves.csv",
     .needs = CURVES("test_accuracy_percent"),
     .made_by = "dlexp batchnorm",
     .title = "Test accuracy (Figure 5)",
     .description = "Share of test images named rightly, after each epoch: a line for each net and learning rate. The "
                    "upper panel enlarges the range of the good nets, the lower one goes from 0 to 100 %. With many "
                    "rates the horizontal axis is the rate."},
    {.name = "learning_rate",
     .command = "batchnorm",
     .script = "learning_rate.gp",
     .table = "epochs.csv",
     .needs = {{.table = "epochs.csv", .columns = "learning_rate norm lr seed epoch train_loss", .least = 2}},
     .made_by = "dlexp batchnorm --schedule cosine",
     .title = "Learning rate and training loss",
     .description = "Two panels over the epochs, both with logarithmic axes: at the left the learning rate as the "
                    "schedule moves it, at the right each run's training loss."},
    {.name = "batch_losses",
     .command = "batchnorm",
     .script = "batch_losses.gp",
     .table = "step_curves.csv",
     .needs = {{.table = "step_curves.csv", .columns = "first_step norm lr last_step runs train_loss", .least = 2},
               {.table = "steps.csv", .columns = "norm lr seed step train_loss"}},
     .made_by = "dlexp batchnorm --log-every 10",
     .title = "Loss of the batches",
     .description = "The loss of the training batches against the step, on a logarithmic axis: a line for each net and "
                    "learning rate, the mean over blocks of steps, with the range of the seeds as a band; behind it, "
                    "thin, the losses of the first seed's batches as they came."},
    {.name = "layers",
     .command = "batchnorm",
     .script = "layers.gp",
     .table = "layer_curves.csv",
     .needs = {{.table = "layer_curves.csv", .columns = "norm lr layer epoch runs input_mean input_std dead_percent"}},
     .made_by = "dlexp batchnorm --layers",
     .title = "Inside the hidden layers",
     .description = "A panel for each hidden layer and learning rate: what goes into its activation after each epoch, "
                    "mean with one standard deviation as a band, for each net. Below, the share of units that are "
                    "dead: they put out 0 for every image."},
    {.name = "published",
     .command = "batchnorm",
     .script = "published.gp",
     .table = "published.csv",
     .needs = {{.table = "published.csv",
                .columns = "norm lr epoch runs published_test_accuracy_percent test_accuracy_seeds_mean "
                           "test_accuracy_z"}},
     .made_by = "dlexp batchnorm --protocol notebook --seeds 1..20",
     .title = "The homework's test accuracy, and what seeds give",
     .description = "A panel for each net and learning rate: the test accuracies that the homework printed, as a "
                    "line with dots, and those of the runs, both averages over all epochs so far. Of several seeds a "
                    "band goes from the lowest to the highest, with their mean as a dashed line, and each panel says "
                    "by how many standard deviations the last printed number is off; one seed is a dashed line alone."},
    {.name = "accuracy_by_rate",
     .command = "batchnorm",
     .script = "accuracy_by_rate.gp",
     .table = "summary.csv",
     .needs = {{.table = "summary.csv", .columns = "lr norm seed outcome final_test_accuracy_percent", .least = 3},
               {.table = "groups.csv", .columns = "norm lr selected_on final_test_percent_median"},
               {.table = "claims.csv", .columns = "id lr threshold"},
               {.table = "pairs.csv"}}, /* a net alone has none */
     .made_by = "dlexp batchnorm --lr 1e-3..10:9 --seeds 1..10 --epochs 1",
     .title = "Test accuracy by learning rate",
     .description =
         "Test accuracy at the end against the learning rate: every run a dot, or a cross where it did not "
         "train, with the seeds' median and its interval as a line and a band for each net. A ring marks the "
         "rate that most seeds chose for a net, a dotted line the accuracy from which on a run counts as "
         "trained."},
    {.name = "steps_to_target",
     .command = "batchnorm",
     .script = "steps_to_target.gp",
     .table = "pairs.csv",
     .needs = {{.table = "pairs.csv", .columns = "seed claim lr lr_batchnorm lr_none batchnorm none", .least = 2},
               {.table = "pairs.csv", .columns = "claim", .value = "faster"},
               {.table = "claims.csv", .columns = "id lr threshold verdict estimate low high level"}},
     .made_by = "dlexp batchnorm --lr 1e-3..10:9 --seeds 1..10 --epochs 1 --eval-every 15 --target 95",
     .title = "Steps to the target accuracy",
     .description = "The share of seeds whose run has met the target accuracy after so many training steps, a rising "
                    "staircase for each net at its own fastest rate. What never gets there is counted at the right."},
    {.name = "paired_differences",
     .command = "batchnorm",
     .script = "paired_differences.gp",
     .table = "pairs.csv",
     .needs = {{.table = "pairs.csv", .columns = "seed claim lr at effect", .least = 2},
               {.table = "pairs.csv", .columns = "claim", .value = "better"},
               {.table = "claims.csv", .columns = "id lr threshold verdict estimate low high level margin"}},
     .made_by = "dlexp batchnorm --seeds 1..10",
     .title = "Test accuracy with BatchNorm minus without it",
     .description = "The difference in test accuracy at the end, seed by seed, a dot each, with the estimate and its "
                    "interval: at the left each net at its own best rate, then both at the same rate. A grey band is "
                    "the margin within which differences do not matter."},
    {.name = "confusion",
     .command = "batchnorm",
     .script = "confusion.gp",
     .table = "confusion.csv",
     .needs = {{.table = "confusion.csv", .columns = "norm lr label named percent runs"}},
     .made_by = "dlexp batchnorm --bits",
     .title = "What each class is taken for",
     .description = "A square for each net at its best rate, a row for each class of the test images and a column for "
                    "what they are named as, with the percentage in each cell, mean over the trained runs. The "
                    "stronger the colour of a cell off the diagonal, the more often that mistake is made."},
    {.name = "hardest",
     .command = "batchnorm",
     .script = "hardest.gp",
     .table = "hardest.csv",
     .needs = {{.table = "hardest.csv", .columns = "norm lr place image label wrong runs"},
               {.table = "hardest_pixels.csv", .columns = "image row column value"}},
     .made_by = "dlexp batchnorm --bits",
     .title = "The test images that are most often wrong",
     .description = "For each net at its best rate the 25 test images that most of its trained runs name wrongly, "
                    "hardest first, each as a picture with its label and how many of the runs get it wrong."},
    {.name = "tuning",
     .command = "batchnorm",
     .script = "tuning.gp",
     .table = "tuning.csv",
     .needs = {{.table = "tuning.csv", .columns = "trials norm expected_best_percent selected_on", .least = 2}},
     .made_by = "dlexp batchnorm --lr 1e-3..10:9 --seeds 1..10 --epochs 1",
     .title = "What trying learning rates is worth",
     .description = "The accuracy to expect of the best of so many runs, drawn at random from the grid of rates and "
                    "seeds, against their number: a rising line for each net."},
    {.name = "figure06_sgd_error",
     .command = "sgd-mean",
     .script = "sgd_error.gp",
     .table = "",
     .needs = SGD,
     .made_by = "dlexp sgd-mean",
     .title = "SGD for the mean: squared error (Figure 6)",
     .description = "The squared distance to the mean against the iteration, on a logarithmic axis, for each learning "
                    "rate: what theory expects as a line, and the runs around it. A broad line at the right "
                    "is the floor of a rate: the level at which theory has it end."},
    {.name = "figure06_sgd_objective",
     .command = "sgd-mean",
     .script = "sgd_objective.gp",
     .table = "",
     .needs = SGD,
     .made_by = "dlexp sgd-mean",
     .title = "SGD for the mean: objective (Figure 6 as the homework drew it)",
     .description = "The objective, the mean squared distance to the points, against the iteration, on a linear axis, "
                    "for each learning rate. A grey line is the smallest value that any y can have."},
    {.name = "figure07_curvature",
     .command = "optim",
     .script = "curvature.gp",
     .table = "landscape.csv",
     .needs = {{.table = "landscape.csv", .columns = "fn x y objective"},
               {.table = "minima.csv", .columns = "fn x y objective"},
               {.table = "cuts.csv", .columns = "fn along distance objective"}},
     .made_by = "dlexp optim",
     .title = "Curvature of the functions (Figure 7)",
     .description = "Level lines of the first two functions, each with its value, and cuts of all of them through "
                    "their minimum along x and along y."},
    {.name = "guess",
     .command = "optim",
     .script = "guess.gp",
     .table = "",
     .needs = {{.table = "summary.csv",
                .columns = "lr fn optimizer iterations stays_below_from_1e-1 stays_below_from_1e-2 "
                           "stays_below_from_1e-3 stays_below_from_1e-6",
                .value = "0.001"},
               {.table = "summary.csv", .columns = "fn", .value = "f1"},
               {.table = "phases.csv", .columns = "fn optimizer lr phase first_iteration last_iteration"}},
     .made_by = "dlexp optim",
     .title = "The homework's guess against what was measured",
     .description = "A bar for each of the homework's eight runs, along the iterations, in the order of its guess, the "
                    "fastest at the top: momentum on both functions, then RMSProp and Adam, then gradient descent. The "
                    "first part of a bar is the first phase, in which the steep direction decays, the paler rest the "
                    "second. Marks show from which iteration on the objective stays below 1e-1, 1e-2, 1e-3 and 1e-6; "
                    "were the guess right, marks of one kind would stand further right from group to group."},
    {.name = "figure08_gd",
     PATHS("optimizer", "gd"),
     .made_by = "dlexp optim",
     .title = "Gradient descent: objective against iteration (Figure 8)",
     .description = "The objective of gradient descent against the iteration, a line for each function; at the left "
                    "with a linear axis, at the right with a logarithmic one."},
    {.name = "figure09_momentum",
     PATHS("optimizer", "momentum"),
     .made_by = "dlexp optim",
     .title = "Momentum: objective against iteration (Figure 9)",
     .description = "The objective of gradient descent with momentum against the iteration, a line for each function; "
                    "at the left with a linear axis, at the right with a logarithmic one."},
    {.name = "figure10_rmsprop",
     PATHS("optimizer", "rmsprop"),
     .made_by = "dlexp optim",
     .title = "RMSProp: objective against iteration (Figure 10)",
     .description = "The objective of RMSProp against the iteration, a line for each function; at the left with a "
                    "linear axis, at the right with a logarithmic one."},
    {.name = "figure11_adam",
     PATHS("optimizer", "adam"),
     .made_by = "dlexp optim",
     .title = "Adam: objective against iteration (Figure 11)",
     .description = "The objective of Adam against the iteration, a line for each function; at the left with a linear "
                    "axis, at the right with a logarithmic one."},
    {.name = "figure12_f1",
     PATHS("fn", "f1"),
     .made_by = "dlexp optim",
     .title = "The optimizers on f1 (Figure 12)",
     .description = "The objective on f1 against the iteration, a line for each optimizer; at the left with a linear "
                    "axis, at the right with a logarithmic one, with the thresholds by which the fastest is judged as "
                    "dotted lines."},
    {.name = "figure13_f2",
     PATHS("fn", "f2"),
     .made_by = "dlexp optim",
     .title = "The optimizers on f2 (Figure 13)",
     .description = "The objective on f2 against the iteration, a line for each optimizer; at the left with a linear "
                    "axis, at the right with a logarithmic one, with the thresholds by which the fastest is judged as "
                    "dotted lines."},
    {.name = "objective",
     .command = "optim",
     .script = "objective.gp",
     .table = "trajectory.csv",
     .needs = {{.table = "trajectory.csv", .columns = "fn optimizer lr iteration objective"}},
     .made_by = "dlexp optim --fn rosenbrock,beale --lr 1e-3",
     .title = "Objective against iteration, all runs",
     .description = "The objective against the iteration of every run, a pair of panels for each function, linear at "
                    "the left and logarithmic at the right, and a line for each optimizer and learning rate."},
    {.name = "contours",
     .command = "optim",
     .script = "contours.gp",
     .table = "trajectory.csv",
     .needs = {{.table = "trajectory.csv", .columns = "fn optimizer lr iteration x y objective"},
               {.table = "landscape.csv", .columns = "fn x y objective"},
               {.table = "minima.csv", .columns = "fn x y objective"},
               {.table = "summary.csv", .columns = "fn optimizer lr final_x final_y"}},
     .made_by = "dlexp optim",
     .title = "The way of each optimizer",
     .description = "A map of each function with level lines, and over it the path of each optimizer from the start, a "
                    "ring; a cross is the minimum. Marks along a path tell optimizers apart; the largest one is "
                    "where it ends."},
    {.name = "rotation",
     .command = "optim",
     .script = "rotation.gp",
     .table = "rotation.csv",
     .needs = {{.table = "rotation.csv", .columns = "angle optimizer lr stays_below_from_1e-3", .least = 2}},
     .made_by = "dlexp optim --rotate 0..90:19",
     .title = "Iterations needed, by the angle of the quadratic",
     .description = "A panel for each threshold: the iteration from which the objective stays below it, against the "
                    "angle by which the quadratic is turned, a line for each optimizer, which is level "
                    "where the angle does not matter to it. Runs that do not get there stand at a line at the top."},
    {.name = "bench",
     .command = "bench",
     .script = "bench.gp",
     .table = "bench.csv",
     .needs = {{.table = "bench.csv", .columns = "group name shape gflop_s peak_share"}},
     .made_by = "dlexp bench --out results/bench",
     .title = "Speed of the kernels",
     .description = "A bar for each kernel: the share of a core's peak of fused multiply-adds that it reaches."},
};

enum { FIGURES = sizeof figures / sizeof *figures };

const struct figure *figure_row(size_t index)
{
    return index < FIGURES ? &figures[index] : NULL;
}

const struct figure *figure_find(const char *name)
{
    for (size_t i = 0; i < FIGURES; i++)
        if (strcmp(figures[i].name, name) == 0)
            return &figures[i];
    return NULL;
}

bool figure_name(size_t index, const char **name)
{
    if (index < FIGURES)
        *name = figures[index].name;
    return index < FIGURES;
}

const char *figure_table(const struct figure *figure, size_t index)
{
    for (size_t i = 0; i < FIGURE_NEEDS && figure->needs[i].table; i++) {
        bool before = false;
        for (size_t k = 0; k < i; k++)
            before = before || strcmp(figure->needs[k].table, figure->needs[i].table) == 0;
        if (!before && index-- == 0)
            return figure->needs[i].table;
    }
    return NULL;
}

bool figure_format_name(size_t index, const char **name)
{
    static const char *const names[FIGURE_FORMATS] = {"svg", "png", "pdf"};
    if (index < FIGURE_FORMATS)
        *name = names[index];
    return index < FIGURE_FORMATS;
}
