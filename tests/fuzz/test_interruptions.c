/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of interruptions, damaged: a reader gives a log that holds what interruptions.h promises,
 * and figures that are numbers, or says why not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/reliability/interruption_stats.h"
#include "scenarios/interruptions/logs.h"
#include "tests/mutation.h"
#include "tests/support.h"

enum { ROUNDS = 1500, FORMAT_N = 10 };

/* One of each format, written for this test. */
static const struct {
    const char *format, *text;
} small[FORMAT_N] = {
    { "skypilot", "{\"metadata\": {\"gap_seconds\": 300}, \"data\": [0, 0, 3, 16, 16, 9, 9, 0, 1, "
                  "1, 0, 2],\n \"prices\": [0.9, 0.9, 0.91, 1, 1, 1, 1, 1, 1, 1, 1, 1]}\n" },
    { "aws-price",
      "{\"NextToken\": \"\", \"SpotPriceHistory\": [\n"
      "{\"AvailabilityZone\": \"us-east-1b\", \"InstanceType\": \"p3.2xlarge\", "
      "\"ProductDescription\": \"Linux/UNIX\", \"SpotPrice\": \"1.067100\", \"Timestamp\": "
      "\"2020-02-20T22:06:16.000Z\"},\n"
      "{\"AvailabilityZone\": \"us-east-1c\", \"InstanceType\": \"p3.2xlarge\", "
      "\"ProductDescription\": \"Windows\", \"SpotPrice\": \"0.970200\", \"Timestamp\": "
      "\"2020-02-20T21:57:36.000Z\"},\n"
      "{\"AvailabilityZone\": \"us-east-1b\", \"InstanceType\": \"p3.2xlarge\", "
      "\"ProductDescription\": \"Linux/UNIX\", \"SpotPrice\": \"1.05\", \"Timestamp\": "
      "\"2020-02-19T22:06:16.000Z\"}\n]}\n" },
    { "bamboo", "0,add,n1\r\n0,add,n2\r\n0,add,n3\r\n120000,remove,n2\r\n120000,remove,n1\r\n"
                "180000,add,n4\r\n60000,add,n5\r\n90000,remove,n5\r\n" },
    { "bamboo-counts", "2021-12-11, 11:11:30, 55\n2021-12-11, 11:13:10, 55\n2021-12-11, 11:14:50, "
                       "12\n2021-12-11, 15:15:50, 64\n2021-12-10, 11:19:50, 54\n2021-12-10, "
                       "11:21:50, 57\n" },
    { "dime",
      "[2020-03-15T10:07:33.000Z] Created instance i-1 with 1 GPU(s) of type v100 in zone a\n"
      "[2020-03-15T10:08:05.000Z] Created instance i-2 with 8 GPU(s) of type k80 in zone b\n"
      "[2020-03-15T10:11:21.000Z] Instance with 8 GPU(s) of type k80 creation failed\n"
      "[2020-03-15T10:21:22.000Z] Instance i-1 running in zone a\n"
      "[2020-03-15T10:31:22.000Z] Instance i-1 not running in zone a\n"
      "[2020-03-15T10:31:25.000Z] Successfully deleted instance i-1\n"
      "[2020-03-15T10:41:25.000Z] Created instance i-1 with 1 GPU(s) of type v100 in zone a\n"
      "[2020-03-15T10:51:25.000Z] Created instance i-1 with 2 GPU(s) of type v100 in zone a\n"
      "[2020-03-15T10:21:22.000Z] Instance i-2 running in zone b\n" },
    { "azure-price",
      "Date,NC12,NC24s v3,\"NC6\"\r\n2/24/2020,$0.24552,$2.4,$0.1\r\n2/25/2020,"
      "$0.24552,,$0.1\r\n2/26/2020,$0.3,$2.5,$0.12\r\n2/28/2020,$0.3,$2.5,$0.12\r\n" },
    { "lanl", "System,nodenumz,Prob Started,Prob Fixed,Down Time,Facilities,Hardware,Human Error,"
              "Network,Undetermined,Software\n"
              "2,0,6/21/2005 10:54,6/21/2005 11:00,6,,Memory Dimm,,,,\n"
              "2,0,6/21/2005 10:58,6/21/2005 11:08,10,,,,,,Other\n"
              "2,1,6/22/2005 9:13,6/22/2005 9:19,6,,,,,x,\n"
              "2,0,6/23/2005 10:32,6/23/2005 10:46,14,,,,,,\n"
              "17,,6/23/2005 10:32,6/23/2005 11:46,14,UPS,,,,,\n" },
    { "titan", "SN,location,insert,remove,duration,out,event\n"
               "1,c11-2c1s4n1,2017-04-09 21:36:19,2018-08-01 20:07:33,41380274,FALSE,\n"
               "1,c9-3c1s2n1,2018-09-09 21:36:19,2019-08-01 20:07:33,28161074,TRUE,DBE\n"
               "2,c6-2c1s2n0,,2019-08-01 20:07:33,,,OTB\n"
               "3,c6-2c1s2n0,2017-04-09 21:36:19,2019-08-01 20:07:33,72916274,FALSE,\n" },
    { "carbon", "\xef\xbb\xbf"
                "Datetime (UTC),Country,Zone Id,Carbon Intensity gCO\xe2\x82\x82"
                "eq/kWh (direct),Carbon Intensity gCO\xe2\x82\x82"
                "eq/kWh (LCA)\n2024-01-01 00:00:00,USA,US-CAL,261.18,340.52\n"
                "2024-01-01 01:00:00,USA,US-CAL,,\n2024-01-01 02:00:00,USA,US-CAL,0,1\n" },
    { "power-price", "Datetime (UTC),Datetime (Local),Price (USD/MWh)\n2024-01-01 00:00:00+00:00,"
                     "2023-12-31 16:00:00-08:00,40.860355\n2024-01-01 01:00:00+00:00,x,-31.5\n" },
};

