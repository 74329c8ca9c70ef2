/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that are sized, as plainly as it can be said: who has how many GPUs, then on which nodes,
 * all on paper and anew at each pass; then those that lie elsewhere are stopped and started. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/slow_elastic.h"
#include "tests/slow_state.h"

struct slow_elastic_deeds slow_elastic_deeds;

/* ---- one job: its sizes, its speed ---- */

static int is(const struct slow *s, const char *order)
{
    return s->fleet->order && strcmp(s->fleet->order, order) == 0;
}

static int is_sized(const struct slow *s)
{
    return is(s, "elastic-fifo") || is(s, "elastic-max-min") || is(s, "optimus");
}

static int asked(const struct slow *s, size_t j) { return s->w->gpu_milli[j] / 1000; }

/* 2: the name is the class's; 1: it is of all classes; 0: of another one. */
static int is_said_of(const struct slow *s, size_t j, const char *name)
{
    if (strcmp(name, s->w->classes.text[s->w->class_[j]]) == 0) return 2;
    return strcmp(name, "all") == 0;
}

static int64_t number_of(const struct slow *s, size_t j, const struct named_number *numbers,
                         size_t n)
{
    int64_t number = 1000000;
    for (int how = 1; how <= 2; how++)
        for (size_t i = 0; i < n; i++)
            if (is_said_of(s, j, numbers[i].name) == how) number = numbers[i].number;
    return number;
}

static int least_of(const struct slow *s, size_t j)
{
    const struct elastic_options *o = &s->fleet->elastic;
    if (s->w->min_gpus[j]) return s->w->min_gpus[j];
    return (int)((asked(s, j) * number_of(s, j, o->least, o->least_n) + 999999) / 1000000);
}

static int most_of(const struct slow *s, size_t j)
{
    const struct elastic_options *o = &s->fleet->elastic;
    if (s->w->max_gpus[j]) return s->w->max_gpus[j];
    return (int)(asked(s, j) * number_of(s, j, o->most, o->most_n) / 1000000);
}

/* In whole millionths. */
static double speedup(const struct slow *s, size_t j, int gpus)
{
    const struct elastic_options *o = &s->fleet->elastic;
    const struct speedup_curve *curve = NULL;
    for (int how = 1; how <= 2; how++)
        for (size_t i = 0; i < o->curve_n; i++)
            if (is_said_of(s, j, o->curves[i].name) == how) curve = &o->curves[i];
    if (!curve) return gpus * 1e6;
    if (curve->point_n == 0) return floor(pow(gpus, (double)curve->exponent_ppm / 1e6) * 1e6 + 0.5);
    int64_t g[2] = { 1, 1 }, ppm[2] = { 1000000, 1000000 }; /* the points around it */
    for (int32_t i = 0; i < curve->point_n && g[1] < gpus; i++) {
        g[0] = g[1];
        ppm[0] = ppm[1];
        g[1] = curve->point[i].gpus;
        ppm[1] = curve->point[i].ppm;
    }
    if (g[1] <= gpus) return (double)ppm[1];
    return (double)(ppm[0] + (ppm[1] - ppm[0]) * (gpus - g[0]) / (g[1] - g[0]));
}

static double speed_of(const struct slow *s, size_t j, int pool, int gpus)
{
    double speed = s->fleet->speed ? s->fleet->speed[(int)s->w->class_[j] * s->pool_n + pool] : 1;
    if (!is_sized(s) || gpus == asked(s, j)) return speed;
    return speed * (speedup(s, j, gpus) / speedup(s, j, asked(s, j)));
}

static int pool_of(const struct slow *s, size_t j)
{
    int k = 0;
    while (s->held[j][k] == 0) k++;
    return s->pool_of[k];
}

double slow_speed(const struct slow *s, size_t j)
{
    return s->held[j] ? speed_of(s, j, pool_of(s, j), slow_gpus(s, j)) : 1;
}

int64_t slow_run_time(const struct slow *s, size_t j)
{
    return (int64_t)floor((double)s->work_left[j] / slow_speed(s, j) + 0.5);
}

int64_t slow_work_in(const struct slow *s, size_t j, int64_t time)
{
    int64_t work = (int64_t)floor((double)time * slow_speed(s, j) + 0.5);
    return work < s->work_left[j] ? work : s->work_left[j];
}

void slow_elastic_arrive(struct slow *s, size_t j)
{
    if (is_sized(s)) s->size[j] = least_of(s, j);
}

/* ---- a pass, on paper ---- */

struct on_paper {
    int in;             /* it runs, or is to start */
    int runs, pool;     /* whether it runs now, and where it is */
    int least, most;    /* GPUs */
    int share, held;    /* it has on paper; has now */
    int placed, picked; /* it lies on take */
    int *take;
    int64_t left; /* work */
};

static int pool_gpus(const struct slow *s, int pool)
{
    return s->fleet->pools[pool].nodes * s->fleet->pools[pool].gpus;
}

