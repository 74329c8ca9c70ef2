/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alibaba PAI 2020. Its tables have no header lines; they are told apart by their fields:
 *   pai_job_table        job_name,inst_id,user,status,start_time,end_time
 *   pai_group_tag_table  inst_id,user,gpu_type_spec,group,workload
 *   pai_task_table       job_name,task_name,inst_num,status,start_time,end_time,
 *                        plan_cpu,plan_mem,plan_gpu,gpu_type
 *
 * A task is a job of the trace; processors and GPUs are in percent an instance, memory in GB an
 * instance, the GPU type MISC is any. The job table gives a task's user and its submission, which
 * is the job's start_time; without it a task was submitted when it started. The group table gives
 * the tenant (group) and the workload class. Both must come before the task table, in any order.
 * A task without start_time never started; one without end_time is kept as an instant.
 * Source: alibaba/clusterdata, cluster-trace-gpu-v2020.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/traces/fields.h"
#include "scenarios/traces/formats.h"

enum { GROUP_FIELDS = 5, JOB_FIELDS = 6, TASK_FIELDS = 10 };

struct pai_job {      /* of the job table, by number of its name */
    int64_t start_us; /* INT64_MIN: not given */
    uint32_t user, instance;
};

struct pai_instance { /* of the group table, by number of its inst_id */
    uint32_t group, workload;
};

struct pai {
    struct names jobs, instances, words; /* words: users, groups, workloads */
    struct pai_job *job;
    struct pai_instance *instance;
    uint32_t job_room, instance_room;
    bool tasks; /* a task was read: further tables would come too late for it */
};

void forget_pai2020(void *kept)
{
    struct pai *p = kept;
    if (!p) return;
    names_free(&p->jobs);
    names_free(&p->instances);
    names_free(&p->words);
    free(p->job);
    free(p->instance);
    free(p);
}

static enum status no_memory(struct import *import)
{
    return error_set(import->err, STATUS_NO_MEMORY, "no memory for the tables of %s",
                     import->in->path);
}

static enum status start_pai(struct import *import)
{
    struct pai *p = *import->kept;
    if (p) return STATUS_OK;
    *import->kept = p = calloc(1, sizeof *p);
    if (!p || names_init(&p->jobs) != STATUS_OK || names_init(&p->instances) != STATUS_OK ||
        names_init(&p->words) != STATUS_OK)
        return no_memory(import);
    return STATUS_OK;
}

/* Room for entry number n of *items, those in between zeroed; false without memory. */
static bool make_room(void **items, uint32_t *room, uint32_t n, size_t size)
{
    if (n < *room) return true;
    uint32_t more = n < 512 ? 1024 : 2 * n;
    void *grown = realloc(*items, more * size);
    if (!grown) return false;
    memset((char *)grown + *room * size, 0, (more - *room) * size);
    *items = grown;
    *room = more;
    return true;
}

static uint32_t word(struct pai *p, const struct field *f)
{
    return field_missing(f) ? 0 : names_add(&p->words, f->text, f->n);
}

static enum status read_job(struct import *import, struct pai *p, struct field *f)
{
    int64_t start = INT64_MIN;
    if (!field_missing(&f[4]) && !field_time(&f[4], US_PER_S, &start)) {
        import_count(import->report, false, "start_time of a job is not a number: left out");
        start = INT64_MIN;
    }
    uint32_t n = names_add(&p->jobs, f[0].text, f[0].n), user = word(p, &f[2]),
             instance = names_add(&p->instances, f[1].text, f[1].n);
    if (n == UINT32_MAX || user == UINT32_MAX || instance == UINT32_MAX ||
        !make_room((void **)&p->job, &p->job_room, n, sizeof *p->job))
        return no_memory(import);
    p->job[n] = (struct pai_job){ start, user, instance };
    return STATUS_OK;
}

static enum status read_group(struct import *import, struct pai *p, struct field *f)
{
    uint32_t n = names_add(&p->instances, f[0].text, f[0].n), group = word(p, &f[3]),
             workload = word(p, &f[4]);
    if (n == UINT32_MAX || group == UINT32_MAX || workload == UINT32_MAX ||
        !make_room((void **)&p->instance, &p->instance_room, n, sizeof *p->instance))
        return no_memory(import);
    p->instance[n] = (struct pai_instance){ group, workload };
    return STATUS_OK;
}

static void set_word(const struct pai *p, uint32_t n, const char **text, size_t *length)
{
    *text = p->words.text[n];
    *length = strlen(*text);
}

