/* SPDX-License-Identifier: Apache-2.0 */
/* What a long command knows of its own run: the clock, interrupts, what a results file says of how
 * it was made, and where it goes. */
#ifndef TOOLS_PROCESS_H
#define TOOLS_PROCESS_H

#include <stdint.h>

double process_wall_s(void);

/* From now on SIGINT and SIGTERM set *stop, once: a second one ends the program, as usual. NULL:
 * the first one does. Whoever sees a results file being written may stop the run. */
void process_catch(volatile int *stop);

struct process_facts {
    char created_at[32], compiler[80], host[80];
    double cpu_s;
    int64_t max_rss_kib;
};
void process_facts_now(struct process_facts *facts);

/* "runs/NAME.db", with the scenario's name made a plain file name and `after` behind it; malloc'd.
 */
char *process_output(const char *name, const char *after);

#endif