/* The most that one job can have there. */
static int reach(const struct slow *s, int pool)
{
    return s->fleet->gang == GANG_ONE_NODE ? s->fleet->pools[pool].gpus : pool_gpus(s, pool);
}

/* GPUs that nobody has on paper. */
static int unshared(const struct slow *s, const struct on_paper *p, int pool)
{
    int left = slow_gpus_up(s, pool);
    for (size_t j = 0; j < s->w->job_n; j++)
        if (p[j].in && p[j].pool == pool) left -= p[j].share;
    return left;
}

static int64_t time_with(const struct slow *s, const struct on_paper *p, size_t j, int gpus)
{
    return (int64_t)floor((double)p[j].left / speed_of(s, j, p[j].pool, gpus) + 0.5);
}

/* The smaller, the more the nth GPU is worth to the job. */
static int64_t worth(const struct slow *s, const struct on_paper *p, size_t j, int nth)
{
    if (is(s, "elastic-max-min")) return nth;
    if (is(s, "optimus")) return time_with(s, p, j, nth) - time_with(s, p, j, nth - 1);
    return 0;
}

static void shift(struct slow *s, const int *take, int sign)
{
    for (int k = 0; take && k < s->node_n; k++)
        if (take[k] > 0) s->room[k] += sign * take[k];
}

/* Nodes for so many in place of what it has, into take; 2: those that it runs on, 0: there are
 * none. */
static int nodes_for(struct slow *s, const struct on_paper *j, size_t job, int gpus, int *take)
{
    int size = s->size[job], stays = j->runs && gpus == j->held;
    const int *had = j->placed ? j->take : j->runs ? s->held[job] : NULL;
    shift(s, had, +1);
    for (int k = 0; stays && k < s->node_n; k++) stays = s->held[job][k] <= s->room[k];
    s->size[job] = gpus;
    int fits = stays || slow_room(s, job, j->pool, take);
    s->size[job] = size;
    shift(s, had, -1);
    return stays ? 2 : fits;
}

static int has_nodes_for(struct slow *s, const struct on_paper *p, size_t j, int gpus)
{
    int take[4096];
    return nodes_for(s, &p[j], j, gpus, take) != 0;
}

static int resize(struct slow *s, struct on_paper *j, size_t job, int gpus)
{
    int take[4096], found = nodes_for(s, j, job, gpus, take);
    if (!found) return 0;
    shift(s, j->placed ? j->take : j->runs ? s->held[job] : NULL, +1);
    j->share = gpus;
    j->placed = found == 1;
    if (j->placed) {
        if (!j->take) j->take = malloc((size_t)s->node_n * sizeof *j->take);
        memcpy(j->take, take, (size_t)s->node_n * sizeof *j->take);
        j->picked = s->picked;
    }
    shift(s, j->placed ? j->take : s->held[job], -1);
    return 1;
}

/* To whom the next GPU is worth most, of those there are nodes for, of equals the first; job_n =
 * nobody may have more. */
static size_t first_to_have(struct slow *s, const struct on_paper *p, int pool)
{
    size_t n = s->w->job_n, best = n;
    for (size_t j = 0; j < n; j++) {
        if (!p[j].in || p[j].pool != pool || p[j].share >= p[j].most) continue;
        if (best < n && worth(s, p, j, p[j].share + 1) >= worth(s, p, best, p[best].share + 1))
            continue;
        if (has_nodes_for(s, p, j, p[j].share + 1)) best = j;
        else slow_elastic_deeds.stuck++;
    }
    return best;
}

/* To whom the last GPU is worth least, of equals the last; job_n = nobody may have less. */
static size_t first_to_lose(const struct slow *s, const struct on_paper *p, int pool)
{
    size_t n = s->w->job_n, best = n;
    for (size_t j = 0; j < n; j++) {
        if (!p[j].in || p[j].pool != pool || p[j].share <= p[j].least) continue;
        if (best == n || worth(s, p, j, p[j].share) >= worth(s, p, best, p[best].share)) best = j;
    }
    return best;
}

/* Where most GPUs are free or held by others beyond their least; -1 = there are too few for it
 * everywhere. */
static int pool_for(const struct slow *s, const struct on_paper *p, size_t head)
{
    int best = -1, best_room = 0;
    for (int pool = 0; pool < s->pool_n; pool++) {
        int room = unshared(s, p, pool);
        for (size_t j = 0; j < s->w->job_n; j++)
            if (p[j].in && p[j].pool == pool) room += p[j].share - p[j].least;
        if (least_of(s, head) > reach(s, pool) || least_of(s, head) > room) continue;
        if (best < 0 || room > best_room) {
            best = pool;
            best_room = room;
        }
    }
    return best;
}

/* All of it, to go back to; freed by restore. */
struct copy {
    struct on_paper *p;
    int room[4096];
};

