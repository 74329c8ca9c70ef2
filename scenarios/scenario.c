/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/scenario.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/karpenter/nodepools.h"
#include "scenarios/kueue/quotas.h"
#include "scenarios/loading.h"
#include "scenarios/vary.h"

/* ---- What the steps share ---- */

void loading_complain(const struct loading *l, struct place at, const char *hint, const char *note,
                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(l->source, l->diagnostics, SEVERITY_ERROR, at, hint, note, format, args);
    va_end(args);
}

void loading_warn(const struct loading *l, struct place at, const char *hint, const char *format,
                  ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(l->source, l->diagnostics, SEVERITY_WARNING, at, hint, NULL, format, args);
    va_end(args);
}

char *loading_path(const struct loading *l, const char *written)
{
    const char *slash = strrchr(l->source->path, '/');
    char *path = NULL;
    if (written[0] == '/' || !slash || strcmp(l->source->path, "-") == 0) return strdup(written);
    if (asprintf(&path, "%.*s/%s", (int)(slash - l->source->path), l->source->path, written) < 0)
        return NULL;
    return path;
}

bool loading_can_read(const struct loading *l, struct place at, const char *path)
{
    if (access(path, R_OK) == 0) return true;
    loading_complain(l, at, NULL, NULL, "'%s' cannot be read: %s", path, strerror(errno));
    return false;
}

enum status loading_input(struct loading *l, const char *role, const char *path, const char *sha256,
                          int64_t bytes)
{
    struct scenario *s = l->scenario;
    struct arena *arena = &l->store->arena;
    struct scenario_input *inputs = s->inputs;
    bool full = (s->input_n & (s->input_n - 1)) == 0; /* room grows by doubling */
    for (int32_t i = 0; i < s->input_n; i++) /* a log that several pools name is one input */
        if (strcmp(inputs[i].role, role) == 0 && strcmp(inputs[i].path, path) == 0)
            return STATUS_OK;
    if (full) inputs = arena_zeroed(arena, 2 * (size_t)s->input_n + 1, sizeof *inputs);
    char *role_text = arena_text(arena, role, strlen(role)),
         *path_text = arena_text(arena, path, strlen(path));
    if (!inputs || !role_text || !path_text)
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for the list of inputs");
    if (full && s->input_n) memcpy(inputs, s->inputs, (size_t)s->input_n * sizeof *inputs);
    inputs[s->input_n] =
        (struct scenario_input){ .role = role_text, .path = path_text, .bytes = bytes };
    memcpy(inputs[s->input_n].sha256, sha256, sizeof inputs->sha256);
    s->inputs = inputs;
    s->input_n++;
    return STATUS_OK;
}

/* ---- Version ---- */

/* Another version may mean anything by any key: nothing else is checked then. */
static bool version_is_known(struct loading *l, const struct yaml_tree *tree)
{
    yaml_document_t *document = (yaml_document_t *)&tree->document;
    for (yaml_node_pair_t *p = tree->root->data.mapping.pairs.start;
         p < tree->root->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(document, p->key),
                          *value = yaml_document_get_node(document, p->value);
        int64_t version;
        struct unit_problem problem;
        if (key->type != YAML_SCALAR_NODE ||
            strcmp((const char *)key->data.scalar.value, "seatrial") != 0)
            continue;
        if (value->type != YAML_SCALAR_NODE ||
            !unit_count((const char *)value->data.scalar.value, &version, &problem))
            return true;
        if (version == SCENARIO_VERSION) return true;
        loading_complain(l, yaml_place(value), NULL, NULL,
                         "this program reads scenarios of version %d, not %.20s", SCENARIO_VERSION,
                         (const char *)value->data.scalar.value);
        return false;
    }
    return true;
}

/* ---- Loading ---- */

static bool fits_a_name(const char *name, size_t n)
{
    for (const char *s = name; s < name + n;)
        if (!utf8_printable(utf8_next(&s))) return false;
    return n > 0 && n <= NAME_BYTES_MAX;
}

static enum status name_it(struct loading *l)
{
    const struct value *raw = &l->raw.name;
    struct arena *arena = &l->store->arena;
    struct scenario *s = l->scenario;
    const char *slash = strrchr(l->source->path, '/'), *name = slash ? slash + 1 : l->source->path;
    size_t n = strlen(name);
    if (raw->state == VALUE_GOOD) {
        name = raw->text;
        n = strlen(name);
    } else {
        if (n > 5 && strcmp(name + n - 5, ".yaml") == 0) n -= 5;
        if (strcmp(name, "-") == 0 || !fits_a_name(name, n)) {
            name = "scenario";
            n = strlen(name);
        }
    }
    s->path = arena_text(arena, l->source->path, strlen(l->source->path));
    s->name = arena_text(arena, name, n);
    return s->path && s->name ? STATUS_OK
                              : error_set(l->err, STATUS_NO_MEMORY, "no memory for a name");
}

/* Whether nodes of a fleet fail, are provided, boot, or can be had, by chance. */
static bool has_chances(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        const struct supply_spec *s = &pool->supply;
        if (pool->failures.by_node || pool->failures.by_gpu || pool->failures.job_mtbf.n > 0 ||
            s->by_node || s->by_region || s->refused_ppm > 0 || pool->boot.shape > 0 ||
            pool->provisioning.lead.shape > 0)
            return true;
    }
    return false;
}

