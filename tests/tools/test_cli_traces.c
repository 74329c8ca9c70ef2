/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that read, make and describe traces, as a person uses them. */
#include "tests/shell.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

static void traces_in_and_out(void **state)
{
    (void)state;
    EXITS("$S trace synth --like philly --jobs 2000 --seed 5 -o a.csv && $S trace synth --like "
          "philly --jobs 2000 --seed 5 -o b.csv.gz && gzip -dc b.csv.gz | cmp - a.csv",
          0);
    EXITS("$S trace synth --like philly --jobs 2000 --seed 6 -o c.csv && ! cmp -s a.csv c.csv", 0);
    EXITS("$S trace synth --like a.csv --jobs 500 --days 3 -o like.csv && test $(grep -vc '^#' "
          "like.csv) = 501",
          0);
    json_t *s = json_of("$S trace stats a.csv --json");
    assert_int_equal(json_integer_value(json_object_get(s, "jobs")), 2000);
    assert_true(json_number_value(json_object_get(s, "gpu_hours")) > 0);
    assert_true(json_number_value(json_object_get(s, "span_s")) > 86400);
    json_t *packed = json_of("$S trace stats b.csv.gz --json");
    assert_true(json_equal(json_object_get(s, "gpu_hours"), json_object_get(packed, "gpu_hours")));
    json_decref(s);
    json_decref(packed);
    /* Second 0 becomes the first submission; from then on nothing changes. */
    EXITS("$S import --from csv - -o d.csv < a.csv && $S import --from csv d.csv -o d2.csv && cmp "
          "d.csv d2.csv && test $(wc -l < a.csv) = $(wc -l < d.csv)",
          0);
    EXITS("printf 'when,mins,n\\n0,10,2\\n5,1.5,1\\n' > theirs.csv; $S import --from csv "
          "theirs.csv --map when=submit_s --map mins=run_s --map n=gpus --unit min -o ours.csv && "
          "grep -q '^300,90,1' ours.csv && grep -q '^0,600,2' ours.csv",
          0);
    EXITS(
        "printf 'at,from,to,n\n2026-01-02 03:04:05,2026-01-02 03:05:05,2026-01-02 04:05:05,4\n' > "
        "clock.csv; $S import --from csv clock.csv --map at=submit_s --map from=start_s --map "
        "to=end_s --map n=gpus -o ours.csv && grep -q '^# t0_unix_s=1767323045' ours.csv && grep "
        "-q '^0,3600,4,60' ours.csv",
        0);
    says(
        "$S import --from csv clock.csv --map at=submit_s --map at=start_s --map from=start_s -o x",
        2, "", "two columns for start_s: at and from");
    says("$S import --from csv clock.csv --map at=submit_s --map n=gpus --map len=run_s -o x", 2,
         "", "columns are missing: 'len'");
    says("$S import --from csv clock.csv --map at=submt_s -o x", 2, "", "Did you mean 'submit_s'?");
    says("printf 'submit_s,run_s,gpus,min_gpus,max_gpus\\n0,1,2,3,4\\n0,1,2,1,1\\n' > sizes.csv; "
         "$S trace stats sizes.csv",
         2, "", "sizes.csv:2:7: error: 'min_gpus' is more than 'gpus'");
    says("$S trace stats sizes.csv", 2, "", "sizes.csv:3:9: error: 'max_gpus' is less than 'gpus'");
    EXITS("command -v zstd >/dev/null || exit 0; zstd -q a.csv -o a.csv.zst && $S trace stats "
          "a.csv.zst --json > z.json && $S trace stats a.csv --json | cmp - z.json",
          0);
}

static void what_stats_says(void **state)
{
    (void)state;
    /* Friday 2026-01-09 12:00 UTC; an escape sequence for a tenant. */
    EXITS("printf '# t0_unix_s=1767960000\\nsubmit_s,run_s,gpus,tenant,start_s,status\\n"
          "0,3600,8,research,60,completed\\n1800,7200,1,\\033[31mred,1800,failed\\n"
          "7200,0,0,,,completed\\n' > s.csv",
          0);
    static const char *const lines[] = {
        "  jobs        3, 1 of them without a GPU\n",
        "  GPU-hours   10.0\n",
        "  submitted   2026-01-09 12:00 to 2026-01-09 14:00 UTC, over 2.0 h\n",
        "  run times   p50 60.0 min, mean 60.0 min, p95 2.0 h, p99 2.0 h, longest 2.0 h\n",
        "  load        5.00 GPUs offered (GPU time / time of submissions)\n",
        "mean 4.00, p50 1.00, p95 9.00, peak 9.00 (2026-01-09 12:30)\n",
        "  arrivals    1.00 jobs an hour, most 2 (2026-01-09 12:00), none in 33% of the hours\n",
        "  waits       as recorded for 67% of the jobs: p50 0 s, mean 30.0 s, p95 60.0 s",
        "  outcome     67% completed, 33% failed\n",
        "  tenants     3, by GPU-hours: research 80%, \ufffd[31mred 20%, (none) 0%\n",
    };
    EXITS("$S trace stats s.csv > said.txt", 0);
    char *said = read_file(scratch_path("said.txt"), NULL);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(said, lines[i])) fail_msg("no line '%s' in\n%s", lines[i], said);
    free(said);
    EXITS("! grep -q 'limit\\|;$\\|[[:cntrl:]]' said.txt", 0);
    json_t *s = json_of("$S trace stats s.csv --json");
    assert_true(json_real_value(json_object_get(s, "gpu_hours")) == 10);
    assert_string_equal(json_string_value(json_object_get(s, "first_submit")),
                        "2026-01-09T12:00:00Z");
    assert_int_equal(json_integer_value(json_object_get(s, "wait_jobs")), 2);
    assert_true(json_real_value(json_object_get(s, "load_peak_at_s")) == 1800);
    json_decref(s);
    says("$S import --from csv s.csv -o - | sed 1d | $S trace stats -", 0,
         "the trace gives no date", NULL);
    /* 72602.894 GPU-hours are 261370420 GPU-seconds / 3600 to the last digit printed. */
    says(
        "{ echo submit_s,run_s,gpus; for i in 1 2 3 4 5 6 7; do echo $i,0.1,1; done; } > t.csv; $S "
        "trace stats t.csv --json",
        0, "\"gpu_hours\": 0.000194444444444444,", NULL);
}

