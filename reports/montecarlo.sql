-- SPDX-License-Identifier: Apache-2.0
-- The results of one Monte Carlo study: what was asked, what was read, how it may turn out. One file, plain SQLite.
-- Money is US dollars, times are seconds, shares and chances are from 0 to 1. No row is of one future.
-- docs/results-format.md describes every column.
CREATE TABLE run (                      -- one row
  run_id          INTEGER PRIMARY KEY CHECK (run_id = 1),
  state           TEXT NOT NULL CHECK (state IN ('running', 'complete')),
  scenario_name   TEXT NOT NULL,
  scenario_path   TEXT NOT NULL,
  scenario_sha256 TEXT NOT NULL,
  scenario_json   TEXT NOT NULL,
  workload        TEXT NOT NULL,        -- one line for a person
  model           TEXT NOT NULL,        -- what was computed, in words
  assumptions     TEXT NOT NULL,        -- what was uncertain and how far, one a line
  notes           TEXT NOT NULL,        -- what was repaired, one a line
  replications    INTEGER NOT NULL CHECK (replications > 0), -- futures, the same ones for every candidate
  years           INTEGER NOT NULL CHECK (years > 0), -- that each future lasts
  seed            TEXT NOT NULL,        -- unsigned 64-bit, decimal
  antithetic      INTEGER NOT NULL CHECK (antithetic IN (0, 1)),
  first_month     TEXT,                 -- '2026-03' of month 0; NULL where time has no date
  budget_usd_per_year REAL, budget_usd_per_month REAL, -- NULL: none
  deadline_s      REAL,                 -- NULL: none
  precision       REAL,                 -- asked for, of the p95 of a year's bill; NULL: none
  price_as_of     TEXT NOT NULL,
  tool_version    TEXT NOT NULL,
  rerun           TEXT NOT NULL         -- the command line that makes this file again
) STRICT;
CREATE TABLE execution (                -- what may differ between two runs of the same question
  created_at TEXT NOT NULL, command_line TEXT NOT NULL, compiler TEXT NOT NULL, host TEXT NOT NULL,
  engine TEXT NOT NULL, device TEXT NOT NULL, threads INTEGER NOT NULL,
  wall_s REAL, cpu_s REAL, max_rss_kib INTEGER, futures INTEGER -- candidates x replications
) STRICT;
CREATE TABLE input (                    -- every file that was read
  role TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY (role, path)) STRICT;
CREATE TABLE candidate (
  candidate INTEGER PRIMARY KEY,        -- 0 ..
  name TEXT NOT NULL UNIQUE,
  fleet TEXT NOT NULL,                  -- of the scenario, that it is made from
  summary TEXT NOT NULL, gpus INTEGER NOT NULL,
  is_baseline INTEGER NOT NULL CHECK (is_baseline IN (0, 1))) STRICT;
CREATE UNIQUE INDEX one_baseline ON candidate (is_baseline) WHERE is_baseline = 1;
CREATE TABLE metric_def (
  metric TEXT PRIMARY KEY, unit TEXT NOT NULL, better TEXT NOT NULL CHECK (better IN ('lower', 'higher', 'neither')),
  description TEXT NOT NULL) STRICT;
CREATE TABLE estimate (
  candidate INTEGER NOT NULL REFERENCES candidate, metric TEXT NOT NULL REFERENCES metric_def,
  mean REAL NOT NULL, half REAL,        -- half of the 95 % interval; NULL: none
  n INTEGER NOT NULL, method TEXT NOT NULL,
  PRIMARY KEY (candidate, metric)) STRICT, WITHOUT ROWID;
CREATE TABLE distribution (             -- quantiles over the futures
  candidate INTEGER NOT NULL REFERENCES candidate, metric TEXT NOT NULL REFERENCES metric_def,
  share REAL NOT NULL CHECK (share >= 0 AND share <= 1), value REAL NOT NULL,
  PRIMARY KEY (candidate, metric, share)) STRICT, WITHOUT ROWID;
CREATE TABLE fan (                      -- quantiles of the bill of each month
  candidate INTEGER NOT NULL REFERENCES candidate, month INTEGER NOT NULL CHECK (month >= 0), -- of the span
  share REAL NOT NULL CHECK (share >= 0 AND share <= 1), usd REAL NOT NULL,
  PRIMARY KEY (candidate, month, share)) STRICT, WITHOUT ROWID;
CREATE TABLE exceedance (               -- how likely a year's bill is more than usd
  candidate INTEGER NOT NULL REFERENCES candidate, usd REAL NOT NULL,
  probability REAL NOT NULL CHECK (probability >= 0 AND probability <= 1),
  PRIMARY KEY (candidate, usd)) STRICT, WITHOUT ROWID;
CREATE TABLE risk_def (                 -- what nobody wants
  risk INTEGER PRIMARY KEY,             -- 0 ..
  name TEXT NOT NULL UNIQUE,            -- 'over budget'
  label TEXT NOT NULL,                  -- 'a yearly bill over $4.20M'
  tolerance REAL) STRICT;               -- a target: its chance may be so much; NULL: none
CREATE TABLE risk (
  candidate INTEGER NOT NULL REFERENCES candidate, risk INTEGER NOT NULL REFERENCES risk_def,
  probability REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, -- and its 95 % interval
  n INTEGER NOT NULL, method TEXT NOT NULL,
  CHECK (0 <= low AND low <= probability AND probability <= high AND high <= 1),
  PRIMARY KEY (candidate, risk)) STRICT, WITHOUT ROWID;
CREATE TABLE value_at_risk (            -- of a year's bill
  candidate INTEGER NOT NULL REFERENCES candidate, share REAL NOT NULL,
  usd REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, -- and its 95 % interval, by order statistics
  cvar_usd REAL NOT NULL,               -- mean of the bills beyond usd
  PRIMARY KEY (candidate, share)) STRICT, WITHOUT ROWID;
CREATE TABLE regret (                   -- a year's bill less that of the cheapest in the same future, of those that meet
                                        -- every target, or of all where none does
  candidate INTEGER PRIMARY KEY REFERENCES candidate,
  mean REAL NOT NULL, p95 REAL NOT NULL, worst REAL NOT NULL,
  cheapest_share REAL NOT NULL CHECK (cheapest_share >= 0 AND cheapest_share <= 1), -- of the futures
  from_best REAL, from_best_half REAL,  -- paired difference from the best mean of those, with half its 95 % interval
  from_baseline REAL NOT NULL, from_baseline_half REAL) STRICT; -- the same from the baseline
CREATE TABLE enough (                   -- how many replications are enough
  metric TEXT NOT NULL, replications INTEGER NOT NULL,
  half_share REAL NOT NULL,             -- half of the 95 % interval, as a share of the value
  is_measured INTEGER NOT NULL CHECK (is_measured IN (0, 1)), -- else by 1 / sqrt(replications) from what was
  PRIMARY KEY (metric, replications)) STRICT, WITHOUT ROWID;
CREATE TABLE calibration (              -- the model against the simulation of each job
  fleet TEXT NOT NULL, metric TEXT NOT NULL REFERENCES metric_def,
  simulated REAL NOT NULL, modelled REAL NOT NULL,
  error REAL,                           -- modelled / simulated - 1; NULL where simulated is 0
  PRIMARY KEY (fleet, metric)) STRICT, WITHOUT ROWID;
