/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that leave spot nodes while they are behind, and others once they are ahead
 * (models/reliability/fallback.h): by hand; against a job that is followed microsecond by
 * microsecond; queues of them, under every order that can.
 */
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/scheduling/scheduler.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

#define S INT64_C(1000000)

/* A job of 50 s that should be done in 100 s, so that it should do half a second in each; a spot
 * node, which is gone from 10 s on, told at 8 s; another one; changeovers of 5 s. */
struct case_of_one {
    struct outage log[1];
    struct simulate_fleet fleet;
    struct workload w;
};

static void case_init(struct case_of_one *c)
{
    memset(c, 0, sizeof *c);
    c->log[0] = (struct outage){ 10 * S, 1000 * S, 0 };
    c->fleet.pools[0] = c->fleet.pools[1] = (struct simulate_pool){ 1, 1 };
    c->fleet.supply[0] =
        (struct supply_spec){ .takes_back = true, .notice_us = 2 * S, .log = c->log, .log_n = 1 };
    c->fleet.fallback =
        (struct fallback_spec){ .rule = FALLBACK_UNIFORM_PROGRESS, .changeover_us = 5 * S };
    c->fleet.order = "fifo-skip";
    simulate_workload_init(&c->w);
    simulate_add(&c->w, 0, 1, 50 * S, -1, -1);
    simulate_seal(&c->w);
    c->w.deadline_us[0] = 100 * S;
}

/* What comes of job 0. */
static void becomes(struct case_of_one *c, int64_t end_us, int64_t wait_us, uint32_t preemptions)
{
    struct schedule s;
    simulate(&c->w, &c->fleet, &s);
    assert_int_equal(s.end_us[0], end_us);
    assert_int_equal(s.wait_us[0], wait_us);
    assert_int_equal(s.preemptions[0], preemptions);
    assert_int_equal(s.result.preemptions, preemptions);
    schedule_free(&s);
}

/*
 *      spot    [0, 8)          8 s are done, which is enough up to 16 s
 *      waits   [8, 16)
 *      other   [16, 26)        18 s are done, which is enough up to 36 s, and two changeovers ahead
 *      waits   [26, 36)
 *      other   [36, 46), [56, 66), [76, 86)
 *      waits   [86, 88)        2 s of work and two changeovers are left to 100 s: the safety net
 *      other   [88, 90)
 *
 * Each time it is behind a microsecond after it was not, and ahead one later.
 */
static void it_catches_up_and_leaves(void **state)
{
    struct case_of_one c;
    struct schedule s;
    (void)state;
    case_init(&c);
    becomes(&c, 90 * S, 40 * S, 4);
    simulate(&c.w, &c.fleet, &s);
    assert_int_equal(s.reclaims[0], 1);
    assert_int_equal(s.first_node[0], 1);
    assert_int_equal(s.lost_us[0], 0);
    assert_int_equal(s.result.pools[0].busy_gpu_us, 8 * S);
    assert_int_equal(s.result.pools[1].busy_gpu_us, 42 * S);
    schedule_free(&s);
    workload_free(&c.w);
}

/* A spot node that is back while it waits is taken at once; while it is on the other one, once it
 * is ahead. Then it stays, ahead or not. */
static void it_takes_spot_nodes_when_it_may(void **state)
{
    struct case_of_one c;
    (void)state;
    case_init(&c);
    c.log[0].up_us = 30 * S;
    becomes(&c, 62 * S - 1, 12 * S - 1, 1);
    c.log[0].up_us = 20 * S;
    becomes(&c, 58 * S + 1, 8 * S + 1, 1);

    /* What a restart takes is caught up, too: on the other node to 32 s, with 13 s of work. */
    c.log[0].up_us = 30 * S;
    c.fleet.restart.cost = (struct gpu_costs){ .at = { { 0, 3 * S } }, .n = 1 };
    becomes(&c, 64 * S + 1, 8 * S + 1, 1);
    workload_free(&c.w);
}

