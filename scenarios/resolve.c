/* SPDX-License-Identifier: Apache-2.0 */
/* Workload, prices, SLOs and run settings: from raw values to the scenario. Fleets are in
 * resolve_fleets.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "models/world.h"
#include "scenarios/hash.h"
#include "scenarios/loading.h"
#include "scenarios/traces/trace_file.h"

#define DAY_US (INT64_C(86400) * US_PER_S)
enum { PPM = 1000000, JOBS_MAX = 100000000, SAMPLES_MAX = 20000 };

const char *const slo_wait_names[4] = { "p50_wait", "p90_wait", "p95_wait", "p99_wait" };

int64_t value_or(const struct value *value, int64_t otherwise)
{
    return value->state == VALUE_GOOD ? value->number : otherwise;
}

bool check_kind_keys(const struct loading *l, struct place self, const char *kind,
                     const struct kind_key *keys, size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        bool there = is_there(keys[i].value);
        if (!there && keys[i].wanted)
            loading_complain(l, self, NULL, NULL, "'%s' is missing: kind %s needs it", keys[i].key,
                             kind);
        if (there && keys[i].useless)
            loading_complain(l, keys[i].value->at, NULL, NULL,
                             "'%s' says nothing here: kind %s knows none", keys[i].key, kind);
        good &= there ? !keys[i].useless && is_good(keys[i].value) : !keys[i].wanted;
    }
    return good;
}

const char *loading_region(const struct loading *l, const struct value *said, const char *otherwise)
{
    return is_good(said) ? said->text : l->default_region ? l->default_region : otherwise;
}

/* ---- Prices ---- */

static enum status add_files(struct loading *l, struct pricebook *book,
                             const struct value_list *list, enum pricebook_table table)
{
    const struct value *files = list->items;
    for (size_t i = 0; i < list->n; i++) {
        if (files[i].state != VALUE_GOOD) continue;
        if (strcmp(files[i].text, "-") == 0) {
            loading_complain(l, files[i].at, NULL, NULL, "a price book cannot be standard input");
            continue;
        }
        char *path = loading_path(l, files[i].text);
        if (!path) return error_set(l->err, STATUS_NO_MEMORY, "no memory for a path");
        if (loading_can_read(l, files[i].at, path)) {
            enum status status = pricebook_add(book, table, path, l->diagnostics, l->err);
            if (status != STATUS_OK && status != STATUS_BAD_INPUT) {
                free(path);
                return status;
            }
            const struct source *s = &book->sources[book->source_n - 1];
            if (status == STATUS_OK &&
                (status = loading_input(l, "price book", files[i].text, s->sha256, s->bytes))) {
                free(path);
                return status;
            }
        }
        free(path);
    }
    return STATUS_OK;
}

enum status loading_tables(struct loading *l, struct pricebook *book, struct arena *arena)
{
    const struct raw_prices *raw = &l->raw.prices;
    enum status status = pricebook_init(book, arena, l->diagnostics, l->err);
    if (status) return status;
    for (size_t i = 0; i < book->source_n && !status; i++) {
        char shown[120];
        const char *slash = strrchr(book->sources[i].path, '/');
        snprintf(shown, sizeof shown, "shipped/%.90s", slash ? slash + 1 : book->sources[i].path);
        status =
            loading_input(l, "price book", shown, book->sources[i].sha256, book->sources[i].bytes);
    }
    if (!status) status = add_files(l, book, &raw->instances, PRICEBOOK_INSTANCES);
    if (!status) status = add_files(l, book, &raw->book, PRICEBOOK_PRICES);
    if (!status) status = add_files(l, book, &raw->performance, PRICEBOOK_PERFORMANCE);
    if (!status) status = add_files(l, book, &raw->services, PRICEBOOK_SERVICES);
    if (!status) status = pricebook_settle(book, l->diagnostics, l->err);
    if (status) pricebook_free(book);
    return status;
}

