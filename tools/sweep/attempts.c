/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/attempts.h"

#include <stdlib.h>
#include <string.h>

static void attempt_line(const char *line, struct attempts *a)
{
    int submission = 0, rest = 0;
    char event[16];
    /* submission event time rest */
    if (sscanf(line, "%9d %15s %*s %n", &submission, event, &rest) < 2 || rest == 0 ||
        submission < 1)
        return;
    bool begins = strcmp(event, "begin") == 0, ends = strcmp(event, "end") == 0;
    bool refused = strcmp(event, "refused") == 0;
    if (!begins && !ends && !refused) return;
    int code = 0;
    if (ends && sscanf(line + rest, "code %9d", &code) != 1) return;
    a->submission = submission;
    a->ended = ends;
    a->refused = refused;
    a->code = code;
    if (!begins) return;
    a->begun++;
    snprintf(a->where, sizeof a->where, "%.*s", (int)strcspn(line + rest, "\n"), line + rest);
}

void attempts_read(const struct directory *d, int32_t shard, struct attempts *attempts)
{
    char name[40], *text = NULL;
    size_t room = 0;
    memset(attempts, 0, sizeof *attempts);
    snprintf(name, sizeof name, "attempts/%05d", shard);
    char *path = directory_path(d, name);
    FILE *file = path ? fopen(path, "re") : NULL;
    while (file && getline(&text, &room, file) > 0) attempt_line(text, attempts);
    if (file) fclose(file);
    free(text);
    free(path);
}
