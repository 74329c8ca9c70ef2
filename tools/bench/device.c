/* SPDX-License-Identifier: Apache-2.0 */
/* Monte Carlo kernels on a GPU, against what was counted of its instructions; and that the bytes
 * are the processor's. Nothing but a line where there is no GPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/engine.h"
#include "models/montecarlo/fleet_year_setup.h"
#include "tools/bench/bench.h"
