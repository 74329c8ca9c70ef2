/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of a replication: slices, scales, GPU names; and how fast pools run them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/loading.h"
#include "sim/random.h"

#define DAY_US (INT64_C(86400) * US_PER_S)
enum { PPM = 1000000 };

/* a x b / c without overflow in between; all >= 0, c > 0. */
static int64_t scale(int64_t a, int64_t b, int64_t c) { return (int64_t)((__int128)a * b / c); }

/* How often job j is taken: floor(s) times, and once more by a draw of its own with the chance that
 * is left. */
static int64_t copies(const struct shape *shape, struct random_key key, size_t j)
{
    int64_t whole = shape->jobs_ppm / PPM, rest = shape->jobs_ppm % PPM;
    if (rest == 0) return whole;
    return whole + ((int64_t)random_below(key, RANDOM_SCALE_JOBS, j, 0, PPM) < rest);
}

static bool *tenants_taken(const struct workload *w, const struct shape *shape)
{
    bool *taken = calloc(w->tenants.n, sizeof *taken);
    for (uint32_t t = 0; taken && t < w->tenants.n; t++)
        for (size_t i = 0; i < shape->tenant_n; i++)
            taken[t] |= strcmp(w->tenants.text[t], shape->tenants[i]) == 0;
    return taken;
}

/* As the trace or the draw has it, but for its times. Arrivals move together; what follows an
 * arrival keeps its distance to it. */
static void row_of(const struct workload *w, size_t j, const struct shape *shape,
                   struct random_key key, struct job_row *row)
{
    workload_row(w, j, row);
    row->submit_us = scale(w->submit_us[j] - shape->from_us, PPM, shape->load_ppm);
    if (w->start_us[j] != -1) row->start_us = row->submit_us + (w->start_us[j] - w->submit_us[j]);
    if (w->deadline_us[j] != -1)
        row->deadline_us = row->submit_us + (w->deadline_us[j] - w->submit_us[j]);
    if (shape->run_factor == 1 && shape->run_deviation == 0) return;
    double factor = shape->run_factor;
    if (shape->run_deviation > 0)
        factor *=
            random_lognormal_of(random_unit(key, RANDOM_RUN_TIME, j, 0), shape->run_deviation);
    double run_us = (double)row->run_us * factor + 0.5;
    row->run_us = run_us < (double)JOB_TIME_MAX_US ? (int64_t)run_us : JOB_TIME_MAX_US;
}

/* Adds job j `times` times; the copies of a job with an id are called id~2, id~3, ... */
static enum status add_copies(struct workload *out, struct job_row *row, int64_t times,
                              struct error *err)
{
    char id[300];
    enum status status = STATUS_OK;
    const char *original = row->id;
    size_t n = row->id_n;
    for (int64_t k = 1; k <= times && !status; k++) {
        if (k > 1 && n > 0) {
            row->id_n = (size_t)snprintf(id, sizeof id, "%.*s~%lld", n < 256 ? (int)n : 256,
                                         original, (long long)k);
            row->id = id;
        }
        status = workload_add(out, row, err);
    }
    return status;
}

enum status workload_shape(const struct workload *in, const struct shape *shape, uint64_t seed,
                           uint32_t replication, struct workload *out, struct error *err)
{
    struct random_key key = random_key(seed, replication);
    bool *taken = NULL;
    enum status status = workload_init(out, err);
    if (status) return status;
    if (shape->tenant_n && !(taken = tenants_taken(in, shape)))
        status = error_set(err, STATUS_NO_MEMORY, "no memory for tenants");
    if (in->t0_unix_us != INT64_MIN) out->t0_unix_us = in->t0_unix_us + shape->from_us;
    for (size_t j = 0; j < in->job_n && !status; j++) {
        if (in->submit_us[j] < shape->from_us || (shape->to_us && in->submit_us[j] >= shape->to_us))
            continue;
        if (taken && !taken[in->tenant[j]]) continue;
        struct job_row row;
        row_of(in, j, shape, key, &row);
        status = add_copies(out, &row, copies(shape, key, j), err);
    }
    free(taken);
    if (!status) status = workload_seal(out, 0, err);
    if (!status && out->job_n == 0)
        status =
            error_set(err, STATUS_BAD_INPUT, "no job is left of the workload's %zu", in->job_n);
    if (status) workload_free(out);
    return status;
}

