/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words in which the tables of Kubernetes objects are written: their keys are the API's own names,
 * which no C member bears. For files of tables only; TARGET is the struct of the table at hand.
 */
#ifndef SCENARIOS_KUBERNETES_SCHEMA_H
#define SCENARIOS_KUBERNETES_SCHEMA_H

#include <stddef.h>

#include "scenarios/yaml_walk.h"

/* The values of a choice, by number. */
#define WORDS(function, ...)                                                                       \
    static const char *function(size_t i)                                                          \
    {                                                                                              \
        static const char *const words[] = { __VA_ARGS__, NULL };                                  \
        return words[i];                                                                           \
    }

#define FIELD(name, kind_, member)                                                                 \
    .key = name, .kind = kind_, .offset = offsetof(struct TARGET, member)
#define CHOICE(name, member, words)  FIELD(name, FIELD_CHOICE, member), .choice = words
#define READ(name, member, reader)   FIELD(name, FIELD_SCALAR, member), .read = reader
#define MAP(name, kind_, member, of) FIELD(name, kind_, member), .schema = of
#define NEEDED                       .required = true
#define END                                                                                        \
    {                                                                                              \
        .key = NULL                                                                                \
    }

/* What any object's metadata may say and nothing here asks for (ObjectMeta of
 * k8s.io/apimachinery, pkg/apis/meta/v1). */
#define METADATA_PASSED_OVER(member)                                                               \
    { FIELD("labels", FIELD_ANY, member) }, { FIELD("annotations", FIELD_ANY, member) },           \
        { FIELD("creationTimestamp", FIELD_ANY, member) },                                         \
        { FIELD("finalizers", FIELD_ANY, member) }, { FIELD("generation", FIELD_ANY, member) },    \
        { FIELD("managedFields", FIELD_ANY, member) },                                             \
        { FIELD("ownerReferences", FIELD_ANY, member) },                                           \
        { FIELD("resourceVersion", FIELD_ANY, member) },                                           \
    {                                                                                              \
        FIELD("uid", FIELD_ANY, member)                                                            \
    }

#endif
