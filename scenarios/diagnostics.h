/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything wrong with an input, at once, each with its place.
 *
 *   broken.yaml:32:9: error: unknown key 'coutn' in pool 'base'
 *      32 |         coutn: 8
 *         |         ^^^^^ did you mean 'nodes'?
 *         = known keys: name, instance, buy, nodes, share, reclaim
 *
 * A reader collects diagnostics and goes on; the caller prints them all and stops before anything
 * runs. Text from the input is made safe for a terminal (control bytes shown as escapes) when it is
 * printed. The list owns copies of everything it is given.
 */
#ifndef SCENARIOS_DIAGNOSTICS_H
#define SCENARIOS_DIAGNOSTICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
    enum severity severity;
    char *file;          /* as the user wrote it; "-" is shown as <stdin> */
    size_t line, column; /* from 1; 0 = the file as a whole */
    size_t width;        /* characters to underline, at least 1 where there is a column */
    char *source_line;   /* NULL where there is none */
    char *message;       /* "unknown key 'coutn' in pool 'base'" */
    char *hint;          /* "did you mean 'nodes'?", NULL */
    char *note;          /* "known keys: ...", NULL */
    size_t other_line;   /* "first set here", 0 = none */
    char *other_source_line;
    size_t cut; /* characters diagnostics_add left out at the start of a very long source_line */
};

struct diagnostics {
    struct diagnostic *items;
    size_t n, capacity, errors, warnings;
    size_t dropped; /* beyond DIAGNOSTICS_MAX, counted only */
};
enum { DIAGNOSTICS_MAX = 200 };

void diagnostics_init(struct diagnostics *list);
void diagnostics_free(struct diagnostics *list);
/* Adds a copy of d (its strings are borrowed for the call). Never fails: without memory it only
 * counts. */
void diagnostics_add(struct diagnostics *list, const struct diagnostic *d);
/* Prints all, ordered by file as first seen, then line and column, each as above, then
 * "8 errors in broken.yaml. <closing>" where there is an error. colour: 1 = ANSI colours. */
void diagnostics_print(const struct diagnostics *list, FILE *out, int colour, const char *closing);

/* The entry of words[0..n) nearest to text by optimal string alignment distance (ASCII case apart),
 * if within a third of the length of text (at least 1, but less than all of it); NULL otherwise.
 * Ties: the first. Texts beyond 64 bytes have no neighbours. */
const char *nearest_word(const char *text, const char *const *words, size_t n);
/* The same, and writes "did you mean 'that'?" for a diagnostic, "" where there is none. */
enum { HINT_MAX = 96 };
const char *did_you_mean(char hint[HINT_MAX], const char *text, const char *const *words, size_t n);

/* Writes text so that it can do no harm on a terminal: control characters, bytes that are not UTF-8
 * and characters that reorder text come out as escapes (\n, \x1b, \u202e). */
void print_safe(FILE *out, const char *text);

/* One character at *text (not at the terminating zero): returns its code point and moves *text
 * behind it; -1 for a byte that is not UTF-8 (one byte is passed). Overlong forms and surrogates
 * are not UTF-8. */
int32_t utf8_next(const char **text);
/* Whether a code point may be shown as it is: no control, no invisible direction mark. */
int utf8_printable(int32_t point);

#endif
