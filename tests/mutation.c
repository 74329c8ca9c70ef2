/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mutation.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "models/workload/workload.h"
#include "scenarios/diagnostics.h"
#include "sim/random.h"
#include "tests/support.h"

enum { INPUT_MAX = 1 << 18 };

/* ---- Seeds ---- */

void seeds_add(struct seeds *seeds, const void *bytes, size_t n)
{
    seeds->bytes = realloc(seeds->bytes, (seeds->count + 1) * sizeof *seeds->bytes);
    seeds->n = realloc(seeds->n, (seeds->count + 1) * sizeof *seeds->n);
    assert_true(seeds->bytes && seeds->n);
    char *copy = malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    copy[n] = '\0';
    seeds->bytes[seeds->count] = copy;
    seeds->n[seeds->count++] = n;
}

void seeds_add_file(struct seeds *seeds, const char *path)
{
    size_t n;
    char *bytes = read_file(root_path(path), &n);
    seeds_add(seeds, bytes, n);
    free(bytes);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void seeds_add_folder(struct seeds *seeds, const char *folder, const char *ending)
{
    DIR *dir = opendir(root_path(folder));
    char *names[256];
    size_t n = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL && n < 256;) {
        size_t length = strlen(entry->d_name), end = strlen(ending);
        if (length > end && strcmp(entry->d_name + length - end, ending) == 0)
            names[n++] = strdup(entry->d_name);
    }
    closedir(dir);
    qsort(names, n, sizeof *names, by_name); /* not in the order of the disk */
    for (size_t i = 0; i < n; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        seeds_add_file(seeds, path);
        free(names[i]);
    }
}

void seeds_free(struct seeds *seeds)
{
    for (size_t i = 0; i < seeds->count; i++) free(seeds->bytes[i]);
    free(seeds->bytes);
    free(seeds->n);
    memset(seeds, 0, sizeof *seeds);
}

/* ---- Draws ---- */

uint64_t mutator_below(struct mutator *m, uint64_t n)
{
    return random_below(random_key(m->target, 0), RANDOM_TEST, m->input, m->draw++, n);
}

struct word {
    const char *text;
    size_t n;
};
#define WORD(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct word words[] = {
    WORD("0"),
    WORD("-0"),
    WORD("-1"),
    WORD("1"),
    WORD("007"),
    WORD("1e3"),
    WORD("0.0000001"),
    WORD("9223372036854775807"),
    WORD("9223372036854775808"),
    WORD("-9223372036854775808"),
    WORD("18446744073709551616"),
    WORD("2147483647"),
    WORD("2147483648"),
    WORD("-2147483649"),
    WORD("4294967296"),
    WORD("1e308"),
    WORD("-1e308"),
    WORD("1e-308"),
    WORD("1e400"),
    WORD("3162240000"),
    WORD("3162240001"),
    WORD("1000000000"),
    WORD("25297920000"),
    WORD("99999999999999999999999999999999999999999999"),
    WORD("nan"),
    WORD("inf"),
    WORD("-inf"),
    WORD("NULL"),
    WORD("None"),
    WORD("null"),
    WORD("~"),
    WORD("true"),
    WORD("yes"),
    WORD("-"),
    WORD(""),
    WORD(" "),
    WORD("\t"),
    WORD("\""),
    WORD("\"\""),
    WORD("'"),
    WORD(","),
    WORD(",,"),
    WORD("|"),
    WORD("\r"),
    WORD("\n"),
    WORD("\r\n"),
    WORD("\0"),
    WORD("\x01"),
    WORD("\x1b[31m"),
    WORD("\x7f"),
    WORD("\xef\xbb\xbf"),
    WORD("\xff\xfe"),
    WORD("\xff"),
    WORD("\xc3"),
    WORD("\xc2\x85"),
    WORD("\xe2\x80\xae"),
    WORD("\xed\xa0\x80"),
    WORD("\xf0\x9f\x92\xa9"),
    WORD("%s%n%p"),
    WORD("../../../../etc/passwd"),
    WORD("2026-01-02 03:04:05"),
    WORD("0001-01-01 00:00:00-14:00"),
    WORD("9999-12-31T23:59:59.999999+14:00"),
    WORD("2026-02-30T00:00:00Z"),
    WORD("UNLIMITED"),
    WORD("99-23:59:59"),
    WORD("# t0_unix_s=1e15"),
    WORD("# t0_unix_s=-9e18"),
    WORD("; UnixStartTime: 9e15"),
    WORD("submit_s"),
    WORD("run_s"),
    WORD("gpus"),
    WORD("start_s"),
    WORD("deadline_s"),
    WORD("limit_s"),
    WORD("completed"),
    WORD("&a "),
    WORD("*a"),
    WORD("<<: *a"),
    WORD("!!binary "),
    WORD("!!int "),
    WORD("!x "),
    WORD("---\n"),
    WORD("...\n"),
    WORD("? "),
    WORD("- "),
    WORD(": "),
    WORD("#"),
    WORD("{"),
    WORD("}"),
    WORD("["),
    WORD("]"),
    WORD("|\n "),
    WORD(">\n "),
    WORD("%YAML 9.9\n"),
    WORD("@"),
    WORD("\\u0000"),
    WORD("\\ud800"),
    WORD("\\n"),
    WORD("{}"),
    WORD("[]"),
    WORD("[[]]"),
};

