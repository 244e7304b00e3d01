import { describe, expect, test } from 'bun:test';
import { EVERYTHING } from '../../storage/filter.ts';
import type { LedgerQueries, RequestSummary, TailQuery } from '../../storage/ledger-queries.ts';
import { tail } from './tail.ts';

/** Rows as they are written, and a clock that only moves when somebody waits. */
class Stage {
  readonly written: string[] = [];
  now = 1_000_000;
  asked = 0;
  readonly stop = new AbortController();
  /** What happens before each wait ends. */
  script: Array<() => void> = [];

  write(count: number): void {
    for (let index = 0; index < count; index++) this.written.push(`r${this.written.length}`);
  }

  readonly ledger = {
    after: async ({ position, limit = 1000 }: TailQuery) => {
      this.asked++;
      const from = position === null ? this.written.length : Number(position);
      const items = this.written.slice(from, from + limit).map((id) => ({ id, time: this.now }) as RequestSummary);
      return { items, position: String(from + items.length), more: from + items.length < this.written.length };
    },
    estimate: async () => ({ rows: 5000, bytes: 0, exact: false }),
  } as unknown as LedgerQueries;

  async run(lastEventId: string | null = null): Promise<Event[]> {
    const events: Event[] = [];
    const wait = async (milliseconds: number) => {
      this.now += milliseconds;
      const next = this.script.shift();
      if (next === undefined) this.stop.abort();
      else next();
    };
    const stream = tail({
      ledger: this.ledger,
      filter: EVERYTHING,
      lastEventId,
      signal: this.stop.signal,
      wait,
      clock: () => this.now,
    });
    for await (const text of stream) events.push(...read(text));
    return events;
  }
}

interface Event {
  readonly name: string;
  readonly id: string | null;
  readonly data: Record<string, unknown>;
}

function read(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({
      name: /^event: (.*)$/m.exec(block)?.[1] ?? '',
      id: /^id: (.*)$/m.exec(block)?.[1] ?? null,
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null') as Record<string, unknown>,
    }));
}

const ids = (events: readonly Event[]) => events.filter(({ name }) => name === 'request').map(({ data }) => data.id);

describe('the live tail', () => {
  test('begins now, and tells each request once, in order', async () => {
    const stage = new Stage();
    stage.write(5);
    stage.script = [() => stage.write(3), () => {}, () => stage.write(2)];
    const events = await stage.run();
    expect(events[0]?.name).toBe('ready');
    expect(ids(events)).toEqual(['r5', 'r6', 'r7', 'r8', 'r9']);
  });

  test('goes on after any event that a client saw last: nothing is lost, nothing comes twice', async () => {
    const stage = new Stage();
    stage.write(1);
    stage.script = [() => stage.write(7), () => {}, () => stage.write(4)];
    const events = await stage.run();
    for (const [index, { id }] of events.entries()) {
      const again = new Stage();
      again.write(stage.written.length);
      const rest = await again.run(id);
      expect(ids([...events.slice(0, index + 1), ...rest])).toEqual(stage.written.slice(1));
    }
  });

  test('shows at most 200 of a second, and says how many there were', async () => {
    const stage = new Stage();
    stage.script = [() => stage.write(450), () => {}, () => {}, () => {}];
    const events = await stage.run();
    expect(ids(events).length).toBeLessThanOrEqual(200);
    expect(ids(events).length).toBeGreaterThan(100);
    expect(events.find(({ name }) => name === 'sampled')?.data).toEqual({ shown: ids(events).length, total: 450 });
  });

  test('lets go of what it cannot keep up with, however much that is', async () => {
    const stage = new Stage();
    stage.script = [() => stage.write(1_000_000), () => {}, () => {}, () => stage.write(1), () => {}];
    const events = await stage.run();
    expect(stage.asked).toBeLessThan(20);
    expect(ids(events).at(-1)).toBe('r1000000');
    expect(events.find(({ name }) => name === 'sampled')?.data).toMatchObject({ total: expect.any(Number) });
  });

  test('says from time to time that it is still there', async () => {
    const stage = new Stage();
    stage.script = Array.from({ length: 100 }, () => () => {});
    const events = await stage.run();
    expect(events.filter(({ name }) => name === 'heartbeat')).toHaveLength(2);
    for (const { id } of events) expect(id).toBe('0');
  });
});
