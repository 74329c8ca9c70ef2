/* SPDX-License-Identifier: Apache-2.0 */
/* gnuplot's traps, one by one: missing, hanging, dying, lying, and names that would be commands.
 * Whatever it does, the report is written, says why a chart is not there, and nothing of a name is
 * ever executed. */
#include "reports/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/canvas.h"
#include "reports/charts.h"
#include "reports/metrics.h"
#include "reports/page.h"
#include "tests/results_fixture.h"
#include "tests/support.h"
#include "tests/xml_check.h"

/* A program of that shell text, to stand for gnuplot. */
static const char *fake(const char *name, const char *shell)
{
    char text[1024];
    const char *path = scratch_path(name);
    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", shell);
    write_text(path, text);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static bool is_there(const char *path) { return access(path, F_OK) == 0; }

static void gnuplot_or_skip(void)
{
    char *path = gnuplot_find(NULL);
    if (!path) {
        print_message("skipped: no gnuplot here\n");
        skip();
    }
    free(path);
}

/* Runs a fake on a script of n bytes; it must fail with that status and say `says`. */
static void check_fails(const char *program, size_t n, int limit_s, enum status expected,
                        const char *says)
{
    char *picture = NULL, *script = malloc(n);
    size_t picture_n = 0;
    struct error err;
    assert_non_null(script);
    memset(script, '\n', n);
    assert_int_equal(gnuplot_run(program, script, n, PICTURE_SVG, limit_s, &picture, &picture_n,
                                 &err),
                     expected);
    assert_null(picture);
    if (!strstr(err.message, says)) fail_msg("'%s' instead of '%s'", err.message, says);
    for (const char *c = err.message; *c; c++) assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
    free(script);
}

static void test_find(void **state)
{
    (void)state;
    char *before = strdup(getenv("PATH")), path[2048];
    const char *program = fake("gnuplot", "exit 0"), *folder = scratch_path("bin");
    char *found = gnuplot_find(program);
    assert_string_equal(found, program);
    free(found);
    assert_null(gnuplot_find("/nowhere/gnuplot"));
    assert_null(gnuplot_find(scratch_dir())); /* a folder can be entered, not run */
    write_text(scratch_path("plain"), "x");
    assert_null(gnuplot_find(scratch_path("plain")));
    setenv("PATH", "", 1);
    assert_null(gnuplot_find(NULL));
    setenv("PATH", "/nowhere:/dev/null", 1);
    assert_null(gnuplot_find(NULL));
    /* A folder of that name does not hide the program after it. */
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(mkdir(scratch_path("bin/gnuplot"), 0755), 0);
    snprintf(path, sizeof path, "%s:%s", folder, scratch_dir());
    setenv("PATH", path, 1);
    found = gnuplot_find(NULL);
    assert_string_equal(found, program);
    free(found);
    setenv("PATH", before, 1);
    free(before);
}

static void test_cannot_be_run(void **state)
{
    (void)state;
    check_fails("/nowhere/gnuplot", 100, 5, STATUS_IO, "cannot run /nowhere/gnuplot: No such file");
    write_text(scratch_path("noexec"), "#!/bin/sh\n");
    check_fails(scratch_path("noexec"), 100, 5, STATUS_IO, "Permission denied");
    write_text(scratch_path("binary"), "\177ELF not really");
    assert_int_equal(chmod(scratch_path("binary"), 0755), 0);
    check_fails(scratch_path("binary"), 100, 5, STATUS_IO, "cannot run");
}

/* Whether that process is gone, or dead and only not yet buried by its new parent. */
static bool is_dead(long pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f) return true;
    bool read_it = fgets(line, sizeof line, f) != NULL;
    fclose(f);
    const char *state = read_it ? strrchr(line, ')') : NULL;
    return !state || state[2] == 'Z' || state[2] == 'X';
}

