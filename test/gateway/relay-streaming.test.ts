import { afterEach, describe, expect, test } from 'bun:test';
import net from 'node:net';
import { eventually, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';

const MIB = 1 << 20;

const closers: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Upstream {
  readonly base: string;
  readonly sockets: net.Socket[];
  closed: number;
  received: number;
  head: string;
}

/** A provider that does with a connection what the test says. */
async function startUpstream(begin: (socket: net.Socket, upstream: Upstream) => void): Promise<Upstream> {
  const upstream: Upstream = { base: '', sockets: [], closed: 0, received: 0, head: '' };
  const server = net.createServer((socket) => {
    upstream.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('close', () => upstream.closed++);
    socket.on('data', (bytes) => {
      if (upstream.received === 0) upstream.head = bytes.toString('latin1');
      upstream.received += bytes.length;
    });
    begin(socket, upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    for (const socket of upstream.sockets) socket.destroy();
  });
  const { port } = server.address() as net.AddressInfo;
  return Object.assign(upstream, { base: `http://127.0.0.1:${port}/v1` });
}

async function startWith(upstream: Upstream, settings: Record<string, unknown> = {}): Promise<RunningGateway> {
  const gateway = await startGateway({
    endpoints: [openaiEndpoint('e', 'chat', upstream.base)],
    upstream: settings,
  });
  closers.push(() => gateway.stop());
  return gateway;
}

async function dial(gateway: RunningGateway, text: string): Promise<{ socket: net.Socket; received: () => string }> {
  const socket = net.connect(gateway.port, '127.0.0.1');
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
  });
  closers.push(() => socket.destroy());
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
  socket.write(text);
  return { socket, received: () => received };
}

const FORM =
  '--B\r\ncontent-disposition: form-data; name="model"\r\n\r\ne\r\n--B\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n';
const END = '\r\n--B--\r\n';
const upload = (length: string) =>
  `POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=B\r\n${length}\r\n\r\n${FORM}`;

async function metrics(gateway: RunningGateway): Promise<string> {
  return (await fetch(`${gateway.url}/metrics`)).text();
}

const counted = (status: number) =>
  `sluice_requests_total{endpoint="e",provider="openai",model="m",status="${status}"} 1\n`;