/* What counts is what a stop leaves. One checkpoint each 4 s, of 1 s: 7 s are done at 8 s, with one
 * in the notice; from 14 s on four of them, since 7 + 4 k is to be 12 + 5 k / 2; at 34 s the other
 * 27 s of work, with six. Without any all is done again, and never left. */
static void checkpoints_count(void **state)
{
    struct case_of_one c;
    (void)state;
    case_init(&c);
    c.log[0].up_us = 30 * S;
    c.fleet.restart.checkpoint = CHECKPOINT_INTERVAL;
    c.fleet.restart.interval_us = 4 * S;
    c.fleet.restart.write = (struct gpu_costs){ .at = { { 0, 1 * S } }, .n = 1 };
    becomes(&c, 67 * S + 1, 6 * S + 1, 1);
    c.fleet.restart.checkpoint = CHECKPOINT_NEVER;
    becomes(&c, 58 * S, 0, 0);
    workload_free(&c.w);
}

static void deadlines_decide(void **state)
{
    struct case_of_one c;
    (void)state;
    case_init(&c);
    c.log[0].up_us = 100 * S;

    /* Nobody is behind without one. */
    c.w.deadline_us[0] = -1;
    becomes(&c, 142 * S, 92 * S, 0);

    /* Too late from the beginning, the safety net is taken at once and not left: in time or not. */
    c.w.deadline_us[0] = 60 * S;
    becomes(&c, 50 * S, 0, 0);
    c.w.deadline_us[0] = 40 * S;
    becomes(&c, 50 * S, 0, 0);

    /* One microsecond more, and it begins on the spot node: 8 s are 9.6 s of 60. There is no time
     * to go by then: the safety net is under 42 s and 10 s at 8 s. */
    c.w.deadline_us[0] = 60 * S + 1;
    becomes(&c, 50 * S + 1, 1, 0);
    workload_free(&c.w);
}

/* Without a notice 20 s are lost at 20 s, and all other nodes are held until 40 s: what is back at
 * 30 s is taken, though it is behind. */
static void it_takes_spot_nodes_when_it_is_behind(void **state)
{
    struct case_of_one c;
    (void)state;
    case_init(&c);
    workload_free(&c.w);
    simulate_workload_init(&c.w);
    simulate_add(&c.w, 0, 1, 50 * S, -1, -1);
    simulate_add(&c.w, 0, 2, 40 * S, -1, -1);
    simulate_seal(&c.w);
    c.w.deadline_us[0] = 100 * S;
    c.fleet.pools[1].gpus = 2;
    c.fleet.supply[0].notice_us = 0;
    c.log[0] = (struct outage){ 20 * S, 30 * S, 0 };
    becomes(&c, 80 * S, 10 * S, 0);
    workload_free(&c.w);
}

/* It is behind, and both a spot node and another one are free: it takes that one, whatever the
 * placement, and the order of the pools. */
static void spot_nodes_come_first(void **state)
{
    (void)state;
    for (const struct placement *placement = placements; placement->name; placement++)
        for (int spot = 0; spot < 2; spot++) {
            struct case_of_one c;
            struct schedule s;
            case_init(&c);
            c.fleet.placement = placement->name;
            c.fleet.pools[spot].nodes = 2;
            c.fleet.supply[spot] = c.fleet.supply[0];
            c.fleet.supply[spot].notice_us = 0;
            memset(&c.fleet.supply[!spot], 0, sizeof c.fleet.supply[0]);
            for (c.log[0].node = 0; c.log[0].node < 2; c.log[0].node++) {
                simulate(&c.w, &c.fleet, &s);
                assert_int_equal(s.result.pools[!spot].busy_gpu_us, 0);
                schedule_free(&s);
            }
            workload_free(&c.w);
        }
}

/* Both kinds of nodes are bought, and boot for 5 s. One that boots is waited for; who leaves its
 * node leaves it to be given back. */
