import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { eventually, type RunningGateway, startGateway } from '../support/gateway.ts';
import {
  chunk,
  jsonResponse,
  LAST_CHUNK,
  type RawRequest,
  type RawUpstream,
  STREAM_HEAD,
  startRawUpstream,
} from '../support/raw-upstream.ts';
import { CLIENTS, type ClientName, eventsOf, type VendorClient } from '../support/vendor-clients.ts';
import { CALL, TEXT, VENDORS, type Vendor, type VendorName } from '../support/vendors.ts';

let gateway: RunningGateway;
let upstream: RawUpstream;
let answer: (request: RawRequest) => void | Promise<void>;

beforeAll(async () => {
  upstream = await startRawUpstream((request) => answer(request));
  const endpoints = Object.entries(VENDORS).map(([name, vendor]) => vendor.endpoint(name, upstream.base));
  // A Responses client of an OpenAI target without that API is served through the neutral shape.
  const { openai } = VENDORS;
  const preset = { provider: 'ollama', name: 'm', config: { api_base: upstream.base } };
  endpoints.push({ ...openai.endpoint('compatible', upstream.base), model: preset });
  gateway = await startGateway({ endpoints });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

/** A stream byte by byte, so that nothing hangs on where the network cuts. */
function bytes(events: readonly string[]): Buffer {
  const pieces = [...Buffer.from(events.join(''))].map((byte) => chunk(Uint8Array.of(byte)));
  return Buffer.concat(pieces);
}

const ask = (client: VendorClient, endpoint: string, stream = false, tools = false, init: RequestInit = {}) =>
  gateway.post(client.path(endpoint, stream), client.body(endpoint, stream, tools), init);

const clients = Object.entries(CLIENTS) as Array<[ClientName, VendorClient]>;
const targets: Array<[string, Vendor]> = [
  ...(Object.entries(VENDORS) as Array<[VendorName, Vendor]>),
  ['compatible', VENDORS.openai],
];

// Where a client meets an upstream whose own events nobody here has written.
const isForeign = (client: ClientName, target: string) => client === 'responses' && target === 'openai';

for (const [clientName, client] of clients) {
  for (const [target, vendor] of targets) {
    if (isForeign(clientName, target)) continue;
    describe(`a client of ${clientName} and an upstream that is ${target}`, () => {
      test('a whole answer', async () => {
        answer = ({ socket }) => void socket.write(jsonResponse(vendor.text));
        const response = await ask(client, target);
        expect(response.status).toBe(200);
        expect(client.whole(await response.json())).toEqual({
          text: TEXT,
          calls: [],
          finish: client.stopFinish,
          usage: [7, 5],
        });
      });

      test('the call of a tool', async () => {
        answer = ({ socket }) => void socket.write(jsonResponse(vendor.call));
        const response = await ask(client, target, false, true);
        expect(client.whole(await response.json())).toEqual({
          text: '',
          calls: [{ name: CALL.name, arguments: CALL.arguments, hasId: true }],
          finish: client.callFinish,
          usage: [7, 5],
        });
        expect(upstream.requests.at(-1)?.body).toContain('get_weather');
      });

      test('a stream, in pieces of one byte', async () => {
        answer = ({ socket }) =>
          void socket.write(
            Buffer.concat([Buffer.from(STREAM_HEAD), bytes(vendor.textEvents), Buffer.from(LAST_CHUNK)]),
          );
        const response = await ask(client, target, true);
        expect(response.headers.get('content-type')).toContain('text/event-stream');
        const events = eventsOf(await response.bytes());
        expect(client.stream(events)).toEqual({ text: TEXT, calls: [], finish: client.stopFinish, usage: [7, 5] });
        expect(client.isEnd(events.at(-1))).toBe(true);
      });

      test('the call of a tool in a stream', async () => {
        answer = ({ socket }) =>
          void socket.write(
            Buffer.concat([Buffer.from(STREAM_HEAD), bytes(vendor.callEvents), Buffer.from(LAST_CHUNK)]),
          );
        const response = await ask(client, target, true, true);
        expect(client.stream(eventsOf(await response.bytes()))).toEqual({
          text: '',
          calls: [{ name: CALL.name, arguments: CALL.arguments, hasId: true }],
          finish: client.callFinish,
          usage: [7, 5],
        });
      });

      test.each([false, true])('an error, in the client’s shape (stream: %p)', async (stream) => {
        answer = ({ socket }) =>
          void socket.write(
            jsonResponse(vendor.error, '429 Too Many Requests', 'application/json', 'retry-after: 3\r\n'),
          );
        const response = await ask(client, target, stream);
        expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3']);
        expect(client.errorMessage(await response.json())).toBe('Slow down.');
      });

      test('a stream that is cut off ends with an error', async () => {
        // The terminal event is missing, and where there is none what says why the model stopped.
        const [first = '', ...others] = vendor.textEvents;
        const begun = target === 'gemini' ? [first] : [first, ...others.slice(0, 3)];
        answer = ({ socket }) =>
          void socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), bytes(begun), Buffer.from(LAST_CHUNK)]));
        const events = eventsOf(await (await ask(client, target, true)).bytes());
        expect(events.some(client.isEnd)).toBe(false);
        expect(client.streamError(events.at(-1))).toContain('before it was complete');
      });

      test('when the client leaves, the upstream is let go', async () => {
        const before = upstream.closed;
        answer = ({ socket }) =>
          void socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), bytes(vendor.textEvents.slice(0, 1))]));
        const asked = upstream.requests.length;
        const leaving = new AbortController();
        const pending = ask(client, target, true, false, { signal: leaving.signal }).catch(() => null);
        await eventually('the upstream is asked', () => upstream.requests.length > asked);
        leaving.abort();
        await pending;
        await eventually('the upstream connection ends', () => upstream.closed > before);
      });
    });
  }
}
