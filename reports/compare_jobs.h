/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two fleets job by job: of two results files, or of one.
 *
 *      A: fleet of a file --- jobs of replication 0 --.
 *                                                      >-- matched by job id --> differences, B - A
 *      B: fleet of a file --- jobs of replication 0 --'
 *
 * Jobs are the same where their ids are; of jobs with one id the first of A goes with the first of
 * B, the second with the second. Where both files hold the same ids in the same order, as after two
 * runs of one trace, nothing is sorted: a million jobs take about a second, which is the reading.
 * Differences are of microseconds: times are whole ones. Everything is owned by struct comparison
 * and freed by comparison_free.
 */
#ifndef REPORTS_COMPARE_JOBS_H
#define REPORTS_COMPARE_JOBS_H

#include <stdio.h>

#include "reports/data.h"

struct compared_job {
    const char *id, *tenant;
    double gpus;
    bool ran; /* false: it was rejected, and has no times but submit_s */
    double submit_s, start_s, end_s, wait_s;
    size_t place; /* in its file */
};

struct compared_side {
    struct report_data data;
    int32_t fleet; /* of data */
    size_t job_n;
    struct compared_job *jobs; /* in the order of the file */
    char **texts;              /* blocks that ids and tenants lie in */
    size_t text_n, text_used;
};

/* A job that is in both; the places are those in the sides' jobs. */
struct compared_pair {
    size_t a, b;
};

enum compared_time { COMPARED_START, COMPARED_END, COMPARED_WAIT, COMPARED_N };
/* "start", "end", "wait" */
extern const char *const compared_names[COMPARED_N];

enum { COMPARED_QUANTILE_N = 7 };
/* 0 (the least), 0.05, 0.25, 0.5, 0.75, 0.95, 1 (the most): nearest rank. */
extern const double compared_quantiles[COMPARED_QUANTILE_N];

/* How one of the times differs, over the jobs that ran on both sides. */
struct compared_figures {
    size_t same, earlier, later; /* in B; of waits: shorter, longer */
    double quantile_s[COMPARED_QUANTILE_N], mean_s, mean_size_s; /* B - A; mean of its size */
};

struct comparison {
    struct compared_side side[2];
    size_t pair_n; /* jobs in both, in the order of A */
    struct compared_pair *pairs;
    size_t both_ran, ran_in_a, ran_in_b; /* of them: ran on both sides, on one alone */
    size_t only_n[2];                    /* jobs that the other side does not have */
    size_t *only[2];                     /* their places */
    size_t submit_differs;               /* of the jobs in both: it is not the same workload */
    size_t gpus_differ;                  /* of these: nor is it, unless one side shares GPUs */
    struct compared_figures figures[COMPARED_N];
    size_t largest_n;
    size_t *largest; /* numbers of pairs: the largest differences of start or end, of equals the
                        first in A; none of 0 */
    bool same;       /* nothing differs, not one job */
};

/* Reads and compares. fleet NULL: the file's only one. At most `limit` of the largest differences
 * are kept. STATUS_BAD_INPUT where a file is no complete results file, has several fleets or not
 * the named one, or holds no jobs. On failure nothing is left to free. */
enum status comparison_read(const char *path_a, const char *fleet_a, const char *path_b,
                            const char *fleet_b, size_t limit, struct comparison *c,
                            struct error *err);
void comparison_free(struct comparison *c);

/* How far B lies behind A, in seconds; 0 where one of them did not run. */
double compared_difference_s(const struct comparison *c, size_t pair, enum compared_time time);

/* What is compared, counts, distribution, largest differences, figures of both with the change. */
void comparison_table(const struct comparison *c, FILE *out);
/* A row for each job that is in A or B, those of A first; times in seconds. */
void comparison_csv(const struct comparison *c, FILE *out);
/* With "format_version"; keys sorted. */
enum status comparison_json(const struct comparison *c, FILE *out, struct error *err);

#endif
