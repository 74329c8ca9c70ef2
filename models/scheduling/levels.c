/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/levels.h"

/* The limits of the three queues in Tiresias' simulator: seconds, or GPU-seconds. */
static const int64_t tiresias[] = { INT64_C(3250000000), INT64_C(7200000000) };

static int32_t thresholds(const struct level_options *options, const int64_t **threshold)
{
    if (options->threshold_n == 0) {
        *threshold = tiresias;
        return sizeof tiresias / sizeof *tiresias;
    }
    *threshold = options->threshold_us;
    return options->threshold_n;
}

int64_t levels_end(const struct level_options *options, int64_t level)
{
    const int64_t *threshold;
    if (options->quantum_us > 0) {
        __int128 end = (__int128)(level + 1) * options->quantum_us;
        return end < INT64_MAX ? (int64_t)end : INT64_MAX;
    }
    return level < thresholds(options, &threshold) ? threshold[level] : INT64_MAX;
}

int64_t levels_of(const struct level_options *options, int64_t attained)
{
    if (options->quantum_us > 0) return attained / options->quantum_us;
    int64_t level = 0;
    while (attained >= levels_end(options, level)) level++;
    return level;
}
