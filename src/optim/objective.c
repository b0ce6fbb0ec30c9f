#include "dlexp/optim/objective.h"

#include <math.h>

#define SQRT_2 1.4142135623730951
#define DEGREE (3.14159265358979323846 / 180)

/*
 * ---- the functions ----
 *
 * Values and gradients round as PyTorch and its autograd do: x^2 has the gradient (outer gradient) (2 x), and what
 * comes to one coordinate along several ways is added up from the formula's end to its beginning.
 */

static double value_f1(const struct quadratic *shape, double x, double y)
{
    (void)shape;
    return x * x + 0.1 * (y * y);
}

static void gradient_f1(const struct quadratic *shape, double gradient[2], double x, double y)
{
    (void)shape;
    gradient[0] = 2 * x;
    gradient[1] = 0.2 * y;
}

static double value_f2(const struct quadratic *shape, double x, double y)
{
    (void)shape;
    return (x - y) * (x - y) / 2 + 0.1 * ((x + y) * (x + y)) / 2;
}

static void gradient_f2(const struct quadratic *shape, double gradient[2], double x, double y)
{
    (void)shape;
    gradient[0] = (x - y) + 0.1 * (x + y);
    gradient[1] = -(x - y) + 0.1 * (x + y);
}

static double value_quad(const struct quadratic *shape, double x, double y)
{
    double uv[2];
    quadratic_coordinates(shape, uv, x, y);
    return shape->eigen[0] * (uv[0] * uv[0]) + shape->eigen[1] * (uv[1] * uv[1]);
}

static void gradient_quad(const struct quadratic *shape, double gradient[2], double x, double y)
{
    double uv[2];
    quadratic_coordinates(shape, uv, x, y);
    const double du = 2 * shape->eigen[0] * uv[0], dv = 2 * shape->eigen[1] * uv[1];
    gradient[0] = du * shape->cosine + dv * shape->sine;
    gradient[1] = dv * shape->cosine - du * shape->sine;
}

/* Rosenbrock 1960. */
static double value_rosenbrock(const struct quadratic *shape, double x, double y)
{
    (void)shape;
    const double a = 1 - x, b = y - x * x;
    return a * a + 100 * (b * b);
}

static void gradient_rosenbrock(const struct quadratic *shape, double gradient[2], double x, double y)
{
    (void)shape;
    const double db = 200 * (y - x * x);
    gradient[0] = -db * (2 * x) - 2 * (1 - x);
    gradient[1] = db;
}

/* Beale 1958. */
static double value_beale(const struct quadratic *shape, double x, double y)
{
    (void)shape;
    const double a = 1.5 - x + x * y, b = 2.25 - x + x * (y * y), c = 2.625 - x + x * (y * y * y);
    return a * a + b * b + c * c;
}

static void gradient_beale(const struct quadratic *shape, double gradient[2], double x, double y)
{
    (void)shape;
    const double y2 = y * y, y3 = y2 * y;
    const double da = 2 * (1.5 - x + x * y), db = 2 * (2.25 - x + x * y2), dc = 2 * (2.625 - x + x * y3);
    gradient[0] = dc * y3 - dc + db * y2 - db + da * y - da;
    gradient[1] = dc * x * (3 * y2) + db * x * (2 * y) + da * x;
}

/* Himmelblau 1972. */
static double value_himmelblau(const struct quadratic *shape, double x, double y)
{
    (void)shape;
    const double a = x * x + y - 11, b = x + y * y - 7;
    return a * a + b * b;
}

static void gradient_himmelblau(const struct quadratic *shape, double gradient[2], double x, double y)
{
    (void)shape;
    const double a = x * x + y - 11, b = x + y * y - 7;
    gradient[0] = 4 * x * a + 2 * b;
    gradient[1] = 2 * a + 4 * y * b;
}

static double value_booth(const struct quadratic *shape, double x, double y)
{
    (void)shape;
    const double a = x + 2 * y - 7, b = 2 * x + y - 5;
    return a * a + b * b;
}

static void gradient_booth(const struct quadratic *shape, double gradient[2], double x, double y)
{
    (void)shape;
    const double a = x + 2 * y - 7, b = 2 * x + y - 5;
    gradient[0] = 2 * a + 4 * b;
    gradient[1] = 4 * a + 2 * b;
}

