/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/mig.h"

#include <string.h>

const struct mig_profile mig_profiles[MIG_PROFILES] = {
    { "1g", 1, 1, 0x7f, 125 },
    { "2g", 2, 2, 0x15, 250 },
    { "3g", 3, 4, 0x11, 500 },
    { "4g", 4, 4, 0x01, 500 },
};

int mig_profile_for(int32_t milli)
{
    for (int i = 0; i < MIG_PROFILES; i++)
        if (7 * (int64_t)milli <= 1000 * (int64_t)mig_profiles[i].compute) return i;
    return -1;
}

int mig_start(const struct mig_profile *profile, uint8_t used)
{
    for (int start = 0; start < MIG_SLOTS; start++)
        if (profile->starts >> start & 1 && !(used & mig_slots_at(profile, start))) return start;
    return -1;
}

bool mig_has(const char *gpu_model)
{
    static const char *const models[] = { "A100", "H100", "H200" };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strncmp(gpu_model, models[i], strlen(models[i])) == 0) return true;
    return false;
}
