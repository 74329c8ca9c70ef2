/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of fleet-years share: cases made of physical units, and their rows. */
#ifndef TESTS_MODELS_MONTECARLO_YEARS_H
#define TESTS_MODELS_MONTECARLO_YEARS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/fleet_year.h"
#include "models/montecarlo/fleet_year_setup.h"
#include "tests/support.h"

struct years {
    struct fleet_year_outlook outlook;
    struct fleet_year_offer offer;
    struct fleet_year_world world;
    struct fleet_year_tables tables;
    struct fleet_year_fleet fleet;
};

static inline void years_init(struct years *y)
{
    fleet_year_outlook_init(&y->outlook);
    fleet_year_offer_init(&y->offer);
}

/* Fails the test where something is out of range. */
static inline struct fleet_year_case years_case(struct years *y)
{
    struct error err = { STATUS_OK, "" };
    if (fleet_year_world_set(&y->world, &y->tables, &y->outlook, &err) ||
        fleet_year_fleet_set(&y->fleet, &y->offer, &err))
        fail_msg("%s", err.message);
    return (struct fleet_year_case){ &y->world, &y->tables };
}

/* Replications 0 to n - 1; the caller frees them. */
static inline struct fleet_year_row *years_rows(struct years *y, uint32_t n)
{
    struct fleet_year_case c = years_case(y);
    struct fleet_year_row *rows = malloc(n * sizeof *rows);
    assert_non_null(rows);
    fleet_year_rows(&c, &y->fleet, fleet_year_way_best(), 0, n, rows);
    return rows;
}

/* One replication, by plain integers. */
static inline struct fleet_year_row years_row(struct years *y)
{
    struct fleet_year_row row;
    struct fleet_year_case c = years_case(y);
    fleet_year_rows(&c, &y->fleet, FLEET_YEAR_SCALAR, 0, 1, &row);
    return row;
}

static inline void years_demand(struct years *y, double serving, double training)
{
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        y->outlook.serving_gpus[h] = serving;
        y->outlook.training_gpus[h] = training;
    }
}

static inline double years_mean(const struct fleet_year_row *rows, uint32_t n, int field)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += (double)rows[i].field[field];
    return sum / n;
}

static inline double years_sd(const struct fleet_year_row *rows, uint32_t n, int field)
{
    double mean = years_mean(rows, n, field), sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += pow((double)rows[i].field[field] - mean, 2);
    return sqrt(sum / (n - 1));
}

#endif
