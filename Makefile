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
CFLAGS  = -std=gnu11 -g $(OPT) -ffp-contract=off -fopenmp -MMD -MP $(WARN) $(SAN)
CPPFLAGS = -I. -I$(BUILD) -D_GNU_SOURCE
# Some two hundred test programs: gold links them in half the time.
LDFLAGS ?= $(if $(shell command -v ld.gold 2>/dev/null),-fuse-ld=gold)
LDLIBS  = -lgsl -lgslcblas -lglpk -lsqlite3 -lyaml -ljansson -lz -lzstd -llzma -lm

# CUDA=1 (where nvcc is found) also builds the library that a GPU is reached by; CUDA=0 leaves it out.
NVCC ?= $(firstword $(shell command -v nvcc 2>/dev/null) $(wildcard /usr/local/cuda/bin/nvcc))
CUDA ?= $(if $(NVCC),1,0)
CUDA_ARCH = -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]
NVFLAGS = -O3 -std=c++17 -I. $(CUDA_ARCH) -Werror all-warnings -Xcompiler -fPIC,-fvisibility=hidden,-Wall,-Wextra,-Werror

LIB_SRC   := $(sort $(wildcard sim/*.c models/*.c models/*/*.c scenarios/*.c scenarios/*/*.c reports/*.c))
TOOL_SRC  := $(sort $(wildcard tools/*.c tools/sweep/*.c tools/plan/*.c tools/emit/*.c))
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
CUDA_SRC  := $(sort $(wildcard models/montecarlo/cuda/*.cu))
CUDA_LIB  = $(BUILD)/libseatrial_cuda.so
BENCHES   = $(patsubst tools/bench/%.c,$(BUILD)/bench/%,$(BENCH_SRC))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all demo test test-run install bench lint format asan clang clang-run clean setup examples traces cuda \
    test-gpu bench-gpu test-slurm
all: $(BUILD)/seatrial $(if $(filter 1,$(CUDA)),$(CUDA_LIB))

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

# The same tests with every memory and arithmetic mistake fatal. Tests begin the program a thousand times, and gcc's
# sanitizers begin in half the time where neither they nor the program have to be relocated (clang's are static).
SANITIZE = -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
    $(if $(findstring clang,$(CC)),,-fno-pie -no-pie -static-libasan -static-libubsan)
asan:
	@tools/setup.sh test
	@ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 SEATRIAL_SLOW=1 $(MAKE) --no-print-directory -s -j$(JOBS) test-run \
	    BUILD=build-asan OPT=-O1 SAN="$(SANITIZE)"

# Another compiler takes the code without a warning, and computes the same bytes. Of what is not run it makes no code.
clang:
	@tools/setup.sh test
	@$(MAKE) --no-print-directory -s -j$(JOBS) BUILD=build-clang CC=clang SAN=-g0 clang-run
GOLDEN = $(BUILD)/tests/structure/test_golden
clang-run: $(TOOLS) $(GOLDEN) $(patsubst %.c,$(BUILD)/%.ok,$(TEST_SRC) $(BENCH_SRC)) $(BUILD)/examples/replay
	@tests/run.sh $(BUILD) $(GOLDEN)
$(BUILD)/%.ok: %.c
	@mkdir -p $(@D)
	$(call say,CHECK)$(CC) $(CPPFLAGS) $(CFLAGS) -MF $(@:.ok=.d) -MT $@ -fsyntax-only $< && touch $@

# The CUDA code compiles for every architecture that ships, and spills no registers. No GPU is needed.
cuda:
	@test -n "$(NVCC)" || { echo "there is no nvcc"; exit 1; }
	@$(MAKE) --no-print-directory -s -j$(JOBS) CUDA=1 $(CUDA_LIB)
	@tools/ptxas.sh $(patsubst %.cu,$(BUILD)/%.cu.log,$(CUDA_SRC))

# On a machine with a GPU: the same bits as the processor, and how fast.
test-gpu: $(CUDA_LIB) $(BUILD)/tests/models/montecarlo/test_device
	@SEATRIAL_GPU=required $(BUILD)/tests/models/montecarlo/test_device
bench-gpu: $(CUDA_LIB) $(BUILD)/bench/device
	@$(BUILD)/bench/device

# On a Slurm of several nodes that is brought up here and taken down again; where its packages cannot be
# had, its tests are skipped.
test-slurm:
	@tools/setup.sh test
	@tools/setup.sh slurm || true
	@$(MAKE) --no-print-directory -s -j$(JOBS) $(TOOLS) $(BUILD)/tests/slurm/real
	@tests/slurm/run.sh $(BUILD)

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

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/seatrial/prices
	install -m 755 $(BUILD)/seatrial $(DESTDIR)$(PREFIX)/bin/seatrial
	if [ "$(CUDA)" = 1 ]; then install -d $(DESTDIR)$(PREFIX)/lib/seatrial && \
	    install -m 755 $(CUDA_LIB) $(DESTDIR)$(PREFIX)/lib/seatrial/; fi
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

# A test's own code runs once; what it tests is compiled as it ships.
$(call obj,$(TEST_SRC)): OPT = -O1 -g1

# Vector code of one width, called only where the processor has it (x86-64).
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)
%_avx2.o: CFLAGS += -mavx2 -Wno-psabi
%_avx512.o: CFLAGS += -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -Wno-psabi
endif

$(BUILD)/%.cu.o: %.cu
	@mkdir -p $(@D)
	$(call say,NVCC)$(NVCC) $(NVFLAGS) -MD -MP -MF $(BUILD)/$*.d -Xptxas -v -c $< -o $@ 2> $(BUILD)/$*.cu.log || \
	    { cat $(BUILD)/$*.cu.log; exit 1; }
$(CUDA_LIB): $(patsubst %.cu,$(BUILD)/%.cu.o,$(CUDA_SRC))
	$(call say,NVCC)$(NVCC) -shared -cudart static $^ -o $@

# Text files that the program carries inside itself: schema.sql -> schema_sql.h with `schema_sql[]`.
$(BUILD)/%.inc: %
	@mkdir -p $(@D)
	@tools/embed.sh $< > $@
$(BUILD)/reports/results.o: $(BUILD)/reports/schema.sql.inc
$(BUILD)/reports/montecarlo_write.o: $(BUILD)/reports/montecarlo.sql.inc
$(BUILD)/reports/sweep_results.o: $(BUILD)/reports/sweep.sql.inc
$(BUILD)/reports/page_frame.o: $(BUILD)/reports/page.css.inc $(BUILD)/reports/page.js.inc

$(LIB): $(call obj,$(LIB_SRC))
	$(call say,AR)rm -f $@ && ar rcs $@ $^
$(BUILD)/seatrial: $(call obj,$(TOOL_SRC)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LDLIBS)
$(BUILD)/libtools.a: $(filter-out %/main.o,$(call obj,$(TOOL_SRC)))
	$(call say,AR)rm -f $@ && ar rcs $@ $^
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(call obj,$(TEST_COMMON)) $(BUILD)/libtools.a $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ -lcmocka $(LDLIBS)
$(BUILD)/examples/%: $(BUILD)/examples/%.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LDLIBS)
$(BUILD)/bench/%: $(BUILD)/tools/bench/%.o $(BUILD)/libtools.a $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LDLIBS)

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
