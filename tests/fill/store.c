/*
 * fill_store RUNS LAST RECORD... - a store as it is after very many runs, in seconds: each RECORD, of seed=1, again
 * for the seeds 2 to LAST, below the directory RUNS; where that has a '%', below 100 of them, with the last two digits
 * of the seed in its place.
 *
 * Spec, names and sizes are what the program would write for those seeds; hashes and losses are made up, in as many
 * digits.  Nothing is synced.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dlexp/base/file.h"
#include "dlexp/run/record.h"
#include "dlexp/run/store.h"

static uint64_t state = 1;

static uint64_t next(void)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Other losses; accuracies stay, as one of them is named the best. */
static void vary_losses(struct record_table *table)
{
    for (size_t c = 0; c < table->columns; c++) {
        const char *name = table->header;
        for (size_t i = 0; i < c; i++)
            name = strchr(name, ',') + 1;
        if (strncmp(name, "train_loss", 10) != 0 && strncmp(name, "test_loss", 9) != 0)
            continue;
        for (size_t row = 0; row < table->rows; row++) {
            double *cell = &table->cells[row * table->columns + c];
            *cell *= 1 + 0x1p-54 * (double)(next() >> 11);
            if (table->flags & RECORD_SINGLE)
                *cell = (double)(float)*cell;
        }
    }
}

static void vary_hashes(struct record *record)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (strlen(record->values[i].text) == 64)
            for (size_t k = 0; k < 4; k++) {
                char digits[17];
                snprintf(digits, sizeof digits, "%016llx", (unsigned long long)next());
                memcpy(record->values[i].text + 16 * k, digits, 16);
            }
}

/* The record of this seed, as a file; false if that cannot be written. */
static bool write_record(struct record *record, const char *before, const char *behind, long seed, const char *runs)
{
    char id[STORE_ID_SIZE], path[4096], *text;
    struct error err;
    size_t size;
    char *spec = malloc(strlen(before) + strlen(behind) + 64);
    if (!spec)
        return false;
    sprintf(spec, "%sseed=%ld\n%s", before, seed, behind);
    free(record->spec);
    record->spec = spec;
    for (size_t i = 0; i < record->table_count; i++)
        vary_losses(&record->tables[i]);
    vary_hashes(record);
    if (record_text(record, &text, &size, &err) < 0)
        return false;
    store_id(spec, id);
    const char *percent = strchr(runs, '%');
    char digits[3] = "", folder[2048];
    if (percent)
        snprintf(digits, sizeof digits, "%02d", (int)(seed % 100));
    snprintf(folder, sizeof folder, "%.*s%s%s", percent ? (int)(percent - runs) : 0, runs, digits,
             percent ? percent + 1 : runs);
    snprintf(path, sizeof path, "%s/%.2s", folder, id);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%.2s/%s.run", folder, id, id);
    FILE *out = fopen(path, "wb");
    const bool written = out && fwrite(text, 1, size, out) == size;
    free(text);
    return out && fclose(out) == 0 && written;
}

static bool fill(const char *path, long last, const char *runs)
{
    struct record record;
    struct error err;
    unsigned char *text;
    size_t size;
    if (file_read(path, &text, &size, &err) < 0 || record_parse(&record, (const char *)text, size, path, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    char *before = strdup(record.spec), *found = before ? strstr(before, "\nseed=1\n") : NULL;
    bool good = found != NULL;
    if (good) {
        char *behind = found + strlen("\nseed=1\n");
        char *rest = strdup(behind);
        found[1] = '\0';
        for (long seed = 2; seed <= last && good; seed++) {
            struct record copy; /* every record from the same losses */
            good = record_parse(&copy, (const char *)text, size, path, &err) == 0 &&
                   write_record(&copy, before, rest, seed, runs);
            record_free(&copy);
        }
        free(rest);
    }
    free(before);
    free(text);
    record_free(&record);
    return good;
}

int main(int argc, char **argv)
{
    for (int i = 3; i < argc; i++)
        if (!fill(argv[i], atol(argv[2]), argv[1])) {
            fprintf(stderr, "fill_store: %s: not filled\n", argv[i]);
            return 1;
        }
    return argc > 3 ? 0 : 2;
}
