/* SPDX-License-Identifier: Apache-2.0 */
/* Forecasts against numbers worked by hand and a second implementation; and worlds in which the
 * predictive autoscaler decides: it knows the past alone, starves nobody, and sends no job away. */
#include <math.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/autoscaling/holt_winters.h"
#include "models/autoscaling/hour_of_week.h"
#include "tests/simulate.h"

#define S   INT64_C(1000000)
#define MIN (60 * S)
#define H   (60 * MIN)
#define DAY (24 * H)
#define W   (7 * DAY)

/* ---- the quantile of an hour of the week ---- */

static void quantile_of_an_hour(void **state)
{
    enum { WEEK = 336 /* half hours */ };
    static const double seen[3][3] = { { 1, 4, 2 }, { 6, 3, 8 }, { 10, 5, 5 } };
    double y[3 * WEEK + 16] = { 0 }, scratch[16];
    struct hour_of_week rule = { 0, 30 * MIN, 2, 0.9 };
    (void)state;
    /* From 08:00 on. The windows of an hour that began at 08:00 and 08:30 have the peaks 4, 4; 6,
     * 8; 10, 5. In order 4, 4, 5, 6, 8, 10; of six values 90% is at 1 + 5 x 0.9 = 5.5. */
    for (int w = 0; w < 3; w++)
        for (int i = 0; i < 3; i++) y[w * WEEK + 16 + i] = seen[w][i];
    struct past past = { y, 0, 3 * WEEK + 16 };
    assert_true(hour_of_week_windows(&rule, past.n) <= 16);
    assert_true(fabs(hour_of_week_ahead(&rule, &past, scratch) - 9) < 1e-12);
    rule.quantile = 0.5;
    assert_true(fabs(hour_of_week_ahead(&rule, &past, scratch) - 5.5) < 1e-12);
    rule.quantile = 1;
    assert_true(fabs(hour_of_week_ahead(&rule, &past, scratch) - 10) < 1e-12);
    /* The first week is forgotten: 5, 6, 8, 10. Half an hour of the second, too: 5, 8, 10. */
    rule.quantile = 0.5;
    struct past later = { y + WEEK, WEEK, 2 * WEEK + 16 };
    assert_true(fabs(hour_of_week_ahead(&rule, &later, scratch) - 7) < 1e-12);
    later = (struct past){ y + WEEK + 17, WEEK + 17, 2 * WEEK - 1 };
    assert_true(fabs(hour_of_week_ahead(&rule, &later, scratch) - 8) < 1e-12);
    /* At 07:30 next week nothing but the second half of 07:30's windows is seen: 1, 6 and 10. */
    struct past before = { y, 0, 3 * WEEK + 15 };
    rule.quantile = 1;
    assert_true(fabs(hour_of_week_ahead(&rule, &before, scratch) - 10) < 1e-12);
    rule.quantile = 0; /* of 07:00 .. 08:00: 0, thrice */
    assert_true(hour_of_week_ahead(&rule, &before, scratch) == 0);
    /* Less than a week is known. */
    struct past first = { y, 0, WEEK - 4 };
    assert_true(hour_of_week_ahead(&rule, &first, scratch) < 0);
}

/* Second 0 is 00:45: half hours begin at a quarter past and to; 08:15 is 7 1/2 hours later. */
static void quantile_where_the_week_began_before(void **state)
{
    enum { WEEK = 336 };
    double y[WEEK + 15] = { 0 }, scratch[16];
    struct hour_of_week rule = { 45 * MIN, 30 * MIN, 1, 1 };
    struct past past = { y, 0, WEEK + 15 };
    (void)state;
    y[14] = 7; /* 07:45: another hour */
    y[15] = 2; /* 08:15 */
    y[16] = 3; /* 08:45 */
    y[17] = 9; /* 09:15: another hour */
    assert_true(hour_of_week_ahead(&rule, &past, scratch) == 3);
    rule.quantile = 0;
    assert_true(hour_of_week_ahead(&rule, &past, scratch) == 2);
}

/* ---- Holt-Winters ---- */

