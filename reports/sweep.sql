-- SPDX-License-Identifier: Apache-2.0
-- The results of a sweep, of a shard of one, or of shards merged: the same in all three.
-- docs/sweep-format.md describes every column. A file is whole when sweep.state = 'complete'.
CREATE TABLE sweep (                    -- one row
  sweep_id        INTEGER PRIMARY KEY CHECK (sweep_id = 1),
  state           TEXT NOT NULL CHECK (state IN ('running', 'complete', 'interrupted', 'failed')),
  identity        TEXT NOT NULL,        -- of scenario text, settings and program: the shards of one sweep agree in it
  today_sha256    TEXT NOT NULL,        -- the point with this sha256, where there is one, is the scenario as it stands
  scenario_name   TEXT NOT NULL,
  scenario_text   TEXT NOT NULL,        -- as it was read
  seed            TEXT NOT NULL,        -- of the command line; '' where each point has the scenario's
  replications    INTEGER,              -- likewise; NULL
  points          INTEGER NOT NULL,     -- of the whole sweep
  shard           INTEGER,              -- this file has the points p with p % shards = shard; NULL: all
  shards          INTEGER,
  tool_version    TEXT NOT NULL,
  rerun           TEXT NOT NULL         -- the command line that makes this file again
) STRICT;
CREATE TABLE execution (                -- who worked on it; what may differ between two runs of the same question
  created_at TEXT NOT NULL, command_line TEXT NOT NULL, compiler TEXT NOT NULL, host TEXT NOT NULL,
  threads INTEGER NOT NULL, points INTEGER NOT NULL, wall_s REAL NOT NULL, cpu_s REAL NOT NULL, max_rss_kib INTEGER NOT NULL
) STRICT;
CREATE TABLE input (                    -- every file that some point read, but for the scenario
  role TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY (role, path)) STRICT;
CREATE TABLE point (                    -- finished ones
  point_id INTEGER PRIMARY KEY,         -- from 0, in the order of vary; those that an earlier sweep left lie behind
  in_sweep INTEGER NOT NULL CHECK (in_sweep IN (0, 1)), -- 0: an earlier sweep of this file had it
  sha256 TEXT NOT NULL,                 -- of all that its figures follow from, but for the number of replications
  replications INTEGER NOT NULL,        -- that were made
  ended TEXT NOT NULL CHECK (ended IN ('all', 'precise', 'misses')), -- all that were asked for; intervals are narrow; no fleet can meet its targets
  jobs INTEGER NOT NULL, workload TEXT NOT NULL, -- of replication 0
  seed TEXT NOT NULL,                   -- points of one seed meet the same chances, replication by replication
  antithetic INTEGER NOT NULL CHECK (antithetic IN (0, 1)), -- 1: replications 2i and 2i + 1 are a pair
  price_as_of TEXT NOT NULL             -- day whose prices hold
) STRICT;
CREATE TABLE param (                    -- what vary says of a point
  point_id INTEGER NOT NULL REFERENCES point, place INTEGER NOT NULL, -- of the key in vary, from 0
  key TEXT NOT NULL, value TEXT NOT NULL,
  number REAL,                          -- of the value, in its unit; NULL where it is no number
  PRIMARY KEY (point_id, place)) STRICT, WITHOUT ROWID;
CREATE TABLE fleet (
  point_id INTEGER NOT NULL REFERENCES point, fleet_id INTEGER NOT NULL,
  name TEXT NOT NULL, summary TEXT NOT NULL,
  gpus INTEGER NOT NULL, nodes INTEGER NOT NULL, queue_order TEXT NOT NULL, placement TEXT NOT NULL,
  is_baseline INTEGER NOT NULL CHECK (is_baseline IN (0, 1)),
  tail TEXT CHECK (tail IN ('variance', 'mean')), -- infinite, of the time to finish: its figures have no interval
  PRIMARY KEY (point_id, fleet_id)) STRICT, WITHOUT ROWID;
CREATE TABLE target (                   -- of the point's scenario
  point_id INTEGER NOT NULL REFERENCES point, metric_id INTEGER NOT NULL REFERENCES metric_def,
  target REAL NOT NULL, sense TEXT NOT NULL CHECK (sense IN ('at most', 'at least')), label TEXT NOT NULL,
  PRIMARY KEY (point_id, metric_id)) STRICT, WITHOUT ROWID;
CREATE TABLE metric_def (
  metric_id INTEGER PRIMARY KEY, metric TEXT NOT NULL UNIQUE, unit TEXT NOT NULL,
  better TEXT NOT NULL CHECK (better IN ('lower', 'higher', 'neither')), description TEXT NOT NULL) STRICT;
CREATE TABLE metric (                   -- one number a point, fleet, replication and metric
  point_id INTEGER NOT NULL REFERENCES point, fleet_id INTEGER NOT NULL, replication INTEGER NOT NULL,
  metric_id INTEGER NOT NULL REFERENCES metric_def, value REAL NOT NULL,
  PRIMARY KEY (point_id, fleet_id, replication, metric_id)) STRICT, WITHOUT ROWID;
CREATE VIEW result AS                   -- one row a point, fleet and metric, over replications
  SELECT point_id, fleet_id, name AS fleet, metric, unit, count(value) AS n, avg(value) AS mean, min(value) AS least, max(value) AS most
  FROM metric JOIN metric_def USING (metric_id) JOIN fleet USING (point_id, fleet_id) GROUP BY point_id, fleet_id, metric_id;
