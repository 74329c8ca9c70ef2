/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placements by score and shared GPUs, start by start, node by node and GPU by GPU, against plain
 * rules: every node is looked at for every job, in the words of docs/models.md, and who is on it
 * already. And worked examples.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/scored.h"
#include "tests/openb.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

enum { NODES_MAX = 24, JOBS_MAX = 60, GPUS_MAX = 8 };

struct plain_node {
    int pool, gpus, milli[GPUS_MAX], kinds[GPUS_MAX + 1];
    int64_t cpu, mem, cpu_all, mem_all;
};

struct plain_job {
    int64_t submit, run, start, end;
    int64_t cpu, mem;
    int milli, node, waits, runs;
    int user, tenant; /* by number; 0 = none is named */
    unsigned mask;
};

struct plain {
    struct plain_node node[NODES_MAX]; /* in order of rank */
    struct plain_job job[JOBS_MAX];
    int node_n, job_n, gpus_most, share;
    int64_t cpu_most;
    const char *rule;
    int apart, exclusive; /* no two jobs of a user on a node; of one tenant alone */
};

static int whole_of(const struct plain *s, int j)
{
    int milli = s->job[j].milli;
    return s->share && milli < 1000 ? 0 : (milli + 999) / 1000;
}

static int part_of(const struct plain *s, int j)
{
    return s->share && s->job[j].milli < 1000 ? s->job[j].milli : 0;
}

static int asks(const struct plain *s, int j) { return 1000 * whole_of(s, j) + part_of(s, j); }

static int left_of(const struct plain_node *n)
{
    int left = 0;
    for (int g = 0; g < n->gpus; g++) left += n->milli[g];
    return left;
}

static int with_at_least(const struct plain_node *n, int milli)
{
    int many = 0;
    for (int g = 0; g < n->gpus; g++) many += n->milli[g] >= milli;
    return many;
}

/* Whether j may be beside those that run on the node. */
static int is_welcome(const struct plain *s, int j, int node)
{
    for (int i = 0; i < s->job_n; i++) {
        if (!s->job[i].runs || s->job[i].node != node) continue;
        if (s->apart && s->job[j].user && s->job[i].user == s->job[j].user) return 0;
        if (s->exclusive && s->job[i].tenant != s->job[j].tenant) return 0;
    }
    return 1;
}

static int fits(const struct plain *s, int j, const struct plain_node *n)
{
    if (!is_welcome(s, j, (int)(n - s->node))) return 0;
    if (n->cpu < s->job[j].cpu || n->mem < s->job[j].mem) return 0;
    if (part_of(s, j)) return with_at_least(n, part_of(s, j)) > 0;
    return with_at_least(n, 1000) >= whole_of(s, j);
}

static int alike(const struct plain *s, int a, int b)
{
    return s->job[a].cpu == s->job[b].cpu && asks(s, a) == asks(s, b);
}

/* How often a request like j's is made, and whether it is counted before that of k. */
static int often(const struct plain *s, int j)
{
    int many = 0;
    for (int k = 0; k < s->job_n; k++) many += alike(s, j, k);
    return many;
}

static int before(const struct plain *s, int j, int k)
{
    if (often(s, j) != often(s, k)) return often(s, j) > often(s, k);
    if (s->job[j].cpu != s->job[k].cpu) return s->job[j].cpu > s->job[k].cpu;
    int a = part_of(s, j) ? part_of(s, j) : asks(s, j) ? 1000 : 0;
    int b = part_of(s, k) ? part_of(s, k) : asks(s, k) ? 1000 : 0;
    return a != b ? a > b : whole_of(s, j) > whole_of(s, k);
}

/* Those counted before it are less than 95 % of all. */
static int is_typical(const struct plain *s, int j)
{
    int many = 0;
    for (int k = 0; k < s->job_n; k++) many += !alike(s, j, k) && before(s, k, j);
    return 100 * many < 95 * s->job_n;
}

/* FGD's F: the mean over typical jobs of what each cannot use. */
static double fragments(const struct plain *s, const struct plain_node *n)
{
    double sum = 0, typical = 0;
    for (int j = 0; j < s->job_n; j++) {
        if (!is_typical(s, j)) continue;
        typical++;
        int milli = part_of(s, j) ? part_of(s, j) : whole_of(s, j) ? 1000 : 0;
        int many = part_of(s, j) ? 1 : whole_of(s, j), lost = 0;
        if (milli == 0 || n->cpu < s->job[j].cpu || with_at_least(n, milli) < many) {
            lost = left_of(n);
        } else {
            for (int g = 0; g < n->gpus; g++) lost += n->milli[g] < milli ? n->milli[g] : 0;
        }
        sum += lost;
    }
    return sum / typical;
}

