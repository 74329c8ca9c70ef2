/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/directory.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scenarios/hash.h"
#include "tools/command.h"
#include "tools/shell_word.h"

enum { DIRECTORY_FORMAT = 1 };

static const char *const folders[] = { "shards", "attempts", "logs" };

char *directory_path(const struct directory *d, const char *name)
{
    size_t n = strlen(d->path) + strlen(name) + 2;
    char *path = malloc(n);
    if (path) snprintf(path, n, "%s/%s", d->path, name);
    return path;
}

char *directory_shard(const struct directory *d, int32_t shard)
{
    char name[40];
    snprintf(name, sizeof name, "shards/%05d.db", shard);
    return directory_path(d, name);
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, "out of memory");
}

enum status directory_write(const struct directory *d, const char *name, const char *text, size_t n,
                            struct error *err)
{
    struct output out;
    char *path = directory_path(d, name);
    if (!path) return no_memory(err);
    enum status status = output_open(&out, path, err);
    free(path);
    if (status != STATUS_OK) return status;
    if (n) fwrite(text, 1, n, out.file); /* the commit looks whether it was taken */
    return output_commit(&out, err);
}

void directory_job_name(const struct directory *d, char name[40])
{
    struct sha256 hash;
    char hex[65];
    sha256_init(&hash);
    sha256_add(&hash, d->path, strlen(d->path));
    sha256_end(&hash, hex);
    snprintf(name, 40, "seatrial-%.12s-%.8s", d->plan.id, hex);
}

/* ---- sweep.json ---- */

static json_t *plan_json(const struct sweep_plan *p)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:i, s:I, s:i, s:{s:f, s:I}}", "format",
                     DIRECTORY_FORMAT, "id", p->id, "version", p->version, "scenario", p->scenario,
                     "program", p->program, "points", (json_int_t)p->points, "replications",
                     p->replications, "seed", (json_int_t)p->seed, "shards", p->shards, "pilot",
                     "seconds", p->pilot_s, "kib", (json_int_t)p->pilot_kib);
}

static bool is_id(const char *id)
{
    size_t n = strspn(id, "0123456789abcdef");
    return n >= 12 && n <= 64 && id[n] == '\0';
}

/* Takes the plan out of json; what is not as this program wrote it is refused. */
static enum status plan_read(const char *path, json_t *json, struct sweep_plan *p,
                             struct error *err)
{
    int format = 0, replications = 0, shards = 0;
    json_int_t points = 0, kib = 0, seed = -1;
    json_error_t wrong = { .text = "" };
    if (json_unpack_ex(json, &wrong, 0, "{s:i}", "format", &format) == 0 &&
        format != DIRECTORY_FORMAT)
        return error_set(err, STATUS_BAD_INPUT, "%s has format %d; this program reads format %d",
                         path, format, DIRECTORY_FORMAT);
    if (json_unpack_ex(json, &wrong, JSON_STRICT,
                       "{s:i, s:s, s:s, s:s, s:s, s:I, s:i, s:I, s:i, s:{s:F, s:I}}", "format",
                       &format, "id", &p->id, "version", &p->version, "scenario", &p->scenario,
                       "program", &p->program, "points", &points, "replications", &replications,
                       "seed", &seed, "shards", &shards, "pilot", "seconds", &p->pilot_s, "kib",
                       &kib) != 0)
        return error_set(err, STATUS_BAD_INPUT, "%s is not the plan of a sweep: %s", path,
                         wrong.text);
    if (!is_id(p->id) || points < 1 || replications < 0 || seed < -1 || shards < 1 ||
        shards > SWEEP_SHARDS_MAX || shards > points || !(p->pilot_s >= 0.0) || kib < 0)
        return error_set(err, STATUS_BAD_INPUT, "%s is not the plan of a sweep: %s", path,
                         !is_id(p->id) ? "its id" : "its numbers");
    p->points = points;
    p->replications = replications;
    p->seed = seed;
    p->shards = shards;
    p->pilot_kib = kib;
    return STATUS_OK;
}

enum status directory_open(struct directory *d, const char *path, struct error *err)
{
    json_error_t wrong;
    memset(d, 0, sizeof *d);
    d->path = realpath(path, NULL);
    if (!d->path) return error_set(err, STATUS_IO, "cannot open %s: %s", path, strerror(errno));
    char *file = directory_path(d, "sweep.json");
    if (!file) {
        directory_free(d);
        return no_memory(err);
    }
    enum status status = STATUS_OK;
    struct stat there;
    if (stat(file, &there) != 0)
        status = error_set(err, STATUS_BAD_INPUT,
                           "%s is not the folder of a sweep: it has no "
                           "sweep.json",
                           path);
    else if (!(d->json = json_load_file(file, JSON_REJECT_DUPLICATES, &wrong)))
        status =
            error_set(err, STATUS_BAD_INPUT, "%s is not the plan of a sweep: %s", file, wrong.text);
    else status = plan_read(file, d->json, &d->plan, err);
    free(file);
    if (status != STATUS_OK) directory_free(d);
    return status;
}

