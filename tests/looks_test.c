/* Looks at verdicts: which ones count for a plan, and what run.json keeps of them. */
#include "support.h"

#include "dlexp/formats/json.h"
#include "dlexp/run/grid.h"
#include "dlexp/run/looks.h"

struct config {
    double lr;
    int64_t batch, seed;
};
#define SETTING(name_, field, type_, flags_, initial_)                                                                 \
    {                                                                                                                  \
        .name = name_, .key = #field, .type = type_, .flags = flags_, .offset = offsetof(struct config, field),        \
        .value = "LIST", .initial = initial_, .help = name_                                                            \
    }
static const struct option rows[] = {
    SETTING("lr", lr, OPTION_REAL, OPTION_AXIS | OPTION_KEY, "0.5"),
    SETTING("batch", batch, OPTION_INTEGER, OPTION_AXIS, "60"),
    SETTING("seeds", seed, OPTION_SEED, OPTION_AXIS | OPTION_KEY, "1"),
    {.name = NULL},
};
static const struct command command = {.name = "try", .options = rows, .config_size = sizeof(struct config)};

static uint64_t units(const void *config, const void *context)
{
    (void)config, (void)context;
    return 1;
}
static const struct subject subject = {.name = "try", .format = 1, .units = units};

/* Hands a plan of these words to a function. */
static void with_plan(const char *line, void (*use)(const struct plan *, void *), void *context)
{
    struct config config = {0};
    struct invocation invocation = {.command = &command};
    struct grid grid;
    struct plan plan = {0};
    struct error err;
    char copy[128], *words[16];
    int count = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    assert_int_equal(options_parse(&invocation, count, words, &config, &err), 0);
    assert_int_equal(grid_init(&grid, &subject, &invocation, &config, &err), 0);
    assert_int_equal(grid_plan(&grid, &plan, &config, NULL, &err), 0);
    use(&plan, context);
    plan_free(&plan);
    grid_free(&grid);
    options_free(&invocation, &config);
}

/* ---- a history of calls ---- */

struct call {
    cJSON *run_json;
    const char *rule;
    bool judged;
    size_t first, asked;
    struct looks found;
};

/* What experiment_execute does with them. */
static void follow(const struct plan *plan, void *call_)
{
    struct call *call = call_;
    struct error err;
    const struct looks_rules rules = {"seeds", call->rule, call->judged, call->first, call->asked};
    cJSON *next = cJSON_CreateObject();
    assert_int_equal(looks_find(&call->found, call->run_json, plan, &rules, &err), 0);
    looks_keep(next, call->run_json, plan, call->rule ? &rules : NULL, "2024-01-01T00:00:00Z");
    cJSON_Delete(call->run_json);
    call->run_json = next;
}

static void look(struct call *call, const char *words, bool added)
{
    with_plan(words, follow, call);
    if (call->found.added != added)
        fail_msg("%s: expected that seeds were %sadded", words, added ? "" : "not ");
}

static size_t kept(const struct call *call)
{
    return (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(call->run_json, "looks"));
}

static void seeds_that_are_added(void **unused)
{
    (void)unused;
    struct call call = {.rule = "fixed", .judged = true};
    look(&call, "--seeds 1..10", false);
    look(&call, "--seeds 1..10", false); /* the same numbers again are no other look */
    assert_int_equal(kept(&call), 1);
    look(&call, "--seeds 1..10,12..20", true);
    assert_string_equal(call.found.seeds, "1..10");
    assert_string_equal(call.found.at, "2024-01-01T00:00:00Z");
    assert_int_equal(kept(&call), 2);
    look(&call, "--seeds 1..20", true);
    assert_string_equal(call.found.seeds, "1..10,12..20");
    look(&call, "--seeds 1..10", false);  /* none was added to those */
    look(&call, "--seeds 21..40", false); /* new ones alone */
    look(&call, "--seeds -1,40", true);
    look(&call, "--seeds -3..-1", true);
    assert_string_equal(call.found.seeds, "-1,40");
    cJSON_Delete(call.run_json);
}

