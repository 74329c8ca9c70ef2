/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial merge`: the shards of a sweep. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scenarios/diagnostics.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/sweep/merge.h"

static volatile int stop_asked;

struct files {
    char **paths;
    size_t n;
};

static bool add_file(struct files *f, const char *path)
{
    char **more = realloc(f->paths, (f->n + 1) * sizeof *more);
    if (!more) return false;
    f->paths = more;
    return (f->paths[f->n] = strdup(path)) && ++f->n;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

/* The files of a folder that are whole: *.db, by name. */
static bool add_folder(struct files *f, const char *folder)
{
    DIR *dir = opendir(folder);
    size_t from = f->n;
    bool good = dir;
    if (!dir) return false;
    for (struct dirent *entry; good && (entry = readdir(dir));) {
        size_t n = strlen(entry->d_name);
        char *path;
        if (n < 4 || strcmp(entry->d_name + n - 3, ".db") != 0) continue;
        good = asprintf(&path, "%s/%s", folder, entry->d_name) >= 0;
        if (good) {
            good = add_file(f, path);
            free(path);
        }
    }
    closedir(dir);
    qsort(f->paths + from, f->n - from, sizeof *f->paths, by_name);
    return good;
}

static void free_files(struct files *f)
{
    for (size_t i = 0; i < f->n; i++) free(f->paths[i]);
    free(f->paths);
}

static void print_lines(char *text)
{
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        fputs("seatrial: error: ", stderr);
        print_safe(stderr, line);
        fputc('\n', stderr);
    }
}

static int say(const struct invocation *in, const struct merge_report *r, const char *output)
{
    bool quiet = invocation_flag(in, "quiet");
    if (!quiet)
        fprintf(stderr, "  %" PRId64 " of %" PRId64 " points merged%s\n", r->merged, r->points,
                r->twice ? "; some were in several files, the same in each" : "");
    if (r->missing)
        fprintf(stderr, "seatrial: %" PRId64 " point%s missing: %s\n", r->missing,
                r->missing == 1 ? " is" : "s are", r->missing_text);
    if (!quiet && r->written) fprintf(stderr, "  Saved %s\n", output);
    else if (!r->written)
        fprintf(stderr, "  Nothing was written; --partial writes what there is\n");
    return r->missing ? EXIT_RESUMABLE : EXIT_YES;
}

static int run_merge(const struct invocation *in)
{
    struct files files = { 0 };
    struct merge_report report = { 0 };
    struct error err = { STATUS_OK, "" };
    const char *output = invocation_option(in, "output");
    int code = EXIT_YES;
    if (!output) return command_usage("merge wants the file that it makes: -o FILE.db");
    if (strcmp(output, "-") == 0)
        return command_usage("a results file cannot go to standard output");
    for (size_t i = 0; i < invocation_argument_n(in) && code == EXIT_YES; i++) {
        const char *path = invocation_argument(in, i);
        struct stat st;
        bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
        if (!(is_folder ? add_folder(&files, path) : add_file(&files, path)))
            code = command_usage("cannot list %s: %s", path, strerror(errno));
    }
    if (code == EXIT_YES && files.n == 0) code = command_usage("there are no files to merge");
    if (code == EXIT_YES) {
        const struct merge_request request = { .files = (const char *const *)files.paths,
                                               .n = files.n,
                                               .output = output,
                                               .rerun = invocation_line(in),
                                               .partial = invocation_flag(in, "partial"),
                                               .stop = &stop_asked };
        process_catch(&stop_asked);
        enum status status = sweep_merge(&request, &report, &err);
        process_catch(NULL);
        if (report.problems) print_lines(report.problems);
        code = status ? command_fail(&err) : say(in, &report, output);
    }
    merge_report_free(&report);
    free_files(&files);
    return code;
}

static const struct option_spec merge_options[] = {
    { 'o', "output", "FILE.db", false, "the file that is made", NULL },
    { 0, "partial", NULL, false, "write it also where points are missing", NULL },
    { 'q', "quiet", NULL, false, "say only what is missing", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_merge = {
    "merge",
    "merge the shards of a sweep into one file",
    "FILE.db|FOLDER...",
    1,
    100000,
    merge_options,
    "  seatrial merge sweep/shards -o sweep.db             # a folder: all *.db in it\n"
    "  seatrial merge 0.db 1.db 2.db -o sweep.db\n"
    "  seatrial merge sweep/shards -o sweep.db --partial   # what there is by now\n",
    "Checks every file (SQLite's integrity check, the sweep it is of, its points) and writes one, "
    "the same as a sweep on one machine writes. A point that is in several files is taken once, "
    "and "
    "must be the same in each. Exits with 3 where points are missing, and says which; then nothing "
    "is written, unless with --partial. Merging again gives the same file.",
    run_merge,
};
