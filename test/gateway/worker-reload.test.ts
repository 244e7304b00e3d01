import { expect, test } from 'bun:test';
import { endpoint, eventually, startGateway } from '../support/gateway.ts';

/** What a key file that vanishes between the supervisor's look and a worker's comes to. */
test('a worker that cannot take a configuration keeps the one in force, says so, and lives on', async () => {
  const config = { endpoints: [endpoint('chat', 'chat', 'simulated', { reply: 'one' })] };
  const gateway = await startGateway(config, { workers: 2 });
  const { startWorkerThread } = await import('../../src/server/worker-thread.ts');
  const { createCounterMemory } = await import('../../src/policies/limits/counter-table.ts');
  const crashes: string[] = [];
  const worker = startWorkerThread(
    {
      configPath: gateway.configPath,
      configText: JSON.stringify(config),
      listen: { hostname: '127.0.0.1', port: 0, shared: true },
      limits: createCounterMemory(),
      log: { level: 'error', format: 'json' },
      worker: 0,
      journal: null,
    },
    {
      collectMetrics: async () => [],
      toLedger: () => {},
      askLedger: async () => ({ ok: false, error: 'LedgerUnavailable', message: 'none' }),
    },
    (message) => void crashes.push(message),
  );
  const port = await worker.listening;
  worker.apply('endpoints: [{name: broken}]');
  await eventually('the worker reports it', async () => {
    const health = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { config?: { status: string } };
    return health.config?.status === 'REJECTED';
  });
  const answer = await fetch(`http://127.0.0.1:${port}/gateway/chat/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"messages":[{"role":"user","content":"x"}]}',
  });
  expect(answer.status).toBe(200);
  expect(crashes).toEqual([]);
  await worker.close(1000);
  await gateway.stop();
});