static void other_settings(void **unused)
{
    (void)unused;
    struct call call = {.rule = "fixed", .judged = true};
    look(&call, "--seeds 1..10 --batch 60,70", false);
    look(&call, "--seeds 1..12 --batch 80", false);         /* other runs */
    look(&call, "--seeds 1..12 --batch 50,70", true);       /* some of the same */
    look(&call, "--seeds 1..14 --lr 0.1 --batch 60", true); /* another rate of the same net */
    cJSON_Delete(call.run_json);
}

/* Calls that show no verdict, and calls that a signal stopped, are no looks; they keep those that were. */
static void no_looks(void **unused)
{
    (void)unused;
    struct call call = {.rule = "fixed"};
    look(&call, "--seeds 1..3", false);
    assert_null(cJSON_GetObjectItemCaseSensitive(call.run_json, "looks"));
    look(&call, "--seeds 1..4", false);
    call.judged = true;
    look(&call, "--seeds 1..6", false);
    call.rule = NULL;
    look(&call, "--seeds 1..7", true);
    assert_int_equal(kept(&call), 1);
    look(&call, "--seeds 1..8", true);
    assert_string_equal(call.found.seeds, "1..6");
    cJSON_Delete(call.run_json);
}

/* How many follow from the first ones was no one's choice; which are the first ones is. */
static void seeds_that_follow(void **unused)
{
    (void)unused;
    struct call call = {.rule = "fixed", .judged = true};
    look(&call, "--seeds 1..10", false);
    call.rule = "until width";
    call.asked = 10;
    look(&call, "--seeds 1..13", false);
    call.asked = 12;
    look(&call, "--seeds 1..14", true);
    assert_string_equal(call.found.seeds, "1..10");
    cJSON_Delete(call.run_json);
}

static void rules(void **unused)
{
    (void)unused;
    struct call call = {.rule = "fixed", .judged = true};
    look(&call, "--seeds 1..10", false);
    call.rule = "until decided";
    look(&call, "--seeds 1..10", false);
    assert_int_equal(kept(&call), 2); /* what was asked is kept with what was seen */
    cJSON_Delete(call.run_json);
}

/* Seeds whose number hung on what the first ones showed were added to these, also when they are asked for at once. */
static void first_seeds(void **unused)
{
    (void)unused;
    struct call call = {.rule = "until decided", .judged = true, .first = 10};
    look(&call, "--seeds 1..16", false);
    assert_int_equal(kept(&call), 2);
    call.rule = "fixed";
    call.first = 0;
    look(&call, "--seeds 1..10", false);
    look(&call, "--seeds 1..16", true);
    assert_string_equal(call.found.seeds, "1..10");
    look(&call, "--seeds 11..17", true);
    cJSON_Delete(call.run_json);
}

/* What somebody wrote there by hand is passed over. */
static void not_looks(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"{\"looks\": 7}", "{\"looks\": [1, null, {}, {\"seeds\": 4}]}",
                                        "{\"looks\": [{\"seeds\": \"a..b\", \"blocks\": 3}]}",
                                        "{\"looks\": [{\"seeds\": \"1..\", \"blocks\": [3]}]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct call call = {.rule = "fixed", .judged = true, .run_json = cJSON_Parse(texts[i])};
        assert_non_null(call.run_json);
        look(&call, "--seeds 1..10", false);
        look(&call, "--seeds 1..11", true);
        cJSON_Delete(call.run_json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_that_are_added),
        cmocka_unit_test(other_settings),
        cmocka_unit_test(no_looks),
        cmocka_unit_test(seeds_that_follow),
        cmocka_unit_test(rules),
        cmocka_unit_test(first_seeds),
        cmocka_unit_test(not_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