static int tightest(const struct plain *s, int j, const struct plain_node *n)
{
    int best = -1;
    for (int g = 0; g < n->gpus; g++)
        if (n->milli[g] >= part_of(s, j) && (best < 0 || n->milli[g] < n->milli[best])) best = g;
    return best;
}

static unsigned gpus_for(const struct plain *s, int j, const struct plain_node *n, int part_on)
{
    unsigned mask = 0;
    if (part_of(s, j)) return 1u << part_on;
    for (int g = 0, left = whole_of(s, j); left > 0; g++)
        if (n->milli[g] == 1000) {
            mask |= 1u << g;
            left--;
        }
    return mask;
}

static struct plain_node after(const struct plain *s, int j, struct plain_node n, unsigned mask)
{
    for (int g = 0; g < n.gpus; g++)
        if (mask >> g & 1) n.milli[g] -= part_of(s, j) ? part_of(s, j) : 1000;
    n.cpu -= s->job[j].cpu;
    n.mem -= s->job[j].mem;
    return n;
}

/* How much of a resource is used with the job, in whole per cent; -1 = the node has none. */
static int used(int64_t all, int64_t left) { return all ? (int)((all - left) * 100 / all) : -1; }
static int unused(int64_t all, int64_t left) { return all ? (int)(left * 100 / all) : -1; }

static int mean(const int *score, const int *weight, int round)
{
    int sum = 0, weights = 0;
    for (int i = 0; i < 3; i++)
        if (score[i] >= 0) {
            sum += score[i] * weight[i];
            weights += weight[i];
        }
    if (!weights) return 0;
    return round ? (int)floor((double)sum / weights + 0.5) : sum / weights;
}

static double score(const struct plain *s, int j, const struct plain_node *n)
{
    struct plain_node left = after(s, j, *n, gpus_for(s, j, n, tightest(s, j, n)));
    int kinds = 0, kind = whole_of(s, j), most = s->gpus_most ? 1000 * s->gpus_most : 1;
    int64_t gpu = 1000 * n->gpus;
    if (strcmp(s->rule, "first-fit") == 0) return 0;
    if (strcmp(s->rule, "pack") == 0) return -left_of(&left);
    if (strcmp(s->rule, "spread") == 0) return left_of(n);
    if (strcmp(s->rule, "best-fit") == 0) {
        double cpu = s->cpu_most ? (double)left.cpu / (double)s->cpu_most : 0;
        return floor((1 - (0.5 * cpu + 0.5 * left_of(&left) / most)) * 100);
    }
    if (strcmp(s->rule, "dot-product") == 0) {
        double cpu =
            (double)n->cpu / (double)s->cpu_most * ((double)s->job[j].cpu / (double)s->cpu_most);
        double milli = (double)left_of(n) / most * ((double)asks(s, j) / most);
        return floor(100 * (1 - (cpu + milli) / 2));
    }
    if (strcmp(s->rule, "gpu-packing") == 0) {
        if (asks(s, j) == 0) return 0;
        if (with_at_least(n, 1000) == n->gpus) return fmax(33 - n->gpus, n->gpus);
        int idle = part_of(s, j) ? n->milli[tightest(s, j, n)] == 1000 : whole_of(s, j);
        if (idle) return fmax(50 - idle, 33);
        return fmax(100 - n->milli[tightest(s, j, n)] / 10 / 10, 50);
    }
    if (strcmp(s->rule, "gpu-clustering") == 0) {
        if (asks(s, j) == 0) return 0;
        for (int k = 0; k <= GPUS_MAX; k++) kinds += n->kinds[k] > 0;
        int base = n->kinds[kind] ? (kinds == 1 ? 75 : 50) : kinds == 0 ? 25 : 0;
        return base + 25 * (most - left_of(n)) / most;
    }
    int weight[3] = { 1, 1, 1 };
    int full[3] = { used(n->cpu_all, left.cpu), used(n->mem_all, left.mem),
                    used(gpu, left_of(&left)) };
    int idle[3] = { unused(n->cpu_all, left.cpu), unused(n->mem_all, left.mem),
                    unused(gpu, left_of(&left)) };
    if (strcmp(s->rule, "least-allocated") == 0) return mean(idle, weight, 0);
    if (strcmp(s->rule, "most-allocated") == 0) return mean(full, weight, 0);
    assert_string_equal(s->rule, "requested-to-capacity");
    weight[2] = 5;
    return mean(full, weight, 1);
}