static const char *const words[] = { "add",
                                     "remove",
                                     "node1",
                                     "2020-02-20T22:06:16Z",
                                     "$0.1",
                                     "null",
                                     "65536",
                                     "65537",
                                     "running",
                                     "not running",
                                     "Created instance i-2 with 8 GPU(s)",
                                     "\"data\"",
                                     "\"prices\"",
                                     "\"SpotPriceHistory\"",
                                     "\"gap_seconds\"",
                                     "1e300",
                                     "-1e300",
                                     "0.0000000001",
                                     "6/21/2005 10:54",
                                     "12/31/9999 23:59",
                                     "9999-12-31 23:59:59",
                                     "1970-01-01 00:00:00",
                                     "DBE",
                                     "(LCA)",
                                     NULL };

static struct seeds seeds;
static const struct log_format *format; /* NULL: told by the first line */
static uint64_t number;

static void check_spells(const struct spell_stats *s)
{
    for (size_t i = 0; i < s->ended; i++)
        assert_true(s->ended_s[i] >= 0 && (i == 0 || s->ended_s[i] >= s->ended_s[i - 1]));
    assert_true(isfinite(s->mean_s) && s->mean_s >= 0);
    assert_true(s->median_us >= 0 && s->p90_us >= s->median_us);
    assert_true(s->fit.ended <= s->ended && s->fit.cut_off <= s->cut_off);
    if (!s->fit.fitted) return;
    assert_true(s->fit.shape > 0 && s->fit.shape_low <= s->fit.shape);
    assert_true(s->fit.scale > 0 && s->fit.scale <= s->fit.scale_high);
}

