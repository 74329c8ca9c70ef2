/* SPDX-License-Identifier: Apache-2.0 */
/* The smaller first: how qsort compares plain numbers. None of them is NAN. */
#ifndef SIM_ORDER_H
#define SIM_ORDER_H

int order_reals(const void *a, const void *b);    /* double */
int order_integers(const void *a, const void *b); /* int64_t */

#endif
