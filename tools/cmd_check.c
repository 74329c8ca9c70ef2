/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial check`: is the scenario right, what would run, and what is known of it before? */
#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/fleet/vcpu_need.h"
#include "reports/warnings.h"
#include "scenarios/diagnostics.h"
#include "scenarios/option_values.h"
#include "scenarios/scenario.h"
#include "tools/commands.h"
#include "tools/fleet_limits.h"
#include "tools/scenario_input.h"
#include "tools/sweep/sweep_input.h"

static void line(const char *label, const char *text)
{
    printf("  %-12s ", label);
    print_safe(stdout, text);
    putchar('\n');
}

static void show_workload(const struct scenario *s)
{
    char text[400];
    size_t n;
    if (s->is_synth) {
        n = (size_t)snprintf(text, sizeof text,
                             "synthetic, like %s: %" PRId64 " jobs over %.6g days",
                             synth_preset_name(s->synth.preset), s->synth.jobs, s->synth.days);
        if (s->synth.load_gpus > 0)
            snprintf(text + n, sizeof text - n, ", on average %.6g GPUs busy", s->synth.load_gpus);
    } else {
        snprintf(text, sizeof text, "%.200s: %zu jobs over %.1f days, %.0f GPU-hours",
                 s->trace_path, s->trace.job_n, (double)s->trace.span_us / 86400e6,
                 workload_gpu_hours(&s->trace));
    }
    line("workload", text);
    if (s->scale_jobs_ppm != 1000000 || s->scale_load_ppm != 1000000) {
        snprintf(text, sizeof text, "%g%% of the jobs, arriving at %g%% of the rate",
                 (double)s->scale_jobs_ppm / 1e4, (double)s->scale_load_ppm / 1e4);
        line("scaled to", text);
    }
    if (scenario_redraws(s, text, sizeof text)) line("drawn anew", text);
    if (s->reference_gpu) line("measured on", s->reference_gpu);
}

/* The first of them: " for ann, bob and 3 more". */
static void show_names(const char *before, const struct name_list *names)
{
    int32_t shown = names->n > 4 ? 3 : names->n;
    for (int32_t i = 0; i < shown; i++) {
        printf("%s ", i ? "," : "");
        if (i == 0) printf("%s ", before);
        print_safe(stdout, names->text[i]);
    }
    if (names->n > shown) printf(" and %" PRId32 " more", names->n - shown);
}

static void show_marks(const struct pool_spec *p)
{
    if (p->zone) {
        fputs(", zone ", stdout);
        print_safe(stdout, p->zone);
    }
    for (int32_t i = 0; i < p->marks.taint_n; i++) {
        const struct node_taint *t = &p->marks.taints[i];
        fputs(i ? ", " : ", tainted ", stdout);
        print_safe(stdout, t->key);
        if (*t->value) putchar('=');
        print_safe(stdout, t->value);
        printf(":%s", taint_effects[t->effect]);
    }
}

/* instead: its nodes come in place of those of the pool before. */
static void show_pool(const struct pool_spec *p, bool instead)
{
    const struct purchase *buy = &p->purchase;
    if (instead) fputs("      or ", stdout);
    else printf("    %" PRId32 " x ", p->nodes);
    print_safe(stdout, p->type.name);
    if (p->type.gpus) {
        printf(" (%" PRId32 " x ", p->type.gpus);
        print_safe(stdout, p->type.gpu_model);
        putchar(')');
    }
    printf(", %s", buy->option->name);
    if (buy->owned.life_us) {
        printf(", $%.6g each", (double)buy->owned.capex_usd_micro / 1e6);
    } else {
        printf(", $%.9g per hour (", (double)buy->usd_nano_per_hour / 1e9);
        print_safe(stdout, buy->price_region);
        printf(", from %s)", buy->price_valid_from);
    }
    printf("  '");
    print_safe(stdout, p->name);
    putchar('\'');
    show_names("for", &p->tenants);
    show_names(p->tenants.n > 0 ? "in" : "for", &p->queues);
    show_marks(p);
    char text[400];
    failures_write(&p->failures, text, sizeof text);
    puts(text);
}

static void show_commitment(const struct fleet_commitment *c)
{
    char text[200];
    fputs("    ", stdout);
    fleet_commitment_text(c, text, sizeof text);
    print_safe(stdout, text);
    printf(", $%.9g per hour (", (double)fleet_commitment_usd_micro_per_hour(c) / 1e6);
    print_safe(stdout, c->price_market);
    printf(", from %s)\n", c->price_valid_from);
}

static void show_service(const struct fleet_service *s)
{
    char text[200];
    fputs("    ", stdout);
    print_safe(stdout, s->name);
    fleet_service_text(s, text, sizeof text);
    printf(", %s, $%.9g per %s (", text, (double)s->usd_nano / 1e9, s->per->name);
    print_safe(stdout, s->price_region);
    printf("%sfrom %s)\n", *s->price_region ? ", " : "", s->price_valid_from);
}

/* What to have, or to ask for, before it can be rented. */
static void show_quotas(const struct fleet_spec *fleet)
{
    struct vcpu_need *needs = calloc((size_t)fleet->pool_n + 1, sizeof *needs);
    size_t n = needs ? fleet_vcpu_needs(fleet, needs) : 0;
    for (size_t i = 0; i < n; i++) {
        const struct vcpu_need *need = &needs[i];
        char text[400];
        if (need->unknown) fputs("    quota of vCPUs not known: ", stdout);
        else printf("    quota of %" PRId64 " vCPUs: ", need->vcpus);
        snprintf(text, sizeof text, "%.*s, %s (%s%s%.*s)", need->family_n, need->instance,
                 need->market, need->provider, *need->provider ? ", " : "", need->region_n,
                 need->region);
        print_safe(stdout, text);
        if (need->unknown) fputs(", cores not known of ", stdout);
        if (need->unknown) print_safe(stdout, need->unknown);
        putchar('\n');
    }
    free(needs);
}

static void show(const struct scenario *s)
{
    char text[200];
    size_t n;
    print_safe(stdout, s->name);
    puts(" is a good scenario.");
    show_workload(s);
    snprintf(text, sizeof text, "as of %s", s->price_as_of);
    line("prices", text);
    for (int32_t f = 0; f < s->fleet_n; f++) {
        const struct fleet_spec *fleet = &s->fleets[f];
        printf("  fleet '");
        print_safe(stdout, fleet->name);
        printf("'%s: %" PRId64 " GPUs, %s, %s", f == s->baseline ? " (baseline)" : "",
               fleet_spec_most_gpus(fleet), fleet->scheduler.order->name,
               fleet->scheduler.placement->name);
        struct option_value option;
        for (size_t i = 0; option_value_at(&fleet->scheduler, i, &option); i++)
            printf(", %s %s", option.key, option.text);
        puts("");
        for (int32_t p = 0; p < fleet->pool_n; p++) {
            const struct pool_spec *pool = &fleet->pools[p];
            show_pool(pool, p > 0 && fleet_same_group(pool, pool - 1));
        }
        for (int32_t c = 0; c < fleet->commitments.n; c++)
            show_commitment(&fleet->commitments.items[c]);
        for (int32_t i = 0; i < fleet->services.n; i++) show_service(&fleet->services.items[i]);
        show_quotas(fleet);
    }
    n = (size_t)snprintf(text, sizeof text, "%" PRId32 " fleet%s x ", s->fleet_n,
                         s->fleet_n == 1 ? "" : "s");
    if (s->precision.asked)
        n += (size_t)snprintf(text + n, sizeof text - n, "%" PRId32 " to ", s->precision.least);
    snprintf(text + n, sizeof text - n, "%" PRId32 " replication%s%s, seed %" PRIu64,
             s->replications, s->replications == 1 ? "" : "s",
             s->antithetic ? " in antithetic pairs" : "", s->seed);
    line("would run", text);
    if (s->sweep_points) {
        snprintf(text, sizeof text, "%" PRId64 " point%s of vary", s->sweep_points,
                 s->sweep_points == 1 ? "" : "s");
        line("would sweep", text);
    }
    line("identity", s->sha256);
}

/* Half a million synthetic jobs take half a second to draw. */
enum { DRAWN_MOST = 500000 };

/* What `run` would say above every wait: that a fleet is too small, or that jobs never end. */
static enum status show_limits(const struct scenario *s, struct error *err)
{
    if (s->is_synth && s->synth.jobs > DRAWN_MOST) {
        line("not told", "whether these fleets can do so many jobs, which `seatrial run` draws");
        return STATUS_OK;
    }
    struct fleet_warning *fleets = calloc((size_t)s->fleet_n, sizeof *fleets);
    struct workload copy;
    const struct workload *jobs;
    bool owned = false;
    enum status status = fleets ? scenario_workload(s, 0, &copy, &jobs, &owned, err)
                                : error_set(err, STATUS_NO_MEMORY, "no memory for fleets");
    for (int32_t f = 0; f < s->fleet_n && status == STATUS_OK; f++) {
        struct fleet_limits of;
        status = fleet_limits_find(s, jobs, f, &of, err);
        fleets[f] = (struct fleet_warning){ .fleet = s->fleets[f].name,
                                            .offered = of.saturation.offered,
                                            .ceiling = of.saturation.ceiling,
                                            .tail_moment = fleet_limits_moment(&of),
                                            .tail_gpus = of.tail.gpus,
                                            .tail_failure_s = of.tail.failure_us / US_PER_S,
                                            .tail_excess_s = of.tail.excess_us / US_PER_S };
    }
    char *(*const words[])(const struct fleet_warning *, int32_t) = { warning_overload,
                                                                      warning_tails };
    for (size_t i = 0; i < sizeof words / sizeof *words && status == STATUS_OK; i++) {
        char *text = words[i](fleets, s->fleet_n);
        if (text) {
            fputs("  ", stdout);
            print_safe(stdout, text);
            putchar('\n');
        }
        free(text);
    }
    if (owned) workload_free(&copy);
    free(fleets);
    return status;
}

/* Whether every point of `vary` is good, too: a file that can be read twice, and points that take
 * no more than a few seconds. */
static bool check_points(const struct invocation *in, const struct scenario *s, int *code)
{
    enum { POINTS_MOST = 10000 };
    static const volatile int never = 0;
    const struct sweep_points points = { .threads = omp_get_num_procs(), .stop = &never };
    struct sweep sweep;
    if (s->sweep_points == 0 || s->sweep_points > POINTS_MOST || strcmp(s->path, "-") == 0)
        return true;
    if (!sweep_input(in, NULL, &points, "Nothing was run.", &sweep, code)) return false;
    sweep_free(&sweep);
    return true;
}

static int run_check(const struct invocation *in)
{
    struct scenario s;
    int code;
    if (!scenario_input(in, NULL, &s, &code)) return code;
    if (!check_points(in, &s, &code)) {
        scenario_free(&s);
        return code;
    }
    struct error err;
    enum status status = STATUS_OK;
    if (!invocation_flag(in, "quiet")) {
        show(&s);
        status = show_limits(&s, &err);
    }
    scenario_free(&s);
    if (status != STATUS_OK) return command_fail(&err);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_YES
                                                  : command_usage("cannot write standard output");
}

static const struct option_spec check_options[] = {
    { 'q', "quiet", NULL, false, "print nothing where all is right", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_check = {
    "check",
    "find every error in a scenario, and say what would run",
    "SCENARIO.yaml",
    1,
    1,
    check_options,
    "  seatrial check scenarios/main.yaml\n"
    "  seatrial check - < today.yaml               # a scenario from standard input\n",
    "Reads the scenario, its price books and its trace as `seatrial run` does, prints all errors "
    "at once and exits with 2 if there is "
    "one; else says which fleets would run, on what, at which dated prices, and of which of them "
    "no wait "
    "will mean anything: those that are asked for more than they can do, and those whose jobs "
    "start over "
    "so often that they never end. For that at most 20,000 jobs of a fleet are simulated, and no "
    "more than 500,000 drawn.",
    run_check,
};
