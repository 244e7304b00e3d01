import { expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import type { NeutralChunk } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { TextCompletionReader } from './completions.ts';
import { MessageReader } from './stream.ts';

const start = (block: JsonObject, index = 0) => ({ type: 'content_block_start', index, content_block: block });
const delta = (value: JsonObject, index = 0) => ({ type: 'content_block_delta', index, delta: value });
const stop = (index = 0) => ({ type: 'content_block_stop', index });

function read(...events: JsonObject[]): Array<NeutralChunk | null> {
  const reader = new MessageReader();
  return events.map((event) => reader.event(event));
}

function refusalOf(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('a message is complete at its stop, not at its finish reason', () => {
  const reader = new MessageReader();
  reader.event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } });
  expect(reader.complete).toBe(false);
  expect(reader.event({ type: 'message_stop' })).toBeNull();
  expect(reader.complete).toBe(true);
});

test('the input tokens are told at the start, so that a stream that breaks off is counted', () => {
  const [chunk] = read({ type: 'message_start', message: { id: 'msg_1', model: 'm', usage: { input_tokens: 9 } } });
  expect(chunk).toMatchObject({ id: 'msg_1', model: 'm', choices: [], usage: { input: 9, output: 0 } });
});

test('pings and events that may come one day mean nothing', () => {
  expect(read({ type: 'ping' }, { type: 'content_block_pause' }, delta({ type: 'smell_delta', smell: 'x' }))).toEqual([
    null,
    null,
    null,
  ]);
});

test('a call without arguments, and one that came whole, have them at their end', () => {
  const call = { type: 'tool_use', id: 'toolu_1', name: 'now' };
  const chunks = read(start({ ...call, input: {} }), delta({ type: 'input_json_delta', partial_json: '' }), stop());
  expect(chunks[2]?.choices[0]?.toolCalls).toEqual([{ index: 0, arguments: '{}' }]);
  const whole = read(start({ ...call, input: { zone: 'UTC' } }), stop());
  expect(whole[1]?.choices[0]?.toolCalls).toEqual([{ index: 0, arguments: '{"zone":"UTC"}' }]);
});

test('calls are counted apart from other blocks', () => {
  const chunks = read(
    start({ type: 'text', text: '' }),
    stop(),
    start({ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }, 1),
    delta({ type: 'input_json_delta', partial_json: '{"query":"x"}' }, 1),
    stop(1),
    start({ type: 'tool_use', id: 'a', name: 'f', input: {} }, 2),
    stop(2),
    start({ type: 'tool_use', id: 'b', name: 'g', input: {} }, 3),
  );
  expect(chunks[4]?.choices[0]?.parts).toEqual([
    { type: 'other', value: { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } } },
  ]);
  expect(chunks[5]?.choices[0]?.toolCalls?.[0]).toEqual({ index: 0, id: 'a', name: 'f' });
  expect(chunks[7]?.choices[0]?.toolCalls?.[0]).toEqual({ index: 1, id: 'b', name: 'g' });
});

test('the input of a provider’s tool that was cut at the answer’s length is kept as far as it came', () => {
  const block = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
  const chunks = read(start(block), delta({ type: 'input_json_delta', partial_json: '{"que' }), stop());
  expect(chunks[2]?.choices[0]?.parts).toEqual([{ type: 'other', value: { ...block, partial_json: '{"que' } }]);
});

test('citations say where their text stands in the answer', () => {
  const citation = { type: 'web_search_result_location', url: 'https://a.example', title: 'A' };
  const chunks = read(
    start({ type: 'text', text: 'One. ' }),
    stop(),
    start({ type: 'text', text: '' }, 1),
    delta({ type: 'text_delta', text: 'Two.' }, 1),
    delta({ type: 'citations_delta', citation }, 1),
  );
  const annotation = { url: 'https://a.example', title: 'A', start_index: 5, end_index: 9 };
  expect(chunks[4]?.choices[0]?.parts).toEqual([
    {
      type: 'text',
      text: '',
      rest: { citations: [citation], annotations: [{ type: 'url_citation', url_citation: annotation }] },
    },
  ]);
});

test.each([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
  ['constructor', 502],
])('an error event of type %s has the status %d', (type, status) => {
  const event = { type: 'error', error: { type, message: 'Said why.' }, request_id: 'req_1' };
  for (const reader of [new MessageReader(), new TextCompletionReader()]) {
    const error = refusalOf(() => reader.event(event));
    expect(error).toMatchObject({ code: 'upstream_error', status, message: 'Said why.', upstreamType: type });
    expect(error.upstreamBody).toBe(event);
  }
});

test('an error event without an error is one all the same', () => {
  expect(refusalOf(() => new MessageReader().event({ type: 'error' }))).toMatchObject({ code: 'upstream_error' });
});

test.each<JsonObject>([
  {},
  { type: 7 },
  { type: 'message_start' },
  { type: 'message_start', message: [] },
  { type: 'content_block_start', index: 0 },
  { type: 'content_block_start', content_block: { type: 'tool_use', name: 'f' } },
  { type: 'content_block_start', content_block: { type: 'tool_use', id: 'a' } },
  { type: 'content_block_delta', delta: 'text' },
  { type: 'message_delta', usage: {} },
])('the event %j is not of the API', (event) => {
  expect(refusalOf(() => new MessageReader().event(event)).code).toBe('upstream_invalid');
});

test('what is not of its type within a known event is passed over', () => {
  const odd = [null, 7, [], {}];
  for (const value of odd) {
    const chunks = read(
      start({ type: 'text', text: value }),
      delta({ type: 'text_delta', text: value }),
      delta({ type: 'thinking_delta', thinking: value }),
      delta({ type: 'signature_delta', signature: value }),
      delta({ type: 'input_json_delta', partial_json: value }),
      stop(),
    );
    expect(chunks).toEqual([null, null, null, null, null, null]);
  }
});

test('a text completion is complete with its stop reason', () => {
  const reader = new TextCompletionReader();
  expect(reader.event({ type: 'ping' })).toBeNull();
  reader.event({ type: 'completion', completion: ' Hi', stop_reason: null, model: 'claude-2.1' });
  expect(reader.complete).toBe(false);
  const last = reader.event({ type: 'completion', completion: '', stop_reason: 'max_tokens', model: 'claude-2.1' });
  expect(last?.choices[0]?.finish).toEqual({ reason: 'length', native: 'max_tokens' });
  expect(reader.complete).toBe(true);
});
