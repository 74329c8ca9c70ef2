/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "scenarios/traces/trace_file.h"

/* value / scale with as few decimals as it needs. */
static void put_decimal(FILE *out, int64_t value, int64_t scale)
{
    const char *sign = value < 0 ? "-" : "";
    uint64_t v = value < 0 ? (uint64_t)-value : (uint64_t)value, part = v % (uint64_t)scale;
    int digits = 0;
    for (int64_t s = scale; s > 1; s /= 10) digits++;
    fprintf(out, "%s%llu", sign, (unsigned long long)(v / (uint64_t)scale));
    if (!part) return;
    while (part % 10 == 0) {
        part /= 10;
        digits--;
    }
    fprintf(out, ".%0*llu", digits, (unsigned long long)part);
}

static void put_text(FILE *out, const char *text, size_t n)
{
    /* A carriage return at the end of a line is none of its text, unless it is quoted. */
    bool quote = n > 0 && (strchr("=+-@\"# ", text[0]) || memchr(text, ',', n) ||
                           memchr(text, '"', n) || memchr(text, '\r', n));
    if (!quote) {
        fwrite(text, 1, n, out);
        return;
    }
    fputc('"', out);
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"') fputc('"', out);
        fputc(text[i], out);
    }
    fputc('"', out);
}

static void put_name(FILE *out, const struct names *names, uint32_t i)
{
    put_text(out, names->text[i], strlen(names->text[i]));
}

/* Which optional columns some job uses, in the order of trace_columns. */
static void find_used(const struct workload *w, bool used[COLUMN_N])
{
    memset(used, 0, COLUMN_N * sizeof *used);
    used[COLUMN_SUBMIT] = used[COLUMN_RUN] = used[COLUMN_GPUS] = true;
    used[COLUMN_JOB_ID] = w->job_n > 0 && w->id_at[w->job_n] > 0;
    for (size_t j = 0; j < w->job_n; j++) {
        used[COLUMN_GPU_TYPE] |= w->gpu_type[j] != 0;
        used[COLUMN_CPUS] |= w->cpu_milli[j] != 0;
        used[COLUMN_MEM] |= w->mem_mib[j] != 0;
        used[COLUMN_NODES] |= w->nodes[j] != 0;
        used[COLUMN_TENANT] |= w->tenant[j] != 0;
        used[COLUMN_USER] |= w->user[j] != 0;
        used[COLUMN_QUEUE] |= w->queue[j] != 0;
        used[COLUMN_CLASS] |= w->class_[j] != 0;
        used[COLUMN_PRIORITY] |= w->priority[j] != 0;
        used[COLUMN_STATUS] |= w->status[j] != JOB_UNKNOWN;
        used[COLUMN_LIMIT] |= w->limit_us[j] != -1;
        used[COLUMN_START] |= w->start_us[j] != -1;
        used[COLUMN_DEADLINE] |= w->deadline_us[j] != -1;
        used[COLUMN_MIN_GPUS] |= w->min_gpus[j] != 0;
        used[COLUMN_MAX_GPUS] |= w->max_gpus[j] != 0;
        used[COLUMN_SELECTOR] |= w->selector[j] != 0;
        used[COLUMN_TOLERATIONS] |= w->toleration[j] != 0;
    }
}

static void put_cell(FILE *out, const struct workload *w, size_t j, enum column column)
{
    switch (column) {
    case COLUMN_JOB_ID:
        put_text(out, w->id_text ? w->id_text + w->id_at[j] : "", w->id_at[j + 1] - w->id_at[j]);
        break;
    case COLUMN_SUBMIT: put_decimal(out, w->submit_us[j], US_PER_S); break;
    case COLUMN_RUN: put_decimal(out, w->run_us[j], US_PER_S); break;
    case COLUMN_GPUS: put_decimal(out, w->gpu_milli[j], 1000); break;
    case COLUMN_GPU_TYPE: put_name(out, &w->gpu_types, w->gpu_type[j]); break;
    case COLUMN_CPUS: put_decimal(out, w->cpu_milli[j], 1000); break;
    case COLUMN_MEM: put_decimal(out, w->mem_mib[j], 1); break;
    case COLUMN_NODES: put_decimal(out, w->nodes[j], 1); break;
    case COLUMN_TENANT: put_name(out, &w->tenants, w->tenant[j]); break;
    case COLUMN_USER: put_name(out, &w->users, w->user[j]); break;
    case COLUMN_QUEUE: put_name(out, &w->queues, w->queue[j]); break;
    case COLUMN_CLASS: put_name(out, &w->classes, w->class_[j]); break;
    case COLUMN_PRIORITY: put_decimal(out, w->priority[j], 1); break;
    case COLUMN_STATUS: fputs(job_status_name((enum job_status)w->status[j]), out); break;
    case COLUMN_LIMIT:
        if (w->limit_us[j] != -1) put_decimal(out, w->limit_us[j], US_PER_S);
        break;
    case COLUMN_START:
        if (w->start_us[j] != -1) put_decimal(out, w->start_us[j], US_PER_S);
        break;
    case COLUMN_DEADLINE:
        if (w->deadline_us[j] != -1) put_decimal(out, w->deadline_us[j], US_PER_S);
        break;
    case COLUMN_MIN_GPUS: put_decimal(out, w->min_gpus[j], 1); break;
    case COLUMN_MAX_GPUS: put_decimal(out, w->max_gpus[j], 1); break;
    case COLUMN_SELECTOR: put_name(out, &w->selectors, w->selector[j]); break;
    case COLUMN_TOLERATIONS: put_name(out, &w->tolerations, w->toleration[j]); break;
    case COLUMN_N: break;
    }
}

