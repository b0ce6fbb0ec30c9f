/*
 * Every kernel of every set this CPU runs: bit for bit against plain implementations of its order of operations written
 * here, against exact arithmetic within what that many roundings can do, and bit for bit against "portable"; the loss
 * against what PyTorch gives (tests/golden, made by make_loss.py).
 *
 * The tests stand in tests/kernels/, a file for each subject.  To add a kernel: write its NAME_case(struct scene *) in
 * the file it belongs to (scene.h says how) and a row {MEMBER(NAME), NAME_case} in that file's table.  A member of
 * struct kernels without a row fails test_members below, and so does a row whose case does not call the member.
 */
#include "kernels/scene.h"

#include <assert.h>

static const struct kernel_tests *const subjects[] = {
    &product_tests, &transpose_tests, &layer_tests, &norm_tests, &loss_tests, &pixel_tests, &optimizer_tests,
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static void test_table(void **unused)
{
    (void)unused;
    struct error err = {0};
    const struct kernels *set, *best = NULL;
    const char *name = NULL;
    size_t count = 0, forms = 0, usable = 0;
    for (; (set = kernels_row(count)); count++) {
        if (strcmp(set->name, "portable") == 0) { /* the last ones, of which one is taken */
            assert_true(*set->description);
            usable += set->supported();
            forms++;
            continue;
        }
        assert_int_equal(forms, 0);
        assert_true(kernels_name(count + 1, &name)); /* behind "auto" */
        assert_string_equal(name, set->name);
        assert_string_not_equal(name, "auto");
        assert_true(*set->name && *set->description);
        for (size_t j = 0; j < count; j++)
            assert_string_not_equal(set->name, kernels_row(j)->name);
        if (set->supported()) {
            best = best ? best : set;
            assert_ptr_equal(kernels_find(set->name, &err), set);
        } else {
            assert_null(kernels_find(set->name, &err));
            assert_int_equal(err.code, ERROR_USAGE);
        }
    }
    assert_true(forms == 2 || forms == 3); /* one more where the processor may have FMA */
    assert_true(usable >= 2 && kernels_row(count - 1)->supported() && kernels_row(count - 2)->supported());
    assert_null(kernels_row(count));
    assert_null(kernels_row(SIZE_MAX));
    assert_true(kernels_name(count - forms + 1, &name));
    assert_string_equal(name, "portable");
    assert_false(kernels_name(count - forms + 2, &name));
    assert_ptr_equal(kernels_find("portable", &err), kernels_find("portable", &err));
    set = kernels_find("portable", &err);
    assert_true(set->supported() && strcmp(set->name, "portable") == 0);
    if (best)
        assert_false(kernels_lack_fma(best));
    best = best ? best : set;
    assert_true(kernels_name(0, &name));
    assert_string_equal(name, "auto");
    assert_ptr_equal(kernels_find(NULL, &err), best);
    assert_ptr_equal(kernels_find("auto", &err), best);
    static const char *const unknown[] = {"", "avx", "PORTABLE", "portable "};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        err.code = 0;
        assert_null(kernels_find(unknown[i], &err));
        assert_int_equal(err.code, ERROR_USAGE);
        assert_non_null(strstr(err.message, "portable")); /* the known ones are named */
    }
}

/* The row of the member at this offset; NULL: none. */
static const struct member_test *find_member(size_t offset)
{
    for (size_t s = 0; s < SUBJECTS; s++)
        for (const struct member_test *row = subjects[s]->members; row->name; row++)
            if (row->offset == offset)
                return row;
    return NULL;
}

/* Every member behind `supported` is a pointer, and has a case that calls it. */
static void test_members(void **unused)
{
    (void)unused;
    const char *before = "supported";
    size_t rows = 0, offset = offsetof(struct kernels, supported) + sizeof(void (*)(void));
    for (; offset < sizeof(struct kernels); offset += sizeof(void (*)(void)), rows++) {
        const struct member_test *const row = find_member(offset);
        if (!row)
            fail_msg("the member of struct kernels behind '%s' has no test: add a case and its row in tests/kernels/",
                     before);
        if (!case_calls(row->run, offset))
            fail_msg("the case in the row of the kernel '%s' does not call it", row->name);
        before = row->name;
    }
    for (size_t s = 0; s < SUBJECTS; s++)
        for (const struct member_test *row = subjects[s]->members; row->name; row++)
            rows--;
    assert_int_equal(rows, 0); /* one row each */
}

/* The case of a row, which is the test's state. */
static void test_member(void **state)
{
    const struct member_test *const row = *state;
    run_cases(row->run, row->name);
}

int main(void)
{
    enum { TESTS_MAX = 100 };
    struct CMUnitTest tests[TESTS_MAX] = {cmocka_unit_test(test_table), cmocka_unit_test(test_members)};
    size_t count = 2;
    for (size_t s = 0; s < SUBJECTS; s++) {
        case_fn *done = NULL;
        for (const struct member_test *row = subjects[s]->members; row->name; done = row++->run)
            if (row->run != done && count < TESTS_MAX) /* members of one case stand together */
                tests[count++] = (struct CMUnitTest){row->name, test_member, NULL, NULL, (void *)row};
        for (const struct CMUnitTest *test = subjects[s]->others; test->name && count < TESTS_MAX; test++)
            tests[count++] = *test;
    }
    assert(count < TESTS_MAX); /* none is left out */
    return _cmocka_run_group_tests("kernels", tests, count, NULL, NULL);
}
