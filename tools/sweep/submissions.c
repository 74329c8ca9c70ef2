/* SPDX-License-Identifier: Apache-2.0 */
/* submissions.jsonl of a sweep's folder, which is also what programs lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "tools/sweep/directory.h"

static int open_submissions(const struct directory *d, int flags, struct error *err)
{
    char *path = directory_path(d, "submissions.jsonl");
    int fd = path ? open(path, flags | O_CLOEXEC, 0666) : -1;
    if (!path) error_set(err, STATUS_NO_MEMORY, "out of memory");
    else if (fd < 0 && !(errno == ENOENT && !(flags & O_CREAT)))
        error_set(err, STATUS_IO, "cannot open %s: %s", path, strerror(errno));
    free(path);
    return fd;
}

enum status directory_lock(const struct directory *d, int *lock, struct error *err)
{
    *lock = open_submissions(d, O_RDWR | O_CREAT, err);
    if (*lock < 0) return err->status;
    if (flock(*lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(*lock);
        return error_set(err, STATUS_BAD_INPUT, "another program is submitting or cancelling %s",
                         d->path);
    }
    /* A file system without locks has none to offer; the shards are safe to be run twice. */
    return STATUS_OK;
}

void directory_unlock(int lock) { close(lock); }

/* Ends the half line that a full disk or a crash left, then adds the text. */
static bool append(int fd, const char *text, size_t n)
{
    char last = '\n';
    off_t end = lseek(fd, 0, SEEK_END);
    if (end > 0 && pread(fd, &last, 1, end - 1) != 1) return false;
    if (last != '\n' && write(fd, "\n", 1) != 1) return false;
    while (n > 0) {
        ssize_t written = write(fd, text, n);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text += written;
        n -= (size_t)written;
    }
    return fsync(fd) == 0;
}

enum status directory_record(const struct directory *d, json_t *line, struct error *err)
{
    time_t now = time(NULL);
    struct tm utc;
    char at[32];
    gmtime_r(&now, &utc);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    char *text = NULL;
    if (line && json_object_set_new(line, "at", json_string(at)) == 0)
        text = json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(line);
    if (!text)
        return error_set(err, STATUS_IO,
                         "a submission cannot be written down: a name in it is not "
                         "UTF-8, or memory ran out");
    size_t n = strlen(text);
    text[n] = '\n'; /* in place of the terminator: append takes a length */
    enum status status = STATUS_OK;
    int fd = open_submissions(d, O_RDWR | O_CREAT | O_APPEND, err);
    if (fd < 0) status = err->status;
    else if (!append(fd, text, n + 1))
        status = error_set(err, STATUS_IO, "cannot write %s/submissions.jsonl: %s", d->path,
                           strerror(errno));
    if (fd >= 0) close(fd);
    free(text);
    return status;
}

enum status directory_records(const struct directory *d, json_t **lines, struct error *err)
{
    struct error why = { STATUS_OK, "" };
    if (!(*lines = json_array())) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    int fd = open_submissions(d, O_RDONLY, &why);
    if (fd < 0) { /* none yet, unless it says why not */
        if (why.status == STATUS_OK) return STATUS_OK;
        json_decref(*lines);
        *err = why;
        return why.status;
    }
    FILE *file = fdopen(fd, "r");
    char *text = NULL;
    size_t room = 0;
    for (ssize_t n; file && (n = getline(&text, &room, file)) > 0;) {
        json_t *line = text[n - 1] == '\n' ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
        if (json_is_object(line)) json_array_append(*lines, line);
        json_decref(line);
    }
    free(text);
    if (file) fclose(file);
    else close(fd);
    return STATUS_OK;
}

int32_t directory_submissions(const json_t *lines)
{
    json_int_t most = 0;
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        json_int_t number = json_integer_value(json_object_get(line, "number"));
        if (number > most && number < INT32_MAX) most = number;
    }
    return (int32_t)most;
}
