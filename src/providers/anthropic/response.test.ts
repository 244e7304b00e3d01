import { expect, test } from 'bun:test';
import { GatewayError } from '../../core/errors.ts';
import { decodeTextCompletion } from './completions.ts';
import { readError } from './errors.ts';
import { decodeMessage } from './response.ts';

const message = (content: unknown) => ({ type: 'message', id: 'msg_1', model: 'm', content, stop_reason: 'end_turn' });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
  return 'none';
}

const NO_MESSAGES: readonly unknown[] = [
  null,
  'text',
  7,
  [],
  {},
  message(null),
  message('text'),
  message([null]),
  message(['text']),
  message([{ type: 'text' }]),
  message([{ type: 'thinking', signature: 's' }]),
  message([{ type: 'redacted_thinking' }]),
  message([{ type: 'tool_use', id: 'a', input: {} }]),
  message([{ type: 'tool_use', name: 'f', input: {} }]),
];

test('what has not the shape of a message is refused', () => {
  for (const body of NO_MESSAGES) {
    expect(
      codeOf(() => decodeMessage(body, 'chat')),
      JSON.stringify(body),
    ).toBe('upstream_invalid');
  }
});

test('a text completion has a completion', () => {
  for (const body of [null, [], {}, { completion: 7 }]) {
    expect(codeOf(() => decodeTextCompletion(body))).toBe('upstream_invalid');
  }
});

test('an error in a good envelope is one', () => {
  const body = { type: 'error', error: { type: 'api_error', message: 'Internal server error' } };
  expect(codeOf(() => decodeMessage(body, 'chat'))).toBe('upstream_error');
});

test('a message without id, model, usage and stop reason leaves them open', () => {
  expect(decodeMessage({ content: [] }, 'chat')).toEqual({
    operation: 'chat',
    id: null,
    model: null,
    choices: [{ parts: [], finish: null }],
    usage: null,
  });
});

test('blocks of a kind that is not known are kept', () => {
  const block = { type: 'container_upload', file_id: 'file_1' };
  expect(decodeMessage(message([block]), 'chat').choices[0]?.parts).toEqual([{ type: 'other', value: block }]);
});

test('the container of code execution is kept', () => {
  const container = { id: 'container_1', expires_at: '2026-01-01T00:00:00Z' };
  expect(decodeMessage({ ...message([]), container }, 'chat').rest).toEqual({ container });
});

test('an error of another shape is not read', () => {
  expect(readError({ type: 'error', error: { type: 'api_error', message: 'x' } })).toEqual({
    message: 'x',
    type: 'api_error',
  });
  for (const body of [null, 'x', {}, { error: 'x' }, { error: { type: 'x' } }]) expect(readError(body)).toBeNull();
});
