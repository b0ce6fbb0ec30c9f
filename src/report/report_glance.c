/* The verdicts in one table, and the words of the page; see report.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

static const struct frame_column glance_columns[] = {
    {.name = "question", .type = FRAME_TEXT, .title = "question and claim"},
    {.name = "verdict", .type = FRAME_TEXT, .title = "verdict"},
    {.name = "number", .type = FRAME_TEXT, .title = "number (interval)"},
    {.name = "length", .type = FRAME_TEXT, .title = "epochs or iterations"},
    {.name = "n", .type = FRAME_NUMBER, .title = "pairs"},
    {.name = "folder", .type = FRAME_TEXT, .title = "from"},
    {.name = NULL},
};

static void fill_glance(struct frame *frame, const char *question, const struct report_claim *claim)
{
    const struct report_chapter *chapter = report_chapter_of(claim->folder->experiment);
    const double length = report_length(claim->folder);
    char text[64] = "";
    if (!isnan(length))
        snprintf(text, sizeof text, "%.0f%s", length, length == chapter->homework ? ", as the homework" : "");
    frame_text(frame, question);
    frame_text(frame, claim->verdict);
    frame_text(frame, claim->number);
    frame_text(frame, text);
    frame_text(frame, claim->n);
    frame_text(frame, claim->folder->name);
}

/* The answer that decides, and that of the homework's own length where it is another. */
static void fill_glances(const void *context, struct frame *frame)
{
    struct report *report = (struct report *)context;
    for (const struct report_asked *asked = report_asked; asked->question; asked++) {
        const struct report_claim best = report_claim_best(report, asked->experiment, asked->id);
        const struct report_claim nearest = report_claim_nearest(report, asked->experiment, asked->id);
        if (best.folder)
            fill_glance(frame, asked->question, &best);
        if (nearest.folder && nearest.folder != best.folder)
            fill_glance(frame, asked->question, &nearest);
    }
}

/* Whether runs of the homework's length decide it, or, where others do as well, those. */
static bool is_answered(struct report *report, const struct report_asked *asked)
{
    const struct report_claim claim = asked->any_length ? report_claim_best(report, asked->experiment, asked->id)
                                                        : report_claim_nearest(report, asked->experiment, asked->id);
    return report_claim_decides(&claim) && (asked->any_length || report_distance(claim.folder) == 0);
}

/* What is not decided yet, with the command that does. */
static void write_open(struct report *report)
{
    struct document *document = &report->document;
    for (const struct report_chapter *chapter = report_chapters; chapter->title; chapter++) {
        size_t count = 0;
        if (!report_next(report, chapter->experiment, NULL))
            continue; /* the chapter says so */
        for (const struct report_asked *asked = report_asked; asked->question; asked++) {
            if (strcmp(asked->experiment, chapter->experiment) != 0 || is_answered(report, asked))
                continue;
            if (count++ == 0) {
                document_block_begin(document, DOCUMENT_PARAGRAPH);
                document_markup(document, "Not decided, or only by runs of another length than the homework's:");
            }
            document_text(document, DOCUMENT_PLAIN, count > 1 ? "; " : " ");
            document_text(document, DOCUMENT_PLAIN, asked->question);
        }
        if (count == 0)
            continue;
        document_markup(document, ". More is decided by ");
        document_text(document, DOCUMENT_CODE, chapter->command);
        document_block_end(document, DOCUMENT_PARAGRAPH);
    }
}

/* Folders whose tables may be those of another call than their run.json tells. */
static void write_left(struct report *report)
{
    struct document *document = &report->document;
    for (size_t i = 0; i < report->list_count; i++)
        for (size_t k = 0; k < report->lists[i].left_count; k++) {
            document_block_begin(document, DOCUMENT_NOTE);
            document_text(document, DOCUMENT_CODE, report->lists[i].left[k].path);
            document_markup(document,
                            " is left out: its call runs or was stopped, and the tables there, if any, may be "
                            "those of an earlier one. This finishes it: ");
            document_text(document, DOCUMENT_CODE, report->lists[i].left[k].call);
            document_block_end(document, DOCUMENT_NOTE);
        }
}

