/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sides.h"

#include <errno.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/scenario_input.h"
#include "tools/simulation.h"

static int no_memory(void)
{
    struct error err;
    error_set(&err, STATUS_NO_MEMORY, "out of memory");
    return command_fail(&err);
}

/* ---- Files ---- */

/* A database by its first bytes, or by its name; all else is a scenario. */
static bool is_results(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic] = "";
    size_t n = strlen(path);
    if (strcmp(path, "-") == 0) return false;
    if (n > 3 && strcmp(path + n - 3, ".db") == 0) return true;
    FILE *in = fopen(path, "rb");
    bool is = in && fread(head, 1, sizeof head, in) == sizeof head &&
              memcmp(head, magic, sizeof magic) == 0;
    if (in) fclose(in);
    return is;
}

/* A folder of our own with a name for a results file in it. */
struct temporary {
    char folder[600], path[640];
};

static bool temporary_make(struct temporary *t)
{
    const char *base = getenv("TMPDIR");
    snprintf(t->folder, sizeof t->folder, "%.500s/seatrial-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(t->folder)) return false;
    snprintf(t->path, sizeof t->path, "%s/results.db", t->folder);
    return true;
}

static void temporary_remove(const struct temporary *t)
{
    static const char *const ends[] = { "", ".partial", ".partial-journal", "-journal" };
    char path[700];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s%s", t->path, ends[i]);
        unlink(path);
    }
    rmdir(t->folder);
}

static int simulate(const struct invocation *in, const struct scenario *s, const char *path,
                    bool is_kept, struct report_data *data)
{
    struct error err = { STATUS_OK, "" };
    long long threads = omp_get_num_procs();
    if (!option_int64(in, "threads", 1, 1024, &threads)) return EXIT_INPUT;
    struct simulation sim = { .scenario = s,
                              .path = path,
                              .line = invocation_line(in),
                              .threads = (int)threads,
                              .quiet = invocation_flag(in, "quiet"),
                              .is_kept = is_kept };
    int code = simulation_run(&sim);
    if (code == EXIT_YES && report_data_read(path, false, data, &err) != STATUS_OK)
        code = command_fail(&err);
    else if (code == EXIT_YES && !sim.quiet && *data->notes) scenario_notes(data->notes);
    if (code == EXIT_YES && is_kept && !sim.quiet) fprintf(stderr, "  Saved %s\n", path);
    return code;
}

/* A scenario, into its -o or a file that goes when it is read. */
static int open_scenario(const struct invocation *in, const char *path, const char *kept,
                         struct report_data *data)
{
    struct scenario s;
    struct temporary temporary;
    long long replications = 0, seed = -1;
    int code;
    if (!option_int64(in, "replications", 1, 100000, &replications) ||
        !option_int64(in, "seed", 0, INT64_MAX, &seed))
        return EXIT_INPUT;
    const struct scenario_settings settings = { .replications = (int32_t)replications,
                                                .seed = seed };
    if (!scenario_input_of(in, path, &settings, &s, &code)) return code;
    if (kept) {
        code = simulate(in, &s, kept, true, data);
    } else if (temporary_make(&temporary)) {
        code = simulate(in, &s, temporary.path, false, data);
        temporary_remove(&temporary);
    } else {
        code = command_usage("cannot make %s: %s", temporary.folder, strerror(errno));
    }
    scenario_free(&s);
    return code;
}

static int open_files(const struct invocation *in, struct sides *s)
{
    struct error err = { STATUS_OK, "" };
    size_t n = invocation_argument_n(in), scenarios = 0, from_stdin = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        const char *path = invocation_argument(in, i);
        scenarios += !is_results(path);
        from_stdin += strcmp(path, "-") == 0;
    }
    while (invocation_option_at(in, "output", kept)) kept++;
    if (from_stdin > 1) return command_usage("standard input can be read only once");
    if (kept > scenarios)
        return command_usage("-o keeps what is simulated: there are %zu for %zu scenario%s", kept,
                             scenarios, scenarios == 1 ? "" : "s");
    static const char *const of_scenarios[] = { "replications", "seed", "threads" };
    for (int i = 0; i < 3; i++)
        if (scenarios == 0 && invocation_option(in, of_scenarios[i]))
            return command_usage("--%s is for scenarios, and none is given", of_scenarios[i]);
    for (size_t i = 0, k = 0; i < n; i++) {
        const char *path = invocation_argument(in, i);
        int code = EXIT_YES;
        s->names[i] = strcmp(path, "-") == 0 ? "standard input" : path;
        if (!is_results(path))
            code = open_scenario(in, path, invocation_option_at(in, "output", k++), &s->files[i]);
        else if (report_data_read(path, false, &s->files[i], &err) != STATUS_OK)
            code = command_fail(&err);
        if (code != EXIT_YES) return code;
        s->file_n++;
    }
    return EXIT_YES;
}

