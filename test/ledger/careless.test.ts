import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FROM_SOURCE } from '../support/gateway-process.ts';
import { GatewayFolder, startLedgerGateway } from './gateways.ts';
import { readKept } from './kept.ts';

const folder = new GatewayFolder();
const CHAT = { messages: [{ role: 'user', content: 'Hello' }] };

afterAll(() => folder.remove());

const config = (database: string) => ({
  endpoints: [
    { name: 'chat', endpoint_type: 'llm/v1/chat', model: { provider: 'simulated', name: 'one', config: {} } },
  ],
  ledger: { database },
});

async function ask(url: string): Promise<number> {
  const answer = await fetch(`${url}/gateway/chat/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(CHAT),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** What the API counts, with everything that ended before. */
async function counted(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/usage`);
  return ((await answer.json()) as { total: { requests: number } }).total.requests;
}

test.each([
  ['the database', ['']],
  ['the database and what lies beside it', ['', '-wal', '-shm']],
])(
  'where somebody removes %s of a gateway that runs, what comes is kept anew',
  async (_what, suffixes) => {
    const name = `removed-${suffixes.length}`;
    const database = join(folder.path, `${name}.db`);
    const gateway = await startLedgerGateway(folder.write(`${name}.yaml`, config(database)));
    try {
      expect([await ask(gateway.url), await ask(gateway.url)]).toEqual([200, 200]);
      expect(await counted(gateway.url)).toBe(2);
      for (const suffix of suffixes) rmSync(database + suffix);
      expect(await ask(gateway.url)).toBe(200);
      expect(await counted(gateway.url)).toBe(1);
    } finally {
      await gateway.stop();
    }
    const kept = await readKept(database);
    expect(kept.counted).toBe(1);
  },
  30_000,
);

test.each([
  ['mysql://host/name', "Invalid value for '--database-url'"],
  [join(folder.path, 'nowhere', 'own.db'), 'cannot be written'],
  [join(folder.path, 'taken'), 'is a folder'],
])('a database at %s is refused at the start', async (database, message) => {
  mkdirSync(join(folder.path, 'taken'), { recursive: true });
  const path = folder.write('refused.yaml', config(':memory:'));
  const words = ['start', '--config-path', path, '--port', '0', '--database-url', database];
  const child = Bun.spawn([...FROM_SOURCE, ...words], { stdout: 'ignore', stderr: 'pipe' });
  const error = await new Response(child.stderr).text();
  expect(await child.exited).toBeGreaterThan(0);
  expect(error).toContain(message);
});
