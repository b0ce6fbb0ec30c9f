/* mathml_test.c - formulas in TeX's notation as MathML: each construct alone, and what is not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../src/report/mathml.h"
#include "dlexp/formats/output.h"

static void assert_math(const char *tex, const char *inside, bool known)
{
    struct output text;
    struct error err;
    char expected[512];
    assert_int_equal(output_open(&text, &err), 0);
    assert_int_equal(mathml_print(text.stream, tex, strlen(tex), false), known);
    char *math = output_take(&text, &err);
    snprintf(expected, sizeof expected, "<math><mrow>%s</mrow></math>", inside);
    assert_string_equal(math, expected);
    free(math);
}

static void test_constructs(void **state)
{
    (void)state;
    assert_math("x + 1.5", "<mi>x</mi><mo>+</mo><mn>1.5</mn>", true);
    assert_math("a-b", "<mi>a</mi><mo>−</mo><mi>b</mi>", true);
    assert_math("x^2", "<msup><mi>x</mi><mn>2</mn></msup>", true);
    assert_math("e_0^{2t}", "<msubsup><mi>e</mi><mn>0</mn><mrow><mn>2</mn><mi>t</mi></mrow></msubsup>", true);
    assert_math("\\sum_i^n", "<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>", true);
    assert_math("\\frac{1}{n}", "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac>", true);
    assert_math("\\sqrt{v}", "<msqrt><mrow><mi>v</mi></mrow></msqrt>", true);
    assert_math("\\text{a < b}", "<mtext>a &lt; b</mtext>", true);
    assert_math("\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
                "<mrow><mo>(</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn>"
                "</mtd><mtd><mn>4</mn></mtd></mtr></mtable><mo>)</mo></mrow>",
                true);
    assert_math(
        "\\begin{aligned} H &= \\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix} \\\\ x \\end{aligned}",
        "<mtable class=\"aligned\" displaystyle=\"true\"><mtr><mtd><mi>H</mi></mtd><mtd><mo>=</mo><mrow><mo>(</mo>"
        "<mtable><mtr><mtd><mn>1</mn></mtd></mtr><mtr><mtd><mn>2</mn></mtd></mtr></mtable><mo>)</mo></mrow></mtd>"
        "</mtr><mtr><mtd><mi>x</mi></mtd></mtr></mtable>",
        true);
}

static void test_unread(void **state)
{
    (void)state;
    assert_math("\\unread", "<mtext>\\unread</mtext>", false);
    assert_math("\\begin{cases} 1 \\end{cases}",
                "<mtable class=\"aligned\" displaystyle=\"true\"><mtr><mtd><mn>1</mn></mtd></mtr></mtable>", false);
    /* What is not closed ends with the text. */
    assert_math("{x", "<mrow></mrow>", true);
    assert_math("\\frac{1}{", "<mfrac><mrow><mn>1</mn></mrow><mrow></mrow></mfrac>", true);
    assert_math("x^", "<msup><mi>x</mi><mrow></mrow></msup>", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_constructs), cmocka_unit_test(test_unread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
