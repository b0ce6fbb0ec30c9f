/* From lists of values to runs: what a grid holds, in which order, under which specs and labels. */
#include "grid_calls.h"

#include "dlexp/base/spaced.h"

/* The labels of the plan, parted by "; ". */
static void assert_labels(const char *line, const char *expected)
{
    char text[2048] = "";
    struct call *made = call(line);
    if (made->result != 0)
        fail_msg("%s: %s", line, made->err.message);
    for (size_t i = 0; i < made->plan.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "; " : "", made->plan.runs[i].label);
    assert_string_equal(text, expected);
    done(made);
}

static void order_and_labels(void **unused)
{
    (void)unused;
    assert_labels("", "none lr 0.1 seed 1; none lr 0.5 seed 1; norm lr 0.1 seed 1; norm lr 0.5 seed 1");
    assert_labels("--net norm --lr 0.3 --seeds 9,2..3", "norm lr 0.3 seed 2; norm lr 0.3 seed 3; norm lr 0.3 seed 9");
    /* What is no key is outermost, in the order of the table. */
    assert_labels(
        "--net none --lr 1,2 --batch 8,4",
        "none lr 1 seed 1 batch 4; none lr 2 seed 1 batch 4; none lr 1 seed 1 batch 8; none lr 2 seed 1 batch 8");
    assert_labels("--net none --lr 1 --widths 3 --widths none --widths 2,9",
                  "none lr 1 seed 1 widths none; none lr 1 seed 1 widths 2,9; none lr 1 seed 1 widths 3");
    assert_labels("--net none --lr 1 --pair 1,2 --pair 0,7", "none lr 1 seed 1 pair 0,7; none lr 1 seed 1 pair 1,2");
    /* A decay only where there is one: each run once. */
    assert_labels("--net none --lr 1 --kind plain,decaying --decay 0.5,0.9",
                  "none lr 1 seed 1 kind plain; none lr 1 seed 1 kind decaying decay 0.5; "
                  "none lr 1 seed 1 kind decaying decay 0.9");
    /* A chain keeps the order of its values. */
    assert_labels("--chained 1 --net norm,none --lr 2,1", "chain, lr 1 seed 1; chain, lr 2 seed 1");
}

static void specs(void **unused)
{
    (void)unused;
    struct call *made = call("--net norm --lr 0.1");
    assert_string_equal(made->plan.runs[0].spec, "experiment=try\nformat=4\ndata=abc\nnet=norm\nlr=0.1\nkind=plain\n"
                                                 "first=1\nsecond=2\nwidths=8,4\nseed=1\n");
    assert_int_equal(made->plan.runs[0].units, 7);
    done(made);
    made = call("--chained 1 --net norm,none --lr 0.1 --kind decaying --widths none --batch 61 --flag");
    assert_string_equal(made->plan.runs[0].spec,
                        "experiment=try\nformat=4\ndata=abc\nnet=norm,none\nlr=0.1\nkind=decaying\ndecay=0.9\n"
                        "first=1\nsecond=2\nwidths=none\nbatch=61\nflag=true\nseed=1\n");
    done(made);
}

static void blocks(void **unused)
{
    (void)unused;
    struct call *made = call("--batch 4,8 --kind plain,decaying --decay 0.5,0.9 --seeds 1..3");
    assert_int_equal(made->plan.count, 3 * 2 * (2 * 2 * 3));
    assert_int_equal(made->grid.blocks, 6);
    for (size_t i = 0; i < made->plan.count; i++) {
        const struct config *config = made->plan.runs[i].config;
        assert_int_equal(made->plan.runs[i].block, i / 12);
        assert_int_equal(config->nets.count, 1);
        assert_int_equal(config->nets.values[0], i % 12 / 6);
        assert_true(config->lr == (i % 6 / 3 ? 0.5 : 0.1));
        assert_int_equal(config->seed, 1 + i % 3);
    }
    done(made);
}

/* Each run of a call's plan is in the other's, too, and in the same block. */
static void assert_same_runs(const struct call *made, const struct call *whole)
{
    assert_int_equal(made->plan.count, whole->plan.count);
    for (size_t i = 0; i < whole->plan.count; i++) {
        size_t k = 0;
        while (k < made->plan.count && strcmp(made->plan.runs[k].id, whole->plan.runs[i].id) != 0)
            k++;
        if (k == made->plan.count)
            fail_msg("there is no %s", whole->plan.runs[i].label);
        assert_int_equal(made->plan.runs[k].block, whole->plan.runs[i].block);
        assert_string_equal(made->plan.runs[k].label, whole->plan.runs[i].label);
        assert_false(made->plan.runs[k].extra);
    }
}

/* A copy, as call() has one place for all: what it made last. */
static struct call *copied(struct call *made)
{
    struct call *copy = malloc(sizeof *copy);
    assert_non_null(copy);
    *copy = *made;
    copy->grid.invocation = &copy->invocation;
    copy->plan.grid = &copy->grid;
    return copy;
}

/* Seeds that are added, or given at once: the same runs, in the same blocks; those that are taken out again leave the
 * plan as it was. */
