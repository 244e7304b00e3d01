import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { GatewayError } from '../core/errors.ts';
import type { MediaSource, NeutralPart } from '../core/neutral/parts.ts';
import type { NeutralChatRequest } from '../core/neutral/request.ts';
import { type RawUpstream, rawUpstream } from '../upstream/conformance/raw-upstream.ts';
import { EgressClient } from '../upstream/egress/egress-client.ts';
import { inlineRemoteMedia, refuseRemoteMedia } from './remote-media.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const PDF = Buffer.from('%PDF-1.4\n');

let upstream: RawUpstream;
let site: string;
let under = 0;
let mostAtOnce = 0;
/** Reaches the servers of this machine. */
const client = new EgressClient({
  environment: {},
  maxBytes: 1 << 20,
  timeout: 5000,
  rules: { allowHttp: true, isAllowed: () => true },
});

beforeAll(async () => {
  upstream = await rawUpstream({
    answer: async ({ socket }, { head }) => {
      const path = head.split(' ')[1] ?? '';
      if (path === '/silent') return;
      under += 1;
      mostAtOnce = Math.max(mostAtOnce, under);
      await Bun.sleep(5);
      under -= 1;
      socket.write(responseFor(path));
    },
  });
  site = `http://127.0.0.1:${upstream.port}`;
});
afterAll(() => upstream.close());

function responseFor(path: string): Buffer {
  if (path.startsWith('/missing')) return Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  const isPage = path.startsWith('/page');
  const body = isPage ? Buffer.from('<html></html>') : path.startsWith('/pdf') ? PDF : PNG;
  const type = isPage ? 'text/html' : path.startsWith('/lies') ? 'image/gif' : 'application/octet-stream';
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

const url = (path: string): MediaSource => ({ kind: 'url', url: site + path });
const image = (source: MediaSource): NeutralPart => ({ type: 'image', source, detail: 'low' });

function request(parts: readonly NeutralPart[], surface: NeutralChatRequest['surface'] = 'standard') {
  return {
    operation: 'chat',
    surface,
    rest: {},
    messages: [
      { role: 'system', parts: [{ type: 'text', text: 'Look.' }], rest: {} },
      { role: 'user', parts, rest: { name: 'Ann' } },
    ],
    tools: [],
    settings: {},
    stream: false,
  } as const satisfies NeutralChatRequest;
}

async function failureOf(promise: Promise<unknown>): Promise<GatewayError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof GatewayError) return error;
  throw new Error(`expected a GatewayError, got ${error}`);
}

describe('media by URL', () => {
  test('become base64 of the type that their bytes show; everything else stays as it was', async () => {
    const before = request([
      { type: 'text', text: 'one' },
      image(url('/a')),
      image(url('/lies')),
      image({ kind: 'base64', mediaType: 'image/gif', data: 'R0lG' }),
      image({ kind: 'file', id: 'file-1' }),
      { type: 'document', source: url('/pdf'), name: 'paper.pdf' },
      { type: 'other', value: { type: 'video_url', video_url: { url: `${site}/video` } } },
    ]);
    const png: MediaSource = { kind: 'base64', mediaType: 'image/png', data: PNG.toString('base64') };
    const after = await inlineRemoteMedia(before, client);
    expect(after.messages[0]).toEqual(before.messages[0] as never);
    expect(after.messages[1]).toEqual({
      role: 'user',
      rest: { name: 'Ann' },
      parts: [
        { type: 'text', text: 'one' },
        image(png),
        image(png),
        image({ kind: 'base64', mediaType: 'image/gif', data: 'R0lG' }),
        image({ kind: 'file', id: 'file-1' }),
        {
          type: 'document',
          source: { kind: 'base64', mediaType: 'application/pdf', data: PDF.toString('base64') },
          name: 'paper.pdf',
        },
        { type: 'other', value: { type: 'video_url', video_url: { url: `${site}/video` } } },
      ],
    });
  });

  test('are found in tool results too', async () => {
    const result: NeutralPart = { type: 'tool-result', toolCallId: 'c1', parts: [image(url('/in-tool'))] };
    const after = await inlineRemoteMedia(request([result]), client);
    expect(JSON.stringify(after.messages)).toContain(PNG.toString('base64'));
    expect(JSON.stringify(after.messages)).not.toContain(site);
  });

  test('are fetched once each, and at most four at once', async () => {
    const seen = upstream.requests.length;
    mostAtOnce = 0;
    const parts = Array.from({ length: 24 }, (_, index) => image(url(`/many-${index % 12}`)));
    const after = await inlineRemoteMedia(request(parts), client);
    expect(after.messages[1]?.parts.length).toBe(24);
    expect(upstream.requests.length - seen).toBe(12);
    expect(mostAtOnce).toBe(4);
  });

  test('that are absent leave the request as it is', async () => {
    const before = request([{ type: 'text', text: 'only text' }]);
    expect(await inlineRemoteMedia(before, client)).toBe(before);
  });
});

describe('a failure', () => {
  test('names the part, the message and the reason, without the query of the URL', async () => {
    const error = await failureOf(inlineRemoteMedia(request([image(url('/missing?signature=s3cret'))]), client));
    expect([error.status, error.parameter]).toEqual([400, 'messages.1']);
    expect(error.message).toBe(
      `The image at ${site}/missing in 'messages.1' cannot be fetched: its server answered with status 404.`,
    );
  });

  test('is a 422 on MLflow’s surface', async () => {
    const error = await failureOf(inlineRemoteMedia(request([image(url('/missing'))], 'mlflow'), client));
    expect([error.status, typeof error.detail]).toEqual([422, 'string']);
  });

  test('is a page where an image should be', async () => {
    const error = await failureOf(inlineRemoteMedia(request([image(url('/page'))]), client));
    expect(error.message).toEndWith('cannot be fetched: what its server sent is text/html.');
  });

  test('is an image where a document should be', async () => {
    const error = await failureOf(inlineRemoteMedia(request([{ type: 'document', source: url('/a') }]), client));
    expect(error.message).toStartWith('The document at');
    expect(error.message).toEndWith('what its server sent is image/png.');
  });

  test('ends the other downloads', async () => {
    const error = await failureOf(inlineRemoteMedia(request([image(url('/silent')), image(url('/missing'))]), client));
    expect(error.message).toContain('/missing');
    while (!upstream.connections.every(({ gone }) => gone)) await Bun.sleep(1);
  });

  test('is every address of this machine, without the rule that the tests have', async () => {
    for (const address of [`https://127.0.0.1:${upstream.port}/a`, 'https://localhost/a', `${site}/a`]) {
      const error = await failureOf(inlineRemoteMedia(request([image({ kind: 'url', url: address })])));
      expect(error.message).toMatch(/is not public\.$|only https is allowed\.$/);
    }
  });

  test('does not repeat a password in a URL', async () => {
    const source: MediaSource = { kind: 'url', url: 'https://user:hunter2@example.com/a.png' };
    const error = await failureOf(inlineRemoteMedia(request([image(source)])));
    expect(error.message).not.toContain('hunter2');
  });
});

test('where nothing may be fetched, a URL is refused and everything else passes', async () => {
  const without = request([{ type: 'text', text: 'only text' }]);
  expect(await refuseRemoteMedia(without)).toBe(without);
  const seen = upstream.requests.length;
  const error = await failureOf(refuseRemoteMedia(request([image(url('/a'))])));
  expect([error.status, error.message]).toEqual([
    400,
    `The image at ${site}/a in 'messages.1' cannot be fetched: this gateway fetches none; send it as base64.`,
  ]);
  expect(upstream.requests.length).toBe(seen);
});
