import { afterEach, describe, expect, test } from 'bun:test';
import net from 'node:net';
import { eventually, openaiEndpoint } from '../support/gateway.ts';
import { type GatewayProcess, type ProcessOptions, startProcess } from '../support/gateway-process.ts';
import {
  CHAT_ANSWER,
  chunk,
  jsonResponse,
  LAST_CHUNK,
  type RawUpstream,
  STREAM_HEAD,
  startRawUpstream,
} from '../support/raw-upstream.ts';

const closers: Array<() => void | Promise<void>> = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const MESSAGES = { messages: [{ role: 'user', content: 'x' }] };

interface Scene {
  readonly gateway: GatewayProcess;
  readonly upstream: RawUpstream;
  /** A request that is under way: the upstream has it and has not answered. */
  begin(body?: object): Promise<{ readonly response: Promise<Response> }>;
  /** Lets the upstream answer its request of this number. */
  answer(index?: number): void;
}

/** A gateway whose upstream answers when the test says so. */
async function start(server: object = {}, more: Partial<ProcessOptions> = {}): Promise<Scene> {
  const upstream = await startRawUpstream(() => {});
  closers.push(upstream.stop);
  const gateway = await startProcess({
    config: { endpoints: [openaiEndpoint('chat', 'chat', upstream.base)], server },
    ...more,
  });
  closers.push(gateway.kill);
  return {
    gateway,
    upstream,
    begin: async (body = MESSAGES) => {
      const before = upstream.requests.length;
      const response = call(gateway, body);
      await eventually('the upstream has the request', () => upstream.requests.length > before);
      return { response };
    },
    answer: (index = 0) => upstream.requests[index]?.socket.write(jsonResponse(CHAT_ANSWER)),
  };
}

/** Every call on a connection of its own. */
function call({ url }: GatewayProcess, body: object = MESSAGES, path = '/gateway/chat/invocations'): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  });
}

function health({ url }: GatewayProcess): Promise<Response> {
  return fetch(`${url}/health`, { headers: { connection: 'close' } });
}

async function terminate({ gateway }: Scene): Promise<void> {
  gateway.process.kill('SIGTERM');
  await eventually('the health page says that it drains', async () => (await health(gateway)).status === 503);
}