static void smooths_by_hand(void **state)
{
    static const double y[] = { 10, 20, 12, 24, 14 };
    double season[2];
    struct holt_winters h = {
        .alpha = 0.5, .beta = 0.5, .gamma = 0.5, .season = season, .season_n = 2
    };
    (void)state;
    /* Means of the seasons 15 and 18: a = 15, b = 3 / 2, s = -5, 5.
     *   12   11.5      a = (17 + 16.5) / 2 = 16.75        b = 1.625      s = -4.875
     *   24   23.375    a = (19 + 18.375) / 2 = 18.6875    b = 1.78125    s = 5.15625
     *   14   15.59375  a = (18.875 + 20.46875) / 2        b = 1.3828125  s = -5.2734375 */
    assert_true(holt_winters_run(&h, y, 5) == 0.5 * 0.5 + 0.625 * 0.625 + 1.59375 * 1.59375);
    assert_true(h.level == 19.671875 && h.trend == 1.3828125);
    assert_true(h.season[0] == -5.2734375 && h.season[1] == 5.15625 && h.at == 1);
    assert_true(holt_winters_peak(&h, 1) == 19.671875 + 1.3828125 + 5.15625);
    assert_true(holt_winters_peak(&h, 2) == holt_winters_peak(&h, 1));
    /* Three ahead the season's value is that of one ahead. */
    assert_true(holt_winters_peak(&h, 3) == 19.671875 + 3 * 1.3828125 + 5.15625);
}

enum { HOURS = 24, DAYS = 12, VALUES = HOURS * DAYS };

/* The same by errors: each state moves by a share of what the forecast was wrong by (the
 * error-correction form, Hyndman and Athanasopoulos). Returns the sum of squared errors, and what
 * the next value is forecast to be. */
static double by_errors(const double *y, double alpha, double beta, double gamma, double *next)
{
    double level = 0, trend = 0, season[HOURS], squares = 0;
    for (int i = 0; i < HOURS; i++) {
        level += y[i] / HOURS;
        trend += (y[HOURS + i] - y[i]) / HOURS / HOURS;
    }
    for (int i = 0; i < HOURS; i++) season[i] = y[i] - level;
    for (int i = HOURS; i < VALUES; i++) {
        double error = y[i] - level - trend - season[i % HOURS];
        level += trend + alpha * error;
        trend += alpha * beta * error;
        season[i % HOURS] += gamma * (1 - alpha) * error;
        squares += error * error;
    }
    *next = level + trend + season[VALUES % HOURS];
    return squares;
}

/* No weights on a grid are better than those found; and the other implementation, with these, gives
 * the same errors and the same forecast. */
static void fits_as_well_as_any(void **state)
{
    struct holt_winters_search search = { 0 };
    (void)state;
    assert_true(holt_winters_search_init(&search));
    for (uint64_t seed = 1; seed <= 6; seed++) {
        double y[VALUES], season[HOURS], next, walk = 0, best = INFINITY;
        struct random_key key = random_key(seed, 0);
        struct holt_winters h = { .season = season, .season_n = HOURS };
        for (int i = 0; i < VALUES; i++) {
            walk += (double)(seed % 3) * (random_unit(key, 1, 1, (uint64_t)i) - 0.5);
            y[i] = 50 + 20 * sin(2 * M_PI * i / HOURS) + walk +
                   10 * (random_unit(key, 1, 2, (uint64_t)i) - 0.5);
        }
        holt_winters_fit(&h, y, VALUES, &search);
        double squares = by_errors(y, h.alpha, h.beta, h.gamma, &next);
        assert_true(h.alpha >= 0 && h.alpha <= 1 && h.beta >= 0 && h.beta <= 1 && h.gamma >= 0 &&
                    h.gamma <= 1);
        assert_true(fabs(holt_winters_peak(&h, 1) - next) < 1e-9 * fabs(next));
        for (int a = 0; a <= 20; a++)
            for (int b = 0; b <= 20; b++)
                for (int c = 0; c <= 20; c++) {
                    double other, at = by_errors(y, a / 20.0, b / 20.0, c / 20.0, &other);
                    if (at < best) best = at;
                }
        if (squares > best * 1.001)
            fail_msg("seed %d: %.6f at %.3f %.3f %.3f; on a grid %.6f", (int)seed, squares, h.alpha,
                     h.beta, h.gamma, best);
        assert_true(fabs(holt_winters_run(&h, y, VALUES) - squares) < 1e-9 * squares);
    }
    holt_winters_search_free(&search);
}

