import { afterEach, describe, expect, test } from 'bun:test';
import net from 'node:net';
import type { ServerWebSocket } from 'bun';
import { endpoint, eventually, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';

const KEY = 'sk-canary-secret';

const closers: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Conversation {
  readonly base: string;
  /** Path and query of each handshake. */
  readonly urls: string[];
  readonly headers: Headers[];
  readonly messages: Array<string | Buffer>;
  readonly sockets: Array<ServerWebSocket<unknown>>;
  readonly closes: number[];
  pings: number;
}

interface Behaviour {
  /** Instead of the handshake. */
  readonly refuse?: () => Response;
  readonly onMessage?: (socket: ServerWebSocket<unknown>, message: string | Buffer) => void;
  readonly protocol?: string;
}

/** A provider's WebSocket server, Bun's own. It echoes unless told otherwise. */
function startConversation({ refuse, onMessage, protocol }: Behaviour = {}): Conversation {
  const conversation: Conversation = {
    base: '',
    urls: [],
    headers: [],
    messages: [],
    sockets: [],
    closes: [],
    pings: 0,
  };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request, self) => {
      conversation.urls.push(request.url.slice(request.url.indexOf('/', 8)));
      conversation.headers.push(new Headers([...request.headers]));
      if (refuse) return refuse();
      const headers = new Headers(protocol === undefined ? [] : [['sec-websocket-protocol', protocol]]);
      return self.upgrade(request, { headers }) ? undefined : new Response('no', { status: 400 });
    },
    websocket: {
      perMessageDeflate: true,
      open: (socket) => void conversation.sockets.push(socket),
      message: (socket, message) => {
        conversation.messages.push(message);
        if (onMessage) onMessage(socket, message);
        else socket.send(message);
      },
      ping: () => {
        conversation.pings++;
      },
      close: (_socket, code) => void conversation.closes.push(code),
    },
  });
  closers.push(() => server.stop(true));
  return Object.assign(conversation, { base: `http://127.0.0.1:${server.port}/v1` });
}

async function startWith(conversation: Conversation, more: Record<string, unknown> = {}): Promise<RunningGateway> {
  const gateway = await startGateway({ endpoints: [openaiEndpoint('e', 'chat', conversation.base)], ...more });
  closers.push(() => gateway.stop());
  return gateway;
}

interface Client {
  readonly socket: WebSocket;
  readonly received: Array<string | ArrayBuffer>;
  readonly closed: Promise<CloseEvent>;
}

type ClientOptions = { headers?: Record<string, string>; protocols?: string[] };

async function open(gateway: RunningGateway, query = 'model=e', options: ClientOptions = {}): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/v1/realtime?${query}`, options);
  socket.binaryType = 'arraybuffer';
  const received: Array<string | ArrayBuffer> = [];
  socket.onmessage = ({ data }) => received.push(data);
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = resolve;
  });
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error('the handshake failed'));
  });
  closers.push(() => socket.terminate());
  return { socket, received, closed };
}

const metrics = async (gateway: RunningGateway) => (await fetch(`${gateway.url}/metrics`)).text();

const HANDSHAKE = [
  'host: x',
  'connection: keep-alive, Upgrade',
  'upgrade: WebSocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** What the gateway answers to a handshake of these lines, the head of it. */
function handshake(gateway: RunningGateway, lines: readonly string[] = HANDSHAKE, path = '/v1/realtime?model=e') {
  return new Promise<{ head: string; socket: net.Socket }>((resolve) => {
    const socket = net.connect(gateway.port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`),
    );
    socket.on('error', () => {});
    closers.push(() => socket.destroy());
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end >= 0) resolve({ head: text.slice(0, end), socket });
    });
  });
}