static void test_hangs(void **state)
{
    (void)state;
    char text[700];
    check_fails(fake("sleeper", "exec sleep 300"), 100, 1, STATUS_INTERRUPTED,
                "did not finish within 1 s");
    /* It never reads: the pipe fills, and we do not wait in write. */
    check_fails(fake("deaf", "exec sleep 300 < /dev/null"), 4 << 20, 1, STATUS_INTERRUPTED,
                "did not finish");
    /* It has said all and closes its outputs, but does not go: what it printed is not taken for
     * whole. */
    check_fails(fake("slow", "echo '<svg>'; exec sleep 300"), 100, 1, STATUS_INTERRUPTED,
                "did not finish");
    /* A wrapper: the child it waits for goes as well. */
    const char *pid_path = scratch_path("child.pid");
    snprintf(text, sizeof text, "sleep 300 & echo $! > '%s'; wait", pid_path);
    check_fails(fake("wrapper", text), 100, 1, STATUS_INTERRUPTED, "did not finish");
    char *pid = read_file(pid_path, NULL);
    assert_true(atol(pid) > 1);
    for (int i = 0; i < 500 && !is_dead(atol(pid)); i++) usleep(10000);
    assert_true(is_dead(atol(pid)));
    free(pid);
}

static void test_ends_early(void **state)
{
    (void)state;
    struct sigaction before, after;
    sigaction(SIGPIPE, NULL, &before);
    /* 4 MiB do not fit in a pipe: writing meets EPIPE, and SIGPIPE must not kill us. */
    check_fails(fake("gone", "exit 3"), 4 << 20, 30, STATUS_IO, "no whole picture");
    check_fails(fake("reads-little",
                     "head -c 10 > /dev/null; echo 'line 3: undefined variable' >&2; exit 1"),
                4 << 20, 30, STATUS_IO, "line 3: undefined variable");
    check_fails(fake("shot", "kill -SEGV $$"), 4 << 20, 30, STATUS_IO, "Segmentation fault");
    check_fails(fake("shot-after", "echo '<svg></svg>'; kill -KILL $$"), 100, 30, STATUS_IO,
                "Killed");
    sigaction(SIGPIPE, NULL, &after);
    assert_true(before.sa_handler == after.sa_handler);
}

/* Exit status 0 proves nothing: on a full disk gnuplot gives it too. */
static void test_lies(void **state)
{
    (void)state;
    check_fails(fake("silent", "cat > /dev/null"), 100, 30, STATUS_IO, "no whole picture");
    check_fails(fake("half", "cat > /dev/null; echo '<svg><g>'"), 100, 30, STATUS_IO,
                "no whole picture");
    check_fails(fake("noise", "cat > /dev/null; head -c 100000 /dev/zero"), 100, 30, STATUS_IO,
                "no whole picture");
    check_fails(fake("fails", "cat > /dev/null; echo '<svg></svg>'; exit 1"), 100, 30, STATUS_IO,
                "no whole picture");
    check_fails(fake("evil-words",
                     "cat > /dev/null; printf '\\033[2J\\302\\233x\\nmore' >&2; exit 1"),
                100, 30, STATUS_IO, "no whole picture");
    check_fails(fake("endless", "exec yes"), 100, 120, STATUS_IO, "larger than 64 MiB");
    check_fails(fake("complains-forever", "cat > /dev/null; head -c 3000000 /dev/zero >&2; exit 1"),
                100, 30, STATUS_IO, "no whole picture");
}