enum status resolve_prices(struct loading *l)
{
    const struct raw_prices *raw = &l->raw.prices;
    const struct pricebook *book = &l->store->book;
    enum status status = loading_book(l);
    if (status) return status;
    const char *date = "1970-01-01";
    l->as_of_days = pricebook_newest(book, &date);
    if (raw->as_of.state == VALUE_GOOD) {
        l->as_of_days = raw->as_of.number;
        date = raw->as_of.text;
    }
    l->scenario->price_as_of = arena_text(&l->store->arena, date, strlen(date));
    if (!l->scenario->price_as_of)
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for a date");
    if (raw->region.state == VALUE_GOOD) {
        l->default_region = raw->region.text;
        l->region_at = raw->region.at;
    }
    return STATUS_OK;
}

/* ---- Workload ---- */

/* What a scenario may name of a trace: its tenants, say. */
struct names_there {
    const char *one, *many;
    const char *const *names;
    size_t n;
    const char *all; /* a word that is always there; NULL */
};

static bool name_is_there(const struct names_there *there, const char *name)
{
    size_t t = 0;
    while (t < there->n && strcmp(there->names[t], name) != 0) t++;
    return t < there->n || (there->all && strcmp(there->all, name) == 0);
}

static bool names_are_there(struct loading *l, const struct names_there *there,
                            const struct value_list *list)
{
    const struct value *values = list->items;
    bool good = true;
    for (size_t i = 0; i < list->n; i++) {
        if (values[i].state != VALUE_GOOD || name_is_there(there, values[i].text)) continue;
        char hint[HINT_MAX], note[300];
        did_you_mean(hint, values[i].text, there->names, there->n);
        size_t used =
            (size_t)snprintf(note, sizeof note,
                             there->n ? "%s of the trace: " : "the trace names no %s", there->many);
        for (size_t k = 0; k < there->n && k < 10 && used < sizeof note; k++)
            used += (size_t)snprintf(note + used, sizeof note - used, "%s%s", k ? ", " : "",
                                     there->names[k]);
        if (there->n > 10 && used < sizeof note)
            snprintf(note + used, sizeof note - used, " and %zu more", there->n - 10);
        loading_complain(l, values[i].at, hint, note, "the trace has no %s '%.100s'", there->one,
                         values[i].text);
        good = false;
    }
    return good;
}

/* Those whose jobs have targets of their own. */
static bool parts_are_there(struct loading *l, const struct names_there *there, enum slo_part_of of)
{
    const struct value_list *list = &l->raw.slo.part[of];
    struct raw_slo_part *parts = list->items;
    bool good = true;
    for (size_t i = 0; i < list->n; i++)
        good &= names_are_there(l, there,
                                &(struct value_list){ VALUE_GOOD, list->at, 1, &parts[i].self });
    return good;
}

/* Wherever a scenario names them. */
static bool tenants_are_there(struct loading *l, const char *const *names, size_t n)
{
    const struct names_there there = { "tenant", "tenants", names, n, NULL };
    const struct raw_fleet *fleets = l->raw.fleets.items;
    bool good = names_are_there(l, &there, &l->raw.workload.tenants);
    good &= parts_are_there(l, &there, SLO_TENANT);
    for (size_t f = 0; f < l->raw.fleets.n; f++) {
        const struct raw_pool *pools = fleets[f].pools.items;
        good &= names_are_there(l, &there, &fleets[f].scheduler.shares);
        for (size_t p = 0; p < fleets[f].pools.n; p++)
            good &= names_are_there(l, &there, &pools[p].tenants);
    }
    return good;
}

static bool queues_are_there(struct loading *l, const char *const *names, size_t n)
{
    const struct names_there there = { "queue", "queues", names, n, NULL };
    const struct raw_fleet *fleets = l->raw.fleets.items;
    bool good = parts_are_there(l, &there, SLO_QUEUE);
    for (size_t f = 0; f < l->raw.fleets.n; f++) {
        const struct raw_pool *pools = fleets[f].pools.items;
        good &= names_are_there(l, &there, &fleets[f].scheduler.partitions);
        for (size_t p = 0; p < fleets[f].pools.n; p++)
            good &= names_are_there(l, &there, &pools[p].queues);
    }
    return good;
}

