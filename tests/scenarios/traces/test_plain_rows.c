/* SPDX-License-Identifier: Apache-2.0 */
/* The fast way through a plain row and the careful way through any row read the same. */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/diagnostics.h"
#include "scenarios/traces/trace_file.h"
#include "sim/random.h"

static void read_text(const char *text, struct workload *w)
{
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    const char *path = scratch_path("rows.csv");
    write_text(path, text);
    diagnostics_init(&d);
    if (trace_read(path, w, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stdout, false, NULL);
        fail_msg("%s", err.message);
    }
    diagnostics_free(&d);
}

#define SAME(column) assert_memory_equal(a.column, b.column, a.job_n * sizeof *a.column)

/* A cell with a number in it, or an empty one. */
static void cell_of(char *cell, int there, const char *format, uint64_t number)
{
    if (there) sprintf(cell, format, (unsigned long long)number);
    else *cell = '\0';
}

static void fast_and_careful_agree(void **state)
{
    enum { ROWS = 5000 };
    static const char *const statuses[] = { "completed", "failed", "", "never_started", "partial" };
    struct random_key key = random_key(11, 0);
    char *plain = malloc(ROWS * 200 + 200), *quoted = malloc(ROWS * 300 + 300), *p, *q;
    (void)state;
    const char *header =
        "job_id,submit_s,run_s,gpus,cpus,mem_mib,nodes,tenant,status,priority,limit_s,start_s\n";
    p = plain + sprintf(plain, "%s", header);
    q = quoted + sprintf(quoted, "%s", header);
    for (uint64_t j = 0; j < ROWS; j++) {
        uint64_t bits = random_u64(key, RANDOM_TEST, j, 0),
                 more = random_u64(key, RANDOM_TEST, j, 1);
        char cell[12][40];
        cell_of(cell[0], (bits & 1) != 0, "job %llu", j);
        sprintf(cell[1], "%llu.%06llu", (unsigned long long)j * 7,
                (unsigned long long)(bits % 1000000));
        sprintf(cell[2], bits & 2 ? "%llu" : "%llu.5", (unsigned long long)(more % 1000000000));
        sprintf(cell[3], bits & 4 ? "%llu" : "%llu.25", (unsigned long long)(bits >> 8 & 63));
        cell_of(cell[4], !(bits & 8), "%llu.125", more >> 9 & 63);
        cell_of(cell[5], !(bits & 16), "%llu", more >> 17 & 0xffff);
        cell_of(cell[6], !(bits & 32), "%llu", more >> 33 & 7);
        sprintf(cell[7], "team %llu", (unsigned long long)(more >> 40 & 3));
        sprintf(cell[8], "%s", statuses[(more >> 50) % 5]);
        sprintf(cell[9], bits & 64 ? "-%llu" : "%llu", (unsigned long long)(more >> 44 & 7));
        cell_of(cell[10], !(bits & 128), "%llu", more >> 3 & 0xfffff);
        cell_of(cell[11], !(bits & 256), "%llu.1", j * 7 + (more >> 5 & 0xff));
        for (int c = 0; c < 12; c++) {
            p += sprintf(p, "%s%s", c ? "," : "", cell[c]);
            q += sprintf(q, "%s\"%s\"", c ? "," : "", cell[c]);
        }
        *p++ = *q++ = '\n';
    }
    *p = *q = '\0';
    struct workload a, b;
    read_text(plain, &a);
    read_text(quoted, &b);
    assert_int_equal(a.job_n, ROWS);
    assert_int_equal(b.job_n, ROWS);
    SAME(submit_us);
    SAME(run_us);
    SAME(gpu_milli);
    SAME(cpu_milli);
    SAME(mem_mib);
    SAME(nodes);
    SAME(tenant);
    SAME(status);
    SAME(priority);
    SAME(limit_us);
    SAME(start_us);
    assert_memory_equal(a.id_at, b.id_at, (a.job_n + 1) * sizeof *a.id_at);
    assert_memory_equal(a.id_text, b.id_text, a.id_at[a.job_n]);
    assert_true(a.id_at[a.job_n] > 1000 && a.tenants.n == 5);
    workload_free(&a);
    workload_free(&b);
    free(plain);
    free(quoted);
}

/* What a plain number may look like, and its value in thousandths of a GPU. */
static void numbers_are_exact(void **state)
{
    static const struct {
        const char *cell;
        int milli;
    } cases[] = {
        { "1", 1000 },   { "0.5", 500 },    { "0.125", 125 },  { "1.", 1000 },
        { ".5", 500 },   { "2e1", 20000 },  { " 3", 3000 },    { "+4", 4000 },
        { "007", 7000 }, { "0.1234", 123 }, { "0.1235", 124 }, { "1000000", 1000000000 }
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        struct workload w;
        snprintf(text, sizeof text, "submit_s,run_s,gpus\n0,1,%s\n", cases[i].cell);
        read_text(text, &w);
        assert_int_equal(w.gpu_milli[0], cases[i].milli);
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fast_and_careful_agree),
                                        cmocka_unit_test(numbers_are_exact) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
