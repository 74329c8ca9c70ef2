/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/short_key.h"
#include "scenarios/hash.h"
#include "tools/command.h"

/* What the same points with the same figures follow from: the text, and by the hash of the scenario
 * as it stands, also what its files (trace, prices, logs) hold. */
static void identify(struct sweep *s, const char *figures_sha256)
{
    struct sha256 h;
    char text[200];
    snprintf(text, sizeof text, "seatrial %s\nreplications %d\nseed %" PRId64 "\n",
             SEATRIAL_VERSION, s->settings.replications, s->settings.seed);
    sha256_init(&h);
    sha256_add(&h, text, strlen(text));
    sha256_add(&h, s->source.sha256, strlen(s->source.sha256));
    sha256_add(&h, figures_sha256, strlen(figures_sha256));
    sha256_end(&h, s->identity);
}

/* The scenario by itself, whose errors are not to be found once for every point; identifies the
 * sweep. */
static enum status look_at_scenario(struct sweep *s, struct diagnostics *diagnostics,
                                    struct error *err)
{
    struct scenario base;
    enum status status = sweep_load_point(s, -1, &base, diagnostics, err);
    if (status) return status;
    s->name = strdup(base.name);
    identify(s, base.figures_sha256);
    memcpy(s->today, base.figures_sha256, sizeof s->today);
    scenario_free(&base);
    return s->name ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "out of memory");
}

enum status sweep_open(const char *path, const struct scenario_settings *settings,
                       struct sweep *sweep, struct diagnostics *diagnostics, struct error *err)
{
    *sweep = (struct sweep){ .settings =
                                 settings ? *settings : (struct scenario_settings){ .seed = -1 } };
    enum status status = source_load(&sweep->source, path, diagnostics, err);
    if (status) return status;
    status = vary_read(&sweep->vary, &sweep->source, diagnostics, err);
    if (status) { /* what else is wrong with the file is said at once */
        struct error ignored;
        if (status == STATUS_BAD_INPUT) look_at_scenario(sweep, diagnostics, &ignored);
        source_free(&sweep->source);
        free(sweep->name);
        return status;
    }
    sweep->point_n = (int64_t)sweep->vary.point_n;
    sweep->cache = scenario_cache_new();
    sweep->sha256 = calloc((size_t)sweep->point_n, sizeof *sweep->sha256);
    if (!sweep->cache || !sweep->sha256)
        status =
            error_set(err, STATUS_NO_MEMORY, "no memory for %" PRId64 " points", sweep->point_n);
    if (!status) status = look_at_scenario(sweep, diagnostics, err);
    if (status) sweep_free(sweep);
    return status;
}

void sweep_free(struct sweep *s)
{
    vary_free(&s->vary);
    scenario_cache_free(s->cache);
    source_free(&s->source);
    free(s->sha256);
    free(s->name);
    memset(s, 0, sizeof *s);
}

enum status sweep_load_point(const struct sweep *s, int64_t point, struct scenario *scenario,
                             struct diagnostics *diagnostics, struct error *err)
{
    const struct vary none = { .point_n = 1 };
    return scenario_load_point(&s->source, point < 0 ? &none : &s->vary,
                               point < 0 ? 0 : (uint64_t)point, &s->settings, s->cache, scenario,
                               diagnostics, err);
}

/* Diagnostics of a point alone: those of several would say the same in an order of the threads'. */
static enum status look_at(struct sweep *s, int64_t point, struct error *err)
{
    struct scenario scenario;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    enum status status = sweep_load_point(s, point, &scenario, &diagnostics, err);
    if (!status) {
        memcpy(s->sha256[point], scenario.figures_sha256, sizeof *s->sha256);
        scenario_free(&scenario);
    }
    diagnostics_free(&diagnostics);
    return status;
}

enum status sweep_look(struct sweep *s, int64_t shard, int64_t shards, int threads,
                       const volatile int *stop, int64_t *worst, struct diagnostics *diagnostics,
                       struct error *err)
{
    int64_t step = shards ? shards : 1, first_bad = INT64_MAX;
    enum status failed = STATUS_OK;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 16)
    for (int64_t p = shards ? shard : 0; p < s->point_n; p += step) {
        int64_t bad;
        struct error own;
#pragma omp atomic read
        bad = first_bad;
        if (p > bad || *stop) continue;
        enum status status = look_at(s, p, &own);
        if (!status) continue;
#pragma omp critical(sweep_look)
        if (p < first_bad) {
            failed = status;
            *err = own;
#pragma omp atomic write
            first_bad = p;
        }
    }
    if (*stop && !failed) return error_set(err, STATUS_INTERRUPTED, "interrupted");
    if (failed != STATUS_BAD_INPUT) return failed;
    struct scenario scenario; /* once more, for what is to be said of it */
    *worst = first_bad;
    enum status status = sweep_load_point(s, first_bad, &scenario, diagnostics, err);
    if (!status) scenario_free(&scenario);
    return status ? status : error_set(err, STATUS_BUG, "a point is good and bad");
}

/* The keys with their values; names: of the keys. */
static char *point_text(const struct sweep *s, int64_t point, const char *const *names,
                        const char *is)
{
    char *text = NULL, value[VARY_TEXT_MAX];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t k = 0; out && k < s->vary.key_n; k++) {
        vary_text(&s->vary, (uint64_t)point, k, value);
        fprintf(out, "%s%s%s%s", k ? ", " : "", names[k], is, value);
    }
    if (out) fclose(out);
    return text;
}

char *sweep_point_text(const struct sweep *s, int64_t point)
{
    const char *paths[VARY_KEYS_MAX];
    for (size_t k = 0; k < s->vary.key_n; k++) paths[k] = s->vary.keys[k].path;
    return point_text(s, point, paths, " = ");
}

char *sweep_point_name(const struct sweep *s, int64_t point)
{
    const char *paths[VARY_KEYS_MAX];
    char *names[VARY_KEYS_MAX] = { 0 }, *text = NULL;
    bool good = true;
    for (size_t k = 0; k < s->vary.key_n; k++) paths[k] = s->vary.keys[k].path;
    for (size_t k = 0; k < s->vary.key_n; k++)
        good &= (names[k] = short_key(paths, s->vary.key_n, k)) != NULL;
    if (good) text = point_text(s, point, (const char *const *)names, "=");
    for (size_t k = 0; k < s->vary.key_n; k++) free(names[k]);
    return text;
}