/* Of a mapping from names to texts. */
static bool keys_are_there(struct loading *l, const struct names_there *there,
                           const struct value_list *list)
{
    struct label *labels = list->items;
    bool good = true;
    for (size_t i = 0; i < list->n; i++)
        good &= names_are_there(l, there,
                                &(struct value_list){ VALUE_GOOD, list->at, 1, &labels[i].key });
    return good;
}

static bool classes_are_there(struct loading *l, const char *const *names, size_t n)
{
    const struct names_there there = { "class", "classes", names, n, "all" };
    const struct names_there alone = { "class", "classes", names, n, NULL };
    const struct raw_fleet *fleets = l->raw.fleets.items;
    bool good = parts_are_there(l, &alone, SLO_CLASS);
    for (size_t f = 0; f < l->raw.fleets.n; f++) {
        const struct raw_scheduler *scheduler = &fleets[f].scheduler;
        good &= names_are_there(l, &there, &scheduler->scattered_speed);
        good &= names_are_there(l, &there, &scheduler->cross_rack_speed);
        good &= names_are_there(l, &there, &scheduler->elastic_min);
        good &= names_are_there(l, &there, &scheduler->elastic_max);
        good &= keys_are_there(l, &there, &scheduler->speedup);
    }
    return good;
}

static void resolve_synth(struct loading *l, const struct raw_synth *raw)
{
    struct scenario *s = l->scenario;
    s->is_synth = true;
    synth_options_init(&s->synth);
    s->synth.preset = synth_preset_at((int32_t)value_or(&raw->like, 0));
    s->synth.jobs = value_or(&raw->jobs, 1);
    s->synth.days = (double)value_or(&raw->days, DAY_US) / (double)DAY_US;
    s->synth.load_gpus = (double)value_or(&raw->load, 0) / 1000;
    if ((__int128)s->synth.jobs * s->scale_jobs_ppm > (__int128)JOBS_MAX * PPM)
        loading_complain(l, raw->jobs.at, NULL, NULL, "'jobs' times 'scale_jobs' is more than %d",
                         JOBS_MAX);
    char text[SYNTH_TENANTS_MAX][SYNTH_TENANT_SIZE];
    const char *names[SYNTH_TENANTS_MAX];
    int32_t n = 0;
    for (; n < synth_tenant_count(s->synth.preset) && n < SYNTH_TENANTS_MAX; n++)
        names[n] = synth_tenant_name(n, text[n]);
    (void)tenants_are_there(l, names, (size_t)n);
    (void)queues_are_there(l, names, 0);
    (void)classes_are_there(l, names, 0);
    (void)neighbours_are_named(l, (size_t)n, 0, 0, 0);
}

static void resolve_reference(struct loading *l, const struct value *raw)
{
    const struct pricebook *book = &l->store->book;
    if (raw->state != VALUE_GOOD) return;
    const char *gpu = pricebook_gpu(book, raw->text);
    for (size_t i = 0; !gpu && i < book->n[PRICEBOOK_PERFORMANCE]; i++)
        if (strcmp(book->factors[i].gpu, raw->text) == 0 ||
            strcmp(book->factors[i].baseline, raw->text) == 0)
            gpu = raw->text;
    if (gpu) {
        l->scenario->reference_gpu = (char *)gpu;
        return;
    }
    const char *names[1000];
    char hint[HINT_MAX], note[600];
    size_t n = book->n[PRICEBOOK_GPUS], used = (size_t)snprintf(note, sizeof note, "known GPUs: ");
    for (size_t i = 0; i < n; i++) {
        names[i] = book->gpus[i].name;
        if (used < sizeof note)
            used +=
                (size_t)snprintf(note + used, sizeof note - used, "%s%s", i ? ", " : "", names[i]);
    }
    did_you_mean(hint, raw->text, names, n);
    loading_complain(l, raw->at, hint, note, "no GPU goes by '%s'", raw->text);
}

