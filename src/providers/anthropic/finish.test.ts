import { expect, test } from 'bun:test';
import { finishOf } from './finish.ts';

test.each([
  ['end_turn', 'stop', undefined],
  ['stop_sequence', 'stop', undefined],
  ['pause_turn', 'stop', undefined],
  ['max_tokens', 'length', undefined],
  ['model_context_window_exceeded', 'length', 'stop'],
  ['tool_use', 'tool_calls', undefined],
  ['refusal', 'content_filter', 'stop'],
  ['something_new', 'stop', undefined],
])('%s is %s', (native, reason, mlflow) => {
  expect(finishOf({ stop_reason: native, stop_sequence: null })).toEqual({ native, reason, ...(mlflow && { mlflow }) });
});

test('the stop sequence that was met is told', () => {
  expect(finishOf({ stop_reason: 'stop_sequence', stop_sequence: 'END' })?.stopSequence).toBe('END');
});

test('there is no finish while there is no reason', () => {
  expect(finishOf({ stop_reason: null, stop_sequence: null })).toBeNull();
});
