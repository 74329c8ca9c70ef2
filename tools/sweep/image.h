/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container image for a sweep is made of, in FOLDER/image: a Containerfile, this very
 * program, the price tables it reads, and the files that the scenario names, in the places that the
 * scenario looks for them from IMAGE_SCENARIO.
 *
 * The program is copied, not built anew: a shard is of the sweep only where the program is the
 * same.
 */
#ifndef TOOLS_SWEEP_IMAGE_H
#define TOOLS_SWEEP_IMAGE_H

#include "tools/sweep/directory.h"

#define IMAGE_PROGRAM  "/usr/local/bin/seatrial"
#define IMAGE_SCENARIO "/scenario"
enum { IMAGE_USER = 10001 }; /* nobody's number on a node */

/* inputs: paths of files that the scenario reads, ended by NULL (NULL: none); a file of the shipped
 * tables is "shipped/...". scenario: its text. STATUS_BAD_INPUT: a file that it names by an
 * absolute path, or from above its folder, would not be found there. */
enum status image_write(const struct directory *d, const char *const *inputs, const char *scenario,
                        struct error *err);

#endif
