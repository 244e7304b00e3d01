import { expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { ConverseReader } from './stream.ts';

type Event = readonly [name: string, data: JsonObject];

const STOP: Event = ['messageStop', { stopReason: 'end_turn' }];
const METADATA: Event = ['metadata', { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } }];

function read(...events: readonly Event[]) {
  const reader = new ConverseReader();
  const chunks = events.flatMap(([name, data]) => reader.event(data, name) ?? []);
  return { reader, chunks };
}

test('a stream is complete with its metadata, and not before', () => {
  expect(read(STOP).reader.complete).toBe(false);
  const { reader, chunks } = read(['messageStart', { role: 'assistant' }], STOP, METADATA);
  expect(reader.complete).toBe(true);
  expect(chunks.at(-1)?.usage?.output).toBe(2);
});

const STATUSES: ReadonlyArray<readonly [exception: string, status: number]> = [
  ['internalServerException', 500],
  ['modelStreamErrorException', 424],
  ['modelTimeoutException', 408],
  ['serviceUnavailableException', 503],
  ['throttlingException', 429],
  ['validationException', 400],
  ['ValidationException', 400],
  ['somethingNewException', 502],
];

for (const [exception, status] of STATUSES) {
  test(`${exception} is an error with status ${status}`, () => {
    const error = failure(() => read([exception, { message: 'why' }]));
    expect([error.status, error.message]).toEqual([status, 'why']);
    expect(error.upstreamType?.toLowerCase()).toBe(exception.toLowerCase());
  });
}

test('an exception without a message still says what it is', () => {
  expect(failure(() => read(['throttlingException', {}])).message).toContain('ThrottlingException');
});

test('events and deltas of kinds to come are passed over', () => {
  const { chunks } = read(
    ['contentBlockDelta', { contentBlockIndex: 0, delta: { hologram: {} } }],
    ['contentBlockDelta', { contentBlockIndex: 0 }],
    ['contentBlockStart', { contentBlockIndex: 0, start: { image: { format: 'png' } } }],
    ['contentBlockStop', { contentBlockIndex: 0 }],
    ['somethingNew', {}],
  );
  expect(chunks).toEqual([]);
});

test('a call that Bedrock made itself is none of the client’s', () => {
  const { chunks } = read(
    [
      'contentBlockStart',
      { contentBlockIndex: 0, start: { toolUse: { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use' } } },
    ],
    ['contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{}' } } }],
    ['contentBlockStop', { contentBlockIndex: 0 }],
    ['contentBlockStart', { contentBlockIndex: 1, start: { toolUse: { toolUseId: 'c', name: 'mine' } } }],
  );
  expect(chunks.map(({ choices }) => choices[0]?.toolCalls)).toEqual([
    [{ index: 0, id: 'c', name: 'mine', arguments: '' }],
  ]);
});

test('arguments of a call that never began are no answer', () => {
  const error = failure(() =>
    read(['contentBlockDelta', { contentBlockIndex: 3, delta: { toolUse: { input: '{' } } }]),
  );
  expect(error.code).toBe('upstream_invalid');
});

function failure(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
