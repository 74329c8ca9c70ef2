/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything wrong with an input, at once, each with its place.
 *
 *   broken.yaml:32:9: error: unknown key 'coutn' in pool 'base'
 *      32 |         coutn: 8
 *         |         ^^^^^ did you mean 'nodes'?
 *         = known keys: name, instance, buy, nodes, share, reclaim
 *
 * A reader collects diagnostics and goes on; the caller prints them all and stops before anything runs.
 * Text from the input is made safe for a terminal (control bytes shown as escapes) when it is printed.
 * The list owns copies of everything it is given.
 */
#ifndef SCENARIOS_DIAGNOSTICS_H
#define SCENARIOS_DIAGNOSTICS_H

#include <stddef.h>
#include <stdio.h>

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
    enum severity severity;
    char *file;             /* as the user wrote it; "-" is shown as <stdin> */
    size_t line, column;    /* from 1; 0 = the file as a whole */
    size_t width;           /* characters to underline, at least 1 where there is a column */
    char *source_line;      /* NULL where there is none */
    char *message;          /* "unknown key 'coutn' in pool 'base'" */
    char *hint;             /* "did you mean 'nodes'?", NULL */
    char *note;             /* "known keys: ...", NULL */
    size_t other_line;      /* "first set here", 0 = none */
    char *other_source_line;
};

struct diagnostics {
    struct diagnostic *items;
    size_t n, capacity, errors, warnings;
    size_t dropped;         /* beyond DIAGNOSTICS_MAX, counted only */
};
enum { DIAGNOSTICS_MAX = 200 };

void diagnostics_init(struct diagnostics *list);
void diagnostics_free(struct diagnostics *list);
/* Adds a copy of d (its strings are borrowed for the call). Never fails: without memory it only counts. */
void diagnostics_add(struct diagnostics *list, const struct diagnostic *d);
/* Prints all, ordered by file as first seen, then line and column, each as above, then
 * "8 errors in broken.yaml. <closing>" where there is an error. colour: 1 = ANSI colours. */
void diagnostics_print(const struct diagnostics *list, FILE *out, int colour, const char *closing);

/* The entry of words[0..n) nearest to text by optimal string alignment distance, if within a third of
 * the length of text (at least 1); NULL otherwise. Ties: the first. */
const char *nearest_word(const char *text, const char *const *words, size_t n);

#endif
