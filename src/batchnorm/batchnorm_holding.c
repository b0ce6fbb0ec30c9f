/* Which interval holds, and why; see batchnorm_holding.h. */
#include "batchnorm_holding.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/json.h"

struct looks_rules holding_look(const void *batchnorm_)
{
    const struct batchnorm *batchnorm = batchnorm_;
    const struct rounds_options *rounds = &batchnorm->config->rounds;
    struct looks_rules rules = {.seeds = "seeds",
                                .rule = rounds->until_decided     ? "until decided"
                                        : rounds->until_width > 0 ? "until width"
                                                                  : "fixed"};
    for (size_t b = 0; b < batchnorm->evidence_count; b++)
        for (int c = 0; c < EVIDENCE_CLAIMS; c++)
            rules.judged |= batchnorm->evidence[b].evidence.answers[c].claim.n >= PAIRED_LEAST;
    rules.first = rounds->until_decided ? batchnorm->found.first : 0;
    rules.asked = rounds->until_width > 0 ? batchnorm->found.first : 0;
    return rules;
}

bool holding_is_anytime(const struct batchnorm *batchnorm)
{
    return batchnorm->config->rounds.until_decided || batchnorm->looks.added;
}

static size_t seeds_of(const struct batchnorm *batchnorm)
{
    return grid_axis(&batchnorm->grid, "seeds")->count;
}

/* Like printf, malloc'ed; NULL without memory. */
__attribute__((format(printf, 1, 2))) static char *text_of(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return strdup(text);
}

char *holding_text(const struct batchnorm *batchnorm)
{
    const struct rounds_options *rounds = &batchnorm->config->rounds;
    const struct looks *looks = &batchnorm->looks;
    const size_t seeds = seeds_of(batchnorm);
    if (rounds->until_decided && batchnorm->found.decided)
        return text_of("which interval holds: that of any number of looks (anytime), as each of %zu seeds was judged "
                       "(--until-decided); after these the claims are decided",
                       seeds);
    if (rounds->until_decided)
        return text_of("which interval holds: that of any number of looks (anytime), as each of %zu seeds was judged "
                       "(--until-decided); no more are allowed (--max-seeds), and not all claims are decided",
                       seeds);
    if (looks->added)
        return text_of("which interval holds: that of any number of looks (anytime), as seeds were added after a look "
                       "at seeds %s%s%s",
                       looks->seeds, *looks->at ? " on " : "", looks->at);
    if (rounds->until_width > 0)
        return text_of(
            "which interval holds: that of one look, as the number of seeds, %zu, follows from the spread of "
            "the first ones alone (--until-width); of \"ends better\" that of two stages",
            seeds);
    return text_of("which interval holds: that of one look, as no seeds were added after a verdict was seen");
}

/* Over all seeds: another block may have needed more. */
static double half_width_of(const struct more_width *stages, size_t seeds)
{
    return stages->half_width * sqrt((double)stages->seeds / (double)seeds);
}

char *holding_width_text(const struct batchnorm *batchnorm, size_t block)
{
    const struct more_width *stages = &batchnorm->found.widths[block];
    char wide[NUMBER_TEXT_SIZE], deviation[NUMBER_TEXT_SIZE];
    if (batchnorm->evidence[block].evidence.answers[EVIDENCE_BETTER].claim.failed > 0)
        return text_of("by two stages: no interval, as runs failed and it needs normal differences; the order interval "
                       "above decides");
    return text_of(
        "by two stages: the differences of the first %zu seeds spread by %s points, which over %zu seeds is a "
        "half width of %s%s",
        stages->first, number_format_fixed(deviation, stages->deviation, 3), seeds_of(batchnorm),
        number_format_fixed(wide, half_width_of(stages, seeds_of(batchnorm)), 3),
        stages->capped ? "; wider than asked, as --max-seeds allows no more" : "");
}

/* Of each block. */
static void add_widths(cJSON *until, const struct batchnorm *batchnorm)
{
    cJSON *blocks = json_add_array(until, "blocks");
    for (size_t b = 0; b < batchnorm->grid.blocks; b++) {
        const struct more_width *width = &batchnorm->found.widths[b];
        cJSON *block = json_append(blocks, cJSON_CreateObject());
        json_add_string(block, "run", batchnorm->evidence[b].run->id);
        json_add_number(block, "first_seeds", (double)width->first);
        json_add_number(block, "first_deviation_points", width->deviation);
        if (width->wanted > 0)
            json_add_number(block, "seeds_needed", (double)width->wanted);
        json_add_bool(block, "capped", width->capped);
        json_add_number(block, "mean_points", batchnorm->evidence[b].evidence.answers[EVIDENCE_BETTER].paired.mean);
        json_add_number(block, "half_width_points", half_width_of(width, seeds_of(batchnorm)));
    }
}

void holding_add(cJSON *object, const struct batchnorm *batchnorm)
{
    const struct rounds_options *rounds = &batchnorm->config->rounds;
    cJSON *holds = json_add_object(object, "holds");
    char *why = holding_text(batchnorm);
    json_add_string(holds, "interval", holding_is_anytime(batchnorm) ? "anytime" : "one look");
    json_add(holds, "why", why ? cJSON_CreateString(why) : NULL);
    free(why);
    if (!rounds->until_decided && rounds->until_width == 0)
        return;
    cJSON *until = json_add_object(object, "until");
    json_add_string(until, "rule", holding_look(batchnorm).rule);
    json_add_number(until, "seeds", (double)seeds_of(batchnorm));
    json_add_number(until, "max_seeds", (double)rounds->max_seeds);
    if (rounds->until_decided)
        json_add_bool(until, "decided", batchnorm->found.decided);
    if (batchnorm->found.widths && batchnorm->evidence_count == batchnorm->grid.blocks)
        add_widths(until, batchnorm);
}
