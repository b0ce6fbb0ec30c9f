/* The result of dlexp batchnorm on the screen. */
#include "batchnorm_screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "batchnorm_groups.h"
#include "batchnorm_holding.h"
#include "batchnorm_published.h"
#include "dlexp/base/counted.h"
#include "dlexp/cli/verdict_text.h"
#include "dlexp/formats/flow.h"

/* ---- the table by rate ---- */

enum { NETS = 2, NET_COLUMNS = 3 };

/* Nets side by side, of one block. */
struct rate_table {
    const struct batchnorm *report;
    size_t nets;
    struct {
        size_t first, end; /* groups, by rate */
    } net[NETS];
    bool difference; /* of the last net */
    char titles[NETS + 1][48];
    struct frame_column columns[1 + NETS * NET_COLUMNS + 2 + 1];
};

static const struct report_row *row_of(const struct batchnorm *report, size_t group)
{
    return &report->rows[report->groups[group].first];
}

static void add_net(struct rate_table *table, size_t first, size_t end)
{
    table->net[table->nets].first = first;
    table->net[table->nets++].end = end;
    table->difference = false;
    for (size_t g = first; g < end; g++)
        table->difference |= table->report->groups[g].judged.difference.n > 0;
}

static void make_columns(struct rate_table *table)
{
    struct frame_column *column = table->columns;
    const struct frame_column number = {.name = "", .type = FRAME_REAL, .shown = SHOWN_DECIMALS, .places = 2};
    *column++ = (struct frame_column){.name = "lr", .type = FRAME_REAL, .title = "lr"};
    for (size_t n = 0; n < table->nets; n++) {
        snprintf(table->titles[n], sizeof table->titles[n], "%s",
                 row_of(table->report, table->net[n].first)->norm_name);
        *column = number;
        column++->title = table->titles[n];
        *column = number;
        column++->interval = true;
        *column++ = (struct frame_column){.name = "", .type = FRAME_NUMBER, .title = "trained"};
    }
    if (table->difference) {
        snprintf(table->titles[NETS], sizeof table->titles[NETS], "%s - none", table->titles[table->nets - 1]);
        *column = number;
        column->shown = SHOWN_SIGNED;
        column++->title = table->titles[NETS];
        *column = number;
        column++->interval = true;
    }
    *column = (struct frame_column){.name = NULL};
}

static void fill_net(struct frame *frame, const struct judged *judged)
{
    char trained[48];
    if (!judged) {
        frame_none(frame);
        frame_none(frame);
        frame_none(frame);
        return;
    }
    frame_reals(frame, (const double[]){judged->test.mean, judged->test.half_width}, 2);
    snprintf(trained, sizeof trained, "%zu/%zu", judged->outcomes[EVIDENCE_TRAINED], judged->runs);
    if (judged->outcomes[EVIDENCE_DIVERGED] > 0)
        frame_note(frame, "*");
    frame_text(frame, trained);
}

static void fill_rates(const void *context, struct frame *frame)
{
    const struct rate_table *table = context;
    const struct batchnorm *report = table->report;
    size_t at[NETS] = {table->net[0].first, table->net[1].first};
    for (;;) {
        double lr = (double)INFINITY; /* the next one */
        for (size_t n = 0; n < table->nets; n++)
            lr = at[n] < table->net[n].end ? fmin(lr, row_of(report, at[n])->lr) : lr;
        if (isinf(lr))
            return;
        const struct judged *last = NULL;
        frame_real(frame, lr);
        for (size_t n = 0; n < table->nets; n++) {
            const bool has = at[n] < table->net[n].end && row_of(report, at[n])->lr == lr;
            last = has ? &report->groups[at[n]++].judged : NULL;
            fill_net(frame, last);
        }
        if (table->difference)
            frame_reals(frame,
                        (const double[]){last ? last->difference.mean : (double)NAN,
                                         last ? last->difference.half_width : (double)NAN},
                        2);
    }
}

static int print_nets(struct rate_table *table, FILE *out, struct error *err)
{
    if (table->nets == 0)
        return 0;
    make_columns(table);
    return frame_print(&frame_terminal, out, table->columns, fill_rates, table, err);
}

