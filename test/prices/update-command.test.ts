import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RecordingProxy, recordingProxy } from '../../src/upstream/conformance/recording-proxy.ts';
import { FROM_SOURCE } from '../support/gateway-process.ts';
import { ok, type PriceServer, published, startPriceServer } from './published.ts';

const AUTHORITY = new URL('../../src/upstream/fixtures/authority.pem', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'sluice-prices-'));
let server: PriceServer;
let proxy: RecordingProxy;

beforeAll(async () => {
  [server, proxy] = await Promise.all([startPriceServer(), recordingProxy()]);
});

afterAll(() => {
  server.close();
  proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

/** By a proxy, as in most companies; it finds the server of the test under the name of its certificate. */
async function prices(...words: string[]) {
  const child = Bun.spawn([...FROM_SOURCE, 'prices', ...words, '--database-url', join(folder, 'own.db')], {
    cwd: folder,
    env: { ...process.env, https_proxy: `http://${proxy.label}`, no_proxy: '', NODE_EXTRA_CA_CERTS: AUTHORITY },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { out, error, code: await child.exited };
}

test('sluice prices update downloads what is published, and says what it changes', async () => {
  server.answer = ok(published({ input: '7e-06' }));
  const first = await prices('update', '--from', server.url);
  expect([first.code, first.error]).toEqual([0, '']);
  expect(first.out).toMatch(/gpt-4o\b/);
  expect(first.out).toContain('some-model-7');
  expect(proxy.heads[0]).toMatch(/^CONNECT other\.example:\d+ HTTP/);
  const shown = await prices('show', 'gpt-4o');
  expect(shown.out).toMatch(/\b7\b/);
  const again = await prices('update', '--from', server.url);
  expect([again.code, again.error]).toEqual([0, '']);
  expect(again.out).not.toContain('gpt-4o');
});

test('sluice prices update says why there are none, and leaves those there are', async () => {
  server.answer = ({ socket }) => socket.write('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n');
  const before = await prices('show', '--json', 'gpt-4o');
  const { code, error, out } = await prices('update', '--from', server.url);
  expect([code, out]).toEqual([1, '']);
  expect(error).toBe(
    `Error: the prices of ${server.url} cannot be had: its server answered with status 500.\n` +
      'Without a network: sluice prices update --from FILE\n',
  );
  expect(await prices('show', '--json', 'gpt-4o')).toEqual(before);
});
