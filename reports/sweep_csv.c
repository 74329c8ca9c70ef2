/* SPDX-License-Identifier: Apache-2.0 */
/* A sweep for a spreadsheet: a line a point and fleet, with every figure. */
#include <inttypes.h>
#include <math.h>

#include "reports/escape.h"
#include "reports/metrics.h"
#include "reports/sweep_data.h"

static void put_text(FILE *out, const char *text)
{
    fputc(',', out);
    escape_csv(out, text);
}

static void put_number(FILE *out, double x)
{
    fputc(',', out);
    if (isfinite(x)) fprintf(out, "%.12g", x);
}

static void write_row(const struct sweep_data *d, int32_t rank, FILE *out)
{
    const struct swept_row *r = &d->rows[d->ranking[rank]];
    const struct swept_point *p = &d->list[r->point];
    fprintf(out, "%d,%" PRId64, (int)rank + 1, p->id);
    for (int32_t k = 0; k < d->key_n; k++) put_text(out, p->values[k]);
    put_text(out, r->name);
    put_text(out, r->summary);
    fprintf(out, ",%" PRId64 ",%" PRId64, r->gpus, r->nodes);
    put_text(out, r->queue_order);
    put_text(out, r->placement);
    fprintf(out, ",%d,%d,%s,%d", r->is_baseline, r->is_baseline && p->is_today,
            sweep_verdict(r->overall), r->on_frontier);
    put_text(out, p->ended);
    put_text(out, p->seed);
    fprintf(out, ",%d", (int)r->n);
    for (int m = 0; metric_defs[m].name; m++) {
        put_number(out, r->metrics[m].mean);
        put_number(out, r->metrics[m].half);
    }
    fputc('\n', out);
}

enum status sweep_csv_write(const struct sweep_data *d, FILE *out, struct error *err)
{
    fputs("rank,point", out);
    for (int32_t k = 0; k < d->key_n; k++) put_text(out, d->keys[k].path);
    fputs(",fleet,summary,gpus,nodes,queue_order,placement,baseline,today,targets,frontier,ended,"
          "seed,n",
          out);
    for (int m = 0; metric_defs[m].name; m++)
        fprintf(out, ",%s,%s_ci95_half", metric_defs[m].name, metric_defs[m].name);
    fputc('\n', out);
    for (int32_t i = 0; i < d->row_n; i++) write_row(d, i, out);
    return ferror(out) ? error_set(err, STATUS_IO, "cannot write the table") : STATUS_OK;
}
