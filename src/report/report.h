/*
 * report.h - the page of a homework, from nothing but the tables and run.json of the folders that are given.
 *
 *   folders -> chapters, a row each (report_chapters.c) -> document (document.h) -> a format
 *
 * A chapter knows the question: its formulas, why things are so, which tables and figures belong to it.  What was
 * measured it takes from files: numbers from tables, sentences with verdicts from `answers` of run.json, which the
 * experiment itself wrote, so that no claim is put into words twice.
 */
#ifndef DLEXP_REPORT_REPORT_H
#define DLEXP_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/formats/csv.h"
#include "dlexp/plot/drawing.h"
#include "dlexp/plot/folders.h"
#include "document.h"

struct cJSON;
struct command;

enum { REPORT_FIGURES = 64, REPORT_TOLD = 64 };

/* A folder of results. */
struct report_folder {
    const char *path;
    const char *name;              /* how the page calls it: the path's last part, or all of it where two end alike */
    const char *experiment;        /* of run.json, or of the chapter whose table lies there; NULL: of none */
    struct cJSON *run;             /* run.json, or NULL */
    char *command;                 /* the call that makes it, "dlexp optim --out results/optim" */
    const struct command *made_by; /* its experiment's, or NULL */
    char *differs; /* the settings by which it is another experiment than the homework's, "optimizer adam, batch 12"; ""
                    * where it is none */
};

/* The pictures of a page, drawn before it is written. */
struct report_pictures {
    struct drawing *drawings;
    struct picture *kept; /* of each that was drawn */
    size_t count;
    bool collecting; /* the page is written to see which figures it has */
};

struct report {
    struct document document;
    struct report_pictures *pictures;
    const struct command *const *commands; /* of the program, up to a NULL: their options tell what is the homework's */
    struct report_folder *folders;         /* by chapter; in each the homework's first, nearest to its length first */
    size_t count;
    const struct folders *lists; /* that they are from: what was left out is told */
    size_t list_count;
    bool answers;                                         /* false: a sheet with room for them */
    bool shown[REPORT_FIGURES];                           /* figures, by row, that some folder's has been shown of */
    const struct report_folder *drawn_of[REPORT_FIGURES]; /* by row: a folder whose figure stands already */
    bool no_gnuplot;
    struct {
        const char *experiment, *id;
    } told[REPORT_TOLD]; /* claims whose answers stand in a chapter */
    size_t told_count;
};

struct report_chapter {
    const char *experiment, *id, *title;
    const char *command;  /* that makes its results */
    const char *table;    /* by which a folder without run.json is known; NULL: it has always one */
    const char *length;   /* the setting that says how long a run is, "epochs"; NULL: none does */
    double homework;      /* what the homework has there */
    const char *open;     /* settings that its question leaves open, parted by blanks; NULL: all, it asks none */
    bool figures_of_each; /* of every folder that has them; otherwise of the first */
    void (*write)(struct report *report, const struct report_chapter *chapter);
};

/* Up to one without a title. */
extern const struct report_chapter report_chapters[];

/* report_chapter_of - the experiment's; NULL: there is none. */
const struct report_chapter *report_chapter_of(const char *experiment);
void report_write_data(struct report *report, const struct report_chapter *chapter);
void report_write_batchnorm(struct report *report, const struct report_chapter *chapter);
void report_write_sgd_mean(struct report *report, const struct report_chapter *chapter);
void report_write_optim(struct report *report, const struct report_chapter *chapter);
void report_write_provenance(struct report *report, const struct report_chapter *chapter);

/* ---- report_folders.c ---- */

/* report_open - the folders of each directory, which stays.  ERROR_DATA where a run.json cannot be read. */
int report_open(struct report *report, const struct folders *lists, size_t count, struct error *err);
void report_close(struct report *report);

/* report_next - the next folder of the experiment behind `folder` (NULL: the first), or NULL. */
const struct report_folder *report_next(const struct report *report, const char *experiment,
                                        const struct report_folder *folder);

/* ---- report_homework.c ----
 *
 * A folder answers the homework's question if its data are the homework's and its settings the defaults, which are the
 * homework's, but for those that the question leaves open (chapter->open).  Every other is another experiment: it is
 * shown with what differs, and answers nothing.
 */

/* report_differences - fills folder->differs by run.json and the options of folder->made_by. */
int report_differences(struct report_folder *folder, struct error *err);

/* report_homework - the next folder of the experiment that is the homework's, as report_next. */
const struct report_folder *report_homework(const struct report *report, const char *experiment,
                                            const struct report_folder *folder);

/* report_length - of the folder's runs, as chapter->length says; nan: not known.  report_distance - how much longer or
 * shorter than the homework's they are, as a ratio's logarithm. */
double report_length(const struct report_folder *folder);
double report_distance(const struct report_folder *folder);

/* report_config - an option's value as run.json has it; NULL: none. */
const struct cJSON *report_config(const struct report_folder *folder, const char *name);

/* report_other - "" of the homework's, or " (not the homework's: batch 12)", to stand behind the folder's name. */
enum { REPORT_OTHER = 256 };
const char *report_other(char text[REPORT_OTHER], const struct report_folder *folder);

/* report_varied - up to an empty one, columns of settings that tell rows apart which the settings in `shown` do not;
 * their names are those of the table, and live as long.  Returns how many. */
enum { REPORT_VARIED = 8 };
size_t report_varied(const struct report_folder *folder, const struct csv *csv, const struct frame_column *shown,
                     struct frame_column varied[REPORT_VARIED]);