static void check_series(const struct series *s)
{
    int64_t least = s->kind == SERIES_POWER_PRICE ? INT64_MIN : 0,
            most = s->kind == SERIES_CAPACITY ? SERIES_NODES_MAX : INT64_MAX;
    assert_non_null(s->zone);
    assert_non_null(s->type);
    for (size_t i = 0; i < s->n; i++) {
        assert_true(s->value[i] >= least && s->value[i] <= most);
        assert_true(i == 0 || s->at_us[i] > s->at_us[i - 1]);
    }
    assert_true(s->n == 0 || s->end_us >= s->at_us[s->n - 1]);
    for (size_t i = 0; i < s->cut_n; i++)
        assert_true(s->cut_us[i] <= s->end_us && (i == 0 || s->cut_us[i] >= s->cut_us[i - 1]));
    for (size_t i = 0; i < s->life_n; i++) {
        const struct life *l = &s->lives[i];
        assert_true(l->from_us <= l->to_us && l->to_us <= s->end_us && l->node < s->node_n);
        assert_true(i == 0 || l->node >= s->lives[i - 1].node);
        assert_true(i + 1 < s->life_n || l->end != LIFE_MOVED);
    }
}

static void check_stats(const struct series *s)
{
    struct interruption_stats t;
    struct error err = { STATUS_OK, "" };
    enum status status = interruption_stats_of(s, &t, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    uint64_t moments = 0;
    for (int k = 0; k < AT_ONCE_N; k++) moments += t.at_once[k];
    assert_true(moments == t.moments && t.lost >= t.moments && t.lost >= t.most_at_once);
    assert_true(t.share_any >= 0 && t.share_any <= 1 + 1e-12 && t.share_all <= t.share_any + 1e-12);
    assert_true(isfinite(t.mean) && isfinite(t.price_mean) && isfinite(t.up_hours));
    assert_true(t.price_least <= t.price_median && t.price_median <= t.price_most);
    check_spells(&t.up);
    check_spells(&t.down);
    interruption_stats_free(&t);
}

static void one(uint64_t input)
{
    struct mutator m = { 601 + number, input, 1 << 20 };
    struct log_options options = { .gap_us = mutator_below(&m, 8) ? 0 : 1000000,
                                   .direct = mutator_below(&m, 2) };
    struct interruptions log;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    size_t n;
    char *bytes = mutated(601 + number, input, &seeds, words, &n);
    const char *path = scratch_path("zone_type.log");
    write_file(path, bytes, n);
    free(bytes);
    diagnostics_init(&d);
    enum status status =
        log_read(path, mutator_below(&m, 4) ? format : NULL, &options, &log, &d, &err);
    check_outcome(status, &err, &d);
    if (status == STATUS_OK) {
        assert_true(d.errors == 0 && log.series_n > 0);
        for (size_t i = 0; i < log.series_n; i++) {
            check_series(&log.series[i]);
            check_stats(&log.series[i]);
        }
        interruptions_free(&log);
    }
    diagnostics_free(&d);
}

static void damaged_logs(void **state)
{
    (void)state;
    for (number = 0; number < FORMAT_N; number++) {
        format = log_format_find(small[number].format);
        seeds_add(&seeds, small[number].text, strlen(small[number].text));
        fuzz(small[number].format, ROUNDS, one);
        seeds_free(&seeds);
    }
}

/* Undamaged, each is told by its first line, and is whole. */
static void seeds_are_good(void **state)
{
    size_t n = 0;
    (void)state;
    for (; log_formats[n].name; n++) {
        struct log_options options = { 0 };
        struct interruptions log;
        struct diagnostics d;
        struct error err;
        const char *path = scratch_path("zone_type.log");
        size_t i = 0;
        while (i < FORMAT_N && strcmp(small[i].format, log_formats[n].name) != 0) i++;
        if (i == FORMAT_N) fail_msg("no seed for %s", log_formats[n].name);
        diagnostics_init(&d);
        write_text(path, small[i].text);
        if (log_read(path, NULL, &options, &log, &d, &err) != STATUS_OK)
            fail_msg("%s: %s", small[i].format, d.n ? d.items[0].message : err.message);
        assert_string_equal(log.format, small[i].format);
        for (size_t k = 0; k < log.series_n; k++) {
            check_series(&log.series[k]);
            check_stats(&log.series[k]);
        }
        interruptions_free(&log);
        diagnostics_free(&d);
    }
    assert_int_equal(n, FORMAT_N);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_good),
        cmocka_unit_test(damaged_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
