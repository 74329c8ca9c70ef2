/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/process.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>

static volatile int *stop_asked;

static void ask_stop(int signal_number)
{
    (void)signal_number;
    if (stop_asked) *stop_asked = 1;
}

void process_catch(volatile int *stop)
{
    struct sigaction action = { .sa_flags = (int)SA_RESETHAND };
    if (stop) action.sa_handler = ask_stop;
    else action.sa_handler = SIG_DFL;
    stop_asked = stop;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

double process_wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void process_facts_now(struct process_facts *f)
{
    time_t now = time(NULL);
    struct tm utc;
    struct utsname host;
    struct rusage use;
    gmtime_r(&now, &utc);
    strftime(f->created_at, sizeof f->created_at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(f->host, sizeof f->host, "%.79s", uname(&host) == 0 ? host.machine : "unknown");
    snprintf(f->compiler, sizeof f->compiler, "%.70s", __VERSION__);
    getrusage(RUSAGE_SELF, &use);
    f->cpu_s = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
               1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
    f->max_rss_kib = use.ru_maxrss;
}

char *process_output(const char *name, const char *after)
{
    char *path = malloc(strlen(name) + strlen(after) + 16);
    if (!path) return NULL;
    char *to = path + sprintf(path, "runs/");
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= 'a' && *c <= 'z') || *c == '.' || *c == '_';
        if (plain && !(*c == '.' && to == path + 5)) *to++ = (char)*c;
        else if (to > path + 5 && to[-1] != '-') *to++ = '-';
    }
    if (to == path + 5) to += sprintf(to, "run");
    sprintf(to, "%s.db", after);
    return path;
}
