/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who does what next: the work of a run, shared out to threads.
 *
 *      replication 0   workload made   fleets  0 ran   1 running   2 to do
 *      replication 1   workload being made
 *      replication 2   to be made
 *
 * A replication's workload is made once and used by each of its fleets. The next one is made before
 * the last runs of those at hand are given out, so that no thread waits for it, and not sooner, so
 * that at most one workload a thread and one more are in memory. What is computed does not depend
 * on who computes it.
 */
#ifndef TOOLS_BOARD_H
#define TOOLS_BOARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/status.h"

struct board_task {
    int32_t replication, fleet; /* fleet -1: make the workload */
};

struct board {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int32_t replications, fleets, threads;
    int32_t next_made; /* replications before it are made, or being made */
    int32_t first;     /* replications before it have nothing left to give */
    int64_t ready;     /* runs that may start */
    bool stopped;
    struct board_row {
        bool made;
        int32_t given, ran; /* fleets */
    } * rows;               /* by replication */
};

/* The work of replications from .. replications - 1. */
enum status board_init(struct board *b, int32_t from, int32_t replications, int32_t fleets,
                       int threads);
void board_free(struct board *b);
/* The next task; waits where others must finish first. false: nothing is left, or the board was
 * stopped. */
bool board_take(struct board *b, struct board_task *task);
/* The workload of a replication is there. */
void board_made(struct board *b, int32_t replication);
/* A run of the replication has ended; true where it was the last one, and the workload is not
 * needed any more. */
bool board_ran(struct board *b, int32_t replication);
/* Nothing more is given out. */
void board_stop(struct board *b);
/* The workload was made and is still needed. */
bool board_has(const struct board *b, int32_t replication);

#endif
