/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/image.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/pricebook.h"
#include "tools/command.h"

static const char containerfile[] =
    "# The program, its price tables and the scenario's files, for the pods of job.yaml.\n"
    "# The program was built where this was written; a base with older libraries does not run it.\n"
    "FROM docker.io/library/debian:bookworm-slim\n"
    "RUN apt-get update && apt-get install -y --no-install-recommends \\\n"
    "        libgsl27 libgslcblas0 libglpk40 libsqlite3-0 libyaml-0-2 libjansson4 zlib1g libzstd1 "
    "\\\n"
    "        liblzma5 libgomp1 && rm -rf /var/lib/apt/lists/*\n"
    "COPY --chmod=755 seatrial " IMAGE_PROGRAM "\n"
    "COPY prices/ /usr/local/share/seatrial/prices/\n"
    "COPY scenario/ " IMAGE_SCENARIO "/\n"
    "USER 10001:10001\n"
    "ENTRYPOINT [\"" IMAGE_PROGRAM "\"]\n";

static enum status copy(const char *from, const char *to, mode_t mode, struct error *err)
{
    struct output out;
    char buffer[65536];
    FILE *in = fopen(from, "re");
    if (!in) return error_set(err, STATUS_IO, "cannot read %s: %s", from, strerror(errno));
    enum status status = output_open(&out, to, err);
    if (status == STATUS_OK) {
        for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
            fwrite(buffer, 1, n, out.file); /* the commit looks whether it was taken */
        if (ferror(in)) {
            status = error_set(err, STATUS_IO, "cannot read %s: %s", from, strerror(errno));
            output_abandon(&out);
        } else {
            fchmod(fileno(out.file), mode);
            status = output_commit(&out, err);
        }
    }
    fclose(in);
    return status;
}

/* Every folder that the path of a file runs through. */
static enum status make_folders(char *path, struct error *err)
{
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        bool ok = mkdir(path, 0777) == 0 || errno == EEXIST;
        if (!ok) error_set(err, STATUS_IO, "cannot make the folder %s: %s", path, strerror(errno));
        *slash = '/';
        if (!ok) return STATUS_IO;
    }
    return STATUS_OK;
}

/* FROM to FOLDER/image/NAME. */
static enum status into(const struct directory *d, const char *from, const char *name, mode_t mode,
                        struct error *err)
{
    size_t n = strlen(name) + 16;
    char *inside = malloc(n), *to = NULL;
    if (inside) {
        snprintf(inside, n, "image/%s", name);
        to = directory_path(d, inside);
    }
    enum status status =
        to ? make_folders(to, err) : error_set(err, STATUS_NO_MEMORY, "out of memory");
    if (status == STATUS_OK) status = copy(from, to, mode, err);
    free(to);
    free(inside);
    return status;
}

static enum status copy_prices(const struct directory *d, struct error *err)
{
    char folder[4200];
    enum status status = STATUS_OK;
    DIR *dir = pricebook_folder(folder, sizeof folder) ? opendir(folder) : NULL;
    if (!dir) return error_set(err, STATUS_IO, "cannot read the shipped price tables");
    for (struct dirent *e; status == STATUS_OK && (e = readdir(dir));) {
        char from[4500], name[300];
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 4, ".csv") != 0) continue;
        snprintf(from, sizeof from, "%s/%s", folder, e->d_name);
        snprintf(name, sizeof name, "prices/%s", e->d_name);
        status = into(d, from, name, 0644, err);
    }
    closedir(dir);
    return status;
}

/* A file that the scenario names, by the path that leads to it from the scenario's folder: own[0 ..
 * n).
 */
static enum status copy_input(const struct directory *d, const char *real, const char *own,
                              size_t n, const char *scenario, struct error *err)
{
    char name[PATH_MAX + 16];
    if (strstr(scenario, real) || strncmp(real, own, n) != 0 || real[n] != '/')
        return error_set(err, STATUS_BAD_INPUT,
                         "a container has no %s; name it in the scenario by a path beneath the "
                         "scenario's own folder",
                         real);
    if (strcmp(real + n, "/scenario.yaml") == 0)
        return error_set(err, STATUS_BAD_INPUT,
                         "%s has the name that the scenario itself has in a container", real);
    snprintf(name, sizeof name, "scenario%s", real + n);
    return into(d, real, name, 0644, err);
}

static enum status copy_inputs(const struct directory *d, const char *const *inputs,
                               const char *scenario, struct error *err)
{
    char *own = realpath(d->plan.scenario, NULL);
    enum status status = STATUS_OK;
    if (!own)
        return error_set(err, STATUS_IO, "cannot read %s: %s", d->plan.scenario, strerror(errno));
    size_t n = (size_t)(strrchr(own, '/') - own);
    for (size_t i = 0; inputs && inputs[i] && status == STATUS_OK; i++) {
        if (strncmp(inputs[i], "shipped/", 8) == 0) continue;
        char *real = realpath(inputs[i], NULL);
        if (!real)
            status = error_set(err, STATUS_IO, "cannot read %s: %s", inputs[i], strerror(errno));
        else if (strcmp(real, own) != 0) /* the scenario itself comes by the ConfigMap */
            status = copy_input(d, real, own, n, scenario, err);
        free(real);
    }
    free(own);
    return status;
}

enum status image_write(const struct directory *d, const char *const *inputs, const char *scenario,
                        struct error *err)
{
    enum status status = into(d, d->plan.program, "seatrial", 0755, err);
    if (status == STATUS_OK) status = copy_prices(d, err);
    /* The folder is there even where the scenario names no file: COPY wants it. */
    if (status == STATUS_OK)
        status = into(d, d->plan.scenario, "scenario/scenario.yaml", 0644, err);
    if (status == STATUS_OK) status = copy_inputs(d, inputs, scenario, err);
    if (status == STATUS_OK)
        status =
            directory_write(d, "image/Containerfile", containerfile, sizeof containerfile - 1, err);
    return status;
}
