/* reports.c - see reports.h. */
#include "dlexp/run/reports.h"

#include <stdio.h>

void reporter_report(void *reporter_, const char *text)
{
    const struct reporter *reporter = reporter_;
    struct reports *reports = reporter->reports;
    pthread_mutex_lock(reports->lock);
    snprintf(reports->name, sizeof reports->name, "%s", reporter->run->label);
    snprintf(reports->last, sizeof reports->last, "%s", text);
    reports->reported = true;
    pthread_mutex_unlock(reports->lock);
}

void reports_draw(const struct reports *reports, struct progress *progress)
{
    const struct reports now = *reports;
    pthread_mutex_unlock(now.lock);
    progress_draw(progress, now.reported ? now.name : NULL, now.last);
    pthread_mutex_lock(now.lock);
}