static int try_start(struct plain *s, int j, int64_t now)
{
    double best = -1e9;
    int at = -1;
    for (int i = 0; i < s->node_n; i++) {
        if (!fits(s, j, &s->node[i])) continue;
        double x = score(s, j, &s->node[i]);
        if (at >= 0 && x <= best) continue;
        at = i;
        best = x;
    }
    if (at < 0) return 0;
    struct plain_job *job = &s->job[j];
    job->node = at;
    job->mask = gpus_for(s, j, &s->node[at], tightest(s, j, &s->node[at]));
    job->start = now;
    job->end = now + job->run;
    job->waits = 0;
    job->runs = 1;
    s->node[at] = after(s, j, s->node[at], job->mask);
    if (asks(s, j)) s->node[at].kinds[whole_of(s, j)]++;
    return 1;
}

static void stop(struct plain *s, int j)
{
    struct plain_node *n = &s->node[s->job[j].node];
    for (int g = 0; g < n->gpus; g++)
        if (s->job[j].mask >> g & 1) n->milli[g] += part_of(s, j) ? part_of(s, j) : 1000;
    n->cpu += s->job[j].cpu;
    n->mem += s->job[j].mem;
    if (asks(s, j)) n->kinds[whole_of(s, j)]--;
    s->job[j].runs = 0;
}

/* Who fits starts, in order of arrival; who can never fit is left out. */
static void run_plainly(struct plain *s)
{
    int64_t now = 0, next = 0;
    for (int j = 0; j < s->job_n; j++) {
        s->job[j].start = -1;
        for (int i = 0; i < s->node_n; i++) s->job[j].waits |= fits(s, j, &s->node[i]);
    }
    for (; next < INT64_MAX; now = next) {
        for (int j = 0; j < s->job_n; j++)
            if (s->job[j].runs && s->job[j].end == now) stop(s, j);
        for (int j = 0; j < s->job_n; j++)
            if (s->job[j].waits && s->job[j].submit <= now) try_start(s, j, now);
        next = INT64_MAX;
        for (int j = 0; j < s->job_n; j++) {
            const struct plain_job *job = &s->job[j];
            if (job->runs && job->end < next) next = job->end;
            if (job->waits && job->submit > now && job->submit < next) next = job->submit;
        }
    }
}

/* ---- the same by the world ---- */

struct seen {
    const struct openb_fleet *fleet;
    struct plain *plain;
    int wrong;
};

static void see_job(void *context, const struct job_record *record)
{
    struct seen *seen = context;
    const struct plain_job *job = &seen->plain->job[record->job];
    int rank = -1;
    if (record->outcome == OUTCOME_FINISHED) {
        int32_t node = record->first_node;
        for (int32_t p = 0; p < record->pool; p++) node -= seen->fleet->pools[p].nodes;
        rank = seen->fleet->rank[record->pool][node];
    }
    if (record->start_us == job->start &&
        (job->start < 0 || (rank == job->node && record->first_mask == job->mask)))
        return;
    print_error("%s: job %u at %lld on node %d, GPUs %#x; plain rules: %lld, %d, %#x\n",
                seen->plain->rule, record->job, (long long)record->start_us, rank,
                record->first_mask, (long long)job->start, job->node, job->mask);
    seen->wrong++;
}

static void random_nodes(struct draw *d, struct plain *s, struct rows *rows)
{
    static const char *const sizes[][3] = { { "8000", "32768", "2" },
                                            { "16000", "65536", "4" },
                                            { "32000", "131072", "8" },
                                            { "16000", "32768", "0" },
                                            { "4000", "131072", "1" } };
    rows->n = (size_t)s->node_n;
    for (int i = 0; i < s->node_n; i++) {
        const char *const *size = sizes[below(d, 5)];
        struct plain_node *n = &s->node[i];
        for (int k = 0; k < 3; k++) rows->cell[i][k] = (char *)(uintptr_t)size[k];
        rows->cell[i][3] = (char *)(uintptr_t) "GPU";
        *n = (struct plain_node){ .cpu = atoll(size[0]),
                                  .mem = atoll(size[1]),
                                  .gpus = atoi(size[2]) };
        n->cpu_all = n->cpu;
        n->mem_all = n->mem;
        for (int g = 0; g < n->gpus; g++) n->milli[g] = 1000;
        if (n->gpus > s->gpus_most) s->gpus_most = n->gpus;
        if (n->cpu > s->cpu_most) s->cpu_most = n->cpu;
    }
}

