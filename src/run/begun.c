/* Where a run of a plan is taken up, and what its checkpoint is made of. */
#include "begun.h"

#include <stdlib.h>

#include "dlexp/run/grid.h"

/* Where one of these takes the run up, unless another one is further. */
static int look_for(const struct store *store, const char *spec, enum checkpoint_kind kind, struct run *run,
                    bool *damaged, struct error *err)
{
    struct checkpoint_head head;
    const enum store_found found = checkpoint_look(store, spec, kind, &head, err);
    *damaged |= found == STORE_DAMAGED;
    if (head.done <= run->units && head.done > run->begun)
        run->begun = head.done;
    return found == STORE_FAILED ? -1 : 0;
}

int begun_look(const struct plan *plan, const struct store *store, struct run *run, struct error *err)
{
    bool damaged = false;
    char *stem;
    run->begun = 0;
    if (!plan->checkpoints)
        return 0;
    if (!(stem = grid_stem(plan->grid, run, err)))
        return -1;
    int result = look_for(store, run->spec, CHECKPOINT_BEGUN, run, &damaged, err);
    if (result == 0)
        result = look_for(store, stem, CHECKPOINT_LAST, run, &damaged, err);
    free(stem);
    run->spoilt = damaged && run->begun == 0;
    return result;
}

int runner_has_last(bool *has, const struct plan *plan, const struct run *run, struct error *err)
{
    struct store store;
    struct checkpoint_head last;
    char *stem;
    if (store_init(&store, plan->directory, err) < 0)
        return -1;
    enum store_found found = STORE_FAILED;
    if ((stem = grid_stem(plan->grid, run, err))) {
        found = checkpoint_look(&store, stem, CHECKPOINT_LAST, &last, err);
        *has = found == STORE_FOUND && last.done >= run->units;
    }
    free(stem);
    store_free(&store);
    return found == STORE_FAILED ? -1 : 0;
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