static void test_takes_a_whole_picture(void **state)
{
    (void)state;
    char *picture;
    size_t n;
    struct error err;
    const char *program = fake("honest", "cat > /dev/null; printf '<svg></svg>\\n\\n'");
    assert_int_equal(gnuplot_run(program, "x", 1, PICTURE_SVG, 30, &picture, &n, &err), STATUS_OK);
    assert_string_equal(picture, "<svg></svg>\n\n");
    assert_int_equal(n, strlen(picture));
    free(picture);
    /* What it is given is what was sent, all of it, whatever the size. */
    size_t size = 3 << 20;
    char *script = malloc(size);
    assert_non_null(script);
    for (size_t i = 0; i < size; i++) script[i] = (char)('a' + i % 26);
    program = fake("counter", "printf '<svg>%s</svg>' \"$(cat | cksum)\"");
    assert_int_equal(gnuplot_run(program, script, size, PICTURE_SVG, 60, &picture, &n, &err),
                     STATUS_OK);
    char command[800], *expected;
    write_file(scratch_path("script.in"), script, size);
    snprintf(command, sizeof command, "cksum < '%s' | tr -d '\\n'", scratch_path("script.in"));
    assert_int_equal(run_command(command, &expected, NULL), 0);
    assert_memory_equal(picture + 5, expected, strlen(expected));
    free(expected);
    free(picture);
    free(script);
    /* Its environment is ours to choose: no language, no start-up file, no home of the user. */
    setenv("GNUPLOT_LIB", "/evil", 1);
    setenv("LC_NUMERIC", "de_DE.UTF-8", 1);
    program =
        fake("environment",
             "cat > /dev/null; echo \"<svg>$HOME,$LC_ALL,$LC_NUMERIC,$GNUPLOT_LIB,$1</svg>\"");
    assert_int_equal(gnuplot_run(program, "x", 1, PICTURE_SVG, 30, &picture, &n, &err), STATUS_OK);
    assert_string_equal(picture, "<svg>/nonexistent,C.UTF-8,,,-d</svg>\n");
    unsetenv("GNUPLOT_LIB");
    unsetenv("LC_NUMERIC");
    free(picture);
}

/* The page of the data drawn by that program. */
static char *page_by(const struct report_data *d, const char *program, int limit_s, bool *failed)
{
    static char *text;
    static size_t n;
    struct charts *charts;
    struct error err;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    assert_int_equal(charts_open(program, &charts, &err), STATUS_OK);
    charts_set_limit(charts, limit_s);
    if (page_write(d, charts, out, &err) != STATUS_OK) fail_msg("%s", err.message);
    assert_int_equal(fclose(out), 0);
    if (failed) *failed = charts_failed(charts) != NULL;
    charts_close(charts);
    return text;
}

static int count_of(const char *text, const char *word)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) n++;
    return n;
}

/* A page without charts: whole, with its tables, and the reason in place of each chart. */
static void check_bare_page(const char *program, int limit_s, bool fails, const char *says)
{
    struct fixture f;
    struct report_data d;
    bool failed;
    fixture_default(&f);
    fixture_read(&f, &d);
    char *page = page_by(&d, program, limit_s, &failed);
    assert_int_equal(failed, fails);
    const char *wrong = xml_trouble(page, NULL, NULL);
    if (wrong) fail_msg("%s", wrong);
    assert_int_equal(count_of(page, "class=\"chart\""), 0);
    assert_int_equal(count_of(page, "No chart here: "), 5);
    assert_int_equal(count_of(page, says), 5);
    assert_non_null(strstr(page, "<table class=\"sort\" id=\"plans\">"));
    assert_non_null(strstr(page, "</html>"));
    free(page);
    report_data_free(&d);
}

static void test_page_without_gnuplot(void **state)
{
    (void)state;
    char *before = strdup(getenv("PATH"));
    setenv("PATH", "", 1);
    check_bare_page(NULL, 60, false, "No chart here: gnuplot not found in PATH");
    setenv("PATH", before, 1);
    free(before);
    check_bare_page("/nowhere/<gnuplot>", 60, false,
                    "gnuplot not found at /nowhere/&lt;gnuplot&gt;");
}

static void test_page_where_gnuplot_fails(void **state)
{
    (void)state;
    char text[600];
    check_bare_page(fake("p-gone", "exit 3"), 30, true,
                    "No chart here: gnuplot gave no whole picture");
    check_bare_page(fake("p-noise", "cat > /dev/null; echo nonsense; echo '<b>&' >&2"), 30, true,
                    "no whole picture: &lt;b&gt;&amp;");
    check_bare_page(fake("p-no-root", "cat > /dev/null; echo 'junk</svg>'"), 30, true,
                    "no root element");
    check_bare_page(fake("p-shot", "kill -SEGV $$"), 30, true, "Segmentation fault");
    /* One that hangs is asked once: not a minute for each chart. */
    const char *asked = scratch_path("asked");
    snprintf(text, sizeof text, "echo x >> '%s'; exec sleep 300", asked);
    check_bare_page(fake("p-hang", text), 1, true, "gnuplot did not finish within 1 s");
    char *times = read_file(asked, NULL);
    assert_string_equal(times, "x\n");
    free(times);
}

