/* The command line: words to options, and what was given.  A value is read in options_value.c. */
#include "dlexp/cli/options.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "options_common.h"
#include "options_file.h"
#include "options_names.h"
#include "options_value.h"
#include "usage_error.h"

enum { NAME_LENGTH = 64 }; /* of an option, at most */

static size_t count_rows(const struct option *options)
{
    size_t count = 0;
    while (options[count].name != NULL)
        count++;
    return count;
}

static const struct option *find_letter(const struct command *command, char letter)
{
    for (const struct option *option = command->options; option->name != NULL; option++)
        if (option->letter != 0 && option->letter == letter)
            return option;
    return NULL;
}

/* The row of this name in the command's table, or of those that all commands have. */
static const struct option *find_name(const struct command *command, const char *name, size_t length)
{
    const struct option *option = options_names_find(command->options, name, length);
    return option != NULL ? option : options_names_find(options_common, name, length);
}

/* The row that -l, -l4, --name or --name=VALUE means, or NULL; *value is the digits behind -l or what follows the '=',
 * or NULL. */
static const struct option *find_word(const struct command *command, const char *word, const char **value)
{
    *value = NULL;
    if (word[0] != '-' || word[1] == '\0')
        return NULL;
    if (word[1] != '-') {
        const struct option *option = find_letter(command, word[1]);
        if (word[2] == '\0' || option == NULL)
            return word[2] == '\0' ? option : NULL;
        /* -j4, as every make has it; -out stays the slip that it is. */
        *value = word + 2;
        return option->type == OPTION_INTEGER && isdigit((unsigned char)word[2]) ? option : NULL;
    }
    size_t length = strcspn(word + 2, "=");
    if (word[2 + length] == '=')
        *value = word + 2 + length + 1;
    return find_name(command, word + 2, length);
}

#ifndef NDEBUG
/* Slips in a table that the parser would only show to the user. */
static void assert_table(const struct command *command)
{
    for (const struct option *a = command->options; a->name != NULL; a++) {
        double low, high;
        options_element_bounds(a, &low, &high);
        assert(low <= high);
        assert(a->help != NULL);
        assert((a->type == OPTION_FLAG) == (a->value == NULL));
        assert((a->type == OPTION_NAME) == (a->choice != NULL));
        assert(!(a->flags & OPTION_CHAIN) || (a->flags & OPTION_AXIS && !options_element_is_list(a)));
        assert(a->type != OPTION_FLAG || a->initial == NULL);
        assert(a->offset < command->config_size);
        assert(options_names_find(options_common, a->name, strlen(a->name)) == NULL && a->letter != 'h');
        assert(!(a->flags & (OPTION_FILE | OPTION_FOLDER)) || a->type == OPTION_TEXT);
        for (const struct option *b = command->options; b < a; b++) {
            assert(!options_names_has(b, a->name, strlen(a->name)));
            assert(a->alias == NULL || !options_names_has(b, a->alias, strlen(a->alias)));
            assert(a->letter == 0 || a->letter != b->letter);
        }
    }
}
#endif

/* The word is an unknown option: say so, with the likely meaning, or else with all that are known. */
static int refuse_option(const struct invocation *invocation, const char *word, struct error *err)
{
    const struct command *command = invocation->command;
    char quoted[QUOTE_SIZE], meant[1024] = "";
    size_t dashes = word[1] == '-' ? 2 : 1;
    const char *name = word + dashes;
    size_t length = strcspn(name, "=");
    const struct option *letter = find_letter(command, *name);

    if (length == 1 && letter != NULL && (dashes == 2 || letter->value == NULL)) {
        snprintf(meant, sizeof meant, "; did you mean '-%c'?", *name);
    } else if (dashes == 1 && letter != NULL && letter->value != NULL && find_name(command, name, length) == NULL) {
        const char *value = name + 1 + (name[1] == '=');
        snprintf(meant, sizeof meant, "; did you mean '-%c %s'?", *name,
                 usage_error_quote(quoted, value, strlen(value)));
    } else {
        options_names_meant(meant, sizeof meant, invocation, name, length, "--");
    }
    return usage_error(command, err, "unknown option '%s' for 'dlexp %s'%s",
                       usage_error_quote(quoted, word, dashes + length), command_typed(command), meant);
}

/* The operand's name without the brackets that say it may be left out, for "%.*s". */
static int operand_length(const struct command *command)
{
    return (int)strcspn(command->operand + (command->operand[0] == '['), "]");
}

static const char *operand_name(const struct command *command)
{
    return command->operand + (command->operand[0] == '[');
}

