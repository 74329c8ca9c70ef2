/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/hash.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static void check(const char *text, size_t n, const char *expected)
{
    char hex[65];
    for (size_t step = 1; step <= n + 1; step = step * 3 + 1) { /* any cutting gives the same */
        struct sha256 h;
        sha256_init(&h);
        for (size_t at = 0; at < n; at += step)
            sha256_add(&h, text + at, n - at < step ? n - at : step);
        sha256_end(&h, hex);
        assert_string_equal(hex, expected);
    }
}

static void test_known_answers(void **state) /* FIPS 180-4 examples and NIST's million letters */
{
    (void)state;
    check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    check(two, strlen(two), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *million = malloc(1000000);
    assert_non_null(million);
    memset(million, 'a', 1000000);
    check(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    const char *path = scratch_path("million");
    write_file(path, million, 1000000);
    free(million);
    char hex[65];
    int64_t bytes;
    assert_int_equal(sha256_file(path, hex, &bytes, NULL), STATUS_OK);
    assert_int_equal(bytes, 1000000);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_unreadable(void **state)
{
    (void)state;
    char hex[65];
    int64_t bytes;
    struct error err;
    assert_int_equal(sha256_file(scratch_path("none"), hex, &bytes, &err), STATUS_IO);
    assert_non_null(strstr(err.message, "No such file"));
    assert_int_equal(sha256_file(scratch_dir(), hex, &bytes, &err), STATUS_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_known_answers),
                                        cmocka_unit_test(test_unreadable) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