static void nodes_come_and_go(void **state)
{
    struct case_of_one c;
    struct schedule s;
    (void)state;
    case_init(&c);
    c.fleet.coming[0] = c.fleet.coming[1] = 1;
    c.fleet.autoscaler.kind = &autoscaler_as_needed;
    assert_int_equal(duration_constant(5 * S, &c.fleet.boot, &(struct error){ 0 }), STATUS_OK);
    c.log[0] = (struct outage){ 20 * S, 60 * S, 0 };
    simulate(&c.w, &c.fleet, &s);
    /*
     *      spot    [5, 18)     13 s are done, and enough up to 26 s
     *      waits   [18, 31)    for a node that is asked for at 26 s
     *      other   [31, 46)    28 s, up to 46 s and two changeovers
     *      waits   [46, 65)    for another one from 56 s to 60 s, and then for a spot node
     *      spot    [65, 87)
     */
    static const struct node_record stays[] = {
        { .pool = 0, .up_us = 0, .ready_us = 5 * S, .down_us = 20 * S },
        { .pool = 0, .up_us = 60 * S, .ready_us = 65 * S, .down_us = 87 * S - 1 },
        { .pool = 1, .up_us = 26 * S + 1, .ready_us = 31 * S + 1, .down_us = 46 * S + 2 },
        { .pool = 1, .up_us = 56 * S + 3, .ready_us = -1, .down_us = 60 * S },
    };
    assert_int_equal(s.stay_n, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(s.stays[i].pool, stays[i].pool);
        assert_int_equal(s.stays[i].up_us, stays[i].up_us);
        assert_int_equal(s.stays[i].ready_us, stays[i].ready_us);
        assert_int_equal(s.stays[i].down_us, stays[i].down_us);
    }
    assert_int_equal(s.end_us[0], 87 * S - 1);
    assert_int_equal(s.preemptions[0], 1);
    schedule_free(&s);
    workload_free(&c.w);
}

/* ---- a job, microsecond by microsecond ---- */

enum place { IDLE, SPOT, OTHER, PLACES };

struct one_job {
    const struct simulate_fleet *fleet;
    const struct outage *log;
    size_t log_n;
    int64_t submit, deadline, work, notice, changeover, cost, write, speed[PLACES];
    enum place place;
    bool netted; /* on others to the end */
    int64_t now, owed;
    int64_t kept, run, writing, done, saved; /* before this stretch; in it */
    int64_t held[PLACES], preemptions, reclaims;
};

static bool can_be_had(const struct one_job *j)
{
    for (size_t i = 0; i < j->log_n; i++)
        if (j->now >= j->log[i].down_us - j->notice && j->now < j->log[i].up_us) return false;
    return true;
}

static bool has_checkpoints(const struct one_job *j)
{
    return j->fleet->restart.checkpoint == CHECKPOINT_INTERVAL;
}

/* Time on others for so much work. */
static int64_t alone(const struct one_job *j, int64_t work, int64_t owed)
{
    int64_t time = owed, run = 0, done = 0;
    while (done < work) {
        done += j->speed[OTHER];
        run++;
        time++;
        if (done < work && has_checkpoints(j) && run % j->fleet->restart.interval_us == 0)
            time += j->write;
    }
    return time;
}

/* Whether it is to go to others, with so much done and so long a restart, and stay there. */
static bool net_is_reached(const struct one_job *j, int64_t done, int64_t owed)
{
    return alone(j, j->work - done, owed) + 2 * j->changeover >= j->deadline - j->now;
}

/* With so much done at that moment. */
static bool is_behind(const struct one_job *j, int64_t done, int64_t at)
{
    return done * (j->deadline - j->submit) < j->work * (at - j->submit);
}

static int64_t restart_after(const struct one_job *j)
{
    int64_t rest = j->fleet->restart.cut_short == RESTART_ADDS_UP ? j->owed : 0;
    return j->cost + rest;
}

