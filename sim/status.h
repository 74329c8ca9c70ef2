/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a call fails, everywhere in Seatrial.
 *
 * A call that can fail returns an enum status and takes a struct error from its caller; on failure
 * it fills the error and has released everything it took. Nobody below tools/ prints or exits.
 */
#ifndef SIM_STATUS_H
#define SIM_STATUS_H

enum status {
    STATUS_OK = 0,
    STATUS_BAD_INPUT,   /* what a person gave cannot be used; exit 2 */
    STATUS_NO_MEMORY,   /* an allocation failed; exit 70 */
    STATUS_IO,          /* the system refused a read or a write; exit 2 */
    STATUS_INTERRUPTED, /* asked to stop; what is saved can be resumed; exit 3 */
    STATUS_BUG,         /* an invariant is broken: our mistake; exit 70 */
};

/* The message is one line without a full stop, no newline, valid until the next error_set. */
struct error {
    enum status status;
    char message[512];
};

/* Sets err (which may be NULL) and returns status, so that a failing line reads `return
 * error_set(...)`. */
enum status error_set(struct error *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
