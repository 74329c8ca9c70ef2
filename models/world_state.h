/* SPDX-License-Identifier: Apache-2.0 */
/* A world while it runs; for the files world*.c only. */
#ifndef MODELS_WORLD_STATE_H
#define MODELS_WORLD_STATE_H

#include "models/autoscaling/autoscaler.h"
#include "models/clockwork.h"
#include "models/pricing/ledger.h"
#include "models/reliability/outages.h"
#include "models/reliability/supply.h"
#include "models/scheduling/scheduler.h"
#include "models/world.h"
#include "sim/events.h"

struct hit_job { /* runs on a node that fails, or has failed by itself and is to wait again */
    uint32_t job, slot;
};

struct world {
    const struct workload *workload;
    const struct fleet_spec *fleet;
    const struct world_options *options;
    const struct observer *obs;
    int64_t books_us; /* end of the accounting window; INT64_MAX until a drained run ends */

    struct pool *pools;
    struct placing placing;
    struct demand_table demands;
    struct running running;
    struct scheduler scheduler;
    struct events ends;     /* by running slot */
    struct clockwork clock; /* which event is next, and when a pass is made */
    struct outages outages; /* where the clockwork has changes of nodes */
    struct supply supply;   /* where it has changes of supply */
    struct random_key key;  /* of failures of jobs */
    bool jobs_fail, *fails; /* some fail by themselves; by slot: its end is that */
    uint32_t fails_n;
    int64_t *start_us, *end_us;    /* by job: first start, last end; -1 = rejected */
    struct progress *progress;     /* by job; NULL where no job is ever stopped */
    struct elasticity *elasticity; /* NULL where jobs have the GPUs that they ask for */
    __int128 *sized_milli_us;      /* by job: GPU time held up to its last stop; NULL as above */
    uint8_t *reason;               /* by job, only where some job was rejected */
    struct timeslice *timeslice;   /* NULL where the time of GPUs is not sliced */
    int64_t *beside_us;            /* by job: how much longer it ran beside others; NULL as above */
    double *scattered_speed;       /* by class; NULL where scattering costs nothing */
    double *cross_rack_speed;      /* by class; NULL where racks do not matter */
    uint32_t *by_start;            /* replay: jobs in order of recorded start */

    int64_t now_us;
    int64_t up_gpus, busy_milli;    /* over all pools; of thousandths, as all that follows */
    int64_t leaving_milli;          /* of these, on nodes that take no more jobs */
    int64_t fruitless;              /* stops one after another that left nothing done */
    int64_t changes_in_row;         /* of nodes, since a job came, started or ended */
    unsigned __int128 busy_area;    /* GPU time held, up to now */
    unsigned __int128 queue_area;   /* job-microseconds waited, up to now */
    unsigned __int128 idle_area;    /* GPU time free though asked for, up to now */
    unsigned __int128 job_milli_us; /* the same, counted job by job as they end */
    __int128 scatter_milli_us;      /* held because of more nodes, or racks, than the fewest */
    __int128 beside_milli_us;       /* held because others had slices of the same GPU */
    __int128 lost_milli_us;         /* restarts, checkpoints, work done again */
    __int128 lost_by[STOP_CAUSES];  /* of that: for stops of that cause; the rest: checkpoints */
    __int128 *down_gpu_us;          /* by pool, inside the books: GPU time of nodes that are down */
    __int128 *pool_busy_milli_us;   /* by pool, inside the books, counted job by job */
    struct ledger *ledgers;         /* by pool: the same by clock hour; NULL: too many hours */
    enum status ledgers_failed;     /* STATUS_NO_MEMORY: they are gone for that */
    __int128 jobs_usd_micro;        /* what the jobs that ended cost together */
    struct service_meter *meters;   /* by service; NULL where none is metered */
    enum status meters_failed;      /* STATUS_NO_MEMORY */
    int64_t queued_milli;
    int64_t next_sample_us, sample_n;
    int32_t *jobs_on;   /* by node of the fleet; NULL where nobody takes samples */
    int64_t busy_nodes; /* that some job is on, where they are counted */
    unsigned __int128 sampled_area;
    struct hit_job *hit; /* scratch */
    size_t hit_n, hit_capacity;
    int64_t failed_time_us; /* end of a job that is beyond what time can hold, 0 = none */

    struct elastic *elastic;   /* NULL where no nodes come and go */
    struct fallback *fallback; /* NULL where jobs take any pool */
    struct queue_log *log;     /* NULL but for a part of a fleet */
    struct world_result *result;
};

