/*
 * Training: every protocol with every norm, with and without hidden layers, leaves a record that its check lets pass;
 * the measures of an epoch are its columns, and a record with others is refused.
 */
#include "support.h"
#include "train_data.h"

#include "dlexp/train/train.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_measure.h"
#include "dlexp/train/train_record.h"
#include "dlexp/train/trainer.h"

enum { EPOCHS = 2, BATCH = 10 };

static double learning_rate[] = {0.1, 0.2};
static int64_t widths[] = {9, 7};

static void run(struct record *record, const struct train_config *config, const struct dataset *data)
{
    struct error err = {0};
    record_init(record, "");
    if (train_run(config, data, kernels_find(NULL, &err), NULL, NULL, NULL, record, &err) < 0)
        fail_msg("%s", err.message);
    if (train_check_record(config, data, record, &err) < 0)
        fail_msg("%s", err.message);
}

static void every_net_leaves_a_whole_record(void **unused)
{
    (void)unused;
    struct dataset data = make_data();
    const struct train_protocol *protocol;
    const char *name;
    for (size_t p = 0; (protocol = train_protocol_row(p)); p++)
        for (size_t norm = 0; layer_norm_name(norm, &name); norm++)
            for (size_t hidden = 0; hidden <= 2; hidden += 2)
                for (size_t activation = 0; layer_activation_name(activation, &name); activation++) {
                    struct train_config config = {.protocol = p,
                                                  .norms = {&norm, 1},
                                                  .lrs = {learning_rate, protocol->chained ? 2 : 1},
                                                  .optimizer = 1,
                                                  .hyper = hyperparameters_initial(),
                                                  .hidden = {widths, hidden},
                                                  .activation = activation,
                                                  .batching.batch = BATCH,
                                                  .epochs = EPOCHS,
                                                  .seed = 3};
                    struct record first, again;
                    run(&first, &config, &data);
                    config.layers = true;
                    run(&again, &config, &data);
                    const struct record_table *layers = record_table_find(&again, TRAIN_LAYERS_TABLE);
                    assert_int_equal(layers->rows, EPOCHS * config.lrs.count * hidden);
                    assert_null(record_table_find(&first, TRAIN_LAYERS_TABLE));
                    assert_null(record_table_find(&first, TRAIN_EVALS_TABLE));
                    const struct record_table *a = record_table_find(&first, "epochs"),
                                              *b = record_table_find(&again, "epochs");
                    assert_int_equal(a->rows, EPOCHS * config.lrs.count);
                    assert_memory_equal(a->cells, b->cells, a->rows * a->columns * sizeof *a->cells);
                    record_free(&again);
                    /* 5 steps an epoch: behind steps 2, 4, 6 and 8; 10 is an end. */
                    config.selection.eval_every = 2;
                    run(&again, &config, &data);
                    b = record_table_find(&again, "epochs");
                    assert_memory_equal(a->cells, b->cells, a->rows * a->columns * sizeof *a->cells);
                    assert_int_equal(record_table_find(&again, TRAIN_EVALS_TABLE)->rows, 4 * config.lrs.count);
                    record_free(&again);
                    record_free(&first);
                }
    dataset_free(&data);
}

/* What a first layer of pixels leaves nowhere is made once more: the same numbers as of one that has it. */
static void layers_are_the_same_of_pixels(void **unused)
{
    (void)unused;
    struct dataset data = make_data();
    size_t norm = 1;
    const struct train_config config = {.norms = {&norm, 1},
                                        .lrs = {learning_rate, 1},
                                        .optimizer = 1,
                                        .hyper = hyperparameters_initial(),
                                        .hidden = {widths, 2},
                                        .batching.batch = 47, /* more than the test images, and a rest of 3 */
                                        .epochs = EPOCHS,
                                        .seed = 3,
                                        .layers = true};
    struct record sparse, dense;
    run(&sparse, &config, &data);
    data.sparse = false;
    run(&dense, &config, &data);
    const struct record_table *a = record_table_find(&sparse, TRAIN_LAYERS_TABLE),
                              *b = record_table_find(&dense, TRAIN_LAYERS_TABLE);
    assert_int_equal(a->rows, EPOCHS * 2);
    assert_memory_equal(a->cells, b->cells, a->rows * a->columns * sizeof *a->cells);
    for (size_t i = 0; i < a->rows; i++)
        assert_true(a->cells[i * a->columns + record_column(a, "gradient_norm")] > 0);
    record_free(&sparse);
    record_free(&dense);
    dataset_free(&data);
}

