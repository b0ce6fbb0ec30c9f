/* report_command.c - `dlexp report`: a page to hand in, from folders of results. */
#include <cJSON.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dlexp/base/file.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "report.h"

struct report_config {
    const char *directory, *out;
    size_t format;
    bool without_answers, quiet;
};

#define FIELD(name) offsetof(struct report_config, name)

static const struct document_writer *const writers[] = {&document_html, &document_markdown, &document_latex};

static bool writer_name(size_t index, const char **name)
{
    const bool there = index < sizeof writers / sizeof *writers;
    if (there)
        *name = writers[index]->name;
    return there;
}

/* The format that a file's ending asks for; writers' count: none that is known. */
static size_t format_of(const char *ending)
{
    size_t i = 0;
    while (i < sizeof writers / sizeof *writers && strcasecmp(ending, writers[i]->ending) != 0 &&
           strcasecmp(ending, writers[i]->name) != 0)
        i++;
    return i;
}

/* --format, which the ending of --out stands for where it is not given, and may not contradict. */
static int find_format(const struct document_writer **writer, const struct report_config *config, bool given,
                       struct error *err)
{
    const char *slash = config->out ? strrchr(config->out, '/') : NULL;
    const char *name = slash ? slash + 1 : config->out ? config->out : "";
    const char *point = strrchr(name, '.'), *ending = point && point > name ? point + 1 : "";
    const size_t format = *ending ? format_of(ending) : config->format;
    const bool known = format < sizeof writers / sizeof *writers;
    *writer = writers[given || !known ? config->format : format];
    if (given && known && format != config->format)
        return error_set(err, ERROR_USAGE,
                         "--out: expected a name that ends in .%s, as --format %s writes it, got '%s'; leave --format "
                         "out, and it is %s",
                         (*writer)->ending, (*writer)->name, config->out, writers[format]->name);
    if (!given && !known)
        return error_set(err, ERROR_USAGE,
                         "--out: expected a name that ends in .html, .md or .tex, or --format beside it, got '%s'%s",
                         config->out,
                         strcasecmp(ending, "pdf") == 0
                             ? "; print the HTML page to PDF in a browser, or give that of latex to pdflatex"
                             : "");
    return 0;
}

static const struct option report_options[] = {
    {.name = "out",
     .letter = 'o',
     .type = OPTION_TEXT,
     .flags = OPTION_FILE,
     .offset = FIELD(out),
     .value = "FILE",
     .help = "the page (default: results/report.html, .md or .tex, by its format)",
     .group = "Report"},
    {.name = "format",
     .type = OPTION_NAME,
     .offset = FIELD(format),
     .value = "NAME",
     .initial = "html",
     .choice = writer_name,
     .help = "how it is written; without it as the ending of --out says: .html, .md, .tex"},
    {.name = "without-answers",
     .type = OPTION_FLAG,
     .offset = FIELD(without_answers),
     .help = "a sheet to hand out: questions, formulas, commands and room for answers, nothing measured"},
    {SILENT_OPTION(FIELD(quiet))},
    {0},
};

static void write_page(struct report *report)
{
    struct document *document = &report->document;
    if (report->answers)
        report_at_a_glance(report);
    for (const struct report_chapter *chapter = report_chapters; chapter->title; chapter++) {
        if (!report->answers && chapter->write == report_write_provenance)
            continue;
        if (chapter->write == report_write_provenance)
            report_write_untold(report);
        document_heading(document, 2, chapter->id, chapter->title);
        chapter->write(report, chapter);
    }
    if (report->answers)
        report_glossary(report);
    if (report->no_gnuplot) {
        document_heading(document, 2, "missing-figures", "What is missing");
        document_note(document,
                      "The figures are not drawn: gnuplot was not found (Debian, Ubuntu: gnuplot-nox; others: "
                      "gnuplot). With it, the same command draws them.");
    }
}

static int write_file(struct report *report, const char *path, struct error *err)
{
    struct output page;
    struct error ignored;
    if (output_open(&page, err) < 0)
        return -1;
    const int drawn = report_draw(report, write_page, err);
    if (drawn == 0)
        write_page(report);
    if (drawn < 0 || document_print(&report->document, page.stream, err) < 0) {
        free(output_take(&page, &ignored));
        return -1;
    }
    return output_close(&page, path, err);
}

static int make_parent(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return 0;
    char *parent = strndup(path, (size_t)(slash - path));
    if (!parent)
        return error_out_of_memory(err, "a path");
    const int result = directory_create(parent, err);
    free(parent);
    return result;
}

static int run(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct report_config *config = configuration;
    const char *directory = config->directory ? config->directory : "results";
    struct report_pictures pictures = {0};
    struct report report = {
        .answers = !config->without_answers, .pictures = &pictures, .commands = invocation->commands};
    const struct document_writer *writer;
    char by_format[32];
    if (find_format(&writer, config, options_given(invocation, "format"), err) < 0)
        return -1;
    snprintf(by_format, sizeof by_format, "results/report.%s", writer->ending);
    const char *out = config->out ? config->out : by_format;
    const size_t count = report.answers ? 1 + invocation->further_count : 0;
    struct folders *lists = calloc(count + 1, sizeof *lists);
    int status = lists ? 0 : error_out_of_memory(err, "the folders");
    for (size_t i = 0; i < count && status == 0; i++)
        status = folders_find(&lists[i], i == 0 ? directory : invocation->further[i - 1], err);
    if (status == 0)
        status = document_begin(
            &report.document, writer,
            report.answers ? "BatchNorm, SGD and optimizers: what the runs show"
                           : "BatchNorm, SGD and optimizers: the questions",
            report.answers ? "Three questions of a deep-learning homework, answered by experiments that anyone "
                             "can repeat."
                           : "Three questions of a deep-learning homework, to be answered by experiments.",
            err);
    if (status == 0)
        status = report_open(&report, lists, count, err);
    if (status == 0)
        status = make_parent(out, err);
    if (status == 0)
        status = write_file(&report, out, err);
    if (status == 0 && !config->quiet)
        printf("wrote %s\n", out);
    report_close(&report);
    report_pictures_free(&pictures);
    for (size_t i = 0; lists && i < count; i++)
        folders_free(&lists[i]);
    free(lists);
    return status;
}

const struct command command_report = {
    .name = "report",
    .summary = "a page of questions, answers, figures and tables",
    .operand = "[DIR...]",
    .operands = true,
    .operand_offset = FIELD(directory),
    .operand_flags = OPTION_FOLDER,
    .description = "Makes one page of the results below DIR (results, if none is given): each\n"
                   "question of the homework with its formulas, the answers in sentences with\n"
                   "verdicts, why it is so, figures, tables and the commands that made them.\n"
                   "Only what lies in DIR stands there; what is missing is named with its command.\n"
                   "\n"
                   "Each DIR is a folder that a command wrote, or one that holds such folders. The page\n"
                   "is one file that needs no network and no script. Figures are drawn by gnuplot;\n"
                   "without it they are left out, and the page says so. Markdown and LaTeX have\n"
                   "formulas, sentences and tables, and name the command that draws each figure.\n"
                   "\n"
                   "The same folders give the same bytes.",
    .examples = "dlexp report                                    results/report.html, of all in results\n"
                "dlexp report results/optim --out optim.html     of one experiment\n"
                "dlexp report --out report.md                    for a README\n"
                "dlexp report --without-answers --out sheet.html  to hand out",
    .options = report_options,
    .config_size = sizeof(struct report_config),
    .run = run,
};
