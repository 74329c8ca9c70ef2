/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multi-Instance GPU: a GPU of seven compute slices and eight memory slots, cut into instances that
 * lie on fixed slots.
 *
 *      slots      0 1 2 3 4 5 6 7
 *      1g         one of 0 .. 6
 *      2g         0-1, 2-3 or 4-5
 *      3g         0-3 or 4-7
 *      4g         0-3
 *      7g         0-7: the whole GPU
 *
 * The geometry is that of A100 (40 and 80 GB), H100 and H200: NVIDIA, Multi-Instance GPU User
 * Guide, Supported MIG profiles; nvidia-smi mig -lgipp. So four slots may be free and no 3g fit
 * them.
 */
#ifndef MODELS_FLEET_MIG_H
#define MODELS_FLEET_MIG_H

#include <stdbool.h>
#include <stdint.h>

enum { MIG_SLOTS = 8, MIG_PROFILES = 4 };

struct mig_profile {
    const char *name;    /* "1g" */
    int32_t compute;     /* of 7 */
    int32_t slots;       /* of 8 */
    uint8_t starts;      /* bits: slots it may begin at */
    uint16_t held_milli; /* slots / 8 of a GPU, in thousandths */
};

/* 1g, 2g, 3g, 4g: what is less than a GPU, rising. */
extern const struct mig_profile mig_profiles[MIG_PROFILES];

/* The number of the smallest profile with so many thousandths of the compute slices; -1: only a
 * whole GPU has them. */
int mig_profile_for(int32_t milli);
/* The lowest slot at which the profile fits beside those used (bits); -1 = nowhere. */
int mig_start(const struct mig_profile *profile, uint8_t used);
static inline uint8_t mig_slots_at(const struct mig_profile *profile, int start)
{
    return (uint8_t)(((1u << profile->slots) - 1) << start);
}
/* Whether GPUs of that model can be cut so. */
bool mig_has(const char *gpu_model);

#endif
