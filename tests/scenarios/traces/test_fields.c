/* SPDX-License-Identifier: Apache-2.0 */
/* Cells of logs as times, and packed text as lines. */
#include "tests/imported.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "scenarios/traces/fields.h"

static struct field field_of(const char *text)
{
    return (struct field){ (char *)text, strlen(text) };
}

static void clocks(void **state)
{
    static const struct {
        const char *text;
        int64_t us; /* by date(1); -1: no clock */
    } cases[] = {
        { "1970-01-01 00:00:00", 0 },
        { "2026-01-02 03:04:05", INT64_C(1767323045000000) },
        { "2026-01-02T03:04:05Z", INT64_C(1767323045000000) },
        { "2026-01-02T03:04:05z", INT64_C(1767323045000000) },
        { "2026-01-02 03:04:05 UTC", INT64_C(1767323045000000) },
        { "2026-01-02 03:04:05.5", INT64_C(1767323045500000) },
        { "2026-01-02 03:04:05.1234567", INT64_C(1767323045123456) },
        { "2026-01-02 03:04", INT64_C(1767323040000000) },
        { "2026-01-02 03:04+01:00", INT64_C(1767319440000000) },
        { "2026-01-02 03:04:05-08:30", INT64_C(1767353645000000) },
        { "2026-01-02 03:04:05+0800", INT64_C(1767294245000000) },
        { "2026-01-02 03:04:05 +08", INT64_C(1767294245000000) },
        { "2024-02-29 00:00:00", INT64_C(1709164800000000) },
        { "1969-12-31 23:59:59", -1000000 },
        { "2025-02-29 00:00:00", -1 },
        { "2026-00-02 03:04:05", -1 },
        { "2026-13-02 03:04:05", -1 },
        { "2026-04-31 03:04:05", -1 },
        { "2026-01-02 24:00:00", -1 },
        { "2026-01-02 03:60:00", -1 },
        { "2026-01-02 03:04:61", -1 },
        { "2026-01-02 03:04:5", -1 },
        { "2026-01-02 03:04:", -1 },
        { "2026-01-02 3:04:05", -1 },
        { "2026-01-02 03:04:05+", -1 },
        { "2026-01-02 03:04:05+1", -1 },
        { "2026-01-02 03:04:05+15:00", -1 },
        { "2026-01-02 03:04:05+08:0", -1 },
        { "2026-01-02 03:04:05 CET", -1 },
        { "2026-01-02 03:04:05Zz", -1 },
        { "2026/01/02 03:04:05", -1 },
        { "2026-01-02", -1 },
        { "", -1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct field f = field_of(cases[i].text);
        int64_t us = -1;
        bool good = field_clock(&f, 0, &us);
        if (good != (cases[i].us != -1) || us != cases[i].us)
            fail_msg("'%s': %lld", cases[i].text, (long long)us);
    }
}

/* Every day of four centuries follows the one before. */
static void calendar(void **state)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t expected = 0;
    (void)state;
    for (int year = 1970; year < 2370; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int days = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= days + 1; day++) {
                char text[40];
                int64_t us;
                snprintf(text, sizeof text, "%04d-%02d-%02d 00:00:00", year, month, day);
                struct field f = field_of(text);
                assert_int_equal(field_clock(&f, 0, &us), day <= days);
                if (day > days) continue;
                assert_int_equal(us, expected);
                expected += 24 * US_PER_HOUR;
            }
        }
}

