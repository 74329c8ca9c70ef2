/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/traces/text_input.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { RAW_SIZE = 1 << 18, BUFFER_SIZE = TEXT_LINE_MAX + (1 << 20), MAGIC_MAX = 16 };
enum { PLAIN, GZIP, ZSTD_FORMAT, XZ };
/* More than xz -9 needs (65 MiB); a file that asks for more is a way to take memory. */
#define XZ_MEMORY_MAX (UINT64_C(128) << 20)

static enum status read_raw(struct text_input *in, struct error *err)
{
    ssize_t got;
    do got = read(in->fd, in->raw, RAW_SIZE);
    while (got < 0 && errno == EINTR);
    if (got < 0) return error_set(err, STATUS_IO, "cannot read %s: %s", in->path, strerror(errno));
    in->raw_at = 0;
    in->raw_n = (size_t)got;
    in->raw_ended = got == 0;
    return STATUS_OK;
}

/* The first bytes decide how a file is packed; a pipe may give them one at a time. */
static enum status read_magic(struct text_input *in, struct error *err)
{
    do {
        ssize_t got;
        do got = read(in->fd, in->raw + in->raw_n, RAW_SIZE - in->raw_n);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return error_set(err, STATUS_IO, "cannot read %s: %s", in->path, strerror(errno));
        in->raw_n += (size_t)got;
        in->raw_ended = got == 0;
    } while (!in->raw_ended && in->raw_n < MAGIC_MAX);
    return STATUS_OK;
}

static bool begins(const struct text_input *in, const char *magic, size_t n)
{
    return in->raw_n >= n && memcmp(in->raw, magic, n) == 0;
}

static enum status find_kind(struct text_input *in, struct error *err)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *what;
    } others[] = {
        { "PK\3\4", 4, "is a zip archive: unpack it first" },
        { "BZh91AY&SY", 10, "is packed with bzip2: unpack it first" },
        { "SQLite format 3", 15, "is a SQLite file, not text" },
        { "\xff\xfe", 2, "is UTF-16: save it as UTF-8" },
        { "\xfe\xff", 2, "is UTF-16: save it as UTF-8" },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (begins(in, others[i].magic, others[i].n))
            return error_set(err, STATUS_BAD_INPUT, "%s %s", in->path, others[i].what);
    if (begins(in, "\x1f\x8b", 2)) in->kind = GZIP;
    else if (begins(in, "\x28\xb5\x2f\xfd", 4)) in->kind = ZSTD_FORMAT;
    else if (begins(in, "\xfd\x37zXZ", 6)) in->kind = XZ; /* and a zero byte */
    return STATUS_OK;
}

static enum status start_unpacking(struct text_input *in, struct error *err)
{
    if (in->kind == GZIP) {
        z_stream *z = calloc(1, sizeof *z);
        in->unpack = z;
        if (!z || inflateInit2(z, 15 + 16) != Z_OK)
            return error_set(err, STATUS_NO_MEMORY, "no memory to unpack %s", in->path);
    } else if (in->kind == ZSTD_FORMAT) {
        in->unpack = ZSTD_createDStream();
        if (!in->unpack)
            return error_set(err, STATUS_NO_MEMORY, "no memory to unpack %s", in->path);
        /* A window beyond 128 MiB is not asked for by any real trace, and would be a way to take
         * memory. */
        ZSTD_DCtx_setParameter(in->unpack, ZSTD_d_windowLogMax, 27);
    } else if (in->kind == XZ) {
        lzma_stream *xz = calloc(1, sizeof *xz);
        in->unpack = xz;
        if (!xz || lzma_stream_decoder(xz, XZ_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK)
            return error_set(err, STATUS_NO_MEMORY, "no memory to unpack %s", in->path);
    }
    return STATUS_OK;
}

enum status text_open(struct text_input *in, const char *path, struct error *err)
{
    memset(in, 0, sizeof *in);
    in->path = strcmp(path, "-") == 0 ? "<stdin>" : path;
    in->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0)
        return error_set(err, STATUS_IO, "cannot open %s: %s", in->path, strerror(errno));
    in->raw = malloc(RAW_SIZE);
    in->buffer = malloc(BUFFER_SIZE + 1);
    enum status status = in->raw && in->buffer
                             ? STATUS_OK
                             : error_set(err, STATUS_NO_MEMORY, "no memory to read %s", in->path);
    if (status == STATUS_OK) status = read_magic(in, err);
    if (status == STATUS_OK) status = find_kind(in, err);
    if (status == STATUS_OK) status = start_unpacking(in, err);
    if (status != STATUS_OK) text_close(in);
    return status;
}