static void more_values(void **unused)
{
    (void)unused;
    const int64_t more[] = {4, 5, 9};
#define SOME "--batch 4,8 --kind plain,decaying --decay 0.5,0.9 --seeds "
    struct call *whole = copied(call(SOME "2,3,4,5,9")), *less = copied(call(SOME "2,3,4")), *made = call(SOME "2,3");
    assert_int_equal(grid_extend(&made->grid, &made->plan, "seeds", more, 3, &made->err), 0);
    assert_int_equal(made->grid.blocks, 6);
    assert_int_equal(grid_axis(&made->grid, "seeds")->count, 5);
    assert_same_runs(made, whole);
    /* Those that were there stay where they were, the others follow. */
    assert_int_equal(((const struct config *)made->plan.runs[0].config)->seed, 2);
    assert_int_equal(((const struct config *)made->plan.runs[6 * 8 - 1].config)->seed, 3);
    assert_int_equal(((const struct config *)made->plan.runs[6 * 8].config)->seed, 4);
    grid_keep(&made->grid, &made->plan, "seeds", 3);
    assert_same_runs(made, less);
    assert_int_equal(grid_axis(&made->grid, "seeds")->count, 3);
    done(made);
    done(whole);
    done(less);
    free(whole);
    free(less);
}

/* A single run at another rate: what it would be in a grid that has that rate. */
static void more_cells(void **unused)
{
    (void)unused;
    const double rate = 0.3;
    struct call *whole = copied(call("--net norm --lr 0.3 --seeds 3 --kind decaying"));
    struct call *made = call("--net none,norm --lr 0.1,0.5 --seeds 3 --kind decaying");
    assert_int_equal(grid_add_cell(&made->grid, &made->plan, &made->plan.runs[3], "lr", &rate, &made->err), 0);
    assert_int_equal(made->plan.count, 5);
    const struct run *run = &made->plan.runs[4];
    assert_true(run->extra);
    assert_false(made->plan.runs[3].extra);
    assert_string_equal(run->spec, whole->plan.runs[0].spec);
    assert_string_equal(run->label, whole->plan.runs[0].label);
    assert_true(((const struct config *)made->plan.runs[3].config)->lr == 0.5);
    assert_int_equal(grid_axis(&made->grid, "lr")->count, 2);
    /* A list's element. */
    const size_t net = 1;
    assert_int_equal(grid_add_cell(&made->grid, &made->plan, &made->plan.runs[0], "net", &net, &made->err), 0);
    assert_string_equal(made->plan.runs[5].spec, made->plan.runs[2].spec);
    assert_int_equal(((const struct config *)made->plan.runs[0].config)->nets.values[0], 0);
    done(made);
    done(whole);
    free(whole);
}

static void refused(const char *line, const char *message)
{
    struct call *made = call(line);
    assert_int_equal(made->result, -1);
    assert_int_equal(made->err.code, ERROR_USAGE);
    if (!strstr(made->err.message, message))
        fail_msg("%s: %s", line, made->err.message);
    done(made);
}

static void refusals(void **unused)
{
    (void)unused;
    refused("--lr 0.1,0.2,0.1", "--lr: expected every number once, got 0.1 twice");
    refused("--net none,none", "--net: expected every name once, got 'none' twice");
    refused("--chained 1 --net none,none", "--net: expected every name once, got 'none' twice");
    refused("--seeds 1..3,2", "--seeds: expected every seed once, got 2 twice");
    refused("--seeds -1,18446744073709551615", "got -1 twice (a negative seed s is the same as 2^64 + s)");
    refused("--widths 1,2 --widths 1,2", "--widths: expected every list once, got 1,2 twice");
    refused("--decay 0.5", "--decay: expected a kind that decays, got none, so it would do nothing");
    refused("--lr 1..0.1:3", "a range is A..B:N with 0 < A < B and N from 2 to 100000");
    refused("--lr 0..1:3", "a range is A..B:N");
    refused("--lr 0.1..1", "a range is A..B:N");
    refused("--lr 0.1..1:1", "a range is A..B:N");
}

/* A (B/A)^(i/(N-1)), exact at the ends, of 6 digits between: what Python's decimal gives. */
static void spacing(void **unused)
{
    (void)unused;
    static const struct {
        double a, b;
        size_t count;
        double values[7];
    } cases[] = {
        {1e-3, 1e-1, 5, {1e-3, 0.00316228, 0.01, 0.0316228, 1e-1}},
        {1e-3, 10, 5, {1e-3, 0.01, 0.1, 1, 10}},
        {0.1, 0.30000000000000004, 2, {0.1, 0.30000000000000004}},
        {1, 2, 7, {1, 1.12246, 1.25992, 1.41421, 1.5874, 1.7818, 2}},
        {1e-300, 1e300, 3, {1e-300, 1, 1e300}},
        {3, 3.0000001, 3, {3, 3, 3.0000001}},
        {5e-324, 1e308, 2, {5e-324, 1e308}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t i = 0; i < cases[c].count; i++)
            if (spaced_geometric(cases[c].a, cases[c].b, i, cases[c].count) != cases[c].values[i])
                fail_msg("%zu of case %zu: %.17g", i, c, spaced_geometric(cases[c].a, cases[c].b, i, cases[c].count));
    assert_labels("--net none --lr 1e-3..1e-1:3", "none lr 0.001 seed 1; none lr 0.01 seed 1; none lr 0.1 seed 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_and_labels), cmocka_unit_test(specs),   cmocka_unit_test(blocks),
        cmocka_unit_test(refusals),         cmocka_unit_test(spacing), cmocka_unit_test(more_values),
        cmocka_unit_test(more_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