const char *interesting_word(struct mutator *m)
{
    return words[mutator_below(m, sizeof words / sizeof *words)].text;
}

/* ---- Mutations ---- */

struct input {
    char *bytes; /* of INPUT_MAX */
    size_t n;
};

/* Replaces bytes[at .. at + out) by the n bytes of text, as far as there is room. */
static void replace(struct input *in, size_t at, size_t out, const char *text, size_t n)
{
    if (at > in->n) at = in->n;
    if (out > in->n - at) out = in->n - at;
    if (n > INPUT_MAX - (in->n - out)) n = INPUT_MAX - (in->n - out);
    char *copy = malloc(n + 1); /* text may be of the input itself */
    assert_non_null(copy);
    memcpy(copy, text, n);
    memmove(in->bytes + at + n, in->bytes + at + out, in->n - at - out);
    memcpy(in->bytes + at, copy, n);
    in->n += n - out;
    free(copy);
}

static size_t place(struct mutator *m, const struct input *in)
{
    return mutator_below(m, in->n + 1);
}

/* The line around a place, with its end. */
static void line_at(const struct input *in, size_t at, size_t *start, size_t *n)
{
    *start = at;
    while (*start > 0 && in->bytes[*start - 1] != '\n') --*start;
    const char *end = memchr(in->bytes + *start, '\n', in->n - *start);
    *n = end ? (size_t)(end - in->bytes) + 1 - *start : in->n - *start;
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
}

/* The word around a place: nothing where it is between two. */
static void word_at(const struct input *in, size_t at, size_t *start, size_t *n)
{
    size_t end = at;
    *start = at;
    while (*start > 0 && in_word(in->bytes[*start - 1])) --*start;
    while (end < in->n && in_word(in->bytes[end])) end++;
    *n = end - *start;
}

static struct word pick_word(struct mutator *m, const char *const *more)
{
    size_t n = sizeof words / sizeof *words, extra = 0;
    while (more && more[extra]) extra++;
    uint64_t i = mutator_below(m, n + 2 * extra); /* those of the format twice as often */
    if (i < n) return words[i];
    const char *text = more[(i - n) / 2];
    return (struct word){ text, strlen(text) };
}

static void mutate_bytes(struct mutator *m, struct input *in)
{
    char bytes[8];
    size_t at = place(m, in), n = 1 + mutator_below(m, sizeof bytes);
    switch (mutator_below(m, 4)) {
    case 0:
        if (at < in->n) in->bytes[at] ^= (char)(1 << mutator_below(m, 8));
        break;
    case 1:
        for (size_t i = 0; i < n; i++) bytes[i] = (char)mutator_below(m, 256);
        replace(in, at, mutator_below(m, 2) * n, bytes, n);
        break;
    case 2: replace(in, at, n, "", 0); break;
    default: in->n = at; break;
    }
}

static void mutate_lines(struct mutator *m, struct input *in)
{
    size_t a, an, b, bn;
    line_at(in, place(m, in), &a, &an);
    line_at(in, place(m, in), &b, &bn);
    switch (mutator_below(m, 4)) {
    case 0: replace(in, b, 0, in->bytes + a, an); break;  /* again elsewhere */
    case 1: replace(in, b, bn, in->bytes + a, an); break; /* in place of another */
    case 2: replace(in, a, an, "", 0); break;
    default: /* from here to there */
        if (a < b) replace(in, a, b - a, "", 0);
        break;
    }
}

