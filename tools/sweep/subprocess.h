/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another program is run and listened to, without a shell between: each argument arrives as it is,
 * whatever is in it.
 */
#ifndef TOOLS_SWEEP_SUBPROCESS_H
#define TOOLS_SWEEP_SUBPROCESS_H

#include "sim/status.h"

enum { SUBPROCESS_SECONDS = 60, SUBPROCESS_BYTES_MAX = 64 * 1024 * 1024 };

/*
 * Runs argv[0], found by PATH, with nothing on its standard input. *code: how it exited (128 +
 * signal where killed; 124 where it was ended after SUBPROCESS_SECONDS). *out, *said: its standard
 * output and standard error, malloc'd and terminated; the caller frees both.
 * STATUS_BAD_INPUT: there is no such program. On failure nothing is left to free.
 */
enum status subprocess_run(const char *const argv[], int *code, char **out, char **said,
                           struct error *err);

/* The first line of what a program said, for an error message; "" where it said nothing. */
const char *subprocess_line(char *said);

#endif
