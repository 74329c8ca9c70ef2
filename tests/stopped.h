/* SPDX-License-Identifier: Apache-2.0 */
/* A run that is stopped between its first replication and its end, on a machine of any speed. */
#ifndef TESTS_STOPPED_H
#define TESTS_STOPPED_H

/* In the scratch folder: runs `seatrial ARGUMENTS -o DB` and interrupts it (Ctrl-C) until
 * DB.partial holds some of its replications, and says how many; fails the test where that never
 * happens. */
int stopped_between(const char *arguments, const char *db);

#endif