static void write_rows(const struct workload *w, FILE *out)
{
    bool used[COLUMN_N];
    find_used(w, used);
    if (w->t0_unix_us != INT64_MIN) {
        fputs("# t0_unix_s=", out);
        put_decimal(out, w->t0_unix_us, US_PER_S);
        fputc('\n', out);
    }
    const char *separator = "";
    for (int c = 0; trace_columns[c].name; c++) {
        if (!used[c]) continue;
        fprintf(out, "%s%s", separator, trace_columns[c].name);
        separator = ",";
    }
    fputc('\n', out);
    for (size_t j = 0; j < w->job_n; j++) {
        bool first = true;
        for (int c = 0; trace_columns[c].name; c++) {
            if (!used[c]) continue;
            if (!first) fputc(',', out);
            first = false;
            put_cell(out, w, j, (enum column)c);
        }
        fputc('\n', out);
    }
}

static ssize_t packed_write(void *cookie, const char *bytes, size_t n)
{
    return gzwrite(cookie, bytes, (unsigned)n) == (int)n ? (ssize_t)n : -1;
}

static int packed_close(void *cookie) { return gzclose(cookie) == Z_OK ? 0 : -1; }

/* A stream that packs into fd, which it closes. */
static FILE *packed_stream(int fd)
{
    gzFile packed = gzdopen(fd, "wb6");
    if (!packed) return NULL;
    FILE *out = fopencookie(
        packed, "w", (cookie_io_functions_t){ .write = packed_write, .close = packed_close });
    if (!out) gzclose(packed);
    return out;
}

enum status trace_write(const struct workload *w, const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        write_rows(w, stdout);
        return fflush(stdout) == 0 && !ferror(stdout)
                   ? STATUS_OK
                   : error_set(err, STATUS_IO, "cannot write standard output: %s", strerror(errno));
    }
    size_t n = strlen(path);
    struct stat there;
    bool special = stat(path, &there) == 0 &&
                   !S_ISREG(there.st_mode); /* a device or a pipe stays what it is */
    char *temporary = malloc(n + 16);
    if (!temporary) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    sprintf(temporary, "%s.tmp-XXXXXX", path);
    int fd = special ? open(path, O_WRONLY | O_CLOEXEC) : mkstemp(temporary);
    if (fd < 0) {
        free(temporary);
        return error_set(err, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
    }
    mode_t mask = umask(0);
    umask(mask);
    if (!special) fchmod(fd, 0666 & ~mask);
    FILE *out = n > 3 && strcmp(path + n - 3, ".gz") == 0 ? packed_stream(fd) : fdopen(fd, "w");
    errno = 0;
    bool ok = out != NULL;
    if (ok) {
        setvbuf(out, NULL, _IOFBF, 1 << 18);
        write_rows(w, out);
        ok = !ferror(out);
        ok = fclose(out) == 0 && ok;
    } else {
        close(fd);
    }
    int why = errno;
    if (ok && !special && rename(temporary, path) != 0) {
        ok = false;
        why = errno;
    }
    if (!ok) {
        if (!special) unlink(temporary);
        error_set(err, STATUS_IO, "cannot write %s: %s", path, strerror(why ? why : EIO));
    }
    free(temporary);
    return ok ? STATUS_OK : STATUS_IO;
}
