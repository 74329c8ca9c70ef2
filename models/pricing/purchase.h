/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a node is paid for. One table of named purchase options; to add one, add its file and its
 * line.
 *
 * A rate is an integer in nano-dollars per node-hour; a charge is rounded once, half away from
 * zero, to a micro-dollar (design.md, "Time, money, chance").
 */
#ifndef MODELS_PRICING_PURCHASE_H
#define MODELS_PRICING_PURCHASE_H

#include <stdint.h>

#include "models/pricing/metering.h"

struct purchase_option {
    const char *name;    /* "on-demand" */
    const char *summary; /* one line for `seatrial list purchase-options` */
    const char *source;
};

/* All options, ended by an entry whose name is NULL. */
extern const struct purchase_option purchase_options[];
const struct purchase_option *purchase_option_find(const char *name); /* NULL if unknown */

/* Owned hardware, per node. All money in micro-dollars, power in watts, fractions in parts per
 * million. */
struct owned_terms {
    int64_t capex_usd_micro;   /* purchase price of a node with its share of network and racks */
    int64_t salvage_usd_micro; /* resale value at the end of its life */
    int64_t life_us;           /* straight-line amortisation period, > 0 */
    int64_t power_usd_nano_per_kwh;        /* electricity price */
    int64_t pue_ppm;                       /* power usage effectiveness, 1400000 = 1.4 */
    int64_t busy_watts;                    /* drawn by a node with all GPUs busy */
    int64_t idle_watts;                    /* drawn by a node with none busy; linear between */
    int64_t space_staff_usd_nano_per_hour; /* rack space and staff, per node-hour */
    /* Micrograms of CO2 for a kWh at the meter; -1: not known. This, watts and PUE are set of
     * rented nodes too, where the scenario says them; 0 watts else. */
    int64_t carbon_ug_per_kwh;
};

struct purchase {
    const struct purchase_option *option;
    /* On-demand: the list price of a node-hour; spot: its price, of one that changes the mean over
     * the books. */
    int64_t usd_nano_per_hour;
    /* Spot: a price that changes, with each clock hour at most (price_trace_by_hour); NULL: it does
     * not. Borrowed. */
    const struct price_trace *prices;
    /* On-demand: of that, what the fleet's commitments save on the mean; what of them is unused is
     * not in it (models/pricing/fleet_bill.h). */
    int64_t saved_usd_nano_per_hour;
    /* On-demand: the price with a Savings Plan of the fleet; 0 = in none. */
    int64_t ec2_plan_usd_nano_per_hour, compute_plan_usd_nano_per_hour;
    /* What is billed of a node that comes and goes; NULL: as its provider does. */
    const struct billing_rule *billing;
    struct owned_terms owned; /* where option is "owned" */
    /* A grid that changes with the clock hour, in place of owned.carbon_ug_per_kwh: a trace whose
     * prices are micrograms of CO2 for a kWh. NULL: it does not. Borrowed. */
    const struct price_trace *carbon;
    /* Where the price comes from, for the report. Never empty: undated prices are refused. */
    const char *price_region, *price_market, *price_valid_from, *price_source;
};

/* rate (nano-dollars per hour) x time (us) -> micro-dollars, rounded half away from zero; exact in
 * 128 bits, saturating at INT64_MAX. Both arguments >= 0. */
int64_t charge_usd_micro(int64_t usd_nano_per_hour, int64_t time_us);

#endif