describe('an upload', () => {
  test('reaches the provider while it comes, in chunks as it came', async () => {
    const upstream = await startUpstream(() => {});
    const gateway = await startWith(upstream);
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const head = upload('transfer-encoding: chunked').replace(FORM, '');
    const client = await dial(gateway, head + chunk(FORM));
    await eventually('the form has begun upstream', () => upstream.received > 200);
    expect(upstream.head.toLowerCase()).toContain('transfer-encoding: chunked');
    const before = upstream.received;
    client.socket.write(chunk('x'.repeat(5000)));
    await eventually('more of it is there', () => upstream.received >= before + 4900);
    client.socket.write(`${chunk(END)}0\r\n\r\n`);
    upstream.sockets[0]?.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    await eventually('the answer is there', () => client.received().endsWith('ok'));
  });

  test('waits for a slow provider instead of filling memory', async () => {
    const upstream = await startUpstream((socket) => void socket.once('data', () => socket.pause()));
    const gateway = await startWith(upstream);
    const size = 192 * MIB;
    const client = await dial(gateway, upload(`content-length: ${FORM.length + size + END.length}`));
    let isSent = false;
    client.socket.write(Buffer.alloc(size));
    client.socket.write(END, () => {
      isSent = true;
    });
    await Bun.sleep(500);
    expect(isSent).toBe(false);
    upstream.sockets[0]?.resume();
    await eventually('everything has arrived', () => upstream.received > size);
  });

  test('that the provider answers early is answered', async () => {
    const upstream = await startUpstream((socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 413 Too Large\r\ncontent-type: application/json\r\ncontent-length: 31\r\n\r\n{"error":{"message":"too big"}}',
        ),
      ),
    );
    const gateway = await startWith(upstream);
    const client = await dial(gateway, upload(`content-length: ${64 * MIB}`));
    await eventually('the answer is there', () => client.received().includes('{"error":{"message":"too big"}}'));
    expect(client.received()).toStartWith('HTTP/1.1 413 ');
    await eventually('the provider is left', () => upstream.closed === 1);
    expect(await metrics(gateway)).toContain(counted(413));
  });

  test('whose client leaves is cut off upstream, and counted as 499', async () => {
    const upstream = await startUpstream(() => {});
    const gateway = await startWith(upstream);
    const client = await dial(gateway, upload('content-length: 1000000'));
    await eventually('it has begun', () => upstream.received > 0);
    client.socket.destroy();
    await eventually('the provider is left', () => upstream.closed === 1);
    await eventually('it is counted', async () => (await metrics(gateway)).includes(counted(499)));
    expect(await metrics(gateway)).toContain('sluice_requests_in_flight 0\n');
  });

  test('whose client leaves before its model came asks nobody', async () => {
    const upstream = await startUpstream(() => {});
    const gateway = await startWith(upstream);
    const client = await dial(gateway, upload('content-length: 1000000').replace('name="model"', 'name="other"'));
    await eventually('it has begun', async () => (await metrics(gateway)).includes('sluice_requests_in_flight 1\n'));
    client.socket.destroy();
    await eventually('it is over', async () => (await metrics(gateway)).includes('sluice_requests_in_flight 0\n'));
    expect(upstream.sockets.length).toBe(0);
  });

  test('with a second model behind the first is refused while it is under way', async () => {
    const upstream = await startUpstream(() => {});
    const gateway = await startWith(upstream);
    const client = await dial(gateway, upload('content-length: 100000'));
    await eventually('it has begun', () => upstream.received > 0);
    client.socket.write(`\r\n${FORM}`);
    await eventually('it is refused', () => client.received().includes("more than one field 'model'"));
    expect(client.received()).toStartWith('HTTP/1.1 400 ');
    await eventually('the provider is left', () => upstream.closed === 1);
  });

  test('larger than a body may be that is kept passes, because it is not', async () => {
    const upstream = await startUpstream((socket, self) =>
      socket.on('data', () => {
        if (self.received > 4 * MIB) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      }),
    );
    const gateway = await startGateway({
      endpoints: [openaiEndpoint('e', 'chat', upstream.base)],
      server: { max_request_body: '1MiB' },
    });
    closers.push(() => gateway.stop());
    const form = new FormData();
    form.append('purpose', 'batch');
    form.append('file', new Blob([Buffer.alloc(4 * MIB)]));
    expect((await fetch(`${gateway.url}/v1/files`, { method: 'POST', body: form })).status).toBe(200);
    const json = JSON.stringify({ model: 'e', input: 'x'.repeat(2 * MIB) });
    expect((await gateway.post('/v1/moderations', json)).status).toBe(413);
  });

  test('larger than an upload may be is refused, whether its length is said or not', async () => {
    const upstream = await startUpstream(() => {});
    const gateway = await startGateway({
      endpoints: [openaiEndpoint('e', 'chat', upstream.base)],
      server: { max_upload: '1MiB' },
    });
    closers.push(() => gateway.stop());
    const refused = { error: { code: 'body_too_large', message: 'The request body is larger than 1048576 bytes.' } };
    const answerOf = ({ received }: { received: () => string }) => {
      const [head = '', body = '{}'] = received().split('\r\n\r\n');
      return [head.slice(0, 12), JSON.parse(body)];
    };
    const raw = 'PUT /gateway/proxy/e/v1/x HTTP/1.1\r\nhost: x\r\n';
    const files = 'POST /v1/files HTTP/1.1\r\nhost: x\r\n';
    for (const head of [upload(`content-length: ${2 * MIB}`), `${raw}content-length: ${2 * MIB}\r\n\r\n`]) {
      const client = await dial(gateway, head);
      await eventually('it is refused', () => client.received().includes('}'));
      expect(answerOf(client)).toMatchObject(['HTTP/1.1 413', refused]);
    }
    expect(upstream.sockets.length).toBe(0);
    for (const head of [raw, files]) {
      const client = await dial(gateway, `${head}transfer-encoding: chunked\r\n\r\n`);
      const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`;
      for (let count = 0; count < 5; count++) client.socket.write(chunk);
      await eventually('it is refused', () => client.received().includes('}'));
      expect(answerOf(client)).toMatchObject(['HTTP/1.1 413', refused]);
    }
    await eventually('the provider is left', () => upstream.closed === 2);
    const fits = await dial(gateway, `${files}content-length: ${MIB}\r\n\r\n${'x'.repeat(MIB)}`);
    await eventually('what fits reaches the provider', () => upstream.received >= MIB);
    expect(fits.received()).toBe('');
  });

  test('may take longer than a provider may take to answer', async () => {
    const upstream = await startUpstream(() => {});
    const gateway = await startWith(upstream, { first_byte_timeout: '300ms' });
    const client = await dial(gateway, upload(`content-length: ${FORM.length + END.length + 3}`));
    for (const byte of ['x', 'y', 'z']) {
      await Bun.sleep(300);
      expect(client.received()).toBe('');
      client.socket.write(byte);
    }
    client.socket.write(END);
    await eventually('the provider is too slow', () => client.received().startsWith('HTTP/1.1 504 '));
  });
});

describe('an answer', () => {
  const speak = (gateway: RunningGateway, signal?: AbortSignal) =>
    gateway.post('/v1/audio/speech', { model: 'e', input: 'x' }, signal ? { signal } : {});

  test('of bytes waits for a slow client instead of filling memory', async () => {
    let written = 0;
    const upstream = await startUpstream((socket) =>
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-length: ${256 * MIB}\r\n\r\n`);
        const more = () => {
          while (written < 256 * MIB) {
            written += MIB;
            if (!socket.write(Buffer.alloc(MIB))) return;
          }
        };
        socket.on('drain', more);
        more();
      }),
    );
    const gateway = await startWith(upstream);
    const body = '{"model":"e","input":"x"}';
    const client = await dial(
      gateway,
      `POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    client.socket.pause();
    let before = -1;
    while (before !== written) {
      before = written;
      await Bun.sleep(200);
    }
    expect(written).toBeLessThan(256 * MIB);
    let size = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (bytes) => {
      size += bytes.length;
    });
    client.socket.resume();
    await eventually('all of it has come', () => size > 256 * MIB);
  });

  test('whose client leaves is cancelled upstream', async () => {
    const upstream = await startUpstream((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')),
    );
    const gateway = await startWith(upstream);
    const abort = new AbortController();
    const response = await speak(gateway, abort.signal);
    const reader = response.body?.getReader();
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('abc');
    abort.abort();
    await eventually('the provider is left', () => upstream.closed === 1);
    await eventually('it is counted', async () => (await metrics(gateway)).includes(counted(499)));
  });

  test('that breaks off is cut, so that nobody takes it for whole', async () => {
    for (const framing of ['content-length: 100', 'transfer-encoding: chunked']) {
      const upstream = await startUpstream((socket) =>
        socket.once('data', () => {
          const body = framing.startsWith('t') ? '3\r\nabc\r\n' : 'abc';
          socket.end(`HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\n${framing}\r\n\r\n${body}`);
        }),
      );
      const gateway = await startWith(upstream);
      const failure: unknown = await speak(gateway)
        .then((response) => response.arrayBuffer())
        .then(
          () => null,
          (error: unknown) => error,
        );
      expect(failure).toBeInstanceOf(Error);
      expect(await metrics(gateway)).toContain('sluice_requests_in_flight 0\n');
    }
  });

  test('of events that breaks off between two says so in a last one', async () => {
    const upstream = await startUpstream((socket) =>
      socket.once('data', () =>
        socket.end(
          'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n',
        ),
      ),
    );
    const gateway = await startWith(upstream);
    const text = await (await speak(gateway)).text();
    expect(text).toStartWith('data: 1\n\ndata: {"error":{"message":"');
    expect(text).toEndWith('"code":"upstream_invalid"}}\n\n');
  });

  test('that says nothing for too long is given up', async () => {
    const upstream = await startUpstream((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')),
    );
    const gateway = await startWith(upstream, { idle_timeout: '200ms' });
    const failure: unknown = await speak(gateway)
      .then((response) => response.text())
      .then(
        () => null,
        (error: unknown) => error,
      );
    expect(failure).toBeInstanceOf(Error);
    await eventually('the provider is left', () => upstream.closed === 1);
  });
});