static void stop(struct one_job *j, int64_t kept)
{
    j->owed = restart_after(j);
    j->kept = kept;
    j->run = j->done = j->saved = j->writing = 0;
    j->place = IDLE;
}

static void take_back(struct one_job *j)
{
    bool all = j->notice > 0 && j->write <= j->notice;
    j->reclaims++;
    if (j->fleet->restart.checkpoint == CHECKPOINT_NEVER) stop(j, 0);
    else if (all) stop(j, j->kept + j->done);
    else stop(j, j->kept + (has_checkpoints(j) ? j->saved : 0));
}

static int64_t kept_at_stop(const struct one_job *j)
{
    if (j->fleet->restart.checkpoint == CHECKPOINT_NEVER) return 0;
    return j->kept + (has_checkpoints(j) ? j->saved : j->done);
}

static void follow_policy(struct one_job *j)
{
    int64_t kept = kept_at_stop(j);
    if (j->place == OTHER && !j->netted && !is_behind(j, kept, j->now + 2 * j->changeover) &&
        !net_is_reached(j, kept, restart_after(j))) {
        j->preemptions++;
        stop(j, kept);
    }
    if (j->place != IDLE) return;
    j->netted |= net_is_reached(j, j->kept, j->owed);
    if (!j->netted && can_be_had(j)) j->place = SPOT;
    else if (j->netted || is_behind(j, j->kept, j->now)) j->place = OTHER;
}

static void tick(struct one_job *j)
{
    j->held[j->place]++;
    j->now++;
    if (j->place == IDLE) return;
    if (j->owed > 0) {
        j->owed--;
        return;
    }
    if (j->writing > 0) {
        if (--j->writing == 0) j->saved = j->done;
        return;
    }
    j->run++;
    j->done += j->speed[j->place];
    if (!has_checkpoints(j) || j->run % j->fleet->restart.interval_us != 0) return;
    j->writing = j->write;
    if (j->write == 0) j->saved = j->done;
}

static void follow(struct one_job *j)
{
    j->now = j->submit;
    for (;; tick(j)) {
        if (j->kept + j->done >= j->work) return;
        if (j->place == SPOT && !can_be_had(j)) take_back(j);
        follow_policy(j);
    }
}

static void a_job_is_followed(void **state)
{
    uint64_t seeds = seeds_or(300) * 20, left = 0, taken = 0, late = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 61), 0 };
        struct outage log[60];
        double speed[2];
        int spot = below(&d, 2);
        struct simulate_fleet fleet = { .pools = { { 1, 1 }, { 1, 1 } }, .order = "fifo-skip" };
        struct one_job j = { .fleet = &fleet, .log = log };
        struct workload w;
        struct schedule s;
        for (int64_t at = 1 + below(&d, 30); at < 400 && j.log_n < 60; at += 1 + below(&d, 30)) {
            log[j.log_n] = (struct outage){ at, at + 1 + below(&d, 40), 0 };
            at = log[j.log_n++].up_us + 4;
        }
        random_restart(&d, &fleet.restart);
        fleet.fallback = (struct fallback_spec){ .rule = FALLBACK_UNIFORM_PROGRESS,
                                                 .changeover_us = below(&d, 8) };
        j.notice = below(&d, 4);
        fleet.supply[spot] = (struct supply_spec){
            .takes_back = true, .notice_us = j.notice, .log = log, .log_n = j.log_n
        };
        fleet.speed = speed;
        for (int p = 0; p < 2; p++) {
            speed[p] = 1 + below(&d, 2);
            j.speed[p == spot ? SPOT : OTHER] = (int64_t)speed[p];
        }
        j.changeover = fleet.fallback.changeover_us;
        j.cost = gpu_cost_us(&fleet.restart.cost, 1);
        j.write = gpu_cost_us(&fleet.restart.write, 1);
        j.submit = below(&d, 20);
        j.work = 1 + below(&d, 100);
        j.deadline = j.submit + 1 + below(&d, (int)(4 * j.work + 20));
        simulate_workload_init(&w);
        simulate_add(&w, j.submit, 1, j.work, -1, -1);
        simulate_seal(&w);
        w.deadline_us[0] = j.deadline;
        follow(&j);
        simulate(&w, &fleet, &s);
        bool same = s.end_us[0] == j.now && s.wait_us[0] == j.held[IDLE] &&
                    s.preemptions[0] == j.preemptions && s.reclaims[0] == j.reclaims &&
                    s.result.pools[spot].busy_gpu_us == j.held[SPOT] &&
                    s.result.pools[!spot].busy_gpu_us == j.held[OTHER];
        if (!same)
            fail_msg("seed %llu: ends at %lld, not %lld, after %lld on spot nodes, not %lld; "
                     "%u stops, not %lld",
                     (unsigned long long)seed, (long long)s.end_us[0], (long long)j.now,
                     (long long)s.result.pools[spot].busy_gpu_us, (long long)j.held[SPOT],
                     s.preemptions[0], (long long)j.preemptions);
        left += s.preemptions[0];
        taken += s.reclaims[0];
        late += j.now > j.deadline;
        schedule_free(&s);
        workload_free(&w);
    }
    assert_true(left > seeds / 4);
    assert_true(taken > seeds / 4);
    assert_true(late > seeds / 20);
}

