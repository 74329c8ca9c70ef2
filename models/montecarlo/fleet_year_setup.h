/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person knows of the years to come, and of a fleet, made into the integers of
 * fleet_year_model.h: on the host, once, in floating point.
 *
 *      fleet_year_outlook --.                          .--> fleet_year_world, fleet_year_tables
 *                            >-- rounded, checked -->--<
 *      fleet_year_offer   --'                          '--> fleet_year_fleet
 *
 * A spread of `sd` of something above 0 is a share of its mean: 0.2 is 20 %. It is log-normal: its
 * logarithm has the variance ln(1 + sd^2), and its mean is kept. Of growth and of the trend of
 * prices, which are medians, one standard deviation up is growth + sd, exactly. A walk of spread sd
 * forgets by itself: two hours that are h apart have a correlation of keep^h of their logarithms.
 *
 * All structs are plain; nothing is owned. Failures are STATUS_BAD_INPUT with what is out of range
 * and its limits.
 */
#ifndef MODELS_MONTECARLO_FLEET_YEAR_SETUP_H
#define MODELS_MONTECARLO_FLEET_YEAR_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "models/montecarlo/fleet_year_model.h"
#include "sim/status.h"

/* The largest spread of bursts: a table of theirs holds values below 256. */
#define FLEET_YEAR_BURST_MAX 1.1

struct fleet_year_spread {
    double sd;   /* share of the mean; 0: none */
    double keep; /* correlation of two hours in a row, 0 to 0.99998 */
};

struct fleet_year_outlook {
    int32_t hours, week_start;
    double serving_gpus[FLEET_YEAR_WEEK], training_gpus[FLEET_YEAR_WEEK];
    double growth, growth_sd; /* of demand in a year: 0.3 is 30 % more, its median */
    double level_sd;          /* of today's demand, which is not known well */
    struct fleet_year_spread demand;
    double burst_sd;                    /* of an hour's training beside that, each for itself */
    double price_trend, price_trend_sd; /* of what is rented, a year: -0.2 is 20 % cheaper */
    struct fleet_year_spread spot_price;
    int32_t region_n;
    double spot_gpus[FLEET_YEAR_REGIONS]; /* that there are */
    struct fleet_year_spread spot_capacity;
    double region_correlation; /* of two regions' shocks of capacity, 0 to 1 */
    /* GPUs that go at once; the chance of a GPU to go within an hour; hours until it is back. */
    double reclaim_gpus, reclaim_chance, reclaim_sd, reclaim_hours;
    double failure_gpus, failure_chance, failure_hours;
    double redo_hours; /* of work lost with each GPU that goes */
    uint64_t seed;
    bool antithetic;
};

struct fleet_year_offer {
    /* Prices in dollars of a GPU-hour. */
    double reserved_gpus, reserved_usd, reserved_busy_usd;
    double plan_usd_per_hour, plan_usd; /* commitment, and what a GPU-hour burns of it */
    double on_demand_least_gpus, on_demand_most_gpus, on_demand_usd;
    double spot_least_gpus[FLEET_YEAR_REGIONS], spot_most_gpus[FLEET_YEAR_REGIONS];
    double spot_usd[FLEET_YEAR_REGIONS], bid_usd[FLEET_YEAR_REGIONS];
    double spot_fill;      /* share of the missing that comes in an hour */
    double drain_hours;    /* in which the autoscaler wants a backlog gone, 1 or more */
    double headroom;       /* of what is needed, 1 = no more */
    double lag_hours;      /* from when a GPU is needed until it is there, 0 to 24 */
    double idle_hours;     /* that one that is not needed stays, on the mean */
    double usable;         /* of GPUs that are there, what work can hold: gangs leave gaps */
    double deadline_hours; /* a backlog that takes longer is too late */
};

/* A year with no demand and no chance at all; a fleet of nothing that is always there. */
void fleet_year_outlook_init(struct fleet_year_outlook *o);
void fleet_year_offer_init(struct fleet_year_offer *o);

enum status fleet_year_world_set(struct fleet_year_world *w, struct fleet_year_tables *t,
                                 const struct fleet_year_outlook *o, struct error *err);
enum status fleet_year_fleet_set(struct fleet_year_fleet *f, const struct fleet_year_offer *o,
                                 struct error *err);

/* Whether every field is where nothing can wrap. The two above end with these. */
enum status fleet_year_world_check(const struct fleet_year_world *w, struct error *err);
enum status fleet_year_fleet_check(const struct fleet_year_fleet *f, struct error *err);

#endif