/* The command says it too: exit 0, the page, a warning, no PNG. */
static void test_command_where_gnuplot_fails(void **state)
{
    (void)state;
    struct fixture f;
    char command[2000], *err, *page;
    const char *db = scratch_path("command.db"), *html = scratch_path("command.html"),
               *png = scratch_path("command-waits.png");
    static const struct {
        const char *shell, *says;
    } list[] = { { NULL, "warning: gnuplot not found" },
                 { "exit 3", "warning: gnuplot gave no whole picture" } };
    if (!is_there(seatrial_path())) skip();
    fixture_default(&f);
    fixture_write(&f, db);
    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "'%s' report '%s' -o '%s' --gnuplot '%s'",
                 seatrial_path(), db, html,
                 list[i].shell ? fake("c-gone", list[i].shell) : "/nowhere");
        assert_int_equal(run_command(command, NULL, &err), 0);
        if (!strstr(err, list[i].says)) fail_msg("%s", err);
        page = read_file(html, NULL);
        assert_int_equal(count_of(page, "No chart here: "), 5);
        assert_false(is_there(png));
        unlink(html);
        free(page);
        free(err);
    }
}

/* The child may write 4096 bytes to a file: a disk that is full in the middle of a picture. */
static enum status png_on_small_disk(const struct report_data *d, const char *path)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit limit = { 4096, 4096 };
        struct charts *charts;
        struct error err;
        int drawn;
        charts_open(NULL, &charts, &err);
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        enum status status = chart_png(charts, d, "money", path, &drawn, &err);
        _exit(drawn || !strstr(err.message, "File too large") ? 99 : (int)status);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return (enum status)WEXITSTATUS(status);
}

static void test_full_disk(void **state)
{
    (void)state;
    gnuplot_or_skip();
    struct fixture f;
    struct report_data d;
    struct charts *charts;
    struct error err;
    struct stat before, after;
    int drawn = 1;
    char command[700], *files;
    fixture_default(&f);
    fixture_read(&f, &d);
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    /* A device takes what is written and stays a device, also for a user who could replace it. */
    assert_int_equal(stat("/dev/full", &before), 0);
    assert_int_equal(chart_png(charts, &d, "money", "/dev/full", &drawn, &err), STATUS_IO);
    assert_non_null(strstr(err.message, "cannot write /dev/full: No space left on device"));
    assert_int_equal(drawn, 0);
    assert_int_equal(stat("/dev/full", &after), 0);
    assert_true(S_ISCHR(after.st_mode) && after.st_rdev == before.st_rdev &&
                after.st_ino == before.st_ino);
    assert_int_equal(chart_png(charts, &d, "money", "/nowhere/x.png", &drawn, &err), STATUS_IO);
    assert_non_null(strstr(err.message, "cannot write /nowhere/x.png"));
    /* What stood there stays whole, nothing lies beside it. */
    assert_int_equal(mkdir(scratch_path("disk"), 0755), 0);
    write_text(scratch_path("disk/a.png"), "the one before");
    assert_int_equal(png_on_small_disk(&d, scratch_path("disk/a.png")), STATUS_IO);
    assert_int_equal(png_on_small_disk(&d, scratch_path("disk/b.png")), STATUS_IO);
    snprintf(command, sizeof command, "ls -A '%s'; cat '%s'", scratch_path("disk"),
             scratch_path("disk/a.png"));
    assert_int_equal(run_command(command, &files, NULL), 0);
    assert_string_equal(files, "a.png\nthe one before");
    free(files);
    /* A link stays a link; its target is replaced whole. */
    assert_int_equal(symlink("a.png", scratch_path("disk/link.png")), 0);
    assert_int_equal(chart_png(charts, &d, "money", scratch_path("disk/link.png"), &drawn, &err),
                     STATUS_OK);
    assert_int_equal(lstat(scratch_path("disk/link.png"), &after), 0);
    assert_true(S_ISLNK(after.st_mode));
    char *png = read_file(scratch_path("disk/a.png"), NULL);
    assert_memory_equal(png, "\x89PNG", 4);
    free(png);
    charts_close(charts);
    report_data_free(&d);
}

