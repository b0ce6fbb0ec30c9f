#include "optim_ranking.h"

#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/formats/json.h"

/* What is ranked together: the runs on one function, as each has its own scale, or, as the homework did with its two,
 * its eight runs. */
struct ranking {
    const struct optim_results *report;
    const struct optim_problem *first; /* on the function; NULL: the homework's eight */
};

static bool is_ranked(const struct ranking *ranking, const struct optim_problem *p)
{
    return ranking->first ? p->function == ranking->first->function : optim_problem_is_homework(p);
}

static size_t count_ranked(const struct ranking *ranking)
{
    size_t count = 0;
    for (const struct optim_problem *p = ranking->report->problems;
         p < ranking->report->problems + ranking->report->count; p++)
        count += is_ranked(ranking, p);
    return count;
}

/* The index-th ranking there is; false past the last. */
static bool find_ranking(const struct optim_results *report, size_t index, struct ranking *ranking)
{
    *ranking = (struct ranking){.report = report};
    for (size_t f = 0; (ranking->first = optim_results_function(report, f)) != NULL; f++)
        if (count_ranked(ranking) > 1 && index-- == 0)
            return true;
    return index == 0 && count_ranked(ranking) == OPTIM_HOMEWORK_RUNS;
}

/* "momentum lr 0.1" or "momentum f1": what tells the runs of a ranking apart. */
static const char *problem_label(char buffer[OPTIM_LABEL_SIZE], const struct ranking *ranking,
                                 const struct optim_problem *p)
{
    if (ranking->first)
        return optim_results_label(buffer, ranking->report, p);
    snprintf(buffer, OPTIM_LABEL_SIZE, "%s %s", p->optimizer, p->fn);
    return buffer;
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
 * The problem with the least iterations after those of `before`, or of those equal the next one; NULL if there is none.
 * Only problems that end below the threshold are ranked.
 */
static const struct optim_problem *next_ranked(const struct ranking *ranking, size_t t,
                                               const struct optim_problem *before)
{
    const struct optim_results *report = ranking->report;
    const struct optim_problem *best = NULL;
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++) {
        const int64_t iterations = optim_problem_counted(p, t);
        const bool behind = iterations >= 0 && (!before || iterations > optim_problem_counted(before, t) ||
                                                (iterations == optim_problem_counted(before, t) && p > before));
        if (is_ranked(ranking, p) && behind && (!best || iterations < optim_problem_counted(best, t)))
            best = p;
    }
    return best;
}

/* Broken before a problem that would not end by column 116. */
static void show_ranking(const struct ranking *ranking, FILE *out)
{
    enum { INDENT = 9, WIDTH = 116 };
    char text[OPTIM_LABEL_SIZE + 8], label[OPTIM_LABEL_SIZE];
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        const struct optim_problem *before = NULL, *p;
        size_t column = INDENT;
        fprintf(out, "  %-*s", INDENT - 2, optim_thresholds[t].name);
        for (; (p = next_ranked(ranking, t, before)) != NULL; before = p) {
            const char *relation = !before ? "" : p->reached[t] == before->reached[t] ? " = " : " > ";
            snprintf(text, sizeof text, "%s%s%s", relation, problem_label(label, ranking, p),
                     optim_problem_rose_again(p, t) ? "*" : "");
            if (column + strlen(text) > WIDTH) {
                fprintf(out, "\n%*s", INDENT - 1, "");
                column = INDENT - 1;
            }
            column += strlen(text);
            fputs(text, out);
        }
        fprintf(out, "%s\n", before ? "" : "none ends below");
    }
}

void optim_ranking_show(const struct optim_results *report, FILE *out)
{
    struct ranking ranking;
    for (size_t i = 0; find_ranking(report, i, &ranking); i++) {
        char label[OPTIM_LABEL_SIZE];
        if (ranking.first)
            fprintf(out, "\nRanking on %s, fastest first\n", function_label(label, ranking.first));
        else
            fputs("\nThe homework's eight runs, fastest first: as it guessed, and as measured until f is below\n"
                  "  guess  (momentum f1 = momentum f2) > [(rmsprop f1 > rmsprop f2) = (adam f1 = adam f2)] > "
                  "(gd f2 = gd f1)\n",
                  out);
        show_ranking(&ranking, out);
    }
}

void optim_ranking_add(cJSON *root, const struct optim_results *report)
{
    cJSON *array = json_add_array(root, "rankings");
    struct ranking ranking;
    for (size_t i = 0; find_ranking(report, i, &ranking); i++)
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            cJSON *entry = json_append(array, cJSON_CreateObject()), *runs;
            json_add_string(entry, "of", ranking.first ? ranking.first->fn : "the homework's eight runs");
            json_add_number(entry, "threshold", optim_thresholds[t].value);
            runs = json_add_array(entry, "fastest_first");
            for (const struct optim_problem *p = NULL; (p = next_ranked(&ranking, t, p)) != NULL;) {
                cJSON *run = json_append(runs, cJSON_CreateObject());
                optim_problem_add_key(run, p);
                optim_problem_add_count(run, "iterations", optim_problem_counted(p, t));
            }
        }
}
