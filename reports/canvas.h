/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a chart draws on: a gnuplot script under construction, the same for SVG and PNG.
 *
 * Colours are asked for by token. Text that comes from outside never enters the script of an SVG: a
 * label is a token (Label3Q) that canvas_finish replaces by the escaped text; in a PNG, which has
 * no such second step, ASCII that is not a letter, a digit or harmless punctuation becomes a
 * question mark.
 */
#ifndef REPORTS_CANVAS_H
#define REPORTS_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "reports/gnuplot.h"

enum { CANVAS_LABELS_MAX = 512 };

struct canvas {
    enum picture picture;
    FILE *script;
    char *text; /* of the script */
    size_t text_n;
    int width, height;
    bool alone; /* an SVG that stands in no page: it brings its own colours */
    char *labels[CANVAS_LABELS_MAX];
    int label_n;
    char scratch[8][192]; /* what canvas_colour and canvas_label return, in turn */
    unsigned turn;
};

/* Begins a script of width x height CSS pixels with the house's defaults (no border, quiet grid).
 */
enum status canvas_begin(struct canvas *c, enum picture picture, int width, int height,
                         struct error *err);
/* "'#rrggbb'" for use after `rgb`; the token must be one of the palette's. */
const char *canvas_colour(struct canvas *c, const char *token);
/* A quoted gnuplot string that shows `text`. */
const char *canvas_label(struct canvas *c, const char *text);
/* Runs gnuplot for at most limit_s seconds; for SVG rewrites what came out: theme colours, ids
 * beginning with `id`, title and description for readers, labels put back. Frees the script; the
 * picture is the caller's. */
enum status canvas_finish(struct canvas *c, const char *program, int limit_s, const char *id,
                          const char *title, const char *description, char **out, size_t *out_n,
                          struct error *err);
void canvas_free(struct canvas *c);

#endif
