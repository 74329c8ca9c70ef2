/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/trace_summary.h"

#include <string.h>
#include <time.h>

#include "reports/escape.h"

struct format_text trace_when(const struct workload *w, int64_t us, bool day_only)
{
    struct format_text text;
    struct tm tm;
    if (w->t0_unix_us == INT64_MIN) {
        text = format_duration((double)us / US_PER_S);
        strcat(text.s, " in");
        return text;
    }
    int64_t unix_us = w->t0_unix_us + us;
    time_t t = (time_t)(unix_us / US_PER_S - (unix_us % US_PER_S < 0));
    if (!gmtime_r(&t, &tm) ||
        strftime(text.s, sizeof text.s, day_only ? "%Y-%m-%d" : "%Y-%m-%d %H:%M", &tm) == 0)
        strcpy(text.s, "beyond the calendar");
    return text;
}

static double seconds(int64_t us) { return (double)us / US_PER_S; }

static struct format_text share(double part, double whole)
{
    return format_percent(whole > 0 ? part / whole : 0);
}

/* One line of "label     text", the label only where it is given. */
static void label(const char *name) { printf("  %-11s ", name); }

static void print_time(const struct workload *w, const struct workload_stats *s)
{
    bool clock = w->t0_unix_us != INT64_MIN;
    label("submitted");
    if (clock)
        printf("%s to %s UTC, ", trace_when(w, s->first_us, false).s,
               trace_when(w, s->first_us + s->span_us, false).s);
    printf("over %s%s\n", format_duration(seconds(s->span_us)).s,
           clock ? "" : " (the trace gives no date)");
}

static void print_runs(const struct workload_stats *s)
{
    label("run times");
    printf("p50 %s, mean %s, p95 %s, p99 %s, longest %s\n",
           format_duration(seconds(s->all.run_us[0])).s, format_duration(s->all.run_mean_s).s,
           format_duration(seconds(s->all.run_us[2])).s,
           format_duration(seconds(s->all.run_us[3])).s,
           format_duration(seconds(s->all.run_us[4])).s);
    if (s->all.jobs >= 100 && s->all.gpu_hours > 0) {
        label("");
        printf("the largest 1%% of the jobs hold %s of the GPU time\n",
               format_percent(s->top_share).s);
    }
    if (s->zero_runs) {
        label("");
        printf("%s of the jobs take no time at all\n", format_count((double)s->zero_runs).s);
    }
}

static void print_load(const struct workload *w, const struct workload_stats *s)
{
    if (s->load_n == 0) return;
    label("load");
    if (s->span_us > 0)
        printf("%s GPUs offered (GPU time / time of submissions)\n",
               format_number(s->load_offered).s);
    if (s->span_us > 0) label("");
    printf("GPUs in use if every job started at once: mean %s, p50 %s, p95 %s, peak %s (%s)\n",
           format_number(s->load_mean).s, format_number(s->load_p50).s,
           format_number(s->load_p95).s, format_number(s->load_peak).s,
           trace_when(w, s->load_peak_us, false).s);
}

/* One block a part, the tallest the largest. */
static void bars(const double *value, int n)
{
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    double most = 0;
    for (int i = 0; i < n; i++) most = value[i] > most ? value[i] : most;
    for (int i = 0; i < n; i++) fputs(blocks[(int)(7.999 * value[i] / most)], stdout);
}

static void print_arrivals(const struct workload *w, const struct workload_stats *s)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    if (s->all.jobs < 2) return;
    label("arrivals");
    if (s->hour_n >= 3) {
        printf("%s jobs an hour, most %s (%s)", format_number(s->hourly_mean).s,
               format_count((double)s->busiest_hour).s, trace_when(w, s->busiest_hour_us, false).s);
        if (s->empty_hours > 0)
            printf(", none in %s of the hours", format_percent(s->empty_hours).s);
        putchar('\n');
        label("");
        printf("hourly counts: variance / mean %s (Poisson: 1), correlation with the next hour "
               "%.2f\n",
               format_number(s->hourly_fano).s, s->hourly_lag1);
        label("");
    }
    printf("gaps: mean %s, coefficient of variation %.2f (Poisson: 1), %s are zero\n",
           format_duration(s->gap_mean_s).s, s->gap_cv, format_percent(s->zero_gaps).s);
    if (s->hour_n < 24) return;
    int least = 0, most = 0;
    for (int h = 0; h < 24; h++) {
        if (s->hour_of_day[h] < s->hour_of_day[least]) least = h;
        if (s->hour_of_day[h] > s->hour_of_day[most]) most = h;
    }
    label("by hour");
    bars(s->hour_of_day, 24);
    printf(" %s; most from %02d:00 (%.2f x the mean), least from %02d:00 (%.2f x)\n",
           w->t0_unix_us != INT64_MIN ? "00-23 UTC" : "of each 24 h from second 0", most,
           s->hour_of_day[most], least, s->hour_of_day[least]);
    if (w->t0_unix_us == INT64_MIN || s->hour_n < 168) return;
    label("by day");
    bars(s->day_of_week, 7);
    for (int d = 0; d < 7; d++) printf(" %s %.2f%s", days[d], s->day_of_week[d], d < 6 ? "," : "");
    putchar('\n');
}