/* What the job and group tables know of a task; the start of its job, INT64_MIN not known. */
static int64_t join(const struct pai *p, const struct field *job_name, struct job_row *row)
{
    uint32_t n = names_find(&p->jobs, job_name->text, job_name->n);
    if (n == 0 || n == UINT32_MAX) return INT64_MIN;
    const struct pai_job *job = &p->job[n];
    set_word(p, job->user, &row->user, &row->user_n);
    if (job->instance < p->instance_room) {
        const struct pai_instance *i = &p->instance[job->instance];
        set_word(p, i->group, &row->tenant, &row->tenant_n);
        set_word(p, i->workload, &row->class_, &row->class_n);
    }
    return job->start_us;
}

/* inst_num x amount an instance, in thousandths; false where one is not a number. */
static bool planned(const struct field *instances, const struct field *each, int64_t scale,
                    int64_t *value)
{
    int64_t n = 1000, amount = 0;
    if (!field_missing(instances) && !field_scaled(instances, 1000, &n)) return false;
    if (!field_missing(each) && !field_scaled(each, scale, &amount)) return false;
    __int128 product = (__int128)n * amount / 1000;
    *value = product > INT64_MAX / 4 ? INT64_MAX / 4 : product < 0 ? -1 : (int64_t)product;
    return true;
}

static const char *read_times(struct import *import, struct field *f, int64_t job_start_us,
                              struct job_row *row)
{
    int64_t start, end;
    if (field_missing(&f[4])) {
        if (job_start_us == INT64_MIN) return "no start_time";
        row->submit_us = job_start_us;
        row->status = JOB_NEVER_STARTED;
        import_count(import->report, false, "no start_time: never started");
        return NULL;
    }
    if (!field_time(&f[4], US_PER_S, &start)) return "start_time is not a number";
    row->start_us = row->submit_us = start;
    if (job_start_us != INT64_MIN && job_start_us <= start) row->submit_us = job_start_us;
    else if (job_start_us != INT64_MIN)
        import_count(import->report, false, "task before its job: submitted when it started");
    if (field_missing(&f[5])) {
        import_count(import->report, false, "no end_time: kept with a run time of 0");
        return NULL;
    }
    if (!field_time(&f[5], US_PER_S, &end)) return "end_time is not a number";
    row->run_us = end - start;
    return NULL;
}

static enum status read_task(struct import *import, struct pai *p, struct field *f)
{
    struct job_row row;
    char id[256];
    int64_t gpu;
    job_row_init(&row);
    p->tasks = true;
    row.status = import_status(f[3].text);
    const char *reason = read_times(import, f, join(p, &f[0], &row), &row);
    if (!reason &&
        (!planned(&f[2], &f[8], 10, &gpu) || !planned(&f[2], &f[6], 10, &row.cpu_milli) ||
         !planned(&f[2], &f[7], 1024, &row.mem_mib)))
        reason = "inst_num or a plan is not a number";
    if (reason) return import_drop(import, reason);
    row.gpu_milli = import_gpu_milli(gpu);
    row.id = id;
    row.id_n = (size_t)snprintf(id, sizeof id, "%.120s/%.120s", f[0].text, f[1].text);
    if (!field_missing(&f[9]) && strcmp(f[9].text, "MISC") != 0) {
        row.gpu_type = f[9].text;
        row.gpu_type_n = f[9].n;
    }
    return import_add(import, &row);
}

static enum status read_fields(struct import *import, struct field *f, size_t n)
{
    struct pai *p = *import->kept;
    bool lookup = n == JOB_FIELDS || n == GROUP_FIELDS; /* its rows are no jobs */
    import->report->rows += !lookup;
    if (n == TASK_FIELDS) return read_task(import, p, f);
    if (!lookup) return import_drop(import, "not of the job, group or task table");
    if (p->tasks)
        return error_set(import->err, STATUS_BAD_INPUT,
                         "%s: the job and group tables must come before the task table",
                         import->in->path);
    return n == JOB_FIELDS ? read_job(import, p, f) : read_group(import, p, f);
}

enum status read_pai2020(struct import *import)
{
    char *line;
    size_t n;
    enum status status = start_pai(import);
    while (status == STATUS_OK) {
        struct field f[FIELDS_MAX];
        if ((status = text_line(import->in, &line, &n, import->err)) != STATUS_OK || !line) break;
        if (n == 0) continue;
        size_t fields = fields_split(line, n, ',', f);
        status = read_fields(import, f, fields);
    }
    return status;
}