static void elapsed(void **state)
{
    static const struct {
        const char *text;
        int64_t s; /* -1: none */
    } cases[] = {
        { "1-02:03:04", 93784 },
        { "02:03:04", 7384 },
        { "03:04", 184 },
        { "2-12", 216000 },
        { "2-12:30", 217800 },
        { "00:00:00", 0 },
        { "03:04.567", 184 },
        { "100:00:00", 360000 },
        { "UNLIMITED", -1 },
        { "Partition_Limit", -1 },
        { "", -1 },
        { "5", -1 },
        { "-1:00", -1 },
        { "1:2:3:4", -1 },
        { "99999999999999999999-00", -1 },
        { "99999999999999999999:00", -1 },
        { "40000-00:00:00", -1 },
        { "1-", 86400 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct field f = field_of(cases[i].text);
        int64_t us = -1;
        bool good = field_elapsed(&f, &us);
        if (good != (cases[i].s != -1) || (good && us != cases[i].s * US_PER_S))
            fail_msg("'%s': %lld", cases[i].text, (long long)us);
    }
}

/* ---- Text ---- */

static void check_lines(const char *path)
{
    struct text_input in;
    struct error err;
    char *line;
    size_t n;
    assert_int_equal(text_open(&in, path, &err), STATUS_OK);
    assert_int_equal(text_line(&in, &line, &n, &err), STATUS_OK);
    assert_string_equal(line, "first");
    assert_int_equal(text_line(&in, &line, &n, &err), STATUS_OK);
    assert_string_equal(line, "");
    assert_int_equal(text_line(&in, &line, &n, &err), STATUS_OK);
    assert_string_equal(line, "last\r");
    assert_int_equal(text_line(&in, &line, &n, &err), STATUS_OK);
    assert_null(line);
    text_close(&in);
}

static const char lines[] = "\xef\xbb\xbf"
                            "first\r\n\nlast\r\r\n";
enum { LINES_N = sizeof lines - 1 };

static void packed_text(void **state)
{
    unsigned char packed[400];
    size_t half = 7;
    (void)state;
    write_file(scratch_path("plain"), lines, LINES_N);
    check_lines(scratch_path("plain"));
    gzFile gz = gzopen(scratch_path("gz"), "wb"); /* two members strung together */
    assert_int_equal(gzwrite(gz, lines, (unsigned)half), half);
    gzclose(gz);
    gz = gzopen(scratch_path("gz"), "ab");
    assert_int_equal(gzwrite(gz, lines + half, (unsigned)(LINES_N - half)), LINES_N - half);
    gzclose(gz);
    check_lines(scratch_path("gz"));
    size_t n = ZSTD_compress(packed, sizeof packed, lines, half, 3);
    assert_false(ZSTD_isError(n));
    n += ZSTD_compress(packed + n, sizeof packed - n, lines + half, LINES_N - half, 3);
    write_file(scratch_path("zst"), packed, n);
    check_lines(scratch_path("zst"));
    n = 0;
    assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, (const uint8_t *)lines,
                                             half, packed, &n, sizeof packed),
                     LZMA_OK);
    assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL,
                                             (const uint8_t *)lines + half, LINES_N - half, packed,
                                             &n, sizeof packed),
                     LZMA_OK);
    write_file(scratch_path("xz"), packed, n);
    check_lines(scratch_path("xz"));
}

/* What the bytes unpack to, malloc'd; NULL: they are refused. */
static char *unpacked(const unsigned char *bytes, size_t n, size_t *text_n)
{
    struct text_input in;
    struct error err;
    char *text = NULL;
    write_file(scratch_path("damaged"), bytes, n);
    if (text_open(&in, scratch_path("damaged"), &err) != STATUS_OK) return NULL;
    if (text_rest(&in, 1 << 20, &text, text_n, &err) != STATUS_OK) text = NULL;
    text_close(&in);
    return text;
}

/* xz data that is cut short is refused wherever the cut is (behind the sixth byte, which says what
 * it is); with a bit turned over it is refused, or the bit did not matter. */
static void damaged_xz(void **state)
{
    unsigned char packed[400];
    size_t n = 0, text_n, refused = 0;
    (void)state;
    assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, (const uint8_t *)"a line\n",
                                             7, packed, &n, sizeof packed),
                     LZMA_OK);
    char *text = unpacked(packed, n, &text_n);
    assert_string_equal(text, "a line\n");
    free(text);
    for (size_t cut = 6; cut < n; cut++) assert_null(unpacked(packed, cut, &text_n));
    for (size_t bit = 48; bit < 8 * n; bit++) {
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        text = unpacked(packed, n, &text_n);
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (text) assert_string_equal(text, "a line\n");
        refused += text == NULL;
        free(text);
    }
    assert_true(refused > 7 * (n - 6));
}