/* Nothing to draw is no error: the chart is skipped and says why. */
static void test_empty_data(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *says;
    } list[] = {
        { "cost-wait", "no fleet has both a cost and a wait" },
        { "money", "no fleet costs anything" },
        { "heat", "no samples of a whole week" },
        { "waits", "no job waits longer than a second" },
        { "week", "no samples of a whole week" },
        { "nodes", "the nodes of every fleet are there all the time" },
    };
    struct fixture f;
    struct report_data d;
    struct charts *charts;
    struct error err;
    fixture_default(&f);
    f.jobs = 0;
    memset(f.cost, 0, sizeof f.cost);
    fixture_read(&f, &d);
    assert_int_equal(charts_open(fake("never", "exit 9"), &charts, &err), STATUS_OK);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct chart chart;
        int drawn = 1;
        assert_int_equal(chart_draw(charts, &d, list[i].kind, &chart, &err), STATUS_OK);
        assert_null(chart.svg);
        if (!chart.skipped || !strstr(chart.skipped, list[i].says))
            fail_msg("%s: %s", list[i].kind, chart.skipped ? chart.skipped : "(drawn)");
        chart_free(&chart);
        const char *path = scratch_path("empty.png");
        assert_int_equal(chart_png(charts, &d, list[i].kind, path, &drawn, &err), STATUS_OK);
        assert_int_equal(drawn, 0);
        assert_false(is_there(path));
    }
    assert_null(charts_failed(charts));
    charts_close(charts);
    report_data_free(&d);
}

/* A fleet on which nothing can run has no waits: the others are drawn all the same. */
static void test_hole_in_the_data(void **state)
{
    (void)state;
    gnuplot_or_skip();
    struct fixture f;
    struct report_data d;
    struct charts *charts;
    struct error err;
    fixture_default(&f);
    f.states = true;
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    for (int hole = 0; hole < 2; hole++) {
        fixture_read(&f, &d);
        d.fleets[hole].metric[metric_index(METRIC_WAIT_P95)] =
            (struct estimate){ NAN, NAN, NAN, NAN, 0 };
        d.fleets[hole].wait_n = 0;
        for (const struct chart_kind *k = chart_kinds; k->name; k++) {
            struct chart chart;
            assert_int_equal(chart_draw(charts, &d, k->name, &chart, &err), STATUS_OK);
            if (!chart.svg) fail_msg("%s: %s", k->name, chart.skipped);
            assert_null(strstr(chart.svg, "nan"));
            assert_null(strstr(chart.title, "n/a"));
            chart_free(&chart);
        }
        report_data_free(&d);
    }
    charts_close(charts);
}

static void check_not_pwned(const char *name)
{
    if (is_there("pwned") || is_there(scratch_path("pwned"))) fail_msg("executed: %s", name);
}

/* In a folder of their own, so that "touch pwned" would be seen; and that it would be is tried
 * first. */
