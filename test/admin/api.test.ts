import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { parseDollars } from '../../src/core/ledger/money.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';
import { makePricing, makeRecord, priced, UNPRICED } from '../support/ledger-records.ts';
import { TestApi } from './api.ts';
import { checkAnswer } from './described.ts';

const HOUR = 3_600_000;
const NOW = Date.now();

const api = new TestApi();

/** 10 requests of each hour of a day: two models, one in ten fails, one has no price. */
beforeAll(async () => {
  const records = Array.from({ length: 240 }, (_, index) => {
    const time = NOW - 24 * HOUR + Math.floor(index / 10) * HOUR + (index % 10) * 1000 + 500;
    const model = index % 2 === 0 ? 'gpt-4o' : 'claude-sonnet-4';
    const user = `user-${index % 5}`;
    const caller = { address: '10.1.2.3', userAgent: 'test', user, team: 'web', key: null, tags: { env: 'prod' } };
    const fails = index % 10 === 9;
    const record = makeRecord(time, {
      model,
      servedModel: model,
      caller,
      ...(fails && { status: 502, error: { code: 'upstream_error', message: 'the refund policy' } }),
    });
    return priced(record, index % 10 === 5 ? UNPRICED : makePricing(123_456_789n));
  });
  await api.write({
    records: tableOf(records),
    payloads: [
      {
        requestId: records[0]?.record.id ?? '',
        request: '{"x":1}',
        response: null,
        redactions: { EMAIL: 1 },
        truncated: false,
      },
    ],
  });
});

afterAll(() => api.database.close());

const picodollars = (dollars: unknown): bigint => parseDollars(String(dollars)) ?? -1n;
const rows = (answer: JsonObject) => answer.rows as JsonObject[];

describe('usage', () => {
  test('adds up to the same total however it is split', async () => {
    const whole = await api.get('/usage?from=-25h');
    const total = whole.total as JsonObject;
    expect(total).toMatchObject({ requests: 240, priced: 216, unpriced: 24, cost: '0.026666666424' });
    expect(total.errors).toMatchObject({ upstream: 24, client: 0, total: 24 });
    for (const query of [
      'group=model',
      'group=user,model',
      'group=tag:env',
      'group=hour,model',
      'bucket=hour&group=user',
      'group=user&limit=2',
      'bucket=minute',
      'group=model,outcome&order=errors',
      'group=user,outcome&order=errors&limit=3',
      'group=user,model&order=cost',
      'group=user,model&order=tokens&limit=1',
    ]) {
      const split = await api.get(`/usage?from=-25h&${query}`);
      expect(split.total).toEqual(total);
      const sum = (name: string) => rows(split).reduce((all, row) => all + Number(row[name]), 0);
      expect([query, sum('requests'), sum('unpriced')]).toEqual([query, 240, 24]);
      const cost = rows(split).reduce((all, row) => all + picodollars(row.cost ?? '0'), 0n);
      expect([query, cost]).toEqual([query, 26_666_666_424n]);
    }
  });

  test('has the same groups in whatever order, those that add nothing to it too', async () => {
    const groups = async (order: string) => {
      const answer = await api.get(`/usage?from=-25h&group=user,outcome,model&order=${order}`);
      return rows(answer)
        .map(({ group, requests }) => `${JSON.stringify(group)} ${requests}`)
        .sort();
    };
    const expected = await groups('requests');
    expect(expected.length).toBeGreaterThan(5);
    for (const order of ['cost', 'tokens', 'errors']) expect([order, await groups(order)]).toEqual([order, expected]);
  });

  test('equals the requests that it counts', async () => {
    for (const query of [
      'model=gpt-4o',
      'q=status:%3E=500',
      'q=is:unpriced',
      'q=-user:user-1,user-2 tag.env:prod',
      'user=user-1,user-2',
    ]) {
      const { total } = (await api.get(`/usage?from=-25h&${query}`)) as { total: JsonObject };
      const page = await api.get(`/requests?from=-25h&limit=500&${query}`);
      expect([query, rows(page).length]).toEqual([query, Number(total.requests)]);
      expect(Number(total.requests)).toBeGreaterThan(0);
    }
  });

  test('tells a cost of nothing from one that nobody knows', async () => {
    const unknown = await api.get('/usage?from=-25h&q=is:unpriced');
    expect(unknown.total).toMatchObject({ cost: null, priced: 0, unpriced: 24 });
    const none = await api.get('/usage?from=-25h&endpoint=nobody');
    expect(none.total).toMatchObject({ requests: 0, cost: '0', duration_ms: null });
  });

  test('steps by the days of a zone', async () => {
    const answer = await api.get('/usage?from=2026-03-28&to=2026-03-31&tz=Europe/Berlin&bucket=day');
    expect(answer).toMatchObject({
      from: '2026-03-27T23:00:00.000Z',
      to: '2026-03-30T22:00:00.000Z',
      tz: 'Europe/Berlin',
    });
  });

  test('compares with the range before', async () => {
    const answer = await api.get('/stats/summary?from=-6h&compare=prev');
    expect((answer.figures as JsonObject).requests).toBeGreaterThan(0);
    expect((answer.previous as JsonObject).figures).toMatchObject({ unpriced: expect.any(Number) });
    expect((answer.previous as JsonObject).to).toBe(answer.from);
  });

  test('has series and tops of the same numbers', async () => {
    const series = await api.get('/stats/series?from=-25h');
    expect(series.bucket).toBe('hour');
    const top = await api.get('/stats/top?from=-25h&group=user&limit=2&order=cost');
    expect(rows(top)).toHaveLength(3);
    expect(rows(top).at(-1)).toMatchObject({ other: true, group: {} });
    expect((await api.call('/stats/top')).json).toMatchObject({ code: 'invalid_parameter', field: 'group' });
  });
});