/* Nodes that come and go, and who decides that. world_elastic.c */
struct elastic {
    const struct autoscaler *kind;
    struct lifecycle nodes;
    struct autoscaler_view view;
    int64_t *waiting; /* by demand: jobs that wait */
    /* Where the autoscaler looks at single jobs: these one by one, and those that run, by node. */
    struct pending pending;
    struct residents residents;
    uint32_t waiting_capacity;
    bool changed;                /* since the autoscaler was asked */
    int64_t asked_us;            /* when that was; -1 = never */
    int64_t held_gpus;           /* of nodes that are bought now */
    unsigned __int128 held_area; /* GPU time bought, up to now */
    unsigned __int128 sampled_area;
    int64_t *most;                 /* by pool: nodes bought at once, inside the books */
    int64_t *grown_us, *shrunk_us; /* by pool: its latest changes; -1: none */
};

/* The queue at each pass: before it, and after. */
struct queue_step {
    int64_t time_us, most, after;
};

struct queue_log {
    struct queue_step *steps; /* in order of time */
    size_t n, capacity;
};

/* false: no memory. */
bool queue_log_most(struct queue_log *log, int64_t time_us, int64_t waiting_n);
void queue_log_after(struct queue_log *log, int64_t waiting_n);

/* Room for what the end of a run is worked out from: results, starts, ends, pools (empty). */
enum status world_prepare(struct world *w, struct error *err);
/* All events, from the first to the last: everything but world_summarize. world_free always. */
enum status world_replay(struct world *w, struct error *err);
void world_free(struct world *w);
/* Nor does a job start for which there are never nodes enough; so many that fail or come back, and
 * nobody comes, starts or ends, are taken for that. */
enum { CHANGES_MAX = 10000000 };

/* Time goes by, up to a moment until which nothing happens. */
void world_clock_advance(struct world *w, int64_t to_us);
/* The demand a job comes with: what it needs at least. UINT32_MAX on lack of memory. */
uint32_t world_demand_on_arrival(struct world *w, uint32_t job);
/* A running job leaves its nodes: what it held since it got them is counted, and they are free.
 * Returns its cost, 0 where nobody asks for it. */
int64_t world_job_leave(struct world *w, uint32_t slot);
/* Jobs come to hold so much, or less, on nodes of the pool that take no others. */
static inline void world_leaving(struct world *w, int32_t pool, int64_t milli)
{
    w->pools[pool].leaving_milli += milli;
    w->leaving_milli += milli;
}
/* A running job leaves its nodes with a warning, and waits; tell: not by the scheduler's will. */
void world_job_preempt(struct world *w, uint32_t slot, bool tell);
/* A running job, which has left its nodes, waits with the work it has left. */
void world_job_stopped(struct world *w, uint32_t slot, int64_t kept_us, enum stop_cause cause);

/* Where nodes come and go; nothing else calls these. The autoscaler is to be asked: something has
 * changed. */
void elastic_changed(struct world *w);
/* A job begins to wait (+1), or does not any more (-1); demand: as it arrives with. */
bool elastic_waits(struct world *w, uint32_t job, uint32_t demand, int sign);
/* A job is on its nodes, or leaves them. false: no memory, which leaving needs none of. */
bool elastic_job(struct world *w, uint32_t slot, int sign);
bool elastic_init(struct world *w, struct random_key key);
void elastic_free(struct elastic *e);
/* Once the scheduler knows its pools: those that are not there go. */
enum status elastic_begin(struct world *w, struct error *err);
/* Where supply is limited: a pool asks for what it lacks of its least, as far as that can be had;
 * a node that drained is gone. */
bool elastic_keep_least(struct world *w, int32_t pool);
void elastic_gone(struct world *w, int32_t pool, int32_t node);
/* A job has left a node that takes no more of them. With the last one the node goes, or, where it
 * is told, when it is taken. */
void elastic_left(struct world *w, int32_t pool, int32_t node);
/* A boot is over, or a node is given back. */
void elastic_boot(struct world *w);
/* A node on which nobody is goes for good. */
void elastic_remove(struct world *w, int32_t pool, int32_t node);
/* The autoscaler is asked; false: no memory. */
bool elastic_tick(struct world *w);
/* Of a pool, inside the books: node time. */
struct pool_time {
    __int128 bought_us, billed_us; /* owned nodes: all the time */
    __int128 off_us, booting_us;   /* off: owned nodes that are not there */
    __int128 free_us;              /* of billed: lives that cost nothing */
    int64_t started;
};
struct pool_time elastic_time(const struct world *w, int32_t pool);
/* By hour: billed; of owned nodes, what is on. */
struct ledger;
enum status elastic_ledger(const struct world *w, int32_t pool, struct ledger *ledger,
                           struct error *err);