static void test_hostile_names(void **state)
{
    (void)state;
    gnuplot_or_skip();
    char before[4096], *program = gnuplot_find(NULL), *picture;
    size_t n;
    struct error err;
    struct fixture f;
    struct charts *charts;
    bool slow = getenv("SEATRIAL_SLOW") != NULL;
    static const char unsafe[] = "set terminal svg\nset title \"`touch pwned`\"\nplot x\n";
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch_dir()), 0);
    if (gnuplot_run(program, unsafe, sizeof unsafe - 1, PICTURE_SVG, 60, &picture, &n, &err) ==
        STATUS_OK)
        free(picture);
    assert_true(is_there("pwned"));
    assert_int_equal(unlink("pwned"), 0);
    assert_int_equal(charts_open(program, &charts, &err), STATUS_OK);
    fixture_default(&f);
    f.replications = 1;
    f.states = true;
    for (int i = 0; hostile_names[i]; i++) {
        struct report_data d;
        const char *name = hostile_names[i];
        f.fleet[0] = f.text = f.slo_label = name;
        fixture_read(&f, &d);
        for (const struct chart_kind *k = chart_kinds; k->name; k++) {
            struct chart chart;
            int drawn;
            if (chart_draw(charts, &d, k->name, &chart, &err) != STATUS_OK)
                fail_msg("%s, %s: %s", name, k->name, err.message);
            if (!chart.svg) fail_msg("%s, %s: %s", name, k->name, chart.skipped);
            const char *wrong = xml_trouble(chart.svg, NULL, NULL);
            if (wrong) fail_msg("%s, %s: %s", name, k->name, wrong);
            assert_null(strstr(chart.svg, "<script"));
            assert_null(strstr(chart.svg, "<img"));
            chart_free(&chart);
            check_not_pwned(name);
            /* PNGs are slow: each name in some, each chart with some. */
            if (slow || i % 6 != (int)(k - chart_kinds) % 6) continue;
            if (chart_png(charts, &d, k->name, "x.png", &drawn, &err) != STATUS_OK || !drawn)
                fail_msg("%s, %s: no PNG", name, k->name);
            check_not_pwned(name);
        }
        report_data_free(&d);
    }
    charts_close(charts);
    free(program);
    assert_int_equal(chdir(before), 0);
}

/* The text in the finished drawing is the text that was given. */
static void test_labels_survive(void **state)
{
    (void)state;
    gnuplot_or_skip();
    struct fixture f;
    struct report_data d;
    struct charts *charts;
    struct chart chart;
    struct error err;
    fixture_default(&f);
    f.fleet[0] = "a100_80gb^{2} & <50%> Zürich";
    f.fleet[1] = "Label0Q";
    fixture_read(&f, &d);
    assert_int_equal(charts_open(NULL, &charts, &err), STATUS_OK);
    assert_int_equal(chart_draw(charts, &d, "money", &chart, &err), STATUS_OK);
    assert_non_null(strstr(chart.svg, ">a100_80gb^{2} &amp; &lt;50%&gt; Z"));
    assert_non_null(strstr(chart.svg, ">Label0Q<"));
    for (int i = 0; i < 30; i++) { /* no other token is left */
        char token[20];
        snprintf(token, sizeof token, "Label%dQ", i + 1);
        assert_null(strstr(chart.svg, token));
    }
    chart_free(&chart);
    charts_close(charts);
    report_data_free(&d);
}

/* What goes between gnuplot's quotes: nothing that acts, characters whole, ± and % as they are. */
static void test_png_label(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } list[] = {
        { "base", "'base'" },
        { "", "''" },
        { "$5 \u00b1 1, 38%", "'$5 \u00b1 1, 38%'" },
        { "Zürich 東京", "'Zürich 東京'" },
        { "it's `x` \"y\" \\ @z\n{^}", "'it?s ?x? ?y? ? ?z?\?\?\?'" },
        { "\xff\xc3", "'?\?'" },
        { "\033[2J\xc2\x9b", "'?[2J?\?'" },
    };
    struct canvas c;
    struct error err;
    assert_int_equal(canvas_begin(&c, PICTURE_PNG, 100, 100, &err), STATUS_OK);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        assert_string_equal(canvas_label(&c, list[i].in), list[i].out);
    char name[1000];
    for (int lead = 0; lead < 4;
         lead++) { /* cut somewhere, never inside a character, always quoted */
        memset(name, 'x', (size_t)lead);
        for (int i = lead; i < 990; i += 3) memcpy(name + i, "\u6771", 4);
        const char *label = canvas_label(&c, name);
        size_t n = strlen(label);
        assert_true(n > 170 && n < 192 && label[0] == '\'' && label[n - 1] == '\'');
        assert_int_equal((n - 2 - (size_t)lead) % 3, 0);
    }
    canvas_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_cannot_be_run),
        cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_ends_early),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_takes_a_whole_picture),
        cmocka_unit_test(test_page_without_gnuplot),
        cmocka_unit_test(test_page_where_gnuplot_fails),
        cmocka_unit_test(test_command_where_gnuplot_fails),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_empty_data),
        cmocka_unit_test(test_hole_in_the_data),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_labels_survive),
        cmocka_unit_test(test_png_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
