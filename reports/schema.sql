-- SPDX-License-Identifier: Apache-2.0
-- The results of one run: what was asked, what was read, what came out. One file, plain SQLite.
-- Times are seconds from second 0 of the workload; money is US dollars as integers of micro-dollars.
-- docs/results-format.md describes every column.
-- A file is whole when run.state = 'complete'.
CREATE TABLE run (                      -- one row
  run_id          INTEGER PRIMARY KEY CHECK (run_id = 1),
  state           TEXT NOT NULL CHECK (state IN ('running', 'complete', 'interrupted', 'failed')),
  scenario_name   TEXT NOT NULL,
  scenario_path   TEXT NOT NULL,
  scenario_sha256 TEXT NOT NULL,
  scenario_json   TEXT NOT NULL,
  workload        TEXT NOT NULL,        -- one line for a person: trace file or generator, with scale
  jobs            INTEGER NOT NULL,     -- of replication 0
  span_s          REAL NOT NULL,        -- first to last submission, replication 0
  t0_unix_s       REAL,                 -- wall clock of second 0, NULL where the trace has none
  books_s         REAL NOT NULL,        -- accounting window, replication 0; 0: until a fleet's last job ends
  seed            TEXT NOT NULL,        -- unsigned 64-bit, decimal
  replications    INTEGER NOT NULL,
  done            INTEGER NOT NULL DEFAULT 0, -- replications that are in this file whole
  baseline        INTEGER NOT NULL,     -- fleet_id the others are compared with
  price_as_of     TEXT NOT NULL,
  estimates       TEXT NOT NULL CHECK (estimates IN ('user limit', 'true run time', 'mixed', 'none')),
  notes           TEXT NOT NULL DEFAULT '', -- what was repaired or assumed, one a line
  tool_version    TEXT NOT NULL,
  rerun           TEXT NOT NULL         -- the command line that makes this file again
) STRICT;
CREATE TABLE execution (                -- what may differ between two runs of the same question
  created_at TEXT NOT NULL, command_line TEXT NOT NULL, compiler TEXT NOT NULL, host TEXT NOT NULL,
  threads INTEGER NOT NULL, wall_s REAL, cpu_s REAL, max_rss_kib INTEGER, events INTEGER
) STRICT;
CREATE TABLE input (                    -- every file that was read
  role TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY (role, path)) STRICT;
CREATE TABLE fleet (
  fleet_id INTEGER PRIMARY KEY,         -- 0 ..
  name TEXT NOT NULL UNIQUE,
  summary TEXT NOT NULL,                -- '17 x p5.48xlarge on-demand; fifo, pack'
  gpus INTEGER NOT NULL, nodes INTEGER NOT NULL,
  queue_order TEXT NOT NULL, placement TEXT NOT NULL, gang TEXT NOT NULL) STRICT;
CREATE TABLE pool (
  fleet_id INTEGER NOT NULL REFERENCES fleet, pool_id INTEGER NOT NULL,
  name TEXT NOT NULL, instance TEXT NOT NULL, gpu_model TEXT NOT NULL,
  nodes INTEGER NOT NULL, gpus_per_node INTEGER NOT NULL, purchase TEXT NOT NULL,
  usd_micro_per_node_hour INTEGER NOT NULL, -- mean price actually charged for a node-hour
  price_region TEXT NOT NULL, price_market TEXT NOT NULL, price_valid_from TEXT NOT NULL, price_source TEXT NOT NULL,
  PRIMARY KEY (fleet_id, pool_id)) STRICT;
CREATE TABLE commitment (               -- what a fleet has committed to, over its pools on demand
  fleet_id INTEGER NOT NULL REFERENCES fleet, commitment_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reserved', 'ec2-instance-savings-plan', 'compute-savings-plan', 'capacity-reservation', 'capacity-block')),
  instance TEXT NOT NULL,               -- '' of a plan for all of them
  count INTEGER NOT NULL,               -- instances; 1 of a plan
  usd_micro_per_hour INTEGER NOT NULL,  -- of all of them, used or not, with what is paid upfront
  price_region TEXT NOT NULL, price_market TEXT NOT NULL, price_valid_from TEXT NOT NULL, price_source TEXT NOT NULL,
  PRIMARY KEY (fleet_id, commitment_id)) STRICT;
