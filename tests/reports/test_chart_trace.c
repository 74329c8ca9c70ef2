/* SPDX-License-Identifier: Apache-2.0 */
/* The picture of a trace: what is told to gnuplot, and the files that come of it. */
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/charts.h"
#include "reports/gnuplot.h"
#include "tests/xml_check.h"

enum { STEPS = 200000, HOURS = 2000 };
#define HOUR_US INT64_C(3600000000)

struct sample {
    int64_t load_us[STEPS], load_milli[STEPS], hourly[HOURS];
    struct trace_picture_bar bars[3];
    struct trace_picture picture;
};

/* 2,000 hours in 200,000 steps: 100 and 200 GPUs in turn, 5,000 GPUs for 36 s; one hour of 900
 * jobs. */
static struct sample *sample_new(void)
{
    struct sample *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int i = 0; i < STEPS; i++) {
        s->load_us[i] = i * (HOURS * HOUR_US / STEPS);
        s->load_milli[i] = i + 1 == STEPS ? 0 : i == 123456 ? 5000000 : i % 2 ? 200000 : 100000;
    }
    for (int h = 0; h < HOURS; h++) s->hourly[h] = h == 777 ? 900 : 3;
    s->bars[0] = (struct trace_picture_bar){ "1", 0.75, 0.25 };
    s->bars[1] = (struct trace_picture_bar){ "8", 0.25, 0.75 };
    s->bars[2] = (struct trace_picture_bar){ "", 0, 0 };
    s->picture = (struct trace_picture){
        .title = "a title",
        .subtitle = "a subtitle",
        .t0_unix_us = INT64_C(1767571200000000), /* Monday 2026-01-05 */
        .first_us = 0,
        .last_us = HOURS * HOUR_US,
        .load_us = s->load_us,
        .load_milli = s->load_milli,
        .load_n = STEPS,
        .mean = 150,
        .p95 = 200,
        .peak = 5000,
        .hourly = s->hourly,
        .hour_n = HOURS,
        .size_n = 2,
        .span_n = 3,
        .sizes = s->bars,
        .spans = s->bars,
    };
    return s;
}

/* Opens charts on a program that keeps its script and answers with the end of a PNG. */
static struct charts *recorder(const char *script)
{
    char text[600];
    struct charts *charts;
    struct error err;
    const char *path = scratch_path("recorder");
    snprintf(text, sizeof text, "#!/bin/sh\ncat > '%s'\nprintf 'IEND\\256\\102\\140\\202'\n",
             script);
    write_text(path, text);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(charts_open(path, &charts, &err), STATUS_OK);
    return charts;
}

/* The number of data blocks in a script; of block `which`, its points, area and highest point. */
struct block {
    int points;
    double area, most;
};
static int blocks_of(const char *script, struct block *blocks, int most)
{
    int n = 0;
    bool in = false;
    double x, y, before = 0, left = 0;
    for (const char *line = script; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "plot ", 5) == 0) in = true;
        if (strncmp(line, "e\n", 2) == 0) n++;
        if (!in || sscanf(line, "%lf\t%lf", &x, &y) != 2) continue;
        assert_true(n < most);
        struct block *b = &blocks[n];
        if (b->points++ % 2 == 0) left = x, before = y;
        else b->area += (x - left) * (y + before) / 2;
        b->most = fmax(b->most, y);
    }
    return n;
}