/* ---- Fleets ---- */

static int32_t fleet_named(const struct report_data *d, const char *name)
{
    for (int32_t f = 0; f < d->fleet_n; f++)
        if (strcmp(d->fleets[f].name, name) == 0) return f;
    return -1;
}

static int no_fleet(const struct sides *s, size_t file, const char *name)
{
    const struct report_data *d = &s->files[file];
    char known[400], hint[HINT_MAX];
    const char **words = malloc((size_t)(d->fleet_n + 1) * sizeof *words);
    size_t n = 0;
    if (!words) return no_memory();
    for (int32_t f = 0; f < d->fleet_n; f++) {
        words[f] = d->fleets[f].name;
        if (n < sizeof known)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", f ? ", " : "", words[f]);
    }
    did_you_mean(hint, name, words, (size_t)d->fleet_n);
    free(words);
    return command_usage("%s has no fleet '%.64s'%s%s%s; it has: %s", s->names[file], name,
                         *hint ? " (" : "", hint, *hint ? ")" : "", known);
}

/* The same side is there only once. Its position. */
static size_t side_of(struct sides *s, size_t file, int32_t fleet)
{
    for (size_t i = 0; i < s->side_n; i++)
        if (s->sides[i].data == &s->files[file] && s->sides[i].fleet == fleet) return i;
    s->sides[s->side_n] = (struct contrast_side){ &s->files[file], fleet, s->names[file], "" };
    return s->side_n++;
}

static void add_pair(struct sides *s, size_t reference, size_t file, int32_t fleet)
{
    size_t side = side_of(s, file, fleet);
    for (size_t p = 0; p < s->pair_n; p++)
        if (s->pairs[p].reference == reference && s->pairs[p].side == side) return;
    if (side != reference) s->pairs[s->pair_n++] = (struct contrast_pair){ reference, side };
}

/* All against one. */
static int pair_with_one(const struct invocation *in, struct sides *s)
{
    const char *first = invocation_option_at(in, "fleet", 0),
               *named = invocation_option(in, "reference");
    const char *name = named ? named : first;
    int32_t fleet = name ? fleet_named(&s->files[0], name) : s->files[0].baseline;
    if (fleet < 0) return no_fleet(s, 0, name);
    size_t reference = side_of(s, 0, fleet);
    for (size_t i = 0; (name = invocation_option_at(in, "fleet", i)); i++) {
        bool any = false;
        for (size_t file = 0; file < s->file_n; file++)
            if ((fleet = fleet_named(&s->files[file], name)) >= 0) {
                add_pair(s, reference, file, fleet);
                any = true;
            }
        if (!any) return no_fleet(s, s->file_n - 1, name);
    }
    for (size_t file = 0; !first && file < s->file_n; file++)
        for (int32_t f = 0; f < s->files[file].fleet_n; f++) add_pair(s, reference, file, f);
    if (s->pair_n == 0)
        return command_usage("%s: nothing to compare with fleet '%s': name another fleet or file",
                             s->names[0], s->files[0].fleets[s->sides[0].fleet].name);
    return EXIT_YES;
}

/* Fleets that one file has and another not are told of, and left out. */
static void say_left_out(const struct sides *s, size_t in_file, size_t not_in)
{
    const struct report_data *d = &s->files[in_file];
    for (int32_t f = 0; f < d->fleet_n; f++) {
        if (fleet_named(&s->files[not_in], d->fleets[f].name) >= 0) continue;
        fputs("  note: fleet '", stderr);
        print_safe(stderr, d->fleets[f].name);
        fputs("' of ", stderr);
        print_safe(stderr, s->names[in_file]);
        fputs(" is left out: ", stderr);
        print_safe(stderr, s->names[not_in]);
        fputs(" has none of that name\n", stderr);
    }
}

