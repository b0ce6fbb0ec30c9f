/* The call of a results folder, given once more; see stored_call.h. */
#include "stored_call.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/cli/options.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/plan_json.h"
#include "dlexp/run/run_json.h"

/* The malloc'ed path of the document, or NULL and an error. */
static char *find_document(struct stored_call *call, struct error *err)
{
    static const char *const names[] = {PLAN_JSON, RUN_JSON};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool there = false;
        char *path = path_join(call->directory, names[i]);
        const int result = path ? file_look(&there, path, err) : error_out_of_memory(err, call->directory);
        if (result == 0 && there) {
            call->document = names[i];
            return path;
        }
        free(path);
        if (result < 0)
            return NULL;
    }
    error_set(err, ERROR_DATA,
              "'%s': expected plan.json or run.json, which say what its runs are, got neither; give a folder that "
              "an experiment wrote to, or the experiment's command with --out '%s', which writes one",
              call->directory, call->directory);
    return NULL;
}

/* What is wrong with the document; NULL: nothing, and *experiment is the name of its experiment. */
static const char *read_name(const char **experiment, const cJSON *root)
{
    *experiment = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "experiment"));
    return !root ? "what is not JSON" : !*experiment ? "none" : NULL;
}

/* The same; and *command is that of its experiment. */
static const char *read_experiment(const struct command **command, const cJSON *root,
                                   const struct invocation *invocation)
{
    const char *experiment, *wrong = read_name(&experiment, root);
    if (wrong)
        return wrong;
    *command = command_find(invocation->commands, experiment);
    return *command && (*command)->experiment ? NULL : "one that this version does not know";
}

static int refuse(const char *path, const char *wrong, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s: expected the name of an experiment as \"experiment\", got %s", path, wrong);
}

int stored_call_check(const char *text, const char *path, struct error *err)
{
    cJSON *root;
    if (json_parse(&root, text, NULL, path, err) < 0)
        return -1;
    const char *wrong = read_name(&(const char *){NULL}, root);
    cJSON_Delete(root);
    return wrong ? refuse(path, wrong, err) : 0;
}

static int find_command(struct stored_call *call, const char *path, const struct invocation *invocation,
                        struct error *err)
{
    unsigned char *text = NULL;
    size_t size;
    if (file_read(path, &text, &size, err) < 0)
        return -1;
    cJSON *root;
    const int parsed = json_parse(&root, (const char *)text, NULL, path, err);
    const char *wrong = read_experiment(&call->command, root, invocation);
    cJSON_Delete(root);
    free(text);
    if (parsed < 0)
        return -1;
    if (!wrong)
        return 0;
    refuse(path, wrong, err);
    error_add(err, "; the experiment's command with --out '%s' writes it anew", call->directory);
    return -1;
}

static bool has_option(const struct command *command, const char *name)
{
    for (size_t i = 0; command->options[i].name; i++)
        if (strcmp(command->options[i].name, name) == 0)
            return true;
    return false;
}

enum { WORDS = 32 };

/* The words of the call, behind its command's name. */
static int make_words(const struct stored_call *call, const char *path, char *words[WORDS], struct error *err)
{
    const char *const own[] = {"--config", path, "--out", call->directory, "--quiet", "--dry-run"};
    int count = 0;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        words[count++] = (char *)own[i];
    for (const struct stored_option *option = call->options; option->name; option++) {
        if (!option->value)
            continue;
        if (!has_option(call->command, option->name + 2))
            return error_set(
                err, ERROR_USAGE,
                "%s: expected runs of a command with this option, got '%s' with those of 'dlexp %s', which "
                "has none; leave it out",
                option->name, call->directory, call->command->name);
        words[count++] = (char *)option->name;
        words[count++] = (char *)option->value;
    }
    return count;
}

static int give(const struct stored_call *call, const char *path, const struct run_task *task,
                const struct invocation *invocation, struct error *err)
{
    const struct command *command = call->command;
    char *words[WORDS];
    const int count = make_words(call, path, words, err);
    if (count < 0)
        return -1;
    struct invocation given = {.argc = invocation->argc,
                               .argv = invocation->argv,
                               .command = command,
                               .commands = invocation->commands,
                               .task = task};
    void *config = calloc(1, command->config_size + 1);
    if (!config)
        return error_out_of_memory(err, "the configuration");
    int result = options_parse(&given, count, words, config, err);
    if (result == 0)
        result = command->run(config, &given, err);
    options_free(&given, config);
    free(config);
    return result;
}

int stored_call_run(struct stored_call *call, const struct run_task *task, const struct invocation *invocation,
                    struct error *err)
{
    call->command = NULL;
    char *path = find_document(call, err);
    int result = path ? find_command(call, path, invocation, err) : -1;
    if (result == 0)
        result = give(call, path, task, invocation, err);
    free(path);
    return result;
}