/* The books of a window, its load scaled; those of more than a century could not be counted. */
static bool set_window(struct loading *l, const char *key, const struct value *raw,
                       int64_t length_us)
{
    struct scenario *s = l->scenario;
    __int128 window_us = (__int128)length_us * PPM / s->scale_load_ppm;
    if (window_us > JOB_TIME_MAX_US) {
        loading_complain(l, raw->at, NULL, NULL, "'%s' must be at most 100 years%s, not '%.60s'",
                         key, s->scale_load_ppm == PPM ? "" : " once the load is scaled",
                         raw->text);
        return false;
    }
    s->window_us = (int64_t)window_us;
    return true;
}

/* Tenants as texts; the window where it is a duration. Dates wait for the trace. */
static enum status resolve_slice(struct loading *l, const struct raw_workload *raw)
{
    struct shape *slice = &l->store->slice;
    *slice = (struct shape){ .jobs_ppm = PPM, .load_ppm = PPM, .run_factor = 1 };
    const char **tenants = arena_zeroed(&l->store->arena, raw->tenants.n + 1, sizeof *tenants);
    if (!tenants) return error_set(l->err, STATUS_NO_MEMORY, "no memory for tenants");
    const struct value *values = raw->tenants.items;
    for (size_t i = 0; i < raw->tenants.n; i++)
        if (values[i].state == VALUE_GOOD) tenants[slice->tenant_n++] = values[i].text;
    slice->tenants = tenants;
    if (raw->window.state != VALUE_GOOD) return STATUS_OK;
    if (raw->window.number == 0 && !strstr(raw->window.text, "..")) {
        loading_complain(l, raw->window.at, NULL, NULL, "'window' must be longer than nothing");
    } else if (raw->window.number > JOB_TIME_MAX_US / 10) {
        loading_complain(l, raw->window.at, NULL, NULL,
                         "'window' must be at most 10 years, not '%.60s'", raw->window.text);
    } else {
        slice->to_us = raw->window.number;
    }
    return STATUS_OK;
}

