# SPDX-License-Identifier: Apache-2.0
# `make demo` and `make test` do everything on a fresh Debian machine; the rest is below.
PREFIX ?= /usr/local
BUILD  ?= build
ifeq ($(origin CC),default)
CC      = gcc
endif
OPT    ?= -O3
WARN    = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
# Contraction off: a fused multiply-add gives other bits than the two operations it replaces.
CFLAGS  = -std=gnu11 $(OPT) -g -ffp-contract=off -fopenmp -MMD -MP $(WARN) $(SAN)
CPPFLAGS = -I. -I$(BUILD) -D_GNU_SOURCE
LDLIBS  = -lgsl -lgslcblas -lglpk -lsqlite3 -lyaml -ljansson -lz -lzstd -llzma -lm

LIB_SRC   := $(sort $(wildcard sim/*.c models/*.c models/*/*.c scenarios/*.c scenarios/*/*.c reports/*.c))
TOOL_SRC  := $(sort $(wildcard tools/*.c))
BENCH_SRC := $(sort $(wildcard tools/bench/*.c))
TEST_SRC  := $(sort $(wildcard tests/*/test_*.c tests/*/*/test_*.c tests/*/*/*/test_*.c))
TEST_COMMON := $(filter-out $(TEST_SRC),$(sort $(wildcard tests/*.c)))

# As many compilers as processors, and a word for each file; V=1 shows whole commands.
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
ifneq ($(V),1)
say = @echo "  $(1)  $@";
endif

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB       = $(BUILD)/libseatrial.a
TESTS     = $(patsubst %.c,$(BUILD)/%,$(TEST_SRC))
TOOLS     = $(BUILD)/seatrial
BENCHES   = $(patsubst tools/bench/%.c,$(BUILD)/bench/%,$(BENCH_SRC))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all demo test test-run install bench lint format asan clang clang-run clean setup examples traces
all: $(BUILD)/seatrial

setup:
	@tools/setup.sh

# Installs, builds, runs the shipped main scenario, says where the report is.
demo: setup
	@$(MAKE) --no-print-directory -s -j$(JOBS) $(BUILD)/seatrial
	@mkdir -p runs
	$(BUILD)/seatrial run scenarios/main.yaml -o runs/demo.db --report runs/report.html
	@echo "The report is at $(CURDIR)/runs/report.html"

test:
	@tools/setup.sh test
	@$(MAKE) --no-print-directory -s -j$(JOBS) test-run
test-run: $(TOOLS) $(BUILD)/examples/replay $(TESTS)
	@tests/run.sh $(BUILD) $(TESTS)

# The same tests with every memory and arithmetic mistake fatal.
asan:
	@tools/setup.sh test
	@ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 SEATRIAL_SLOW=1 $(MAKE) --no-print-directory -s -j$(JOBS) test-run \
	    BUILD=build-asan OPT=-O1 SAN="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"

# Another compiler takes the code without a warning, and computes the same bytes.
clang:
	@tools/setup.sh test
	@$(MAKE) --no-print-directory -s -j$(JOBS) BUILD=build-clang CC=clang clang-run
GOLDEN = $(BUILD)/tests/structure/test_golden
clang-run: $(TOOLS) $(TESTS) $(BENCHES) $(BUILD)/examples/replay
	@tests/run.sh $(BUILD) $(GOLDEN)

# One look for all code (.clang-format); `make format` gives it.
C_FILES = $(shell git ls-files '*.c' '*.h')
lint:
	@clang-format --dry-run -Werror $(C_FILES)
format:
	@clang-format -i $(C_FILES)

# One table of timings; every ratio is taken within one run.
bench: $(BENCHES)
	@for b in $(BENCHES); do $$b || exit 1; done

examples: $(BUILD)/examples/replay

# The example traces that ship; a test checks that they are what this makes.
traces: $(BUILD)/seatrial
	$(BUILD)/seatrial trace synth --like itp --jobs 8000 --days 14 --load 120 --seed 1 -o scenarios/examples/itp-like.csv.gz
	$(BUILD)/seatrial trace synth --like philly --jobs 8000 --days 14 --load 60 --seed 1 -o scenarios/examples/philly-like.csv.gz

install: $(BUILD)/seatrial
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/seatrial/prices
	install -m 755 $(BUILD)/seatrial $(DESTDIR)$(PREFIX)/bin/seatrial
	$(BUILD)/seatrial help --man > $(DESTDIR)$(PREFIX)/share/man/man1/seatrial.1
	install -m 644 scenarios/prices/*.csv $(DESTDIR)$(PREFIX)/share/seatrial/prices/
	install -m 644 scenarios/*.yaml $(DESTDIR)$(PREFIX)/share/seatrial/
	install -d $(DESTDIR)$(PREFIX)/share/seatrial/examples
	install -m 644 scenarios/examples/* $(DESTDIR)$(PREFIX)/share/seatrial/examples/
	install -d $(DESTDIR)$(PREFIX)/share/doc/seatrial
	install -m 644 docs/*.md $(DESTDIR)$(PREFIX)/share/doc/seatrial/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -d $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	$(BUILD)/seatrial help --completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/seatrial
	$(BUILD)/seatrial help --completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_seatrial
	$(BUILD)/seatrial help --completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/seatrial.fish

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

# Text files that the program carries inside itself: schema.sql -> schema_sql.h with `schema_sql[]`.
$(BUILD)/%.inc: %
	@mkdir -p $(@D)
	@tools/embed.sh $< > $@
$(BUILD)/reports/results.o: $(BUILD)/reports/schema.sql.inc
$(BUILD)/reports/montecarlo_write.o: $(BUILD)/reports/montecarlo.sql.inc
$(BUILD)/reports/page_frame.o: $(BUILD)/reports/page.css.inc $(BUILD)/reports/page.js.inc

$(LIB): $(call obj,$(LIB_SRC))
	$(call say,AR)rm -f $@ && ar rcs $@ $^
$(BUILD)/seatrial: $(call obj,$(TOOL_SRC)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $^ -o $@ $(LDLIBS)
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(call obj,$(TEST_COMMON)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $^ -o $@ -lcmocka $(LDLIBS)
$(BUILD)/examples/%: $(BUILD)/examples/%.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $^ -o $@ $(LDLIBS)
$(BUILD)/bench/%: $(BUILD)/tools/bench/%.o $(filter-out %/main.o,$(call obj,$(TOOL_SRC))) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $^ -o $@ $(LDLIBS)

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
