/* batchnorm_describe.c - see batchnorm_describe.h. */
#include "batchnorm_describe.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"

/* malloc'ed; NULL and an error without memory. */
static char *summary_of(const struct batchnorm *batchnorm, size_t norm, struct error *err)
{
    const struct train_config *train = &batchnorm->config->train;
    const struct mlp_shape shape = train_shape(train, train->norms.values[norm], &batchnorm->data);
    struct output text;
    if (output_open(&text, err) < 0)
        return NULL;
    mlp_describe(&shape, text.stream);
    return output_take(&text, err);
}

void describe_add(cJSON *root, const struct batchnorm *batchnorm)
{
    cJSON *models = json_add_object(root, "models");
    for (size_t n = 0; n < batchnorm->config->train.norms.count; n++) {
        struct error ignored;
        const char *name;
        char *summary = summary_of(batchnorm, n, &ignored);
        layer_norm_name(batchnorm->config->train.norms.values[n], &name);
        json_add(models, name, summary ? cJSON_CreateString(summary) : NULL);
        free(summary);
    }
}

/* Where the count of parameters begins, which stands in a column of its own; the line's end if it has none. */
static size_t count_at(const char *line, size_t length)
{
    size_t at = strspn(line, " ");
    while (at + 1 < length && !(line[at] == ' ' && line[at + 1] == ' '))
        at++;
    return at + 1 < length ? at : length;
}

static void print_line(const char *line, size_t length)
{
    const size_t width = screen_width(stdout), at = count_at(line, length), blanks = strspn(line, " ");
    const char *count = line + at + strspn(line + at, " ");
    const size_t count_length = (size_t)(line + length - count);
    if (flow_width(line, length) <= width) {
        printf("%.*s\n", (int)length, line);
        return;
    }
    printf("%*s", (int)blanks, "");
    struct flow flow = {.out = stdout, .line = width, .indent = blanks + 4, .column = blanks};
    for (size_t i = blanks; i < at; i++)
        flow_text(&flow, (const char[]){line[i], '\0'});
    flow_text(&flow, " "); /* the last word, too, has its column then */
    if (count_length > 0 && flow.column + 2 + count_length > width) {
        putchar('\n');
        flow.column = 0;
    }
    printf("%*.*s\n", (int)(width - flow.column), (int)count_length, count);
}

int describe_print(const struct batchnorm *batchnorm, struct error *err)
{
    for (size_t n = 0; n < batchnorm->config->train.norms.count; n++) {
        char *summary = summary_of(batchnorm, n, err);
        if (!summary)
            return -1;
        if (n > 0)
            putchar('\n');
        for (const char *line = summary; *line; line += strcspn(line, "\n"), line += *line == '\n')
            print_line(line, strcspn(line, "\n"));
        free(summary);
    }
    return 0;
}

int describe_print_json(const struct batchnorm *batchnorm, struct error *err)
{
    cJSON *root = json_document("networks");
    describe_add(root, batchnorm);
    return json_print(root, stdout, "the networks", err);
}