static int read_operand(struct invocation *invocation, char *word, void *config, struct error *err)
{
    const struct command *command = invocation->command;
    char quoted[QUOTE_SIZE], first[QUOTE_SIZE];
    usage_error_quote(quoted, word, strlen(word));
    if (command->operand == NULL) {
        const struct option *option = find_name(command, word, strcspn(word, "="));
        return usage_error(command, err, "unexpected word '%s': 'dlexp %s' takes options only%s%s%s", quoted,
                           command_typed(command), option ? "; did you mean '--" : "", option ? option->name : "",
                           option ? "'?" : "");
    }
    const char **field = (const char **)(void *)((char *)config + command->operand_offset);
    if (*field != NULL && !command->operands)
        return usage_error(command, err, "unexpected word '%s': 'dlexp %s' takes one %.*s, and '%s' stood before",
                           quoted, command_typed(command), operand_length(command), operand_name(command),
                           usage_error_quote(first, *field, strlen(*field)));
    if (*word == '\0')
        return usage_error(command, err, "expected %.*s, got '' (empty)", operand_length(command),
                           operand_name(command));
    if (*field != NULL)
        invocation->further[invocation->further_count++] = word;
    else
        *field = word;
    return 0;
}

/* What the option may be given several times for. */
static bool is_repeatable(const struct option *option)
{
    return option->flags & OPTION_AXIS && options_element_is_list(option);
}

static int read_option(struct invocation *invocation, const struct option *option, const char *label, const char *value,
                       void *config, struct error *err)
{
    const struct command *command = invocation->command;
    struct options_origin origin = {command, option, label, err};
    bool *seen = &invocation->given[option - command->options];
    if (*seen && !is_repeatable(option)) {
        char same[2 * NAME_LENGTH + 32] = "";
        if (label[1] != '-' || strcmp(label + 2, option->name) != 0)
            snprintf(same, sizeof same, " (it is the same as --%s)", option->name);
        else if (option->alias != NULL)
            snprintf(same, sizeof same, " (it is the same as --%s)", option->alias);
        else if (option->letter != 0)
            snprintf(same, sizeof same, " (it is the same as -%c)", option->letter);
        return usage_error(command, err, "%s: given a second time%s; %s", label, same,
                           options_element_is_list(option) || option->flags & OPTION_AXIS
                               ? "write one list, separated by commas"
                               : "give it once");
    }
    *seen = invocation->filled[option - command->options] = true;
    if (option->type != OPTION_FLAG)
        return options_value_take(&origin, value, invocation, config);
    *(bool *)((char *)config + option->offset) = true;
    return 0;
}

/* The first value of every axis into its field, or all of them where it holds a list. */
static void set_fields(const struct invocation *invocation, void *config)
{
    const struct option *options = invocation->command->options;
    for (size_t i = 0; options[i].name != NULL; i++)
        if (options[i].flags & OPTION_AXIS && invocation->axes[i].count > 0)
            options_set_field(&options[i], &invocation->axes[i], 0, invocation->axes[i].count, config);
}

/* What was neither given nor recorded. */
static int read_defaults(struct invocation *invocation, void *config, struct error *err)
{
    const struct command *command = invocation->command;
    for (const struct option *option = command->options; option->name != NULL; option++) {
        char label[NAME_LENGTH + 32];
        const struct options_origin origin = {command, option, label, err};
        snprintf(label, sizeof label, "--%s (default)", option->name);
        if (!invocation->filled[option - command->options] && option->initial != NULL &&
            options_value_take(&origin, option->initial, invocation, config) != 0)
            return -1;
    }
    return 0;
}

/* An option of every command; --help was answered before. */
static int read_common(const struct command *command, const struct option *option, const char *label, const char *value,
                       const char **file, struct error *err)
{
    if (option != &options_common[OPTIONS_CONFIG])
        return 0;
    if (*file != NULL)
        return usage_error(command, err, "%s: given a second time; write one file", label);
    if (*value == '\0')
        return usage_error(command, err, "%s: expected %s, got '' (empty)", label, option->value);
    *file = value;
    return 0;
}