/* report_is_setting - whether the column holds one. */
bool report_is_setting(const struct report_folder *folder, const char *column);

/* ---- report_table.c ---- */

enum { REPORT_ROWS = 24 }; /* of a table that are shown */

/* report_look - whether there is such a file; unknown: the system refused to tell, and err says so. */
enum file_presence { FILE_UNKNOWN = -1, FILE_ABSENT, FILE_PRESENT };
enum file_presence report_look(const char *path, struct error *err);

/* report_has - whether there is such a file; what the system refuses fails the document. */
bool report_has(struct report *report, const struct report_folder *folder, const char *name);

/* report_read - a table of the folder; false where there is none.  A damaged one fails the document. */
bool report_read(struct report *report, const struct report_folder *folder, const char *name, struct csv *csv);

/*
 * report_table - the columns of the folder's table `name`, by the columns' names there; those that it lacks are left
 * out, settings that tell its rows apart come in. Only the first REPORT_ROWS rows, and then the caption says where the
 * others are.  Returns whether there is a table.
 */
bool report_table(struct report *report, const struct report_folder *folder, const char *name, const char *caption,
                  const struct frame_column *columns);

/* ---- report_claims.c ---- */

enum report_effect {
    REPORT_ESTIMATE,        /* what claims.csv estimates */
    REPORT_FIRST_TO_SECOND, /* besides it the ratio of the means, first / second, which is what theory gives */
    REPORT_SECOND_TO_FIRST
};

/* A claim that a question asks for and claims.csv judges once. */
struct report_asked {
    const char *question, *experiment, *id;
    enum report_effect effect;
    bool finest;     /* the finest grid of rates says most: the answer can be no finer than its steps */
    bool any_length; /* runs of another length than the homework's answer it as well, or only longer ones do */
};
extern const struct report_asked report_asked[]; /* up to one without a question */

/* A row of a folder's claims.csv. */
struct report_claim {
    const struct report_folder *folder; /* NULL: there is none */
    char verdict[24], n[16];
    char number[128]; /* "2.40 (2 to 3)" */
};

const char *report_cell(const struct csv *csv, size_t row, const char *name);

/* report_claim_best - of the homework's folders the one that says most of the claim: it decides it, its runs are
 * nearest in length to the homework's, and it has the most pairs of runs.  report_claim_nearest - the nearest, whether
 * it decides or not.  report_claim_decides - whether its verdict is one. */
struct report_claim report_claim_best(struct report *report, const char *experiment, const char *id);
struct report_claim report_claim_nearest(struct report *report, const char *experiment, const char *id);
bool report_claim_decides(const struct report_claim *claim);
const struct report_folder *report_best(struct report *report, const char *experiment, const char *id);

/* report_answers - the sentences of the claim `id`: those of the best and of the nearest folder, and those of the
 * others in a table. */
void report_answers(struct report *report, const char *experiment, const char *id);

/* report_write_untold - the answers of the folders that no call of report_answers was for, if there are any. */
void report_write_untold(struct report *report);

/* ---- report_glance.c ---- */

/* report_at_a_glance - the verdicts in one table.  report_glossary - the words of the page. */
void report_at_a_glance(struct report *report);
void report_glossary(struct report *report);

/* ---- report_optim_thresholds.c ---- */

/* report_optim_asked - claims that the questions (b), the first, and (c) ask for, up to a NULL; the guess has more. */
extern const char *const report_optim_asked[];

/* report_optim_matrix - the claims about optimizers, a column for each threshold: all, or those that the questions ask
 * for. */
void report_optim_matrix(struct report *report, bool asked);

/* report_optim_ranking - the runs of each folder in the order in which they get below each threshold for good. */
void report_optim_ranking(struct report *report, const struct report_chapter *chapter);

/* ---- report_pictures.c ---- */

/*
 * report_draw - the pictures that `write` asks for, several at a time: it is called on a draft, which is thrown away.
 * report_picture - one of them: how its drawing ended, and where it was drawn *svg; on a draft FIGURE_NOT_LEGIBLE.
 * report_pictures_free - after success and failure alike.
 */
int report_draw(struct report *report, void (*write)(struct report *report), struct error *err);
enum figure_end report_picture(struct report *report, const struct report_folder *folder, const struct figure *figure,
                               const char **svg);
void report_pictures_free(struct report_pictures *pictures);

/* ---- report_parts.c ---- */

/*
 * report_question - a heading and the question; on a sheet without answers the room for one; true: go on and answer.
 * `reading`, which may be NULL, is what there is to say of the answer: how it is to be read, what it refers to.  What
 * is a question, or a definition that it needs, stands on the sheet; all else stands behind this or in `reading`.
 */
bool report_question(struct report *report, const char *id, const char *title, const char *question,
                     const char *reading);

/* report_figures - those of the chapter whose names begin with `prefix` and that were not shown.  first: the folder to
 * draw them from if it can, or NULL. */
void report_figures(struct report *report, const struct report_chapter *chapter, const char *prefix,
                    const struct report_folder *first);

/* report_figure_of - those of one folder, which report_figures then leaves out. */
void report_figure_of(struct report *report, const struct report_chapter *chapter, const char *prefix,
                      const struct report_folder *folder);

/* report_commands - how the chapter's results are made, and what is missing of them. */
void report_commands(struct report *report, const struct report_chapter *chapter);

#endif
