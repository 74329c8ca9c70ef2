/* SPDX-License-Identifier: Apache-2.0 */
/* Logs read by an importer, for the tests of importers. */
#ifndef TESTS_IMPORTED_H
#define TESTS_IMPORTED_H

#include "tests/support.h"

#include "scenarios/traces/formats.h"

/* Imports a file, or a text as one; options may be NULL. Fails the test where it is refused. */
struct import_report import_path(const char *format, const char *path,
                                 const struct import_options *options, struct workload *w);
struct import_report import_text(const char *format, const char *text,
                                 const struct import_options *options, struct workload *w);
/* Several texts as files "0.txt", "1.txt", ...; texts end with NULL. */
struct import_report import_texts(const char *format, const char *const *texts,
                                  const struct import_options *options, struct workload *w);
/* Imports a text that must be refused as bad input; what was said, in a static buffer. */
const char *import_refusal(const char *format, const char *text,
                           const struct import_options *options);

/* How often a reason was counted. */
uint64_t reason_count(const struct import_report *report, const char *text);
/* The job of an id; fails the test where there is none. */
size_t job_named(const struct workload *w, const char *id);
/* Texts of a job. */
const char *tenant_of(const struct workload *w, size_t j);
const char *user_of(const struct workload *w, size_t j);
const char *queue_of_job(const struct workload *w, size_t j);
const char *types_of(const struct workload *w, size_t j);

#endif
