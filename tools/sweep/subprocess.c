/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/process.h"

extern char **environ;

struct heard { /* of one pipe */
    int fd;    /* -1: ended */
    char *text;
    size_t n, room;
};

/* Takes what is there. false: no memory for it, or more than anybody would say. */
static bool listen_once(struct heard *h)
{
    if (h->room - h->n < 2) {
        size_t room = h->room ? 2 * h->room : 4096;
        char *text = room <= SUBPROCESS_BYTES_MAX ? realloc(h->text, room) : NULL;
        if (!text) return false;
        h->text = text;
        h->room = room;
    }
    ssize_t n = read(h->fd, h->text + h->n, h->room - h->n - 1);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (n <= 0) {
        close(h->fd);
        h->fd = -1;
        n = 0;
    }
    h->n += (size_t)n;
    h->text[h->n] = '\0';
    return true;
}

/* Both pipes until they end or the time is over. */
static bool listen_all(struct heard heard[2], bool *late)
{
    double until_s = process_wall_s() + SUBPROCESS_SECONDS;
    *late = false;
    while (heard[0].fd >= 0 || heard[1].fd >= 0) {
        struct pollfd fds[2] = { { heard[0].fd, POLLIN, 0 }, { heard[1].fd, POLLIN, 0 } };
        double left_s = until_s - process_wall_s();
        if (left_s <= 0.0) {
            *late = true;
            return true;
        }
        if (poll(fds, 2, (int)(left_s * 1e3) + 1) < 0 && errno != EINTR) return false;
        for (int i = 0; i < 2; i++)
            if (heard[i].fd >= 0 && fds[i].revents && !listen_once(&heard[i])) return false;
    }
    return true;
}

/* STDIN from nowhere, STDOUT and STDERR into the pipes, and no other descriptor of ours: all are
 * opened close-on-exec. */
static int start(const char *const argv[], const int out[2], const int said[2], pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t usual;
    int why = posix_spawn_file_actions_init(&actions);
    if (why) return why;
    if ((why = posix_spawnattr_init(&attributes)) == 0) {
        sigemptyset(&usual);
        sigaddset(&usual, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes, &usual);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        why = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        if (!why) why = posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        if (!why) why = posix_spawn_file_actions_adddup2(&actions, said[1], 2);
        if (!why)
            why = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return why;
}

enum status subprocess_run(const char *const argv[], int *code, char **out, char **said,
                           struct error *err)
{
    int out_pipe[2] = { -1, -1 }, said_pipe[2] = { -1, -1 }, how = 0;
    pid_t pid = 0;
    bool late;
    *out = *said = NULL;
    if (pipe2(out_pipe, O_CLOEXEC) != 0) goto no_pipe;
    if (pipe2(said_pipe, O_CLOEXEC) != 0) {
        close(out_pipe[0]);
        close(out_pipe[1]);
        goto no_pipe;
    }
    int why = start(argv, out_pipe, said_pipe, &pid);
    close(out_pipe[1]);
    close(said_pipe[1]);
    if (why) {
        close(out_pipe[0]);
        close(said_pipe[0]);
        return error_set(err, why == ENOENT ? STATUS_BAD_INPUT : STATUS_IO, "cannot run %s: %s",
                         argv[0], strerror(why));
    }
    struct heard heard[2] = { { .fd = out_pipe[0] }, { .fd = said_pipe[0] } };
    bool ok = listen_all(heard, &late);
    if (!ok || late) kill(pid, SIGKILL);
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {}
    for (int i = 0; i < 2; i++)
        if (heard[i].fd >= 0) close(heard[i].fd);
    for (int i = 0; i < 2; i++)
        if (ok && !heard[i].text) ok = (heard[i].text = calloc(1, 1)) != NULL;
    if (!ok) {
        free(heard[0].text);
        free(heard[1].text);
        return error_set(err, STATUS_NO_MEMORY, "no memory for what %s says", argv[0]);
    }
    *code = late ? 124 : WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    *out = heard[0].text;
    *said = heard[1].text;
    return STATUS_OK;
no_pipe:
    return error_set(err, STATUS_IO, "cannot run %s: %s", argv[0], strerror(errno));
}

const char *subprocess_line(char *said)
{
    said[strcspn(said, "\n")] = '\0';
    return said;
}