void directory_free(struct directory *d)
{
    json_decref(d->json);
    free(d->path);
    memset(d, 0, sizeof *d);
}

/* ---- A new folder ---- */

/* Nothing in it, or only what a directory_create that was killed left. */
static bool is_new(const char *path)
{
    DIR *dir = opendir(path);
    bool fresh = dir != NULL;
    for (struct dirent *e; fresh && (e = readdir(dir));) {
        fresh = e->d_name[0] == '.' || strncmp(e->d_name, "sweep.json.tmp-", 15) == 0;
        for (size_t i = 0; !fresh && i < sizeof folders / sizeof *folders; i++)
            fresh = strcmp(e->d_name, folders[i]) == 0;
    }
    if (dir) closedir(dir);
    return fresh;
}

static enum status make_folder(const char *path, struct error *err)
{
    struct stat there;
    if (mkdir(path, 0777) == 0) return STATUS_OK;
    if (errno == EEXIST && stat(path, &there) == 0 && S_ISDIR(there.st_mode)) return STATUS_OK;
    return error_set(err, STATUS_IO, "cannot make the folder %s: %s", path, strerror(errno));
}

static enum status write_plan(const struct directory *d, const struct sweep_plan *plan,
                              struct error *err)
{
    json_t *json = plan_json(plan);
    if (!json)
        return error_set(err, STATUS_BAD_INPUT,
                         "the path of the scenario or of the program is not UTF-8");
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    json_decref(json);
    char *line = NULL;
    int n = text ? asprintf(&line, "%s\n", text) : -1;
    enum status status =
        n < 0 ? no_memory(err) : directory_write(d, "sweep.json", line, (size_t)n, err);
    if (n >= 0) free(line);
    free(text);
    return status;
}

static enum status fill_folder(const char *path, const struct sweep_plan *plan, struct error *err)
{
    struct directory d = { .path = realpath(path, NULL) };
    enum status status = STATUS_OK;
    if (!d.path) return error_set(err, STATUS_IO, "cannot open %s: %s", path, strerror(errno));
    if (!is_new(d.path))
        status = error_set(err, STATUS_BAD_INPUT,
                           "%s holds other files and no sweep.json; a sweep wants a folder of its "
                           "own",
                           path);
    for (size_t i = 0; status == STATUS_OK && i < sizeof folders / sizeof *folders; i++) {
        char *folder = directory_path(&d, folders[i]);
        status = folder ? make_folder(folder, err) : no_memory(err);
        free(folder);
    }
    /* Last: a folder with a sweep.json has all the rest. */
    if (status == STATUS_OK) status = write_plan(&d, plan, err);
    free(d.path);
    return status;
}

/* The sweep that the folder holds is the one that is asked for. */
static enum status same_plan(const struct directory *d, const struct sweep_plan *asked,
                             struct error *err)
{
    const struct sweep_plan *p = &d->plan;
    if (strcmp(p->id, asked->id) != 0 || p->points != asked->points ||
        p->replications != asked->replications || p->seed != asked->seed)
        return error_set(err, STATUS_BAD_INPUT,
                         "%s holds another sweep (%.12s, of %lld points); choose another folder",
                         d->path, p->id, (long long)p->points);
    if (strcmp(p->version, asked->version) != 0)
        return error_set(err, STATUS_BAD_INPUT,
                         "%s was planned by seatrial %s, not %s; choose another folder", d->path,
                         p->version, asked->version);
    if (p->shards != asked->shards)
        return error_set(err, STATUS_BAD_INPUT, "%s holds this sweep in %d shards, not %d", d->path,
                         p->shards, asked->shards);
    return STATUS_OK;
}

enum status directory_create(struct directory *d, const char *path, const struct sweep_plan *plan,
                             struct error *err)
{
    struct stat there;
    memset(d, 0, sizeof *d);
    enum status status = make_folder(path, err);
    if (status != STATUS_OK) return status;
    const struct directory asked = { .path = (char *)path };
    char *file = directory_path(&asked, "sweep.json");
    if (!file) return no_memory(err);
    bool is_there = stat(file, &there) == 0;
    free(file);
    if (!is_there && (status = fill_folder(path, plan, err)) != STATUS_OK) return status;
    if ((status = directory_open(d, path, err)) != STATUS_OK) return status;
    if ((status = same_plan(d, plan, err)) != STATUS_OK) directory_free(d);
    return status;
}

void directory_say(const struct directory *d, const char *before, const char *inside, FILE *out)
{
    char *path;
    fputs(before, out);
    if (asprintf(&path, "%s%s", d->path, inside) < 0) return;
    shell_word_shown(out, path);
    free(path);
}
