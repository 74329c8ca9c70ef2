/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damaged inputs, the same ones every time: input number n of a target is a pure function of
 * (target, n), by the draws of sim/random.h.
 *
 *      seeds --pick--> bytes --one to eight mutations--> input n
 *
 * A mutation flips bits, puts in or takes out bytes, cuts the end off, moves, repeats or drops
 * lines, joins two seeds, repeats a piece many times, or puts an interesting word (the largest
 * number and one more, nan, quotes, marks of YAML and JSON, a zero byte, half a character) in the
 * place of another.
 */
#ifndef TESTS_MUTATION_H
#define TESTS_MUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

struct diagnostics;
struct workload;

struct seeds { /* whole files */
    char **bytes;
    size_t *n, count;
};
/* Adds a copy; a file of the tree by its path, or all of a folder whose names end in `ending`. */
void seeds_add(struct seeds *seeds, const void *bytes, size_t n);
void seeds_add_file(struct seeds *seeds, const char *path);
void seeds_add_folder(struct seeds *seeds, const char *folder, const char *ending);
void seeds_free(struct seeds *seeds);

/* Draws of one input. */
struct mutator {
    uint64_t target, input, draw;
};
uint64_t mutator_below(struct mutator *m, uint64_t n);

/* Input `input` of a target, malloc'd; *n its length. words: further interesting words, ended by
 * NULL, or NULL. */
char *mutated(uint64_t target, uint64_t input, const struct seeds *seeds, const char *const *words,
              size_t *n);

/* One of the interesting words, for structured mutations. */
const char *interesting_word(struct mutator *m);

/*
 * Runs `one` on inputs 0 .. rounds - 1 (a tenth of them where SEATRIAL_SLOW is set, as the
 * sanitizers do; SEATRIAL_FUZZ_ROUNDS many where that is set; SEATRIAL_FUZZ_ONLY=n: input n alone).
 * Fails where one takes more than two seconds of processor time (twenty with SEATRIAL_SLOW), or
 * where all together take much more memory than the first few did. The input under way is named on
 * the way out of a crash.
 */
void fuzz(const char *target, uint64_t rounds, void (*one)(uint64_t input));

/* What every reader owes for every input: a status that is no bug of ours, with a reason that a
 * person can read, and diagnostics without a raw control byte. diagnostics may be NULL. */
void check_outcome(enum status status, const struct error *err,
                   const struct diagnostics *diagnostics);
/* The invariants of models/workload/workload.h. */
void check_workload(const struct workload *w);

#endif
