/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often to write a checkpoint, and what failures cost then.
 *
 *      | work interval | write | work interval | write | work   x        | down | read | work again
 *                              last checkpoint --^       failure
 *
 * Failures come at a constant rate (a Poisson process), also during writes. A failure destroys what
 * was done since the last checkpoint; then the machine is down for `downtime` (nothing fails
 * meanwhile) and reads its checkpoint for `recovery`. All times are in one unit of the caller's
 * choice, the rate per that unit.
 */
#ifndef MODELS_RELIABILITY_CHECKPOINT_INTERVAL_H
#define MODELS_RELIABILITY_CHECKPOINT_INTERVAL_H

#include <stdbool.h>

/* Useful work between checkpoints that loses the least, for a write of `write` and a mean time
 * `mtbf` between failures of the job; none depends on downtime or recovery. */

/* sqrt(2 write mtbf): Young, "A first order approximation to the optimum checkpoint interval",
 * CACM 17(9), 1974. write 0.05, mtbf 10: 1. */
double checkpoint_young(double write, double mtbf);
/* sqrt(2 write mtbf) (1 + sqrt(x)/3 + x/9) - write with x = write / (2 mtbf), and mtbf where
 * write >= 2 mtbf: Daly, "A higher order estimate of the optimum checkpoint interval for restart
 * dumps", FGCS 22(3), 2006, equation (37). write 0.05, mtbf 10: 0.9669444. */
double checkpoint_daly(double write, double mtbf);
/* The exact optimum (1 + W(-exp(-write/mtbf - 1))) mtbf, W the principal branch of Lambert's
 * function: Bougeret, Casanova, Rabie, Robert and Vivien, SC'11. write 0.05, mtbf 10: 0.9669482. */
double checkpoint_optimum(double write, double mtbf);

struct checkpointing {
    double work;               /* useful work in all, > 0 */
    double interval;           /* useful work between checkpoints, > 0; the last may be shorter */
    double write;              /* of one checkpoint, >= 0 */
    double downtime, recovery; /* after each failure, >= 0 */
    double rate;               /* of failures, >= 0 */
    bool fails_in_recovery;    /* a failure while reading starts the downtime again */
    bool last_is_written;      /* a checkpoint follows the last piece of work, too */
};

struct completion {
    double mean, sd; /* of the time until all is done */
    double failures; /* expected number, those during recovery with them */
};

/*
 * A piece of length L = interval + write takes (1/rate + downtime) e^(rate recovery) (e^(rate L) -
 * 1) on average, or (1/rate + downtime + recovery) (e^(rate L) - 1) where nothing fails in
 * recovery; pieces are independent. Duda, "The effects of checkpointing on program execution time",
 * Inf. Proc. Letters 16, 1983; Daly 2006, equation (20), is the first with downtime 0. The second
 * moment follows from X = min(A, L) + [A < L] (V + X') with A exponential. Infinite where e^(rate
 * L) is.
 */
struct completion checkpoint_completion(const struct checkpointing *c);

#endif