/* A table of layers that does not fit the epochs is refused. */
static void layers_are_those_of_the_epochs(void **unused)
{
    (void)unused;
    struct dataset data = make_data();
    size_t norm = 0;
    const struct train_config config = {.norms = {&norm, 1},
                                        .lrs = {learning_rate, 1},
                                        .hidden = {widths, 2},
                                        .batching.batch = BATCH,
                                        .epochs = EPOCHS,
                                        .layers = true};
    struct error err;
    struct record record;
    run(&record, &config, &data);
    struct record_table *layers = &record.tables[TRAINER_LAYERS];
    assert_string_equal(layers->name, TRAIN_LAYERS_TABLE);
    layers->cells[layers->columns + 2] = 1; /* the second row is of the second layer */
    assert_int_equal(train_check_record(&config, &data, &record, &err), -1);
    assert_non_null(strstr(err.message, "expected layer 2 of an epoch in row 2"));
    layers->cells[layers->columns + 2] = 2;
    assert_int_equal(train_check_record(&config, &data, &record, &err), 0);
    layers->rows--;
    assert_int_equal(train_check_record(&config, &data, &record, &err), -1);
    assert_non_null(strstr(err.message, "expected 4 rows in its table 'layers'"));
    assert_true(train_layers_noted(&record));
    /* One of a version with other measures says nothing, but the rest of its record stands. */
    layers->header[strlen(layers->header) - 1] = 'N';
    assert_int_equal(train_check_record(&config, &data, &record, &err), 0);
    assert_false(train_layers_noted(&record));
    record_free(&record);
    dataset_free(&data);
}

/* Test images last to first: in a net that takes each for itself the bits go with them. */
static void bits_go_by_image(void **unused)
{
    (void)unused;
    struct dataset data = make_data(), back = make_data();
    size_t norm = 0, mixed = 0;
    for (size_t i = 0; i < TEST; i++) {
        memcpy(back.test.images + i * PIXELS, data.test.images + (TEST - 1 - i) * PIXELS, PIXELS);
        back.test.labels[i] = data.test.labels[TEST - 1 - i];
    }
    for (size_t p = 0; train_protocol_row(p); p++) /* the notebook's also go by the place in a shuffled order */
        for (size_t epochs = 1; epochs <= 3; epochs++) {
            const struct train_config config = {.protocol = p,
                                                .norms = {&norm, 1},
                                                .lrs = {learning_rate, 1},
                                                .hidden = {widths, 2},
                                                .batching.batch = 7,
                                                .epochs = epochs,
                                                .seed = 3};
            struct record record, other;
            uint8_t bits[(TEST + 7) / 8], others[sizeof bits];
            run(&record, &config, &data);
            run(&other, &config, &back);
            assert_true(train_bits_noted(&record, 0));
            assert_false(train_bits_noted(&record, 1));
            train_bits_read(&record, 0, TEST, bits);
            train_bits_read(&other, 0, TEST, others);
            size_t right = 0;
            for (size_t i = 0; i < TEST; i++) {
                const size_t j = TEST - 1 - i;
                right += bits[i / 8] >> i % 8 & 1;
                assert_int_equal(bits[i / 8] >> i % 8 & 1, others[j / 8] >> j % 8 & 1);
            }
            mixed += right > 0 && right < TEST;
            record_free(&record);
            record_free(&other);
        }
    assert_true(mixed >= 3);
    dataset_free(&data);
    dataset_free(&back);
}

/* Steps counted one by one. */
static void evaluations_are_counted(void **unused)
{
    (void)unused;
    struct dataset data = make_data();
    for (size_t batch = 1; batch <= TRAIN; batch++)
        for (size_t every = 0; every <= 60; every += every < 12 ? 1 : 6) {
            const struct train_config config = {.batching.batch = batch, .selection.eval_every = every, .epochs = 1};
            const uint64_t epoch = train_epoch_steps(&config, &data);
            uint64_t count = 0;
            for (uint64_t step = 1; step <= 110; step++) {
                const bool due = every > 0 && step % every == 0 && step % epoch != 0;
                assert_int_equal(train_evals_due(&config, &data, step), due);
                count += due;
                assert_int_equal(train_evals_count(&config, &data, step), count);
            }
        }
    dataset_free(&data);
}

/* What is held out is the end of the training part, and nothing else. */
static void the_last_images_are_held_out(void **unused)
{
    (void)unused;
    struct dataset data = make_data();
    struct train_config config = {.batching.batch = 8};
    assert_ptr_equal(selection_part(&config.selection, &data).images, data.test.images);
    assert_int_equal(selection_kept(&config.selection, &data), TRAIN);
    config.selection.validation = 7;
    const struct dataset_part part = selection_part(&config.selection, &data);
    assert_int_equal(part.count, 7);
    assert_ptr_equal(part.images + 7 * PIXELS, data.train.images + TRAIN * PIXELS);
    assert_ptr_equal(part.labels + 7, data.train.labels + TRAIN);
    assert_int_equal(selection_kept(&config.selection, &data), TRAIN - 7);
    assert_int_equal(train_epoch_steps(&config, &data), 6); /* 43 images: 5 batches of 8 and one of 3 */
    config.batching.drop_last = true;
    assert_int_equal(train_images(&config, &data), 40);
    dataset_free(&data);
}

