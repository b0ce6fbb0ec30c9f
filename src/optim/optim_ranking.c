#include "optim_ranking.h"

#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"

/* The first run on the index-th function that has several, which are ranked together; NULL past the last. */
static const struct optim_problem *find_ranking(const struct optim_results *report, size_t index)
{
    const struct optim_problem *first;
    for (size_t f = 0; (first = optim_results_function(report, f)) != NULL; f++) {
        size_t count = 0;
        for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++)
            count += p->function == f;
        if (count > 1 && index-- == 0)
            return first;
    }
    return NULL;
}

/* Whether they are the homework's, of whose four on each function it guessed the ranking. */
static bool is_guessed(const struct optim_results *report, const struct optim_problem *first)
{
    size_t count = 0;
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++)
        count += p->function == first->function && optim_problem_is_homework(p);
    return count == OPTIM_HOMEWORK_RUNS / 2;
}

/* "f1", or where it has a shape of which there are several, "quad at 45 degrees". */
static const char *function_label(char buffer[OPTIM_LABEL_SIZE], const struct optim_problem *p)
{
    char number[NUMBER_TEXT_SIZE];
    size_t used = (size_t)snprintf(buffer, OPTIM_LABEL_SIZE, "%s", p->fn);
    if (p->descent->objective->shaped)
        snprintf(buffer + used, OPTIM_LABEL_SIZE - used, " at %s degrees",
                 number_format_real(number, p->descent->shape.angle));
    return buffer;
}

/*
 * The problem that is below from the least iteration after that of `before`, or of those equal the next one; NULL if
 * there is none.  Only problems that stay below the threshold are ranked.
 */
static const struct optim_problem *next_ranked(const struct optim_results *report, const struct optim_problem *first,
                                               size_t t, const struct optim_problem *before)
{
    const struct optim_problem *best = NULL;
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++) {
        const int64_t from = p->passages[t].settled, last = before ? before->passages[t].settled : -1;
        const bool behind = from >= 0 && (!before || from > last || (from == last && p > before));
        if (p->function == first->function && behind && (!best || from < best->passages[t].settled))
            best = p;
    }
    return best;
}

enum { RANKED_COLUMN = 9 }; /* behind the thresholds */

/* "momentum 83 > rmsprop 966 (912) > ...": with the first touch, where that is another. */
static void show_ranking(const struct optim_results *report, const struct optim_problem *first, FILE *out)
{
    char text[OPTIM_LABEL_SIZE + 64], label[OPTIM_LABEL_SIZE], touch[OPTIM_TOUCH_SIZE];
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        const struct optim_problem *before = NULL, *p;
        snprintf(text, sizeof text, "  %-5s", optim_thresholds[t].name);
        struct flow flow = flow_begin(out, text, RANKED_COLUMN);
        for (; (p = next_ranked(report, first, t, before)) != NULL; before = p) {
            const bool equal = before && p->passages[t].settled == before->passages[t].settled;
            snprintf(text, sizeof text, "%s%s %lld%s",
                     !before ? ""
                     : equal ? "= "
                             : "> ",
                     optim_results_label(label, report, p), (long long)p->passages[t].settled,
                     optim_problem_touch(touch, &p->passages[t]));
            flow_piece(&flow, text);
        }
        if (!before)
            flow_piece(&flow, "none stays below");
        flow_end(&flow);
    }
}

void optim_ranking_show(const struct optim_results *report, FILE *out)
{
    const struct optim_problem *first;
    for (size_t i = 0; (first = find_ranking(report, i)) != NULL; i++) {
        char label[OPTIM_LABEL_SIZE];
        fputc('\n', out);
        flow_say(out, "", 0, "Ranking on %s by the iteration from which f - f* stays below, fastest first",
                 function_label(label, first));
        if (is_guessed(report, first))
            flow_print(out, "  guess", RANKED_COLUMN, "momentum > rmsprop = adam > gd");
        show_ranking(report, first, out);
    }
}

void optim_ranking_add(cJSON *root, const struct optim_results *report)
{
    cJSON *array = json_add_array(root, "rankings");
    const struct optim_problem *first;
    for (size_t i = 0; (first = find_ranking(report, i)) != NULL; i++)
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            cJSON *entry = json_append(array, cJSON_CreateObject()), *runs;
            json_add_string(entry, "of", first->fn);
            json_add_number(entry, "threshold", optim_thresholds[t].value);
            runs = json_add_array(entry, "fastest_first");
            for (const struct optim_problem *p = NULL; (p = next_ranked(report, first, t, p)) != NULL;) {
                cJSON *run = json_append(runs, cJSON_CreateObject());
                optim_problem_add_key(run, p);
                optim_problem_add_count(run, "stays_below_from", p->passages[t].settled);
                optim_problem_add_count(run, "iterations_to", p->passages[t].reached);
            }
        }
}