static void save(const struct slow *s, const struct on_paper *p, struct copy *c)
{
    size_t n = s->w->job_n, bytes = (size_t)s->node_n * sizeof(int);
    c->p = malloc((n + 1) * sizeof *p);
    memcpy(c->p, p, n * sizeof *p);
    memcpy(c->room, s->room, sizeof c->room);
    for (size_t j = 0; j < n; j++)
        if (p[j].take) {
            c->p[j].take = malloc(bytes);
            memcpy(c->p[j].take, p[j].take, bytes);
        }
}

static void drop(const struct slow *s, struct on_paper *p)
{
    for (size_t j = 0; j < s->w->job_n; j++) free(p[j].take);
}

/* back: as it was; else what has become of it stands. */
static void restore(struct slow *s, struct on_paper *p, struct copy *c, int back)
{
    drop(s, back ? p : c->p);
    if (back) {
        memcpy(p, c->p, s->w->job_n * sizeof *p);
        memcpy(s->room, c->room, sizeof c->room);
    }
    free(c->p);
}

static int let_in(struct slow *s, struct on_paper *p, size_t head)
{
    struct copy before;
    int pool = pool_for(s, p, head), fits = 0;
    if (pool < 0) return 0;
    save(s, p, &before);
    p[head] = (struct on_paper){ .in = 1,
                                 .pool = pool,
                                 .least = least_of(s, head),
                                 .most = most_of(s, head),
                                 .left = s->work_left[head] };
    if (p[head].most > reach(s, pool)) p[head].most = reach(s, pool);
    while (!fits) {
        fits = unshared(s, p, pool) >= p[head].least && resize(s, &p[head], head, p[head].least);
        size_t worst = first_to_lose(s, p, pool);
        if (fits || worst == s->w->job_n) break;
        assert_true(resize(s, &p[worst], worst, p[worst].share - 1));
    }
    slow_elastic_deeds.blocked += !fits;
    restore(s, p, &before, !fits);
    return fits;
}

static void give(struct slow *s, struct on_paper *p, int pool)
{
    size_t j;
    while (unshared(s, p, pool) > 0 && (j = first_to_have(s, p, pool)) < s->w->job_n)
        assert_true(resize(s, &p[j], j, p[j].share + 1));
}

static void even_out(struct slow *s, struct on_paper *p, int pool)
{
    for (int better = 1; better;) {
        struct copy before;
        size_t n = s->w->job_n, from = first_to_lose(s, p, pool);
        if (from == n) return;
        int64_t lost = worth(s, p, from, p[from].share);
        save(s, p, &before);
        assert_true(resize(s, &p[from], from, p[from].share - 1));
        size_t to = first_to_have(s, p, pool);
        better = to < n && worth(s, p, to, p[to].share + 1) < lost;
        if (better) assert_true(resize(s, &p[to], to, p[to].share + 1));
        slow_elastic_deeds.evened += better;
        restore(s, p, &before, !better);
    }
}

/* ---- the whole pass ---- */

/* Those that run, as they are. */
static void look(const struct slow *s, struct on_paper *p)
{
    for (size_t j = 0; j < s->w->job_n; j++) {
        p[j] = (struct on_paper){ .in = s->state[j] == RUNNING };
        if (!p[j].in) continue;
        int here = reach(s, p[j].pool = pool_of(s, j));
        p[j].runs = 1;
        p[j].least = least_of(s, j);
        p[j].most = most_of(s, j) < here ? most_of(s, j) : here;
        p[j].share = p[j].held = slow_gpus(s, j);
        p[j].left = s->work_left[j] - slow_work_in(s, j, slow_run_by_now(s, j));
    }
}

void slow_elastic_pass(struct slow *s)
{
    size_t n = s->w->job_n, head = slow_next(s, NULL);
    if (!s->released && (head == n || head == s->blocked) && !is(s, "optimus")) return;
    struct on_paper *p = calloc(n + 1, sizeof *p);
    int room[4096];
    memcpy(room, s->room, sizeof room);
    look(s, p);
    for (size_t j = 0; j < n; j++) {
        if (s->state[j] != WAITING) continue;
        if ((!s->released && j == s->blocked) || !let_in(s, p, j)) break;
    }
    for (int pool = 0; pool < s->pool_n; pool++) give(s, p, pool);
    for (int pool = 0; pool < s->pool_n; pool++) even_out(s, p, pool);
    memcpy(s->room, room, sizeof room);
    for (size_t j = 0; j < n; j++)
        if (p[j].placed && p[j].runs) {
            slow_elastic_deeds.grown += p[j].share > p[j].held;
            slow_elastic_deeds.shrunk += p[j].share < p[j].held;
            slow_elastic_deeds.beside += p[j].share == p[j].held;
            slow_stop(s, j);
        }
    for (size_t j = 0; j < n; j++)
        if (p[j].placed) {
            s->size[j] = p[j].share;
            s->picked = p[j].picked;
            slow_go_on(s, j, p[j].pool, p[j].take);
        }
    drop(s, p);
    s->blocked = slow_next(s, NULL);
    free(p);
}
