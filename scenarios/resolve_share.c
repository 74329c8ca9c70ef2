/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers by name: of tenants, queues and classes. */
#include "scenarios/loading.h"

enum status named_numbers(struct loading *l, const struct value_list *list,
                          struct named_number **numbers, size_t *n)
{
    const struct value *values = list->items;
    *n = 0;
    if (list->state != VALUE_GOOD) return STATUS_OK;
    *numbers = arena_zeroed(&l->store->arena, list->n + 1, sizeof **numbers);
    if (!*numbers) return error_set(l->err, STATUS_NO_MEMORY, "no memory for names");
    for (size_t i = 0; i < list->n; i++)
        (*numbers)[(*n)++] = (struct named_number){ values[i].text, values[i].number };
    return STATUS_OK;
}

enum status resolve_scatter(struct loading *l, const struct raw_scheduler *raw,
                            const struct scheduler_spec *spec, struct scatter_options *scatter)
{
    if (raw->scattered_speed.state != VALUE_ABSENT && spec->gang != GANG_ANYWHERE)
        loading_complain(l, raw->scattered_speed.at, NULL, "gang: anywhere may",
                         "'scattered_speed' says nothing here: no gang lies on more nodes than the "
                         "fewest with 'gang: %s'",
                         gangs[spec->gang].name);
    return named_numbers(l, &raw->scattered_speed, &scatter->speed, &scatter->n);
}

enum status resolve_racks(struct loading *l, const struct raw_scheduler *raw,
                          struct scatter_options *cross_rack)
{
    return named_numbers(l, &raw->cross_rack_speed, &cross_rack->speed, &cross_rack->n);
}

enum status resolve_share(struct loading *l, const struct raw_scheduler *raw,
                          struct share_options *share)
{
    *share = (struct share_options){
        .weight_age = value_or(&raw->weight_age, 0),
        .weight_fairshare = value_or(&raw->weight_fairshare, 0),
        .weight_size = value_or(&raw->weight_size, 0),
        .weight_partition = value_or(&raw->weight_partition, 0),
        .weight_qos = value_or(&raw->weight_qos, 0),
        .fairshare = (enum fairshare_rule)value_or(&raw->fairshare, FAIRSHARE_TREE),
        .favor = (enum favor_rule)value_or(&raw->favor, FAVOR_LARGE),
        .age_max_us = value_or(&raw->age_max, 0),
        .half_life_us = value_or(&raw->half_life, 0),
        .period_us = value_or(&raw->calc_period, 0),
    };
    enum status status = named_numbers(l, &raw->shares, &share->shares, &share->share_n);
    if (status) return status;
    return named_numbers(l, &raw->partitions, &share->partitions, &share->partition_n);
}