/* ---- queues of them ---- */

/* Where there are other nodes enough, no job is late that could be in time by itself, whatever is
 * between; a restart fits a changeover. */
static void queues_keep_their_deadlines(void **state)
{
    int64_t left = 0, worlds = 0;
    (void)state;
    for (uint64_t seed = 1, seeds = seeds_or(300); seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 62), 0 };
        struct outage log[SPOT_OUTAGES];
        struct simulate_fleet fleet = { .pools = { { 3, 2 }, { 200, 2 } },
                                        .fallback = { .rule = FALLBACK_UNIFORM_PROGRESS,
                                                      .changeover_us = 1 + below(&d, 3) } };
        struct workload w;
        three_spot_nodes(&d, log, &fleet.supply[0]);
        fleet.coming[1] = below(&d, 2) ? 200 : 0;
        if (fleet.coming[1]) fleet.autoscaler.kind = &autoscaler_as_needed;
        fleet.restart.cost =
            (struct gpu_costs){ .at = { { 0, fleet.fallback.changeover_us } }, .n = 1 };
        random_workload(&d, 30, 2, LIMITS_NONE, &w);
        for (size_t j = 0; j < w.job_n; j++)
            w.deadline_us[j] =
                w.submit_us[j] + w.run_us[j] + 2 * fleet.fallback.changeover_us + 1 + below(&d, 60);
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            struct schedule s;
            if (!scheduler_can_fall_back(o, FALLBACK_UNIFORM_PROGRESS)) continue;
            fleet.order = o->name;
            simulate(&w, &fleet, &s);
            for (size_t j = 0; j < w.job_n; j++)
                if (s.end_us[j] > w.deadline_us[j])
                    fail_msg("seed %llu, %s: job %zu is late", (unsigned long long)seed, o->name,
                             j);
            left += s.result.preemptions;
            worlds++;
            schedule_free(&s);
        }
        workload_free(&w);
    }
    assert_true(left > worlds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_catches_up_and_leaves),
        cmocka_unit_test(it_takes_spot_nodes_when_it_may),
        cmocka_unit_test(checkpoints_count),
        cmocka_unit_test(deadlines_decide),
        cmocka_unit_test(it_takes_spot_nodes_when_it_is_behind),
        cmocka_unit_test(spot_nodes_come_first),
        cmocka_unit_test(nodes_come_and_go),
        cmocka_unit_test(a_job_is_followed),
        cmocka_unit_test(queues_keep_their_deadlines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
