/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A results file as text: every table and row in a fixed order, without what may differ between two
 * runs of one question (table execution, and the command line in run.rerun). Reals are written so
 * that they read back to the same bits.
 */
#ifndef TESTS_DB_DUMP_H
#define TESTS_DB_DUMP_H

/* malloc'd; fails the test where the file cannot be read. tables: names between commas, NULL = all.
 */
char *db_dump(const char *path, const char *tables);
/* The SHA-256 of the dump, in hexadecimal. */
void db_digest(const char *path, const char *tables, char sha256[65]);

#endif
