/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *join(const char *folder, const char *relative)
{
    static char turns[32][1024];
    static unsigned turn;
    char *path = turns[turn++ % 32];
    snprintf(path, sizeof turns[0], "%s/%s", folder, relative);
    return path;
}

const char *root_path(const char *relative)
{
    const char *root = getenv("SEATRIAL_ROOT");
    return join(root ? root : ".", relative);
}

const char *shared_or_skip(const char *relative)
{
    const char *folder = getenv("SEATRIAL_SHARED");
    const char *path = join(folder ? folder : root_path("../shared"), relative);
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not here\n", path);
        skip();
    }
    return path;
}

static char scratch[512];

static void scratch_remove(void)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    if (system(command) != 0) fprintf(stderr, "could not remove %s\n", scratch);
}

const char *scratch_dir(void)
{
    if (!scratch[0]) {
        const char *tmp = getenv("TMPDIR");
        snprintf(scratch, sizeof scratch, "%s/seatrial-test-XXXXXX", tmp ? tmp : "/tmp");
        if (!mkdtemp(scratch)) fail_msg("cannot make a scratch folder in %s", tmp ? tmp : "/tmp");
        atexit(scratch_remove);
    }
    return scratch;
}

const char *scratch_path(const char *name) { return join(scratch_dir(), name); }

void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    if (!f) fail_msg("cannot write %s", path);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

void write_text(const char *path, const char *text) { write_file(path, text, strlen(text)); }

char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("cannot read %s", path);
    size_t size = 0, capacity = 65536;
    char *text = malloc(capacity);
    assert_non_null(text);
    for (size_t got; (got = fread(text + size, 1, capacity - size - 1, f)) > 0;) {
        size += got;
        if (capacity - size < 2) {
            text = realloc(text, capacity *= 2);
            assert_non_null(text);
        }
    }
    fclose(f);
    text[size] = '\0';
    if (n) *n = size;
    return text;
}

int run_command(const char *command, char **out, char **err)
{
    char script[8192];
    const char *out_path = scratch_path("command.out"), *err_path = scratch_path("command.err");
    const char *script_path = scratch_path("command.sh");
    snprintf(script, sizeof script, "timeout 120 sh '%s' > '%s' 2> '%s'", script_path, out_path,
             err_path);
    write_text(script_path, command);
    int status = system(script);
    if (out) *out = read_file(out_path, NULL);
    if (err) *err = read_file(err_path, NULL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const char *seatrial_path(void)
{
    const char *path = getenv("SEATRIAL");
    return path ? path : "build/seatrial";
}

uint64_t seeds_or(uint64_t usual)
{
    const char *seeds = getenv("SEATRIAL_SEEDS");
    if (seeds) return strtoull(seeds, NULL, 10);
    return getenv("SEATRIAL_SLOW") ? usual / 3 : usual;
}
