import { afterAll, expect, test } from 'bun:test';
import { makeJournal } from '../../test/support/journal.ts';
import { Definition, DefinitionCache } from '../core/ledger/definition.ts';
import { RequestIds } from '../core/ledger/request-id.ts';
import type { RequestRecord } from '../core/ledger/request-record.ts';
import { TOKEN_BUCKETS, type Usage } from '../core/neutral/usage.ts';
import { readEntry } from '../ledger/read-entry.ts';
import { readPlain } from '../ledger/read-plain.ts';
import type { EntrySink } from '../storage/journal/journal-reader.ts';
import { CallerText } from './caller-text.ts';
import { CommonMembers } from './common-members.ts';
import { Exchange } from './exchange.ts';
import { recordText } from './record-text.ts';
import { settle } from './settle.ts';

const journal = makeJournal('', { folder: null, memoryBytes: 2 ** 22 });
const lost: unknown[] = [];
const ids = new RequestIds();
const recorder = {
  ids,
  journal: journal.writer,
  bodyCallers: new DefinitionCache(),
  lost: (cause: unknown) => void lost.push(cause),
};
const metrics = { count: () => {} };
const snapshot = { recorder, sampler: null, unrouted: metrics } as never;

afterAll(() => expect(lost).toEqual([]));

/** The same numbers in each run. */
let state = 1;
function upTo(most: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * (most + 1));
}
const oneOf = <Value>(...values: readonly Value[]): Value => values[upTo(values.length - 1)] as Value;
const sometimes = <Value>(value: Value): Value | null => oneOf(value, null);

const ENDPOINTS = ['metadata', 'off', 'full'].map((logging) => ({
  logging,
  metrics,
  secrets: [],
  members: new CommonMembers(`,"endpoint":"${logging}","provider":"openai","model":"gpt ü"`),
}));
const CALLERS = [
  { address: '192.0.2.7', agent: null, tags: null, gatewayCaller: null },
  { address: '192.0.2.8', agent: 'tester/1 "ü"', tags: 'team=search,user=me', gatewayCaller: 'notebook' },
  { address: '::1', agent: 'x', tags: '{"run":7}', gatewayCaller: null },
].map((headers) => new CallerText(headers));
const START = 5000;

/** The clock of requests: most come in the same millisecond as the one before. */
let clock = 1_795_446_453_000;

function exchange(): Exchange {
  const caller = oneOf(...CALLERS);
  const members = oneOf(caller.members, caller.withRequestId(`mine-${upTo(100)}`));
  const incoming = {
    dialect: { name: oneOf('openai', 'anthropic') },
    operation: oneOf('chat', 'embeddings'),
    path: { action: null },
    caller: { header: () => null },
    callerMembers: () => members,
    startedAt: START,
    bodyBytes: upTo(100_000),
  };
  const now = Date.now;
  if (upTo(9) === 0) clock += upTo(2000);
  Date.now = () => clock;
  const made = new Exchange(incoming as never, snapshot);
  Date.now = now;
  return Object.assign(made, {
    endpoint: oneOf(...ENDPOINTS),
    route: oneOf(null, null, 'split'),
    upstream: sometimes({ serverText: ',"server":"api.invalid:443"' }),
    isStream: oneOf(true, false),
    attempt: sometimes({
      cancel: () => {},
      connectTime: oneOf(null, 0, upTo(90_000) / 1000),
      resentAt: oneOf(undefined, 0),
    }),
    receivedAt: oneOf(0, time(1)),
    admittedAt: time(2),
    upstreamStartedAt: time(3),
    firstByteAt: time(50),
    firstTokenAt: oneOf(0, time(60)),
    upstreamEndedAt: oneOf(0, time(100)),
    endedAt: time(120),
    status: 200,
    upstreamStatus: 200,
    usage: sometimes(usage()),
    isUsageEstimated: oneOf(true, false),
    servedModel: oneOf(null, 'gpt-ü-2026', 'gpt'),
    finishReason: oneOf(null, 'stop', 'length'),
    bodyCallerText: oneOf('', '', `,"user":"u-${upTo(50)}"`, ',"user":"ann","metadata":{"team":"größer","run":"7"}'),
    responseBytes: upTo(2 ** 31 - 1),
    furtherBytes: oneOf(0, 0, upTo(1000)),
    upstreamRequestId: sometimes('req_!"~0123456789abcdef\\'.slice(0, 1 + upTo(21))),
  }) as unknown as Exchange;
}