static void pictures_of_traces(void **state)
{
    (void)state;
    says("$S trace stats s.csv --picture s.pdf", 2, NULL, ".png or a .svg, not 's.pdf'");
    says("mkdir -p empty; PATH=$D/empty $S trace stats s.csv --picture none.png", 2, NULL,
         "gnuplot not found in PATH: install it");
    says("mkdir -p fake; printf '#!/bin/sh\\nexit 3\\n' > fake/gnuplot; chmod +x fake/gnuplot; "
         "PATH=$D/fake:$PATH $S trace stats s.csv --picture none.png",
         2, NULL, "gnuplot gave no whole picture");
    EXITS("test -z \"$(ls | grep none)\"", 0);
    if (sh("command -v gnuplot", NULL, NULL) != 0) skip();
    EXITS("$S trace stats s.csv --picture s.png && test \"$(head -c 4 s.png | tail -c 3)\" = PNG",
          0);
    EXITS("$S trace stats s.csv --picture s.svg && tail -n 2 s.svg | grep -q '</svg>' && grep -q "
          "'s.csv keeps 4.00 GPUs busy' s.svg",
          0);
    EXITS(
        "cp s.csv '$(touch pwned)`touch pwned`<b>.csv'; $S trace stats *'<b>.csv' --picture h.svg "
        "&& $S trace stats *'<b>.csv' --picture h.png && test ! -e pwned && grep -q '&lt;b&gt;' "
        "h.svg",
        0);
    says("$S trace stats s.csv --picture /nonexistent/x.png", 2, NULL, "/nonexistent/x.png");
}

/* The example traces are what `make traces` makes. */
static void shipped_traces_are_made_here(void **state)
{
    (void)state;
    EXITS("$S trace synth --like itp --jobs 8000 --days 14 --load 120 --seed 1 -o itp.csv && gzip "
          "-dc $R/scenarios/examples/itp-like.csv.gz | cmp - itp.csv",
          0);
    EXITS("$S trace synth --like philly --jobs 8000 --days 14 --load 60 --seed 1 -o philly.csv && "
          "gzip -dc $R/scenarios/examples/philly-like.csv.gz | cmp - philly.csv",
          0);
}

/* Fifty lines of C do what the command does. */
static void the_library_example(void **state)
{
    (void)state;
    says("$(dirname $S)/examples/replay $R/scenarios/examples/itp-like.csv.gz 20", 0,
         "8000 jobs: mean wait", NULL);
}

static void damaged_traces(void **state)
{
    (void)state;
    EXITS("$S trace synth --like philly --jobs 20000 -o whole.csv.gz", 0);
    says("head -c 5000 whole.csv.gz > cut.csv.gz; $S trace stats cut.csv.gz", 2, NULL,
         "ends early");
    says("printf 'submit_s,run_s\\n0,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "no column 'gpus'");
    says("printf 'submit_s,run_s,gpu\\n0,1,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "did you mean 'gpus'?");
    says("printf 'submit_s,run_s,gpus\\n0,1e30,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "m.csv:2:3");
    says("printf 'submit_s,run_s,gpus\\n0,10,2147483648\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "m.csv:2:6");
    says("printf 'submit_s,run_s,gpus\\n0,-10,1\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "negative");
    says("printf 'submit_s,run_s,gpus\\n0,10,1,7\\n' > m.csv; $S trace stats m.csv", 2, NULL,
         "4 fields");
    says("printf 'submit_s,run_s,gpus\\n9,10,1\\n1,10,1\\n' > m.csv; $S trace stats m.csv", 0, NULL,
         "out of order");
    says(": > m.csv; $S trace stats m.csv", 2, NULL, "empty");
    says("head -c 2000000 /dev/zero | tr '\\0' x > m.csv; $S trace stats m.csv", 2, NULL, "1 MiB");
    says("head -c 300000 /dev/urandom > m.csv; $S trace stats m.csv", 2, NULL, "m.csv");
    EXITS("printf '\\357\\273\\277submit_s,run_s,gpus\\r\\n0,10,1\\r\\n' > m.csv; $S trace stats "
          "m.csv",
          0);
    /* A terminal escape in a file is shown, not obeyed. */
    char *out, *err;
    assert_int_equal(
        sh("printf 'submit_s,run_s,gpus\\n0,\\033[31mred,1\\n' > esc.csv; $S trace stats esc.csv",
           &out, &err),
        2);
    assert_null(strchr(err, '\033'));
    free(out);
    free(err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_in_and_out),   cmocka_unit_test(what_stats_says),
        cmocka_unit_test(pictures_of_traces),  cmocka_unit_test(shipped_traces_are_made_here),
        cmocka_unit_test(the_library_example), cmocka_unit_test(damaged_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
