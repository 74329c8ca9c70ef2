/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues with exact answers: mean wait in queue by class of job, and where known the chance to wait and quantiles of the
 * wait. One time unit is the unit of the rates. Sources: M/M/1, M/M/c: Erlang 1917; M/G/1: Pollaczek and Khinchine; M/D/c:
 * Crommelin 1932; GI/M/c: Kendall 1953; gangs of k servers (multiserver jobs, head of line blocking): Markov chain of
 * Brill and Green 1984, Rumyantsev and Morozov 2017; shortest job first without preemption: Phipps 1956.
 */
#ifndef TESTS_ORACLES_QUEUES_H
#define TESTS_ORACLES_QUEUES_H

enum law_kind { EXPONENTIAL, DETERMINISTIC, LOGNORMAL, HYPEREXPONENTIAL, ERLANG, UNIFORM, WEIBULL, BOUNDED_PARETO };

struct law {
    enum law_kind kind;
    double a[3]; /* rate | value | mu, sigma | p, rate 1, rate 2 | k, rate | from, to | shape, scale | low, high, alpha */
};

struct queue_oracle {
    const char *name, *order;
    int servers;
    struct law between; /* arrivals */
    struct {
        int servers; /* a job's gang */
        double chance;
        struct law service;
        double mean_wait;
    } classes[4];
    double chance_to_wait, wait_p95, wait_p99; /* 0 = not given */
};

