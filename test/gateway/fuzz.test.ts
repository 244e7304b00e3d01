import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, openaiEndpoint } from '../support/gateway.ts';
import { chunk, LAST_CHUNK, type RawUpstream, STREAM_HEAD, startRawUpstream } from '../support/raw-upstream.ts';

const SECRET = 'sk-canary-secret';
const folder = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'));
let upstream: RawUpstream;
let gateway: Bun.Subprocess<'ignore', 'pipe', 'pipe'>;
let port = 0;
let output = '';
let answers = '';

/** mulberry32: the same disorder in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(20_261_123);
const below = (limit: number): number => Math.floor(random() * limit);

/** Flips, cuts, repeats and inserts bytes; leaves some as they are. */
function damage(bytes: Buffer): Buffer {
  if (below(3) === 0) return bytes;
  let damaged = Buffer.from(bytes);
  for (let rounds = 1 + below(4); rounds > 0; rounds -= 1) {
    const at = below(damaged.length + 1);
    const kind = below(4);
    if (kind === 0 && damaged.length > 0) damaged[at % damaged.length] = below(256);
    else if (kind === 1) damaged = damaged.subarray(0, at);
    else if (kind === 2)
      damaged = Buffer.concat([damaged.subarray(0, at), damaged.subarray(at >> 1, at), damaged.subarray(at)]);
    else
      damaged = Buffer.concat([damaged.subarray(0, at), Buffer.from([below(256), below(256)]), damaged.subarray(at)]);
  }
  return damaged;
}

beforeAll(async () => {
  const stream = Buffer.from(
    'data: {"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":1}}\n\ndata: [DONE]\n\n',
  );
  const answer = Buffer.from(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"choices":[]}',
  );
  upstream = await startRawUpstream(({ socket, body }) => {
    if (!body.includes('"stream":true')) socket.end(damage(answer));
    else socket.end(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(damage(stream)), Buffer.from(LAST_CHUNK)]));
  });
  const configPath = join(folder, 'config.yaml');
  const endpoints = ['chat', 'completions', 'embeddings'].map((operation) =>
    openaiEndpoint(operation, operation, upstream.base),
  );
  writeFileSync(configPath, JSON.stringify({ endpoints, upstream: { total_timeout: '2s' } }));
  gateway = Bun.spawn(
    [process.execPath, 'src/main.ts', 'start', '--config-path', configPath, '--port', '0', '--log-level', 'debug'],
    {
      cwd: join(import.meta.dir, '../..'),
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    },
  );
  for (const source of [gateway.stdout, gateway.stderr]) {
    void (async () => {
      for await (const part of source) output += new TextDecoder().decode(part);
    })();
  }
  await eventually('the gateway listens', () => {
    port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1] ?? 0);
    return port > 0;
  });
});

afterAll(() => {
  gateway.kill();
  upstream.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends bytes and reads until the other side is done with them, or for a tenth of a second. */
function exchange(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      answers += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    setTimeout(() => socket.destroy(), 100);
  });
}

const BODIES = [
  '{"messages":[{"role":"user","content":"x"}]}',
  '{"messages":[{"role":"user","content":"x"}],"stream":true}',
  '{"model":"chat","messages":[{"role":"user","content":[{"type":"text","text":"é"}]}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}',
  '{"prompt":"x","temperature":0.5,"stop":["a"]}',
  '{"input":["a","b"]}',
];
const PATHS = [
  '/gateway/chat/invocations',
  '/gateway/completions/invocations',
  '/v1/chat/completions',
  '/v1/embeddings',
  '/api/2.0/endpoints/',
];

test('damaged requests and answers end no process and leak no secret', async () => {
  for (let round = 0; round < 60; round += 1) {
    const requests = Array.from({ length: 20 }, () => {
      const body = BODIES[below(BODIES.length)] ?? '';
      const path = PATHS[below(PATHS.length)] ?? '';
      const isHttpDamaged = below(2) === 0;
      const sent = isHttpDamaged ? Buffer.from(body) : damage(Buffer.from(body));
      const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${sent.length}\r\n\r\n`;
      const message = Buffer.concat([Buffer.from(head), sent]);
      return isHttpDamaged ? damage(message) : message;
    });
    await Promise.all(requests.map(exchange));
  }
  expect(gateway.exitCode).toBeNull();
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  expect(await health.json()).toEqual({ status: 'OK' });
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain('sluice_requests_in_flight 0\n');
  expect(answers).toContain('HTTP/1.1 200');
  expect(answers).toContain('HTTP/1.1 422');
  expect(answers).toContain('HTTP/1.1 502');
  expect(answers + output + metrics).not.toContain(SECRET);
  expect(output).not.toContain('failed inside the gateway');
}, 120_000);
