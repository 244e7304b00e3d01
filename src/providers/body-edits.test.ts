import { describe, expect, test } from 'bun:test';
import { Changes } from '../core/neutral/changes.ts';
import type { JsonObject } from '../core/types.ts';
import { BodyEdits } from './body-edits.ts';

function edit(body: JsonObject, run: (edits: BodyEdits) => void): { members: JsonObject | null; changes: string } {
  const changes = new Changes();
  const edits = new BodyEdits(body, changes);
  run(edits);
  return { members: edits.members && Object.fromEntries(edits.members), changes: changes.toString() };
}

describe('edits of a body', () => {
  test('leave a body alone that needs none', () => {
    const nothing = edit({ a: 1, b: null }, (edits) => {
      edits.rename('c', 'd');
      edits.drop('b');
      edits.remove('c');
      edits.clamp('a', 0, 1);
      edits.dropAllBut(new Set(['a']));
    });
    expect(nothing).toEqual({ members: null, changes: '' });
  });

  test('rename a field; the provider’s own counts where both are given', () => {
    expect(edit({ a: 1 }, (edits) => edits.rename('a', 'b')).members).toEqual({ a: undefined, b: 1 });
    expect(edit({ a: 1, b: 2 }, (edits) => edits.rename('a', 'b')).members).toEqual({ a: undefined });
    expect(edit({ a: 1, b: null }, (edits) => edits.rename('a', 'b')).members).toEqual({ a: undefined, b: 1 });
  });

  test('see what was changed before', () => {
    const seen = edit({ a: 3 }, (edits) => {
      edits.rename('a', 'b');
      edits.clamp('b', 0, 2);
      edits.drop('a');
    });
    expect(seen).toEqual({ members: { a: undefined, b: 2 }, changes: 'b;clamped' });
  });

  test('say what they drop, names of prototypes too', () => {
    const body = JSON.parse('{"__proto__": 1, "a": 2, "toString": 3}') as JsonObject;
    const { changes } = edit(body, (edits) => edits.dropAllBut(new Set(['a'])));
    expect(changes).toBe('__proto__;dropped, toString;dropped');
  });
});
