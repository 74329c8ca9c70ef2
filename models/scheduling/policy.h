/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names a scheduler is put together from: a queue order, a placement and options.
 *
 * Each family is a table; help, error messages, `seatrial list` and the manual read it. The rules
 * themselves are in scheduler.c, pass_skip.c, easy.c and placing.c.
 */
#ifndef MODELS_SCHEDULING_POLICY_H
#define MODELS_SCHEDULING_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum order_key {
    ORDER_KEY_SUBMIT, /* first come first served: position in the trace */
    ORDER_KEY_RUN,    /* true run time on the reference GPU */
    ORDER_KEY_GPUS,   /* GPUs asked for */
};

struct queue_order {
    const char *name;
    const char *summary, *source;
    enum order_key key; /* smaller first; ties by position in the trace */
    bool skips;         /* a job that does not fit does not block those behind it */
    bool
        backfills; /* EASY: the head holds a reservation, others may pass if they do not delay it */
};

enum placement_rule { PLACE_FIRST_FIT, PLACE_PACK, PLACE_SPREAD, PLACE_RANDOM };

struct placement {
    const char *name;
    const char *summary, *source;
    enum placement_rule rule;
};

enum gang_rule { GANG_FEWEST_NODES, GANG_ANYWHERE };

struct gang {
    const char *name;
    const char *summary, *source;
};

/* These tables end with an entry whose name is NULL. */
extern const struct queue_order queue_orders[];
extern const struct placement placements[];
extern const struct gang gangs[];                             /* by enum gang_rule */
const struct queue_order *queue_order_find(const char *name); /* NULL if unknown */
const struct placement *placement_find(const char *name);

struct scheduler_spec {
    const struct queue_order *order;   /* default fifo */
    const struct placement *placement; /* default pack */
    enum gang_rule gang;               /* default GANG_FEWEST_NODES */
};

#endif
