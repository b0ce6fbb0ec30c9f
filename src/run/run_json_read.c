/* What a run.json tells those who read tables beside it; see run_json.h. */
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/run_json.h"

int run_json_read(cJSON **document, const char *directory, const char *name, struct error *err)
{
    unsigned char *text = NULL;
    size_t size;
    *document = NULL;
    char *path = path_join(directory, name);
    if (!path)
        return error_out_of_memory(err, "a path");
    int result = file_read(path, &text, &size, err);
    if (result == 0)
        result = json_parse(document, (const char *)text, NULL, path, err);
    else if (err->code == ERROR_DATA)
        result = 0; /* no such file */
    free(text);
    free(path);
    return result;
}

/* A word as a shell reads it. */
static void print_word(FILE *out, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%";
    if (*word && word[strspn(word, safe)] == '\0') {
        fputs(word, out);
        return;
    }
    putc('\'', out);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            putc(*word, out);
    putc('\'', out);
}

int run_json_call(char **call, const cJSON *run, const char *directory, struct error *err)
{
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(run, "command_line"), *word;
    struct output text;
    bool skip = false;
    int index = 0;
    *call = NULL;
    if (output_open(&text, err) < 0)
        return -1;
    fputs("dlexp", text.stream);
    cJSON_ArrayForEach(word, words)
    {
        const char *said = cJSON_GetStringValue(word);
        if (index++ == 0 || !said || skip || strncmp(said, "--out=", 6) == 0 || strcmp(said, "--quiet") == 0 ||
            strcmp(said, "-q") == 0 || strcmp(said, "--json") == 0 || strcmp(said, "--force") == 0) {
            skip = false;
            continue;
        }
        skip = strcmp(said, "--out") == 0 || strcmp(said, "-o") == 0;
        if (skip)
            continue;
        putc(' ', text.stream);
        print_word(text.stream, said);
    }
    fputs(" --out ", text.stream);
    print_word(text.stream, directory);
    *call = output_take(&text, err);
    return *call ? 0 : -1;
}

int run_json_unfinished(char **call, const char *directory, struct error *err)
{
    cJSON *run;
    *call = NULL;
    if (run_json_read(&run, directory, RUN_JSON, err) < 0)
        return -1;
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(run, "status"));
    const bool unfinished = status && strcmp(status, run_json_status_name(RUN_JSON_COMPLETED)) != 0;
    const int result = unfinished ? run_json_call(call, run, directory, err) : 0;
    cJSON_Delete(run);
    return result;
}
