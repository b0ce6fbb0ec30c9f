/* The help that is read off a table of options, and which words ask for it. */
#include "options_table.h"

static void test_help_asked(void **state)
{
    static const struct {
        const char *words[5];
        bool asked;
    } cases[] = {
        {{"-h"}, true},
        {{"--help"}, true},
        {{"--force", "-h"}, true},
        {{"--lr", "0.5", "--help"}, true},
        {{"--lr=1", "-h"}, true},
        {{"--bogus", "-h"}, true},
        {{NULL}, false},
        {{"--out", "-h"}, false},
        {{"-e", "-h"}, false},
        {{"--out", "--help"}, false},
        {{"--", "-h"}, false},
        {{"--data", "--", "-h"}, true},
        {{"--help=1"}, false},
        {{"x", "-h"}, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char storage[5][16], *words[5];
        int count = 0;
        for (; count < 5 && cases[i].words[count] != NULL; count++)
            words[count] = strcpy(storage[count], cases[i].words[count]);
        if (options_help_asked(&train, count, words) != cases[i].asked)
            fail_msg("case %zu", i);
    }
}

static char *help_of(const struct command *command)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    options_print_help(command, out);
    fclose(out);
    return text;
}

static void test_help(void **state)
{
    (void)state;
    char *text = help_of(&train);
    static const char *const parts[] = {
        "Usage: dlexp train [options]\n\nOne. Two.\n\n  kept   as it is\n\nThree.\n\nTraining:\n",
        "\n      --lr LIST      learning rates (default: 0.01,0.5)\n",
        "\n  -e, --epochs N     epochs (default: 15)\n",
        ("\n      --norm NAME    normalisation (known: none, batchnorm, layernorm; default:\n                     "
         "batchnorm)\n"),
        "\n\nOutput:\n      --seeds LIST   seeds (default: 1234; also: --seed)\n",
        "\n  -q, --quiet        no progress\n",
        "\n  -h, --help         print this help and exit\n",
        "\nExamples:\n  dlexp train           the default\n  dlexp train --lr 0.5  one rate\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(text, parts[i]) == NULL)
            fail_msg("missing:\n%s\nin:\n%s", parts[i], text);
    for (const struct option *option = rows; option->name != NULL; option++) {
        char name[64];
        snprintf(name, sizeof name, " --%s ", option->name);
        assert_non_null(strstr(text, name));
    }
    free(text);
    text = help_of(&view);
    assert_non_null(strstr(text, "Usage: dlexp view [options] [FILE]\n"));
    free(text);
}

/* No line is longer than 80 columns, none ends in a blank, and no word is lost. */
static void test_help_wraps(void **state)
{
    static const char sentence[] =
        "w1 word2 a-longer-word3 w4 \xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f w5 w6 something w7 another w8 phrase w9 that "
        "is w10 long enough w11 to be w12 wrapped w13 more than w14 once w15 and then w16 once more w17 for good "
        "measure w18 since w19 one cannot w20 know how w21 long the help w22 of an option w23 will be w24 one day";
    static const struct option wide[] = {
        {.name = "short", .type = OPTION_FLAG, AT(force), .help = sentence},
        {.name = "a-very-very-long-option-name", .type = OPTION_TEXT, AT(out), .value = "SOMETHING", .help = sentence},
        {0}};
    static const struct command command = {.name = "wide",
                                           .summary = "wide",
                                           .description = sentence,
                                           .examples = "dlexp wide  w1 w2",
                                           .options = wide,
                                           .config_size = sizeof(struct config)};
    (void)state;
    char *text = help_of(&command);
    size_t column = 0, found = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n') {
            assert_true(column <= 80);
            assert_true(p == text || p[-1] != ' ');
            column = 0;
        } else {
            column += ((unsigned char)*p & 0xC0) != 0x80;
        }
    }
    for (const char *p = text; (p = strstr(p, "w24")) != NULL; p++)
        found++;
    assert_int_equal(found, 3);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_asked),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_help_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
