/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text file read line by line: plain, gzip, zstd or xz by its first bytes, or standard input by
 * "-".
 *
 * Memory stays at a buffer whatever the file holds: a line may have 1 MiB, no more, and no zero
 * byte. A compressed file that ends early, or is damaged, is an error, not an end; so is a file
 * packed in another way, or in UTF-16.
 */
#ifndef SCENARIOS_TRACES_TEXT_INPUT_H
#define SCENARIOS_TRACES_TEXT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

enum { TEXT_LINE_MAX = 1 << 20 };

struct text_input {
    const char *path; /* as given, borrowed */
    int fd;
    int kind;           /* how it is packed */
    void *unpack;       /* state of zlib, zstd or lzma */
    unsigned char *raw; /* packed bytes */
    size_t raw_at, raw_n;
    char *buffer; /* text */
    size_t at, n;
    uint64_t before; /* bytes of text given before the buffer's */
    uint64_t line;   /* number of the line last given, from 1 */
    bool raw_ended, ended, unpack_open;
};

enum status text_open(struct text_input *in, const char *path, struct error *err);
void text_close(struct text_input *in);
/* How long the text is in all, 0 where that cannot be known; and how much of it has been given. */
uint64_t text_size(const struct text_input *in);
uint64_t text_position(const struct text_input *in);
/* The next line without its LF or CRLF, and without a UTF-8 mark at the start of the file; valid
 * until the next call. *line is NULL at the end. The line is followed by a zero byte. */
enum status text_line(struct text_input *in, char **line, size_t *n, struct error *err);
/* Has some text in buffer[at .. n) without taking it, unless the file has ended. */
enum status text_peek(struct text_input *in, struct error *err);
/* All that is left, without a UTF-8 mark at the start of the file, up to `most` bytes (more is an
 * error), malloc'd and zero-terminated. */
enum status text_rest(struct text_input *in, size_t most, char **text, size_t *n,
                      struct error *err);

#endif