/* The two nets of the claims side by side, then each other one, of the groups [first, end). */
static int print_tables(const struct batchnorm *report, size_t first, size_t end, FILE *out, struct error *err)
{
    struct rate_table claimed = {.report = report};
    for (size_t g = first, next; g < end; g = next) {
        const struct layer_type *norm = layer_norm_row(row_of(report, g)->norm);
        next = report_net_end(report, g);
        if (!norm || norm == &layer_batchnorm)
            add_net(&claimed, g, next);
    }
    if (print_nets(&claimed, out, err) < 0)
        return -1;
    for (size_t g = first, next; g < end; g = next) {
        const struct layer_type *norm = layer_norm_row(row_of(report, g)->norm);
        struct rate_table other = {.report = report};
        next = report_net_end(report, g);
        if (!norm || norm == &layer_batchnorm)
            continue;
        if (claimed.nets > 0 || g > first)
            fputc('\n', out);
        add_net(&other, g, next);
        if (print_nets(&other, out, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- claims ---- */

/* A paragraph, whose text is freed. */
static int print_text(FILE *out, const char *before, char *text, struct error *err)
{
    struct flow flow = {.out = out, .line = screen_text_width(out), .indent = 4};
    if (!text)
        return error_out_of_memory(err, "the answers");
    flow_text(&flow, before);
    flow_text(&flow, text);
    flow_end(&flow);
    free(text);
    return 0;
}

/* "converges faster: supported. ...": the sentence begins with the verdict, which may have a colour. */
static int print_claim(const struct claim *claim, char *sentence, bool anytime, FILE *out, struct error *err)
{
    const enum verdict verdict = anytime ? claim->anytime_verdict : claim->verdict;
    struct flow flow = flow_begin(out, "", 4);
    char word[VERDICT_TEXT_SIZE];
    if (!sentence)
        return error_out_of_memory(err, "the answers");
    flow_text(&flow, claim->text);
    flow_text(&flow, ": ");
    flow_text(&flow, verdict_text(word, verdict, out));
    flow_text(&flow, sentence + strlen(verdict_name(verdict)));
    flow_end(&flow);
    free(sentence);
    return 0;
}

static int print_claims(const struct batchnorm *report, size_t block, FILE *out, struct error *err)
{
    const struct evidence *evidence = &report->evidence[block].evidence;
    const bool anytime = holding_is_anytime(report);
    for (int c = 0; c < EVIDENCE_CLAIMS; c++)
        if (print_claim(&evidence->answers[c].claim, evidence_sentence(evidence, (enum evidence_claim)c, anytime),
                        anytime, out, err) < 0)
            return -1;
    return report->found.widths ? print_text(out, "", holding_width_text(report, block), err) : 0;
}

/* ---- all of it ---- */

static void print_heading(const struct batchnorm *report, FILE *out)
{
    const char *where =
        train_protocol_row(report->config->train.protocol)->averages ? "of the last epoch alone" : "at the end";
    size_t seeds = 0;
    for (size_t g = 0; g < report->group_count; g++) {
        const size_t runs = report->groups[g].end - report->groups[g].first;
        seeds = runs > seeds ? runs : seeds;
    }
    if (seeds == 1)
        fprintf(out, "Test accuracy %s, %%; one seed\n", where);
    else
        flow_say(out, "", 0, "Test accuracy %s, %%: mean over %s, %g %% interval", where, counted(seeds, "seed").text,
                 100 * report->config->level);
}

/* Where the groups of the block end that begins with the group `first`. */
static size_t block_end(const struct batchnorm *report, size_t first)
{
    size_t end = first;
    while (end < report->group_count && row_of(report, end)->run->block == row_of(report, first)->run->block)
        end = report_net_end(report, end);
    return end;
}

bool screen_shows_groups(const struct batchnorm *report)
{
    return train_protocol_row(report->config->train.protocol)->averages || published_best_shown(report);
}

static void print_block_name(const struct batchnorm *report, size_t first, FILE *out)
{
    if (report->grid.blocks < 2)
        return;
    fputc('\n', out);
    grid_print_block(&report->grid, row_of(report, first)->run->config, out);
    fputs(":\n", out);
}

/* The answers stand last. */
static int print_answers(const struct batchnorm *report, FILE *out, struct error *err)
{
    for (size_t first = 0, block = 0; first < report->group_count; first = block_end(report, first), block++) {
        print_block_name(report, first, out);
        fputs(report->grid.blocks < 2 ? "\n" : "", out);
        if (print_claims(report, block, out, err) < 0)
            return -1;
    }
    return holding_look(report).judged ? print_text(out, "", holding_text(report), err) : 0;
}

int screen_print(const void *batchnorm, FILE *out, struct error *err)
{
    const struct batchnorm *report = batchnorm;
    const struct grid_keys keys = REPORT_GROUP_KEYS;
    print_heading(report, out);
    for (size_t first = 0, block = 0; first < report->group_count; first = block_end(report, first), block++) {
        print_block_name(report, first, out);
        if (print_tables(report, first, block_end(report, first), out, err) < 0 ||
            print_text(out, "", evidence_rules_text(&report->evidence[block].evidence), err) < 0)
            return -1;
    }
    if (screen_shows_groups(report)) {
        fputc('\n', out);
        if (grid_print(&report->grid, out, report->group_columns, keys, report_fill_groups, report, err) < 0)
            return -1;
    }
    if (report->note_count > 0)
        fputc('\n', out);
    for (size_t i = 0; i < report->note_count; i++)
        flow_print(out, "", 2, report->notes[i]);
    return print_answers(report, out, err);
}
