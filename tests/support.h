/* SPDX-License-Identifier: Apache-2.0 */
/* What several tests need: the shared data folder, scratch folders, whole files, child processes.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* The path of a file under ../shared (or $SEATRIAL_SHARED) in a static buffer of the call's own
 * (several in turn); skips the running test where it is not there. */
const char *shared_or_skip(const char *relative);
/* The path of a file of this repository, from the root ($SEATRIAL_ROOT or "."). */
const char *root_path(const char *relative);
/* A fresh scratch folder under $TMPDIR, removed when the test program ends. */
const char *scratch_dir(void);
/* "scratch_dir()/name", static buffers as above. */
const char *scratch_path(const char *name);
void write_file(const char *path, const void *bytes, size_t n);
void write_text(const char *path, const char *text);
/* Whole file, zero-terminated, malloc'd; fails the test where it cannot be read. */
char *read_file(const char *path, size_t *n);
/* Runs a shell command; returns its exit status (128 + signal where killed). out, err: what it
 * printed, malloc'd, may be NULL. Time limit 120 s: 124. */
int run_command(const char *command, char **out, char **err);
/* How many random worlds a test looks at: $SEATRIAL_SEEDS, or as many as usual; a third of them
 * where SEATRIAL_SLOW is set, as it is under sanitizers. */
uint64_t seeds_or(uint64_t usual);
/* The path of the seatrial under test: $SEATRIAL or build/seatrial. */
const char *seatrial_path(void);

#endif