static void no_peak_is_lost(void **state)
{
    (void)state;
    struct sample *s = sample_new();
    struct error err;
    const char *script = scratch_path("script"), *png = scratch_path("x.png");
    struct charts *charts = recorder(script);
    if (trace_picture_write(charts, &s->picture, png, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    struct block b[8] = { { 0, 0, 0 } };
    char *text = read_file(script, NULL);
    assert_int_equal(blocks_of(text, b, 8), 8); /* two a panel */
    for (int i = 0; i < 4; i++) assert_int_equal(b[i].points, 2000);
    /* Of the load: the most is the spike, the area of the means is the GPU time in seconds. */
    double gpu_s = 0;
    for (int i = 0; i + 1 < STEPS; i++)
        gpu_s +=
            (double)s->load_milli[i] / 1000 * (double)(s->load_us[i + 1] - s->load_us[i]) / 1e6;
    assert_true(b[0].most == 5000);
    assert_true(b[1].most < 300);
    assert_true(fabs(b[1].area / gpu_s - 1) < 1e-6);
    assert_true(b[0].area > b[1].area);
    /* Of the hours: two a column. */
    assert_true(b[2].most == 900);
    assert_true(fabs(b[3].most - 451.5) < 1e-6);
    assert_true(fabs(b[3].area / 3600 - (3 * (HOURS - 1) + 900)) < 1e-2);
    assert_non_null(strstr(text, "'19 Jan'"));
    assert_non_null(strstr(text, "peak 5,000"));
    free(text);
    charts_close(charts);
    free(s);
}

/* Tics without a clock are days or hours of the trace; a short trace is drawn too. */
static void short_traces(void **state)
{
    (void)state;
    struct sample *s = sample_new();
    struct error err;
    const char *script = scratch_path("script"), *png = scratch_path("x.png");
    struct charts *charts = recorder(script);
    s->picture.t0_unix_us = INT64_MIN;
    assert_int_equal(trace_picture_write(charts, &s->picture, png, &err), STATUS_OK);
    char *text = read_file(script, NULL);
    assert_non_null(strstr(text, "'day 14'"));
    free(text);
    /* One job of an instant, no load; then nothing at all. */
    s->picture.last_us = 0;
    s->picture.load_n = 0;
    s->picture.mean = s->picture.p95 = s->picture.peak = 0;
    s->picture.hour_n = 1;
    assert_int_equal(trace_picture_write(charts, &s->picture, png, &err), STATUS_OK);
    s->picture.hour_n = 0;
    s->picture.size_n = s->picture.span_n = 0;
    assert_int_equal(trace_picture_write(charts, &s->picture, png, &err), STATUS_OK);
    text = read_file(script, NULL);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
    free(text);
    charts_close(charts);
    free(s);
}

static void without_gnuplot(void **state)
{
    (void)state;
    struct sample *s = sample_new();
    struct charts *charts;
    struct error err;
    const char *png = scratch_path("kept.png");
    write_text(png, "precious");
    assert_int_equal(charts_open("/nonexistent/gnuplot", &charts, &err), STATUS_OK);
    assert_int_equal(trace_picture_write(charts, &s->picture, png, &err), STATUS_IO);
    assert_non_null(strstr(err.message, "gnuplot not found"));
    char *text = read_file(png, NULL);
    assert_string_equal(text, "precious");
    free(text);
    charts_close(charts);
    free(s);
}

static void visit(void *arg, const char *element, const char *attribute, const char *value)
{
    int *texts = arg;
    (void)value;
    if (!attribute && strcmp(element, "text") == 0) ++*texts;
}

static void as_png_and_svg(void **state)
{
    (void)state;
    char *program = gnuplot_find(NULL);
    if (!program) {
        print_message("skipped: no gnuplot here\n");
        skip();
    }
    free(program);
    struct sample *s = sample_new();
    struct charts *charts;
    struct error err;
    s->picture.title = "100% of `touch pwned` <b>&\"' \xff";
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    static const char *const names[] = { "real.png", "real.svg" };
    for (int i = 0; i < 2; i++)
        if (trace_picture_write(charts, &s->picture, scratch_path(names[i]), &err) != STATUS_OK)
            fail_msg("%s: %s", names[i], err.message);
    size_t n;
    char *png = read_file(scratch_path("real.png"), &n);
    assert_memory_equal(png, "\x89PNG", 4);
    assert_true(n > 20000);
    free(png);
    /* It stands alone: its colours are colours, its text is text. */
    char *svg = read_file(scratch_path("real.svg"), &n);
    int texts = 0;
    const char *trouble = xml_trouble(svg, visit, &texts);
    if (trouble) fail_msg("%s", trouble);
    assert_true(texts > 20);
    assert_null(strstr(svg, "var(--"));
    assert_non_null(strstr(svg, "#0b62a0"));
    assert_non_null(strstr(svg, "100% of `touch pwned` &lt;b&gt;&amp;"));
    assert_int_not_equal(access("pwned", F_OK), 0);
    free(svg);
    charts_close(charts);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_peak_is_lost),
        cmocka_unit_test(short_traces),
        cmocka_unit_test(without_gnuplot),
        cmocka_unit_test(as_png_and_svg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