CREATE TABLE service (                  -- what a fleet pays besides its nodes
  fleet_id INTEGER NOT NULL REFERENCES fleet, service_id INTEGER NOT NULL,
  name TEXT NOT NULL, kind TEXT NOT NULL,
  amount TEXT NOT NULL,                 -- how much of it, in words: '20 TB'
  usd_nano INTEGER NOT NULL, per TEXT NOT NULL, -- its price, and what that is for: 'GB-month'
  price_region TEXT NOT NULL, price_valid_from TEXT NOT NULL, price_source TEXT NOT NULL,
  PRIMARY KEY (fleet_id, service_id)) STRICT;
CREATE TABLE service_charge (           -- the rest of the bill: these lines beside those of charge are all of it
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL, service_id INTEGER NOT NULL,
  quantity REAL NOT NULL,               -- in units of its price
  jobs_usd_micro INTEGER NOT NULL, fleet_usd_micro INTEGER NOT NULL, -- jobs' own, and no job's
  PRIMARY KEY (fleet_id, replication, service_id)) STRICT, WITHOUT ROWID;
CREATE TABLE service_hour (             -- replication 0: the same by clock hour; they add up to table service_charge
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL, service_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,                -- as of hour
  jobs_usd_micro INTEGER NOT NULL, fleet_usd_micro INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, replication, service_id, hour)) STRICT, WITHOUT ROWID;
CREATE TABLE slo (                      -- the targets of the scenario; empty where none is set
  metric TEXT PRIMARY KEY REFERENCES metric_def, target REAL NOT NULL,
  sense TEXT NOT NULL CHECK (sense IN ('at most', 'at least')), label TEXT NOT NULL) STRICT;
CREATE TABLE precision (                -- how narrow intervals were to be; empty where replications were a number
  metric TEXT PRIMARY KEY,
  share REAL NOT NULL,                  -- half width of the 95 % interval / mean, at most
  least INTEGER NOT NULL, most INTEGER NOT NULL, batch INTEGER NOT NULL -- replications; the same in each row
) STRICT;
CREATE TABLE design (                   -- how replications were made; one row
  run_id INTEGER PRIMARY KEY REFERENCES run,
  redrawn TEXT NOT NULL,                -- what scenario.uncertain and workload.bootstrap draw, in words
  antithetic INTEGER NOT NULL           -- 1: 2i and 2i + 1 are a pair; intervals are of the means of pairs
) STRICT;
CREATE TABLE control (                  -- what of each replication has a known mean; empty where nothing has
  replication INTEGER PRIMARY KEY,
  gpu_hours REAL NOT NULL,              -- that its jobs ask for
  known REAL NOT NULL                   -- the mean of that over all replications there could be; the same in each row
) STRICT;
CREATE TABLE warm_up (                  -- what is left out of waits; empty where nothing was to be
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL,
  jobs INTEGER,                         -- that ran; NULL: no end of the warm-up was found, and none is left out
  until_s REAL NOT NULL,                -- they were submitted before
  PRIMARY KEY (fleet_id, replication)) STRICT;
CREATE TABLE saturation (               -- replication 0: what jobs ask of a fleet, and what it can do
  fleet_id INTEGER PRIMARY KEY REFERENCES fleet,
  offered REAL NOT NULL,                -- GPUs that jobs would keep busy if none waited / GPUs
  ceiling REAL NOT NULL                 -- GPUs kept busy while jobs wait at all times / GPUs
) STRICT;
CREATE TABLE tail (                     -- fleets of whose jobs some start over so often that figures have no interval
  fleet_id INTEGER PRIMARY KEY REFERENCES fleet,
  moment TEXT NOT NULL CHECK (moment IN ('variance', 'mean')), -- of the time to finish, infinite
  gpus INTEGER NOT NULL,                -- of these jobs
  failure_s REAL NOT NULL,              -- mean time between their failures
  excess_s REAL NOT NULL                -- by which the longest tenth of their run times exceed the rest, on the mean
) STRICT;
CREATE TABLE metric_def (
  metric TEXT PRIMARY KEY, unit TEXT NOT NULL, better TEXT NOT NULL CHECK (better IN ('lower', 'higher', 'neither')),
  description TEXT NOT NULL) STRICT;
