import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { compileSampler } from './sampler.ts';

const TRACES = Array.from({ length: 4000 }, () => randomBytes(16).toString('hex'));

test('keeps about the share that is asked for, and always the same traces', () => {
  const sampler = compileSampler({ root: 0.25, honoursParent: true });
  const kept = TRACES.filter((trace) => sampler(trace, null));
  expect(kept.length / TRACES.length).toBeCloseTo(0.25, 1);
  expect(kept.every((trace) => sampler(trace, null))).toBe(true);
  const wider = compileSampler({ root: 0.5, honoursParent: true });
  expect(kept.every((trace) => wider(trace, null))).toBe(true);
});

test('keeps all at 1 and none at 0', () => {
  const count = (root: number) =>
    TRACES.filter((trace) => compileSampler({ root, honoursParent: true })(trace, null)).length;
  expect(count(1)).toBe(TRACES.length);
  expect(count(0)).toBe(0);
});

test('does as the caller says, where it is told to', () => {
  const honouring = compileSampler({ root: 0, honoursParent: true });
  expect(honouring('ab'.repeat(16), true)).toBe(true);
  const own = compileSampler({ root: 0, honoursParent: false });
  expect(own('ab'.repeat(16), true)).toBe(false);
  expect(compileSampler({ root: 1, honoursParent: true })('ab'.repeat(16), false)).toBe(false);
});
