/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/traces/formats.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct trace_format trace_formats[] = {
    { "itp", "Microsoft ITP, raw and ElasticFlow CSV; one file a cluster",
      "microsoft/elasticflow-traces", read_itp },
    { "philly", "Microsoft Philly: Sia's CSV and the raw JSON log",
      "msr-fiddle/philly-traces; siasosp23/artifacts", read_philly },
    { "helios", "SenseTime Helios cluster_log.csv", "S-Lab-System-Group/HeliosData", read_helios },
    { "acme", "Shanghai AI Lab Acme: Seren and Kalos", "InternLM/AcmeTrace", read_acme },
    { "pai2020", "Alibaba PAI 2020: pai_task_table.csv, which has no header",
      "alibaba/clusterdata cluster-trace-gpu-v2020", read_pai2020 },
    { "openb", "Alibaba openb pod lists", "alibaba/clusterdata cluster-trace-gpu-v2023",
      read_openb },
    { "swf", "Standard Workload Format of the Parallel Workloads Archive",
      "Feitelson; cs.huji.ac.il/labs/parallel/workload/swf.html", read_swf },
    { "slurm", "sacct --parsable2 with a header line", "slurm.schedmd.com/sacct.html", read_slurm },
    { "kubernetes", "kubectl get pods,jobs -A -o json", "kubernetes.io API reference",
      read_kubernetes },
    { "csv", "any CSV with a header, by --map theirs=ours", "docs/trace-format.md", read_csv },
    { NULL, NULL, NULL, NULL },
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

void import_count(struct import_report *report, bool dropped, const char *reason)
{
    for (int i = 0; i < report->reason_n; i++)
        if (report->reasons[i].dropped == dropped && strcmp(report->reasons[i].text, reason) == 0) {
            report->reasons[i].count++;
            return;
        }
    /* The last place is for whatever does not find one. */
    int at = report->reason_n < IMPORT_REASON_MAX ? report->reason_n++ : IMPORT_REASON_MAX - 1;
    snprintf(report->reasons[at].text, sizeof report->reasons[at].text, "%.90s",
             at == IMPORT_REASON_MAX - 1 ? "other reasons" : reason);
    report->reasons[at].dropped = dropped;
    report->reasons[at].count++;
}

enum status import_drop(struct import *import, const char *reason)
{
    import_count(import->report, true, reason);
    return STATUS_OK;
}

enum status import_add(struct import *import, struct job_row *row)
{
    const struct import_options *o = import->options;
    if (row->run_us < 0) {
        if (!o->keep_bad_duration) return import_drop(import, "negative run time");
        row->run_us = 0;
        import_count(import->report, false, "negative run time set to 0");
    }
    if (row->run_us > JOB_TIME_MAX_US) return import_drop(import, "run time beyond 100 years");
    if (row->gpu_milli < 0) return import_drop(import, "negative GPU count");
    if (row->gpu_milli > JOB_GPU_MILLI_MAX) return import_drop(import, "more than a million GPUs");
    if (row->submit_us < -4 * JOB_TIME_MAX_US || row->submit_us > 4 * JOB_TIME_MAX_US)
        return import_drop(import, "submit time beyond all calendars");
    if (row->cpu_milli < 0 || row->mem_mib < 0)
        return import_drop(import, "negative cores or memory");
    if (o->drop_zero_gpu && row->gpu_milli == 0) return import_drop(import, "no GPU (--drop-cpu)");
    if (o->drop_never_started && row->status == JOB_NEVER_STARTED)
        return import_drop(import, "never started (--drop-never-started)");
    if (o->drop_unfinished && row->status == JOB_RUNNING_AT_END)
        return import_drop(import, "running at the end (--drop-running)");
    if (o->any_gpu && row->gpu_type_n > 0) {
        row->gpu_type_n = 0;
        import_count(import->report, false, "GPU type forgotten (--any-gpu)");
    }
    if (row->run_us == 0) import_count(import->report, false, "zero run time kept as an instant");
    if (row->start_us != -1 && row->start_us < row->submit_us) {
        row->start_us = -1;
        import_count(import->report, false, "recorded start before submission left out");
    }
    enum status status = workload_add(import->w, row, import->err);
    if (status == STATUS_OK) import->report->kept++;
    if (status == STATUS_BAD_INPUT) return import_drop(import, import->err->message);
    return status;
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
        { "completing", JOB_RUNNING_AT_END },
    };
    size_t n = strcspn(word, " "); /* "CANCELLED by 1000" */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == n && strncasecmp(words[i].word, word, n) == 0)
            return words[i].status;
    for (int s = 0; s < JOB_STATUS_N; s++) { /* the words of the canonical trace */
        const char *name = job_status_name((enum job_status)s);
        if (strlen(name) == n && strncasecmp(name, word, n) == 0) return (enum job_status)s;
    }
    return JOB_UNKNOWN;
}

enum status import_files(const struct trace_format *format, const struct import_options *options,
                         const char *const *paths, size_t path_n, int64_t t0_us, struct workload *w,
                         struct import_report *report, struct error *err)
{
    struct text_input in;
    enum status status = workload_init(w, err);
    memset(report, 0, sizeof *report);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; status == STATUS_OK && i < path_n; i++) {
        struct import import = { w, options, report, &in, paths[i], err };
        status = text_open(&in, paths[i], err);
        if (status != STATUS_OK) break;
        status = format->read(&import);
        text_close(&in);
    }
    uint64_t unordered = 0;
    for (size_t j = 1; status == STATUS_OK && j < w->job_n; j++)
        unordered += w->submit_us[j] < w->submit_us[j - 1];
    if (status == STATUS_OK && w->job_n == 0)
        status = error_set(err, STATUS_BAD_INPUT, "no job is left of %llu rows",
                           (unsigned long long)report->rows);
    if (status == STATUS_OK) status = workload_seal(w, t0_us, err);
    if (status != STATUS_OK) {
        workload_free(w);
        return status;
    }
    if (unordered) {
        import_count(report, false, "rows before an earlier one: sorted by submission");
        report->reasons[report->reason_n - 1].count = unordered;
    }
    return STATUS_OK;
}