CREATE TABLE metric (                   -- one number a fleet, replication and metric
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL, metric TEXT NOT NULL REFERENCES metric_def,
  value REAL NOT NULL, PRIMARY KEY (fleet_id, replication, metric)) STRICT, WITHOUT ROWID;
CREATE TABLE charge (                   -- the bill of nodes: every total is a sum of these lines, and of service_charge
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL, pool_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('on-demand', 'amortisation', 'power', 'space and staff', 'reserved', 'savings plan', 'unused commitment',
    'spot', 'first hours free')),
  use TEXT NOT NULL CHECK (use IN ('jobs', 'idle')), -- the part held by jobs, and the rest
  usd_micro INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, replication, pool_id, kind, use)) STRICT, WITHOUT ROWID;
CREATE TABLE pool_price (               -- what a pool's nodes are priced by
  fleet_id INTEGER NOT NULL REFERENCES fleet, pool_id INTEGER NOT NULL,
  provider TEXT NOT NULL,               -- as the price book has it; '' of owned nodes
  usd_nano_per_node_hour INTEGER,       -- the list price; NULL of owned nodes
  PRIMARY KEY (fleet_id, pool_id)) STRICT;
CREATE TABLE pool_resource (            -- replication 0, of pools of which jobs ask for cores or memory
  fleet_id INTEGER NOT NULL REFERENCES fleet, pool_id INTEGER NOT NULL,
  resource TEXT NOT NULL CHECK (resource IN ('gpu', 'cpu', 'memory')),
  bought_hours REAL NOT NULL, held_hours REAL NOT NULL, -- GPU-hours, core-hours, GiB-hours
  held_usd_micro INTEGER NOT NULL, idle_usd_micro INTEGER NOT NULL, -- its part of the pool's cost
  PRIMARY KEY (fleet_id, pool_id, resource)) STRICT;
CREATE TABLE pool_idle (                -- replication 0: of a pool's idle GPU time, what is known of it
  fleet_id INTEGER NOT NULL REFERENCES fleet, pool_id INTEGER NOT NULL,
  booting_gpu_us INTEGER NOT NULL,      -- nodes that were bought and not yet ready
  down_gpu_us INTEGER NOT NULL,         -- nodes that had failed and were not yet repaired
  PRIMARY KEY (fleet_id, pool_id)) STRICT;
CREATE TABLE hour (                     -- replication 0: what pools used by clock hour
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL, pool_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,                -- from 0, the clock hour of second 0
  t_s REAL NOT NULL,                    -- start of the clock hour; below 0 where second 0 lies within it
  bought_node_us INTEGER NOT NULL,      -- node-microseconds
  bought_gpu_us INTEGER NOT NULL, held_gpu_us INTEGER NOT NULL, -- GPU-microseconds
  lost_preempted_gpu_us INTEGER NOT NULL, lost_failed_gpu_us INTEGER NOT NULL, -- of those held
  lost_reclaimed_gpu_us INTEGER NOT NULL, lost_checkpoints_gpu_us INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, replication, pool_id, hour)) STRICT, WITHOUT ROWID;
CREATE TABLE hour_charge (              -- replication 0: the charges by clock hour; they add up to table charge
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL, pool_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  kind TEXT NOT NULL,                   -- as of charge
  commitment_id INTEGER NOT NULL,       -- -1: none
  node_us INTEGER NOT NULL,             -- node-microseconds it pays for; 0 of a commitment that nothing used
  jobs_usd_micro INTEGER NOT NULL, idle_usd_micro INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, replication, pool_id, hour, kind, commitment_id)) STRICT, WITHOUT ROWID;