describe('requests', () => {
  test('page through every row once, in both directions', async () => {
    for (const sort of ['-time', 'time', '-cost', 'duration', '-status']) {
      const seen: string[] = [];
      let cursor = '';
      let last: JsonObject = {};
      for (let pages = 0; pages < 20; pages++) {
        last = await api.get(`/requests?from=-25h&limit=50&sort=${sort}${cursor}`);
        seen.push(...rows(last).map(({ id }) => String(id)));
        if (last.next === null) break;
        cursor = `&cursor=${encodeURIComponent(String(last.next))}`;
      }
      expect([sort, new Set(seen).size, seen.length]).toEqual([sort, 240, 240]);
      const before = await api.get(
        `/requests?from=-25h&limit=50&sort=${sort}&cursor=${encodeURIComponent(String(last.previous))}`,
      );
      expect(rows(before).map(({ id }) => String(id))).toEqual(seen.slice(150, 200));
    }
  });

  test('tell what is asked for and no more', async () => {
    const page = await api.get('/requests?from=-25h&limit=1&fields=id,cost&estimate=1');
    expect(Object.keys(rows(page)[0] ?? {})).toEqual(['id', 'cost']);
    expect(page.estimate).toMatchObject({ rows: 240 });
    expect((await api.call('/requests?fields=id,nothing')).json).toMatchObject({ field: 'fields' });
  });

  test('are found by text', async () => {
    const page = await api.get(`/requests?from=-25h&limit=500&q=${encodeURIComponent('"refund policy"')}`);
    expect(rows(page)).toHaveLength(24);
  });

  test('tell of one all there is, and the lines of its cost add up', async () => {
    const [first] = rows(await api.get('/requests?from=-25h&limit=1&sort=time'));
    const { status, json, headers } = await api.call(`/requests/${first?.id}`);
    expect(status).toBe(200);
    const { total, lines } = json.costs as { total: string; lines: Array<{ cost: string }> };
    expect(lines.reduce((sum, line) => sum + picodollars(line.cost), 0n)).toBe(picodollars(total));
    expect(json.waterfall).toHaveLength(7);
    const again = await api.call(`/requests/${first?.id}`, { headers: { 'if-none-match': headers.etag ?? '' } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('keep their texts apart, and every look is noted', async () => {
    const [first, second] = rows(await api.get('/requests?from=-25h&limit=2&sort=time'));
    expect(first?.payload).toBe(true);
    expect(await api.get(`/requests/${first?.id}/payload`)).toMatchObject({
      request: '{"x":1}',
      redactions: { EMAIL: 1 },
    });
    expect(api.notes.at(-1)).toMatchObject({ action: 'payload.view', object: first?.id, outcome: 'ok' });
    expect((await api.call(`/requests/${second?.id}/payload`)).json.code).toBe('payload_not_kept');
    expect((await api.call('/requests/01JDQ8Z5R7M2X4C6V8B0N1K3H5/payload')).json.code).toBe('not_found');
  });

  test('are counted by value, and completed', async () => {
    const { facets } = (await api.get('/requests/facets?from=-25h&fields=model,status,tag.env')) as {
      facets: JsonObject[];
    };
    expect(facets.map(({ field }) => field)).toEqual(['model', 'status', 'tag:env']);
    expect(facets[0]?.values).toContainEqual({ value: 'gpt-4o', count: 120 });
    const { values } = await api.get('/requests/complete?from=-25h&field=user&prefix=user-&limit=3');
    expect(values).toHaveLength(3);
    expect(await api.get('/requests/complete?from=-25h&field=tag')).toEqual({ values: [{ value: 'env', count: 240 }] });
  });
});

describe('exports', () => {
  test('have each request of the filter once, in every format', async () => {
    const csv = await api.call('/requests/export?from=-25h&columns=id,cost_usd,tag.env,stream');
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines[0]).toBe('id,cost_usd,tag.env,stream');
    expect(lines).toHaveLength(241);
    expect(lines[1]).toMatch(/^[0-9A-Z]{26},0\.000123456789,prod,false$/);
    expect(csv.headers['content-disposition']).toMatch(
      /^attachment; filename="sluice-requests_\d{8}T\d{6}Z_\d{8}T\d{6}Z\.csv"$/,
    );
    const json = await api.call('/requests/export?from=-25h&format=jsonl');
    const objects = json.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    expect(objects.map(({ id }) => id)).toEqual(lines.slice(1).map((line) => line.split(',')[0]));
    // Flat, and each member of one type in all rows.
    for (const object of objects)
      for (const value of Object.values(object)) expect(typeof value === 'object' && value !== null).toBe(false);
    expect(api.notes.at(-1)).toMatchObject({ action: 'export.create', outcome: 'ok', details: { rows: 240 } });
  });

  test('go on where the file before ended', async () => {
    const first = await api.call('/requests/export?from=-25h&columns=id&limit=100');
    const ids = first.text.trimEnd().split('\r\n').slice(1);
    const second = await api.call(`/requests/export?from=-25h&columns=id&after=${ids.at(-1)}`);
    const more = second.text.trimEnd().split('\r\n').slice(1);
    expect(new Set([...ids, ...more]).size).toBe(240);
    expect(ids.length + more.length).toBe(240);
  });

  test('say beforehand how long they are, and what their columns are', async () => {
    expect(await api.get('/requests/export?from=-25h&estimate=1')).toMatchObject({
      rows: 240,
      exact: expect.any(Boolean),
    });
    const { columns } = (await api.get('/requests/export/columns')) as { columns: Array<{ name: string }> };
    const [header = ''] = (await api.call('/requests/export?from=-25h&limit=1')).text.split('\r\n');
    expect(columns.map(({ name }) => name)).toEqual(header.split(','));
  });

  test('of usage have the same columns in every row', async () => {
    const { text } = await api.call('/usage/export?from=-25h&group=day,user&limit=2');
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toStartWith('time,user,other,requests,');
    for (const line of lines) expect(line.split(',').length).toBe(lines[0]?.split(',').length ?? 0);
    const { text: json } = await api.call('/usage/export?from=-25h&group=model&format=jsonl');
    expect(json.trimEnd().split('\n')).toHaveLength(2);
  });
});

test('the catalog tells models with prices', async () => {
  const answer = await api.get('/catalog/models?search=gpt-4o&capability=vision&limit=5');
  expect(answer.models).toHaveLength(5);
  expect(Number(answer.total)).toBeGreaterThan(5);
  const none = await api.get('/catalog/models?context=999999999');
  expect(none.models).toEqual([]);
});

test('the audit trail is told, checked and exported', async () => {
  const event = {
    id: 'e1',
    time: NOW - 1000,
    node: 'n',
    actor: 'local',
    action: 'payload.view',
    object: 'x',
    outcome: 'ok',
    address: null,
    details: {},
  } as const;
  await api.write({ events: [event, { ...event, id: 'e2', action: 'config.apply' }] });
  const page = (await api.get('/audit')) as { entries: JsonObject[] };
  expect(page.entries.map(({ action }) => action)).toEqual(['config.apply', 'payload.view']);
  expect((await api.get('/audit?action=payload.view')).entries).toHaveLength(1);
  const verdict = await api.call('/audit/verify', { method: 'POST' });
  expect(verdict.json).toMatchObject({ intact: true, entries: 2, fault: null });
  const anchor = JSON.stringify({ sequence: 2, hash: 'a'.repeat(64) });
  const differs = await api.call('/audit/verify', { method: 'POST', body: anchor });
  expect(differs.json).toMatchObject({ intact: false, fault: { sequence: 2 } });
  expect((await api.call('/audit/verify', { method: 'POST', body: '{"sequence":"x"}' })).json.code).toBe(
    'invalid_body',
  );
  const events = await api.call('/audit/verify', { method: 'POST', headers: { accept: 'text/event-stream' } });
  expect(events.text).toContain('event: verdict');
  expect((await api.call('/audit/export')).text.trimEnd().split('\n')).toHaveLength(2);
});

describe('answers are those of the OpenAPI document', () => {
  test.each([
    '/usage',
    '/usage?group=day,model,user,tag:env',
    '/stats/summary?compare=prev',
    '/stats/series?group=model',
    '/stats/top?group=endpoint',
    '/requests?estimate=1',
    '/requests?fields=id,tokens',
    '/requests/facets',
    '/requests/complete?field=model',
    '/requests/export?estimate=1',
    '/requests/export/columns',
    '/catalog/models?limit=20',
    '/audit',
    '/openapi.json',
    '/usage?from=nonsense',
    '/requests?q=a:b',
    '/nothing',
    '/requests/x',
  ])('%s', async (path) => {
    const { status, json } = await api.call(path);
    await checkAnswer(api, 'get', path, status, json);
  });

  test('one request, its texts, and the check of the trail', async () => {
    const [first] = rows(await api.get('/requests?from=-25h&limit=1&sort=time'));
    const one = await api.call(`/requests/${first?.id}`);
    await checkAnswer(api, 'get', '/requests/{id}', one.status, one.json);
    const payload = await api.call(`/requests/${first?.id}/payload`);
    await checkAnswer(api, 'get', '/requests/{id}/payload', payload.status, payload.json);
    const verdict = await api.call('/audit/verify', { method: 'POST' });
    await checkAnswer(api, 'post', '/audit/verify', verdict.status, verdict.json);
  });
});
