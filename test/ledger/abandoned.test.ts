import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openaiEndpoint } from '../support/gateway.ts';
import { GatewayFolder, type LedgerGateway, startLedgerGateway } from './gateways.ts';
import { readRecords } from './kept.ts';

const CHUNK = `data: ${JSON.stringify({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }],
})}\n\n`;

async function* endless() {
  for (;;) {
    yield CHUNK;
    await Bun.sleep(5);
  }
}

const folder = new GatewayFolder();
const database = join(folder.path, 'ledger.db');
const upstream = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: () => new Response(endless(), { headers: { 'content-type': 'text/event-stream' } }),
});
let gateway: LedgerGateway;

beforeAll(async () => {
  const endpoints = [openaiEndpoint('chat', 'chat', `http://127.0.0.1:${upstream.port}`)];
  gateway = await startLedgerGateway(folder.write('abandoned.json', { endpoints, ledger: { database } }));
});

afterAll(async () => {
  await gateway.kill();
  upstream.stop(true);
  folder.remove();
});

/** Asks for a stream on a connection of its own, and closes it in the middle. */
function abandon(): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const body = JSON.stringify({ model: 'chat', stream: true, messages: [{ role: 'user', content: 'Hello' }] });
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
    let received = '';
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const id = /x-request-id: (\S+)/.exec(received)?.[1];
      if (id === undefined || !received.includes('word')) return;
      socket.destroy();
      resolve(id);
    });
  });
}

test('clients that leave on their first connection have their records, and nothing stays under way', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, abandon));
  let metrics = '';
  for (let look = 0; look < 100 && !metrics.includes('sluice_requests_in_flight 0\n'); look++) {
    await Bun.sleep(20);
    metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  }
  expect(metrics).toContain('sluice_requests_in_flight 0\n');
  await gateway.stop();
  const records = await readRecords(database);
  expect(records.map(({ id }) => id).sort()).toEqual(ids.sort());
  for (const { clientClosed, status, caller } of records) {
    expect({ clientClosed, address: caller.address }).toEqual({ clientClosed: true, address: '127.0.0.1' });
    expect(status).toBe(200);
  }
});
