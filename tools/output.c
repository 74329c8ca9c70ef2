/* SPDX-License-Identifier: Apache-2.0 */
/* Messages with their exit codes, and files that are whole or not there. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/command.h"

/* Messages may quote file names and input: control bytes never reach the terminal. */
static void print_safe(const char *prefix, const char *message)
{
    fputs(prefix, stderr);
    for (const char *c = message; *c; c++)
        fputc(((unsigned char)*c < 32 || *c == 127) && *c != '\n' ? '?' : *c, stderr);
    fputc('\n', stderr);
}

int command_fail(const struct error *err)
{
    print_safe("seatrial: error: ", err->message);
    switch (err->status) {
    case STATUS_OK: return EXIT_YES;
    case STATUS_BAD_INPUT:
    case STATUS_IO: return EXIT_INPUT;
    case STATUS_INTERRUPTED: return EXIT_RESUMABLE;
    case STATUS_NO_MEMORY:
    case STATUS_BUG: break;
    }
    return EXIT_BUG;
}

int command_usage(const char *format, ...)
{
    char message[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    print_safe("seatrial: error: ", message);
    return EXIT_INPUT;
}

enum status output_open(struct output *out, const char *path, struct error *err)
{
    memset(out, 0, sizeof *out);
    if (strcmp(path, "-") == 0) {
        out->file = stdout;
        return STATUS_OK;
    }
    struct stat there;
    bool exists = stat(path, &there) == 0;
    if (exists &&
        !S_ISREG(there.st_mode)) { /* a device or a pipe is written to and stays what it is */
        int special = open(path, O_WRONLY | O_CLOEXEC);
        out->file = special >= 0 ? fdopen(special, "w") : NULL;
        if (out->file && (out->path = strdup(path)) != NULL) return STATUS_OK;
        enum status status =
            error_set(err, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
        if (out->file) fclose(out->file);
        else if (special >= 0) close(special);
        memset(out, 0, sizeof *out);
        return status;
    }
    out->path = exists ? realpath(path, NULL) : strdup(path); /* a link stays a link */
    size_t n = out->path ? strlen(out->path) + 16 : 0;
    out->temporary = malloc(n);
    if (!out->path || !out->temporary) {
        output_abandon(out);
        return error_set(err, STATUS_NO_MEMORY, "out of memory");
    }
    snprintf(out->temporary, n, "%s.tmp-XXXXXX", out->path);
    int fd = mkstemp(out->temporary);
    if (fd < 0 || !(out->file = fdopen(fd, "w"))) {
        enum status status =
            error_set(err, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
            unlink(out->temporary);
        }
        free(out->temporary);
        out->temporary = NULL;
        output_abandon(out);
        return status;
    }
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask); /* mkstemp makes private files; a report is like any other file */
    return STATUS_OK;
}

enum status output_commit(struct output *out, struct error *err)
{
    const char *path = out->path ? out->path : "standard output";
    bool ok = fflush(out->file) == 0 && !ferror(out->file);
    if (ok && out->temporary) ok = fsync(fileno(out->file)) == 0;
    int why = errno;
    if (out->path) {
        ok = fclose(out->file) == 0 && ok;
        out->file = NULL;
        if (ok && out->temporary && rename(out->temporary, out->path) != 0) {
            ok = false;
            why = errno;
        }
    }
    if (!ok) error_set(err, STATUS_IO, "cannot write %s: %s", path, strerror(why ? why : EIO));
    if (ok) {
        free(out->temporary);
        out->temporary = NULL;
    }
    output_abandon(out);
    return ok ? STATUS_OK : STATUS_IO;
}

void output_abandon(struct output *out)
{
    if (out->path && out->file) fclose(out->file);
    if (out->temporary) unlink(out->temporary);
    free(out->temporary);
    free(out->path);
    memset(out, 0, sizeof *out);
}
