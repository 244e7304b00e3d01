import { describe, expect, test } from 'bun:test';
import { makeRecord } from '../../test/support/ledger-records.ts';
import { LONGEST_MESSAGE } from '../core/ledger/caller.ts';
import { Secret } from '../core/secret.ts';
import { RecordCleaner } from './record-cleaner.ts';

const KEY = 'sk-proj-abcdefghij0123456789ABCDEFGHIJ';
const cleaner = new RecordCleaner([new Secret('correct horse battery')]);
const caller = { address: null, userAgent: null, user: null, team: null, key: null, tags: {} };

describe('a record', () => {
  test('without credentials is the same object', () => {
    const record = makeRecord(0, {
      caller: { ...caller, user: 'ada', tags: { token: 'no', password_reset: 'yes-2024', project: 'red' } },
      error: { code: 'upstream_error', message: 'no such model' },
      changes: 'seed;dropped',
    });
    expect(cleaner.clean(record)).toBe(record);
  });

  test('keeps none of what stands in texts from outside', () => {
    const record = makeRecord(0, {
      servedModel: `m ${KEY}`,
      finishReason: KEY,
      serviceTier: 'correct horse battery',
      changes: `${KEY};dropped`,
      error: { code: 'upstream_error', message: `no ${KEY}` },
      caller: { ...caller, userAgent: KEY, user: KEY, team: KEY, tags: { [KEY]: 'x', note: KEY } },
    });
    const clean = cleaner.clean(record);
    expect(JSON.stringify(clean)).not.toMatch(/sk-proj|horse/);
    expect([clean.servedModel, clean.changes, clean.caller.tags]).toEqual([
      'm ‹API_KEY›',
      '‹API_KEY›;dropped',
      { '‹API_KEY›': 'x', note: '‹API_KEY›' },
    ]);
  });

  test('keeps no tag that is a secret by its name', () => {
    const tags = { password: 'hunter22', api_key: '0a1b2c3d', db_passwd: 'x!yz12', note: 'hunter22' };
    expect(cleaner.clean(makeRecord(0, { caller: { ...caller, tags } })).caller.tags).toEqual({
      password: '‹PASSWORD›',
      api_key: '‹API_KEY›',
      db_passwd: '‹PASSWORD›',
      note: 'hunter22',
    });
  });

  test('keeps nothing of a credential that was cut with its message', () => {
    const whole = 'words '.repeat(200);
    for (let length = 1; length < KEY.length; length++) {
      const message = whole.slice(0, LONGEST_MESSAGE - length - 1) + ` ${KEY}`.slice(0, length + 1);
      const clean = cleaner.clean(makeRecord(0, { error: { code: 'upstream_error', message } })).error?.message ?? '';
      expect(clean).not.toContain('sk-');
      expect(clean).toEndWith('…');
      expect(clean.length).toBeGreaterThan(900);
    }
  });
});

test('an event of the audit trail keeps no detail that is a secret by its name', () => {
  const event = {
    id: 'e',
    time: 0,
    node: 'n',
    actor: 'a',
    action: 'x',
    object: `of ${KEY}`,
    outcome: 'ok' as const,
    address: null,
    details: { password: 'hunter22', reason: `no ${KEY}` },
  };
  expect(cleaner.event(event)).toMatchObject({
    object: 'of ‹API_KEY›',
    details: { password: '‹PASSWORD›', reason: 'no ‹API_KEY›' },
  });
});
