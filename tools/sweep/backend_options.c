/* SPDX-License-Identifier: Apache-2.0 */
/* What a submission was asked with, so that a resumed sweep asks the same. */
#include <stdlib.h>
#include <string.h>

#include "tools/sweep/backend.h"

const char *const backend_names[] = { "slurm", "kubernetes" };

void backend_options_init(struct backend_options *options)
{
    *options = (struct backend_options){ .backend = BACKEND_SLURM, .threads = 1 };
}

bool backend_named(const char *name, enum backend *backend)
{
    for (int b = 0; b < BACKEND_N; b++)
        if (strcmp(name, backend_names[b]) == 0) {
            *backend = (enum backend)b;
            return true;
        }
    return false;
}

json_t *backend_options_json(const struct backend_options *o)
{
    json_t *more = json_array();
    for (size_t i = 0; o->more && o->more[i]; i++)
        json_array_append_new(more, json_string(o->more[i]));
    return json_pack("{s:i, s:i, s:s*, s:s*, s:s*, s:s*, s:s*, s:o}", "at_once", o->most_at_once,
                     "threads", o->threads, "partition", o->partition, "account", o->account,
                     "image", o->image, "volume_claim", o->volume_claim, "namespace",
                     o->k8s_namespace, "more", more);
}

/* The strings of an array, ended by NULL; malloc'd, the strings are its. NULL: no memory. */
static const char **strings_of(const json_t *array)
{
    size_t n = 0, i;
    const json_t *word;
    const char **words = calloc(json_array_size(array) + 1, sizeof *words);
    json_array_foreach(array, i, word) if (words && json_is_string(word)) words[n++] =
        json_string_value(word);
    return words;
}

enum status backend_options_read(const struct directory *d, struct backend_options_said *said,
                                 struct error *err)
{
    json_t *line;
    size_t i;
    memset(said, 0, sizeof *said);
    backend_options_init(&said->options);
    enum status status = directory_records(d, &said->lines, err);
    if (status != STATUS_OK) return status;
    json_array_foreach(said->lines, i, line)
    {
        const char *name = json_string_value(json_object_get(line, "backend"));
        const json_t *options = json_object_get(line, "options");
        struct backend_options *o = &said->options;
        if (!name || !json_is_object(options) || !backend_named(name, &o->backend)) continue;
        said->found = true;
        json_int_t at_once = json_integer_value(json_object_get(options, "at_once"));
        json_int_t threads = json_integer_value(json_object_get(options, "threads"));
        o->most_at_once = at_once > 0 && at_once <= SWEEP_SHARDS_MAX ? (int32_t)at_once : 0;
        o->threads = threads > 0 && threads <= 1024 ? (int32_t)threads : 1;
        o->partition = json_string_value(json_object_get(options, "partition"));
        o->account = json_string_value(json_object_get(options, "account"));
        o->image = json_string_value(json_object_get(options, "image"));
        o->volume_claim = json_string_value(json_object_get(options, "volume_claim"));
        o->k8s_namespace = json_string_value(json_object_get(options, "namespace"));
        free(said->more);
        o->more = said->more = strings_of(json_object_get(options, "more"));
        if (!said->more) {
            backend_options_free(said);
            return error_set(err, STATUS_NO_MEMORY, "out of memory");
        }
    }
    return STATUS_OK;
}

void backend_options_free(struct backend_options_said *said)
{
    json_decref(said->lines);
    free(said->more);
    memset(said, 0, sizeof *said);
}
