/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/canvas.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/palette.h"
#include "reports/svg_post.h"

enum status canvas_begin(struct canvas *c, enum picture picture, int width, int height,
                         struct error *err)
{
    memset(c, 0, sizeof *c);
    c->picture = picture;
    c->width = width;
    c->height = height;
    c->script = open_memstream(&c->text, &c->text_n);
    if (!c->script) return error_set(err, STATUS_NO_MEMORY, "no memory for a chart");
    if (picture == PICTURE_SVG)
        fprintf(c->script,
                "set terminal svg size %d,%d dynamic font 'sans-serif,14' noenhanced butt\n", width,
                height);
    else /* twice the pixels, so that it is sharp in a slide; points are 3/4 of a pixel */
        fprintf(c->script,
                "set terminal pngcairo size %d,%d font 'DejaVu Sans,10.5' fontscale 2 linewidth 2 "
                "pointscale 2 noenhanced butt background rgb '#ffffff'\n",
                2 * width, 2 * height);
    fprintf(c->script,
            "set encoding utf8\nset datafile separator tab\nset border 0\nset tics scale 0 "
            "nomirror textcolor rgb %s\n"
            "set style fill solid 1 noborder\nunset key\nset grid ytics lt 1 lw 1 lc rgb %s\nset "
            "grid back\n",
            canvas_colour(c, "mute"), canvas_colour(c, "grid"));
    return STATUS_OK;
}

void canvas_free(struct canvas *c)
{
    if (c->script) fclose(c->script);
    free(c->text);
    for (int i = 0; i < c->label_n; i++) free(c->labels[i]);
    memset(c, 0, sizeof *c);
}

static char *scratch(struct canvas *c) { return c->scratch[c->turn++ % 8]; }

const char *canvas_colour(struct canvas *c, const char *token)
{
    char *text = scratch(c);
    int i = palette_index(token);
    if (c->picture == PICTURE_SVG)
        snprintf(text, sizeof c->scratch[0], "'#0101%02x'", (unsigned)i + 1);
    else snprintf(text, sizeof c->scratch[0], "'%s'", palette[i < 0 ? 0 : i].light);
    return text;
}

const char *canvas_label(struct canvas *c, const char *text)
{
    char *out = scratch(c), *to = out;
    if (c->picture == PICTURE_SVG && c->label_n < CANVAS_LABELS_MAX &&
        (c->labels[c->label_n] = strdup(text)) != NULL) {
        snprintf(out, sizeof c->scratch[0], "'Label%dQ'", c->label_n++);
        return out;
    }
    /* Between single quotes gnuplot runs and expands nothing; all the same only what is surely text
     * goes in. */
    *to++ = '\'';
    for (int n, room = 180; *text && (n = escape_length(text)) <= room;
         text += n ? n : 1, room -= n ? n : 1) {
        bool harmless =
            n > 1 ||
            (n == 1 && (isalnum((unsigned char)*text) || strchr(" .,:;+-_/()[]<>=$%", *text)));
        if (harmless) to = mempcpy(to, text, (size_t)n);
        else *to++ = '?';
    }
    *to++ = '\'';
    *to = '\0';
    return out;
}

enum status canvas_finish(struct canvas *c, const char *program, int limit_s, const char *id,
                          const char *title, const char *description, char **out, size_t *out_n,
                          struct error *err)
{
    enum status status = STATUS_OK;
    char *picture = NULL;
    size_t n = 0;
    if (fclose(c->script) != 0) status = error_set(err, STATUS_NO_MEMORY, "no memory for a chart");
    c->script = NULL;
    if (status == STATUS_OK)
        status = gnuplot_run(program, c->text, c->text_n, c->picture, limit_s, &picture, &n, err);
    if (status == STATUS_OK && c->picture == PICTURE_SVG) {
        struct svg_post post = { id,         title,     description,
                                 c->width,   c->height, (const char *const *)c->labels,
                                 c->label_n, c->alone };
        status = svg_rewrite(picture, n, &post, out, out_n, err);
        free(picture);
    } else if (status == STATUS_OK) {
        *out = picture;
        *out_n = n;
    }
    canvas_free(c);
    return status;
}
