/* Looks at verdicts: who has looked before, and at which seeds. */
#include "dlexp/run/looks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/sha256.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/setting.h"
#include "grid_rows.h"

enum { BLOCK_SIZE = 17 }; /* digits of a block's hash, and the NUL */

/* ---- blocks ---- */

/* Whether a line "key=value" of a spec is of a key of the grid. */
static bool is_key(const struct grid *grid, const char *line)
{
    for (size_t i = 0; i < grid->rows; i++) {
        const struct option *row = grid_row(grid, i);
        const size_t length = row->key ? strlen(row->key) : 0;
        if (row->flags & OPTION_KEY && strncmp(line, row->key, length) == 0 && line[length] == '=')
            return true;
    }
    return false;
}

static void hash_block(char hash[BLOCK_SIZE], const struct grid *grid, const struct run *run)
{
    char hex[SHA256_HEX_SIZE];
    struct sha256 sha;
    sha256_init(&sha);
    for (const char *line = run->spec; *line;) {
        const size_t length = strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n');
        if (!is_key(grid, line))
            sha256_update(&sha, line, length);
        line += length;
    }
    sha256_final(&sha, hex);
    snprintf(hash, BLOCK_SIZE, "%.16s", hex);
}

/* The hash of each of the plan's blocks. */
static cJSON *make_blocks(const struct plan *plan)
{
    char hash[BLOCK_SIZE];
    cJSON *blocks = cJSON_CreateArray();
    /* They begin in their order; runs of later rounds are of blocks that stand there. */
    for (size_t i = 0, next = 0; i < plan->count; i++)
        if (plan->runs[i].block == next) {
            hash_block(hash, plan->grid, &plan->runs[i]);
            json_append(blocks, cJSON_CreateString(hash));
            next++;
        }
    return blocks;
}

static bool has(const cJSON *list, const cJSON *wanted)
{
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next)
        if (cJSON_Compare(item, wanted, true))
            return true;
    return false;
}

static bool share(const cJSON *a, const cJSON *b)
{
    for (const cJSON *item = a ? a->child : NULL; item; item = item->next)
        if (has(b, item))
            return true;
    return false;
}

/* ---- seeds: "1..10,12" ---- */

static int64_t seed_at(const struct axis *seeds, size_t i)
{
    return ((const int64_t *)seeds->values)[i];
}

/* A string of the first `count`; NULL without memory. */
static cJSON *make_seeds(const struct axis *seeds, size_t count)
{
    struct output text;
    struct error ignored;
    if (output_open(&text, &ignored) < 0)
        return NULL;
    for (size_t i = 0, last; i < count; i = last + 1) {
        last = i;
        while (last + 1 < count && seed_at(seeds, last) < INT64_MAX &&
               seed_at(seeds, last + 1) == seed_at(seeds, last) + 1)
            last++;
        fprintf(text.stream, "%s%lld", i > 0 ? "," : "", (long long)seed_at(seeds, i));
        if (last > i)
            fprintf(text.stream, "..%lld", (long long)seed_at(seeds, last));
    }
    char *taken = output_take(&text, &ignored);
    cJSON *string = taken ? cJSON_CreateString(taken) : NULL;
    free(taken);
    return string;
}

static bool has_seed(const char *text, int64_t seed)
{
    for (char *end; *text; text = *end == ',' ? end + 1 : "") {
        const long long first = strtoll(text, &end, 10);
        if (end == text)
            return false;
        const long long last = strncmp(end, "..", 2) == 0 ? strtoll(end + 2, &end, 10) : first;
        if (seed >= first && seed <= last)
            return true;
    }
    return false;
}

/* Of the first `count`, seeds that were not seen then, beside some that were. */
static bool has_more(const char *then, const struct axis *seeds, size_t count)
{
    size_t seen = 0;
    for (size_t i = 0; i < count; i++)
        seen += has_seed(then, seed_at(seeds, i));
    return seen > 0 && seen < count;
}

/* ---- looks ---- */

static const char *text_of(const cJSON *look, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(look, name));
    return text ? text : "";
}

int looks_find(struct looks *looks, const cJSON *run_json, const struct plan *plan, const struct looks_rules *rules,
               struct error *err)
{
    const struct axis *axis = grid_axis(plan->grid, rules->seeds);
    const size_t asked = rules->asked > 0 ? rules->asked : axis->count;
    const cJSON *look;
    cJSON *blocks = make_blocks(plan);
    *looks = (struct looks){0};
    if (!blocks || cJSON_IsInvalid(blocks)) {
        cJSON_Delete(blocks);
        return error_out_of_memory(err, "run.json");
    }
    cJSON_ArrayForEach(look, cJSON_GetObjectItemCaseSensitive(run_json, "looks"))
    {
        if (!has_more(text_of(look, "seeds"), axis, asked) ||
            !share(cJSON_GetObjectItemCaseSensitive(look, "blocks"), blocks))
            continue;
        looks->added = true;
        snprintf(looks->seeds, sizeof looks->seeds, "%s", text_of(look, "seeds"));
        snprintf(looks->at, sizeof looks->at, "%s", text_of(look, "at"));
    }
    cJSON_Delete(blocks);
    looks->known = true;
    return 0;
}

static bool is_same(const cJSON *a, const cJSON *b)
{
    return a && b ? cJSON_Compare(a, b, true) : a == b;
}

static bool is_there(const cJSON *looks, const cJSON *now)
{
    static const char *const same[] = {"seeds", "rule", "blocks", "judgement"};
    const cJSON *look;
    cJSON_ArrayForEach(look, looks)
    {
        size_t i = 0;
        while (i < sizeof same / sizeof *same &&
               is_same(cJSON_GetObjectItemCaseSensitive(look, same[i]), cJSON_GetObjectItemCaseSensitive(now, same[i])))
            i++;
        if (i == sizeof same / sizeof *same)
            return true;
    }
    return false;
}

/* A look at the first `count` seeds; judgement: by what it judged, or NULL. */
static void add_look(cJSON *looks, const struct plan *plan, const struct looks_rules *rules, size_t count,
                     const cJSON *judgement, const char *at)
{
    cJSON *now = cJSON_CreateObject();
    json_add(now, "seeds", make_seeds(grid_axis(plan->grid, rules->seeds), count));
    json_add_string(now, "rule", rules->rule);
    json_add(now, "blocks", make_blocks(plan));
    if (judgement)
        json_add(now, "judgement", cJSON_Duplicate(judgement, true));
    json_add_string(now, "at", at);
    if (is_there(looks, now))
        cJSON_Delete(now);
    else
        json_append(looks, now);
}

void looks_keep(cJSON *run_json, const cJSON *old, const struct plan *plan, const struct looks_rules *rules,
                const char *at)
{
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(old, "looks");
    const bool looked = rules && rules->judged;
    if (!cJSON_IsArray(before) && !looked)
        return;
    cJSON *looks =
        json_add(run_json, "looks", cJSON_IsArray(before) ? cJSON_Duplicate(before, 1) : cJSON_CreateArray());
    const cJSON *judgement = cJSON_GetObjectItemCaseSensitive(run_json, "judgement");
    if (looked && rules->first > 0)
        add_look(looks, plan, rules, rules->first, judgement, at);
    if (looked)
        add_look(looks, plan, rules, grid_axis(plan->grid, rules->seeds)->count, judgement, at);
}