/* ---- GPU names ---- */

static int text_compare(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* The set of models that the words of `types` stand for, sorted, joined by |; NULL without memory.
 */
static char *named(const char *types, const struct pricebook *book)
{
    size_t capacity = 16, n = 0, bytes = 1;
    const char **models = malloc(capacity * sizeof *models);
    char *words = strdup(types), *joined = NULL, *rest = NULL;
    bool good = models && words;
    for (char *word = good ? strtok_r(words, "|", &rest) : NULL; word && good;
         word = strtok_r(NULL, "|", &rest)) {
        size_t i = 0;
        for (const char *model = pricebook_gpu_at(book, word, 0); good;
             model = pricebook_gpu_at(book, word, ++i)) {
            if (!model && i > 0) break;
            if (n == capacity) {
                const char **more = realloc(models, (capacity *= 2) * sizeof *models);
                if (more) models = more;
                good = more != NULL;
                if (!good) break;
            }
            models[n++] = model ? model : word; /* a word that no table knows stays */
            if (!model) break;
        }
    }
    if (good && n) qsort(models, n, sizeof *models, text_compare);
    for (size_t i = 0; i < n && good; i++) bytes += strlen(models[i]) + 1;
    if (good) joined = malloc(bytes);
    if (joined) {
        char *to = joined;
        *to = '\0';
        for (size_t i = 0; i < n; i++) {
            if (i > 0 && strcmp(models[i], models[i - 1]) == 0) continue;
            if (to > joined) *to++ = '|';
            to = stpcpy(to, models[i]);
        }
    }
    free(models);
    free(words);
    return joined;
}

enum status workload_name_gpus(struct workload *w, const struct pricebook *book, struct error *err)
{
    for (uint32_t i = 1; i < w->gpu_types.n; i++) {
        char *text = named(w->gpu_types.text[i], book);
        if (!text) return error_set(err, STATUS_NO_MEMORY, "no memory for GPU types");
        free(w->gpu_types.text[i]);
        w->gpu_types.text[i] = text;
    }
    return STATUS_OK;
}

/* ---- What a run asks for ---- */

uint32_t scenario_draws(const struct scenario *scenario, uint32_t replication)
{
    return scenario->antithetic ? random_antithetic(replication) : replication;
}

static bool shape_changes(const struct shape *s)
{
    return s->from_us || s->to_us || s->tenant_n || s->jobs_ppm != PPM || s->load_ppm != PPM ||
           s->run_factor != 1 || s->run_deviation > 0;
}

/* A factor of mean 1 that all of a replication has together. */
static double factor_of(int64_t deviation_ppm, struct random_key key, enum random_purpose purpose)
{
    if (deviation_ppm == 0) return 1;
    return random_lognormal_of(random_unit(key, purpose, 0, 0), (double)deviation_ppm / PPM);
}

/* What the scenario makes of any workload in this replication. */
static struct shape shape_of(const struct scenario *s, struct random_key key)
{
    const struct uncertain *u = &s->uncertain;
    double jobs_ppm = (double)s->scale_jobs_ppm * factor_of(u->growth_ppm, key, RANDOM_GROWTH);
    return (struct shape){ .jobs_ppm =
                               u->growth_ppm ? (int64_t)(jobs_ppm + 0.5) : s->scale_jobs_ppm,
                           .load_ppm = s->scale_load_ppm,
                           .run_factor = factor_of(u->all_run_times_ppm, key, RANDOM_RUN_TIMES),
                           .run_deviation = (double)u->run_times_ppm / PPM };
}

struct bootstrap scenario_bootstrap(const struct scenario *s)
{
    return (struct bootstrap){ s->bootstrap == BOOTSTRAP_WEEK ? 7 * DAY_US : DAY_US,
                               s->bootstrap == BOOTSTRAP_WEEKDAY ? 7 : 1, s->span_us };
}

double scenario_mean_gpu_hours(const struct scenario *s)
{
    const struct bootstrap b = scenario_bootstrap(s);
    if (!s->bootstrap) return NAN;
    return bootstrap_mean_gpu_hours(&s->trace, &b) * (double)s->scale_jobs_ppm / PPM;
}

/* What a replication begins with, where it is not the trace itself. */
static enum status draw_workload(const struct scenario *scenario, uint32_t draws,
                                 struct workload *drawn, struct error *err)
{
    const struct store *store = scenario->store;
    if (scenario->bootstrap) {
        const struct bootstrap b = scenario_bootstrap(scenario);
        return bootstrap_draw(&scenario->trace, &b, random_key(scenario->seed, draws), drawn, err);
    }
    struct synth_options options = scenario->synth;
    options.seed = scenario->seed;
    options.replication = draws;
    enum status status = synth_make(&options, drawn, err);
    if (status == STATUS_OK && (status = workload_name_gpus(drawn, &store->book, err)))
        workload_free(drawn);
    return status;
}

enum status scenario_workload(const struct scenario *scenario, uint32_t replication,
                              struct workload *copy, const struct workload **workload, bool *owned,
                              struct error *err)
{
    const struct store *store = scenario->store;
    uint32_t draws = scenario_draws(scenario, replication);
    struct shape shape = shape_of(scenario, random_key(scenario->seed, draws));
    struct workload drawn;
    *owned = true;
    *workload = copy;
    if (!scenario->is_synth && !scenario->bootstrap) { /* window and tenants were cut long before */
        if (shape_changes(&shape))
            return workload_shape(&scenario->trace, &shape, scenario->seed, draws, copy, err);
        *owned = false;
        *workload = &scenario->trace;
        return STATUS_OK;
    }
    if (scenario->is_synth) {
        shape.from_us = store->slice.from_us;
        shape.to_us = store->slice.to_us;
        shape.tenants = store->slice.tenants;
        shape.tenant_n = store->slice.tenant_n;
    }
    enum status status = draw_workload(scenario, draws, &drawn, err);
    if (status != STATUS_OK) return status;
    if (!shape_changes(&shape)) {
        *copy = drawn;
        return STATUS_OK;
    }
    status = workload_shape(&drawn, &shape, scenario->seed, draws, copy, err);
    workload_free(&drawn);
    return status;
}

enum status scenario_speed(const struct scenario *scenario, const struct workload *workload,
                           const struct fleet_spec *fleet, double **speed, struct error *err)
{
    const struct store *store = scenario->store;
    *speed = NULL;
    if (!scenario->reference_gpu) return STATUS_OK;
    size_t classes = workload->classes.n, pools = (size_t)fleet->pool_n;
    bool all_one = true;
    double *factors = malloc((classes * pools + 1) * sizeof *factors);
    if (!factors) return error_set(err, STATUS_NO_MEMORY, "no memory for speed factors");
    for (size_t c = 0; c < classes; c++)
        for (size_t p = 0; p < pools; p++) {
            const struct instance_type *type = &fleet->pools[p].type;
            const char *class_ = c ? workload->classes.text[c] : "all";
            double *factor = &factors[c * pools + p];
            *factor = 1;
            if (type->gpus > 0 && !pricebook_speed(&store->book, class_, type->gpu_model,
                                                   scenario->reference_gpu, factor)) {
                free(factors);
                return error_set(err, STATUS_BUG, "no performance factor for %s", type->gpu_model);
            }
            all_one &= *factor == 1;
        }
    if (all_one) {
        free(factors);
        factors = NULL;
    }
    *speed = factors;
    return STATUS_OK;
}
