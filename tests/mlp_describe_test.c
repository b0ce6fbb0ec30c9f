/* The summary of a net: what print(model) says in PyTorch, and the number of parameters behind each layer. */
#include "mlp_nets.h"

/* The lines of print(model) in PyTorch; behind each, a parameter count may stand. */
static void expect_summary(const struct mlp_shape *shape, const char *const *lines, const char *total)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    mlp_describe(shape, out);
    assert_int_equal(fclose(out), 0);
    char *line = text;
    for (; *lines; lines++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        if (strncmp(line, *lines, strlen(*lines)) != 0)
            fail_msg("expected '%s', got '%s'", *lines, line);
        const char *rest = line + strlen(*lines);
        if (*rest) {
            char expected[64];
            size_t a, b;
            if (sscanf(*lines, " (%*d): Linear(in_features=%zu, out_features=%zu", &a, &b) == 2)
                snprintf(expected, sizeof expected, "%zu parameters", (a + 1) * b);
            else if (sscanf(*lines, " (%*d): BatchNorm1d(%zu,", &a) == 1)
                snprintf(expected, sizeof expected, "%zu parameters", 2 * a);
            else if (sscanf(*lines, " (%*d): LayerNorm((%zu,)", &a) == 1)
                snprintf(expected, sizeof expected, "%zu parameters", 2 * a);
            else
                fail_msg("expected nothing behind '%s', got '%s'", *lines, rest);
            assert_int_equal(*rest, ' ');
            assert_string_equal(rest + strspn(rest, " "), expected);
        }
        line = end + 1;
    }
    assert_string_equal(line, total);
    free(text);
}

static void test_describe(void **unused)
{
    (void)unused;
    static const char *const plain[] = {
        "NeuralNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=128, bias=True)",
        "    (1): ReLU()",
        "    (2): Linear(in_features=128, out_features=64, bias=True)",
        "    (3): ReLU()",
        "    (4): Linear(in_features=64, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    static const char *const normalised[] = {
        "BatchNormNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=128, bias=True)",
        "    (1): BatchNorm1d(128, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "    (2): ReLU()",
        "    (3): Linear(in_features=128, out_features=64, bias=True)",
        "    (4): BatchNorm1d(64, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "    (5): ReLU()",
        "    (6): Linear(in_features=64, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    struct mlp_shape shape = shape_of(784, "128-64", 10, NULL);
    expect_summary(&shape, plain, "109386 parameters\n");
    shape.norm = &layer_batchnorm;
    expect_summary(&shape, normalised, "109770 parameters\n");
}

/* As PyTorch 1.13 prints them. */
static void test_describe_other_layers(void **unused)
{
    (void)unused;
    static const char *const sigmoid[] = {
        "LayerNormNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=5, bias=True)",
        "    (1): LayerNorm((5,), eps=1e-05, elementwise_affine=True)",
        "    (2): Sigmoid()",
        "    (3): Linear(in_features=5, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    static const char *const tanh[] = {
        "NeuralNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=5, bias=True)",
        "    (1): Tanh()",
        "    (2): Linear(in_features=5, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    struct mlp_shape shape = shape_of(784, "5", 10, &layer_layernorm);
    shape.activation = &layer_sigmoid;
    expect_summary(&shape, sigmoid, "3995 parameters\n");
    shape = shape_of(784, "5", 10, NULL);
    shape.activation = &layer_tanh;
    expect_summary(&shape, tanh, "3985 parameters\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_describe_other_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
