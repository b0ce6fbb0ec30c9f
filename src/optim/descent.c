#include "dlexp/optim/descent.h"

#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/run/record_audit.h"

#define TRAJECTORY_HEADER "x,y,objective"

void descent_begin(struct descent *descent, const struct descent_config *config)
{
    *descent = (struct descent){.config = config, .w = {config->init[0], config->init[1]}};
    descent->objective = config->objective->value(&config->shape, descent->w[0], descent->w[1]);
}

void descent_step(struct descent *descent)
{
    const struct descent_config *config = descent->config;
    double g[2], c[OPTIMIZER_CONSTANTS_MAX] = {0}, *state[OPTIMIZER_STATES_MAX];
    for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
        state[i] = descent->memory[i];
    config->objective->gradient(&config->shape, g, descent->w[0], descent->w[1]);
    optimizer_row(config->optimizer)->constants(c, config->lr, &config->hyper, ++descent->iteration);
    optimizer_update_f64[config->optimizer](descent->w, g, state, 2, c);
    descent->objective = config->objective->value(&config->shape, descent->w[0], descent->w[1]);
}

bool descent_is_finite(const struct descent *descent)
{
    return isfinite(descent->w[0]) && isfinite(descent->w[1]) && isfinite(descent->objective);
}

void descent_run(const struct descent_config *config, const struct run_hooks *hooks, struct record *record)
{
    enum { REPORT_EVERY = 1024 };
    struct record_table *table = record_table_add(record, "trajectory", TRAJECTORY_HEADER, 0);
    struct descent descent;
    for (descent_begin(&descent, config);; descent_step(&descent)) {
        const uint64_t k = descent.iteration;
        if (!descent_is_finite(&descent)) {
            record_set(record, "status", "diverged");
            record_set(record, "diverged_iteration", "%llu", (unsigned long long)k);
            return;
        }
        record_table_row(record, table, (const double[DESCENT_COLUMNS]){descent.w[0], descent.w[1], descent.objective});
        if (hooks && (k == config->iterations || (k > 0 && k % REPORT_EVERY == 0))) {
            const uint64_t units = k % REPORT_EVERY ? k % REPORT_EVERY : REPORT_EVERY;
            atomic_fetch_add_explicit(hooks->done, units, memory_order_relaxed);
            if (atomic_load(hooks->stop))
                return;
        }
        if (k == config->iterations)
            break;
    }
    record_set(record, "status", "completed");
}

int descent_check_record(const struct descent_config *config, const struct record *record, struct error *err)
{
    struct record_audit audit = {.record = record};
    const struct record_table *table = record_audit_table(&audit, "trajectory", TRAJECTORY_HEADER, 0);
    const char *status = record_audit_value(&audit, "status", false);
    if (strcmp(status, "diverged") == 0)
        record_audit_rows(&audit, table, record_audit_integer(&audit, "diverged_iteration", 0, config->iterations));
    else if (strcmp(status, "completed") == 0)
        record_audit_rows(&audit, table, config->iterations + 1);
    else
        record_audit_fail(&audit, "expected the value 'status' to be a status, got '%.40s'", status);
    record_audit_finite(&audit, table, 0, table ? table->rows : 0);
    return record_audit_end(&audit, err);
}

static double excess(const double *cells, double minimum, size_t k)
{
    return cells[k * DESCENT_COLUMNS + DESCENT_OBJECTIVE] - minimum;
}

void descent_pass(struct descent_passage *passage, uint64_t k, bool below)
{
    const bool was_below = passage->settled >= 0;
    if (below && passage->reached < 0)
        passage->reached = (int64_t)k;
    if (below != was_below) {
        passage->crossings += k > 0;
        passage->settled = below ? (int64_t)k : -1;
    }
}

struct descent_passage descent_passage(const double *cells, size_t rows, double minimum, double threshold)
{
    struct descent_passage passage = DESCENT_PASSAGE_NONE;
    for (size_t k = 0; k < rows; k++)
        descent_pass(&passage, k, excess(cells, minimum, k) < threshold);
    return passage;
}

double descent_slope(const double *cells, double minimum, size_t first, size_t last)
{
    const double from = excess(cells, minimum, first), to = excess(cells, minimum, last);
    return first < last && from > 0 && to > 0 ? (log(to) - log(from)) / (double)(last - first) : (double)NAN;
}

size_t descent_steep(const struct quadratic *quadratic)
{
    return quadratic->eigen[1] > quadratic->eigen[0];
}

int64_t descent_phase_end(const double *cells, size_t rows, const struct quadratic *quadratic, double share)
{
    const size_t steep = descent_steep(quadratic);
    double start = 0;
    size_t end = 0;
    for (size_t k = 0; k < rows; k++) {
        double uv[2];
        quadratic_coordinates(quadratic, uv, cells[k * DESCENT_COLUMNS + DESCENT_X],
                              cells[k * DESCENT_COLUMNS + DESCENT_Y]);
        const double part = quadratic->eigen[steep] * uv[steep] * uv[steep];
        if (k == 0)
            start = part;
        if (part > share * start)
            end = k + 1;
    }
    return end + 1 < rows ? (int64_t)end : -1;
}

/* ---- rates ---- */

/* Terms of the linear recurrence that the optimizer is on a quadratic; 0: it is none. */
static size_t recurrence_terms(const struct descent_config *config)
{
    const struct optimizer *optimizer = optimizer_row(config->optimizer);
    return optimizer->recurrence ? 1 + optimizer->states : 0;
}

