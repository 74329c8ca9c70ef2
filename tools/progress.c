/* SPDX-License-Identifier: Apache-2.0 */
/* A progress line on stderr: only on a terminal, only after a second, gone when done. */
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/command.h"

static struct {
    pthread_mutex_t lock;
    char what[80];
    double total, began_s, drawn_s;
    bool terminal, drawn;
} bar = { .lock = PTHREAD_MUTEX_INITIALIZER };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_begin(const char *what, double total)
{
    pthread_mutex_lock(&bar.lock);
    snprintf(bar.what, sizeof bar.what, "%s", what);
    bar.total = total;
    bar.began_s = seconds();
    bar.drawn_s = 0;
    bar.drawn = false;
    bar.terminal = isatty(STDERR_FILENO);
    pthread_mutex_unlock(&bar.lock);
}

/* "about 4 s left", rounded so that it does not flicker. */
static void remaining(double left_s, char *text, size_t size)
{
    if (!(left_s < 1e6)) text[0] = '\0';
    else if (left_s < 90) snprintf(text, size, "about %.0f s left", ceil(left_s));
    else snprintf(text, size, "about %.0f min left", ceil(left_s / 60));
}

void progress_set(double done)
{
    enum { WIDTH = 28 };
    if (!bar.terminal) return;
    pthread_mutex_lock(&bar.lock);
    double now = seconds(), share = bar.total > 0 ? done / bar.total : 0;
    if (now - bar.began_s >= 1 && now - bar.drawn_s >= 0.1 && share >= 0) {
        char left[48], cells[WIDTH * 4] = "";
        if (share > 1) share = 1;
        remaining(share > 0 ? (now - bar.began_s) * (1 - share) / share : INFINITY, left,
                  sizeof left);
        for (int i = 0; i < WIDTH; i++) strcat(cells, i < (int)(share * WIDTH) ? "\u2588" : " ");
        fprintf(stderr, "\r  %s   %s  %3.0f%%   %-24s", bar.what, cells, 100 * share, left);
        bar.drawn_s = now;
        bar.drawn = true;
    }
    pthread_mutex_unlock(&bar.lock);
}

void progress_end(void)
{
    pthread_mutex_lock(&bar.lock);
    if (bar.drawn) fputs("\r\033[K", stderr);
    bar.terminal = bar.drawn = false;
    pthread_mutex_unlock(&bar.lock);
}
