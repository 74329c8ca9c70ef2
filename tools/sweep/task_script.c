/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/task_script.h"

#include <stdlib.h>

#include "tools/shell_word.h"

static void assign(FILE *out, const char *name, const char *text)
{
    fprintf(out, "%s=", name);
    shell_quote(out, text);
    fputc('\n', out);
}

/* The command stands above the names: sbatch looks for options in comments until the first command,
 * and a name may hold a line that looks like one. */
static void begin(FILE *out, const char *what, const struct task_places *places)
{
    fprintf(out,
            "#!/bin/sh\n# %s Written by seatrial; the next submission writes it anew.\nset -u\n",
            what);
    assign(out, "program", places->program);
}

static const char task_body[] =
    "submission=$1\n"
    "\n"
    "# Which shard.\n"
    "if [ -n \"${SLURM_ARRAY_TASK_ID:-}\" ]; then\n"
    "    shard=$SLURM_ARRAY_TASK_ID\n"
    "    where=\"job ${SLURM_ARRAY_JOB_ID:-?} on ${SLURMD_NODENAME:-?}\"\n"
    "else\n"
    "    shard=${JOB_COMPLETION_INDEX:?neither this nor SLURM_ARRAY_TASK_ID is set}\n"
    "    where=\"index $shard on $(uname -n)\"\n"
    "    if [ -n \"${SEATRIAL_SHARDS:-}\" ]; then\n"
    "        set -- $SEATRIAL_SHARDS\n"
    "        [ \"$shard\" -lt $# ] || exit 2\n"
    "        shift \"$shard\"\n"
    "        shard=$1\n"
    "    fi\n"
    "fi\n"
    "mkdir -p attempts shards || exit 70\n"
    "number=$(printf %05d \"$shard\") || exit 2\n"
    "\n"
    "say() {\n"
    "    printf '%s %s %s %s\\n' \"$submission\" \"$1\" \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" \"$2\" "
    "\\\n"
    "        >> \"attempts/$number\"\n"
    "}\n"
    "\n"
    "[ ! -e cancelled ] || exit 2\n"
    "begun=$(grep -c \"^$submission begin \" \"attempts/$number\" 2> /dev/null)\n"
    "begun=${begun:-0}\n"
    "if [ \"$begun\" -ge \"$attempts\" ]; then\n"
    "    say refused \"after $begun attempts\"\n"
    "    exit 2\n"
    "fi\n"
    "say begin \"$where\"\n"
    "\n"
    "# A cluster tells this shell alone before the time is up. The program publishes what it has\n"
    "# and exits with 3.\n"
    "stopped=0 child=\n"
    "trap 'stopped=1; [ -z \"$child\" ] || kill -TERM \"$child\"' TERM INT\n"
    "\"$program\" sweep \"$scenario\" $settings --shard \"$shard/$shards\" --id \"$id\" -q \\\n"
    "    -j \"${SLURM_CPUS_PER_TASK:-${SEATRIAL_THREADS:-1}}\" -o \"shards/$number.db\" &\n"
    "child=$!\n"
    "[ \"$stopped\" -eq 0 ] || kill -TERM \"$child\"\n"
    "# A signal ends `wait` early; the program is still at work then.\n"
    "while :; do\n"
    "    wait \"$child\"\n"
    "    code=$?\n"
    "    kill -0 \"$child\" 2> /dev/null || break\n"
    "done\n"
    "say end \"code $code\"\n"
    "\n"
    "# Again, unless it would be in vain, or somebody ended this job: then it no longer runs.\n"
    "if [ \"$code\" -ne 0 ] && [ \"$code\" -ne 2 ] && [ ! -e cancelled ] &&\n"
    "    [ $((begun + 1)) -lt \"$attempts\" ] && [ -n \"${SLURM_JOB_ID:-}\" ] &&\n"
    "    [ \"$(squeue --noheader --jobs=\"$SLURM_JOB_ID\" --format=%T 2> /dev/null)\" = RUNNING ]; "
    "then\n"
    "    scontrol requeue \"$SLURM_JOB_ID\"\n"
    "fi\n"
    "exit \"$code\"\n";

/* Of all there is: the merge says itself what is missing, and exits with 3 then. */
static const char merge_body[] = "exec \"$program\" merge shards -o results.db\n";

/* NULL where the stream could not take it all. */
static char *end(FILE *out, char **text)
{
    bool ok = !ferror(out);
    if (fclose(out) != 0) ok = false;
    if (ok) return *text;
    free(*text);
    return NULL;
}

/* Words without blanks, which the shell takes apart again. */
static void assign_settings(FILE *out, const struct sweep_plan *plan)
{
    fputs("settings='", out);
    if (plan->replications > 0) fprintf(out, "--replications %d", plan->replications);
    if (plan->seed >= 0)
        fprintf(out, "%s--seed %lld", plan->replications > 0 ? " " : "", (long long)plan->seed);
    fputs("'\n", out);
}

char *task_script(const struct sweep_plan *plan, const struct task_places *places)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    begin(out, "One shard of a sweep.", places);
    assign(out, "scenario", places->scenario);
    assign(out, "id", plan->id);
    assign_settings(out, plan);
    fprintf(out, "shards=%d\nattempts=%d\n\n", plan->shards, TASK_ATTEMPTS);
    fputs(task_body, out);
    return end(out, &text);
}

char *merge_script(const struct task_places *places)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    begin(out, "Puts the shards of a sweep together.", places);
    fputs(merge_body, out);
    return end(out, &text);
}
