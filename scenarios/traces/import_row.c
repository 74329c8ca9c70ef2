/* SPDX-License-Identifier: Apache-2.0 */
/* From a row of a log to a job of the trace: ranges, policies, repairs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/node_selector.h"
#include "scenarios/traces/formats.h"

static void repaired(struct import *import, const char *how)
{
    import_count(import->report, false, how);
}

int32_t import_gpu_milli(int64_t milli)
{
    return milli > JOB_GPU_MILLI_MAX ? INT32_MAX : milli < 0 ? -1 : (int32_t)milli;
}

void import_sizes(struct import *import, int64_t least, int64_t most, struct job_row *row)
{
    int64_t gpus = ((int64_t)row->gpu_milli + 999) / 1000;
    if (least < 0 || least > gpus) repaired(import, "min_gpus beyond gpus left out");
    else row->min_gpus = (int32_t)least;
    if (most != 0 && (most < gpus || most > JOB_GPU_MILLI_MAX / 1000))
        repaired(import, "max_gpus below gpus left out");
    else row->max_gpus = (int32_t)most;
}

int32_t import_nodes(struct import *import, int64_t nodes)
{
    if (nodes >= 0 && nodes <= 1000000) return (int32_t)nodes;
    repaired(import, "node count out of range left out");
    return 0;
}

int32_t import_priority(struct import *import, int64_t priority)
{
    if (priority >= -INT32_MAX && priority <= INT32_MAX) return (int32_t)priority;
    repaired(import, "priority beyond 32 bits cut to them");
    return priority < 0 ? -INT32_MAX : INT32_MAX;
}

/* ---- GPU types ---- */

struct word {
    const char *text;
    size_t n;
};

static int word_order(const struct word *a, const struct word *b)
{
    int order = memcmp(a->text, b->text, a->n < b->n ? a->n : b->n);
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

/* The words between bars without blanks around them, sorted, each once; SIZE_MAX: too many. */
static size_t cut_words(const char *text, size_t n, struct word *words, size_t most)
{
    size_t count = 0;
    for (const char *at = text, *end = text + n; at < end;) {
        const char *bar = memchr(at, '|', (size_t)(end - at)), *stop = bar ? bar : end;
        struct word word = { at, (size_t)(stop - at) };
        size_t k = 0;
        int order = 1;
        while (word.n && *word.text == ' ') word = (struct word){ word.text + 1, word.n - 1 };
        while (word.n && word.text[word.n - 1] == ' ') word.n--;
        while (k < count && (order = word_order(&words[k], &word)) < 0) k++;
        if (word.n && order != 0) {
            if (count == most) return SIZE_MAX;
            memmove(words + k + 1, words + k, (count - k) * sizeof *words);
            words[k] = word;
            count++;
        }
        at = stop + 1;
    }
    return count;
}

size_t import_type_set(struct import *import, const char *text, size_t n,
                       char set[IMPORT_TYPES_MAX])
{
    struct word words[32];
    size_t count = cut_words(text, n, words, sizeof words / sizeof *words), used = 0;
    for (size_t i = 0; count != SIZE_MAX && i < count; i++) {
        if (used + words[i].n + 2 > IMPORT_TYPES_MAX) count = SIZE_MAX;
        else
            used +=
                (size_t)sprintf(set + used, "%s%.*s", i ? "|" : "", (int)words[i].n, words[i].text);
    }
    if (count == SIZE_MAX) repaired(import, "too many GPU types: taken as any");
    if (count == SIZE_MAX) used = 0;
    set[used] = '\0';
    return used;
}

int32_t import_mig_milli(const char *profile, size_t n)
{
    for (size_t i = 0; i + 2 < n; i++)
        if (profile[i] >= '1' && profile[i] <= '7' && profile[i + 1] == 'g' &&
            profile[i + 2] == '.' && (i == 0 || strchr("-_.", profile[i - 1])))
            return (1000 * (profile[i] - '0') + 6) / 7;
    return 0;
}

/* ---- Adding a row ---- */

/* Why a row cannot be a job, or is not wanted; NULL where it can. */
static const char *why_dropped(const struct import_options *o, const struct job_row *row)
{
    if (row->run_us < 0 && !o->keep_bad_duration) return "negative run time";
    if (row->run_us > JOB_TIME_MAX_US) return "run time beyond 100 years";
    if (row->gpu_milli < 0) return "negative GPU count";
    if (row->gpu_milli > JOB_GPU_MILLI_MAX) return "more than a million GPUs";
    if (row->submit_us < -4 * JOB_TIME_MAX_US || row->submit_us > 4 * JOB_TIME_MAX_US)
        return "submit time beyond all calendars";
    if (row->cpu_milli < 0 || row->mem_mib < 0) return "negative cores or memory";
    if (o->drop_zero_gpu && row->gpu_milli == 0) return "no GPU (--drop-cpu)";
    bool cancelled_in_queue =
        row->status == JOB_CANCELLED && row->start_us == -1 && row->run_us == 0;
    if (o->drop_never_started && (row->status == JOB_NEVER_STARTED || cancelled_in_queue))
        return "never started (--drop-never-started)";
    if (o->drop_unfinished && row->status == JOB_RUNNING_AT_END)
        return "running at the end (--drop-running)";
    return NULL;
}

static void repair(struct import *import, struct job_row *row)
{
    if (row->run_us < 0) {
        row->run_us = 0;
        repaired(import, "negative run time set to 0");
    }
    if (row->run_us == 0) repaired(import, "zero run time kept as an instant");
    if (row->gpu_milli == 0) repaired(import, "no GPU asked for: kept as a CPU job");
    if (import->options->any_gpu && row->gpu_type_n > 0) {
        row->gpu_type_n = 0;
        repaired(import, "GPU type forgotten (--any-gpu)");
    }
    if (row->start_us != -1 && row->start_us < row->submit_us) {
        row->start_us = -1;
        repaired(import, "recorded start before submission left out");
    }
    if (row->start_us != -1 && row->start_us - row->submit_us > JOB_TIME_MAX_US) {
        row->start_us = -1;
        repaired(import, "recorded start a century after submission left out");
    }
    if (row->limit_us < -1 || row->limit_us > JOB_TIME_MAX_US) {
        row->limit_us = -1;
        repaired(import, "time limit out of range left out");
    }
    if (row->deadline_us != -1 && (row->deadline_us - row->submit_us > JOB_TIME_MAX_US ||
                                   row->submit_us - row->deadline_us > JOB_TIME_MAX_US)) {
        row->deadline_us = -1;
        repaired(import, "deadline a century from submission left out");
    }
    row->submit_us += import->shift_us;
    if (row->start_us != -1) row->start_us += import->shift_us;
    if (row->deadline_us != -1) row->deadline_us += import->shift_us;
}

static bool is_control(char c) { return (unsigned char)c < 0x20 || c == 0x7f; }

static bool has_control(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_control(text[i])) return true;
    return false;
}

