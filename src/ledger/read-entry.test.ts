import { expect, test } from 'bun:test';
import { readEntry } from './read-entry.ts';

const ENTRY = {
  id: '01KAR5T3ZQ9DM4NEC58S6X0000',
  time: 1_795_446_453_000,
  surface: 'openai',
  operation: 'chat',
  endpoint: 'chat',
  provider: 'toy',
  model: 'toy-1',
  server: 'toy.invalid:443',
  status: 200,
  phases: [0, 40, 50, 900, -1, 1000, 134, 950, 0],
  bytes: [10, 20],
};

const read = (more: object = {}) => readEntry(JSON.stringify({ ...ENTRY, ...more }), 'node');
const call = { provider: 'toy', model: 'toy-1', server: 'toy.invalid:443', upstreamRequestId: null };

test('the one call of a request is told by what the record says anyway', () => {
  expect(read()?.attempts).toEqual([
    { ...call, cause: 'first', status: 200, error: null, startedAt: 0.05, connect: 0, firstByteAt: 0.9, endedAt: 0.95 },
  ]);
});

test('a connection that had been closed is a call of its own', () => {
  const attempts = read({ resent: 70, phases: [0, 40, 50, 900, -1, 1000, 134, 950, 12] })?.attempts;
  expect(attempts).toMatchObject([
    { cause: 'first', status: null, error: { code: 'upstream_unreachable' }, startedAt: 0.05, endedAt: 0.07 },
    { cause: 'stale_connection', status: 200, error: null, startedAt: 0.07, connect: 0.012, endedAt: 0.95 },
  ]);
});

test('each of several calls has its own times and its own error', () => {
  const error = { code: 'upstream_error', message: 'no' };
  const attempts = read({
    attempts: [
      { cause: 'first', at: [50, 60, 70], connect: 5, status: 200 },
      { cause: 'part', at: [55, -1, 90], error },
    ],
  })?.attempts;
  expect(attempts).toMatchObject([
    { cause: 'first', status: 200, error: null, startedAt: 0.05, firstByteAt: 0.06, endedAt: 0.07, connect: 0.005 },
    { cause: 'part', status: null, error, startedAt: 0.055, firstByteAt: null, endedAt: 0.09, connect: null },
  ]);
});

test('a request that was never sent has no call', () => {
  expect(read({ status: 429, phases: [0, -1, -1, -1, -1, 30, 30, -1, -1] })?.attempts).toEqual([]);
});

test('usage is in its buckets, whether one or all of them are written', () => {
  const zeros = { cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, inputAudio: 0, inputImage: 0 };
  const more = { reasoning: 0, outputAudio: 0, outputImage: 0 };
  expect(read({ usage: [7, 3] })?.usage).toEqual({ input: 7, output: 3, ...zeros, ...more });
  expect(read({ usage: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], more: { units: { image: 1 } } })?.usage).toEqual({
    input: 1,
    output: 2,
    cacheRead: 3,
    reasoning: 4,
    cacheWrite: 5,
    cacheWriteLong: 6,
    inputAudio: 7,
    inputImage: 8,
    outputAudio: 9,
    outputImage: 10,
    units: { image: 1 },
  });
});

test('tags of the header go before those of the body, and user and team may be tags', () => {
  const caller = read({
    tags: { team: 'a', user: 'u' },
    metadata: { team: 'b', run: '1' },
    clientRequestId: 'r',
  })?.caller;
  expect(caller).toMatchObject({ user: 'u', team: 'a', tags: { team: 'a', run: '1', client_request_id: 'r' } });
});

test('what is no record is none', () => {
  expect(readEntry('{"id":', 'node')).toBeNull();
  expect(readEntry('[]', 'node')).toBeNull();
  expect(readEntry('null', 'node')).toBeNull();
});
