/* Draws several figures at a time, by threads that each wait for a gnuplot; see drawing.h. */
#include "dlexp/plot/drawing.h"

#include <pthread.h>

#include "dlexp/base/cpus.h"

enum { DRAWERS_MAX = 8, AHEAD = 2 }; /* figures that each may draw before they are taken */

struct drawers {
    struct drawing *drawings;
    size_t count, next; /* the first that nobody draws yet */
    size_t taken, threads;
    pthread_mutex_t lock; /* of the numbers above, and of `finished` */
    pthread_cond_t changed;
};

static void draw(struct drawing *drawing)
{
    drawing->end = figure_draw(drawing->figure, drawing->folder, drawing->style, drawing->formats, &drawing->pictures,
                               &drawing->err);
}

static void *work(void *drawers_)
{
    struct drawers *drawers = drawers_;
    pthread_mutex_lock(&drawers->lock);
    while (drawers->next < drawers->count) {
        if (drawers->next >= drawers->taken + AHEAD * drawers->threads) {
            pthread_cond_wait(&drawers->changed, &drawers->lock);
            continue;
        }
        struct drawing *drawing = &drawers->drawings[drawers->next++];
        pthread_mutex_unlock(&drawers->lock);
        draw(drawing);
        pthread_mutex_lock(&drawers->lock);
        drawing->finished = true;
        pthread_cond_broadcast(&drawers->changed);
    }
    pthread_mutex_unlock(&drawers->lock);
    return NULL;
}

/* The next in order, when it is finished; where no thread could be started, it is drawn here. */
static void await(struct drawers *drawers, struct drawing *drawing)
{
    if (drawers->threads == 0) {
        draw(drawing);
        return;
    }
    pthread_mutex_lock(&drawers->lock);
    while (!drawing->finished)
        pthread_cond_wait(&drawers->changed, &drawers->lock);
    pthread_mutex_unlock(&drawers->lock);
}

/* Says how many were taken; where no more are wanted, none is begun. */
static void go_on(struct drawers *drawers, size_t taken, bool wanted)
{
    pthread_mutex_lock(&drawers->lock);
    drawers->taken = taken;
    if (!wanted)
        drawers->count = drawers->next;
    pthread_cond_broadcast(&drawers->changed);
    pthread_mutex_unlock(&drawers->lock);
}

int drawings_draw(struct drawing *drawings, size_t count, drawing_fn *take, void *context, struct error *err)
{
    const size_t cpus = cpus_available(), most = cpus < DRAWERS_MAX ? cpus : DRAWERS_MAX;
    const size_t wanted = most < count ? most : count;
    pthread_t threads[DRAWERS_MAX];
    struct drawers drawers = {
        .drawings = drawings, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    int result = 0;
    size_t started = 0;
    pthread_mutex_lock(&drawers.lock); /* they begin when it is known how many they are */
    while (wanted > 1 && started < wanted && pthread_create(&threads[started], NULL, work, &drawers) == 0)
        started++;
    drawers.threads = started;
    pthread_mutex_unlock(&drawers.lock);
    for (size_t i = 0; i < count && result == 0; i++) {
        await(&drawers, &drawings[i]);
        result = take(&drawings[i], context, err);
        pictures_free(&drawings[i].pictures);
        go_on(&drawers, i + 1, result == 0);
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < count; i++)
        pictures_free(&drawings[i].pictures);
    return result;
}