describe('a realtime conversation', () => {
  test('goes both ways, with the endpoint’s model and credential', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream);
    const client = await open(gateway, 'x=1&model=e&y=%20', {
      headers: { authorization: 'Bearer client', 'openai-beta': 'realtime=v1', cookie: 'a=b' },
    });
    client.socket.send('{"type":"session.update"}');
    client.socket.send(new Uint8Array([0, 1, 255]));
    client.socket.send('é'.repeat(100_000));
    await eventually('the echo is there', () => client.received.length === 3);
    expect(client.received[0]).toBe('{"type":"session.update"}');
    expect(new Uint8Array(client.received[1] as ArrayBuffer)).toEqual(new Uint8Array([0, 1, 255]));
    expect(client.received[2]).toBe('é'.repeat(100_000));
    expect(upstream.urls).toEqual(['/v1/realtime?model=m&x=1&y=%20']);
    const [headers] = upstream.headers;
    expect(headers?.get('authorization')).toBe(`Bearer ${KEY}`);
    expect(headers?.get('openai-beta')).toBe('realtime=v1');
    expect([headers?.get('cookie'), headers?.get('sec-websocket-extensions')]).toEqual([null, null]);
  });

  test('carries pings to the other side', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream);
    const client = await open(gateway);
    client.socket.ping('hi');
    await eventually('the ping is there', () => upstream.pings === 1);
    let pongs = 0;
    client.socket.addEventListener('ping' as never, () => pongs++);
    upstream.sockets[0]?.ping('ho');
    client.socket.send('still here');
    await eventually('it goes on', () => client.received.includes('still here'));
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('counts the tokens of its turns, as one call', async () => {
    const done = (usage: object) =>
      JSON.stringify({ event_id: 'x', type: 'response.done', response: { id: 'r', usage } });
    const usage = {
      total_tokens: 30,
      input_tokens: 10,
      output_tokens: 20,
      input_token_details: { text_tokens: 4, audio_tokens: 6, cached_tokens: 0 },
      output_token_details: { text_tokens: 5, audio_tokens: 15 },
    };
    const upstream = startConversation({
      onMessage: (socket) => {
        socket.send(JSON.stringify({ type: 'response.output_audio.delta', delta: 'A'.repeat(200_000) }));
        socket.send(done(usage));
        socket.send(JSON.stringify({ type: 'response.output_text.delta', delta: '"response.done"' }));
      },
    });
    const gateway = await startWith(upstream);
    const client = await open(gateway);
    client.socket.send('1');
    client.socket.send('2');
    await eventually('the turns are over', () => client.received.length === 6);
    expect(await metrics(gateway)).toContain('sluice_requests_in_flight 1\n');
    client.socket.close(1000);
    expect((await client.closed).code).toBe(1000);
    await eventually('it is over', async () => (await metrics(gateway)).includes('sluice_requests_in_flight 0\n'));
    const text = await metrics(gateway);
    expect(text).toContain('sluice_requests_total{endpoint="e",provider="openai",model="m",status="101"} 1\n');
    for (const [type, tokens] of Object.entries({ input: 8, input_audio: 12, output: 10, output_audio: 30 })) {
      expect(text).toContain(
        `sluice_tokens_total{endpoint="e",provider="openai",model="m",type="${type}"} ${tokens}\n`,
      );
    }
    expect(upstream.closes).toEqual([1000]);
  });

  test('closes as the provider closes it', async () => {
    const upstream = startConversation({ onMessage: (socket) => socket.close(4001, 'session expired') });
    const gateway = await startWith(upstream);
    const client = await open(gateway);
    client.socket.send('x');
    const { code, reason } = await client.closed;
    expect([code, reason]).toEqual([4001, 'session expired']);
    await eventually('it is over', async () => (await metrics(gateway)).includes('sluice_requests_in_flight 0\n'));
  });

  test('tells each side when the other one is lost', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream);
    const left = await open(gateway);
    await eventually('it is open', () => upstream.sockets.length === 1);
    upstream.sockets[0]?.terminate();
    expect((await left.closed).code).toBe(1001);
    const leaving = await open(gateway);
    await eventually('it is open', () => upstream.sockets.length === 2);
    leaving.socket.terminate();
    await eventually('the provider hears of it', () => upstream.closes.at(-1) === 1001);
    await eventually('it is counted', async () =>
      (await metrics(gateway)).includes(
        'sluice_requests_total{endpoint="e",provider="openai",model="m",status="499"} 1\n',
      ),
    );
  });

  test('ends when nothing is said for too long', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream, { upstream: { idle_timeout: '300ms' } });
    const client = await open(gateway);
    expect((await client.closed).code).toBe(1001);
    await eventually('the provider hears of it', () => upstream.closes.length === 1);
    expect(upstream.closes).toEqual([1001]);
  });

  test('refuses messages that are too large, and frames that are none', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream, { server: { max_request_body: '1000' } });
    const client = await open(gateway);
    client.socket.send('x'.repeat(1000));
    await eventually('a small one passes', () => client.received.length === 1);
    client.socket.send('x'.repeat(1001));
    expect((await client.closed).code).toBe(1009);
    expect(upstream.messages.length).toBe(1);
    const { socket } = await handshake(gateway);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.write(Buffer.from([0x81, 0x01, 0x41]));
    await eventually('it is closed', () => text.length > 0);
    expect(Buffer.from(text, 'latin1')).toEqual(Buffer.from([0x88, 2, 1002 >> 8, 1002 & 0xff]));
    await eventually('the provider is left', () => upstream.closes.length === 2);
  });

  test('slows down whoever is faster than the other side', async () => {
    const size = 1 << 20;
    let sent = 0;
    const upstream = startConversation({
      onMessage: (socket) => {
        for (; sent < 128; sent++) if (socket.send(Buffer.alloc(size)) <= 0) break;
      },
    });
    const gateway = await startWith(upstream);
    const { socket } = await handshake(gateway);
    socket.pause();
    socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x41]));
    await eventually('the provider has begun', () => sent > 0);
    await Bun.sleep(300);
    expect(sent).toBeLessThan(128);
    let bytes = 0;
    socket.on('data', (more) => {
      bytes += more.length;
    });
    socket.resume();
    await eventually('what was sent has come', () => bytes >= sent * size);
  });

  test('is named by the header or the query too, and may have no model', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream);
    await open(gateway, 'intent=transcription&endpoint=e');
    await open(gateway, '', { headers: { 'x-sluice-endpoint': 'e' } });
    expect(upstream.urls).toEqual(['/v1/realtime?intent=transcription', '/v1/realtime?model=m']);
  });
});

