/* compare_report.c - see compare_report.h. */
#include "compare_report.h"

#include <math.h>
#include <stdio.h>

#include "dlexp/base/counted.h"
#include "dlexp/cli/verdict_text.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/claim_table.h"
#include "dlexp/statistics/binomial.h"

/* -- the numbers, a row each -- */

static const struct frame_column columns[] = {
    {.name = "id", .type = FRAME_TEXT},
    {.name = "what", .type = FRAME_TEXT, .title = ""},
    {.name = "estimate", .type = FRAME_REAL, .title = "estimate", .shown = SHOWN_DIGITS, .places = 5},
    {.name = "low", .type = FRAME_REAL, .title = "low", .shown = SHOWN_DIGITS, .places = 5},
    {.name = "high", .type = FRAME_REAL, .title = "high", .shown = SHOWN_DIGITS, .places = 5},
    {.name = "level",
     .type = FRAME_REAL,
     .title = "level",
     .unit = "%",
     .scale = 100,
     .shown = SHOWN_DIGITS,
     .places = 4},
    {.name = "p", .type = FRAME_REAL, .title = "p", .shown = SHOWN_DIGITS, .places = 3, .optional = true},
    {.name = "decides", .type = FRAME_BOOL},
    {.name = NULL},
};

static void fill_row(struct frame *frame, const char *id, const char *what, const struct measure *measure, double level,
                     double p, bool decides)
{
    frame_text(frame, id);
    frame_text(frame, what);
    frame_reals(
        frame,
        (const double[]){measure->estimate, measure->low, measure->high, isnan(measure->low) ? (double)NAN : level, p},
        5);
    frame_bool(frame, decides);
}

static void fill(const void *context, struct frame *frame)
{
    const struct comparison *c = context;
    const struct paired *p = &c->judged;
    const double none = (double)NAN, family = 1 - (1 - c->rules.level) / (double)c->rules.family;
    const bool flips = p->method == PAIRED_SIGN_FLIP;
    const struct measure order = {p->median, p->order.low, p->order.high};
    const struct measure flipped = flips ? p->effect : measure_around(p->mean, none);
    const size_t untied = p->wins + p->losses;
    struct measure won = measure_none();
    char of_family[64];
    if (untied > 0) {
        won.estimate = (double)p->wins / (double)untied;
        binomial_interval(p->wins, untied, c->rules.level, &won.low, &won.high);
    }
    snprintf(of_family, sizeof of_family, "mean, one of %zu claims (Bonferroni)", c->rules.family);
    fill_row(frame, "t", "mean, Student t", &p->t, c->rules.level, p->t_p, p->method == PAIRED_T);
    if (c->rules.family > 1)
        fill_row(frame, "t_family", of_family, &p->t_family, family, none, false);
    fill_row(frame, "sign_flip", "mean, sign flips", &flipped, c->rules.level, p->flip_p, flips);
    fill_row(frame, "order", "median, order interval", &order, p->order.level, none, p->method == PAIRED_SIGN);
    fill_row(frame, "interquartile", "interquartile mean", &(struct measure){p->interquartile_mean, none, none}, none,
             none, false);
    fill_row(frame, "sign", "share won of untied, sign test", &won, c->rules.level, p->sign_p,
             p->method == PAIRED_SIGN);
    fill_row(frame, "equivalence", "equivalence: what decides, at 90 %", &p->equivalence, 0.9, none, false);
    fill_row(frame, "anytime", "anytime: may be looked at again", &p->anytime, family, none, false);
}

/* -- for a person -- */

static void print_verdict(const struct comparison *c)
{
    const struct claim *claim = &c->claim;
    char word[VERDICT_TEXT_SIZE], text[512];
    struct flow flow = flow_begin(stdout, "", 2);
    int used = snprintf(text, sizeof text, "Is %s better than %s? %s", claim->first, claim->second,
                        verdict_text(word, claim->verdict, stdout));
    if (!isnan(claim->effect.estimate))
        used += snprintf(text + used, sizeof text - (size_t)used, "; %s difference %.4g",
                         c->judged.method == PAIRED_SIGN ? "median" : "mean", claim->effect.estimate);
    if (!isnan(claim->effect.low))
        used += snprintf(text + used, sizeof text - (size_t)used, ", %.4g %% interval %.4g to %.4g (%s)",
                         100 * claim->level, claim->effect.low, claim->effect.high, claim->method);
    flow_text(&flow, text);
    if (!isnan(claim->p)) {
        used = snprintf(text, sizeof text, ", p %.3g", claim->p);
        if (c->rules.family > 1)
            snprintf(text + used, sizeof text - (size_t)used, " (%.3g as one of %zu)", claim->p_holm, c->rules.family);
        flow_text(&flow, text);
    }
    snprintf(text, sizeof text, "; n %zu, %s%s", claim->n, counted(claim->failed, "failed run").text,
             *claim->reason ? "; " : "");
    flow_text(&flow, text);
    flow_text(&flow, claim->reason);
    flow_end(&flow);
    if (!isnan(claim->p))
        flow_say(stdout, "", 2, "if pairs were added after a look: %s",
                 verdict_text(word, claim->anytime_verdict, stdout));
}

int compare_print_text(const struct comparison *c, struct error *err)
{
    const struct paired *p = &c->judged;
    char deviation[96] = "", failed[192] = "";
    flow_say(stdout, "", 2, "%s: %s", c->config->file, c->measured);
    if (!isnan(p->deviation))
        snprintf(deviation, sizeof deviation, "; standard deviation %.5g%s", p->deviation,
                 p->no_spread ? " (no spread seen)" : "");
    if (p->failed > 0)
        snprintf(failed, sizeof failed, "; %s, %s of two left out", counted(p->failed, "failed run").text,
                 counted(c->both_failed, "pair").text);
    flow_say(stdout, "", 2, "%s: %zu won, %zu lost, %zu tied%s%s", counted(p->n, "pair").text, p->wins, p->losses,
             p->ties, deviation, failed);
    printf("\n");
    if (frame_print(&frame_terminal, stdout, columns, fill, c, err) != 0)
        return -1;
    printf("\n");
    print_verdict(c);
    return 0;
}

/* -- for programs -- */

static void fill_claim(const void *context, struct frame *frame)
{
    claim_fill(frame, &((const struct comparison *)context)->claim, NULL);
}

int compare_print_json(const struct comparison *c, struct error *err)
{
    const struct paired *p = &c->judged;
    cJSON *root = json_document("comparison");
    json_add_string(root, "file", c->config->file);
    json_add_string(root, "measured", c->measured);
    json_add_number(root, "pairs", (double)p->n);
    json_add_number(root, "failed", (double)p->failed);
    json_add_number(root, "both_failed", (double)c->both_failed);
    json_add_number(root, "wins", (double)p->wins);
    json_add_number(root, "losses", (double)p->losses);
    json_add_number(root, "ties", (double)p->ties);
    json_add_number(root, "deviation", p->deviation);
    frame_add_json(root, "numbers", columns, fill, c);
    frame_add_json(root, "claims", claim_columns, fill_claim, c);
    return json_print(root, stdout, "the JSON text", err);
}

int compare_write(const struct comparison *c, const char *directory, struct error *err)
{
    return frame_file_csv(directory, "claims.csv", claim_columns, fill_claim, c, err);
}
