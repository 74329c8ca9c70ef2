# SPDX-License-Identifier: Apache-2.0
# `make demo` and `make test` do everything on a fresh Debian machine; the rest is below.
PREFIX ?= /usr/local
BUILD  ?= build
CC     ?= gcc
OPT    ?= -O3
WARN    = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
# Contraction off: a fused multiply-add gives other bits than the two operations it replaces.
CFLAGS  = -std=gnu11 $(OPT) -g -ffp-contract=off -fopenmp -MMD -MP $(WARN) $(SAN)
CPPFLAGS = -I. -I$(BUILD) -D_GNU_SOURCE
PACKAGES = gsl sqlite3 yaml-0.1 jansson zlib libzstd
LDLIBS  = -lgsl -lgslcblas -lsqlite3 -lyaml -ljansson -lz -lzstd -lm

LIB_SRC   := $(sort $(wildcard sim/*.c models/*.c models/*/*.c scenarios/*.c scenarios/*/*.c reports/*.c))
TOOL_SRC  := $(sort $(wildcard tools/*.c))
BENCH_SRC := $(sort $(wildcard tools/bench/*.c))
TEST_SRC  := $(sort $(wildcard tests/*/test_*.c tests/*/*/test_*.c))
TEST_COMMON := $(filter-out $(TEST_SRC),$(sort $(wildcard tests/*.c)))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB       = $(BUILD)/libseatrial.a
TESTS     = $(patsubst %.c,$(BUILD)/%,$(TEST_SRC))
BENCHES   = $(patsubst tools/bench/%.c,$(BUILD)/bench/%,$(BENCH_SRC))

.DELETE_ON_ERROR:
.PHONY: all demo test check install bench lint asan clang clean setup
all: $(BUILD)/seatrial

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

# Text files that the program carries inside itself: schema.sql -> schema_sql.h with `schema_sql[]`.
$(BUILD)/%.inc: %
	@mkdir -p $(@D)
	tools/embed.sh $< > $@
$(BUILD)/reports/results.o: $(BUILD)/reports/schema.sql.inc
$(BUILD)/reports/page.o: $(BUILD)/reports/page.css.inc $(BUILD)/reports/page.js.inc

$(LIB): $(call obj,$(LIB_SRC))
	rm -f $@ && ar rcs $@ $^
$(BUILD)/seatrial: $(call obj,$(TOOL_SRC)) $(LIB)
	$(CC) $(CFLAGS) $^ -o $@ $(LDLIBS)
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(call obj,$(TEST_COMMON)) $(LIB)
	$(CC) $(CFLAGS) $^ -o $@ -lcmocka $(LDLIBS)
$(BUILD)/bench/%: $(BUILD)/tools/bench/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $^ -o $@ $(LDLIBS)

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
