/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial list`: the families of names, read from the tables that implement them. */
#include <jansson.h>
#include <string.h>

#include "models/pricing/purchase.h"
#include "models/scheduling/policy.h"
#include "models/workload/synth.h"
#include "reports/metrics.h"
#include "scenarios/diagnostics.h"
#include "scenarios/pricebook.h"
#include "scenarios/traces/formats.h"
#include "scenarios/traces/trace_file.h"
#include "tools/args.h"
#include "tools/commands.h"

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
    *e = (struct family_entry){ synth_preset_name(preset), synth_preset_summary(preset), "" };
    return true;
}

static bool format_at(size_t i, struct family_entry *e)
{
    *e = (struct family_entry){ trace_formats[i].name, trace_formats[i].summary,
                                trace_formats[i].source };
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

static const struct {
    const char *name, *summary;
    bool (*at)(size_t i, struct family_entry *e);
} families[] = {
    { "columns", "columns of the canonical trace", column_at },
    { "formats", "trace formats that import reads", format_at },
    { "gangs", "how a gang of GPUs is laid over nodes", gang_at },
    { "gpus", "GPU models with known facts", gpu_at },
    { "instances", "instance types of the price books that ship", instance_at },
    { "metrics", "what is measured, with its unit", metric_at },
    { "orders", "queue orders", order_at },
    { "placements", "placements", placement_at },
    { "purchase-options", "ways to pay for a node", purchase_at },
    { "synth-presets", "fitted traces that trace synth imitates", preset_at },
};
enum { FAMILY_N = sizeof families / sizeof *families };

bool family_at(const char *family, size_t i, struct family_entry *entry)
{
    for (size_t f = 0; f < FAMILY_N; f++)
        if (strcmp(families[f].name, family) == 0) return families[f].at(i, entry);
    return false;
}

static int list_families(void)
{
    for (size_t f = 0; f < FAMILY_N; f++)
        printf("%-18s %s\n", families[f].name, families[f].summary);
    return EXIT_YES;
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
    if (invocation_argument_n(in) == 0) return list_families();
    const char *family = invocation_argument(in, 0), *names[FAMILY_N];
    bool known = false;
    for (size_t f = 0; f < FAMILY_N; f++) {
        names[f] = families[f].name;
        known |= strcmp(names[f], family) == 0;
    }
    if (!known) {
        args_unknown("family", family, names, FAMILY_N, "seatrial list");
        return EXIT_INPUT;
    }
    if (invocation_flag(in, "json")) return list_json(family);
    for (size_t i = 0; family_at(family, i, &e); i++) printf("%-28s %s\n", e.name, e.summary);
    return EXIT_YES;
}

static const struct option_spec list_options[] = {
    { 0, "json", NULL, false, "as JSON", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_list = {
    "list",
    "the names there are: formats, orders, placements, instances, ...",
    "[FAMILY]",
    0,
    1,
    list_options,
    "  seatrial list\n  seatrial list orders\n  seatrial list instances --json\n",
    "Prints each entry of a family of names with a line on it. Help texts and error messages read "
    "the same tables.",
    run_list,
};