/** A client that says itself what it writes, and tells what it has got. */
async function rawClient(port: number, text: string) {
  const client = { received: '', closed: false, write: (more: string) => void socket.write(more) };
  const socket = net.connect(port, '127.0.0.1');
  closers.push(() => void socket.destroy());
  socket.on('error', () => {});
  socket.on('close', () => {
    client.closed = true;
  });
  socket.on('data', (bytes) => {
    client.received += bytes.toString('latin1');
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  if (text !== '') socket.write(text);
  return client;
}

describe.each([1, 3])('a gateway of %i workers that is told to stop', (workers) => {
  const options = { arguments: ['--workers', String(workers)] };

  test('refuses what is new on new connections, answers what is under way, and exits with 0', async () => {
    const scene = await start({}, options);
    const { gateway } = scene;
    const underWay = await scene.begin();
    await terminate(scene);
    expect(await (await health(gateway)).json()).toEqual({ status: 'DRAINING' });
    // More than there are workers: the system spreads the connections over them.
    for (let count = 0; count < 4 * workers; count++) {
      const refused = await call(gateway);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.headers.get('connection')).toBe('close');
      expect(await refused.json()).toEqual({ detail: 'The gateway is stopping. Try again.' });
    }
    const openai = await call(gateway, { model: 'chat', ...MESSAGES }, '/v1/chat/completions');
    expect([openai.status, await openai.json()]).toEqual([
      503,
      {
        error: {
          message: 'The gateway is stopping. Try again.',
          type: 'server_error',
          param: null,
          code: 'draining',
        },
      },
    ]);
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(503);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('sluice_requests_in_flight 1\n');
    expect(scene.upstream.requests.length).toBe(1);
    scene.answer();
    expect(await (await underWay.response).json()).toMatchObject({ choices: [{ message: { content: 'hi' } }] });
    expect(await gateway.process.exited).toBe(0);
  });

  test('exits at once when nothing is under way, whatever connections are open', async () => {
    const { gateway } = await start({}, options);
    const idle = await rawClient(gateway.port, 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually('the first is idle', () => idle.received.includes('{"status":"OK"}'));
    await rawClient(gateway.port, 'POST /gateway/chat/invocations HTTP/1.1\r\nHos');
    await rawClient(gateway.port, '');
    gateway.process.kill('SIGTERM');
    // The half request alone would hold it for ten seconds; the deadline of a test is five.
    expect(await gateway.process.exited).toBe(0);
  });
});

describe('a gateway that drains', () => {
  test('refuses on a connection that was kept open, and closes it', async () => {
    const scene = await start();
    const underWay = await scene.begin();
    const client = await rawClient(scene.gateway.port, 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually('the first answer', () => client.received.includes('{"status":"OK"}'));
    await terminate(scene);
    client.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually('the health page', () => client.received.includes('{"status":"DRAINING"}'));
    expect(client.closed).toBe(false);
    client.write('GET /api/2.0/endpoints/ HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually('the end of the connection', () => client.closed);
    const [, , last = ''] = client.received.split('HTTP/1.1 ').slice(1);
    expect(last).toStartWith('503 ');
    expect(last.toLowerCase()).toContain('connection: close\r\n');
    scene.answer();
    expect((await underWay.response).status).toBe(200);
  });

  test('takes the body of a refused request in, so that its client gets to read the answer', async () => {
    const scene = await start();
    const underWay = await scene.begin();
    await terminate(scene);
    const body = 'x'.repeat(8_000_000);
    const head = `POST /gateway/chat/invocations HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
    const client = await rawClient(scene.gateway.port, head + body);
    await eventually('the answer', () => client.closed && client.received.startsWith('HTTP/1.1 503 '));
    scene.answer();
    expect((await underWay.response).status).toBe(200);
  });

  test('lets a stream run to its end', async () => {
    const scene = await start();
    const { response } = await scene.begin({ ...MESSAGES, stream: true });
    const socket = scene.upstream.requests[0]?.socket;
    const event = (content: string) =>
      chunk(`data: {"id":"c","choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`);
    socket?.write(STREAM_HEAD);
    socket?.write(event('first'));
    const text = (await response).text();
    await terminate(scene);
    socket?.write(event('last'));
    socket?.write(chunk('data: [DONE]\n\n'));
    socket?.write(LAST_CHUNK);
    expect(await text).toMatch(/first[\s\S]*last/);
    expect(await scene.gateway.process.exited).toBe(0);
  });

  test('cuts off at the deadline what is left, says so, and exits with 0', async () => {
    const scene = await start({ drain_timeout: '200ms' });
    const { response } = await scene.begin();
    const status = response.then(
      (answer) => answer.status,
      () => 'cut off',
    );
    scene.gateway.process.kill('SIGTERM');
    expect(await scene.gateway.process.exited).toBe(0);
    expect(await status).not.toBe(200);
    expect(await scene.gateway.log).toContain('the deadline has passed');
    await eventually('the upstream is told', () => scene.upstream.closed === 1);
  });

  test('ends at once with 1 on a second signal', async () => {
    const scene = await start();
    const underWay = (await scene.begin()).response.catch(() => null);
    await terminate(scene);
    scene.gateway.process.kill('SIGINT');
    expect(await scene.gateway.process.exited).toBe(1);
    await underWay;
  });

  test('serves on for server.drain_delay, while its health page already fails', async () => {
    const scene = await start({ drain_delay: '1500ms' });
    const { gateway } = scene;
    await terminate(scene);
    const late = await scene.begin();
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200);
    await eventually('what is newer is refused', async () => {
      return (await fetch(`${gateway.url}/v1/models`)).status === 503;
    });
    scene.answer();
    expect((await late.response).status).toBe(200);
    expect(await gateway.process.exited).toBe(0);
  });
});