CREATE TABLE wait_curve (               -- the wait distribution, replication by replication
  fleet_id INTEGER NOT NULL REFERENCES fleet, replication INTEGER NOT NULL,
  share REAL NOT NULL,                  -- 0 < share <= 1
  wait_s REAL NOT NULL,                 -- smallest wait with at least that share of jobs at or below
  PRIMARY KEY (fleet_id, replication, share)) STRICT, WITHOUT ROWID;
CREATE TABLE sample (                   -- replication 0: state at t_s and means since the sample before
  fleet_id INTEGER NOT NULL REFERENCES fleet, t_s REAL NOT NULL,
  queued_jobs INTEGER NOT NULL, queued_gpus INTEGER NOT NULL, running_jobs INTEGER NOT NULL,
  busy_gpus REAL NOT NULL, bought_gpus REAL NOT NULL, PRIMARY KEY (fleet_id, t_s)) STRICT, WITHOUT ROWID;
CREATE TABLE sample_nodes (             -- replication 0: nodes by state at t_s; empty where nodes neither come and go nor fail
  fleet_id INTEGER NOT NULL REFERENCES fleet, t_s REAL NOT NULL,
  busy INTEGER NOT NULL, idle INTEGER NOT NULL, booting INTEGER NOT NULL, down INTEGER NOT NULL, absent INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, t_s)) STRICT, WITHOUT ROWID;
CREATE TABLE tenant (                   -- replication 0
  fleet_id INTEGER NOT NULL REFERENCES fleet, tenant TEXT NOT NULL,
  jobs INTEGER NOT NULL, gpu_hours REAL NOT NULL, mean_wait_s REAL NOT NULL, p95_wait_s REAL NOT NULL, usd_micro INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, tenant)) STRICT, WITHOUT ROWID;
CREATE TABLE queue (                    -- replication 0; empty where jobs have no queue
  fleet_id INTEGER NOT NULL REFERENCES fleet, queue TEXT NOT NULL,
  jobs INTEGER NOT NULL, gpu_hours REAL NOT NULL, mean_wait_s REAL NOT NULL, p95_wait_s REAL NOT NULL, usd_micro INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, queue)) STRICT, WITHOUT ROWID;
CREATE TABLE node (                     -- replication 0
  fleet_id INTEGER NOT NULL REFERENCES fleet, node_id INTEGER NOT NULL, pool_id INTEGER NOT NULL,
  up_s REAL NOT NULL, down_s REAL NOT NULL, busy_gpu_hours REAL NOT NULL, usd_micro INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, node_id, up_s)) STRICT, WITHOUT ROWID;
CREATE TABLE job (                      -- replication 0; empty where run.keep_jobs is off
  fleet_id INTEGER NOT NULL REFERENCES fleet, job INTEGER NOT NULL, -- position in the trace
  job_id TEXT NOT NULL, tenant TEXT NOT NULL, gpus ANY NOT NULL,
  submit_s REAL NOT NULL, start_s REAL, end_s REAL, wait_s REAL, -- NULL where rejected
  preemptions INTEGER NOT NULL, lost_s REAL NOT NULL,
  pool_id INTEGER, nodes INTEGER, first_node INTEGER,
  state TEXT NOT NULL CHECK (state IN ('finished', 'rejected')), reason TEXT, usd_micro INTEGER NOT NULL,
  PRIMARY KEY (fleet_id, job)) STRICT, WITHOUT ROWID;
CREATE VIEW result AS                   -- one row a fleet and metric, over replications
  SELECT fleet_id, name AS fleet, metric, unit, count(value) AS n, avg(value) AS mean, min(value) AS least, max(value) AS most
  FROM metric JOIN metric_def USING (metric) JOIN fleet USING (fleet_id) GROUP BY fleet_id, metric;
