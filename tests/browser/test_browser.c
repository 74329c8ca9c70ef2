/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page in a real browser, headless Chromium: light and dark, on a phone and on a desk, with its
 * script and without. The page stands in a frame of the wanted width (Chromium's own windows are
 * never narrower than 500 pixels); a probe around it measures, clicks, and leaves what it saw in an
 * attribute that --dump-dom prints.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "reports/charts.h"
#include "reports/page.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

static char chromium[4200]; /* the command line up to what differs; empty: no browser here */

static int find_browser(void **state)
{
    (void)state;
    static const char *const names[] = { "chromium", "chromium-browser", "google-chrome",
                                         "google-chrome-stable" };
    char command[4600], *path, *dom;
    const char *given = getenv("SEATRIAL_CHROMIUM");
    for (int i = given ? -1 : 0; i < 4 && !*chromium; i++) {
        snprintf(command, sizeof command, "command -v '%s' | tr -d '\\n'",
                 i < 0 ? given : names[i]);
        if (run_command(command, &path, NULL) == 0 && *path)
            snprintf(chromium, sizeof chromium,
                     "timeout 60 '%.3500s' --headless --no-sandbox --disable-gpu --disable-quic "
                     "--no-first-run --disable-background-networking --disable-component-update "
                     "--disable-sync --disable-dev-shm-usage --hide-scrollbars "
                     "--enable-logging=stderr --virtual-time-budget=3000 --user-data-dir='%.200s'",
                     path, scratch_path("profile"));
        free(path);
        if (given) break;
    }
    if (!*chromium) return 0;
    /* One that cannot even show an empty page here proves nothing about ours. */
    snprintf(command, sizeof command, "%s --dump-dom 'data:text/html,<p>ready</p>' 2>/dev/null",
             chromium);
    bool works = run_command(command, &dom, NULL) == 0 && strstr(dom, "<p>ready</p>");
    if (!works) *chromium = '\0';
    free(dom);
    return 0;
}

static void browser_or_skip(void)
{
    if (getenv("SEATRIAL_SLOW")) skip(); /* the pages are the same; the browser is not ours */
    if (*chromium) return;
    print_message("skipped: no Chromium that runs here\n");
    skip();
}

static const char probe[] =
    "<script>\n"
    "addEventListener('load',function(){\n"
    "var "
    "f=document.querySelector('iframe'),w=f.contentWindow,d=f.contentDocument,root=d."
    "documentElement,say=[];\n"
    "function add(k,v){say.push(k+'='+String(v).replace(/[\\s;&\"<>]+/g,' '));}\n"
    "function order(){return Array.from(d.querySelectorAll('#plans tbody "
    "tr')).map(function(r){return r.cells[0].firstChild.textContent;}).join(',');}\n"
    "function ground(){return w.getComputedStyle(d.body).backgroundColor;}\n"
    "add('inner',w.innerWidth);add('scroll',root.scrollWidth);\n"
    "var wide='';d.body.querySelectorAll('*').forEach(function(e){\n"
    "if(e.closest('.scroll *,.toc .in *,.skip,svg *,pre "
    "*')||e.closest('details:not([open])>:not(summary)'))return;\n"
    "var "
    "r=e.getBoundingClientRect();if(r.width>0&&(r.right>w.innerWidth+1||r.left<-1))wide+=e.tagName+"
    "'.'+e.className+' ';});\n"
    "add('wide',wide);add('ground',ground());\n"
    "var "
    "h=d.querySelector('h1');add('h1',h.textContent);add('h1height',h.getBoundingClientRect()."
    "height);\n"
    "var "
    "n=0,label=0;d.querySelectorAll('svg.chart').forEach(function(s){n+=s.getBoundingClientRect()."
    "height>100;label+=s.querySelectorAll('text').length>3;});\n"
    "add('charts',n);add('labelled',label);\n"
    "var small=1e9;d.querySelectorAll('svg.chart text').forEach(function(t){var "
    "r=t.getBoundingClientRect();if(r.height>0)small=Math.min(small,r.height);});add('smallest',"
    "small.toFixed(1));\n"
    "add('order',order());add('pwned',root.hasAttribute('data-pwned'));\n"
    "var theme=d.getElementById('theme');add('themehidden',theme.hidden);\n"
    "var heads=d.querySelectorAll('#plans thead "
    "th'),button=heads[1].querySelector('button');add('sortable',!!button);\n"
    "if(button){button.click();add('up',order());add('upmark',heads[1].getAttribute('aria-sort'));"
    "button.click();add('down',order());add('downmark',heads[1].getAttribute('aria-sort'));\n"
    "heads[0].querySelector('button').click();add('byname',order());add('oldmark',heads[1]."
    "getAttribute('aria-sort'));\n"
    "theme.click();add('light',ground());theme.click();add('dark',ground());theme.click();add('"
    "auto',ground());}\n"
    "document.documentElement.setAttribute('data-probe',say.join(';')+';');\n"
    "});\n</script>\n";