/* Each file against the first. */
static int pair_by_name(const struct invocation *in, struct sides *s)
{
    const struct report_data *first = &s->files[0];
    const char *name;
    bool single = !invocation_option(in, "fleet");
    for (size_t file = 0; file < s->file_n; file++) single &= s->files[file].fleet_n == 1;
    for (size_t i = 0; (name = invocation_option_at(in, "fleet", i)); i++)
        for (size_t file = 0; file < s->file_n; file++) {
            int32_t fleet = fleet_named(&s->files[file], name);
            if (fleet < 0) return no_fleet(s, file, name);
            if (file > 0) add_pair(s, side_of(s, 0, fleet_named(first, name)), file, fleet);
        }
    for (int32_t f = 0; !invocation_option(in, "fleet") && f < first->fleet_n; f++)
        for (size_t file = 1; file < s->file_n; file++) {
            int32_t fleet = single ? 0 : fleet_named(&s->files[file], first->fleets[f].name);
            if (fleet >= 0) add_pair(s, side_of(s, 0, f), file, fleet);
        }
    if (s->pair_n == 0)
        return command_usage("%s and %s have no fleet of one name: name a --reference of the first",
                             s->names[0], s->names[1]);
    bool told = single || invocation_option(in, "fleet") || invocation_flag(in, "quiet");
    for (size_t file = 1; !told && file < s->file_n; file++) {
        say_left_out(s, 0, file);
        say_left_out(s, file, 0);
    }
    return EXIT_YES;
}

/* ---- Labels ---- */

static const char *fleet_name(const struct contrast_side *s)
{
    return s->data->fleets[s->fleet].name;
}

/* The fleet where no two sides have one of that name, else the file, else both. */
static int label(struct sides *s)
{
    bool fleets = true, files = true;
    for (size_t i = 0; i < s->side_n; i++)
        for (size_t k = 0; k < i; k++) {
            fleets &= strcmp(fleet_name(&s->sides[i]), fleet_name(&s->sides[k])) != 0;
            files &= strcmp(s->sides[i].file, s->sides[k].file) != 0;
        }
    for (size_t i = 0; i < s->side_n; i++) {
        const char *fleet = fleet_name(&s->sides[i]), *file = s->sides[i].file;
        size_t n = strlen(fleet) + strlen(file) + 4;
        if (!(s->labels[i] = malloc(n))) return no_memory();
        if (fleets) snprintf(s->labels[i], n, "%s", fleet);
        else if (files) snprintf(s->labels[i], n, "%s", file);
        else snprintf(s->labels[i], n, "%s (%s)", fleet, file);
        s->sides[i].label = s->labels[i];
    }
    return EXIT_YES;
}

int sides_open(const struct invocation *in, struct sides *s)
{
    size_t n = invocation_argument_n(in), most = 1;
    *s = (struct sides){ 0 };
    s->files = calloc(n + 1, sizeof *s->files);
    s->names = calloc(n + 1, sizeof *s->names);
    if (!s->files || !s->names) return no_memory();
    int code = open_files(in, s);
    if (code != EXIT_YES) return code;
    for (size_t file = 0; file < s->file_n; file++) most += (size_t)s->files[file].fleet_n;
    s->sides = calloc(most, sizeof *s->sides);
    s->labels = calloc(most, sizeof *s->labels);
    s->pairs = calloc(most, sizeof *s->pairs);
    if (!s->sides || !s->labels || !s->pairs) return no_memory();
    code = s->file_n == 1 || invocation_option(in, "reference") ? pair_with_one(in, s)
                                                                : pair_by_name(in, s);
    return code == EXIT_YES ? label(s) : code;
}

void sides_free(struct sides *s)
{
    for (size_t i = 0; i < s->side_n; i++) free(s->labels[i]);
    for (size_t i = 0; i < s->file_n; i++) report_data_free(&s->files[i]);
    free(s->files);
    free(s->names);
    free(s->sides);
    free(s->labels);
    free(s->pairs);
    *s = (struct sides){ 0 };
}