static void mutate_words(struct mutator *m, struct input *in, const char *const *more)
{
    struct word word = pick_word(m, more);
    size_t at = place(m, in), start, n;
    word_at(in, at, &start, &n);
    if (mutator_below(m, 4)) replace(in, start, n, word.text, word.n);
    else replace(in, at, 0, word.text, word.n);
}

/* A piece many times: long lines, deep nesting. */
static void repeat(struct mutator *m, struct input *in, const char *const *more)
{
    struct word word = pick_word(m, more);
    char piece[64];
    size_t at = place(m, in), n = word.n, times = (size_t)1 << mutator_below(m, 13);
    if (mutator_below(m, 2)) {
        word.text = in->bytes + at;
        n = in->n - at < 40 ? in->n - at : 40;
        n = n ? 1 + mutator_below(m, n) : 0;
    }
    if (n > sizeof piece) n = sizeof piece;
    memcpy(piece, word.text, n);
    char *many = malloc(n * times + 1);
    assert_non_null(many);
    for (size_t i = 0; i < times; i++) memcpy(many + i * n, piece, n);
    replace(in, at, 0, many, n * times);
    free(many);
}

static void splice(struct mutator *m, struct input *in, const struct seeds *seeds)
{
    size_t s = mutator_below(m, seeds->count), from = mutator_below(m, seeds->n[s] + 1);
    size_t n = mutator_below(m, seeds->n[s] - from + 1), at = place(m, in);
    replace(in, at, mutator_below(m, 2) * n, seeds->bytes[s] + from, n);
}

char *mutated(uint64_t target, uint64_t input, const struct seeds *seeds, const char *const *more,
              size_t *n)
{
    struct mutator m = { target, input, 0 };
    struct input in = { malloc(INPUT_MAX + 1), 0 };
    size_t s = mutator_below(&m, seeds->count);
    assert_non_null(in.bytes);
    replace(&in, 0, 0, seeds->bytes[s], seeds->n[s]);
    for (uint64_t left = 1 + mutator_below(&m, 8); left > 0; left--) {
        uint64_t kind = mutator_below(&m, 100);
        if (kind < 25) mutate_bytes(&m, &in);
        else if (kind < 45) mutate_lines(&m, &in);
        else if (kind < 85) mutate_words(&m, &in, more);
        else if (kind < 90) repeat(&m, &in, more);
        else splice(&m, &in, seeds);
    }
    in.bytes[in.n] = '\0';
    *n = in.n;
    return in.bytes;
}

/* ---- Running ---- */

static const char *running_target; /* NULL: none */
static volatile uint64_t running_input;

/* A failed test leaves by a long jump: what it was at is said at the end of the program. */
static void say_failed(void)
{
    if (running_target)
        fprintf(stderr, "fuzz target %s: SEATRIAL_FUZZ_ONLY=%llu\n", running_target,
                (unsigned long long)running_input);
}

/* On the way out of a crash: which input. Async-signal-safe. */
static void say_input(int signal_number)
{
    char text[200], digits[24];
    size_t n = 0, d = sizeof digits;
    uint64_t i = running_input;
    for (const char *c = "fuzz target "; *c; c++) text[n++] = *c;
    for (const char *c = running_target; *c && n < 100; c++) text[n++] = *c;
    for (const char *c = ": SEATRIAL_FUZZ_ONLY="; *c; c++) text[n++] = *c;
    do digits[--d] = (char)('0' + i % 10);
    while (i /= 10);
    while (d < sizeof digits) text[n++] = digits[d++];
    text[n++] = '\n';
    if (write(STDERR_FILENO, text, n) < 0) _exit(1);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static double processor_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

void fuzz(const char *target, uint64_t rounds, void (*one)(uint64_t input))
{
    enum { WARM = 20, HANG_S = 120 };
    bool slow = getenv("SEATRIAL_SLOW") != NULL;
    uint64_t n = number_of("SEATRIAL_FUZZ_ROUNDS", slow ? rounds / 10 : rounds);
    uint64_t first = number_of("SEATRIAL_FUZZ_ONLY", 0);
    long peak = 0;
    if (getenv("SEATRIAL_FUZZ_ONLY")) n = first + 1;
    static bool registered;
    if (!registered) atexit(say_failed);
    registered = true;
    running_target = target;
    signal(SIGALRM, say_input);
    signal(SIGABRT, say_input);
    if (!slow) signal(SIGSEGV, say_input); /* the sanitizers have their own */
    for (uint64_t input = first; input < n; input++) {
        double start = processor_s();
        running_input = input;
        alarm(HANG_S);
        one(input);
        alarm(0);
        double took = processor_s() - start;
        if (took > (slow ? 20 : 2))
            fail_msg("%s: input %llu took %.1f s", target, (unsigned long long)input, took);
        if (input == first + WARM) peak = peak_kib();
        long grown = peak_kib() - peak;
        if (!slow && input > first + WARM && grown > 256 * 1024)
            fail_msg("%s: by input %llu memory grew by %ld MiB", target, (unsigned long long)input,
                     grown / 1024);
    }
    signal(SIGALRM, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    if (!slow) signal(SIGSEGV, SIG_DFL);
    running_target = NULL;
}

/* ---- What is owed ---- */

static void check_printed(const struct diagnostics *diagnostics)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    diagnostics_print(diagnostics, out, 0, "Nothing was run.");
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), n);
    for (const char *c = text; *c;) {
        const char *from = c;
        int32_t point = utf8_next(&c);
        if (point != '\n' && (point < 0 || !utf8_printable(point)))
            fail_msg("a raw byte 0x%02x in what is printed: %s", (unsigned char)*from, text);
    }
    assert_true(n == 0 || text[n - 1] == '\n');
    free(text);
}