uint64_t text_size(const struct text_input *in)
{
    struct stat st;
    return in->kind == PLAIN && fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode)
               ? (uint64_t)st.st_size
               : 0;
}

uint64_t text_position(const struct text_input *in) { return in->before + in->at; }

void text_close(struct text_input *in)
{
    if (in->kind == GZIP && in->unpack) inflateEnd(in->unpack);
    if (in->kind == GZIP) free(in->unpack);
    if (in->kind == ZSTD_FORMAT) ZSTD_freeDStream(in->unpack);
    if (in->kind == XZ && in->unpack) lzma_end(in->unpack);
    if (in->kind == XZ) free(in->unpack);
    if (in->fd >= 0) close(in->fd);
    free(in->raw);
    free(in->buffer);
    memset(in, 0, sizeof *in);
    in->fd = -1;
}

static enum status damaged(const struct text_input *in, struct error *err, const char *why)
{
    return error_set(err, STATUS_BAD_INPUT, "%s is damaged: %s after line %llu", in->path, why,
                     (unsigned long long)in->line);
}

/* One step of xz over the raw bytes there are, none of them at the end of the file; *ended: the
 * data ended well. */
static enum status unpack_xz(struct text_input *in, char *out, size_t room, size_t *got,
                             bool *ended, struct error *err)
{
    lzma_stream *xz = in->unpack;
    size_t left = in->raw_n - in->raw_at;
    xz->next_in = in->raw + in->raw_at;
    xz->avail_in = left;
    xz->next_out = (uint8_t *)out;
    xz->avail_out = room;
    lzma_ret code = lzma_code(xz, in->raw_ended ? LZMA_FINISH : LZMA_RUN);
    in->raw_at += left - xz->avail_in;
    *got = room - xz->avail_out;
    *ended = code == LZMA_STREAM_END;
    if (code == LZMA_OK || code == LZMA_STREAM_END) return STATUS_OK;
    if (code == LZMA_BUF_ERROR && !in->raw_ended) return STATUS_OK;
    if (code == LZMA_MEM_ERROR)
        return error_set(err, STATUS_NO_MEMORY, "no memory to unpack %s", in->path);
    return damaged(in, err,
                   code == LZMA_BUF_ERROR        ? "the xz data ends early"
                   : code == LZMA_MEMLIMIT_ERROR ? "the xz data asks for more than 128 MiB"
                                                 : "bad xz data");
}

/* Unpacks some bytes into out; *got 0 only at the end. */
static enum status unpack(struct text_input *in, char *out, size_t room, size_t *got,
                          struct error *err)
{
    *got = 0;
    while (*got == 0) {
        if (in->raw_at == in->raw_n && !in->raw_ended) {
            enum status status = read_raw(in, err);
            if (status != STATUS_OK) return status;
        }
        size_t left = in->raw_n - in->raw_at;
        if (in->kind == PLAIN) {
            *got = left < room ? left : room;
            memcpy(out, in->raw + in->raw_at, *got);
            in->raw_at += *got;
            if (left == 0) return STATUS_OK;
        } else if (in->kind == GZIP) {
            z_stream *z = in->unpack;
            if (left == 0)
                return in->unpack_open ? damaged(in, err, "the gzip data ends early") : STATUS_OK;
            z->next_in = in->raw + in->raw_at;
            z->avail_in = (uInt)left;
            z->next_out = (Bytef *)out;
            z->avail_out = (uInt)room;
            int code = inflate(z, Z_NO_FLUSH);
            in->raw_at += left - z->avail_in;
            *got = room - z->avail_out;
            in->unpack_open = code != Z_STREAM_END;
            if (code == Z_STREAM_END) inflateReset(z); /* gzip files may be strung together */
            else if (code != Z_OK && code != Z_BUF_ERROR)
                return damaged(in, err, z->msg ? z->msg : "bad gzip data");
        } else if (in->kind == XZ) {
            bool ended;
            enum status status = unpack_xz(in, out, room, got, &ended, err);
            if (status != STATUS_OK || ended) return status;
        } else {
            ZSTD_inBuffer source = { in->raw + in->raw_at, left, 0 };
            ZSTD_outBuffer target = { out, room, 0 };
            if (left == 0)
                return in->unpack_open ? damaged(in, err, "the zstd data ends early") : STATUS_OK;
            size_t code = ZSTD_decompressStream(in->unpack, &target, &source);
            if (ZSTD_isError(code)) return damaged(in, err, ZSTD_getErrorName(code));
            in->raw_at += source.pos;
            *got = target.pos;
            in->unpack_open = code != 0;
        }
    }
    return STATUS_OK;
}

