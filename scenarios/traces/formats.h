/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trace formats that import reads: one table, one file a family of formats.
 *
 * A format's reader takes one file and adds its jobs to the workload under way. What it drops or
 * repairs it counts by reason; nothing is dropped silently. Policies are options, each with its
 * default.
 */
#ifndef SCENARIOS_TRACES_FORMATS_H
#define SCENARIOS_TRACES_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/workload/workload.h"
#include "scenarios/traces/text_input.h"
#include "scenarios/traces/trace_file.h"
#include "sim/status.h"

/* What was dropped or repaired, by reason. */
struct import_reason {
    char text[96];
    uint64_t count;
    bool dropped; /* the row is not in the trace; else it was repaired */
};
enum { IMPORT_REASON_MAX = 64 };
struct import_report {
    uint64_t rows, kept;
    int reason_n;
    struct import_reason reasons[IMPORT_REASON_MAX];
};
void import_count(struct import_report *report, bool dropped, const char *reason);
void import_count_many(struct import_report *report, bool dropped, const char *reason, uint64_t n);

struct import_map { /* --map theirs=ours */
    const char *theirs, *ours;
};
enum { IMPORT_MAP_MAX = 64 };

struct import_options {
    int64_t tz_us;          /* --tz: of wall clocks without a zone, microseconds east of UTC */
    bool keep_bad_duration; /* --keep-negative: negative run times become 0 instead of being dropped
                             */
    bool drop_zero_gpu;     /* --drop-cpu: leave CPU jobs out */
    bool drop_never_started; /* --drop-never-started */
    bool drop_unfinished;    /* --drop-running: jobs that were running at the end of the log */
    bool any_gpu;            /* --any-gpu: GPU types are forgotten */
    bool is_static; /* --static: openb lists without times: all pods arrive at 0 and never leave */
    bool requested_procs;  /* --requested: SWF field 8 before field 5 */
    int64_t procs_per_gpu; /* --procs-per-gpu: SWF processors that make a GPU; 0 = one each */
    int64_t time_unit_us;  /* --unit: of the time columns of csv; default a second */
    char delimiter;        /* --delimiter of csv */
    struct import_map map[IMPORT_MAP_MAX];
    size_t map_n;
};
void import_options_init(struct import_options *options);

struct import { /* of one file */
    struct workload *w;
    const struct import_options *options;
    struct import_report *report;
    struct text_input *in;
    const char *path; /* as given, for tenants named after their file */
    int64_t shift_us; /* from the file's times to those of the files before it; see import_epoch */
    void **kept;      /* what the format keeps from file to file, NULL at first */
    struct error *err;
};

struct trace_format {
    const char *name, *summary, *source;
    enum status (*read)(struct import *import);
    void (*forget)(void *kept); /* frees what the format kept; NULL where it keeps nothing */
};
/* Ended by a NULL name. */
extern const struct trace_format trace_formats[];
const struct trace_format *trace_format_find(const char *name);

/* Reads files of one format into w and seals it: second 0 is the first submission of them all, or
 * t0_us (INT64_MIN = not given; wall clock or trace time, as the format has it). On failure w is
 * freed. */
enum status import_files(const struct trace_format *format, const struct import_options *options,
                         const char *const *paths, size_t path_n, int64_t t0_us, struct workload *w,
                         struct import_report *report, struct error *err);

/* Columns that read_csv takes besides those of the canonical trace; ended by a NULL name. */
extern const struct trace_column import_columns[];

/* ---- for formats ---- */

/* Applies the policies to a row and adds it. Changes the row. */
enum status import_add(struct import *import, struct job_row *row);
/* A bad row: counted and passed over. Always STATUS_OK. */
enum status import_drop(struct import *import, const char *reason);
/* The file's times count from unix_us (0: they are of the Unix epoch). Files that know their wall
 * clock are laid side by side on it; one that does not shares second 0 with the first.
 * STATUS_BAD_INPUT where the files before this one have jobs and knew no wall clock. */
enum status import_epoch(struct import *import, int64_t unix_us);
/* GPUs in thousandths as a row has them: what is out of range stays out of range. */
int32_t import_gpu_milli(int64_t milli);
/* Nodes asked for, and a priority: what is out of range is left out, or cut, and counted. */
int32_t import_nodes(struct import *import, int64_t nodes);
/* The fewest and the most GPUs of a row whose gpu_milli is set; those that do not enclose what it
 * asks for are left out, and counted. */
void import_sizes(struct import *import, int64_t least, int64_t most, struct job_row *row);
int32_t import_priority(struct import *import, int64_t priority);
/* "V100M32|V100M16|V100M32" -> "V100M16|V100M32": sorted, each once, into set (terminated). Returns
 * its length. A set that does not fit becomes the empty one, which is any type, and is counted. */
enum { IMPORT_TYPES_MAX = 256 };
size_t import_type_set(struct import *import, const char *text, size_t n,
                       char set[IMPORT_TYPES_MAX]);
/* A MIG slice by its profile ("1g.10gb", "mig-3g.40gb"): as many sevenths of a GPU as it has
 * compute slices, in thousandths rounded up. 0: the text names no profile. */
int32_t import_mig_milli(const char *profile, size_t n);
/* "dir/cluster02.csv.gz" -> "cluster02". Returns its length. */
size_t import_stem(const char *path, const char **stem);
/* The words of the status table of all formats; JOB_UNKNOWN for others. */
enum job_status import_status(const char *word);

enum status read_itp(struct import *import);
enum status read_philly(struct import *import);
enum status read_helios(struct import *import);
enum status read_acme(struct import *import);
enum status read_pai2020(struct import *import);
void forget_pai2020(void *kept);
enum status read_openb(struct import *import);
enum status read_swf(struct import *import);
enum status read_slurm(struct import *import);
enum status read_kubernetes(struct import *import);
enum status read_csv(struct import *import);

#endif