enum status resolve_workload(struct loading *l)
{
    const struct raw_workload *raw = &l->raw.workload;
    struct scenario *s = l->scenario;
    if (raw->self.state == VALUE_ABSENT) return STATUS_OK;
    s->scale_jobs_ppm = value_or(&raw->scale_jobs, PPM);
    s->scale_load_ppm = value_or(&raw->scale_load, PPM);
    if (l->settings && l->settings->load > 0)
        s->scale_load_ppm = (int64_t)((double)s->scale_load_ppm * l->settings->load + 0.5);
    bool trace = raw->trace.state != VALUE_ABSENT, synth = raw->synth.self.state != VALUE_ABSENT;
    if (trace && synth)
        loading_complain(l, raw->synth.self.at, NULL, NULL,
                         "'trace' and 'synth' exclude each other");
    if (raw->self.state == VALUE_GOOD && !trace && !synth)
        loading_complain(l, raw->self.at, NULL, NULL, "'trace' or 'synth' is missing in workload");
    enum status status = resolve_slice(l, raw);
    if (status) return status;
    resolve_reference(l, &raw->reference_gpu);
    if (synth && !trace) {
        resolve_synth(l, &raw->synth);
        if (raw->window.state == VALUE_GOOD && raw->window.number == 0)
            loading_complain(l, raw->window.at, NULL, NULL,
                             "a window of dates needs a trace; a synthetic one takes a duration");
        if (l->store->slice.to_us) set_window(l, "window", &raw->window, l->store->slice.to_us);
        else set_window(l, "days", &raw->synth.days, value_or(&raw->synth.days, DAY_US));
    } else if (trace && raw->trace.state == VALUE_GOOD) {
        if (strcmp(raw->trace.text, "-") == 0) {
            loading_complain(l, raw->trace.at, NULL, NULL,
                             "a trace cannot be standard input here: name its file");
            return STATUS_OK;
        }
        char *path = loading_path(l, raw->trace.text);
        struct stat st;
        if (!path) return error_set(l->err, STATUS_NO_MEMORY, "no memory for a path");
        if (loading_can_read(l, raw->trace.at, path) && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
            loading_complain(l, raw->trace.at, NULL, NULL, "'%s' is a folder, not a trace", path);
        free(path);
        s->trace_path = (char *)raw->trace.text;
    }
    return STATUS_OK;
}

/* ---- The trace itself ---- */

static bool window_of_dates(struct loading *l, const struct workload *w)
{
    const struct value *raw = &l->raw.workload.window;
    struct shape *slice = &l->store->slice;
    bool is_range;
    int64_t from, to;
    struct unit_problem problem;
    if (raw->state != VALUE_GOOD || raw->number ||
        !unit_date_range(raw->text, &is_range, &from, &to, &problem))
        return true;
    if (w->t0_unix_us == INT64_MIN) {
        loading_complain(l, raw->at, NULL, NULL,
                         "the trace has no wall clock, so that a window of dates means nothing; "
                         "give a duration");
        return false;
    }
    slice->from_us = from * DAY_US - w->t0_unix_us;
    slice->to_us = to * DAY_US - w->t0_unix_us;
    if (slice->to_us <= 0) { /* to_us = 0 would mean no end */
        loading_complain(l, raw->at, NULL, NULL, "the trace starts after this window");
        return false;
    }
    return true;
}

/* The trace's names but the first, which is that of jobs without a tenant. All is said at once. */
static bool trace_names_are_there(struct loading *l, const struct workload *w)
{
    bool good = tenants_are_there(l, (const char *const *)w->tenants.text + 1, w->tenants.n - 1);
    good &= queues_are_there(l, (const char *const *)w->queues.text + 1, w->queues.n - 1);
    good &= classes_are_there(l, (const char *const *)w->classes.text + 1, w->classes.n - 1);
    return neighbours_are_named(l, w->tenants.n - 1, w->users.n - 1, w->classes.n - 1,
                                w->queues.n - 1) &&
           good;
}

/* Where an order sizes jobs, and neither the scenario nor the trace says between which sizes. */
static void check_sizes(struct loading *l, const struct workload *w)
{
    const struct raw_fleet *fleets = l->raw.fleets.items;
    for (size_t f = 0; f < l->raw.fleets.n && !w->has_size; f++) {
        const struct raw_scheduler *raw = &fleets[f].scheduler;
        const struct value *orders = raw->order.items;
        if (raw->elastic_min.state != VALUE_ABSENT || raw->elastic_max.state != VALUE_ABSENT)
            continue;
        for (size_t i = 0; raw->order.state == VALUE_GOOD && i < raw->order.n; i++)
            if (orders[i].number >= 0 && rank_by_size(queue_orders[orders[i].number].rank))
                nothing_to_size(l, raw, &queue_orders[orders[i].number]);
    }
}

/* Cuts window and tenants out of the trace, once; a warning says how much is left. */
static enum status slice_trace(struct loading *l)
{
    struct scenario *s = l->scenario;
    struct shape *slice = &l->store->slice;
    struct workload cut;
    size_t before = s->trace.job_n;
    struct place at =
        l->raw.workload.window.state ? l->raw.workload.window.at : l->raw.workload.self.at;
    if (!window_of_dates(l, &s->trace) || !trace_names_are_there(l, &s->trace)) return STATUS_OK;
    int64_t from_us = slice->from_us > 0 ? slice->from_us : 0;
    if (slice->to_us && !set_window(l, "window", &l->raw.workload.window, slice->to_us - from_us))
        return STATUS_OK;
    if (slice->from_us <
        0) { /* the window opens before the trace: its books start with the trace */
        loading_warn(l, at, NULL,
                     "the trace starts after the window does; the books start with the trace");
        slice->from_us = 0;
    }
    if (!slice->from_us && !slice->to_us && !slice->tenant_n) return STATUS_OK;
    enum status status = workload_shape(&s->trace, slice, 0, 0, &cut, l->err);
    if (status == STATUS_BAD_INPUT) {
        loading_complain(l, at, NULL, NULL, "%s", l->err->message);
        return STATUS_OK;
    }
    if (status) return status;
    if (!s->trace_is_shared) workload_free(&s->trace);
    s->trace_is_shared = false;
    s->trace = cut;
    if (cut.job_n < before)
        loading_warn(l, at, NULL,
                     "%zu of the trace's %zu jobs are replayed, the others are outside the slice",
                     cut.job_n, before);
    return STATUS_OK;
}

enum status loading_read_trace(struct loading *l, const char *path, char sha256[65], int64_t *bytes,
                               bool *read)
{
    struct scenario *s = l->scenario;
    size_t errors = l->diagnostics->errors;
    enum status status = trace_read(path, &s->trace, l->diagnostics, l->err);
    *read = status == STATUS_OK;
    if (status == STATUS_BAD_INPUT || status == STATUS_IO) {
        if (l->diagnostics->errors == errors)
            loading_complain(l, l->raw.workload.trace.at, NULL, NULL,
                             "the trace cannot be read: %s", l->err->message);
        return STATUS_OK;
    }
    if (!status) status = sha256_file(path, sha256, bytes, l->err);
    if (!status) status = workload_name_gpus(&s->trace, &l->store->book, l->err);
    return status;
}

enum status resolve_trace(struct loading *l)
{
    struct scenario *s = l->scenario;
    const struct raw_workload *raw = &l->raw.workload;
    if (s->is_synth) return STATUS_OK;
    char *path = loading_path(l, s->trace_path);
    bool read;
    if (!path) return error_set(l->err, STATUS_NO_MEMORY, "no memory for a path");
    enum status status = loading_trace(l, path, &read);
    if (status || !read) goto done;
    if (s->trace.job_n == 0) {
        loading_complain(l, raw->trace.at, NULL, NULL, "the trace holds no jobs");
        goto done;
    }
    if ((__int128)s->trace.job_n * s->scale_jobs_ppm > (__int128)JOBS_MAX * 10 * PPM) {
        loading_complain(l, raw->scale_jobs.at, NULL, NULL,
                         "'scale_jobs' makes more than a thousand million jobs");
        goto done;
    }
    if (s->replay_recorded && !s->trace.has_start)
        loading_complain(l, l->raw.run.replay.at, NULL, NULL,
                         "the trace has no recorded starts to replay");
    check_sizes(l, &s->trace);
    status = slice_trace(l);
    if (status == STATUS_OK && !l->diagnostics->errors) resolve_bootstrap(l);
done:
    free(path);
    return status;
}

/* ---- SLOs and run ---- */

void resolve_slo(struct loading *l)
{
    struct slo *slo = &l->scenario->slo;
    const struct raw_slo *raw = &l->raw.slo;
    for (int i = 0; i < 4; i++) slo->wait_us[i] = value_or(&raw->wait[i], -1);
    slo->budget_usd_micro_per_month = value_or(&raw->budget, -1);
    slo->utilization_ppm = value_or(&raw->utilization, -1);
    for (int i = 0; i < 2; i++) slo->jct_us[i] = value_or(&raw->jct[i], -1);
    slo->deadlines_ppm = value_or(&raw->deadlines, -1);
    slo->co2_g_per_month = value_or(&raw->co2, -1);
    resolve_slo_parts(l);
}

static void resolve_baseline(struct loading *l, const struct value *raw)
{
    const struct scenario *s = l->scenario;
    const char *names[SCENARIO_FLEETS_MAX];
    char hint[HINT_MAX], note[600];
    size_t n = (size_t)snprintf(note, sizeof note, "known fleets: ");
    if (raw->state != VALUE_GOOD) return;
    for (int32_t f = 0; f < s->fleet_n; f++) {
        names[f] = s->fleets[f].name;
        if (strcmp(names[f], raw->text) == 0) {
            l->scenario->baseline = f;
            return;
        }
        if (n < sizeof note)
            n += (size_t)snprintf(note + n, sizeof note - n, "%s%s", f ? ", " : "", names[f]);
    }
    const struct raw_fleet *fleets = l->raw.fleets.items; /* the first of several is meant */
    for (size_t f = 0; f < l->raw.fleets.n; f++)
        if (fleets[f].self.state == VALUE_GOOD && strcmp(fleets[f].self.text, raw->text) == 0) {
            l->scenario->baseline = fleets[f].first;
            return;
        }
    if (l->raw.fleets.state != VALUE_GOOD)
        return; /* it may be one of those that could not be read */
    did_you_mean(hint, raw->text, names, (size_t)s->fleet_n);
    loading_complain(l, raw->at, hint, note, "there is no fleet '%s'", raw->text);
}

static int64_t span_of(const struct scenario *s)
{
    return s->window_us > 0 ? s->window_us : s->trace.submit_us[s->trace.job_n - 1];
}

static int64_t default_sample(const struct scenario *s)
{
    static const int64_t minutes[] = { 1, 5, 15, 60, 360 };
    int64_t span_us = span_of(s);
    for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++)
        if (span_us / (minutes[i] * 60 * US_PER_S) <= SAMPLES_MAX)
            return minutes[i] * 60 * US_PER_S;
    return DAY_US;
}

