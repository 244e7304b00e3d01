import { expect, test } from 'bun:test';
import { CounterTable, createCounterMemory } from './counter-table.ts';

const MINUTE = 60_000;

test('allows as many calls as the limit in a window, then refuses until it ends', () => {
  const memory = createCounterMemory();
  const table = new CounterTable(memory);
  const key = table.hash('caller');
  const now = memory.epoch + 1000;
  expect(table.take(key, 2, MINUTE, now)).toEqual({ allowed: true, remaining: 1, resetMs: MINUTE });
  expect(table.take(key, 2, MINUTE, now + 20_000)).toMatchObject({ allowed: true, remaining: 0 });
  expect(table.take(key, 2, MINUTE, now + 40_000)).toEqual({ allowed: false, remaining: 0, resetMs: 20_000 });
  expect(table.take(key, 2, MINUTE, now + MINUTE)).toMatchObject({ allowed: true, remaining: 1 });
});

test('a limit of 0 calls refuses everything', () => {
  const memory = createCounterMemory();
  const table = new CounterTable(memory);
  expect(table.take(table.hash('x'), 0, MINUTE, memory.epoch).allowed).toBe(false);
});

test('callers are counted apart', () => {
  const memory = createCounterMemory();
  const table = new CounterTable(memory);
  for (let index = 0; index < 1000; index += 1) {
    expect(table.take(table.hash(`caller ${index}`), 1, MINUTE, memory.epoch).allowed).toBe(true);
    expect(table.take(table.hash(`caller ${index}`), 1, MINUTE, memory.epoch).allowed).toBe(false);
  }
});

test('in a full table callers share a counter rather than escape it, and closed windows are taken over', () => {
  const memory = createCounterMemory(4);
  const table = new CounterTable(memory);
  let allowed = 0;
  for (let index = 0; index < 500; index += 1) {
    if (table.take(table.hash(`caller ${index}`), 1, MINUTE, memory.epoch).allowed) allowed += 1;
  }
  expect(allowed).toBeLessThanOrEqual(64);
  expect(table.take(table.hash('late'), 1, MINUTE, memory.epoch + MINUTE).allowed).toBe(true);
});

test('workers that count at the same time never allow more than the limit together', async () => {
  const memory = createCounterMemory();
  const calls = 20_000;
  const source = `
    import { CounterTable } from ${JSON.stringify(new URL('./counter-table.ts', import.meta.url).href)};
    self.onmessage = ({ data: { memory, calls } }) => {
      const table = new CounterTable(memory);
      const key = table.hash('shared');
      let allowed = 0;
      for (let i = 0; i < calls; i += 1) if (table.take(key, calls, 3_600_000, memory.epoch).allowed) allowed += 1;
      self.postMessage(allowed);
    };`;
  const url = URL.createObjectURL(new Blob([source], { type: 'application/typescript' }));
  const workers = [new Worker(url), new Worker(url), new Worker(url)];
  const counts = await Promise.all(
    workers.map(
      (worker) =>
        new Promise<number>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data as number);
          worker.onerror = (event) => reject(new Error(event.message));
          worker.postMessage({ memory, calls });
        }),
    ),
  );
  for (const worker of workers) worker.terminate();
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(calls);
});
