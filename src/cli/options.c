/* The command line: words to options, and what was given.  A value is read in options_value.c. */
#include "dlexp/cli/options.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/nearest.h"
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

static bool has_name(const struct option *option, const char *name, size_t length)
{
    return (strlen(option->name) == length && memcmp(option->name, name, length) == 0) ||
           (option->alias != NULL && strlen(option->alias) == length && memcmp(option->alias, name, length) == 0);
}

static const struct option *find_name(const struct command *command, const char *name, size_t length)
{
    for (const struct option *option = command->options; option->name != NULL; option++)
        if (has_name(option, name, length))
            return option;
    return NULL;
}

static const struct option *find_letter(const struct command *command, char letter)
{
    for (const struct option *option = command->options; option->name != NULL; option++)
        if (option->letter != 0 && option->letter == letter)
            return option;
    return NULL;
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
        options_value_bounds(a, &low, &high);
        assert(low <= high);
        assert(a->help != NULL);
        assert((a->type == OPTION_FLAG) == (a->value == NULL));
        assert((a->type == OPTION_NAME || a->type == OPTION_NAMES) == (a->choice != NULL));
        assert(a->type != OPTION_FLAG || a->initial == NULL);
        assert(a->offset < command->config_size);
        assert(!has_name(a, "help", 4) && a->letter != 'h');
        for (const struct option *b = command->options; b < a; b++) {
            assert(!has_name(b, a->name, strlen(a->name)));
            assert(a->alias == NULL || !has_name(b, a->alias, strlen(a->alias)));
            assert(a->letter == 0 || a->letter != b->letter);
        }
    }
}
#endif

static void list_options(const struct command *command, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "; known:");
    for (const struct option *option = command->options; option->name != NULL && used < size; option++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s --%s", option == command->options ? "" : ",", option->name);
}

/* The word is an unknown option: say so, with the likely meaning, or else with all that are known. */
static int refuse_option(const struct command *command, const char *word, struct error *err)
{
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
        struct nearest nearest;
        nearest_begin(&nearest, name, length);
        for (const struct option *option = command->options; option->name != NULL; option++) {
            nearest_offer(&nearest, option->name);
            if (option->alias != NULL)
                nearest_offer(&nearest, option->alias);
        }
        nearest_offer(&nearest, "help");
        if (nearest.best != NULL)
            snprintf(meant, sizeof meant, "; did you mean '--%s'?", nearest.best);
        else
            list_options(command, meant, sizeof meant);
    }
    return usage_error(command, err, "unknown option '%s' for 'dlexp %s'%s",
                       usage_error_quote(quoted, word, dashes + length), command->name, meant);
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

static int read_operand(const struct command *command, const char *word, void *config, struct error *err)
{
    char quoted[QUOTE_SIZE], first[QUOTE_SIZE];
    usage_error_quote(quoted, word, strlen(word));
    if (command->operand == NULL) {
        const struct option *option = find_name(command, word, strcspn(word, "="));
        return usage_error(command, err, "unexpected word '%s': 'dlexp %s' takes options only%s%s%s", quoted,
                           command->name, option ? "; did you mean '--" : "", option ? option->name : "",
                           option ? "'?" : "");
    }
    const char **field = (const char **)(void *)((char *)config + command->operand_offset);
    if (*field != NULL)
        return usage_error(command, err, "unexpected word '%s': 'dlexp %s' takes one %.*s, and '%s' stood before",
                           quoted, command->name, operand_length(command), operand_name(command),
                           usage_error_quote(first, *field, strlen(*field)));
    if (*word == '\0')
        return usage_error(command, err, "expected %.*s, got '' (empty)", operand_length(command),
                           operand_name(command));
    *field = word;
    return 0;
}

