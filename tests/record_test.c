/* A record comes back from its text bit for bit, and its head from the beginning of the text. */
#include "record_sample.h"

/* nan has one bit pattern here: which of them is not kept. */
static void check_same_bits(double expected, double actual)
{
    if (isnan(expected))
        assert_true(isnan(actual));
    else
        assert_memory_equal(&expected, &actual, sizeof expected);
}

static void check_equal(const struct record *a, const struct record *b)
{
    assert_string_equal(a->spec, b->spec);
    assert_int_equal(a->value_count, b->value_count);
    for (size_t i = 0; i < a->value_count; i++) {
        assert_string_equal(a->values[i].name, b->values[i].name);
        assert_string_equal(a->values[i].text, b->values[i].text);
    }
    assert_int_equal(a->table_count, b->table_count);
    for (size_t t = 0; t < a->table_count; t++) {
        const struct record_table *x = &a->tables[t], *y = &b->tables[t];
        assert_string_equal(x->name, y->name);
        assert_string_equal(x->header, y->header);
        assert_int_equal(x->columns, y->columns);
        assert_int_equal(x->rows, y->rows);
        assert_int_equal(x->flags, y->flags);
        for (size_t cell = 0; cell < x->rows * x->columns; cell++)
            check_same_bits(x->cells[cell], y->cells[cell]);
    }
}

/* The head, read by itself, has all but the rows of bulk tables, and is the beginning of the text. */
static void check_head(const struct record *record, const char *text, size_t size)
{
    struct record head;
    struct error err;
    size_t file_size, again_size;
    char *again;
    const size_t head_size = record_head_size(text, size, &file_size);
    assert_true(head_size > 0 && head_size <= size);
    assert_int_equal(file_size, size);
    char *copy = malloc(head_size);
    assert_non_null(copy);
    memcpy(copy, text, head_size);
    if (record_parse_head(&head, copy, head_size, size, "a.run", &err) < 0)
        fail_msg("%s", err.message);
    free(copy);
    assert_int_equal(head.value_count, record->value_count);
    assert_int_equal(head.table_count, record->table_count);
    for (size_t t = 0; t < head.table_count; t++) {
        const struct record_table *x = &record->tables[t], *y = &head.tables[t];
        assert_string_equal(x->header, y->header);
        assert_int_equal(x->rows, y->rows);
        assert_int_equal(x->flags, y->flags);
        if (x->flags & RECORD_BULK)
            assert_null(y->cells);
    }
    assert_int_equal(record_head_text(&head, &again, &again_size, &err), 0);
    assert_int_equal(again_size, head_size);
    assert_memory_equal(again, text, head_size);
    free(again);
    record_free(&head);
}

/* There and back; and the text of what came back is the same text. */
static void check_round_trip(const struct record *record)
{
    struct record back;
    size_t size, again_size;
    char *text = text_of(record, &size);
    check_head(record, text, size);
    assert_int_equal(strlen(text), size);
    parse(&back, text, size);
    check_equal(record, &back);
    char *again = text_of(&back, &again_size);
    assert_int_equal(size, again_size);
    assert_memory_equal(text, again, size);
    free(again);
    free(text);
    record_free(&back);
}

static void round_trip(void **state)
{
    struct record record;
    (void)state;
    fill(&record);
    check_round_trip(&record);

    assert_string_equal(record_get(&record, "note"), "a=b, [c] 7");
    assert_null(record_get(&record, "not"));
    assert_true(record_get_real(&record, "third") == 1.0 / 3);
    assert_true(isnan(record_get_real(&record, "nothing")));
    assert_true(isnan(record_get_real(&record, "no such")));
    assert_null(record_table_find(&record, "steps"));
    const struct record_table *epochs = record_table_find(&record, "epochs");
    assert_non_null(epochs);
    assert_int_equal(record_column(epochs, "epoch"), 0);
    assert_int_equal(record_column(epochs, "loss"), 1);
    assert_int_equal(record_column(epochs, "accuracy"), 2);
    record_free(&record);
}

