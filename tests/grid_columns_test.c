/* The columns that the settings of a grid get in a table, and what stands in them. */
#include "grid_calls.h"

/* The columns that a table gets, by name. */
static void assert_columns(const char *line, bool all, struct grid_keys keys, const char *expected)
{
    static const struct frame_column own[] = {{.name = "net", .type = FRAME_TEXT},
                                              {.name = "lr", .type = FRAME_REAL},
                                              {.name = "seed", .type = FRAME_INTEGER},
                                              {.name = "loss", .type = FRAME_REAL},
                                              {.name = NULL}};
    char text[512] = "";
    struct call *made = call(line);
    assert_int_equal(made->result, 0);
    made->grid.all_columns = all;
    struct frame_column *columns = grid_columns(&made->grid, own, keys);
    assert_non_null(columns);
    for (size_t i = 0; columns[i].name; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "," : "", columns[i].name);
    assert_string_equal(text, expected);
    free(columns);
    done(made);
}

static void columns(void **unused)
{
    (void)unused;
    const struct grid_keys keys = {.count = 3};
    assert_columns("--seeds 1..9", false, keys, "net,lr,seed,loss");
    assert_columns("--batch 4,8 --widths 1 --widths 2", false, keys, "net,lr,seed,widths,batch,loss");
    assert_columns("--batch 4,8", false, (struct grid_keys){0}, "net,lr,seed,loss");
    assert_columns("--batch 4,8 --pair 1,2 --pair 2,3", false, (struct grid_keys){.count = 3, .without = "batch"},
                   "net,lr,seed,pair,loss");
    assert_columns("--batch 4,8 --pair 1,2 --pair 2,3", false, (struct grid_keys){.count = 3, .only = "batch"},
                   "net,lr,seed,batch,loss");
    assert_columns("", true, keys, "net,lr,seed,kind,decay,pair,widths,batch,flag,loss");
}

static void fill_rows(const void *made_, struct frame *frame)
{
    const struct call *made = made_;
    for (size_t i = 0; i < made->plan.count; i++) {
        const struct config *config = made->plan.runs[i].config;
        frame_text(frame, config->nets.values[0] ? "norm" : "none");
        grid_fill(frame, config);
        frame_real(frame, 0.5);
    }
}

static void cells(void **unused)
{
    (void)unused;
    static const struct frame_column own[] = {
        {.name = "net", .type = FRAME_TEXT}, {.name = "loss", .type = FRAME_REAL}, {.name = NULL}};
    struct call *made = call("--net norm --kind plain,decaying --decay 0.5,0.9 --lr 1 --widths none --widths 3,4");
    struct frame_column *all = grid_columns(&made->grid, own, (struct grid_keys){.count = 1});
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(frame_print(&frame_csv, out, all, fill_rows, made, &made->err), 0);
    fclose(out);
    assert_string_equal(text, "net,kind,decay,widths,loss\n"
                              "norm,plain,,none,0.5\nnorm,plain,,3-4,0.5\n"
                              "norm,decaying,0.5,none,0.5\nnorm,decaying,0.5,3-4,0.5\n"
                              "norm,decaying,0.9,none,0.5\nnorm,decaying,0.9,3-4,0.5\n");
    free(text);
    free(all);
    done(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),
        cmocka_unit_test(cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