/* ---- worlds ---- */

static struct simulate_fleet fleet_of(int32_t nodes, int64_t boot_us, enum predict_method method)
{
    struct simulate_fleet fleet = { .pools = { { nodes, 1 } },
                                    .coming = { nodes },
                                    .autoscaler.kind = &autoscaler_predictive,
                                    .boot.scale_us = (double)boot_us };
    predictive_defaults(&fleet.autoscaler.predictive);
    fleet.autoscaler.predictive.method = method;
    fleet.autoscaler.predictive.headroom_ppm = 0;
    return fleet;
}

static void check_stay(const struct schedule *s, size_t i, int64_t up_us, int64_t down_us)
{
    assert_true(i < s->stay_n);
    if (s->stays[i].up_us != up_us || s->stays[i].down_us != down_us)
        fail_msg("stay %zu is %.6f .. %.6f, not %.6f .. %.6f", i, (double)s->stays[i].up_us / S,
                 (double)s->stays[i].down_us / S, (double)up_us / S, (double)down_us / S);
}

/* Mondays at 08:05: 4 jobs, then 2, then 5; decisions each hour, two hours ahead. */
static void nodes_by_the_week(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(10, MIN, PREDICT_HOUR_OF_WEEK);
    size_t at = 0;
    (void)state;
    fleet.autoscaler.predictive.period_us = H;
    fleet.autoscaler.predictive.horizon_us = 2 * H;
    fleet.autoscaler.predictive.quantile_ppm = 500000;
    fleet.books_us = 3 * W;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 4, 8 * H + 5 * MIN, 30 * MIN);
    simulate_add_singles(&w, 2, W + 8 * H + 5 * MIN, 30 * MIN);
    simulate_add_singles(&w, 5, 2 * W + 8 * H + 5 * MIN, 30 * MIN);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.stay_n, 4 + 4 + 5);
    /* Nothing is known: asked for when they wait. At 09:00 the last hour's peak is 4, at 10:00 it
     * is 0. */
    for (int i = 0; i < 4; i++) check_stay(&s, at++, 8 * H + 5 * MIN, 10 * H);
    /* A week later at 07:00 the peak of 07:00 to 09:00 was 4; at 09:00 that of 09:00 to 11:00 was
     * 0. */
    for (int i = 0; i < 4; i++) check_stay(&s, at++, W + 7 * H, W + 9 * H);
    /* It was 4 and 2: half of the way is 3. Two more jobs wait at 08:05. */
    for (int i = 0; i < 3; i++) check_stay(&s, at++, 2 * W + 7 * H, 2 * W + 9 * H);
    for (int i = 0; i < 2; i++) check_stay(&s, at++, 2 * W + 8 * H + 5 * MIN, 2 * W + 9 * H);
    for (int j = 0; j < 11; j++) assert_int_equal(s.wait_us[j], j < 4 || j > 8 ? MIN : 0);
    schedule_free(&s);
}

/* Of a trace with dates hours are those of UTC. A job half an hour after second 0, for five
 * minutes; a week later the node is asked for when its hour begins. */
