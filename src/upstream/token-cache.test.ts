import { describe, expect, test } from 'bun:test';
import { cachedToken } from './token-cache.ts';

function setUp(lifetime = 3_600_000) {
  const clock = { time: 1_000_000 };
  const fetched: Array<PromiseWithResolvers<void>> = [];
  const token = cachedToken(
    async () => {
      const gate = Promise.withResolvers<void>();
      const number = fetched.push(gate);
      await gate.promise;
      return { value: `token-${number}`, expiresAt: clock.time + lifetime };
    },
    { now: () => clock.time },
  );
  return { clock, fetched, token };
}

describe('a cached token', () => {
  test('is fetched once for all who wait, and kept', async () => {
    const { fetched, token } = setUp();
    const waiting = Array.from({ length: 50 }, () => token());
    expect(fetched).toHaveLength(1);
    fetched[0]?.resolve();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['token-1']));
    expect(await token()).toBe('token-1');
    expect(fetched).toHaveLength(1);
  });

  test('is fetched again a minute before it expires, and not earlier', async () => {
    const { clock, fetched, token } = setUp();
    const first = token();
    fetched[0]?.resolve();
    await first;
    clock.time += 3_600_000 - 60_001;
    expect(await token()).toBe('token-1');
    clock.time += 1;
    const second = token();
    expect(fetched).toHaveLength(2);
    fetched[1]?.resolve();
    expect(await second).toBe('token-2');
  });

  test('is used for half of its life when that is short', async () => {
    const { clock, fetched, token } = setUp(10_000);
    const first = token();
    fetched[0]?.resolve();
    await first;
    clock.time += 4_999;
    expect(await token()).toBe('token-1');
    clock.time += 1;
    const second = token();
    expect(fetched).toHaveLength(2);
    // Left alone it would fail half a minute later, in the middle of another test.
    fetched[1]?.resolve();
    await second;
  });

  test('does not keep a failure: all who waited hear of it, and the next call tries again', async () => {
    const { fetched, token } = setUp();
    const waiting = [token(), token()];
    fetched[0]?.reject(new Error('refused'));
    const results = await Promise.allSettled(waiting);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    const next = token();
    expect(fetched).toHaveLength(2);
    fetched[1]?.resolve();
    expect(await next).toBe('token-2');
  });

  test('gives up on a fetch that hangs, so that the next call tries again', async () => {
    let calls = 0;
    const token = cachedToken(
      () => (++calls === 1 ? new Promise<never>(() => {}) : Promise.resolve({ value: 'fresh', expiresAt: Infinity })),
      { fetchLimit: 1 },
    );
    await expect(token()).rejects.toThrow('No answer within 1 ms.');
    expect(await token()).toBe('fresh');
  });
});