/* The observer is told of each stay, and of each node that is owned. */
enum status elastic_tell_nodes(const struct world *w, int32_t pool, struct error *err);

/* The next change of a node, and of what can be had. world_nodes.c */
enum status world_node_change(struct world *w, struct error *err);
enum status world_supply_change(struct world *w, struct error *err);
/* A running job fails by itself. Those that were hit wait again with the next of another kind. */
enum status world_job_fails(struct world *w, uint32_t slot, struct error *err);
void world_hit_wait_again(struct world *w);
/* A ready node goes, and what runs on it waits again; false: no memory. */
bool world_node_drained(struct world *w, int32_t pool, int32_t node);
/* After that: nodes go on to fail and to come back, up to a time. */
enum status world_stay_empty(struct world *w, int64_t until_us, struct error *err);
/* The same, by a world for each part. world_parts.c */
struct parts;
enum status world_run_parts(struct world *whole, const struct parts *parts, struct error *err);

/* Jobs that have spot nodes alone, or none; nothing else calls these where there is no fallback.
 * world_fallback.c */
enum status world_fallback_init(struct world *w, struct error *err);
void world_fallback_free(struct fallback *f);
/* When jobs have waited long enough for spot nodes, or are to leave others; NULL: never. */
struct events *world_fallback_nets(struct fallback *f);
/* What a demand comes down to for the pools that a job may have now. */
uint32_t world_fallback_demand(struct world *w, uint32_t job, uint32_t demand);
/* A job is about to wait: which pools it may have is decided. false: no memory. */
bool world_fallback_waits(struct world *w, uint32_t job);
/* It is on its nodes, and leaves them. */
void world_fallback_starts(struct world *w, uint32_t slot);
void world_fallback_leaves(struct fallback *f, uint32_t job);
/* The next job that has waited long enough goes on waiting, for other nodes; one that is ahead on
 * others leaves them, and waits. */
enum status world_fallback_net(struct world *w, struct error *err);

/* Fills result from what the run left behind, checking every invariant on the way. */
enum status world_summarize(struct world *w, struct error *err);
/* What pools used by clock hour: world_hours.c. */
enum status world_hours_open(struct world *w, struct error *err);
void world_hours_close(struct world *w);
/* Nodes are up from the books' start to their end, or for as long as they stay. */
void world_hours_bought(struct world *w);
/* A stretch on GPUs of a pool that ends now. O(1). */
void world_hours_held(struct world *w, int32_t pool, int64_t from_us, int64_t milli);
/* What is lost of one: restart_us at its begin, for an earlier stop of the cause `restart`; stop_us
 * at its end, for the stop that ends it, NULL: for checkpoints; before that written_us, for those
 * that were of use. O(1). */
void world_hours_lost(struct world *w, int32_t pool, int64_t from_us, int64_t milli,
                      int64_t restart_us, enum stop_cause restart, int64_t written_us,
                      int64_t stop_us, const enum stop_cause *stop);
void world_hours_move(struct world *to, int32_t to_pool, struct world *from, int32_t from_pool);
/* At the end: what was bought joins them, the fleet's commitments are poured over them (which sets
 * lines and costs anew), the observer is told of every hour, and dollars by hour, by pool, held by
 * jobs and idle are the same, or the run stops. world_bill.c */
enum status world_bill_hours(struct world *w, struct error *err);
/* What is paid besides nodes: world_services.c. Room for what is metered; a job ends now, having
 * held so much in all, and costs so much; at the end: the lines, which are checked by hour, and of
 * which the observer is told. */
enum status world_services_open(struct world *w, struct error *err);
void world_services_close(struct world *w);
int64_t world_services_job(struct world *w, __int128 held_milli_us);
void world_services_change(struct world *w, int32_t pool); /* its size changes now */
enum status world_services_bill(struct world *w, struct error *err);
/* STATUS_BUG with seed, replication and time in front of the message. */
enum status world_broken(const struct world *w, struct error *err, const char *what);

#endif