/* The probe around the page: in a frame of w x h, its scripts allowed or not. */
static void write_framed(const char *path, const char *page, int w, int h, bool scripts)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fprintf(out,
            "<!DOCTYPE html><meta "
            "charset=\"utf-8\"><style>body{margin:0}iframe{border:0;display:block}</"
            "style><body>%s<iframe width=\"%d\" height=\"%d\"%s srcdoc=\"",
            probe, w, h, scripts ? "" : " sandbox=\"allow-same-origin\"");
    for (const char *c = page; *c; c++) {
        if (*c == '&') fputs("&amp;", out);
        else if (*c == '"') fputs("&quot;", out);
        else fputc(*c, out);
    }
    fputs("\"></iframe>", out);
    assert_int_equal(fclose(out), 0);
}

/* What the probe saw, malloc'd; a page that writes to the console (an error, a broken policy)
 * fails. */
static char *probed(const char *page, int w, int h, bool dark, bool scripts)
{
    char command[5200], *dom, *log;
    const char *path = scratch_path("framed.html");
    write_framed(path, page, w, h, scripts);
    snprintf(
        command, sizeof command,
        "%s --blink-settings=preferredColorScheme=%d --window-size=%d,%d --dump-dom 'file://%s'",
        chromium, dark ? 0 : 1, w < 500 ? 500 : w, h, path);
    int code = run_command(command, &dom, &log);
    if (code != 0) fail_msg("Chromium: %d: %s", code, log);
    char *at = strstr(dom, "data-probe=\""), *end = at ? strchr(at + 12, '"') : NULL;
    if (!end) fail_msg("the probe said nothing; %s", log);
    const char *console = strstr(log, "CONSOLE");
    if (console && (scripts || !strstr(console, "Blocked script execution")))
        fail_msg("%s", console);
    char *seen = strndup(at + 12, (size_t)(end - at - 12));
    assert_non_null(seen);
    free(dom);
    free(log);
    return seen;
}

/* The value of one key, in a static buffer (several in turn). */
static const char *value(const char *seen, const char *key)
{
    static char values[8][2000];
    static unsigned turn;
    char find[40], *out = values[turn++ % 8];
    snprintf(find, sizeof find, ";%s=", key);
    const char *at = strncmp(seen, find + 1, strlen(find + 1)) == 0 ? seen - 1 : strstr(seen, find);
    if (!at) fail_msg("no %s in %s", key, seen);
    at += strlen(find);
    snprintf(out, sizeof values[0], "%.*s", (int)strcspn(at, ";"), at);
    return out;
}

#define LIGHT "rgb(255, 255, 255)"
#define DARK  "rgb(18, 23, 30)"

static char *page_of(const struct fixture *f)
{
    static char *text;
    static size_t n;
    struct report_data d;
    struct charts *charts;
    struct error err;
    fixture_read(f, &d);
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    if (page_write(&d, charts, out, &err) != STATUS_OK) fail_msg("%s", err.message);
    assert_int_equal(fclose(out), 0);
    charts_close(charts);
    report_data_free(&d);
    return text;
}

/* A real run's page, made once by the program under test. */
static const char *run_page(void)
{
    static char *page;
    char command[2000], *err;
    if (page) return page;
    snprintf(command, sizeof command, "'%s' run '%s' -o '%s' --report '%s'", seatrial_path(),
             root_path("scenarios/small.yaml"), scratch_path("small.db"),
             scratch_path("small.html"));
    int code = run_command(command, NULL, &err);
    if (code != 0) fail_msg("%s", err);
    free(err);
    return page = read_file(scratch_path("small.html"), NULL);
}

