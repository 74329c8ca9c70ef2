/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A picture beyond this is a mistake, not a chart. */
enum { PICTURE_MAX = 64 << 20 };

static bool is_program(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode) && access(path, X_OK) == 0;
}

char *gnuplot_find(const char *given)
{
    if (given) return is_program(given) ? strdup(given) : NULL;
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        size_t n = strcspn(at, ":");
        char candidate[4096];
        snprintf(candidate, sizeof candidate, "%.*s/gnuplot", n ? (int)n : 1, n ? at : ".");
        if (is_program(candidate)) return strdup(candidate);
        at += n + (at[n] == ':');
    }
    return NULL;
}

/* What one run holds. */
struct run {
    int in, out, err; /* our ends of the pipes, -1 = closed */
    pid_t pid;
    char *picture;
    size_t n, capacity;
    char complaint[256];
    size_t complaint_n;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void shut(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static int start(struct run *r, const char *program)
{
    static char *const env[] = { "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent",
                                 "GNUTERM=unknown", NULL };
    char *const argv[] = { (char *)program, "-d", NULL }; /* -d: no gnuplotrc of anybody's */
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 }, code = ENOMEM;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
        code = errno;
        shut(&in[0]), shut(&in[1]), shut(&out[0]), shut(&out[1]);
        return code;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    posix_spawnattr_init(&attributes);
    sigemptyset(&none);
    sigaddset(&none, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes,
                              0); /* a group of its own: what a wrapper starts dies with it */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    code = posix_spawn(&r->pid, program, &actions, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    shut(&in[0]), shut(&out[1]), shut(&err[1]);
    r->in = in[1], r->out = out[0], r->err = err[0];
    fcntl(r->in, F_SETFL, O_NONBLOCK);
    return code;
}

static bool take_output(struct run *r)
{
    if (r->capacity - r->n < 65536) {
        size_t capacity = r->capacity ? 2 * r->capacity : 262144;
        char *picture = capacity <= PICTURE_MAX ? realloc(r->picture, capacity) : NULL;
        if (!picture) return false;
        r->picture = picture;
        r->capacity = capacity;
    }
    ssize_t got = read(r->out, r->picture + r->n, r->capacity - r->n - 1);
    if (got > 0) r->n += (size_t)got;
    else if (got == 0 || errno != EINTR) shut(&r->out);
    return true;
}

static void take_complaint(struct run *r)
{
    char bytes[512];
    ssize_t got = read(r->err, bytes, sizeof bytes);
    if (got == 0 || (got < 0 && errno != EINTR)) shut(&r->err);
    for (ssize_t i = 0; i < got && r->complaint_n + 1 < sizeof r->complaint; i++)
        r->complaint[r->complaint_n++] = (char)(bytes[i] < ' ' ? ' ' : bytes[i]);
}

enum outcome { ENDED, TIME_IS_UP, TOO_LARGE, POLL_FAILED };

/* Feeds the script and drains both outputs until they close. */
static enum outcome converse(struct run *r, const char *script, size_t n, int limit_s)
{
    double until = seconds() + limit_s;
    size_t sent = 0;
    while (r->out >= 0 || r->err >= 0) {
        struct pollfd fds[3] = { { r->out, POLLIN, 0 },
                                 { r->err, POLLIN, 0 },
                                 { r->in, POLLOUT, 0 } };
        double left = until - seconds();
        if (left <= 0) return TIME_IS_UP;
        if (poll(fds, 3, (int)(left * 1000) + 1) < 0) {
            if (errno != EINTR) return POLL_FAILED;
            continue;
        }
        if (fds[0].revents && !take_output(r)) return TOO_LARGE;
        if (fds[1].revents) take_complaint(r);
        if (fds[2].revents) {
            ssize_t wrote = write(r->in, script + sent, n - sent);
            if (wrote > 0) sent += (size_t)wrote;
            else if (errno != EAGAIN && errno != EINTR)
                shut(&r->in); /* it has ended early: its status says why */
            if (sent == n) shut(&r->in);
        }
    }
    return ENDED;
}

static bool is_whole(const struct run *r, enum picture picture)
{
    static const char end_png[] = "IEND\xae\x42\x60\x82";
    const char *end = picture == PICTURE_SVG ? "</svg>" : end_png;
    size_t length = picture == PICTURE_SVG ? 6 : 8, n = r->n;
    while (picture == PICTURE_SVG && n > 0 && strchr("\r\n \t", r->picture[n - 1])) n--;
    return n >= length && memcmp(r->picture + n - length, end, length) == 0;
}

enum status gnuplot_run(const char *program, const char *script, size_t script_n,
                        enum picture picture, int limit_s, char **out, size_t *out_n,
                        struct error *err)
{
    struct run r = { .in = -1, .out = -1, .err = -1, .pid = -1 };
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    int status = 0;
    sigaction(SIGPIPE, &ignore, &before);
    int code = start(&r, program);
    enum outcome outcome = code == 0 ? converse(&r, script, script_n, limit_s) : ENDED;
    shut(&r.in), shut(&r.out), shut(&r.err);
    if (code == 0) {
        if (outcome != ENDED) kill(-r.pid, SIGKILL);
        while (waitpid(r.pid, &status, 0) < 0 && errno == EINTR) continue;
    }
    sigaction(SIGPIPE, &before, NULL);
    if (code != 0) {
        free(r.picture);
        return error_set(err, STATUS_IO, "cannot run %s: %s", program, strerror(code));
    }
    if (outcome == ENDED && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
        is_whole(&r, picture)) {
        r.picture[r.n] = '\0';
        *out = r.picture;
        *out_n = r.n;
        return STATUS_OK;
    }
    free(r.picture);
    if (outcome == TIME_IS_UP)
        return error_set(err, STATUS_INTERRUPTED, "gnuplot did not finish within %d s", limit_s);
    if (outcome == TOO_LARGE)
        return error_set(err, STATUS_IO, "gnuplot's picture is larger than %d MiB",
                         PICTURE_MAX >> 20);
    if (outcome == ENDED && WIFSIGNALED(status))
        return error_set(err, STATUS_IO, "gnuplot was killed: %s", strsignal(WTERMSIG(status)));
    return error_set(err, STATUS_IO, "gnuplot gave no whole picture%s%.200s",
                     r.complaint_n ? ": " : "", r.complaint);
}
