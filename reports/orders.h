/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedulers side by side: fleets of the same nodes, which cost the same and differ in who starts
 * when. The terminal, the page and the picture read what is here.
 */
#ifndef REPORTS_ORDERS_H
#define REPORTS_ORDERS_H

#include "reports/data.h"

/* A figure that a scheduler is chosen by. */
struct order_column {
    const char *metric;
    const char *head[2]; /* for a narrow table, one below the other; at most 5 characters */
    const char *title;   /* for a page */
    bool narrow;         /* stands in the narrow table, too */
    bool where_any;      /* left out where all are 0 */
};
/* In order; ended by a NULL metric. One that no fleet has is left out of a table (has_column). */
extern const struct order_column order_columns[];
bool order_has_column(const struct report_data *data, const struct order_column *column);

/* Two fleets or more, all of the same nodes at the same prices, however they lie in pools. */
bool report_same_nodes(const struct report_data *data);
/* A fleet's name without what all names begin with up to " / ": "sjf" of "today / sjf". */
const char *order_label(const struct report_data *data, int32_t fleet);
/* The fleets by pick_metric, best first; those without it last; equals in the order of the
 * scenario. malloc'd; NULL without memory. */
int32_t *order_ranking(const struct report_data *data);

#endif
