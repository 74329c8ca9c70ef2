/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/traces/formats.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct trace_format trace_formats[] = {
    { "itp", "Microsoft ITP, raw and ElasticFlow CSV; one file a cluster",
      "microsoft/elasticflow-traces", read_itp, NULL },
    { "philly", "Microsoft Philly: Sia's CSV and the raw JSON log",
      "msr-fiddle/philly-traces; siasosp23/artifacts", read_philly, NULL },
    { "helios", "SenseTime Helios cluster_log.csv", "S-Lab-System-Group/HeliosData", read_helios,
      NULL },
    { "acme", "Shanghai AI Lab Acme: Seren and Kalos", "InternLM/AcmeTrace", read_acme, NULL },
    { "pai2020", "Alibaba PAI 2020: task table; job and group tables before it for users",
      "alibaba/clusterdata cluster-trace-gpu-v2020", read_pai2020, forget_pai2020 },
    { "openb", "Alibaba openb pod lists", "alibaba/clusterdata cluster-trace-gpu-v2023", read_openb,
      NULL },
    { "swf", "Standard Workload Format of the Parallel Workloads Archive",
      "Feitelson; cs.huji.ac.il/labs/parallel/workload/swf.html", read_swf, NULL },
    { "slurm", "sacct --parsable2 with a header line", "slurm.schedmd.com/sacct.html", read_slurm,
      NULL },
    { "kubernetes", "kubectl get pods,jobs -A -o json", "kubernetes.io API reference",
      read_kubernetes, NULL },
    { "csv", "any CSV with a header, by --map theirs=ours", "docs/trace-format.md", read_csv,
      NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

const struct trace_format *trace_format_find(const char *name)
{
    for (const struct trace_format *f = trace_formats; f->name; f++)
        if (strcmp(f->name, name) == 0) return f;
    return NULL;
}

void import_options_init(struct import_options *options)
{
    *options = (struct import_options){ .time_unit_us = US_PER_S, .delimiter = ',' };
}

void import_count_many(struct import_report *report, bool dropped, const char *reason, uint64_t n)
{
    if (n == 0) return;
    for (int i = 0; i < report->reason_n; i++)
        if (report->reasons[i].dropped == dropped && strcmp(report->reasons[i].text, reason) == 0) {
            report->reasons[i].count += n;
            return;
        }
    /* The last place is for whatever does not find one. */
    int at = report->reason_n < IMPORT_REASON_MAX ? report->reason_n++ : IMPORT_REASON_MAX - 1;
    snprintf(report->reasons[at].text, sizeof report->reasons[at].text, "%.90s",
             at == IMPORT_REASON_MAX - 1 ? "other reasons" : reason);
    report->reasons[at].dropped = dropped;
    report->reasons[at].count += n;
}

void import_count(struct import_report *report, bool dropped, const char *reason)
{
    import_count_many(report, dropped, reason, 1);
}

enum status import_drop(struct import *import, const char *reason)
{
    import_count(import->report, true, reason);
    return STATUS_OK;
}

enum status import_epoch(struct import *import, int64_t unix_us)
{
    struct workload *w = import->w;
    if (w->t0_unix_us != INT64_MIN) {
        import->shift_us = unix_us - w->t0_unix_us;
    } else if (w->job_n > 0) {
        return error_set(import->err, STATUS_BAD_INPUT,
                         "%s knows the wall clock of its times, the files before it do not: they "
                         "have no common second 0",
                         import->in->path);
    } else {
        w->t0_unix_us = unix_us;
    }
    return STATUS_OK;
}

size_t import_stem(const char *path, const char **stem)
{
    const char *slash = strrchr(path, '/');
    *stem = slash ? slash + 1 : path;
    return strcspn(*stem, ".");
}

enum job_status import_status(const char *word)
{
    static const struct {
        const char *word;
        enum job_status status;
    } words[] = {
        { "pass", JOB_COMPLETED },
        { "completed", JOB_COMPLETED },
        { "succeeded", JOB_COMPLETED },
        { "terminated", JOB_COMPLETED },
        { "failed", JOB_FAILED },
        { "timeout", JOB_FAILED },
        { "node_fail", JOB_FAILED },
        { "out_of_memory", JOB_FAILED },
        { "boot_fail", JOB_FAILED },
        { "deadline", JOB_FAILED },
        { "killed", JOB_CANCELLED },
        { "cancelled", JOB_CANCELLED },
        { "canceled", JOB_CANCELLED },
        { "preempted", JOB_CANCELLED },
        { "pending", JOB_NEVER_STARTED },
        { "waiting", JOB_NEVER_STARTED },
        { "running", JOB_RUNNING_AT_END },
        { "suspended", JOB_RUNNING_AT_END },
        { "stopped", JOB_RUNNING_AT_END },
        { "configuring", JOB_RUNNING_AT_END },
        { "completing", JOB_RUNNING_AT_END },
        { "requeued", JOB_PARTIAL },
        { "resizing", JOB_PARTIAL },
        { "unknown", JOB_UNKNOWN },
        { "partial", JOB_PARTIAL },
        { "never_started", JOB_NEVER_STARTED },
        { "running_at_end", JOB_RUNNING_AT_END },
    };
    size_t n = strcspn(word, " "); /* "CANCELLED by 1000" */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == n && strncasecmp(words[i].word, word, n) == 0)
            return words[i].status;
    return JOB_UNKNOWN;
}

/* Where nothing is left a person wants to know why: the reason met most often. */
static enum status nothing_left(const struct import_report *r, struct error *err)
{
    const struct import_reason *most = NULL;
    for (int i = 0; i < r->reason_n; i++)
        if (r->reasons[i].dropped && (!most || r->reasons[i].count > most->count))
            most = &r->reasons[i];
    if (!most)
        return error_set(err, STATUS_BAD_INPUT, "no job is left of %llu rows",
                         (unsigned long long)r->rows);
    return error_set(err, STATUS_BAD_INPUT, "no job is left of %llu rows; %llu were dropped: %s",
                     (unsigned long long)r->rows, (unsigned long long)most->count, most->text);
}

enum status import_files(const struct trace_format *format, const struct import_options *options,
                         const char *const *paths, size_t path_n, int64_t t0_us, struct workload *w,
                         struct import_report *report, struct error *err)
{
    struct text_input in;
    void *kept = NULL;
    enum status status = workload_init(w, err);
    memset(report, 0, sizeof *report);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; status == STATUS_OK && i < path_n; i++) {
        struct import import = { w, options, report, &in, paths[i], 0, &kept, err };
        status = text_open(&in, paths[i], err);
        if (status != STATUS_OK) break;
        status = format->read(&import);
        text_close(&in);
    }
    if (format->forget) format->forget(kept);
    uint64_t unordered = 0;
    for (size_t j = 1; status == STATUS_OK && j < w->job_n; j++)
        unordered += w->submit_us[j] < w->submit_us[j - 1];
    if (status == STATUS_OK && w->job_n == 0) status = nothing_left(report, err);
    if (status == STATUS_OK) status = workload_seal(w, t0_us, err);
    if (status != STATUS_OK) {
        workload_free(w);
        return status;
    }
    import_count_many(report, false, "rows before an earlier one: sorted by submission", unordered);
    return STATUS_OK;
}
