/* Where a run of a plan is taken up, and what its checkpoint is made of. */
#include "begun.h"

#include <stdlib.h>

#include "dlexp/run/grid.h"

int begun_look(const struct plan *plan, const struct store *store, struct run *run, struct error *err)
{
    struct checkpoint_head head, last;
    char *stem, stem_id[STORE_ID_SIZE];
    run->begun = 0;
    if (!plan->checkpoints)
        return 0;
    if (!(stem = grid_stem(plan->grid, run, err)))
        return -1;
    store_id(stem, stem_id);
    free(stem);
    /* Nobody has checked these files yet: what they say may be anything. */
    if (checkpoint_look(store, run->id, CHECKPOINT_BEGUN, &head) && head.done <= run->units)
        run->begun = head.done;
    if (checkpoint_look(store, stem_id, CHECKPOINT_LAST, &last) && last.done <= run->units && last.done > run->begun)
        run->begun = last.done;
    return 0;
}

int runner_has_last(bool *has, const struct plan *plan, const struct run *run, struct error *err)
{
    struct store store;
    struct checkpoint_head last;
    char *stem, stem_id[STORE_ID_SIZE];
    if (store_init(&store, plan->directory, err) < 0)
        return -1;
    if ((stem = grid_stem(plan->grid, run, err))) {
        store_id(stem, stem_id);
        *has = checkpoint_look(&store, stem_id, CHECKPOINT_LAST, &last) && last.done >= run->units;
    }
    free(stem);
    store_free(&store);
    return stem ? 0 : -1;
}

int begun_start(struct begun *begun, const struct plan *plan, const struct store *store, const struct run *run,
                bool force, struct error *err)
{
    bool has = false;
    *begun = (struct begun){0};
    if (force && store_has_filed(&has, store, run->id, err) < 0)
        return -1;
    if (!(begun->stem = grid_stem(plan->grid, run, err)))
        return -1;
    store_id(begun->stem, begun->stem_id);
    begun->checkpoint = (struct checkpoint){
        .store = store,
        .id = run->id,
        .spec = run->spec,
        .stem_id = begun->stem_id,
        .stem_spec = begun->stem,
        .units = run->units,
        .rules = *plan->checkpoints,
        .taken_up = !force,
        .written = !has,
    };
    return 0;
}

void begun_free(struct begun *begun)
{
    free(begun->stem);
}
