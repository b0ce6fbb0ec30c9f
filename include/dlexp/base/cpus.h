/*
 * cpus.h - how many CPUs this process may use, which can be fewer than the machine has.
 */
#ifndef DLEXP_CPUS_H
#define DLEXP_CPUS_H

#include <stddef.h>

/*
 * cpus_available - the CPUs that threads of this process can keep busy at the same time, 1 at least: those that are
 * online, that its affinity allows (taskset; what Slurm, PBS and Grid Engine confine a task to, by affinity or by a
 * cpuset, shows there), and that the CPU quota of its control groups pays for (containers, systemd's CPUQuota; a
 * fraction counts as a whole CPU).  A limit that cannot be read is taken as none.  Variables such as
 * SLURM_CPUS_PER_TASK are not read: where a scheduler does not confine, they are a wish, which its script gives as
 * --jobs.
 */
size_t cpus_available(void);

/* cpus_online - the CPUs of the machine that are switched on, 1 at least. */
size_t cpus_online(void);

/*
 * cpus_quota - the least quota, in CPUs, of the control groups that this process is in and of those above them, as the
 * files below `root` say ("" is the real system, anything else a copy of it, for tests); infinity without one.
 *
 * root/proc/self/cgroup names the groups, root/proc/self/mountinfo where they are mounted.  Version 2 has the quota in
 * cpu.max, version 1 in cpu.cfs_quota_us and cpu.cfs_period_us of the hierarchy with the controller cpu; both may be
 * there.
 */
double cpus_quota(const char *root);

#endif