/* Names of one line: a line end in a JSON string would be two lines of the trace. *copies is what
 * the row's texts point into afterwards, NULL where nothing had to be done. */
static enum status clean_names(struct import *import, struct job_row *row, char **copies)
{
    const char **texts[] = { &row->id,     &row->tenant,   &row->user,     &row->queue,
                             &row->class_, &row->gpu_type, &row->selector, &row->toleration };
    size_t lengths[] = { row->id_n,    row->tenant_n,   row->user_n,     row->queue_n,
                         row->class_n, row->gpu_type_n, row->selector_n, row->toleration_n };
    enum { TEXTS = sizeof lengths / sizeof lengths[0] };
    size_t size = 0;
    bool dirty = false;
    *copies = NULL;
    for (int i = 0; i < TEXTS; i++) {
        size += lengths[i];
        dirty |= has_control(*texts[i], lengths[i]);
    }
    if (!dirty) return STATUS_OK;
    char *to = *copies = malloc(size);
    if (!to) return error_set(import->err, STATUS_NO_MEMORY, "no memory for the names of a job");
    repaired(import, "control characters in a name made blanks");
    for (int i = 0; i < TEXTS; i++) {
        for (size_t k = 0; k < lengths[i]; k++)
            to[k] = is_control((*texts[i])[k]) ? ' ' : (*texts[i])[k];
        *texts[i] = to;
        to += lengths[i];
    }
    return STATUS_OK;
}

/* What is said of nodes must be what a trace can say; what the trace has by now is. */
static enum status clean_mark(struct import *import, const struct names *known, const char *text,
                              size_t *n, bool (*is_good)(const char *text, const char **why),
                              const char *how)
{
    const char *why = NULL;
    if (*n == 0 || names_find(known, text, *n) != UINT32_MAX) return STATUS_OK;
    char *copy = strndup(text, *n);
    bool good = copy && is_good(copy, &why);
    free(copy);
    if (good) return STATUS_OK;
    if (!why) return error_set(import->err, STATUS_NO_MEMORY, "no memory for what a job selects");
    repaired(import, how);
    *n = 0;
    return STATUS_OK;
}

static enum status clean_marks(struct import *import, struct job_row *row)
{
    enum status status =
        clean_mark(import, &import->w->selectors, row->selector, &row->selector_n,
                   node_selector_is_good, "node_selector that selects nothing left out");
    return status ? status
                  : clean_mark(import, &import->w->tolerations, row->toleration, &row->toleration_n,
                               tolerations_are_good, "tolerations that say nothing left out");
}

enum status import_add(struct import *import, struct job_row *row)
{
    const char *reason = why_dropped(import->options, row);
    char *copies;
    if (reason) return import_drop(import, reason);
    repair(import, row);
    enum status status = clean_names(import, row, &copies);
    if (status != STATUS_OK) return status;
    status = clean_marks(import, row);
    if (status == STATUS_OK) status = workload_add(import->w, row, import->err);
    free(copies);
    if (status == STATUS_OK) import->report->kept++;
    if (status == STATUS_BAD_INPUT) return import_drop(import, import->err->message);
    return status;
}
