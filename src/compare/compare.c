/* compare.c - see compare.h. */
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dlexp/base/number.h"

enum { LARGER, SMALLER };

bool compare_better_name(size_t index, const char **name)
{
    static const char *const names[] = {[LARGER] = "larger", [SMALLER] = "smaller"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}

bool compare_about_name(size_t index, const char **name)
{
    static const char *const names[] = {[PAIRED_MEAN] = "mean", [PAIRED_MEDIAN] = "median"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}

/* -- the file -- */

static int unknown_column(const struct comparison *c, const char *name, size_t length, struct error *err)
{
    char known[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < c->csv.columns && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", c->csv.names[i]);
    return error_set(err, ERROR_DATA,
                     "cannot compare '%s': expected a column '%.*s', got: %s; name the columns with --pair A,B or "
                     "--differences D",
                     c->config->file, (int)(length < 80 ? length : 80), name, known);
}

static int find_column(const struct comparison *c, const char *name, size_t length, size_t *column, struct error *err)
{
    size_t found = 0;
    for (size_t i = 0; i < c->csv.columns; i++)
        if (strlen(c->csv.names[i]) == length && memcmp(c->csv.names[i], name, length) == 0 && found++ == 0)
            *column = i;
    if (found == 0)
        return unknown_column(c, name, length, err);
    if (found > 1)
        return error_set(err, ERROR_DATA, "cannot compare '%s': expected one column '%.*s', got %zu of that name",
                         c->config->file, (int)(length < 80 ? length : 80), name, found);
    return 0;
}

static int refuse_cell(const struct comparison *c, size_t row, size_t column, const char *expected, const char *got,
                       struct error *err)
{
    return error_set(err, ERROR_DATA, "cannot compare '%s', line %zu, column '%.80s': expected %s, got '%.80s'",
                     c->config->file, row + 2, c->csv.names[column], expected, got);
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

/* A cell's number; infinite ones too, and nan for one that is missing. */
static int read_cell(const struct comparison *c, size_t row, size_t column, double *value, struct error *err)
{
    const char *whole = csv_cell(&c->csv, row, column), *text = whole + strspn(whole, " \t"), *why = NULL;
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    const size_t sign = length > 0 && (*text == '-' || *text == '+');
    if (length == 0 || is_word(text, length, "nan") || is_word(text, length, "na"))
        *value = (double)NAN;
    else if (is_word(text + sign, length - sign, "inf") || is_word(text + sign, length - sign, "infinity"))
        *value = *text == '-' ? -(double)INFINITY : (double)INFINITY;
    else if (number_parse_real(text, length, value, &why) != 0)
        return refuse_cell(c, row, column, "a number, nan, inf or nothing", whole, err);
    return 0;
}

/* A run's value with the sign that makes larger better: -inf where it failed. */
static int read_run(struct comparison *c, size_t row, size_t column, double *value, struct error *err)
{
    if (read_cell(c, row, column, value, err) != 0)
        return -1;
    if (c->config->better == SMALLER)
        *value = -*value;
    if (isinf(*value) && *value > 0)
        return refuse_cell(c, row, column, "a number that can be reached, as no run is infinitely good",
                           csv_cell(&c->csv, row, column), err);
    if (isnan(*value))
        *value = -(double)INFINITY;
    return 0;
}

static int read_pairs(struct comparison *c, size_t first, size_t second, struct error *err)
{
    double sum_first = 0, sum_second = 0;
    for (size_t row = 0; row < c->csv.rows; row++) {
        double a, b;
        if (read_run(c, row, first, &a, err) != 0 || read_run(c, row, second, &b, err) != 0)
            return -1;
        c->failed += (size_t)(isinf(a) != 0) + (size_t)(isinf(b) != 0);
        if (isinf(a) && isinf(b)) {
            c->both_failed++;
            continue;
        }
        if (isinf(a - b) && !isinf(a) && !isinf(b))
            return refuse_cell(c, row, second, "a difference that a double holds", csv_cell(&c->csv, row, second), err);
        c->differences[c->n++] = a - b;
        sum_first += a / (double)c->csv.rows;
        sum_second += b / (double)c->csv.rows;
    }
    if (c->failed == 0 && c->n > 0) {
        c->mean_first = c->config->better == SMALLER ? -sum_first : sum_first;
        c->mean_second = c->config->better == SMALLER ? -sum_second : sum_second;
    }
    return 0;
}

static int read_differences(struct comparison *c, size_t column, struct error *err)
{
    for (size_t row = 0; row < c->csv.rows; row++) {
        double d;
        if (read_cell(c, row, column, &d, err) != 0)
            return -1;
        if (isnan(d))
            return refuse_cell(c, row, column, "a number, inf or -inf (which of the two runs failed?)",
                               csv_cell(&c->csv, row, column), err);
        c->failed += (size_t)(isinf(d) != 0);
        c->differences[c->n++] = c->config->better == SMALLER ? -d : d;
    }
    return 0;
}

/* --pair A,B */
static int find_pair(struct comparison *c, size_t columns[2], struct error *err)
{
    const char *pair = c->config->pair, *comma = strchr(pair, ',');
    if (comma == NULL || comma == pair || comma[1] == '\0' || strchr(comma + 1, ',') != NULL)
        return error_set(err, ERROR_USAGE,
                         "--pair: expected the names of two columns with a comma between them, got '%.80s'", pair);
    return find_column(c, pair, (size_t)(comma - pair), &columns[0], err) != 0 ||
                   find_column(c, comma + 1, strlen(comma + 1), &columns[1], err) != 0
               ? -1
               : 0;
}

int compare_read(struct comparison *c, const struct compare_config *config, struct error *err)
{
    size_t columns[2];
    const bool pairs = config->differences == NULL;
    const char *better = "";
    *c = (struct comparison){.config = config, .mean_first = (double)NAN, .mean_second = (double)NAN};
    if (csv_read(&c->csv, config->file, err) != 0)
        return -1;
    if (pairs ? find_pair(c, columns, err) != 0
              : find_column(c, config->differences, strlen(config->differences), &columns[0], err) != 0)
        return -1;
    c->differences = malloc((c->csv.rows + 1) * sizeof *c->differences);
    if (c->differences == NULL)
        return error_out_of_memory(err, "the pairs");
    snprintf(c->first, sizeof c->first, "%s", pairs ? c->csv.names[columns[0]] : "a");
    snprintf(c->second, sizeof c->second, "%s", pairs ? c->csv.names[columns[1]] : "b");
    compare_better_name(config->better, &better);
    snprintf(c->measured, sizeof c->measured, "%s - %s, %s is better", config->better == LARGER ? c->first : c->second,
             config->better == LARGER ? c->second : c->first, better);
    return pairs ? read_pairs(c, columns[0], columns[1], err) : read_differences(c, columns[0], err);
}

int compare_judge(struct comparison *c, struct error *err)
{
    const struct compare_config *config = c->config;
    char aside[64] = "";
    c->rules = (struct paired_rules){
        .level = config->level, .margin = config->margin > 0 ? config->margin : (double)NAN, .family = config->family};
    if (paired_of(&c->judged, (enum paired_question)config->about, c->differences, c->n, c->failed, &c->rules, err) !=
        0)
        return -1;
    c->claim = claim_make("better", "compare", "the first is better", c->first, c->second);
    c->claim.measured = c->measured;
    c->claim.effect_name = "difference";
    c->claim.a.estimate = c->mean_first;
    c->claim.b.estimate = c->mean_second;
    paired_fill(&c->claim, &c->judged, &c->rules);
    if (c->both_failed > 0)
        snprintf(aside, sizeof aside, "pairs left out as both failed: %zu", c->both_failed);
    paired_conclude(&(struct paired_claim){.claim = &c->claim, .paired = &c->judged, .pairs = "pairs", .aside = aside},
                    1, &c->rules);
    return 0;
}

void compare_free(struct comparison *c)
{
    csv_free(&c->csv);
    free(c->differences);
    c->differences = NULL;
}