/* ---- the table ---- */

#define FUNCTION(function) .name = #function, .value = value_##function, .gradient = gradient_##function

static const struct objective objectives[] = {
    {FUNCTION(f1), .formula = "x^2 + 0.1 y^2", .eigen = {1, 0.1}, .angle = 0, .minima = 1, .start = {1, 1},
     .window = {-1.5, 1.5, -1.5, 1.5}},
    {FUNCTION(f2), .formula = "(x - y)^2 / 2 + 0.1 (x + y)^2 / 2", .eigen = {1, 0.1}, .angle = 45, .minima = 1,
     .start = {SQRT_2, 0}, .window = {-1.5, 1.5, -1.5, 1.5}},
    {FUNCTION(quad), .formula = "l1 (x cos a - y sin a)^2 + l2 (x sin a + y cos a)^2", .shaped = true, .minima = 1,
     .start = {1, 1}, .window = {-1.5, 1.5, -1.5, 1.5}},
    {FUNCTION(rosenbrock), .formula = "(1 - x)^2 + 100 (y - x^2)^2", .minima = 1, .minima_at = {{1, 1}},
     .start = {-1.2, 1}, .window = {-1.8, 1.8, -0.8, 2.2}},
    {FUNCTION(beale), .formula = "(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2", .minima = 1,
     .minima_at = {{3, 0.5}}, .start = {1, 1}, .window = {-0.5, 4, -1.5, 1.5}},
    {FUNCTION(himmelblau), .formula = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2", .minima = 4,
     .minima_at = {{3, 2},
                   {-2.8051180869527449, 3.1313125182505730},
                   {-3.7793102533777469, -3.2831859912861694},
                   {3.5844283403304917, -1.8481265269644036}},
     .start = {0, 0}, .window = {-5, 5, -5, 5}},
    {FUNCTION(booth), .formula = "(x + 2 y - 7)^2 + (2 x + y - 5)^2", .minima = 1, .minima_at = {{1, 3}},
     .start = {0, 0}, .window = {-2, 4, -1, 5}},
};

const struct objective *objective_row(size_t index)
{
    return index < sizeof objectives / sizeof *objectives ? &objectives[index] : NULL;
}

bool objective_name(size_t index, const char **name)
{
    const struct objective *objective = objective_row(index);
    if (objective)
        *name = objective->name;
    return objective != NULL;
}

void objective_start(const struct objective *objective, const struct quadratic *shape, double start[2])
{
    const double u = objective->start[0], v = objective->start[1];
    start[0] = objective->shaped ? u * shape->cosine + v * shape->sine : u;
    start[1] = objective->shaped ? v * shape->cosine - u * shape->sine : v;
}

bool objective_quadratic(const struct objective *objective, const struct quadratic *shape, struct quadratic *quadratic)
{
    if (objective->shaped)
        *quadratic = *shape;
    else if (objective->eigen[0] > 0)
        *quadratic = quadratic_make(objective->eigen[0], objective->eigen[1], objective->angle);
    return objective->shaped || objective->eigen[0] > 0;
}

struct quadratic quadratic_make(double eigen_u, double eigen_v, double angle)
{
    struct quadratic quadratic = {.eigen = {eigen_u, eigen_v}, .angle = angle};
    double rest = fmod(angle, 360); /* exact */
    if (rest < 0)
        rest += 360;
    const int quarter = (int)(rest / 90);
    rest -= 90 * quarter;
    double cosine = cos(rest * DEGREE), sine = sin(rest * DEGREE);
    if (rest == 45)
        cosine = sine = SQRT_2 / 2;
    for (int i = 0; i < quarter % 4; i++) {
        const double turned = cosine;
        cosine = 0 - sine; /* not -sine: no -0 */
        sine = turned;
    }
    quadratic.cosine = cosine;
    quadratic.sine = sine;
    return quadratic;
}

void quadratic_coordinates(const struct quadratic *quadratic, double uv[2], double x, double y)
{
    uv[0] = x * quadratic->cosine - y * quadratic->sine;
    uv[1] = x * quadratic->sine + y * quadratic->cosine;
}
