/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that nobody has looked at, in the texts of four languages.
 *
 *      as a value     quoted by the rules of YAML (JSON's escapes) or HCL; all of it or a refusal
 *      as a name      a slug of the format's own: letters, digits, hyphens; the name is in a
 * comment in a comment   what could end the comment or hide in it becomes ?, and it is cut where
 * long
 *
 * Texts are returned by value, so that several fit in one line of printf.
 */
#ifndef TOOLS_EMIT_EMIT_TEXT_H
#define TOOLS_EMIT_EMIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EMIT_TEXT_MAX = 1024, EMIT_SLUG_MAX = 48, EMIT_COMMENT_MAX = 1200 };

struct emit_text {
    char s[EMIT_TEXT_MAX];
};

/* A double-quoted scalar of YAML 1.1: controls, marks of direction and line ends of any kind are
 * escaped. Empty, without quotes, where it is no UTF-8 or does not fit. */
struct emit_text emit_yaml(const char *text);
/* A name of Kubernetes or CloudFormation as YAML has it: as it is, or quoted where YAML 1.1 would
 * read something else than a text ("no", "null", "1e3"). */
struct emit_text emit_name(const char *name);
/* A quoted template of HCL 2 without interpolation: also ${ and %{ are escaped. As above. */
struct emit_text emit_hcl(const char *text);

/* For a comment that begins with # and ends with the line, in YAML, HCL and slurm.conf: no control,
 * no line end of Unicode, no mark of direction, no backslash, only UTF-8; ? in its place. Ends in
 * "..." where it was cut to `most` bytes, most < EMIT_COMMENT_MAX. */
void emit_comment(const char *text, size_t most, char out[EMIT_COMMENT_MAX]);

/* Lower-case letters, digits and single hyphens inside; begins with a letter, at most
 * EMIT_SLUG_MAX - 1 bytes. Unlike each of the n before it, even without hyphens, so that names that
 * are made of it in other ways are unlike, too. */
void emit_slug(const char *text, const char (*before)[EMIT_SLUG_MAX], size_t n,
               char out[EMIT_SLUG_MAX]);

/* Kubernetes' rules for names (RFC 1123 subdomain), label keys and label values:
 * kubernetes.io/docs/concepts/overview/working-with-objects/{names,labels}. */
bool emit_is_dns_name(const char *text);
bool emit_is_label_key(const char *text);
bool emit_is_label_value(const char *text);
/* Letters, digits, '.', '_' and '-' alone, at least one and at most `most`: of instance types,
 * zones, partitions, GPU types. */
bool emit_is_word(const char *text, size_t most);

/* "1h30m", "90s": whole seconds, rounded down; 0 is "0s". Kubernetes' durations as the CRDs of
 * Karpenter take them. */
struct emit_text emit_duration(int64_t us);

#endif
