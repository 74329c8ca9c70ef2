/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workload: the jobs of one trace, in order of submission, as columns.
 *
 *      job      0        1        2     ...      job_n - 1
 *      submit_us[0] <= submit_us[1] <= ...                     times in microseconds from t0
 *      run_us, gpu_milli, tenant, ...                          one array a property
 *
 * Columns, because the replay loop touches four of them a job and ten million jobs must stay in
 * cache line order. Text (tenants, users, queues, classes, GPU type sets, node selectors and
 * tolerations) is held once in a name table and referred to by index; index 0 is always the empty
 * name, which means "not given" (for GPU type sets: any type). A workload is filled by a reader or
 * a generator, then sealed by workload_seal; after that nobody changes it and all threads share it.
 * The workload owns every array and every name.
 */
#ifndef MODELS_WORKLOAD_WORKLOAD_H
#define MODELS_WORKLOAD_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

enum { US_PER_S = 1000000 };
#define US_PER_HOUR (INT64_C(3600) * US_PER_S)

/* The largest values a job may carry; readers refuse or drop (and count) what lies beyond. */
#define JOB_TIME_MAX_US   (INT64_C(100) * 366 * 86400 * US_PER_S) /* one hundred years */
#define JOB_GPU_MILLI_MAX (INT64_C(1000000) * 1000)               /* a million GPUs */
#define JOB_CPU_MILLI_MAX (INT64_C(1) << 40)                      /* a thousand million cores */
#define JOB_MEM_MIB_MAX   (INT64_C(1) << 40)                      /* an exabyte */
#define JOB_CLOCK_MAX_US  (8 * JOB_TIME_MAX_US) /* of the wall clock, before a trace is sealed */

/* What became of the job in the original cluster (data/MAPPING: unknown is replayed as success). */
enum job_status {
    JOB_UNKNOWN = 0,
    JOB_COMPLETED,
    JOB_FAILED,
    JOB_CANCELLED,
    JOB_NEVER_STARTED,
    JOB_RUNNING_AT_END,
    JOB_PARTIAL,
    JOB_STATUS_N
};

/* "unknown", "completed", ...: the words of the canonical CSV. Never NULL for a valid status. */
const char *job_status_name(enum job_status status);

/* Distinct texts by number. names_add returns the number of `text`, adding it if it is new; SIZE:
 * the table copies the bytes. UINT32_MAX on lack of memory. Number 0 is "" in an initialised table.
 */
struct names {
    char **text;
    uint32_t n, capacity;
    uint32_t last;  /* the one found before */
    uint32_t *slot; /* open addressing: number + 1, 0 = empty */
    uint32_t slot_n;
};
enum status names_init(struct names *names);
void names_free(struct names *names);
uint32_t names_add(struct names *names, const char *text, size_t length);
/* The number of `text`, UINT32_MAX where the table does not hold it. */
uint32_t names_find(const struct names *names, const char *text, size_t length);

/* One job as a row, for readers and generators. Texts are borrowed for the call. -1 = not given. */
struct job_row {
    const char *id;
    size_t id_n; /* empty: numbered by position */
    const char *tenant;
    size_t tenant_n;
    const char *user;
    size_t user_n;
    const char *queue;
    size_t queue_n;
    const char *class_;
    size_t class_n; /* workload class of perf_factors.csv, e.g. "language-model" */
    const char *gpu_type;
    size_t gpu_type_n; /* '|'-separated set of GPU models, sorted, no repeats; "" = any */
    const char *selector;
    size_t selector_n; /* of nodes; models/scheduling/node_selector.h */
    const char *toleration;
    size_t toleration_n; /* of taints; the same */
    int64_t submit_us;   /* any origin; workload_seal subtracts t0 */
    int64_t run_us;      /* >= 0, on the trace's reference GPU */
    int64_t limit_us;    /* the user's requested wall time, -1 none */
    int64_t start_us;    /* recorded start, same origin as submit_us; -1 none */
    int64_t deadline_us; /* same origin; -1 none */
    int32_t gpu_milli;   /* thousandths of a GPU, whole job; 0 = CPU job */
    int64_t cpu_milli;   /* thousandths of a core, whole job; 0 = not given */
    int64_t mem_mib;     /* MiB, whole job; 0 = not given */
    int32_t nodes;       /* nodes asked for, 0 = not given */
    int32_t priority;    /* larger is more urgent; 0 default */
    int32_t min_gpus;    /* it may run on so few, at most gpu_milli / 1000 up; 0 = not given */
    int32_t max_gpus;    /* or so many, at least as many as that; 0 = not given */
    enum job_status status;
};
void job_row_init(struct job_row *row); /* all "not given" */

struct workload {
    size_t job_n, capacity;
    int64_t *submit_us, *run_us, *limit_us, *start_us, *deadline_us;
    int32_t *gpu_milli, *nodes, *priority, *min_gpus, *max_gpus;
    int64_t *cpu_milli, *mem_mib;
    uint32_t *tenant, *user, *queue, *class_, *gpu_type; /* numbers in the tables below */
    uint32_t *selector, *toleration;
    uint8_t *status;
    uint64_t *id_at; /* job_n + 1 offsets into id_text; equal neighbours = no id */
    char *id_text;
    size_t id_capacity;
    struct names tenants, users, queues, classes, gpu_types, selectors, tolerations;
    int64_t t0_unix_us; /* wall clock of time 0 in microseconds of the Unix epoch; INT64_MIN =
                           unknown */
    int64_t span_us;    /* last submit - first submit, set by workload_seal */
    int has_limit, has_start, has_size; /* 1 where at least one job has one: a min or max of GPUs */
};

enum status workload_init(struct workload *w, struct error *err);
void workload_free(struct workload *w);
/* Room for job_n jobs in all, for who knows how many will come. */
enum status workload_reserve(struct workload *w, size_t job_n, struct error *err);
/* Appends a copy of row. The row must be in range (see the maxima); STATUS_BAD_INPUT otherwise. */
enum status workload_add(struct workload *w, const struct job_row *row, struct error *err);
/* Job j as a row, its texts borrowed from w. */
void workload_row(const struct workload *w, size_t j, struct job_row *row);
/* Sorts stably by submit time and shifts all times so that `origin_us` becomes 0. INT64_MIN means
 * the first submit. Known wall-clock t0 moves along (t0_unix_us += origin). Call once, before any
 * use. */
enum status workload_seal(struct workload *w, int64_t origin_us, struct error *err);
/* Thousandths of a GPU x microseconds -> GPU-hours, rounded once. */
static inline double gpu_hours_of(__int128 gpu_milli_us)
{
    return (double)gpu_milli_us / (1e3 * (double)US_PER_HOUR);
}
/* Of all jobs together, exact up to that rounding; fractions of a GPU count as fractions. */
double workload_gpu_hours(const struct workload *w);
/* The id of job j as written in the trace, or its position (from 0) where the trace has none, into
 * text (always terminated). Returns text. */
const char *workload_job_id(const struct workload *w, size_t j, char *text, size_t size);

/* The workload of some of its jobs, numbered by their place in the list: columns of its own, names
 * the whole one's, which outlives it; ids only where they are asked for. false: no memory. Freed by
 * workload_part_free. */
bool workload_part(const struct workload *whole, const uint32_t *jobs, size_t n, bool ids,
                   struct workload *part);
void workload_part_free(struct workload *part);

#endif