/* That of a study, made once in the same way. */
static const char *study_page(void)
{
    static char *page;
    char command[2000], *err;
    if (page) return page;
    snprintf(command, sizeof command,
             "'%s' montecarlo '%s' --replications 512 -o '%s' --report '%s'", seatrial_path(),
             root_path("examples/montecarlo.yaml"), scratch_path("years.db"),
             scratch_path("years.html"));
    int code = run_command(command, NULL, &err);
    if (code != 0) fail_msg("%s", err);
    free(err);
    return page = read_file(scratch_path("years.html"), NULL);
}

/* That of a plan. */
static const char *plan_page(void)
{
    static char *page;
    char command[2000], *err;
    if (page) return page;
    snprintf(command, sizeof command, "'%s' plan '%s' -q --report '%s'", seatrial_path(),
             root_path("examples/plan.yaml"), scratch_path("plan.html"));
    int code = run_command(command, NULL, &err);
    if (code != 0) fail_msg("%s", err);
    free(err);
    return page = read_file(scratch_path("plan.html"), NULL);
}

static int charts_in(const char *page)
{
    int n = 0;
    for (const char *at = page; (at = strstr(at, "class=\"chart\"")) != NULL; at++) n++;
    return n;
}

/* Of a page in a frame of that size: it is there, and nothing but what may scroll is wider than the
 * screen. */
static void check_fits(const char *page, int w, int h, bool dark)
{
    char *seen = probed(page, w, h, dark, true);
    assert_int_equal(atoi(value(seen, "inner")), w);
    assert_string_equal(value(seen, "wide"), "");
    assert_int_equal(atoi(value(seen, "scroll")), w);
    assert_string_equal(value(seen, "ground"), dark ? DARK : LIGHT);
    assert_true(strlen(value(seen, "h1")) > 10);
    assert_true(atof(value(seen, "h1height")) > 20);
    assert_int_equal(atoi(value(seen, "charts")), charts_in(page));
    assert_int_equal(atoi(value(seen, "labelled")), charts_in(page));
    if (charts_in(page))
        assert_true(atof(value(seen, "smallest")) >=
                    9); /* scaled down, letters can still be read */
    assert_string_equal(value(seen, "pwned"), "false");
    free(seen);
}

static void test_desk(void **state)
{
    (void)state;
    browser_or_skip();
    check_fits(run_page(), 1280, 900, false);
    check_fits(run_page(), 1280, 900, true);
}

static void test_phone(void **state)
{
    (void)state;
    browser_or_skip();
    check_fits(run_page(), 390, 844, false);
    check_fits(run_page(), 390, 844, true);
}

/* A study's page as a run's: on a desk and on a phone, in both themes; its table sorts by what a
 * year costs, and without a script all of it is there. */
static void test_study(void **state)
{
    (void)state;
    browser_or_skip();
    const char *page = study_page();
    assert_true(charts_in(page) >= 3);
    check_fits(page, 1280, 900, false);
    check_fits(page, 390, 844, true);
    char *with = probed(page, 1280, 900, false, true),
         *without = probed(page, 1280, 900, false, false);
    assert_string_equal(value(with, "sortable"), "true");
    assert_string_equal(value(with, "upmark"), "ascending");
    assert_string_equal(value(with, "downmark"), "descending");
    assert_string_not_equal(value(with, "up"), value(with, "down"));
    assert_string_equal(value(without, "sortable"), "false");
    static const char *const same[] = { "wide", "h1", "charts", "labelled", "order" };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(value(without, same[i]), value(with, same[i]));
    free(with);
    free(without);
}

/* A plan's page likewise. */
static void test_plan(void **state)
{
    (void)state;
    browser_or_skip();
    const char *page = plan_page();
    assert_int_equal(charts_in(page), 1);
    check_fits(page, 1280, 900, false);
    check_fits(page, 390, 844, true);
    char *with = probed(page, 1280, 900, false, true),
         *without = probed(page, 1280, 900, false, false);
    assert_string_equal(value(with, "sortable"), "true");
    assert_string_equal(value(with, "upmark"), "ascending");
    assert_string_not_equal(value(with, "up"), value(with, "down"));
    static const char *const same[] = { "wide", "h1", "charts", "labelled", "order" };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(value(without, same[i]), value(with, same[i]));
    free(with);
    free(without);
}