/* One word that is no operand, and perhaps the one after it, its value; returns how many, or -1. */
static int read_words(struct invocation *invocation, int left, char **words, const char **file, void *config,
                      struct error *err)
{
    const struct command *command = invocation->command;
    char label[NAME_LENGTH + 8], quoted[QUOTE_SIZE];
    const char *word = words[0], *value;
    int used = 1;
    const struct option *option = find_word(command, word, &value);
    if (option == NULL)
        return refuse_option(invocation, word, err);
    snprintf(label, sizeof label, "%.*s", word[1] == '-' ? (int)strcspn(word, "=") : 2, word);
    if (option->type == OPTION_FLAG && value != NULL)
        return usage_error(command, err, "%s: expected no value, got '%s'", label,
                           usage_error_quote(quoted, value, strlen(value)));
    if (option->type != OPTION_FLAG && value == NULL) {
        if (left == 1)
            return usage_error(command, err, "%s: expected a value (%s %s), got none", label, label, option->value);
        value = words[1];
        used = 2;
    }
    const int status = option->flags & OPTION_COMMON ? read_common(command, option, label, value, file, err)
                                                     : read_option(invocation, option, label, value, config, err);
    return status != 0 ? -1 : used;
}

int options_parse(struct invocation *invocation, int argc, char **argv, void *config, struct error *err)
{
    const struct command *command = invocation->command;
    const size_t rows = count_rows(command->options);
    bool only_operands = false;
    const char *file = NULL;
#ifndef NDEBUG
    assert_table(command);
#endif
    invocation->given = calloc(rows + 1, sizeof *invocation->given);
    invocation->filled = calloc(rows + 1, sizeof *invocation->filled);
    invocation->axes = calloc(rows + 1, sizeof *invocation->axes);
    invocation->further = calloc((size_t)argc + 1, sizeof *invocation->further);
    if (invocation->given == NULL || invocation->filled == NULL || invocation->axes == NULL ||
        invocation->further == NULL)
        return error_out_of_memory(err, "the configuration");
    for (int i = 0, used = 1; i < argc; i += used) {
        const char *word = argv[i];
        used = 1;
        if (!only_operands && strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (only_operands || word[0] != '-' || word[1] == '\0') {
            if (read_operand(invocation, argv[i], config, err) != 0)
                return -1;
        } else if ((used = read_words(invocation, argc - i, argv + i, &file, config, err)) < 0) {
            return -1;
        }
    }
    if (file != NULL && options_file_read(invocation, file, config, err) != 0)
        return -1;
    if (read_defaults(invocation, config, err) != 0)
        return -1;
    set_fields(invocation, config);
    if (command->operand != NULL && command->operand[0] != '[' &&
        *(const char **)(void *)((char *)config + command->operand_offset) == NULL)
        return usage_error(command, err, "expected %s after 'dlexp %s', got none", command->operand,
                           command_typed(command));
    return 0;
}

bool options_help_asked(const struct command *command, int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value;
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return true;
        const struct option *option = find_word(command, argv[i], &value);
        if (option != NULL && option->type != OPTION_FLAG && value == NULL)
            i++;
    }
    return false;
}

void options_free(struct invocation *invocation, void *config)
{
    const struct option *options = invocation->command->options;
    for (size_t i = 0; options[i].name != NULL; i++) {
        if (!(options[i].flags & OPTION_AXIS)) {
            options_value_free(&options[i], (char *)config + options[i].offset);
        } else if (invocation->axes != NULL) {
            struct axis *axis = &invocation->axes[i];
            for (size_t v = 0; v < axis->count; v++)
                options_value_free(&options[i], (char *)axis->values + v * options_value_size(&options[i]));
            free(axis->values);
        }
    }
    free(invocation->axes);
    free(invocation->given);
    free(invocation->filled);
    free(invocation->further);
    cJSON_Delete(invocation->file);
    invocation->axes = NULL;
    invocation->further = NULL;
    invocation->given = invocation->filled = NULL;
    invocation->file = NULL;
}

void options_set_field(const struct option *option, const struct axis *axis, size_t first, size_t count, void *config)
{
    void *field = (char *)config + option->offset, *value = (char *)axis->values + first * options_value_size(option);
    assert(first + count <= axis->count);
    if (!(option->flags & OPTION_CHAIN))
        memcpy(field, value, options_value_size(option));
    else if (option->type == OPTION_REAL)
        *(struct reals *)field = (struct reals){value, count};
    else if (option->type == OPTION_NAME || option->type == OPTION_COUNT)
        *(struct indices *)field = (struct indices){value, count};
    else
        *(struct integers *)field = (struct integers){value, count};
}

const struct axis *options_axis(const struct invocation *invocation, const char *name)
{
    const struct option *option = options_names_find(invocation->command->options, name, strlen(name));
    assert(option != NULL && option->flags & OPTION_AXIS);
    return &invocation->axes[option - invocation->command->options];
}

bool options_given(const struct invocation *invocation, const char *name)
{
    const struct option *option = options_names_find(invocation->command->options, name, strlen(name));
    assert(option != NULL);
    return option != NULL && invocation->given[option - invocation->command->options];
}
