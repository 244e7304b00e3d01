import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { RecordedRequest, UpstreamAnswer } from './cases.ts';
import { ACCESS_TOKEN, TOKEN_HOST } from './service-account.ts';

const CERTIFICATES = join(import.meta.dir, 'fixtures', 'tls');

/** The authority that signed the recorder's certificate; goes into NODE_EXTRA_CA_CERTS. */
export const AUTHORITY_FILE = join(CERTIFICATES, 'authority.pem');

/** Plays every provider of the internet behind an HTTP proxy: keeps what was sent and answers as it was told. */
export interface Recorder {
  readonly proxyUrl: string;
  readonly received: readonly RecordedRequest[];
  /** Forgets what was received and sets the answer to whatever comes next. */
  expect(answer: UpstreamAnswer | undefined): void;
  stop(): Promise<void>;
}

export async function startRecorder(): Promise<Recorder> {
  let received: RecordedRequest[] = [];
  let answer: UpstreamAnswer = {};
  const fetch = async (request: Request): Promise<Response> => {
    if (new URL(request.url).hostname === TOKEN_HOST) return Response.json(ACCESS_TOKEN);
    received.push(await record(request));
    return play(answer);
  };
  const secure = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch,
    tls: { key: Bun.file(join(CERTIFICATES, 'server.key')), cert: Bun.file(join(CERTIFICATES, 'server.pem')) },
  });
  const plain = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch });
  const proxy = await startProxy(Number(secure.port), Number(plain.port));
  return {
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
    get received() {
      return received;
    },
    expect(next) {
      received = [];
      answer = next ?? {};
    },
    async stop() {
      proxy.stop();
      await Promise.all([secure.stop(true), plain.stop(true)]);
    },
  };
}

async function record(request: Request): Promise<RecordedRequest> {
  const text = await request.text();
  return {
    method: request.method,
    url: request.url,
    headers: request.headers.toJSON(),
    body: text === '' ? null : parseOrKeep(text),
  };
}

function parseOrKeep(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function play(answer: UpstreamAnswer): Response {
  const { status = 200, headers = {}, chunks } = answer;
  if (chunks === undefined) {
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? null);
    return new Response(text, {
      status,
      headers: { 'content-type': answer.content_type ?? 'application/json', ...headers },
    });
  }
  const body = new ReadableStream({
    async start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(new TextEncoder().encode(chunk));
        // Gives each chunk a turn of its own, so that they arrive one by one.
        await new Promise((resolve) => setImmediate(resolve));
      }
      controller.close();
    },
  });
  return new Response(body, {
    status,
    headers: { 'content-type': answer.content_type ?? 'text/event-stream', ...headers },
  });
}

/** An HTTP proxy that leads every tunnel to one TLS server, and every request in absolute form to one plain server. */
async function startProxy(securePort: number, plainPort: number): Promise<{ port: number; stop(): void }> {
  const open = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
  };
  const server = createServer((client) => {
    keep(client).once('data', (head) => {
      const tunnel = head.toString('latin1').startsWith('CONNECT ');
      const upstream = keep(connect(tunnel ? securePort : plainPort, '127.0.0.1'));
      if (tunnel) client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      else upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
