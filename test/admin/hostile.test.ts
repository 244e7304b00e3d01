import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ROUTES } from '../../src/admin/routes.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makeRecord, priced } from '../support/ledger-records.ts';
import { TestApi } from './api.ts';

const NOW = Date.now();
const api = new TestApi();
const rows = (answer: JsonObject) => answer.rows as JsonObject[];

const USERS = [
  "'; DROP TABLE requests; --",
  '100%',
  '1000',
  'a_b',
  'axb',
  '=HYPERLINK("http://evil.example")',
  '<b>x</b>"\'',
  'Robert\\',
  '💥',
  'z\u0000',
];

beforeAll(async () => {
  const caller = { address: '10.1.2.3', userAgent: 'test', team: null, key: null };
  const tags = Object.fromEntries([
    ['__proto__', 'polluted'],
    ['constructor', 'c'],
    ['=cmd', '+1'],
  ]);
  await api.write({
    records: tableOf(
      USERS.map((user, index) => priced(makeRecord(NOW - 60_000 + index, { caller: { ...caller, user, tags } }))),
    ),
  });
});

afterAll(() => api.database.close());

/** What breaks out of statements, patterns, paths and parsers, or is simply much. */
const VALUES = [
  "' OR '1'='1",
  "'; DROP TABLE requests; --",
  '") UNION SELECT sql FROM sqlite_master --',
  '%',
  '_',
  '\\',
  '../../etc/passwd',
  '$' + '{jndi:ldap://x}',
  '\u0000',
  '💥'.repeat(50),
  '9'.repeat(40),
  '-1',
  '1e309',
  'NaN',
  'null',
  '[]',
  '{"$ne":1}',
  '__proto__',
  'constructor',
  'x'.repeat(5000),
  '%00',
  '\r\nset-cookie: a=b',
];

describe.each(ROUTES.filter(({ method }) => method === 'GET').map(({ path, parameters }) => ({ path, parameters })))(
  'GET $path',
  ({ path, parameters }) => {
    const target = path.replace('{id}', '01JDQ8Z5R7M2X4C6V8B0N1K3H5');
    const ended = path === '/requests/tail' ? { signal: AbortSignal.abort() } : {};
    const required = path === '/requests/complete' ? 'field=user&' : path === '/stats/top' ? 'group=user&' : '';

    test('takes anything for a parameter without failing inside', async () => {
      for (const name of Object.keys(parameters.shape)) {
        for (const value of VALUES) {
          const others = required.startsWith(`${name}=`) ? '' : required;
          const { status, json, headers } = await api.call(
            `${target}?${others}${name}=${encodeURIComponent(value)}`,
            ended,
          );
          expect([name, value.slice(0, 40), status < 500]).toEqual([name, value.slice(0, 40), true]);
          if (status >= 400) expect(json).toMatchObject({ code: expect.any(String), message: expect.any(String) });
          for (const field of Object.values(headers)) expect(field).not.toMatch(/[\r\n]/);
        }
      }
      expect((await api.call(`${target}?${required}x=%ED%A0%80%zz`)).status).toBe(400);
      expect(api.failures).toEqual([]);
    });

    test('refuses what it does not know, and what is there twice', async () => {
      for (const query of ['nothing=1', '__proto__=1', 'constructor=1', 'toString=1']) {
        const { status, json } = await api.call(`${target}?${query}`);
        expect([query, status, json.code]).toEqual([query, 400, 'invalid_parameter']);
      }
      const [name] = Object.keys(parameters.shape);
      if (name !== undefined) expect((await api.call(`${target}?${name}=1&${name}=2`)).status).toBe(400);
    });
  },
);