static int read_option(const struct command *command, const struct option *option, const char *label, const char *value,
                       void *config, bool *given, struct error *err)
{
    struct options_origin origin = {command, option, label, err};
    bool *seen = &given[option - command->options];
    if (*seen) {
        char same[2 * NAME_LENGTH + 32] = "";
        if (label[1] != '-' || strcmp(label + 2, option->name) != 0)
            snprintf(same, sizeof same, " (it is the same as --%s)", option->name);
        else if (option->alias != NULL)
            snprintf(same, sizeof same, " (it is the same as --%s)", option->alias);
        else if (option->letter != 0)
            snprintf(same, sizeof same, " (it is the same as -%c)", option->letter);
        return usage_error(command, err, "%s: given a second time%s; %s", label, same,
                           options_value_is_list(option) ? "write one list, separated by commas" : "give it once");
    }
    *seen = true;
    if (option->type != OPTION_FLAG)
        return options_value_read(&origin, value, config);
    *(bool *)((char *)config + option->offset) = true;
    return 0;
}

int options_parse(const struct command *command, int argc, char **argv, void *config, bool *given, struct error *err)
{
    bool only_operands = false;
#ifndef NDEBUG
    assert_table(command);
#endif
    memset(given, 0, count_rows(command->options) * sizeof *given);
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *value;
        char label[NAME_LENGTH + 8], quoted[QUOTE_SIZE];
        if (!only_operands && strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            if (read_operand(command, word, config, err) != 0)
                return -1;
            continue;
        }
        const struct option *option = find_word(command, word, &value);
        if (option == NULL)
            return refuse_option(command, word, err);
        snprintf(label, sizeof label, "%.*s", word[1] == '-' ? (int)strcspn(word, "=") : 2, word);
        if (option->type == OPTION_FLAG && value != NULL)
            return usage_error(command, err, "%s: expected no value, got '%s'", label,
                               usage_error_quote(quoted, value, strlen(value)));
        if (option->type != OPTION_FLAG && value == NULL) {
            if (i + 1 == argc)
                return usage_error(command, err, "%s: expected a value (%s %s), got none", label, label, option->value);
            value = argv[++i];
        }
        if (read_option(command, option, label, value, config, given, err) != 0)
            return -1;
    }
    for (const struct option *option = command->options; option->name != NULL; option++) {
        char label[NAME_LENGTH + 32];
        struct options_origin origin = {command, option, label, err};
        snprintf(label, sizeof label, "--%s (default)", option->name);
        if (!given[option - command->options] && option->initial != NULL &&
            options_value_read(&origin, option->initial, config) != 0)
            return -1;
    }
    if (command->operand != NULL && command->operand[0] != '[' &&
        *(const char **)(void *)((char *)config + command->operand_offset) == NULL)
        return usage_error(command, err, "expected %s after 'dlexp %s', got none", command->operand, command->name);
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

void options_free(const struct command *command, void *config)
{
    for (const struct option *option = command->options; option->name != NULL; option++) {
        void *field = (char *)config + option->offset;
        if (option->type == OPTION_REALS) {
            free(((struct reals *)field)->values);
            *(struct reals *)field = (struct reals){0};
        } else if (options_value_is_list(option)) {
            free(((struct integers *)field)->values);
            *(struct integers *)field = (struct integers){0};
        }
    }
}

static int compare_integers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void options_sort_integers(const struct integers *list)
{
    qsort(list->values, list->count, sizeof *list->values, compare_integers);
}

static int compare_reals(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void options_sort_reals(const struct reals *list)
{
    qsort(list->values, list->count, sizeof *list->values, compare_reals);
}

int options_refuse_repeats(const char *option, const struct reals *list, struct error *err)
{
    char number[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (list->values[i] == list->values[j])
                return error_set(err, ERROR_USAGE, "--%s: expected every number once, got %s twice", option,
                                 number_format_real(number, list->values[i]));
    return 0;
}

bool options_given(const struct invocation *invocation, const char *name)
{
    const struct option *option = find_name(invocation->command, name, strlen(name));
    assert(option != NULL);
    return option != NULL && invocation->given[option - invocation->command->options];
}
