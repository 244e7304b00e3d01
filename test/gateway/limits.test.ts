import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/core/types.ts';
import { endpoint, type RunningGateway, startGateway } from '../support/gateway.ts';

const limited = (name: string, limit: JsonObject) => endpoint(name, 'chat', 'simulated', {}, { limit });
const messages = [{ role: 'user', content: 'x' }];

async function withGateway(
  config: JsonObject,
  run: (gateway: RunningGateway) => Promise<void>,
  workers = 1,
): Promise<void> {
  const gateway = await startGateway(config, { workers });
  try {
    await run(gateway);
  } finally {
    await gateway.stop();
  }
}

const mlflow = (gateway: RunningGateway, name: string, headers: Record<string, string> = {}) =>
  gateway.post(
    `/gateway/${name}/invocations`,
    { messages },
    { headers: { 'content-type': 'application/json', ...headers } },
  );

describe('a limit', () => {
  test('counts every surface together, and says when to come back', () =>
    withGateway({ endpoints: [limited('chat', { calls: 3, renewal_period: 'minute' })] }, async (gateway) => {
      const first = await mlflow(gateway, 'chat');
      expect(first.headers.get('ratelimit')).toMatch(/^"endpoint";r=2;t=(60|59)$/);
      expect(first.headers.get('ratelimit-policy')).toBe('"endpoint";q=3;w=60');
      expect((await gateway.post('/endpoints/chat/invocations', { messages })).status).toBe(200);
      expect((await gateway.post('/v1/chat/completions', { model: 'chat', messages })).status).toBe(200);
      const refused = await mlflow(gateway, 'chat');
      expect([refused.status, await refused.json()]).toEqual([429, { error: 'Rate limit exceeded: 3 per 1 minute' }]);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
      expect(refused.headers.get('ratelimit-remaining')).toBe('0');
      const openai = await gateway.post('/v1/chat/completions', { model: 'chat', messages });
      expect([openai.status, await openai.json()]).toMatchObject([
        429,
        { error: { message: 'Rate limit exceeded: 3 per 1 minute', code: 'rate_limited' } },
      ]);
    }));

  test('holds through a traffic route', () =>
    withGateway(
      {
        endpoints: [limited('a', { calls: 1, renewal_period: 'hour' })],
        routes: [{ name: 'r', task_type: 'llm/v1/chat', destinations: [{ name: 'a', traffic_percentage: 100 }] }],
      },
      async (gateway) => {
        expect([(await mlflow(gateway, 'r')).status, (await mlflow(gateway, 'r')).status]).toEqual([200, 429]);
        expect((await mlflow(gateway, 'a')).status).toBe(429);
      },
    ));

  test('is not used up by requests that are refused for another reason', () =>
    withGateway({ endpoints: [limited('chat', { calls: 1, renewal_period: 'minute' })] }, async (gateway) => {
      for (let index = 0; index < 3; index += 1) {
        expect((await gateway.post('/gateway/chat/invocations', {})).status).toBe(422);
      }
      expect((await mlflow(gateway, 'chat')).status).toBe(200);
    }));

  test('of no calls blocks everything', () =>
    withGateway({ endpoints: [limited('chat', { calls: 0, renewal_period: 'minute' })] }, async (gateway) => {
      expect((await mlflow(gateway, 'chat')).status).toBe(429);
    }));

  test('counts by address, and does not believe a client about its address', () =>
    withGateway({ endpoints: [limited('chat', { calls: 1, renewal_period: 'minute' })] }, async (gateway) => {
      expect((await mlflow(gateway, 'chat', { 'x-forwarded-for': '1.1.1.1' })).status).toBe(200);
      expect((await mlflow(gateway, 'chat', { 'x-forwarded-for': '2.2.2.2' })).status).toBe(429);
    }));

  test('believes a proxy that the configuration trusts', () =>
    withGateway(
      {
        endpoints: [limited('chat', { calls: 1, renewal_period: 'minute' })],
        server: { trusted_proxies: ['127.0.0.1'] },
      },
      async (gateway) => {
        const from = async (address: string) => (await mlflow(gateway, 'chat', { 'x-forwarded-for': address })).status;
        expect([
          await from('1.1.1.1'),
          await from('2.2.2.2'),
          await from('1.1.1.1'),
          await from('6.6.6.6, 1.1.1.1'),
        ]).toEqual([200, 200, 429, 429]);
      },
    ));

  test('can count by a header, or all callers together', () =>
    withGateway(
      {
        endpoints: [
          limited('team', { calls: 1, renewal_period: 'minute', key: 'header:x-team' }),
          limited('all', { calls: 1, renewal_period: 'minute', key: 'global' }),
        ],
        server: { trusted_proxies: ['127.0.0.1'] },
      },
      async (gateway) => {
        const from = async (team: string) => (await mlflow(gateway, 'team', { 'x-team': team })).status;
        expect([await from('a'), await from('b'), await from('a')]).toEqual([200, 200, 429]);
        expect((await mlflow(gateway, 'all', { 'x-forwarded-for': '1.1.1.1' })).status).toBe(200);
        expect((await mlflow(gateway, 'all', { 'x-forwarded-for': '2.2.2.2' })).status).toBe(429);
      },
    ));

  test('survives a reload, and begins anew when it is changed', () => {
    const config = (calls: number): JsonObject => ({
      endpoints: [
        limited('chat', { calls, renewal_period: 'minute' }),
        endpoint(`other${calls}`, 'chat', 'simulated', {}),
      ],
    });
    return withGateway(config(1), async (gateway) => {
      expect((await mlflow(gateway, 'chat')).status).toBe(200);
      await gateway.configure({ ...config(1), server: { drain_timeout: '5s' } });
      expect((await mlflow(gateway, 'chat')).status).toBe(429);
      await gateway.configure(config(2));
      expect((await mlflow(gateway, 'chat')).status).toBe(200);
    });
  });

  test('is shared by all workers: a hundred callers at once never get more than it allows', () =>
    withGateway(
      { endpoints: [limited('chat', { calls: 25, renewal_period: 'hour' })] },
      async (gateway) => {
        const statuses = await Promise.all(
          Array.from({ length: 100 }, async () => (await mlflow(gateway, 'chat', { connection: 'close' })).status),
        );
        expect(statuses.filter((status) => status === 200)).toHaveLength(25);
        expect(statuses.filter((status) => status === 429)).toHaveLength(75);
      },
      3,
    ));
});