describe('a hostile name', () => {
  test.each(USERS.slice(0, -1))('%p is found by itself alone', async (user) => {
    const quoted = encodeURIComponent(`user:"${user.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
    expect(rows(await api.get(`/requests?q=${quoted}`)).map((row) => row.user)).toEqual([user]);
    const { total } = (await api.get(`/usage?q=${quoted}`)) as { total: JsonObject };
    expect(total.requests).toBe(1);
  });

  test('is no pattern', async () => {
    const found = async (query: string) =>
      rows(await api.get(`/requests?q=${encodeURIComponent(query)}`)).map((row) => row.user);
    expect(await found('user:100%*')).toEqual(['100%']);
    expect(await found('user:a_*')).toEqual(['a_b']);
    expect(await found('"100%"')).toEqual(['100%']);
    expect(await found('"a_b"')).toEqual(['a_b']);
    expect(await found('"Robert\\\\"')).toEqual(['Robert\\']);
    const { values } = (await api.get('/requests/complete?field=user&prefix=a_')) as { values: JsonObject[] };
    expect(values.map(({ value }) => value)).toEqual(['a_b']);
  });

  test('of a tag stays a name', async () => {
    expect(rows(await api.get('/requests?q=tag.__proto__:polluted&limit=500'))).toHaveLength(USERS.length);
    const usage = await api.get('/usage?group=tag:__proto__');
    expect(Object.entries(rows(usage)[0]?.group as JsonObject)).toEqual([['tag:__proto__', 'polluted']]);
    expect(({} as JsonObject).polluted).toBeUndefined();
    const { text } = await api.call('/requests/export?columns=tag.__proto__,tag.constructor,tag.toString&limit=1');
    expect(text).toBe('tag.__proto__,tag.constructor,tag.toString\r\npolluted,c,\r\n');
    const lines = await api.call('/requests/export?columns=tag.__proto__&limit=1&format=jsonl');
    expect(lines.text).toBe('{"tag.__proto__":"polluted"}\n');
  });

  test('is no formula in a spreadsheet, and untouched in JSON', async () => {
    const csv = await api.call('/requests/export?columns=user,tag.=cmd');
    expect(csv.text).toContain(`"'=HYPERLINK(""http://evil.example"")",'+1`);
    const json = await api.call('/requests/export?columns=user&format=jsonl');
    expect(json.text).toContain('{"user":"=HYPERLINK(\\"http://evil.example\\")"}');
    const usage = await api.call('/usage/export?group=user,tag:=cmd');
    expect(usage.text).toContain(`"'=HYPERLINK(""http://evil.example"")",'+1`);
  });
});

describe('a cursor that nobody gave out', () => {
  const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each([
    '',
    'x',
    forged(null),
    forged([0, "1' OR 1=1", 'x']),
    forged([0, null, { a: 1 }]),
    forged([0, '99999999999999999999999', 'x']),
    forged([0, null, "' OR 1=1"]),
    forged([1, '5', '~'.repeat(500)]),
    forged([0, null, 'x\u0000y']),
  ])('%p tells at most what the filter allows', async (cursor) => {
    const { status, json } = await api.call(`/requests?user=nobody&cursor=${encodeURIComponent(cursor)}`);
    if (status === 200) expect(json.rows).toEqual([]);
    else expect(status).toBe(400);
  });
});

describe('too much', () => {
  test('of time is refused with a way out', async () => {
    const minutes = await api.call('/usage?from=0&bucket=minute');
    expect(minutes.json).toMatchObject({
      code: 'invalid_parameter',
      field: 'bucket',
      hint: expect.stringContaining('bucket=month'),
    });
    expect((await api.call('/usage?from=0&to=9998-01-01&bucket=month')).status).toBe(400);
    expect((await api.call('/usage?from=0&bucket=auto')).status).toBe(200);
    expect((await api.call('/usage?from=now&to=-1d')).json.field).toBe('from');
  });

  test('of rows is refused with a number that fits', async () => {
    const { json } = await api.call('/usage?from=-30d&bucket=hour&group=user&limit=1000');
    expect(json).toMatchObject({ field: 'limit', hint: expect.stringContaining('limit=6') });
  });

  test('of groups becomes one row', async () => {
    const many = new TestApi();
    const caller = { address: null, userAgent: null, team: null, key: null, tags: {} };
    const records = Array.from({ length: 10_000 }, (_, index) =>
      priced(makeRecord(NOW - 60_000 + index, { caller: { ...caller, user: `user-${index}` } })),
    );
    for (let at = 0; at < records.length; at += 2000) {
      await many.write({ records: tableOf(records.slice(at, at + 2000)) });
    }
    const answer = await many.get('/usage?group=user&limit=1000');
    expect(rows(answer)).toHaveLength(1001);
    expect(rows(answer).at(-1)).toMatchObject({ other: true, requests: 9000 });
    expect((answer.total as JsonObject).requests).toBe(10_000);
    await many.database.close();
  });

  test('of groups, fields, columns or calls at once is refused', async () => {
    expect((await api.call('/usage?group=user,team,key,model,endpoint,provider')).status).toBe(400);
    expect((await api.call('/usage?group=user,user')).json.field).toBe('group');
    expect((await api.call('/requests?limit=501')).json.field).toBe('limit');
    expect((await api.call(`/requests/export?columns=${Array(101).fill('id').join(',')}`)).json.field).toBe('columns');
    const stop = new AbortController();
    const tails = await Promise.all(
      Array.from({ length: 70 }, () => api.begin('/requests/tail', { signal: stop.signal })),
    );
    expect(tails.filter(({ status }) => status === 200)).toHaveLength(64);
    expect(tails.filter(({ status }) => status === 429)).toHaveLength(6);
    stop.abort();
    for (const { body } of tails) if (typeof body !== 'string') for await (const _ of body);
    expect((await api.call('/requests/export')).status).toBe(200);
  });
});

test.each([
  '/requests/%00',
  '/requests/%ff',
  '/requests/a%2Fb',
  '/requests//payload',
  '/requests/',
  '/..%2fusage',
  '/requests/01JDQ8Z5R7M2X4C6V8B0N1K3H5/',
])('the path %s leads nowhere', async (path) => {
  expect((await api.call(path)).status).toBe(404);
});

test('an error from inside tells nothing of the inside', async () => {
  const broken = new TestApi({
    sources: { ledger: { usage: () => Promise.reject(new Error('password=hunter2 in /home/admin')) } as never },
  });
  const { status, text, json } = await broken.call('/usage');
  expect([status, json.code]).toEqual([500, 'internal']);
  expect(text).not.toContain('hunter2');
  expect(broken.failures).toHaveLength(1);
});

test('a database that does not answer, and no ledger at all, are told apart', async () => {
  const failing = (name: string) =>
    new TestApi({
      sources: { ledger: { usage: () => Promise.reject(Object.assign(new Error('later'), { name })) } as never },
    });
  expect((await failing('LedgerUnavailable').call('/usage')).json.code).toBe('ledger_unavailable');
  expect((await failing('DatabaseTooOld').call('/usage')).json.code).toBe('ledger_unavailable');
  expect((await failing('TimeoutError').call('/usage')).json.code).toBe('query_timeout');
  const off = await new TestApi({ sources: { ledger: null, audit: null, catalog: null } }).call('/usage');
  expect([off.status, off.json.code]).toEqual([503, 'ledger_off']);
});