static void random_jobs(struct draw *d, struct plain *s, struct workload *w)
{
    int64_t at = 0;
    struct error err;
    assert_int_equal(workload_init(w, &err), STATUS_OK);
    for (int j = 0; j < s->job_n; j++) {
        static const int milli[] = {
            0, 100, 250, 300, 500, 700, 900, 1000, 1000, 2000, 4000, 8000
        };
        static const char *const names[] = { "", "a", "b", "c" };
        struct job_row row;
        at += below(d, 3);
        s->job[j] = (struct plain_job){ .submit = at,
                                        .run = 1 + below(d, 40),
                                        .cpu = 500 * below(d, 12),
                                        .mem = 4096 * below(d, 6),
                                        .milli = milli[below(d, 12)],
                                        .user = below(d, 4),
                                        .tenant = below(d, 4) };
        job_row_init(&row);
        row.submit_us = at;
        row.run_us = s->job[j].run;
        row.cpu_milli = s->job[j].cpu;
        row.mem_mib = s->job[j].mem;
        row.gpu_milli = s->job[j].milli;
        row.user = names[s->job[j].user];
        row.user_n = strlen(row.user);
        row.tenant = names[s->job[j].tenant];
        row.tenant_n = strlen(row.tenant);
        assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
    }
    assert_int_equal(workload_seal(w, 0, &err), STATUS_OK);
}

static void as_the_plain_rules_say(void **state)
{
    static char *cells[NODES_MAX][ROW_FIELDS];
    int shared = 0, chosen = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct draw d = { random_key(seed, 21), 0 };
        struct rows rows = { .cell = cells };
        struct openb_fleet fleet;
        struct workload w;
        struct plain fresh = { .node_n = 1 + below(&d, NODES_MAX),
                               .job_n = 5 + below(&d, 50),
                               .share = below(&d, 3) > 0,
                               .apart = below(&d, 3) == 0,
                               .exclusive = below(&d, 3) == 0 };
        random_nodes(&d, &fresh, &rows);
        random_jobs(&d, &fresh, &w);
        openb_fleet_of(&rows, 0, 1, 2, 3, &fleet);
        if (!fresh.share) fleet.spec.scheduler.sharing = SHARING_NONE;
        if (fresh.apart) fleet.spec.scheduler.neighbours.apart = APART_USER;
        if (fresh.exclusive) fleet.spec.scheduler.neighbours.exclusive = EXCLUSIVE_TENANT;
        for (const struct placement *p = placements; p->name; p++) {
            struct plain plain = fresh;
            struct seen seen = { &fleet, &plain, 0 };
            struct observer observer = { .context = &seen, .job = see_job };
            struct world_options options = { .seed = seed };
            struct world_result result;
            struct error err;
            /* Without sharing the others do not look at single GPUs, and go pool by pool. */
            if (p->rule == PLACE_RANDOM || (!fresh.share && p->rule != PLACE_SCORED)) continue;
            /* The last bits of its sums decide between 49 and 50: tests/oracles/test_fgd.c. */
            if (p->score == score_fgd) continue;
            plain.rule = p->name;
            run_plainly(&plain);
            fleet.spec.scheduler.placement = p;
            if (world_run(&w, &fleet.spec, &options, &observer, &result, &err) != STATUS_OK)
                fail_msg("seed %d: %s", (int)seed, err.message);
            if (seen.wrong) fail_msg("seed %d", (int)seed);
            shared += fresh.share;
            chosen += fresh.apart + fresh.exclusive;
            world_result_free(&result);
        }
        openb_fleet_free(&fleet);
        workload_free(&w);
    }
    assert_true(shared > 1000 && chosen > 1000);
}

/* What fgd takes for a fragment, of nodes in any state. */
static void fragments_of_a_node(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct draw d = { random_key(seed, 22), 0 };
        struct workload w;
        struct plain plain = { .job_n = 5 + below(&d, 50), .share = (int)(seed % 2) };
        random_jobs(&d, &plain, &w);
        struct pool_spec pool = { .type = { .gpu_model = "" } };
        struct fleet_spec fleet = { .pool_n = 1, .pools = &pool };
        fleet.scheduler.sharing = plain.share ? SHARING_FRACTIONAL : SHARING_NONE;
        struct fgd *fgd = fgd_new(&w, &fleet, 1);
        assert_non_null(fgd);
        for (int i = 0; i < 50; i++) {
            struct plain_node n = { .gpus = below(&d, GPUS_MAX + 1), .cpu = 500 * below(&d, 20) };
            uint16_t milli[GPUS_MAX];
            for (int g = 0; g < n.gpus; g++)
                milli[g] = (uint16_t)(n.milli[g] = below(&d, 2) ? 1000 : 50 * below(&d, 20));
            assert_true(fabs(fgd_fragments(fgd, 0, n.cpu, milli, n.gpus) - fragments(&plain, &n)) <
                        1e-9 * 8000);
        }
        fgd_free(fgd);
        workload_free(&w);
    }
}