/* The roots of r^2 - a r - b = 0; for one term (b is 0) there is but a. */
static struct rates roots(double a, double b, size_t terms)
{
    const double pi = 3.14159265358979323846, half = a / 2, square = half * half + b;
    if (terms == 1)
        return (struct rates){{fabs(a), NAN}, a < 0 ? pi : 0};
    if (square < 0)
        return (struct rates){{sqrt(-b), sqrt(-b)}, atan2(sqrt(-square), half)};
    const double larger = half + copysign(sqrt(square), half); /* the sum that does not cancel */
    return (struct rates){{fabs(larger), larger == 0 ? 0 : fabs(b / larger)}, larger < 0 ? pi : 0};
}

bool descent_predict(struct rates *rates, const struct descent_config *config, double curvature)
{
    const size_t terms = recurrence_terms(config);
    double r[2];
    if (terms == 0)
        return false;
    optimizer_row(config->optimizer)->recurrence(r, config->lr, &config->hyper, curvature);
    *rates = roots(r[0], r[1], terms);
    return true;
}

/*
 * The recurrence at iteration k, w[k+1] = a w[k] + b w[k-1], its numbers over the largest coordinate of either
 * direction in it: the rounding of x and y is relative to that one, so all equations have the same error, NOISE, and no
 * square overflows.
 */
struct equation {
    double y, p, q; /* w[k+1], w[k], w[k-1] */
};

#define NOISE 2e-15 /* some roundings of a double: of the point, of its coordinates, of the step */
#define TOLERANCE 1e-9

/* False where the coordinates are that small that their rounding is no longer relative. */
static bool make_equation(struct equation *e, const double *cells, size_t k, const struct quadratic *quadratic,
                          size_t i, size_t terms)
{
    double w[3] = {0}, scale = 0;
    for (size_t n = 0; n <= terms; n++) {
        const double *row = cells + (k + 1 - n) * DESCENT_COLUMNS;
        double uv[2];
        quadratic_coordinates(quadratic, uv, row[DESCENT_X], row[DESCENT_Y]);
        w[n] = uv[i];
        scale = fmax(scale, fmax(fabs(uv[0]), fabs(uv[1])));
    }
    *e = (struct equation){w[0] / scale, w[1] / scale, w[2] / scale};
    return scale > 1e-280;
}

/* The modulus of a rate where its error is within the tolerance; else nan. */
static double told(double rate, double error)
{
    return error <= TOLERANCE * fabs(rate) ? fabs(rate) : (double)NAN;
}

bool descent_measure(struct rates *rates, const struct descent_config *config, const double *cells, size_t rows,
                     const struct quadratic *quadratic, size_t i)
{
    const size_t terms = recurrence_terms(config);
    struct equation e;
    *rates = (struct rates){{NAN, NAN}, NAN};
    if (terms == 0 || rows < 2 * terms) /* as many equations as terms, at least */
        return terms > 0;

    /* The parts of q and y along p first, ... */
    double pp = 0, pq = 0, py = 0, qq = 0, qy = 0, p1 = 0, q1 = 0;
    for (size_t k = terms - 1; k + 1 < rows; k++)
        if (make_equation(&e, cells, k, quadratic, i, terms)) {
            pp += e.p * e.p;
            pq += e.p * e.q;
            py += e.p * e.y;
            p1 += fabs(e.p);
        }
    if (pp == 0)
        return true;
    /* ... then what is left of both: subtracting before squaring keeps the digits that the normal equations would lose.
     */
    const double along = py / pp, along_error = NOISE * p1 / pp;
    for (size_t k = 1; k + 1 < rows && terms == 2; k++)
        if (make_equation(&e, cells, k, quadratic, i, terms)) {
            const double q = e.q - pq / pp * e.p;
            qq += q * q;
            qy += q * (e.y - along * e.p);
            q1 += fabs(q);
        }
    /* One term describes a single power; a second cannot be told. */
    if (terms == 1 || fabs(along) * sqrt(qq / pp) <= 10 * NOISE) {
        /* gd with lr h = 1 is there in one step: a rate of 0, which has no relative error. */
        rates->modulus[0] = terms == 1 && along == 0 && along_error <= TOLERANCE ? 0 : told(along, along_error);
        rates->angle = isnan(rates->modulus[0]) ? (double)NAN : along < 0 ? acos(-1) : 0;
        return true;
    }
    /* An error d of a r + b moves the root r by d / |r - the other|; b's part of d nearly cancels where q is p / r. */
    const double b = qy / qq, b_error = NOISE * q1 / qq, a = along - b * (pq / pp);
    const struct rates found = roots(a, b, 2);
    const bool complex_pair = a * a / 4 + b < 0;
    const double apart = 2 * sqrt(fabs(a * a / 4 + b));
    if (b_error > 0.01 * apart * found.modulus[0])
        return true; /* not even roughly known */
    for (size_t n = 0; n < 2; n++) {
        const double r = found.modulus[n], sign = cos(found.angle);
        const double of_b = complex_pair ? 1 + r * fabs(pq / pp) : fabs(1 - sign * r * (pq / pp));
        rates->modulus[n] = told(r, (along_error * r + b_error * of_b) / apart);
    }
    if (isnan(rates->modulus[0]))
        rates->modulus[1] = (double)NAN;
    else
        rates->angle = found.angle;
    return true;
}
