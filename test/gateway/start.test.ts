import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpoint, eventually, openaiEndpoint } from '../support/gateway.ts';
import { FROM_SOURCE, startProcess } from '../support/gateway-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-start-'));
const configPath = join(folder, 'config.yaml');
writeFileSync(configPath, 'endpoints: []\n');

const closers: Array<() => void | Promise<void>> = [() => rmSync(folder, { recursive: true, force: true })];
afterEach(async () => {
  for (const close of closers.splice(1)) await close();
});

/** Runs `sluice start` to its end. */
async function start(...words: string[]) {
  const child = Bun.spawn([...FROM_SOURCE, 'start', '--config-path', configPath, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closers.push(() => child.kill('SIGKILL'));
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, lastLine: err.trim().split('\n').at(-1) };
}

describe('a start with a mistake', () => {
  test.each<[string[], number, string]>([
    [['--workers', '-1'], 2, "Error: Invalid value for '--workers': '-1' is not a whole number from 1 to 256."],
    [['--port', '-1'], 2, "Error: Invalid value for '--port': '-1' is not a whole number from 0 to 65535."],
    [['--host', ''], 2, "Error: Invalid value for '--host': it is empty."],
    [
      ['--host', '192.0.2.1', '--port', '4001'],
      1,
      'Error: cannot listen on 192.0.2.1:4001: this machine has no such address.',
    ],
    [['--host', '[x]', '--port', '4001'], 1, 'Error: cannot listen on x:4001: '],
  ])('%p says what it is', async (words, code, message) => {
    const result = await start(...words);
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.lastLine).toStartWith(message);
  });
});

test.if(process.platform === 'linux')(
  'a second gateway does not share the port of the workers of a first',
  async () => {
    const first = await startProcess({ config: { endpoints: [] }, arguments: ['--workers', '2'] });
    closers.push(first.kill);
    for (const workers of ['1', '2']) {
      const { code, lastLine } = await start('--port', String(first.port), '--workers', workers);
      expect([code, lastLine]).toEqual([
        1,
        `Error: cannot listen on 127.0.0.1:${first.port}: another program listens there; choose another --port or end it.`,
      ]);
    }
  },
);

test('an IPv6 address may have its brackets', async () => {
  const child = Bun.spawn([...FROM_SOURCE, 'start', '--config-path', configPath, '--host', '[::1]', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  closers.push(() => child.kill('SIGKILL'));
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toStartWith('Sluice listens on http://[::1]:');
});

test.if(process.platform === 'linux').each([
  ['1', '/dev/full'],
  ['2', '/dev/full'],
])('with %s workers, a log that nobody can take does not end the gateway', async (workers, log) => {
  const gateway = await startProcess({
    config: {
      endpoints: [openaiEndpoint('dead', 'chat', 'http://127.0.0.1:9/v1'), endpoint('chat', 'chat', 'simulated', {})],
    },
    command: ['/bin/sh', '-c', `exec "$@" 2>${log}`, 'sh', ...FROM_SOURCE],
    arguments: ['--workers', workers],
  });
  closers.push(gateway.kill);
  const call = (name: string) =>
    fetch(`${gateway.url}/gateway/${name}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: '{"messages": [{"role": "user", "content": "x"}]}',
    });
  // Each failure is a line of the log; the error of the write comes a moment later.
  for (let count = 0; count < 10; count++) expect((await call('dead')).status).toBe(502);
  expect((await call('chat')).status).toBe(200);
  gateway.process.kill('SIGTERM');
  expect(await gateway.process.exited).toBe(0);
});

test.if(process.platform === 'linux')(
  'more clients than files may be open do not stop the gateway',
  async () => {
    const gateway = await startProcess({
      config: { endpoints: [] },
      command: ['/bin/sh', '-c', 'ulimit -n 200; exec "$@"', 'sh', ...FROM_SOURCE],
    });
    closers.push(gateway.kill);
    let gone = 0;
    const dialled = Array.from({ length: 300 }, () =>
      Bun.connect({
        hostname: '127.0.0.1',
        port: gateway.port,
        socket: { data: () => {}, close: () => void gone++, error: () => {} },
      }).catch(() => void gone++),
    );
    const sockets = await Promise.all(dialled);
    await eventually('those that find no place are turned away', () => gone >= 200);
    for (const socket of sockets) if (typeof socket === 'object') socket.end();
    await eventually('others are served', async () => {
      const answer = await fetch(`${gateway.url}/metrics`, { headers: { connection: 'close' } }).catch(() => null);
      return /^sluice_connections_turned_away_total [1-9]/m.test((await answer?.text()) ?? '');
    });
    gateway.process.kill('SIGTERM');
    await gateway.process.exited;
    expect((await gateway.log).match(/connections are turned away/g)).toHaveLength(1);
  },
  30_000,
);

test('a mistake in the configuration is told once, though a signal and the watcher both find it', async () => {
  const gateway = await startProcess({ config: { endpoints: [] } });
  closers.push(gateway.kill);
  const rejected = async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(/^sluice_config_reloads_total\{result="rejected"\} (\d+)$/m.exec(metrics)?.[1]);
  };
  writeFileSync(gateway.configPath, 'endpoints: nothing\n');
  gateway.process.kill('SIGHUP');
  await eventually('it is found', async () => (await rejected()) > 0);
  // The watcher looks at the file a moment later, and nothing shows that it has.
  await Bun.sleep(500);
  expect(await rejected()).toBe(1);
  gateway.process.kill('SIGTERM');
  await gateway.process.exited;
  expect((await gateway.log).match(/Invalid configuration/g)?.length).toBe(1);
});