static void print_waits(const struct workload_stats *s)
{
    if (s->wait_n) {
        label("waits");
        printf("as recorded for %s of the jobs: p50 %s, mean %s, p95 %s, longest %s\n",
               share((double)s->wait_n, (double)s->all.jobs).s,
               format_duration(seconds(s->wait_us[0])).s, format_duration(s->wait_mean_s).s,
               format_duration(seconds(s->wait_us[2])).s,
               format_duration(seconds(s->wait_us[4])).s);
    }
    if (s->with_start > s->wait_n) {
        label("");
        printf("%s of the jobs started before they were submitted, by the record\n",
               format_count((double)(s->with_start - s->wait_n)).s);
    }
    if (s->with_limit) {
        label("limits");
        printf("%s of the jobs have a time limit\n",
               share((double)s->with_limit, (double)s->all.jobs).s);
    }
}

static void print_outcome(const struct workload_stats *s)
{
    const char *separator = "";
    if (s->status[JOB_UNKNOWN] == s->all.jobs) return;
    label("outcome");
    for (int k = 0; k < JOB_STATUS_N; k++) {
        if (s->status[k] == 0) continue;
        printf("%s%s %s", separator, share((double)s->status[k], (double)s->all.jobs).s,
               job_status_name((enum job_status)k));
        separator = ", ";
    }
    putchar('\n');
}

static void print_names(const struct names *names, const struct stats_names *of, double gpu_hours,
                        int64_t jobs, const char *title)
{
    if (of->n == 0 || (of->n == 1 && of->top[0].name == 0)) return; /* none is given */
    label(title);
    printf("%u, by %s: ", of->n, gpu_hours > 0 ? "GPU-hours" : "jobs");
    for (int t = 0; t < of->top_n && t < 5; t++) {
        const char *text = names->text[of->top[t].name];
        if (t) fputs(", ", stdout);
        escape_terminal(stdout, *text ? text : "(none)");
        printf(" %s", gpu_hours > 0 ? share(of->top[t].gpu_hours, gpu_hours).s
                                    : share((double)of->top[t].jobs, (double)jobs).s);
    }
    puts(of->n > 5 ? ", ..." : "");
}

static void print_row(const char *name, const struct stats_runs *k, const struct stats_runs *all)
{
    printf("  %8s %12s %6s %14s %6s", name, format_count((double)k->jobs).s,
           share((double)k->jobs, (double)all->jobs).s, format_number(k->gpu_hours).s,
           share(k->gpu_hours, all->gpu_hours).s);
    for (int q = 0; q < STATS_QUANTILE_N; q++)
        printf(" %10s", format_duration(seconds(k->run_us[q])).s);
    putchar('\n');
}

/* By GPU count where there are few of them, else by class. */
static void print_sizes(const struct workload_stats *s)
{
    enum { FEW = 12 };
    printf("\n  %8s %12s %6s %14s %6s %10s %10s %10s %10s %10s\n", "GPUs", "jobs", "", "GPU-hours",
           "", "run p50", "p90", "p95", "p99", "longest");
    for (int c = 0; s->count_n <= FEW && c < s->count_n; c++) {
        char name[24];
        snprintf(name, sizeof name, "%.10g", s->counts[c].gpu_milli / 1000.0);
        print_row(name, &s->counts[c].of, &s->all);
    }
    for (int c = 0; s->count_n > FEW && c < CLASS_N; c++)
        if (s->sizes[c].jobs) print_row(gpu_class_name((enum gpu_class)c), &s->sizes[c], &s->all);
    if (s->fractional_jobs && s->count_n <= FEW)
        printf("  %s jobs ask for a part of a GPU\n", format_count((double)s->fractional_jobs).s);
}

static void print_spans(const struct workload_stats *s)
{
    printf("\n  %11s %12s %6s %14s\n", "run time", "jobs", "", "GPU-hours");
    for (int i = 0; i < STATS_SPAN_N; i++)
        if (s->spans[i].jobs)
            printf("  %11s %12s %6s %14s %6s\n", stats_span_name[i],
                   format_count((double)s->spans[i].jobs).s,
                   share((double)s->spans[i].jobs, (double)s->all.jobs).s,
                   format_number(s->spans[i].gpu_hours).s,
                   share(s->spans[i].gpu_hours, s->all.gpu_hours).s);
}

void trace_summary_text(const struct workload *w, const struct workload_stats *s)
{
    label("jobs");
    printf("%s", format_count((double)s->all.jobs).s);
    if (s->cpu_jobs) printf(", %s of them without a GPU", format_count((double)s->cpu_jobs).s);
    putchar('\n');
    label("GPU-hours");
    puts(format_number(s->all.gpu_hours).s);
    if (s->all.jobs == 0) return;
    print_time(w, s);
    print_runs(s);
    print_load(w, s);
    print_arrivals(w, s);
    print_waits(s);
    print_outcome(s);
    print_names(&w->tenants, &s->tenants, s->all.gpu_hours, s->all.jobs, "tenants");
    print_names(&w->users, &s->users, s->all.gpu_hours, s->all.jobs, "users");
    print_names(&w->queues, &s->queues, s->all.gpu_hours, s->all.jobs, "queues");
    print_names(&w->classes, &s->classes, s->all.gpu_hours, s->all.jobs, "classes");
    print_names(&w->gpu_types, &s->gpu_types, s->all.gpu_hours, s->all.jobs, "GPU types");
    print_sizes(s);
    print_spans(s);
}