describe('the handshake of a realtime conversation', () => {
  test('is answered with the provider’s proof for the client’s key', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream);
    const { head } = await handshake(gateway);
    const lines = head.toLowerCase().split('\r\n');
    expect(lines[0]).toBe('http/1.1 101 switching protocols');
    expect(lines).toContain('connection: upgrade');
    expect(lines).toContain('upgrade: websocket');
    expect(head).toContain('sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(head.toLowerCase()).not.toContain('extensions');
  });

  test('keeps subprotocols, but those that are credentials', async () => {
    const upstream = startConversation({ protocol: 'realtime' });
    const gateway = await startWith(upstream);
    const protocols = ['realtime', 'openai-insecure-api-key.client-key', 'openai-beta.realtime-v1'];
    const client = await open(gateway, 'model=e', { protocols });
    expect(client.socket.protocol).toBe('realtime');
    expect(upstream.headers[0]?.get('sec-websocket-protocol')).toBe('realtime, openai-beta.realtime-v1');
    expect(JSON.stringify([...(upstream.headers[0] ?? [])])).not.toContain('client-key');
  });

  test('is refused where it is none', async () => {
    const upstream = startConversation();
    const gateway = await startWith(upstream);
    const without = (start: string, ...more: string[]) => [
      ...HANDSHAKE.filter((line) => !line.startsWith(start)),
      ...more,
    ];
    const status = async (lines: readonly string[], path?: string) =>
      (await handshake(gateway, lines, path)).head.slice(9, 12);
    expect(await status(without('upgrade'))).toBe('426');
    expect(await status(without('connection'))).toBe('426');
    expect(await status(without('upgrade', 'upgrade: h2c'))).toBe('426');
    expect(await status(without('sec-websocket-version', 'sec-websocket-version: 8'))).toBe('426');
    expect(await status(without('sec-websocket-key'))).toBe('400');
    expect(await status(without('sec-websocket-key', 'sec-websocket-key: short'))).toBe('400');
    expect(await status([...HANDSHAKE, 'sec-websocket-protocol: a b'])).toBe('400');
    expect(await status(HANDSHAKE, '/v1/realtime')).toBe('400');
    expect(await status(HANDSHAKE, '/v1/realtime?model=nobody')).toBe('404');
    expect((await fetch(`${gateway.url}/v1/realtime?model=e`, { method: 'POST' })).status).toBe(405);
    expect(upstream.urls).toEqual([]);
  });

  test('that the provider refuses fails with its error', async () => {
    const error = { message: `no such model for ${KEY}`, type: 'invalid_request_error', param: null, code: 'x' };
    const upstream = startConversation({ refuse: () => Response.json({ error }, { status: 403 }) });
    const gateway = await startWith(upstream);
    const response = await fetch(`${gateway.url}/v1/realtime?model=e`, {
      headers: Object.fromEntries(HANDSHAKE.slice(1).map((line) => line.split(': ') as [string, string])),
    }).catch(() => null);
    const { head, socket } = await handshake(gateway);
    expect(head).toStartWith('HTTP/1.1 403 ');
    socket.destroy();
    if (response) expect(await response.text()).toContain('no such model for ***');
  });

  test('whose answer is not the provider’s own fails', async () => {
    const answers = [
      'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: unasked',
    ];
    for (const answer of answers) {
      const server = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () =>
          socket.write(`HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${answer}\r\n\r\n`),
        );
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(() => server.close());
      const { port } = server.address() as net.AddressInfo;
      const gateway = await startGateway({
        endpoints: [openaiEndpoint('e', 'chat', `http://127.0.0.1:${port}/v1`)],
      });
      closers.push(() => gateway.stop());
      expect((await handshake(gateway)).head).toStartWith('HTTP/1.1 502 ');
    }
  });

  test('counts as a call, and needs a provider that has it', async () => {
    const upstream = startConversation();
    const gateway = await startGateway({
      endpoints: [
        openaiEndpoint('once', 'chat', upstream.base, { limit: { calls: 1, renewal_period: 'hour' } }),
        endpoint('ranker', 'chat', 'cohere', { cohere_api_key: KEY }),
      ],
    });
    closers.push(() => gateway.stop());
    const first = await handshake(gateway, HANDSHAKE, '/v1/realtime?model=once');
    expect(first.head).toStartWith('HTTP/1.1 101 ');
    expect(first.head).toContain('ratelimit: "endpoint";r=0;t=3600');
    expect((await handshake(gateway, HANDSHAKE, '/v1/realtime?model=once')).head).toStartWith('HTTP/1.1 429 ');
    expect((await handshake(gateway, HANDSHAKE, '/v1/realtime?model=ranker')).head).toStartWith('HTTP/1.1 501 ');
  });
});
