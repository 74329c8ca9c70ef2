/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

void *large_alloc(size_t size)
{
    const size_t line = 64, huge = (size_t)2 << 20;
    size_t align = size >= 2 * huge ? huge : line;
    if (size > SIZE_MAX - align) return NULL;
    size = (size + align - 1) / align * align;
    void *memory = aligned_alloc(align, size ? size : align);
    /* Advice only: a system without huge pages ignores it. */
    if (memory && align == huge) (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}
