/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial list`: the families of names, read from the tables that implement them. */
#include <jansson.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "models/autoscaling/autoscaler.h"
#include "models/montecarlo/engine.h"
#include "models/pricing/fleet_bill.h"
#include "models/pricing/purchase.h"
#include "models/pricing/services.h"
#include "models/reliability/duration.h"
#include "models/scheduling/policy.h"
#include "models/workload/synth.h"
#include "reports/metrics.h"
#include "scenarios/diagnostics.h"
#include "scenarios/interruptions/logs.h"
#include "scenarios/pricebook.h"
#include "scenarios/schema.h"
#include "scenarios/traces/formats.h"
#include "scenarios/traces/trace_file.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/emit/emit.h"
#include "tools/words.h"

static bool autoscaler_at(size_t i, struct family_entry *e)
{
    *e = autoscalers[i] ? (struct family_entry){ autoscalers[i]->name, autoscalers[i]->summary,
                                                 autoscalers[i]->source }
                        : (struct family_entry){ NULL, NULL, NULL };
    return e->name != NULL;
}

static bool order_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ queue_orders[i].name, queue_orders[i].summary,
                                queue_orders[i].source };
    return e->name != NULL;
}

static bool placement_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ placements[i].name, placements[i].summary, placements[i].source };
    return e->name != NULL;
}

static bool fallback_at(size_t i, struct family_entry *e)
{
    if (!fallback_kinds[i].name) return false;
    *e = (struct family_entry){ fallback_kinds[i].name, fallback_kinds[i].summary,
                                fallback_kinds[i].source };
    return true;
}

static bool gang_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ gangs[i].name, gangs[i].summary, gangs[i].source };
    return e->name != NULL;
}

static bool column_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ trace_columns[i].name, trace_columns[i].summary,
                                trace_columns[i].needed ? "needed" : "optional" };
    return e->name != NULL;
}

static bool purchase_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ purchase_options[i].name, purchase_options[i].summary,
                                purchase_options[i].source };
    return e->name != NULL;
}

static bool commitment_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ fleet_commitment_kinds[i].name, fleet_commitment_kinds[i].summary,
                                fleet_commitment_kinds[i].source };
    return e->name != NULL;
}

static bool service_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ service_kinds[i].name, service_kinds[i].summary,
                                service_kinds[i].source };
    return e->name != NULL;
}

static bool metric_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ metric_defs[i].name, metric_defs[i].description,
                                metric_defs[i].unit };
    return e->name != NULL;
}

static bool preset_at(size_t i, struct family_entry *e)
{
    if (i >= (size_t)synth_preset_count()) return false;
    const struct synth_preset *preset = synth_preset_at((int32_t)i);
    *e = (struct family_entry){ synth_preset_name(preset), synth_preset_summary(preset),
                                synth_preset_source(preset) };
    return true;
}

static bool format_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ trace_formats[i].name, trace_formats[i].summary,
                                trace_formats[i].source };
    return e->name != NULL;
}

static bool log_at(size_t i, struct family_entry *e)
{
    *e =
        (struct family_entry){ log_formats[i].name, log_formats[i].summary, log_formats[i].source };
    return e->name != NULL;
}

static bool duration_at(size_t i, struct family_entry *e)
{
    static char summary[200];
    const struct duration_family *f = &duration_families[i];
    snprintf(summary, sizeof summary, "%s: %s", f->parameters, f->summary);
    *e = (struct family_entry){ f->name, summary, f->source };
    return e->name != NULL;
}

static bool manifest_at(size_t i, struct family_entry *e)
{
    *e = emit_kinds[i] ? (struct family_entry){ emit_kinds[i]->name, emit_kinds[i]->summary,
                                                emit_kinds[i]->source }
                       : (struct family_entry){ NULL, NULL, NULL };
    return e->name != NULL;
}

static bool instance_at(size_t i, struct family_entry *e)
{
    return pricebook_entry(i, PRICEBOOK_INSTANCES, &e->name, &e->summary, &e->source);
}

static bool gpu_at(size_t i, struct family_entry *e)
{
    return pricebook_entry(i, PRICEBOOK_GPUS, &e->name, &e->summary, &e->source);
}

/* The texts hold until the next call. */
static bool key_at(size_t i, struct family_entry *e)
{
    static struct schema_key key;
    static char summary[800];
    if (!schema_key_at(i, &key)) return false;
    const struct field *f = key.field;
    snprintf(summary, sizeof summary, "%s; %s", f->help, key.value);
    *e = (struct family_entry){ key.path, summary, f->required ? "required" : f->otherwise };
    return true;
}

/* Words that an option takes and nothing else: known to help and completion, not listed. */
static bool word_at(const char *const *words, size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ words[i], "", "" };
    return words[i] != NULL;
}

static bool shell_at(size_t i, struct family_entry *e)
{
    static const char *const words[] = { "bash", "zsh", "fish", NULL };
    return word_at(words, i, e);
}

static bool colour_at(size_t i, struct family_entry *e)
{
    static const char *const words[] = { "auto", "always", "never", NULL };
    return word_at(words, i, e);
}

static bool table_format_at(size_t i, struct family_entry *e)
{
    static const char *const words[] = { "table", "md", "csv", NULL };
    return word_at(words, i, e);
}

static bool comparison_format_at(size_t i, struct family_entry *e)
{
    static const char *const words[] = { "table", "markdown", "md", NULL };
    return word_at(words, i, e);
}

static bool engine_at(size_t i, struct family_entry *e) { return word_at(engine_kinds, i, e); }

static bool report_format_at(size_t i, struct family_entry *e)
{
    static const char *const words[] = { "table", "money", "md", "csv", "json", NULL };
    return word_at(words, i, e);
}

static bool time_unit_at(size_t i, struct family_entry *e)
{
    static const char *const words[] = { "us", "ms", "s", "min", "h", NULL };
    return word_at(words, i, e);
}

static const struct {
    const char *name, *summary; /* NULL: not listed */
    bool (*at)(size_t i, struct family_entry *e);
} families[] = {
    { "autoscalers", "who asks for nodes, and sends them back", autoscaler_at },
    { "columns", "columns of the canonical trace", column_at },
    { "commitments", "what a fleet can commit to pay, used or not", commitment_at },
    { "services", "what a fleet can pay for besides its nodes", service_at },
    { "durations", "distributions of boots, repairs, times between failures", duration_at },
    { "fallbacks", "when jobs leave spot nodes for others", fallback_at },
    { "formats", "trace formats that import reads", format_at },
    { "gangs", "how a gang of GPUs is laid over nodes", gang_at },
    { "gpus", "GPU models with known facts", gpu_at },
    { "instances", "instance types of the price books that ship", instance_at },
    { "interruption-logs", "logs that trace interruptions reads", log_at },
    { "keys", "keys of a scenario, with what may stand behind them", key_at },
    { "manifests", "what plan --emit writes", manifest_at },
    { "metrics", "what is measured, with its unit", metric_at },
    { "orders", "queue orders", order_at },
    { "placements", "placements", placement_at },
    { "purchase-options", "ways to pay for a node", purchase_at },
    { "synth-presets", "fitted traces that trace synth imitates", preset_at },
    { "colours", NULL, colour_at },
    { "comparison formats", NULL, comparison_format_at },
    { "engines", NULL, engine_at },
    { "report formats", NULL, report_format_at },
    { "shells", NULL, shell_at },
    { "table formats", NULL, table_format_at },
    { "time units", NULL, time_unit_at },
};
enum { FAMILY_N = sizeof families / sizeof *families };

bool family_at(const char *family, size_t i, struct family_entry *entry)
{
    for (size_t f = 0; f < FAMILY_N; f++)
        if (strcmp(families[f].name, family) == 0) return families[f].at(i, entry);
    return false;
}

bool families_at(size_t i, struct family_entry *entry)
{
    *entry = (struct family_entry){ NULL, NULL, "" };
    if (i >= FAMILY_N || !families[i].summary) return false; /* those not listed come last */
    entry->name = families[i].name;
    entry->summary = families[i].summary;
    return true;
}

/* ---- Rows of three columns ---- */

/* Columns of the terminal; 0 where standard output is none, and lines may be of any length. */
static size_t terminal_width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Name, summary and source in three columns; where the terminal is too narrow for that, what
 * follows the name is set in lines of its width. */
static void list_rows(bool (*at)(const char *family, size_t i, struct family_entry *e),
                      const char *family)
{
    struct family_entry e;
    size_t name = 0, summary = 0, source = 0, width = terminal_width();
    for (size_t i = 0; at(family, i, &e); i++) {
        if (strlen(e.name) > name) name = strlen(e.name);
        if (strlen(e.summary) > summary) summary = strlen(e.summary);
        if (strlen(e.source) > source) source = strlen(e.source);
    }
    bool wide = width == 0 || name + summary + source + 4 < width;
    for (size_t i = 0; at(family, i, &e); i++) {
        printf("%-*s", (int)(*e.summary || *e.source ? name + 2 : 0), e.name);
        if (wide && *e.source) {
            printf("%-*s%s", (int)summary + 2, e.summary, e.source);
        } else if (wide) {
            fputs(e.summary, stdout);
        } else {
            char last[400];
            size_t column = words_put(stdout, e.summary, name + 2, name + 2, width);
            snprintf(last, sizeof last, "(%s)", e.source);
            if (*e.source) words_put(stdout, last, column, name + 2, width);
        }
        putchar('\n');
    }
}

static bool listed_family(const char *none, size_t i, struct family_entry *e)
{
    (void)none;
    return families_at(i, e);
}

static int list_json(const char *family)
{
    json_t *o = json_object(), *entries = json_array();
    struct family_entry e;
    for (size_t i = 0; family_at(family, i, &e); i++) {
        json_t *entry = json_object();
        json_object_set_new(entry, "name", json_string(e.name));
        json_object_set_new(entry, "summary", json_string(e.summary));
        json_object_set_new(entry, "source", json_string(e.source));
        json_array_append_new(entries, entry);
    }
    json_object_set_new(o, "format_version", json_string("1.0"));
    json_object_set_new(o, "family", json_string(family));
    json_object_set_new(o, "entries", entries);
    bool ok = json_dumpf(o, stdout, JSON_INDENT(2) | JSON_SORT_KEYS) == 0 && putchar('\n') != EOF;
    json_decref(o);
    return ok ? EXIT_YES : command_usage("cannot write standard output");
}

static int run_list(const struct invocation *in)
{
    struct family_entry e;
    if (invocation_argument_n(in) == 0) {
        list_rows(listed_family, NULL);
        return EXIT_YES;
    }
    const char *family = invocation_argument(in, 0), *names[FAMILY_N];
    size_t n = 0;
    bool known = false;
    for (; families_at(n, &e); n++) {
        names[n] = e.name;
        known |= strcmp(e.name, family) == 0;
    }
    if (!known) {
        args_unknown("family", family, names, n, "seatrial list");
        return EXIT_INPUT;
    }
    if (invocation_flag(in, "json")) return list_json(family);
    list_rows(family_at, family);
    return EXIT_YES;
}

static const struct option_spec list_options[] = {
    { 0, "json", NULL, false, "as JSON: name, summary and source of each", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_list = {
    "list",
    "the names there are: formats, orders, placements, instances, ...",
    "[FAMILY]",
    0,
    1,
    list_options,
    "  seatrial list                               # the families\n"
    "  seatrial list keys | grep pools             # keys of a scenario\n"
    "  seatrial list instances --json\n",
    "Prints each entry of a family: its name, a line on it, and its source, its unit or its "
    "default. "
    "Help texts and error messages "
    "read the same tables.",
    run_list,
};