/** On the clock of `performance.now()`, within so many seconds, sometimes within a quarter of an hour. */
function time(seconds: number): number {
  return START + oneOf(upTo(1_000_000) / 1e6, 0.0005, upTo(5) === 0 ? 7 : 0.3) * seconds * 1000;
}

function usage(): Usage {
  const counts = TOKEN_BUCKETS.map((bucket) => [bucket, oneOf(0, upTo(1000), upTo(2 ** 31 - 1))]);
  return { ...Object.fromEntries(counts), ...oneOf({}, { native: { prompt_tokens: 1 } }) } as Usage;
}

interface Written {
  readonly texts: readonly string[];
  readonly plain: ReadonlyArray<RequestRecord | null>;
}

function written(): Written {
  const texts: string[] = [];
  const plain: Array<RequestRecord | null> = [];
  const sink: EntrySink = {
    text: (text) => void texts.push(text),
    plain: (words, at, definitions) => void plain.push(readPlain(words, at, definitions, 'node')),
  };
  journal.reader.read(1e9, sink);
  journal.reader.release();
  return { texts, plain };
}

test('a plain record says all that its text would have said', () => {
  for (let round = 0; round < 100; round++) {
    const exchanges = Array.from({ length: 100 }, exchange);
    for (const one of exchanges) settle(one);
    const { texts, plain } = written();
    expect(texts).toEqual([]);
    expect(plain).toEqual(exchanges.map((one) => readEntry(recordText(one, one.endedAt), 'node')));
  }
});

const CASES: ReadonlyArray<readonly [name: string, said: object]> = [
  ['has an error', { error: { code: 'upstream_error', message: 'no' } }],
  ['lost its client', { clientGone: true }],
  ['belongs to a trace', { trace: { traceId: 'a', spanId: 'b', parentSpanId: null, sampled: true } }],
  ['was changed for its provider', { changes: 'seed;dropped' }],
  ['took several calls', { attempts: [] }],
  ['was sent anew', { attempt: { cancel: () => {}, resentAt: START + 1 } }],
  ['reached no upstream', { upstreamStartedAt: 0 }],
  ['was answered otherwise by the upstream', { upstreamStatus: 201 }],
  ['has no endpoint', { endpoint: null }],
  ['has more usage than tokens', { usage: { ...usage(), units: { image: 1 } } }],
  ['has a price class', { usage: { ...usage(), serviceTier: 'flex' } }],
  ['has more tokens than a word holds', { usage: { ...usage(), input: 2 ** 31 } }],
  ['has no whole number of tokens', { usage: { ...usage(), outputImage: 0.5 } }],
  ['has more bytes than a word holds', { responseBytes: 2 ** 31 }],
  ['took in more bytes than a word holds', { furtherBytes: 2 ** 31 }],
  ['took longer than a word holds', { endedAt: START + 2 ** 31 / 1000 }],
  ['took longer to connect than a word holds', { attempt: { cancel: () => {}, connectTime: 2 ** 31 / 1000 } }],
  ['has an id of another time', { idCount: -1 }],
  ['has a longer name upstream', { upstreamRequestId: 'x'.repeat(300) }],
  ['shares nothing that is kept', { servedModel: 'x'.repeat(1000), finishReason: 'x'.repeat(1000) }],
];

test.each(CASES)('the record of a request that %s is a text', (_name, said) => {
  const one = Object.assign(exchange(), said);
  settle(one);
  expect(written()).toEqual({ texts: [recordText(one, one.endedAt)], plain: [] });
});

test('an id that was made after the clock went back has another time', () => {
  clock -= 1000;
  const one = exchange();
  expect(one.idCount).toBe(-1);
  clock += 5000;
  expect(exchange().idCount).toBe(0);
  expect(exchange().idCount).toBeLessThan(2);
});

test('what bodies say of callers is kept up to a bound, and written all the same', () => {
  const exchanges = Array.from({ length: 5000 }, (_, index) =>
    Object.assign(exchange(), { endpoint: ENDPOINTS[0], bodyCallerText: `,"user":"user-${index}"` }),
  );
  for (const one of exchanges) settle(one);
  expect(written().plain.map((record) => record?.caller.user)).toEqual(exchanges.map((_, index) => `user-${index}`));
  expect(recorder.bodyCallers.size).toBeLessThanOrEqual(2000);
});

test('a longer text of a body is not kept', () => {
  const cache = new DefinitionCache();
  const text = 'x'.repeat(2000);
  expect(cache.of(text)).toEqual(new Definition(text));
  expect(cache.size).toBe(0);
  expect(cache.of('short')).toBe(cache.of('short'));
});
