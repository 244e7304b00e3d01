import { describe, expect, test } from 'bun:test';
import { GatewayError } from '../core/errors.ts';
import { Changes } from '../core/neutral/changes.ts';
import type { JsonObject } from '../core/types.ts';
import { clamped, keepKnown, promptText, refuseNativeNames } from './request-fields.ts';

function failure(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('keeps the fields that an API knows and names the others', () => {
  const changes = new Changes();
  const fields = JSON.parse('{"__proto__": {"seed": 1}, "seed": 2}') as JsonObject;
  expect(keepKnown(fields, new Set(['seed']), changes)).toEqual({ seed: 2 });
  expect(changes.toString()).toBe('__proto__;dropped');
});

describe("a provider's own names", () => {
  test('are refused with the name to use, and the status that the provider has for it', () => {
    const names = { stop_sequences: 'stop' };
    const error = failure(() => refuseNativeNames({ stop_sequences: [] }, names, 'invalid_request'));
    expect([error.status, error.message]).toEqual([400, 'Invalid parameter stop_sequences. Use stop instead.']);
    expect(failure(() => refuseNativeNames({ stop_sequences: [] }, names)).status).toBe(422);
  });

  test('are not confused with what every object has', () => {
    expect(refuseNativeNames({}, { toString: 'text' })).toBeUndefined();
  });
});

test('clamps a value and says so only when it was outside', () => {
  const changes = new Changes();
  expect(clamped(1, 0, 1, 'a', changes)).toBe(1);
  expect(clamped(-3, 0, 1, 'b', changes)).toBe(0);
  expect(changes.toString()).toBe('b;clamped');
});

test('a prompt is one text', () => {
  expect(promptText('a', 'X')).toBe('a');
  expect(promptText(['a'], 'X')).toBe('a');
  for (const prompt of [['a', 'b'], [1, 2], [[1]], []]) {
    expect(failure(() => promptText(prompt, 'X')).message).toBe('X completes one prompt at a time, given as text.');
  }
});
