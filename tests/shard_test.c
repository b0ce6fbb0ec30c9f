/* Which shard a run belongs to, by tests/golden/shards.csv, and which one this process is, by schedulers' variables. */
#include "support.h"

#include "dlexp/formats/csv.h"
#include "dlexp/run/shard.h"

struct config {
    int64_t seed;
};

static const struct option rows[] = {
    {.name = "lr", .key = "lr", .type = OPTION_REAL},
    {.name = "threads", .type = OPTION_SEED}, /* without a key it is no setting */
    {.name = "seeds", .key = "seed", .type = OPTION_SEED, .offset = offsetof(struct config, seed)},
    {.name = NULL},
};

/* The spec of a row, with newlines, and with its seed where the row has one. */
static void write_spec(char spec[512], const char *text, const char *seed)
{
    size_t used = 0;
    for (; *text; text++)
        if (*text == '@')
            used += (size_t)snprintf(spec + used, 512 - used, "%s", seed);
        else
            spec[used++] = *text == '|' ? '\n' : *text;
    spec[used] = '\0';
}

static void runs_go_where_the_formula_says(void **state)
{
    struct csv csv;
    struct error err;
    char spec[512];
    (void)state;
    if (csv_read(&csv, DLEXP_SOURCE_DIR "/tests/golden/shards.csv", &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(csv.rows, 133); /* 2 specs with 9 seeds and one without, 7 counts each */
    for (size_t row = 0; row < csv.rows; row++) {
        const char *seed = csv_cell(&csv, row, 1);
        const struct config config = {.seed = strtoll(seed, NULL, 10)};
        const size_t count = strtoull(csv_cell(&csv, row, 2), NULL, 10);
        const size_t expected = strtoull(csv_cell(&csv, row, 3), NULL, 10);
        write_spec(spec, csv_cell(&csv, row, 0), seed);
        const size_t got = shard_of(spec, rows, &config, count);
        if (got != expected)
            fail_msg("row %zu: expected shard %zu of %zu, got %zu", row + 1, expected, count, got);
    }
    csv_free(&csv);
}

static void clear(void)
{
    static const char *const names[] = {
        "SLURM_ARRAY_TASK_ID",    "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP",
        "SLURM_ARRAY_TASK_COUNT", "PBS_ARRAY_INDEX",      "PBS_ARRAYID",          "SGE_TASK_ID",
        "SGE_TASK_FIRST",         "SGE_TASK_LAST",        "SGE_TASK_STEPSIZE",    "PARALLEL_SEQ"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

/* The environment as words "NAME=value". */
static void set(const char *words)
{
    char copy[512], *rest = NULL;
    clear();
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        setenv(word, value, 1);
    }
}

#define SLURM(id, least, most, step, count)                                                                            \
    "SLURM_ARRAY_TASK_ID=" id " SLURM_ARRAY_TASK_MIN=" least " SLURM_ARRAY_TASK_MAX=" most                             \
    " SLURM_ARRAY_TASK_STEP=" step " SLURM_ARRAY_TASK_COUNT=" count
#define SGE(id, first, last, step)                                                                                     \
    "SGE_TASK_ID=" id " SGE_TASK_FIRST=" first " SGE_TASK_LAST=" last " SGE_TASK_STEPSIZE=" step

static void shards_are_read(void **state)
{
    static const struct {
        const char *text, *variables;
        size_t index, count;
        const char *source;
    } cases[] = {
        {"2/6", "", 2, 6, ""},
        {"1/1", SLURM("4", "1", "6", "1", "6"), 1, 1, ""}, /* never without being asked */
        {"1000000/1000000", "", 1000000, 1000000, ""},
        {"auto", SLURM("4", "1", "6", "1", "6"), 4, 6,
         "SLURM_ARRAY_TASK_ID 4, SLURM_ARRAY_TASK_MIN 1, SLURM_ARRAY_TASK_MAX 6, SLURM_ARRAY_TASK_STEP 1, "
         "SLURM_ARRAY_TASK_COUNT 6"},
        {"auto", SLURM("0", "0", "5", "1", "6"), 1, 6, NULL},
        {"auto", SLURM("9", "5", "15", "2", "6"), 3, 6, NULL},
        {"auto", SLURM("1", "1", "1", "1", "1"), 1, 1, NULL},
        {"auto", SLURM("0", "0", "0", "1", "1"), 1, 1, NULL},
        {"auto/6", SLURM("3", "3", "3", "1", "1"), 3, 6, "SLURM_ARRAY_TASK_ID 3"}, /* sent again by itself */
        {"auto/6", "SLURM_ARRAY_TASK_ID=6", 6, 6, NULL},
        {"auto/4", "PBS_ARRAY_INDEX=2", 2, 4, "PBS_ARRAY_INDEX 2"},
        {"auto/4", "PBS_ARRAYID=4", 4, 4, "PBS_ARRAYID 4"},
        {"auto", SGE("5", "1", "6", "2"), 3, 3, NULL}, /* 1, 3 and 5: the last need not be reached */
        {"auto/6", SGE("5", "1", "6", "1"), 5, 6, "SGE_TASK_ID 5"},
        {"auto/3", "PARALLEL_SEQ=3 SGE_TASK_ID=undefined", 3, 3, "PARALLEL_SEQ 3"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shard shard;
        struct error err;
        set(cases[i].variables);
        if (shard_parse(&shard, cases[i].text, &err) < 0)
            fail_msg("%s with %s: %s", cases[i].text, cases[i].variables, err.message);
        if (shard.index != cases[i].index || shard.count != cases[i].count)
            fail_msg("%s with %s: expected %zu of %zu, got %zu of %zu", cases[i].text, cases[i].variables,
                     cases[i].index, cases[i].count, shard.index, shard.count);
        if (cases[i].source)
            assert_string_equal(shard.source, cases[i].source);
    }
    struct shard none = {1, 1, ""};
    struct error err;
    set(SLURM("4", "1", "6", "1", "6"));
    assert_int_equal(shard_parse(&none, NULL, &err), 0);
    assert_int_equal(none.count, 0);
}

static const struct {
    const char *text, *variables, *says;
} no_shards[] = {
    {"0/6", "", "expected I/N with 1 <= I <= N"},
    {"7/6", "", "got '7/6'"},
    {"1/0", "", "got '1/0'"},
    {"1/1000001", "", "N <= 1000000"},
    {"1", "", "got '1'"},
    {"1/", "", "got '1/'"},
    {"/6", "", "got '/6'"},
    {"-1/6", "", "got '-1/6'"},
    {"+1/6", "", "got '+1/6'"},
    {" 1/6", "", "got ' 1/6'"},
    {"1/6 ", "", "got '1/6 '"},
    {"1/6/2", "", "got '1/6/2'"},
    {"1.5/6", "", "got '1.5/6'"},
    {"18446744073709551617/18446744073709551620", "", "expected I/N"},
    {"00000000000000000000000001/6", "", "expected I/N"},
    {"auto/", "", "got 'auto/'"},
    {"auto/0", "", "got 'auto/0'"},
    {"AUTO", "", "got 'AUTO'"},
    {"auto", "", "got none: this is no task of an array job"},
    {"auto/6", "",
     "SLURM_ARRAY_TASK_ID (Slurm), PBS_ARRAY_INDEX (PBS Pro), PBS_ARRAYID (Torque), SGE_TASK_ID (Grid "
     "Engine), PARALLEL_SEQ (GNU parallel)"},
    {"auto", "SGE_TASK_ID=undefined SGE_TASK_FIRST=undefined", "got none"},
    {"auto", "SLURM_ARRAY_TASK_ID=2",
     "expected SLURM_ARRAY_TASK_MIN beside SLURM_ARRAY_TASK_ID 2, got none; give --shard auto/N"},
    {"auto", "SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=3 SLURM_ARRAY_TASK_STEP=1",
     "expected SLURM_ARRAY_TASK_COUNT beside"},
    {"auto", "SLURM_ARRAY_TASK_ID=x", "expected a number from 0 on in SLURM_ARRAY_TASK_ID, got 'x'"},
    {"auto/6", "PARALLEL_SEQ=-1", "expected a number from 0 on in PARALLEL_SEQ, got '-1'"},
    {"auto", SLURM("3", "3", "3", "1", "1"), "got number 3 alone"},
    {"auto", SLURM("3", "3", "3", "1", "1"), "give --shard auto/N"},
    {"auto", SGE("2", "2", "2", "1"), "got number 2 alone"},
    {"auto", SLURM("1", "1", "7", "1", "3"), "evenly spaced"}, /* --array=1,3,7: each of its tasks is told */
    {"auto", SLURM("4", "1", "7", "2", "4"), "evenly spaced"},
    {"auto", SLURM("8", "1", "7", "1", "7"), "evenly spaced"},
    {"auto", SLURM("1", "1", "3000000", "1", "3000000"), "up to 1000000 tasks"},
    {"auto", "PBS_ARRAY_INDEX=2", "the number of tasks, which PBS Pro does not tell"},
    {"auto", "PBS_ARRAYID=2", "which Torque does not tell"},
    {"auto", "PARALLEL_SEQ=2", "which GNU parallel does not tell"},
    {"auto/6", "SLURM_ARRAY_TASK_ID=7", "expected a task number from 1 to 6, got SLURM_ARRAY_TASK_ID 7"},
    {"auto/6", "SLURM_ARRAY_TASK_ID=0", "sbatch --array=1-6"},
    {"auto/3", "PBS_ARRAY_INDEX=4", "qsub -J 1-3"},
    {"auto/6", "SLURM_ARRAY_TASK_ID=2 PARALLEL_SEQ=1", "SLURM_ARRAY_TASK_ID of Slurm and PARALLEL_SEQ of GNU parallel"},
};

static void what_is_no_shard_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_shards / sizeof *no_shards; i++) {
        struct shard shard;
        struct error err = {0};
        set(no_shards[i].variables);
        if (shard_parse(&shard, no_shards[i].text, &err) == 0)
            fail_msg("%s with %s: expected an error, got shard %zu of %zu", no_shards[i].text, no_shards[i].variables,
                     shard.index, shard.count);
        assert_int_equal(err.code, ERROR_USAGE);
        if (!strstr(err.message, no_shards[i].says))
            fail_msg("%s with %s: expected '%s', got '%s'", no_shards[i].text, no_shards[i].variables,
                     no_shards[i].says, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_go_where_the_formula_says),
        cmocka_unit_test(shards_are_read),
        cmocka_unit_test(what_is_no_shard_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