static void round_trip_of_nothing(void **state)
{
    struct record record;
    (void)state;
    record_init(&record, "");
    check_round_trip(&record);
    record_free(&record);

    record_init(&record, spec);
    record_table_add(&record, "empty", "a,b", RECORD_BULK);
    record_table_add(&record, "empty_too", "a", RECORD_SINGLE);
    check_round_trip(&record);
    record_free(&record);
    record_free(&record); /* of a freed record: nothing */
}

static void round_trip_of_every_kind_of_number(void **state)
{
    static const double special[] = {
        0.0,
        -0.0,
        1,
        -1,
        0.1,
        1e308,
        1.7976931348623157e308,
        2.2250738585072014e-308,
        5e-324,
        -4.9406564584124654e-324,
        2.2250738585072009e-308,
        9007199254740994,
        1e22,
        1e23,
        123456789012345680,
        3.4028234663852886e38,
        1.1754943508222875e-38,
        1.401298464324817e-45,
        0.30000000000000004,
        16777217,
    };
    struct record record;
    uint64_t seed = 1;
    (void)state;
    record_init(&record, spec);
    struct record_table *reals = record_table_add(&record, "reals", "x,y", RECORD_BULK);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        record_table_row(&record, reals, (const double[]){special[i], -special[i]});
    record_table_row(&record, reals, (const double[]){(double)NAN, (double)INFINITY});
    record_table_row(&record, reals, (const double[]){-(double)INFINITY, -(double)NAN});
    for (int i = 0; i < 20000; i++) {
        uint64_t bits[2] = {test_u64(&seed), test_u64(&seed)};
        double row[2];
        memcpy(row, bits, sizeof row);
        record_table_row(&record, reals, row);
    }
    struct record_table *singles = record_table_add(&record, "singles", "x", RECORD_SINGLE | RECORD_BULK);
    for (int i = 0; i < 40000; i++) {
        uint32_t bits = (uint32_t)(test_u64(&seed) >> 32);
        float value;
        memcpy(&value, &bits, sizeof value);
        record_table_row(&record, singles, &(double){(double)value});
    }
    const float edges[] = {0.0f, -0.0f, 1e-45f, 3.40282347e38f, -INFINITY, NAN, 1.17549435e-38f, 1.17549421e-38f};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        record_table_row(&record, singles, &(double){(double)edges[i]});
    check_round_trip(&record);
    record_free(&record);
}

static void round_trip_of_many_tables(void **state)
{
    struct record record;
    char name[32], header[4096];
    (void)state;
    record_init(&record, spec);
    for (size_t t = 0; t < 300; t++) {
        size_t used = 0;
        snprintf(name, sizeof name, "table.%zu", t);
        for (size_t c = 0; c <= t; c++)
            used += (size_t)snprintf(header + used, sizeof header - used, "%sc%zu", c ? "," : "", c);
        struct record_table *table = record_table_add(&record, name, header, (unsigned)t % 4);
        assert_int_equal(table->columns, t + 1);
        double row[300];
        for (size_t i = 0; i < t % 40; i++) {
            for (size_t c = 0; c <= t; c++)
                row[c] = (double)(i * c);
            record_table_row(&record, table, row);
        }
        record_set(&record, name, "%zu", t);
    }
    check_round_trip(&record);
    assert_int_equal(record_column(record_table_find(&record, "table.299"), "c299"), 299);
    record_free(&record);
}

static void values_are_changed_and_dropped(void **state)
{
    struct record record;
    (void)state;
    fill(&record);
    record_change(&record, "status", "diverged");
    record_drop(&record, "note");
    assert_string_equal(record_get(&record, "status"), "diverged");
    assert_null(record_get(&record, "note"));
    assert_string_equal(record_get(&record, "empty"), "");
    check_round_trip(&record);
    record_free(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(round_trip_of_nothing),
        cmocka_unit_test(round_trip_of_every_kind_of_number),
        cmocka_unit_test(round_trip_of_many_tables),
        cmocka_unit_test(values_are_changed_and_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