void resolve_sample(struct loading *l)
{
    struct scenario *s = l->scenario;
    if (s->sample_us == 0) s->sample_us = default_sample(s);
    else if (span_of(s) / s->sample_us > WORLD_SAMPLES_MAX)
        loading_complain(l, l->raw.run.sample.at, NULL, NULL,
                         "'sample' makes %" PRId64 " samples of a fleet, more than %d",
                         span_of(s) / s->sample_us, WORLD_SAMPLES_MAX);
}

void resolve_run(struct loading *l)
{
    struct scenario *s = l->scenario;
    const struct raw_run *raw = &l->raw.run;
    resolve_uncertain(l);
    resolve_replications(l);
    s->seed = (uint64_t)value_or(&raw->seed, 1);
    if (l->settings && l->settings->seed >= 0) s->seed = (uint64_t)l->settings->seed;
    s->books_drained = value_or(&raw->books, BOOKS_WINDOW) == BOOKS_DRAINED;
    s->keep_jobs = value_or(&raw->keep_jobs, 1) != 0;
    s->keep_hours = value_or(&raw->keep_hours, 1) != 0;
    s->replay_recorded = value_or(&raw->replay, REPLAY_SCHEDULER) == REPLAY_RECORDED;
    resolve_baseline(l, &raw->baseline);
    if (s->replay_recorded && s->is_synth)
        loading_complain(l, raw->replay.at, NULL, NULL,
                         "a synthetic workload has no recorded starts to replay");
    if (s->replay_recorded && is_uncertain(s))
        loading_complain(l, raw->replay.at, NULL, NULL,
                         "recorded starts are as they were, but what is replayed is drawn");
    if (s->replay_recorded && (s->scale_jobs_ppm != PPM || s->scale_load_ppm != PPM))
        loading_complain(l, raw->replay.at, NULL, NULL,
                         "recorded starts mean nothing once the workload is scaled");
    const struct raw_fleet *fleets = l->raw.fleets.items;
    for (size_t f = 0; s->replay_recorded && f < l->raw.fleets.n; f++)
        if (fleet_fails(&fleets[f]))
            loading_complain(l, raw->replay.at, NULL, NULL,
                             "recorded starts are as they were, but nodes of the fleet '%s' fail",
                             fleets[f].self.text);
    s->sample_us = value_or(&raw->sample, 0); /* 0: settled when the span is known */
}
