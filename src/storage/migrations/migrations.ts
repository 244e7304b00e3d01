import type { Dialect } from '../database/database.ts';

/** One step of the schema. Once released it is never changed; what is wrong with it the next step mends. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(dialect: Dialect): readonly string[];
}

/** Versions below were written before there was a release, in another form. */
export const FIRST_VERSION = 10;

export const MIGRATIONS: readonly Migration[] = [
  { version: 10, name: 'requests', statements: requests },
  { version: 11, name: 'roll-ups', statements: rollups },
  { version: 12, name: 'payloads, repricing, audit, settings', statements: others },
  { version: 13, name: 'audit trail', statements: auditTrail },
];

/**
 * Requests by blocks: `columns` is what `records/record-codec.ts` makes of some of them. `journal_positions` says how far
 * each journal is in the blocks.
 */
function requests({ bytes, binary, counter, uncompressed }: Dialect): string[] {
  return [
    `CREATE TABLE request_blocks (
      seq ${counter}, arrival BIGINT NOT NULL, first_arrival BIGINT NOT NULL, first_time BIGINT NOT NULL,
      last_time BIGINT NOT NULL, records INTEGER NOT NULL, bytes INTEGER NOT NULL, columns ${bytes} NOT NULL
    )`,
    'CREATE INDEX request_blocks_times ON request_blocks (last_time, first_time)',
    'CREATE INDEX request_blocks_arrival ON request_blocks (arrival)',
    ...uncompressed('request_blocks', 'columns'),
    `CREATE TABLE journal_positions (journal TEXT ${binary} PRIMARY KEY, position BIGINT NOT NULL)`,
  ];
}

/**
 * `labels` gives names numbers, `rollup_deltas` holds what was written and is not yet part of `rollups`. `period` is the
 * length of what a row sums up, in milliseconds; `cube` says by what it is split.
 */
function rollups({ bytes, counter, binary }: Dialect): string[] {
  return [
    `CREATE TABLE labels (id ${counter}, kind TEXT NOT NULL, value TEXT ${binary} NOT NULL, UNIQUE (kind, value))`,
    `CREATE TABLE rollup_deltas (seq ${counter}, start BIGINT NOT NULL, cells ${bytes} NOT NULL)`,
    `CREATE TABLE rollups (
      cube TEXT NOT NULL, period BIGINT NOT NULL, start BIGINT NOT NULL, part INTEGER NOT NULL, cells ${bytes} NOT NULL,
      PRIMARY KEY (cube, period, start, part)
    )`,
  ];
}

function others({ bytes, binary }: Dialect): string[] {
  return [
    `CREATE TABLE payloads (
      request_id TEXT ${binary} PRIMARY KEY, time BIGINT NOT NULL, texts ${bytes} NOT NULL, redactions TEXT NOT NULL,
      truncated INTEGER NOT NULL
    )`,
    `CREATE TABLE repricings (
      request_id TEXT ${binary} NOT NULL, time BIGINT NOT NULL, cost_before BIGINT, source_before TEXT,
      cost_after BIGINT, source_after TEXT, why TEXT NOT NULL, PRIMARY KEY (request_id, time)
    )`,
    'CREATE TABLE audit (seq BIGINT PRIMARY KEY, time BIGINT NOT NULL, entry TEXT NOT NULL, hash TEXT NOT NULL)',
    `CREATE TABLE settings (name TEXT ${binary} PRIMARY KEY, value TEXT NOT NULL, updated BIGINT NOT NULL)`,
  ];
}

/** Ids make a second try harmless. That nothing is changed is a first fence; the hashes tell who climbs over it. */
function auditTrail({ name }: Dialect): string[] {
  const columns = ['ALTER TABLE audit ADD COLUMN id TEXT', 'CREATE UNIQUE INDEX audit_id ON audit (id)'];
  if (name === 'sqlite') {
    return [
      ...columns,
      `CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END`,
      `CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END`,
    ];
  }
  return [
    ...columns,
    `CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the audit trail is only ever added to'; END $$`,
    `CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
      FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()`,
  ];
}