/* A pipe may give the first bytes one at a time: they still say how the rest is packed. */
static void packed_text_from_a_slow_pipe(void **state)
{
    const char *fifo = scratch_path("fifo");
    size_t n;
    (void)state;
    gzFile gz = gzopen(scratch_path("slow"), "wb");
    assert_int_equal(gzwrite(gz, lines, LINES_N), LINES_N);
    gzclose(gz);
    char *bytes = read_file(scratch_path("slow"), &n);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(fifo, O_WRONLY);
        for (size_t i = 0; i < n; i++) {
            if (write(fd, bytes + i, 1) != 1) _exit(1);
            if (i < 4) usleep(20000);
        }
        close(fd);
        _exit(0);
    }
    int status;
    check_lines(fifo);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    free(bytes);
}

static void what_is_no_text_is_named(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *said;
    } cases[] = {
        { "PK\3\4rest", 8, "is a zip archive" },
        { "\xfd"
          "7zXZ\0\0",
          7, "the xz data ends early" },
        { "\xfd"
          "7zXZ\0xxxxxxxxxxxxxxxx",
          22, "bad xz data" },
        { "BZh91AY&SYrest", 14, "is packed with bzip2" },
        { "SQLite format 3\0", 16, "is a SQLite file" },
        { "\xff\xfes\0", 4, "is UTF-16" },
        { "submit_s,\0run_s", 15, "line 1 holds a zero byte" },
        { "\x1f\x8b", 2, "ends early" },
        { "\x1f\x8bxxxxxxxx", 10, "is damaged" },
        { "\x28\xb5\x2f\xfd", 4, "ends early" },
        { "", 0, "is empty" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct import_options o;
        struct import_report r;
        struct workload w;
        struct error err = { STATUS_OK, "" };
        const char *path = scratch_path("odd");
        import_options_init(&o);
        write_file(path, cases[i].bytes, cases[i].n);
        assert_int_equal(import_files(trace_format_find("csv"), &o, &path, 1, INT64_MIN, &w, &r,
                                      &err),
                         STATUS_BAD_INPUT);
        if (!strstr(err.message, cases[i].said)) fail_msg("%s: %s", cases[i].said, err.message);
    }
}

/* ---- Reasons ---- */

static void reasons_beyond_the_table_are_together(void **state)
{
    struct import_report r = { 0 };
    uint64_t all = 0;
    (void)state;
    for (int i = 0; i < 100; i++) {
        char reason[20];
        snprintf(reason, sizeof reason, "reason %d", i);
        import_count_many(&r, true, reason, 2);
        import_count(&r, false, "again");
        import_count_many(&r, false, "never", 0);
    }
    assert_int_equal(r.reason_n, IMPORT_REASON_MAX);
    for (int i = 0; i < r.reason_n; i++) all += r.reasons[i].count;
    assert_int_equal(all, 300);
    assert_int_equal(reason_count(&r, "again"), 100);
    assert_string_equal(r.reasons[IMPORT_REASON_MAX - 1].text, "other reasons");
}

static void mig_profiles(void **state)
{
    static const struct {
        const char *profile;
        int milli;
    } cases[] = {
        { "1g.10gb", 143 },  { "mig-2g.20gb", 286 }, { "3g.40gb", 429 },    { "a100_4g.20gb", 572 },
        { "7g.80gb", 1000 }, { "1c.3g.40gb", 429 },  { "1g.10gb.me", 143 }, { "8g.1gb", 0 },
        { "a100", 0 },       { "11g.5gb", 0 },       { "1g", 0 },           { "", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (import_mig_milli(cases[i].profile, strlen(cases[i].profile)) != cases[i].milli)
            fail_msg("%s", cases[i].profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks),
        cmocka_unit_test(calendar),
        cmocka_unit_test(elapsed),
        cmocka_unit_test(packed_text),
        cmocka_unit_test(damaged_xz),
        cmocka_unit_test(packed_text_from_a_slow_pipe),
        cmocka_unit_test(what_is_no_text_is_named),
        cmocka_unit_test(reasons_beyond_the_table_are_together),
        cmocka_unit_test(mig_profiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
