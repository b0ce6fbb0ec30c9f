#include "optim_ranking.h"

#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/formats/json.h"

/* What is ranked together: the runs on one function, as each has its own scale, or, as the homework did with its two,
 * its eight runs. */
struct ranking {
    const struct optim_results *report;
    const char *fn; /* NULL: the homework's eight */
};

static bool is_ranked(const struct ranking *ranking, const struct optim_problem *p)
{
    return ranking->fn ? strcmp(p->fn, ranking->fn) == 0 : optim_problem_is_homework(p);
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
    const size_t each = report->config->optimizers.count * report->config->lrs.count;
    *ranking = (struct ranking){report, NULL};
    if (each > 1 && index < report->count / each) {
        ranking->fn = report->problems[index * each].fn;
        return true;
    }
    return index == (each > 1 ? report->count / each : 0) && count_ranked(ranking) == OPTIM_HOMEWORK_RUNS;
}

/* "momentum lr 0.1" or "momentum f1": what tells the runs of a ranking apart. */
static const char *problem_label(char buffer[96], const struct ranking *ranking, const struct optim_problem *p)
{
    char number[NUMBER_TEXT_SIZE];
    if (!ranking->fn)
        snprintf(buffer, 96, "%s %s", p->optimizer, p->fn);
    else if (ranking->report->config->lrs.count > 1)
        snprintf(buffer, 96, "%s lr %s", p->optimizer, number_format_real(number, p->descent->lr));
    else
        snprintf(buffer, 96, "%s", p->optimizer);
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
    char text[128], label[96];
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
        if (ranking.fn)
            fprintf(out, "\nRanking on %s, fastest first\n", ranking.fn);
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
            json_add_string(entry, "of", ranking.fn ? ranking.fn : "the homework's eight runs");
            json_add_number(entry, "threshold", optim_thresholds[t].value);
            runs = json_add_array(entry, "fastest_first");
            for (const struct optim_problem *p = NULL; (p = next_ranked(&ranking, t, p)) != NULL;) {
                cJSON *run = json_append(runs, cJSON_CreateObject());
                optim_problem_add_key(run, p);
                optim_problem_add_count(run, "iterations", optim_problem_counted(p, t));
            }
        }
}
