/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The colours, by token, light and dark. Chosen so that the categories stay apart under simulated
 * protanopia, deuteranopia and tritanopia; words and line styles back them up all the same.
 */
#ifndef REPORTS_PALETTE_H
#define REPORTS_PALETTE_H

struct palette_entry {
    const char *token, *light, *dark;
};

/* Ended by a NULL token. */
extern const struct palette_entry palette[];

/* Position of a token; -1 unknown. */
int palette_index(const char *token);

#endif
