/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/board.h"

#include <stdlib.h>
#include <string.h>

enum status board_init(struct board *b, int32_t from, int32_t replications, int32_t fleets,
                       int threads)
{
    memset(b, 0, sizeof *b);
    b->rows = calloc((size_t)replications, sizeof *b->rows);
    if (!b->rows) return STATUS_NO_MEMORY;
    b->next_made = b->first = from;
    b->replications = replications;
    b->fleets = fleets;
    b->threads = threads;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    return STATUS_OK;
}

void board_free(struct board *b)
{
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free(b->rows);
}

/* Under the lock. */
static bool give(struct board *b, struct board_task *task)
{
    if (b->next_made < b->replications && b->ready < b->threads) {
        *task = (struct board_task){ b->next_made++, -1 };
        return true;
    }
    if (b->ready == 0) return false;
    while (b->rows[b->first].given == b->fleets) b->first++;
    int32_t r = b->first;
    while (!b->rows[r].made || b->rows[r].given == b->fleets) r++;
    *task = (struct board_task){ r, b->rows[r].given++ };
    b->ready--;
    return true;
}

bool board_take(struct board *b, struct board_task *task)
{
    bool given = false;
    pthread_mutex_lock(&b->lock);
    while (!b->stopped && !(given = give(b, task))) {
        bool coming = false; /* a workload is being made */
        for (int32_t r = b->first; r < b->next_made && !coming; r++) coming = !b->rows[r].made;
        if (!coming) break;
        pthread_cond_wait(&b->changed, &b->lock);
    }
    pthread_mutex_unlock(&b->lock);
    return given;
}

void board_made(struct board *b, int32_t replication)
{
    pthread_mutex_lock(&b->lock);
    b->rows[replication].made = true;
    b->ready += b->fleets;
    if (b->next_made <= replication) b->next_made = replication + 1;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

bool board_ran(struct board *b, int32_t replication)
{
    pthread_mutex_lock(&b->lock);
    bool last = ++b->rows[replication].ran == b->fleets;
    pthread_mutex_unlock(&b->lock);
    return last;
}

void board_stop(struct board *b)
{
    pthread_mutex_lock(&b->lock);
    b->stopped = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

bool board_has(const struct board *b, int32_t replication)
{
    return b->rows[replication].made && b->rows[replication].ran < b->fleets;
}
