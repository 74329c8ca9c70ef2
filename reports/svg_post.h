/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From gnuplot's SVG to one that can stand inside a page: one drawing for light, dark and print.
 *
 *   rgb(1, 1, n)              var(--token n)          the page's theme decides
 *   id='gpPt5', '#gpPt5'      id='waits-gpPt5'        several drawings in one page do not collide
 *   Label3Q                   the text, escaped
 *   <title>Gnuplot</title>    what the picture shows, tied to the drawing for screen readers
 *   font-family=':Bold'       font-weight="600"
 */
#ifndef REPORTS_SVG_POST_H
#define REPORTS_SVG_POST_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/status.h"

struct svg_post {
    const char *id, *title, *description; /* id: letters and hyphens; the others any text */
    int width, height;
    const char *const *labels;
    int label_n;
    bool alone; /* no page around it: colours (the light ones), font and background come with it */
};

/* *out is malloc'd and zero-terminated. STATUS_IO where the input is not what gnuplot writes. */
enum status svg_rewrite(const char *svg, size_t n, const struct svg_post *post, char **out,
                        size_t *out_n, struct error *err);

#endif
