/* The protocols: a fair comparison, and what the homework's notebook did. */
#include "dlexp/train/train_protocol.h"

static double percent(const struct train_sums *sums)
{
    return 100.0 * (double)sums->correct / (double)sums->rows;
}

static double mean_loss(const struct train_sums *sums)
{
    return sums->loss / (double)sums->rows;
}

struct train_score train_score_of(const struct train_sums *sums)
{
    return (struct train_score){mean_loss(sums), percent(sums)};
}

static void fair_start(struct random *random)
{
    (void)random;
}

static bool fair_draw_test(struct random *random, uint32_t *order, size_t count)
{
    (void)order;
    (void)count;
    random_torch_seed(random); /* the loader's base seed, for workers that there are not */
    return false;
}

static struct train_result fair_sum_up(const struct train_sums *train, const struct train_sums *test,
                                       struct train_sums *train_so_far, struct train_sums *test_so_far)
{
    (void)train_so_far;
    (void)test_so_far;
    return (struct train_result){mean_loss(train), percent(train), mean_loss(test), percent(test)};
}

static void notebook_start(struct random *random)
{
    random_torch_seed(random); /* next(iter(test_loader)), to show some digits: the loader's draw */
    random_torch_seed(random); /* and its sampler's */
}

static bool notebook_draw_test(struct random *random, uint32_t *order, size_t count)
{
    random_torch_seed(random);
    const uint64_t sampler = random_torch_seed(random);
    if (order)
        random_torch_permutation(sampler, order, count);
    return true;
}

static void add_rows(struct train_sums *so_far, const struct train_sums *sums)
{
    so_far->correct += sums->correct;
    so_far->rows += sums->rows;
}

static struct train_result notebook_sum_up(const struct train_sums *train, const struct train_sums *test,
                                           struct train_sums *train_so_far, struct train_sums *test_so_far)
{
    const double batches = 1000; /* the notebook's constant: the number of batches of 60 in 60000 */
    add_rows(train_so_far, train);
    add_rows(test_so_far, test);
    return (struct train_result){train->batch_loss / batches, percent(train_so_far), mean_loss(test),
                                 percent(test_so_far)};
}

static const struct train_protocol protocols[] = {
    [TRAIN_FAIR] =
        {.name = "fair", .accuracy = "", .start = fair_start, .draw_test = fair_draw_test, .sum_up = fair_sum_up},
    [TRAIN_NOTEBOOK] = {.name = "notebook",
                        .accuracy = "mean ",
                        .averages = true,
                        .chained = true,
                        .tests_in_training = true,
                        .start = notebook_start,
                        .draw_test = notebook_draw_test,
                        .sum_up = notebook_sum_up},
};

const struct train_protocol *train_protocol_row(size_t index)
{
    return index < sizeof protocols / sizeof *protocols ? &protocols[index] : NULL;
}

bool train_protocol_name(size_t index, const char **name)
{
    const struct train_protocol *protocol = train_protocol_row(index);
    if (!protocol)
        return false;
    *name = protocol->name;
    return true;
}