void report_at_a_glance(struct report *report)
{
    struct document *document = &report->document;
    document_heading(document, 2, "at-a-glance", "At a glance");
    write_left(report);
    document_records(document,
                     "Questions 1 and 2, by the homework's data, nets and rules. First the answer that decides the "
                     "claim, of those nearest in length to the homework's runs, with the most pairs; below it that of "
                     "the nearest runs, where it is another. The chapters have them all, other experiments too.",
                     glance_columns, fill_glances, report);
    write_open(report);
    report_optim_matrix(report, true);
    document_block_begin(document, DOCUMENT_PARAGRAPH);
    document_markup(document,
                    "**supported** and **contradicted**: the effect is surely on the claim's side, or on the other; "
                    "**equivalent**: it is surely smaller than the margin that matters; **undecided**: the runs do "
                    "not tell; **not comparable**: these runs cannot answer the question, and the sentence says "
                    "what would; **mixed**: it depends on the threshold. A verdict holds for runs of the length that "
                    "stands beside it. Other words: ");
    document_link(document, "words", "Words");
    document_markup(document, ".");
    document_block_end(document, DOCUMENT_PARAGRAPH);
}

/* ---- words ---- */

static const struct {
    const char *word, *meaning;
} words[] = {
    {"lr", "learning rate: what a gradient is multiplied by in a step"},
    {"epoch", "one pass over all training images; an iteration or a step is one update"},
    {"none, batchnorm", "the net without BatchNorm, and the one with it"},
    {"pair", "two runs that differ in one thing only: both nets from the same seed, or both rates with the same draws"},
    {"95 % interval", "made by a method that encloses the true value in 95 of 100 repetitions of the experiment"},
    {"order interval",
     "two of the sorted pairs, around their median; it needs no assumption on how they are spread. As only whole ranks "
     "can be taken, its level is the next one above what was asked for, such as 97.85 %"},
    {"Holm", "a correction of p-values where several claims are tested together"},
    {"p", "how often a difference like this, or a larger one, would be seen if there were none"},
    {"untied pairs", "pairs in which the two runs differ; only these say which one is better"},
    {"sign test, sign-flip test",
     "tests of whether the pairs lie on both sides equally often, by the signs alone, or by the sizes too"},
    {"±", "half of the width of the interval of a mean"},
    {"trained", "a run counts as trained when its accuracy at the end is at the stated threshold or above"},
    {"floor", "the squared error that theory has for an endless run at a constant rate"},
    {"terminal error", "the mean of the squared errors over the last half of the iterations"},
    {"settled", "less than 5 % of the expected terminal error are still what is left of the start"},
    {"protocol fair, protocol notebook",
     "fair: every run starts afresh, and is tested with running statistics. Notebook: as the homework's code did it, "
     "rates one after another in the same net, tested in training mode, accuracies as averages over all epochs so far"},
    {"cosine", "a schedule: the learning rate falls along half a cosine from its first value to 0"},
    {"f1, f2", "the two functions of question 3"},
    {"gd, momentum, rmsprop, adam", "the optimizers in tables; gd is gradient descent"},
};

static const struct frame_column word_columns[] = {
    {.name = "word", .type = FRAME_TEXT, .title = "word"},
    {.name = "meaning", .type = FRAME_TEXT, .title = "meaning"},
    {.name = NULL},
};

static void fill_words(const void *context, struct frame *frame)
{
    (void)context;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        frame_text(frame, words[i].word);
        frame_text(frame, words[i].meaning);
    }
}

void report_glossary(struct report *report)
{
    document_heading(&report->document, 2, "words", "Words");
    document_records(&report->document, "As they are used on this page.", word_columns, fill_words, NULL);
}
