/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/imported.h"

#include <string.h>

static enum status import_files_of(const char *format, const char *const *paths, size_t n,
                                   const struct import_options *options, struct workload *w,
                                   struct import_report *report, struct error *err)
{
    struct import_options defaults;
    const struct trace_format *f = trace_format_find(format);
    import_options_init(&defaults);
    assert_non_null(f);
    return import_files(f, options ? options : &defaults, paths, n, INT64_MIN, w, report, err);
}

struct import_report import_path(const char *format, const char *path,
                                 const struct import_options *options, struct workload *w)
{
    struct import_report report;
    struct error err = { STATUS_OK, "" };
    if (import_files_of(format, &path, 1, options, w, &report, &err) != STATUS_OK)
        fail_msg("%s: %s", path, err.message);
    return report;
}

struct import_report import_text(const char *format, const char *text,
                                 const struct import_options *options, struct workload *w)
{
    const char *path = scratch_path("import.txt");
    write_text(path, text);
    return import_path(format, path, options, w);
}

struct import_report import_texts(const char *format, const char *const *texts,
                                  const struct import_options *options, struct workload *w)
{
    struct import_report report;
    struct error err = { STATUS_OK, "" };
    const char *paths[8];
    size_t n = 0;
    for (; texts[n]; n++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.txt", n);
        paths[n] = scratch_path(name);
        write_text(paths[n], texts[n]);
    }
    if (import_files_of(format, paths, n, options, w, &report, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return report;
}

const char *import_refusal(const char *format, const char *text,
                           const struct import_options *options)
{
    static struct error err;
    struct import_report report;
    struct workload w;
    const char *path = scratch_path("import.txt");
    write_text(path, text);
    assert_int_equal(import_files_of(format, &path, 1, options, &w, &report, &err),
                     STATUS_BAD_INPUT);
    return err.message;
}

uint64_t reason_count(const struct import_report *report, const char *text)
{
    for (int i = 0; i < report->reason_n; i++)
        if (strcmp(report->reasons[i].text, text) == 0) return report->reasons[i].count;
    return 0;
}

size_t job_named(const struct workload *w, const char *id)
{
    char text[200];
    for (size_t j = 0; j < w->job_n; j++)
        if (strcmp(workload_job_id(w, j, text, sizeof text), id) == 0) return j;
    fail_msg("there is no job %s", id);
    return 0;
}

const char *tenant_of(const struct workload *w, size_t j) { return w->tenants.text[w->tenant[j]]; }
const char *user_of(const struct workload *w, size_t j) { return w->users.text[w->user[j]]; }
const char *queue_of_job(const struct workload *w, size_t j) { return w->queues.text[w->queue[j]]; }
const char *types_of(const struct workload *w, size_t j)
{
    return w->gpu_types.text[w->gpu_type[j]];
}
