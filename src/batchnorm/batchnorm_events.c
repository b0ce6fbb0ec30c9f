/* batchnorm_events.c - see batchnorm_events.h. */
#include "batchnorm_events.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/output.h"
#include "dlexp/formats/tfevents.h"

enum { NAME_SIZE = RUN_LABEL_SIZE + 64 };

/* The run's label as a folder's name; of a run with several nets and rates, with this one's. */
static void name_row(char name[NAME_SIZE], const struct report_row *row)
{
    char lr[NUMBER_TEXT_SIZE];
    const bool alone = row->train->norms.count * row->train->lrs.count == 1;
    if (alone)
        snprintf(name, NAME_SIZE, "%s", row->run->label);
    else
        snprintf(name, NAME_SIZE, "%s %s lr %s", row->run->label, row->norm_name, number_format_real(lr, row->lr));
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-' && *c != '+')
            *c = '_';
}

static void print_epochs(const struct batchnorm *report, const struct report_row *row, FILE *out)
{
    for (size_t k = 1; k <= row->epochs; k++) {
        const double *cells = report_epoch(row, k);
        for (size_t m = EPOCH_NUMBER + 1; m < TRAIN_MEASURES; m++)
            if (report->measured[m] && !isnan(cells[m]))
                tfevents_scalar(out, (int64_t)cells[EPOCH_NUMBER], train_measure_row(m)->name, cells[m]);
    }
}

static int write_row(const struct batchnorm *report, const struct report_row *row, struct error *err)
{
    char name[NAME_SIZE];
    struct output output;
    name_row(name, row);
    char *folder = path_join(report->config->tensorboard, name);
    int status = folder ? directory_create(folder, err) : error_out_of_memory(err, "a path");
    if (status == 0) {
        directory_clean(folder);
        status = output_open(&output, err);
    }
    if (status == 0) {
        tfevents_begin(output.stream, 0);
        print_epochs(report, row, output.stream);
        status = output_close_in(&output, folder, "events.out.tfevents.0.dlexp", err);
    }
    free(folder);
    return status;
}

int events_write(const struct batchnorm *report, struct error *err)
{
    const size_t count = report->count + report->refined;
    if (!report->config->tensorboard)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (write_row(report, &report->rows[i], err) < 0)
            return -1;
    if (!report->config->run.quiet)
        fprintf(stderr, "wrote %s for: tensorboard --logdir %s\n", counted(count, "event file").text,
                report->config->tensorboard);
    return 0;
}