/* Nothing random tells replications apart: they would all be one. */
static void warn_of_replications(struct loading *l)
{
    const struct scenario *s = l->scenario;
    bool random = s->is_synth || s->scale_jobs_ppm % 1000000 != 0 || is_uncertain(s);
    for (int32_t f = 0; f < s->fleet_n; f++)
        random |=
            s->fleets[f].scheduler.placement->rule == PLACE_RANDOM || has_chances(&s->fleets[f]);
    const struct raw_run *run = &l->raw.run;
    if (s->replications > 1 && !random)
        loading_warn(l, s->precision.asked ? run->precision.self.at : run->replications.at, NULL,
                     "all %d replications are the same: nothing in this scenario is random",
                     s->replications);
}

/* What is wrong with the section is found whoever loads the scenario; where its paths lead is the
 * same for every point. */
static enum status look_at_vary(struct loading *l)
{
    struct vary vary;
    if (!is_there(&l->raw.vary)) return STATUS_OK;
    enum status status = vary_read(&vary, l->source, l->diagnostics, l->err);
    if (status == STATUS_OK) {
        l->scenario->sweep_points = (int64_t)vary.point_n;
        /* Its own tree will do: nothing is shown of it any more. */
        status = vary_set(&vary, 0, &vary.tree, l->diagnostics, l->err);
        vary_free(&vary);
    }
    return status == STATUS_BAD_INPUT ? STATUS_OK : status;
}

static enum status resolve(struct loading *l, const struct yaml_tree *tree)
{
    if (!version_is_known(l, tree)) return STATUS_OK;
    enum status status = yaml_walk(tree, YAML_STRICT, &scenario_schema, &l->raw, &l->store->arena,
                                   l->diagnostics, l->err);
    if (!status) status = name_it(l);
    if (!status)
        status = loading_input(l, "scenario", l->source->path, l->source->sha256, l->source->bytes);
    if (!status) status = resolve_prices(l);
    if (!status) status = resolve_workload(l);
    if (!status) status = resolve_fleets(l);
    if (status) return status;
    resolve_slo(l);
    resolve_run(l);
    if ((status = resolve_montecarlo(l))) return status;
    if (!l->is_point && (status = look_at_vary(l))) return status;
    if (l->diagnostics->errors) return STATUS_OK;
    if ((status = resolve_trace(l))) return status;
    if (l->diagnostics->errors) return STATUS_OK;
    resolve_sample(l);
    if (l->diagnostics->errors) return STATUS_OK;
    if ((status = resolve_hours(l))) return status;
    if ((status = check_marks(l))) return status;
    warn_of_replications(l);
    return scenario_identify(l->scenario, l->err);
}

/* The tree is l->source's. */
static enum status load_tree(struct loading *l, const struct yaml_tree *tree)
{
    size_t errors = l->diagnostics->errors;
    memset(l->scenario, 0, sizeof *l->scenario);
    if (!(l->scenario->store = l->store = calloc(1, sizeof *l->store)))
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for a scenario");
    arena_init(&l->store->arena);
    enum status status = resolve(l, tree);
    kueue_sets_free(l);
    free_hours(l);
    loading_logs_free(l);
    karpenter_sets_free(l);
    if (!status && l->diagnostics->errors > errors)
        status = error_set(l->err, STATUS_BAD_INPUT, "%s has errors", l->source->path);
    if (status) scenario_free(l->scenario);
    return status;
}

enum status scenario_load(const char *path, const struct scenario_settings *settings,
                          struct scenario *scenario, struct diagnostics *diagnostics,
                          struct error *err)
{
    struct source source;
    struct yaml_tree tree;
    struct loading l = { .scenario = scenario,
                         .settings = settings,
                         .source = &source,
                         .diagnostics = diagnostics,
                         .err = err };
    enum status status = source_load(&source, path, diagnostics, err);
    if (status) return status;
    status = yaml_tree_load(&tree, &source, diagnostics, err);
    if (!status) {
        status = load_tree(&l, &tree);
        yaml_tree_free(&tree);
    }
    source_free(&source);
    return status;
}

enum status scenario_load_point(const struct source *source, const struct vary *vary,
                                uint64_t point, const struct scenario_settings *settings,
                                struct scenario_cache *cache, struct scenario *scenario,
                                struct diagnostics *diagnostics, struct error *err)
{
    struct yaml_tree tree;
    struct loading l = { .scenario = scenario,
                         .cache = cache,
                         .settings = settings,
                         .source = source,
                         .diagnostics = diagnostics,
                         .is_point = true,
                         .err = err };
    enum status status = yaml_tree_load(&tree, source, diagnostics, err);
    if (status) return status;
    status = vary_set(vary, point, &tree, diagnostics, err);
    if (!status) status = load_tree(&l, &tree);
    yaml_tree_free(&tree);
    return status;
}

void scenario_free(struct scenario *scenario)
{
    struct store *store = scenario->store;
    if (!scenario->trace_is_shared) workload_free(&scenario->trace);
    free(scenario->json);
    if (store) {
        if (store->has_book) pricebook_free(&store->book);
        arena_free(&store->arena);
        free(store);
    }
    memset(scenario, 0, sizeof *scenario);
}