static const struct queue_oracle queue_oracles[] = {
    { "mm1-01 M/M/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.5 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 1.0 } },
      0.5, 4.605170185988092, 7.824046010856292 },
    { "mm1-02 M/M/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.8 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 4.0 } },
      0.8, 13.862943611198906, 21.91013317336941 },
    { "mm1-04 M/M/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.9 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 9.0 } },
      0.9, 28.903717578961647, 44.99809670330265 },
    { "mm1-05 M/M/1 FCFS", "fifo", 1, { EXPONENTIAL, { 12.0 } },
      { { 1, 1.0, { EXPONENTIAL, { 20.0 } }, 0.075 } },
      0.6, 0.31061333122350004, 0.5117930702777626 },
    { "mmc-01 M/M/c FCFS", "fifo", 2, { EXPONENTIAL, { 1.6 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 1.7777777777777777 } },
      0.7111111111111111, 6.637014216458494, 10.660608997543745 },
    { "mmc-02 M/M/c FCFS", "fifo", 8, { EXPONENTIAL, { 7.0 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 0.6353160175364294 } },
      0.6353160175364294, 2.542099535081885, 4.151537447515985 },
    { "mmc-04 M/M/c FCFS", "fifo", 32, { EXPONENTIAL, { 28.0 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 0.0907520143749118 } },
      0.3630080574996472, 0.49560050638977016, 0.8979599844982953 },
    { "mmc-05 M/M/c FCFS", "fifo", 16, { EXPONENTIAL, { 3.4 } },
      { { 1, 1.0, { EXPONENTIAL, { 0.25 } }, 0.7220353204437444 } },
      0.4332211922662466, 3.5987090479738764, 6.281105568697377 },
    { "mg1-01 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.8 } },
      { { 1, 1.0, { DETERMINISTIC, { 1.0 } }, 2.0 } },
      0.8, 6.620324996840724, 10.355886791994953 },
    { "mg1-02 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.7 } },
      { { 1, 1.0, { LOGNORMAL, { -0.8047189562170501, 1.2686362411795196 } }, 5.833333333333333 } },
      0.7, 0, 0 },
    { "mg1-04 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.8 } },
      { { 1, 1.0, { HYPEREXPONENTIAL, { 0.8872983346207417, 1.7745966692414834, 0.22540333075851662 } }, 9.999999999999998 } },
      0.7999999999999999, 37.29639170256558, 60.012607213070275 },
    { "mg1-05 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.75 } },
      { { 1, 1.0, { ERLANG, { 3.0, 3.0 } }, 2.0 } },
      0.75, 0, 0 },
    { "mg1-07 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.9 } },
      { { 1, 1.0, { UNIFORM, { 0.0, 2.0 } }, 6.0 } },
      0.9, 0, 0 },
    { "mg1-08 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.6 } },
      { { 1, 1.0, { WEIBULL, { 0.7, 1.0 } }, 6.273207573873444 } },
      0.75949410363437, 0, 0 },
    { "mg1-10 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.85 } },
      { { 1, 1.0, { DETERMINISTIC, { 1.0 } }, 2.8333333333333335 } },
      0.85, 9.12650588825119, 14.208610833942265 },
    { "mg1-11 M/G/1 FCFS", "fifo", 1, { EXPONENTIAL, { 0.7 } },
      { { 1, 1.0, { HYPEREXPONENTIAL, { 0.8872983346207417, 1.7745966692414834, 0.22540333075851662 } }, 5.833333333333332 } },
      0.7, 24.38386634153606, 40.47824546587207 },
    { "mdc-01 M/D/c FCFS", "fifo", 2, { EXPONENTIAL, { 1.8 } },
      { { 1, 1.0, { DETERMINISTIC, { 1.0 } }, 2.1469232147158266 } },
      0, 0, 0 },
    { "mdc-02 M/D/c FCFS", "fifo", 8, { EXPONENTIAL, { 7.0 } },
      { { 1, 1.0, { DETERMINISTIC, { 1.0 } }, 0.32854673281621016 } },
      0, 0, 0 },
    { "mdc-04 M/D/c FCFS", "fifo", 16, { EXPONENTIAL, { 14.0 } },
      { { 1, 1.0, { DETERMINISTIC, { 1.0 } }, 0.13408734850156265 } },
      0, 0, 0 },
    { "mdc-05 M/D/c FCFS", "fifo", 3, { EXPONENTIAL, { 2.4 } },
      { { 1, 1.0, { DETERMINISTIC, { 1.0 } }, 0.553900225134205 } },
      0, 0, 0 },
    { "gimc-01 GI/M/c FCFS", "fifo", 1, { DETERMINISTIC, { 1.25 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 1.6927308399198975 } },
      0.6286297964969467, 6.816700681142182, 0 },
    { "gimc-02 GI/M/c FCFS", "fifo", 1, { ERLANG, { 2.0, 1.6 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 2.843979766989913 } },
      0.7398529491264557, 10.357328420902272, 0 },
    { "gimc-04 GI/M/c FCFS", "fifo", 4, { DETERMINISTIC, { 0.3 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 0.38518892141354977 } },
      0.48333248713198934, 1.8080123211249581, 0 },
    { "gimc-05 GI/M/c FCFS", "fifo", 4, { HYPEREXPONENTIAL, { 0.8872983346207417, 5.915322230804945, 0.7513444358617221 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 2.7239467485267643 } },
      0.8162574155669127, 9.319590062557452, 0 },
    { "sizepol-02 M/G/1 SJF non-preemptive", "sjf", 1, { EXPONENTIAL, { 0.7 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 1.3121966827204492 } },
      0, 0, 0 },
    { "sizepol-08 M/G/1 SJF non-preemptive", "sjf", 1, { EXPONENTIAL, { 0.8 } },
      { { 1, 1.0, { HYPEREXPONENTIAL, { 0.8872983346207417, 1.7745966692414834, 0.22540333075851662 } }, 3.349172019107442 } },
      0, 0, 0 },
    { "sizepol-20 M/G/1 SJF non-preemptive", "sjf", 1, { EXPONENTIAL, { 0.8400265374083996 } },
      { { 1, 1.0, { BOUNDED_PARETO, { 0.5, 500.0, 2.5 } }, 1.1782987605297537 } },
      0, 0, 0 },
    { "sizepol-26 M/G/1 SJF non-preemptive", "sjf", 1, { EXPONENTIAL, { 0.9 } },
      { { 1, 1.0, { EXPONENTIAL, { 1.0 } }, 3.196912589664109 } },
      0, 0, 0 },
    { "msj-01 Multiserver-job FCFS", "fifo", 2, { EXPONENTIAL, { 0.6 } },
      { { 1, 0.5, { EXPONENTIAL, { 1.0 } }, 0.8665771031750067 },
        { 2, 0.5, { EXPONENTIAL, { 1.0 } }, 1.1414277116401483 } },
      0, 0, 0 },
    { "msj-02 Multiserver-job FCFS", "fifo", 2, { EXPONENTIAL, { 0.9 } },
      { { 1, 0.5, { EXPONENTIAL, { 1.0 } }, 3.24532566706529 },
        { 2, 0.5, { EXPONENTIAL, { 1.0 } }, 3.6468366239827366 } },
      0, 0, 0 },
    { "msj-04 Multiserver-job FCFS", "fifo", 4, { EXPONENTIAL, { 1.2 } },
      { { 1, 0.6, { EXPONENTIAL, { 1.0 } }, 12.044451740648064 },
        { 4, 0.4, { EXPONENTIAL, { 1.0 } }, 12.824406513255708 } },
      0, 0, 0 },
    { "msj-05 Multiserver-job FCFS", "fifo", 4, { EXPONENTIAL, { 1.4 } },
      { { 1, 0.5, { EXPONENTIAL, { 1.0 } }, 4.911004427295799 },
        { 2, 0.3, { EXPONENTIAL, { 1.0 } }, 5.057051531377167 },
        { 4, 0.2, { EXPONENTIAL, { 1.0 } }, 5.888554651330099 } },
      0, 0, 0 },
    { "msj-07 Multiserver-job FCFS", "fifo", 8, { EXPONENTIAL, { 2.0 } },
      { { 1, 0.5, { EXPONENTIAL, { 1.0 } }, 3.982152600446191 },
        { 2, 0.25, { EXPONENTIAL, { 1.0 } }, 4.039801035180596 },
        { 4, 0.15, { EXPONENTIAL, { 1.0 } }, 4.238053881907989 },
        { 8, 0.1, { EXPONENTIAL, { 1.0 } }, 5.418323040837832 } },
      0, 0, 0 },
    { "msj-08 Multiserver-job FCFS", "fifo", 8, { EXPONENTIAL, { 1.0 } },
      { { 1, 0.6, { EXPONENTIAL, { 1.0 } }, 7.15789182896176 },
        { 8, 0.4, { EXPONENTIAL, { 0.8 } }, 7.907064769858062 } },
      0, 0, 0 },
    { "msj-10 Multiserver-job FCFS", "fifo", 6, { EXPONENTIAL, { 1.6 } },
      { { 1, 0.4, { EXPONENTIAL, { 1.0 } }, 0.21184425281190022 },
        { 2, 0.4, { EXPONENTIAL, { 1.0 } }, 0.28716077154962605 },
        { 3, 0.2, { EXPONENTIAL, { 1.0 } }, 0.39116793712907205 } },
      0, 0, 0 },
    { "msj-11 Multiserver-job FCFS", "fifo", 2, { EXPONENTIAL, { 0.7 } },
      { { 1, 0.4, { EXPONENTIAL, { 1.0 } }, 1.5602563888282637 },
        { 2, 0.6, { EXPONENTIAL, { 1.0 } }, 1.8222348668671338 } },
      0, 0, 0 },
};

#endif