/* The script sorts, marks the column, and changes the theme. */
static void test_script(void **state)
{
    (void)state;
    browser_or_skip();
    struct fixture f;
    fixture_default(&f);
    f.fleet[0] = "m base";  /* 110k */
    f.fleet[1] = "z small"; /* 77k */
    f.fleet[2] = "a large"; /* 160k: as text, "$77k" would come last */
    char *page = page_of(&f), *seen = probed(page, 1280, 900, false, true);
    assert_string_equal(value(seen, "order"), "m base,z small,a large");
    assert_string_equal(value(seen, "up"), "z small,m base,a large");
    assert_string_equal(value(seen, "upmark"), "ascending");
    assert_string_equal(value(seen, "down"), "a large,m base,z small");
    assert_string_equal(value(seen, "downmark"), "descending");
    assert_string_equal(value(seen, "byname"), "a large,m base,z small");
    assert_string_equal(value(seen, "oldmark"), "null");
    assert_string_equal(value(seen, "themehidden"), "false");
    assert_string_equal(value(seen, "light"), LIGHT);
    assert_string_equal(value(seen, "dark"), DARK);
    assert_string_equal(value(seen, "auto"), LIGHT);
    free(seen);
    seen = probed(page, 1280, 900, true, true); /* light where the system is dark, and back */
    assert_string_equal(value(seen, "light"), LIGHT);
    assert_string_equal(value(seen, "dark"), DARK);
    assert_string_equal(value(seen, "auto"), DARK);
    free(seen);
    free(page);
}

/* Without its script the page has everything but the buttons. */
static void test_without_script(void **state)
{
    (void)state;
    browser_or_skip();
    const char *page = run_page();
    char *with = probed(page, 1280, 900, true, true),
         *without = probed(page, 1280, 900, true, false);
    static const char *const same[] = { "inner", "scroll", "wide",     "ground",
                                        "h1",    "charts", "labelled", "order" };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(value(without, same[i]), value(with, same[i]));
    assert_string_equal(value(with, "sortable"), "true");
    assert_string_equal(value(without, "sortable"), "false");
    assert_string_equal(value(without, "themehidden"), "true");
    free(with);
    free(without);
}

/* Names that would run, and names without a place to break: nothing runs, nothing sticks out. */
static void test_hostile_names(void **state)
{
    (void)state;
    browser_or_skip();
    struct fixture f;
    static const char runs[] =
        "\"'><script>document.documentElement.setAttribute('data-pwned',1)</script><img src=x "
        "onerror=document.documentElement.setAttribute('data-pwned',1)>",
                      endless[] =
                          "AnExtraordinarilyLongNameWithoutAnyPlaceToBreakItThatGoesOnAndOnFarBeyon"
                          "dWhatAnyPhoneIsWideAndThenOnAgainUntilNobodyReadsItAnyMore";
    for (int i = 0; i < 2; i++) {
        fixture_default(&f);
        f.states = true;
        f.fleet[1] = f.text = f.slo_label = f.scenario_name = f.scenario_path = f.workload =
            f.notes = f.rerun = i ? endless : runs;
        char *page = page_of(&f);
        check_fits(page, 390, 844, false);
        check_fits(page, 1280, 900, false);
        free(page);
    }
}

/* An 8-bit PNG without interlace, as Chromium writes it (ISO/IEC 15948): pixels of 3 or 4 bytes,
 * malloc'd. */
