/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of a sweep that a cluster runs. It is the truth about the sweep: what a cluster's
 * queue or accounting says is only ever a hint, for a task may run twice, be killed, or vanish.
 *
 *     FOLDER/sweep.json          which sweep this is: written once, canonical, never changed
 *     FOLDER/task.sh, merge.sh   what a cluster runs; written anew by each submission
 *     FOLDER/shards/00007.db     a shard, whole or as far as it got; appears by a rename
 *     FOLDER/attempts/00007      a line when a task begins and when it ends (attempts.h)
 *     FOLDER/logs/               what tasks printed
 *     FOLDER/submissions.jsonl   a line for each submission and cancellation
 *     FOLDER/cancelled           while it is there, no task begins
 *     FOLDER/results.db          the merged shards
 *
 * A struct directory owns its strings. Small files are written under another name and renamed.
 */
#ifndef TOOLS_SWEEP_DIRECTORY_H
#define TOOLS_SWEEP_DIRECTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/status.h"

/* Five digits name a shard; the folder of so many files is as large as file systems like. */
enum { SWEEP_SHARDS_MAX = 100000 };

/* What sweep.json holds. The strings of one that directory_open read are the directory's. */
struct sweep_plan {
    const char *id;       /* of the sweep, hexadecimal: sweep.h */
    const char *version;  /* of the program that planned it */
    const char *scenario; /* absolute path */
    const char *program;  /* absolute path of that program */
    int64_t points;
    int32_t replications; /* that the command line asks for instead of the scenario; 0: none */
    int64_t seed;         /* the same; -1: none */
    int32_t shards;
    double pilot_s;    /* seconds that one point took on one thread */
    int64_t pilot_kib; /* most memory that it took */
};

struct directory {
    char *path; /* absolute, without links */
    struct sweep_plan plan;
    json_t *json; /* sweep.json; the plan's strings are its */
};

/* Makes the folder, or opens one that holds this very plan (its pilot and its program's place may
 * differ: the first stay). STATUS_BAD_INPUT: the folder holds another sweep, or other things. */
enum status directory_create(struct directory *d, const char *path, const struct sweep_plan *plan,
                             struct error *err);
enum status directory_open(struct directory *d, const char *path, struct error *err);
void directory_free(struct directory *d);

/* "FOLDER/NAME", malloc'd; NULL: no memory. */
char *directory_path(const struct directory *d, const char *name);
/* "FOLDER/shards/00007.db", malloc'd; NULL: no memory. */
char *directory_shard(const struct directory *d, int32_t shard);
/* A whole small file in the folder, by a temporary one and a rename. */
enum status directory_write(const struct directory *d, const char *name, const char *text, size_t n,
                            struct error *err);
/* Of the folder's name alone, so that two folders of one sweep have jobs of different names:
 * "seatrial-0123456789ab-89abcdef". Letters, digits and hyphens, at most 30. */
void directory_job_name(const struct directory *d, char name[40]);

/*
 * Submissions. Whoever holds the lock is the only one to submit or cancel, until it is released;
 * STATUS_BAD_INPUT: another program holds it. The file ends in whole lines: a half line, as a full
 * disk leaves it, is ended before the next is written, and is no submission.
 */
enum status directory_lock(const struct directory *d, int *lock, struct error *err);
void directory_unlock(int lock);
/* Appends one object, with "at" (UTC) added; takes the reference. */
enum status directory_record(const struct directory *d, json_t *line, struct error *err);
/* All whole lines, an array; free with json_decref. */
enum status directory_records(const struct directory *d, json_t **lines, struct error *err);
/* How many of them have "event": "submitted" or "submitting": the greatest "number". */
int32_t directory_submissions(const json_t *lines);

/* "BEFORE FOLDER/INSIDE" for people: a word of a command line that can be pasted. */
void directory_say(const struct directory *d, const char *before, const char *inside, FILE *out);

#endif