static void columns_are_the_measures(void **unused)
{
    (void)unused;
    const struct train_config config = {.epochs = 1};
    char header[TRAIN_MEASURES_HEADER_SIZE];
    double cells[TRAIN_MEASURES];
    const struct train_epoch epoch = {.segment = 2, .number = 5, .learning_rate = 0.5, .result = {0.25, 90, 0.75, 80}};
    /* Stored runs have these columns: they stay, in this order. */
    assert_string_equal(train_measure_header(&config, header),
                        "segment,epoch,train_loss,train_accuracy_percent,test_loss,test_accuracy_percent");
    train_measure_cells(&config, &epoch, cells);
    static const double expected[] = {2, 5, 0.25, 90, 0.75, 80};
    assert_memory_equal(cells, expected, sizeof expected);
    for (size_t i = 0; train_measure_row(i); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(train_measure_row(i)->name, train_measure_row(j)->name);
}

/* The rate is in the records of runs with a schedule alone, and in tables of others too. */
static void rates_are_a_measure(void **unused)
{
    (void)unused;
    const struct train_config constant = {.epochs = 1}, step = {.epochs = 1, .schedule = {.type = 1, .step_size = 2}};
    const struct train_epoch epoch = {.segment = 2, .number = 5, .learning_rate = 0.5, .result = {0.25, 90, 0.75, 80}};
    char header[TRAIN_MEASURES_HEADER_SIZE];
    double cells[TRAIN_MEASURES], values[TRAIN_MEASURES];
    const struct train_config *const configs[] = {&constant, &step};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(strstr(train_measure_header(configs[i], header), "learning_rate") != NULL, i);
        train_measure_cells(configs[i], &epoch, cells);
        train_measure_values(configs[i], cells, 4, values);
        for (size_t m = 0; train_measure_row(m); m++)
            if (m == EPOCH_LEARNING_RATE)
                assert_true(values[m] == (i ? 0.5 : 4));
            else if (m == EPOCH_VALIDATION_LOSS || m == EPOCH_VALIDATION_ACCURACY)
                assert_true(isnan(values[m]));
            else
                assert_true(values[m] == cells[m]);
    }
}

/* What an epoch's numbers are, from sums of two epochs. */
static void protocols_sum_up(void **unused)
{
    (void)unused;
    const struct train_sums train = {.loss = 50, .batch_loss = 500, .correct = 30, .rows = 100};
    const struct train_sums test = {.loss = 20, .batch_loss = 9, .correct = 5, .rows = 10};
    const struct train_sums better = {.loss = 20, .batch_loss = 9, .correct = 10, .rows = 10};
    struct train_sums train_so_far = {0}, test_so_far = {0};
    const struct train_protocol *fair = train_protocol_row(TRAIN_FAIR), *notebook = train_protocol_row(TRAIN_NOTEBOOK);
    assert_string_equal(fair->name, "fair");
    assert_string_equal(notebook->name, "notebook");
    assert_null(train_protocol_row(2));
    for (int i = 0; i < 2; i++) {
        const struct train_result r = fair->sum_up(&train, i ? &better : &test, &train_so_far, &test_so_far);
        assert_true(r.train_loss == 0.5 && r.train_accuracy_percent == 30 && r.loss == 2);
        assert_true(r.accuracy_percent == (i ? 100 : 50));
    }
    for (int i = 0; i < 2; i++) {
        const struct train_result r = notebook->sum_up(&train, i ? &better : &test, &train_so_far, &test_so_far);
        assert_true(r.train_loss == 0.5 && r.train_accuracy_percent == 30 && r.loss == 2);
        assert_true(r.accuracy_percent == (i ? 75 : 50)); /* the mean of the epochs so far */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_net_leaves_a_whole_record),
        cmocka_unit_test(layers_are_the_same_of_pixels),
        cmocka_unit_test(layers_are_those_of_the_epochs),
        cmocka_unit_test(bits_go_by_image),
        cmocka_unit_test(evaluations_are_counted),
        cmocka_unit_test(the_last_images_are_held_out),
        cmocka_unit_test(columns_are_the_measures),
        cmocka_unit_test(rates_are_a_measure),
        cmocka_unit_test(protocols_sum_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