static unsigned char *png_pixels(const char *path, int *w, int *h, int *bytes)
{
    size_t n, packed_n = 0;
    unsigned char *file = (unsigned char *)read_file(path, &n), *packed = malloc(n);
    assert_non_null(packed);
    assert_true(n > 33 && memcmp(file, "\x89PNG\r\n\x1a\n", 8) == 0);
    *w = file[18] << 8 | file[19], *h = file[22] << 8 | file[23];
    assert_int_equal(file[24], 8);
    assert_true(file[25] == 2 || file[25] == 6);
    assert_int_equal(file[28], 0);
    *bytes = file[25] == 2 ? 3 : 4;
    for (size_t at = 8; at + 12 <= n;) {
        size_t length = (size_t)file[at] << 24 | (size_t)file[at + 1] << 16 |
                        (size_t)file[at + 2] << 8 | file[at + 3];
        assert_true(at + 12 + length <= n);
        if (memcmp(file + at + 4, "IDAT", 4) == 0)
            memcpy(packed + packed_n, file + at + 8, length), packed_n += length;
        at += 12 + length;
    }
    size_t row = (size_t)*w * (size_t)*bytes;
    uLongf size = (uLongf)((row + 1) * (size_t)*h);
    unsigned char *lines = malloc(size),
                  *out = calloc((size_t)*h + 1, row); /* a row of zeros above the first */
    assert_true(lines && out);
    assert_int_equal(uncompress(lines, &size, packed, (uLong)packed_n), Z_OK);
    for (int y = 0; y < *h; y++) {
        const unsigned char *in = lines + (row + 1) * (size_t)y + 1, *up = out + row * (size_t)y;
        unsigned char *to = out + row * (size_t)(y + 1);
        for (size_t x = 0; x < row; x++) {
            int a = x >= (size_t)*bytes ? to[x - (size_t)*bytes] : 0, b = up[x],
                c = x >= (size_t)*bytes ? up[x - (size_t)*bytes] : 0;
            int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
            const int guess[] = { 0, a, b, (a + b) / 2,
                                  pa <= pb && pa <= pc ? a
                                  : pb <= pc           ? b
                                                       : c };
            assert_in_range(in[-1], 0, 4);
            to[x] = (unsigned char)(in[x] + guess[in[-1]]);
        }
    }
    memmove(out, out + row, row * (size_t)*h);
    free(file);
    free(packed);
    free(lines);
    return out;
}

/* What is seen, not what is asked for: the ground is that colour, and the writing on it stands out.
 */
static void check_screenshot(int w, int h, bool dark)
{
    char command[5200];
    int width, height, bytes;
    long ground = 0, writing = 0;
    const char *path = scratch_path("shot.html"), *png = scratch_path("shot.png");
    unlink(png);
    write_framed(path, run_page(), w, h, true);
    snprintf(command, sizeof command,
             "%s --blink-settings=preferredColorScheme=%d --window-size=%d,%d --screenshot='%s' "
             "'file://%s'",
             chromium, dark ? 0 : 1, w < 500 ? 500 : w, h, png, path);
    assert_int_equal(run_command(command, NULL, NULL), 0);
    unsigned char *pixels = png_pixels(png, &width, &height, &bytes);
    assert_true(width >= w && height >= h / 2);
    for (int y = 0; y < height && y < h; y++)
        for (int x = 0; x < w; x++) {
            const unsigned char *p =
                pixels + ((size_t)y * (size_t)width + (size_t)x) * (size_t)bytes;
            ground += dark ? p[0] == 18 && p[1] == 23 && p[2] == 30
                           : p[0] == 255 && p[1] == 255 && p[2] == 255;
            writing +=
                dark ? p[0] > 190 && p[1] > 190 && p[2] > 190 : p[0] < 70 && p[1] < 70 && p[2] < 80;
        }
    long all = (long)w * (height < h ? height : h);
    assert_true(ground > all / 2);
    assert_true(writing > all / 1000);
    const unsigned char *corner = pixels + ((size_t)2 * (size_t)width + 2) * (size_t)bytes;
    assert_int_equal(corner[0], dark ? 18 : 255);
    assert_int_equal(corner[1], dark ? 23 : 255);
    assert_int_equal(corner[2], dark ? 30 : 255);
    free(pixels);
}

static void test_screenshots(void **state)
{
    (void)state;
    browser_or_skip();
    check_screenshot(1280, 900, false);
    check_screenshot(1280, 900, true);
    check_screenshot(390, 844, false);
    check_screenshot(390, 844, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_desk),          cmocka_unit_test(test_phone),
        cmocka_unit_test(test_study),         cmocka_unit_test(test_plan),
        cmocka_unit_test(test_script),        cmocka_unit_test(test_without_script),
        cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_screenshots),
    };
    return cmocka_run_group_tests(tests, find_browser, NULL);
}