static void hours_are_those_of_utc(void **state)
{
    static const struct {
        int64_t t0_unix_us, from_us, to_us;
    } cases[] = {
        { INT64_MIN, 0, H },                          /* second 0 is 00:00 */
        { 12 * H + 40 * MIN, 20 * MIN, 80 * MIN },    /* 12:40; the hour is 13:00 to 14:00 */
        { -(11 * H + 20 * MIN), 20 * MIN, 80 * MIN }, /* the same time, on the day before 1970 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(2, MIN, PREDICT_HOUR_OF_WEEK);
        fleet.autoscaler.predictive.horizon_us = 10 * MIN;
        fleet.autoscaler.predictive.quantile_ppm = 1000000;
        fleet.books_us = W + DAY;
        simulate_workload_init(&w);
        simulate_add_singles(&w, 1, 30 * MIN, 5 * MIN);
        simulate_add_singles(&w, 1, W + 30 * MIN, 5 * MIN);
        simulate_seal(&w);
        w.t0_unix_us = cases[i].t0_unix_us;
        simulate(&w, &fleet, &s);
        workload_free(&w);
        assert_int_equal(s.stay_n, 2);
        check_stay(&s, 0, 30 * MIN, 50 * MIN);
        check_stay(&s, 1, W + cases[i].from_us, W + cases[i].to_us);
        assert_int_equal(s.wait_us[1], 0);
        schedule_free(&s);
    }
}

/* Two jobs from 00:00 on, of 10 minutes and of 5 hours; decisions each hour, by the last hour's
 * peak. */
static void only_idle_nodes_go(void **state)
{
    (void)state;
    for (int headroom = 0; headroom <= 1; headroom++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(4, 0, PREDICT_HOUR_OF_WEEK);
        fleet.autoscaler.predictive.period_us = H;
        fleet.autoscaler.predictive.headroom_ppm = headroom ? 500000 : 0;
        fleet.books_us = DAY;
        simulate_workload_init(&w);
        simulate_add_singles(&w, 1, 0, 10 * MIN);
        simulate_add_singles(&w, 1, 0, 5 * H);
        simulate_once(&w, &fleet, &s);
        /* At 01:00 the peak was 2, at 02:00 to 05:00 it was 1, at 06:00 it was 0; the busy node
         * stays while its job runs. Half as much again is 3 nodes at 01:00, and 2 from 02:00 on:
         * the one that is longest idle goes. */
        assert_int_equal(s.stay_n, headroom ? 3 : 2);
        check_stay(&s, 0, 0, 2 * H);
        check_stay(&s, 1, 0, 6 * H);
        if (headroom) check_stay(&s, 2, H, 6 * H);
        assert_int_equal(s.end_us[1], 5 * H);
        assert_int_equal(s.result.preemptions, 0);
        schedule_free(&s);
    }
}

/* 25 GPUs and 12% are 28 nodes: in binary 25,000 x 1.12 is a little more than 28,000. */
static void nothing_comes_of_rounding(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(40, 0, PREDICT_HOUR_OF_WEEK);
    (void)state;
    fleet.autoscaler.predictive.period_us = H;
    fleet.autoscaler.predictive.headroom_ppm = 120000;
    fleet.books_us = 4 * H;
    simulate_workload_init(&w);
    simulate_add_singles(&w, 25, 0, 5 * H);
    simulate_once(&w, &fleet, &s);
    assert_int_equal(s.result.pools[0].most_nodes, 28);
    schedule_free(&s);
}

/* Jobs at times at which there never were any, and of every size: they wait for the next minute and
 * a boot, whatever the forecast says. */
static void nobody_starves(void **state)
{
    (void)state;
    for (int method = 0; method <= 1; method++) {
        struct workload w;
        struct schedule s;
        struct simulate_fleet fleet = fleet_of(8, 5 * MIN, (enum predict_method)method);
        fleet.autoscaler.predictive.warm_up_us = 0;
        fleet.books_us = 5 * W;
        simulate_workload_init(&w);
        for (int i = 0; i < 60; i++) /* 13 h 17 min and a bit apart, never two at once */
            simulate_add(&w, (i + 1) * (13 * H + 17 * MIN + 7 * S), 1 + i % 8, 2 * H, -1, -1);
        simulate_once(&w, &fleet, &s);
        assert_int_equal(s.result.finished, 60);
        for (size_t j = 0; j < s.n; j++) assert_true(s.wait_us[j] <= 6 * MIN);
        /* Nodes went in between: they were not all there for all of the time. */
        assert_true(s.result.pools[0].bought_node_us < 8 * (5 * W) / 2);
        schedule_free(&s);
    }
}

/* Every day at 08:05 six jobs; nodes boot for half an hour. From the warm-up on they are there. */
static void nodes_by_the_day(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(10, 30 * MIN, PREDICT_HOLT_WINTERS);
    (void)state;
    fleet.books_us = 3 * W;
    simulate_workload_init(&w);
    for (int day = 0; day < 21; day++)
        simulate_add_singles(&w, 6, day * DAY + 8 * H + 5 * MIN, 2 * H);
    simulate_once(&w, &fleet, &s);
    for (int j = 0; j < 6 * 21; j++) {
        int64_t wait_us = j / 6 < 7 ? 30 * MIN : 0;
        if (s.wait_us[j] != wait_us) fail_msg("job %d waits %.3f s", j, (double)s.wait_us[j] / S);
    }
    /* They are there for some four hours a day. */
    assert_true(s.result.pools[0].bought_node_us > 21 * 6 * 2 * H);
    assert_true(s.result.pools[0].bought_node_us < 21 * 6 * 4 * H);
    schedule_free(&s);
}

/* Demand by the hour of four weeks, its peak in the middle of each: more by day, and random. */
enum { HOURS_KNOWN = 28 * HOURS };

static void demand_by_hour(double y[HOURS_KNOWN], struct workload *w)
{
    struct random_key key = random_key(3, 0);
    simulate_workload_init(w);
    for (int h = 0; h < HOURS_KNOWN; h++) {
        int jobs = 1 + (int)(random_unit(key, 1, 1, (uint64_t)h) * (h % HOURS < 8 ? 4 : 12));
        simulate_add_singles(w, jobs, h * H + 20 * MIN, 10 * MIN);
        y[h] = jobs * 1000.0;
    }
}

/* Nodes of ten times what is forecast at each hour from the third day on. Weights are found once a
 * day, in the third and the fourth week where `daily` is set; else once a week then. */
static void forecast_nodes(const double *y, bool daily, int64_t nodes[HOURS_KNOWN])
{
    struct holt_winters_search search = { 0 };
    double season[7 * HOURS];
    struct holt_winters h = { .season = season };
    assert_true(holt_winters_search_init(&search));
    for (int at = 3 * HOURS; at < HOURS_KNOWN; at++) {
        bool weeks = at >= 14 * HOURS;
        if (at > 3 * HOURS) holt_winters_add(&h, y[at - 1]);
        if (at % (weeks && !daily ? 7 * HOURS : HOURS) == 0) {
            h.season_n = weeks ? 7 * HOURS : HOURS;
            holt_winters_fit(&h, y, at, &search);
        }
        double peak = holt_winters_peak(&h, 2);
        nodes[at] = peak < 0 ? 0 : (int64_t)ceil(peak / 100 - 1e-6);
    }
    holt_winters_search_free(&search);
}

/* Twelve nodes are always there, so that nobody waits and the demand is known beforehand. */
static void weights_by_the_day_and_by_the_week(void **state)
{
    static int64_t nodes[2][HOURS_KNOWN];
    double y[HOURS_KNOWN];
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(400, MIN, PREDICT_HOLT_WINTERS);
    int differ = 0;
    (void)state;
    fleet.coming[0] = 388;
    fleet.autoscaler.predictive.period_us = H;
    fleet.autoscaler.predictive.horizon_us = 2 * H;
    fleet.autoscaler.predictive.warm_up_us = 3 * DAY;
    fleet.autoscaler.predictive.headroom_ppm = 9000000;
    fleet.books_us = 4 * W;
    demand_by_hour(y, &w);
    simulate_once(&w, &fleet, &s);
    for (int daily = 0; daily < 2; daily++) forecast_nodes(y, daily, nodes[daily]);
    for (int at = 3 * HOURS; at < HOURS_KNOWN - 1; at++) {
        int64_t held = 0, time_us = at * H + MIN / 2;
        for (size_t i = 0; i < s.stay_n; i++)
            held += s.stays[i].up_us <= time_us &&
                    (s.stays[i].down_us < 0 || s.stays[i].down_us > time_us);
        assert_int_equal(held, nodes[0][at] > 12 ? nodes[0][at] : 12);
        differ += nodes[0][at] != nodes[1][at];
    }
    assert_true(differ > 0);
    schedule_free(&s);
}

/* More than a year of weeks: what is forgotten is not missed. */
static void a_year_is_remembered(void **state)
{
    struct workload w;
    struct schedule s;
    struct simulate_fleet fleet = fleet_of(4, 10 * MIN, PREDICT_HOUR_OF_WEEK);
    (void)state;
    fleet.autoscaler.predictive.period_us = H;
    fleet.books_us = 120 * W;
    simulate_workload_init(&w);
    for (int week = 0; week < 120; week++) /* at another hour in the second year */
        simulate_add_singles(&w, 2, week * W + (week < 60 ? 30 : 100) * H + 5 * MIN, H);
    simulate_once(&w, &fleet, &s);
    /* Of 51 weeks that are remembered 90% is at 50 x 0.9 = 45, in order: it is 2 where at most 45
     * are 0. So much is known of the new hour from week 66 on, and of the old one up to week
     * 105. */
    for (int week = 0; week < 120; week++)
        assert_int_equal(s.wait_us[2 * week] > 0, week == 0 || (week >= 60 && week < 66));
    int64_t last = 0;
    for (size_t i = 0; i < s.stay_n; i++)
        if (s.stays[i].up_us % W <= 30 * H && s.stays[i].down_us % W >= 30 * H)
            last = s.stays[i].up_us / W;
    assert_int_equal(last, 105);
    schedule_free(&s);
}

/* ---- the past alone ---- */

/* Some thousand jobs over five weeks, more by day; after three weeks another world. */
static void random_jobs(struct workload *w, uint64_t future)
{
    simulate_workload_init(w);
    for (uint64_t i = 0, n = 0; n < 5 * 7 * 24; n++) {
        int64_t hour_us = (int64_t)n * H;
        struct random_key key = random_key(hour_us <= 3 * W ? 1 : future, 5);
        int jobs = (int)(random_unit(key, 1, n, 0) * (n % 24 > 7 && n % 24 < 20 ? 6 : 2));
        for (int j = 0; j < jobs; j++, i++)
            simulate_add(w, hour_us + (int64_t)(random_unit(key, 2, n, (uint64_t)j) * H),
                         1 + (int)(random_unit(key, 3, n, (uint64_t)j) * 3),
                         MIN + (int64_t)(random_unit(key, 4, n, (uint64_t)j) * 2 * H), -1, -1);
    }
    simulate_seal(w);
}

static void decides_by_the_past_alone(void **state)
{
    const int64_t until_us = 3 * W + H; /* the hour that begins at 3 weeks is drawn alike */
    (void)state;
    for (int method = 0; method <= 1; method++) {
        struct schedule s[2];
        size_t same = 0, i = 0;
        for (int future = 0; future < 2; future++) {
            struct workload w;
            struct simulate_fleet fleet = fleet_of(16, 4 * MIN, (enum predict_method)method);
            fleet.autoscaler.predictive.warm_up_us = method ? 3 * DAY : W;
            fleet.books_us = 5 * W;
            random_jobs(&w, (uint64_t)future + 2);
            simulate(&w, &fleet, &s[future]);
            workload_free(&w);
        }
        for (; i < s[0].stay_n && i < s[1].stay_n; i++) {
            const struct node_record *a = &s[0].stays[i], *b = &s[1].stays[i];
            if (a->up_us > until_us && b->up_us > until_us) break;
            assert_int_equal(a->up_us, b->up_us);
            assert_int_equal(a->node, b->node);
            if (a->down_us <= until_us || b->down_us <= until_us) {
                assert_int_equal(a->down_us, b->down_us);
                same++;
            }
        }
        /* There was something to compare; and the worlds are two from then on. */
        assert_true(same > 100);
        bool differ = false;
        for (; i < s[0].stay_n && i < s[1].stay_n; i++)
            differ |= s[0].stays[i].up_us != s[1].stays[i].up_us;
        assert_true(differ);
        schedule_free(&s[0]);
        schedule_free(&s[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile_of_an_hour),
        cmocka_unit_test(quantile_where_the_week_began_before),
        cmocka_unit_test(smooths_by_hand),
        cmocka_unit_test(fits_as_well_as_any),
        cmocka_unit_test(nodes_by_the_week),
        cmocka_unit_test(hours_are_those_of_utc),
        cmocka_unit_test(only_idle_nodes_go),
        cmocka_unit_test(nothing_comes_of_rounding),
        cmocka_unit_test(nobody_starves),
        cmocka_unit_test(nodes_by_the_day),
        cmocka_unit_test(weights_by_the_day_and_by_the_week),
        cmocka_unit_test(a_year_is_remembered),
        cmocka_unit_test(decides_by_the_past_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
