/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of gnuplot: a script in, a picture out, through pipes, without a shell.
 *
 * gnuplot exits with 0 on a full disk, goes on after errors in a piped script and writes to
 * standard output when a path is bad; so the script names no file, standard output is captured
 * here, and only a picture that ends as its format must end is accepted.
 */
#ifndef REPORTS_GNUPLOT_H
#define REPORTS_GNUPLOT_H

#include <stddef.h>

#include "sim/status.h"

enum picture { PICTURE_SVG, PICTURE_PNG };

/* Where gnuplot is: `given`, or the first in $PATH; malloc'd. NULL: there is none that can be run.
 */
char *gnuplot_find(const char *given);

/* Runs program on script; *out (malloc'd) is the picture. A program that fails or ends early gives
 * STATUS_IO with what it complained of; one that takes more than limit_s seconds is killed, with
 * what it started: STATUS_INTERRUPTED. */
enum status gnuplot_run(const char *program, const char *script, size_t script_n,
                        enum picture picture, int limit_s, char **out, size_t *out_n,
                        struct error *err);

#endif