/* Two of three jobs want GPUs of another type: these have no use for what is free. */
static void fragments_of_another_type(void **state)
{
    static const char *const types[] = { "T4", "P100|T4", "" };
    static const uint16_t milli[] = { 1000, 1000 };
    struct pool_spec pools[] = { { .type = { .gpu_model = "P100" } },
                                 { .type = { .gpu_model = "T4" } },
                                 { .type = { .gpu_model = "V100" } } };
    struct fleet_spec fleet = { .pool_n = 3, .pools = pools };
    struct workload w;
    (void)state;
    simulate_workload_init(&w);
    for (int j = 0; j < 3; j++) {
        struct job_row row;
        struct error err;
        job_row_init(&row);
        row.gpu_milli = 1000;
        row.run_us = US_PER_S;
        row.gpu_type = types[j];
        row.gpu_type_n = strlen(types[j]);
        assert_int_equal(workload_add(&w, &row, &err), STATUS_OK);
    }
    simulate_seal(&w);
    struct fgd *fgd = fgd_new(&w, &fleet, 1);
    assert_non_null(fgd);
    assert_float_equal(fgd_fragments(fgd, 0, 0, milli, 2), 2000.0 / 3, 1e-9);
    assert_float_equal(fgd_fragments(fgd, 1, 0, milli, 2), 0, 1e-9);
    assert_float_equal(fgd_fragments(fgd, 2, 0, milli, 2), 4000.0 / 3, 1e-9);
    fgd_free(fgd);
    workload_free(&w);
}

/* kubernetes.io, Resource bin packing: foo, memory and cpu with weights 5, 1 and 3; the request is
 * for 2, 256 MB and 2. Node 1 scores 5, node 2 scores 7, of 10. */
static void requested_to_capacity_ratio(void **state)
{
    static const int32_t weight[] = { 5, 1, 3 };
    static const int64_t used[2][3] = { { 1 + 2, 256 + 256, 1 + 2 }, { 2 + 2, 512 + 256, 6 + 2 } };
    static const int64_t all[2][3] = { { 4, 1024, 8 }, { 8, 1024, 8 } };
    static const int32_t total[2] = { 5, 7 };
    (void)state;
    for (int node = 0; node < 2; node++) {
        int32_t one[3];
        for (int i = 0; i < 3; i++) one[i] = score_ratio(used[node][i], all[node][i], 10);
        assert_int_equal(score_ratios_mean(one, weight, 3), total[node]);
    }
}

/* Two halves and 0.3 on two GPUs: 0.3 is 0.8 with the half that is there, and the second half needs
 * the other GPU; a whole GPU then waits, though 1.2 are free. */
static void free_in_all_but_not_in_one(void **state)
{
    static char *cell[1][ROW_FIELDS] = { { "8000", "1024", "2", "GPU" } };
    static const struct rows rows = { .cell = cell, .n = 1 };
    struct openb_fleet fleet;
    struct openb_places places;
    struct workload w;
    struct error err;
    (void)state;
    openb_fleet_of(&rows, 0, 1, 2, 3, &fleet);
    openb_workload_init(&w);
    openb_add(&w, 0, 0, 500, "");
    openb_add(&w, 0, 0, 300, "");
    openb_add(&w, 0, 0, 700, "");
    openb_add(&w, 0, 0, 400, "");
    openb_add(&w, 0, 0, 300, "");
    assert_int_equal(workload_seal(&w, INT64_MIN, &err), STATUS_OK);
    openb_run(&fleet, &w, "pack", 1, &places);
    assert_int_equal(places.mask[0], 1);
    assert_int_equal(places.mask[1], 1); /* 200 left there, 1,000 here */
    assert_int_equal(places.mask[2], 2);
    assert_int_equal(places.node[3], -1); /* 500 are free, 200 and 300 */
    assert_int_equal(places.mask[4], 2);
    openb_places_free(&places);
    openb_fleet_free(&fleet);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_plain_rules_say),     cmocka_unit_test(fragments_of_a_node),
        cmocka_unit_test(fragments_of_another_type),  cmocka_unit_test(requested_to_capacity_ratio),
        cmocka_unit_test(free_in_all_but_not_in_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