void check_outcome(enum status status, const struct error *err,
                   const struct diagnostics *diagnostics)
{
    bool known = status == STATUS_OK || status == STATUS_BAD_INPUT || status == STATUS_IO ||
                 status == STATUS_NO_MEMORY;
    if (!known) fail_msg("status %d: %s", status, err->message);
    if (diagnostics) check_printed(diagnostics);
    if (status == STATUS_OK) return;
    bool said = err->message[0] || (diagnostics && diagnostics->errors > 0);
    if (!said) fail_msg("status %d without a word", status);
    if (memchr(err->message, '\n', strlen(err->message))) fail_msg("two lines: %s", err->message);
}

static void check_times(const struct workload *w, size_t j)
{
    assert_in_range(w->submit_us[j], 0, JOB_TIME_MAX_US);
    assert_true(j == 0 || w->submit_us[j] >= w->submit_us[j - 1]);
    assert_in_range(w->run_us[j], 0, JOB_TIME_MAX_US);
    assert_true(w->limit_us[j] >= -1 && w->limit_us[j] <= JOB_TIME_MAX_US);
    assert_true(w->start_us[j] >= -JOB_CLOCK_MAX_US && w->start_us[j] <= JOB_CLOCK_MAX_US);
    assert_true(w->deadline_us[j] >= -JOB_CLOCK_MAX_US && w->deadline_us[j] <= JOB_CLOCK_MAX_US);
}

void check_workload(const struct workload *w)
{
    bool limit = false, start = false;
    assert_true(w->job_n > 0 && w->job_n <= w->capacity);
    assert_int_equal(w->span_us, w->submit_us[w->job_n - 1] - w->submit_us[0]);
    assert_int_equal(w->id_at[0], 0);
    for (size_t j = 0; j < w->job_n; j++) {
        check_times(w, j);
        assert_in_range(w->gpu_milli[j], 0, JOB_GPU_MILLI_MAX);
        assert_in_range(w->cpu_milli[j], 0, JOB_CPU_MILLI_MAX);
        assert_in_range(w->mem_mib[j], 0, JOB_MEM_MIB_MAX);
        assert_true(w->nodes[j] >= 0 && w->priority[j] >= -INT32_MAX);
        assert_true(w->status[j] < JOB_STATUS_N);
        assert_true(w->tenant[j] < w->tenants.n && w->user[j] < w->users.n);
        assert_true(w->queue[j] < w->queues.n && w->class_[j] < w->classes.n);
        assert_true(w->gpu_type[j] < w->gpu_types.n);
        assert_true(w->selector[j] < w->selectors.n && w->toleration[j] < w->tolerations.n);
        assert_true(w->id_at[j] <= w->id_at[j + 1] && w->id_at[j + 1] <= w->id_capacity);
        limit |= w->limit_us[j] >= 0;
        start |= w->start_us[j] != -1;
    }
    assert_int_equal(w->has_limit, limit);
    assert_int_equal(w->has_start, start);
    assert_true(w->t0_unix_us == INT64_MIN ||
                (w->t0_unix_us >= -JOB_CLOCK_MAX_US && w->t0_unix_us <= JOB_CLOCK_MAX_US));
}