static enum status fill(struct text_input *in, struct error *err)
{
    size_t got;
    memmove(in->buffer, in->buffer + in->at, in->n - in->at);
    in->n -= in->at;
    in->before += in->at;
    in->at = 0;
    while (!in->ended && in->n < BUFFER_SIZE) {
        enum status status = unpack(in, in->buffer + in->n, BUFFER_SIZE - in->n, &got, err);
        if (status != STATUS_OK) return status;
        in->n += got;
        in->ended = got == 0;
    }
    return STATUS_OK;
}

enum status text_peek(struct text_input *in, struct error *err)
{
    return in->ended || in->n > in->at ? STATUS_OK : fill(in, err);
}

/* Passes over a UTF-8 mark; how long it was. */
static size_t skip_mark(struct text_input *in)
{
    if (in->n - in->at < 3 || memcmp(in->buffer + in->at, "\xef\xbb\xbf", 3) != 0) return 0;
    in->at += 3;
    return 3;
}

enum status text_line(struct text_input *in, char **line, size_t *n, struct error *err)
{
    char *start = in->buffer + in->at, *end = memchr(start, '\n', in->n - in->at);
    if (!end && !in->ended) {
        enum status status = fill(in, err);
        if (status != STATUS_OK) return status;
        start = in->buffer;
        end = memchr(start, '\n', in->n);
    }
    if (in->line == 0) start += skip_mark(in);
    size_t left = in->n - in->at, length = end ? (size_t)(end - start) : left;
    if (left == 0) {
        *line = NULL;
        *n = 0;
        return STATUS_OK;
    }
    in->line++;
    if (length > TEXT_LINE_MAX)
        return error_set(err, STATUS_BAD_INPUT, "%s: line %llu is longer than 1 MiB", in->path,
                         (unsigned long long)in->line);
    if (memchr(start, '\0', length))
        return error_set(err, STATUS_BAD_INPUT, "%s: line %llu holds a zero byte: this is no text",
                         in->path, (unsigned long long)in->line);
    in->at += length + (end != NULL);
    if (length > 0 && start[length - 1] == '\r') length--;
    start[length] = '\0';
    *line = start;
    *n = length;
    return STATUS_OK;
}

enum status text_rest(struct text_input *in, size_t most, char **text, size_t *n, struct error *err)
{
    size_t capacity = 1 << 16, have = 0;
    char *all = malloc(capacity);
    enum status status =
        all ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory to read %s", in->path);
    while (status == STATUS_OK) {
        if (have == 0 && in->before + in->at == 0) skip_mark(in);
        size_t here = in->n - in->at;
        if (have + here > most)
            status =
                error_set(err, STATUS_BAD_INPUT, "%s is larger than %zu MiB", in->path, most >> 20);
        while (status == STATUS_OK && have + here + 1 > capacity) {
            char *grown = realloc(all, capacity *= 2);
            if (!grown) status = error_set(err, STATUS_NO_MEMORY, "no memory to read %s", in->path);
            else all = grown;
        }
        if (status != STATUS_OK) break;
        memcpy(all + have, in->buffer + in->at, here);
        have += here;
        in->at = in->n;
        if (in->ended) break;
        status = fill(in, err);
    }
    if (status != STATUS_OK) {
        free(all);
        return status;
    }
    all[have] = '\0';
    *text = all;
    *n = have;
    return STATUS_OK;
}
