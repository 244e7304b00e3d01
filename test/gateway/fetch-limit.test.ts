import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rawUpstream } from '../../src/upstream/conformance/raw-upstream.ts';
import { recordingProxy } from '../../src/upstream/conformance/recording-proxy.ts';
import { eventually, openaiEndpoint } from '../support/gateway.ts';
import { FROM_SOURCE, type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { CHAT_ANSWER, jsonResponse } from '../support/raw-upstream.ts';

/** More than the 256 that Bun runs at once by itself. */
const MANY = 320;

const ROOT = join(import.meta.dir, '..', '..');
const AUTHORITY = join(ROOT, 'src', 'upstream', 'fixtures', 'authority.pem');

const folder = mkdtempSync(join(tmpdir(), 'sluice-fetch-limit-'));
const executable = join(folder, 'sluice');
const withoutExec = join(folder, 'without-exec.ts');

/** How the program starts itself anew; the last is what happens where the system cannot replace a process. */
const WAYS: ReadonlyArray<readonly [way: string, command: readonly string[]]> = [
  ['the source', FROM_SOURCE],
  ['the executable', [executable]],
  ['a child', [process.execPath, '--no-env-file', '--preload', withoutExec, join(ROOT, 'src', 'main.ts')]],
];
const CHILD = WAYS[2]?.[1] ?? [];

const closers: Array<() => void | Promise<void>> = [];

beforeAll(async () => {
  writeFileSync(withoutExec, 'process.execve = () => { throw new Error("refused"); };\n');
  const entry = join(ROOT, 'src', 'main.ts');
  const build = [
    process.execPath,
    'build',
    '--compile',
    '--no-compile-autoload-dotenv',
    entry,
    '--outfile',
    executable,
  ];
  const child = Bun.spawn(build, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await child.exited).toBe(0);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Scene {
  readonly gateway: GatewayProcess;
  /** Requests that the upstream has. */
  reached(): number;
  /** Lets the upstream answer all of them. */
  answer(): void;
}

/** A gateway that reaches its upstream, which answers when the test says so, through a proxy. */
async function start(secure: boolean, command: readonly string[]): Promise<Scene> {
  const proxy = await recordingProxy();
  const upstream = await rawUpstream(secure ? { certificate: 'localhost' } : {});
  closers.push(proxy.close, upstream.close);
  const base = upstream.url.replace(/\/chat$/, '');
  const gateway = await startProcess({
    command,
    config: { endpoints: [openaiEndpoint('chat', 'chat', base)] },
    environment: {
      [secure ? 'https_proxy' : 'http_proxy']: `http://${proxy.label}`,
      no_proxy: '',
      NO_PROXY: '',
      NODE_EXTRA_CA_CERTS: AUTHORITY,
      BUN_CONFIG_MAX_HTTP_REQUESTS: undefined,
    },
  });
  closers.push(gateway.kill);
  return {
    gateway,
    reached: () => {
      expect(proxy.heads.length).toBeGreaterThanOrEqual(upstream.requests.length);
      return upstream.requests.length;
    },
    answer: () => {
      for (const { socket } of upstream.connections) socket.write(jsonResponse(CHAT_ANSWER));
    },
  };
}

/** Calls from plain sockets, because `fetch` is what is limited here. Gives the status lines that have come. */
function callMany(port: number): string[] {
  const statuses: string[] = [];
  const body = '{"messages":[{"role":"user","content":"x"}]}';
  const head = `POST /gateway/chat/invocations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  for (let count = 0; count < MANY; count++) {
    const socket = net.connect(port, '127.0.0.1', () => void socket.write(head + body));
    socket.on('error', () => {});
    socket.once('data', (bytes) => statuses.push(bytes.toString('latin1').slice(0, 12)));
    closers.push(() => void socket.destroy());
  }
  return statuses;
}

describe.each(WAYS)('behind a proxy, %s', (_way, command) => {
  test.each([true, false])(`has ${MANY} requests under way at once (TLS: %p)`, async (secure) => {
    const { gateway, reached, answer } = await start(secure, command);
    const statuses = callMany(gateway.port);
    await eventually(`${MANY} requests at the upstream`, () => reached() === MANY);
    expect(statuses).toEqual([]);
    answer();
    await eventually('all are answered', () => statuses.length === MANY);
    expect(new Set(statuses)).toEqual(new Set(['HTTP/1.1 200']));
    gateway.process.kill('SIGTERM');
    expect(await gateway.process.exited).toBe(0);
  });

  test('reports a wrong configuration once and exits with its status', async () => {
    const child = Bun.spawn([...command, 'start', '--config-path', '/nowhere.yaml'], {
      env: { ...process.env, HTTPS_PROXY: 'http://127.0.0.1:1', BUN_CONFIG_MAX_HTTP_REQUESTS: undefined },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect(await child.exited).toBe(2);
    expect((await new Response(child.stderr).text()).match(/does not exist/g)?.length).toBe(1);
  });
});

/** Whether somebody listens. */
function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    closers.push(() => void socket.destroy());
  });
}

function childrenOf(pid: number): number[] {
  const { stdout } = Bun.spawnSync(['ps', '-o', 'pid=', '--ppid', String(pid)]);
  return stdout.toString().split('\n').filter(Boolean).map(Number);
}

describe.if(process.platform === 'linux')('a gateway in a child', () => {
  test('reloads on the signal that its parent gets, and leaves the parent to wait', async () => {
    const { gateway } = await start(true, CHILD);
    gateway.process.kill('SIGHUP');
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect(gateway.process.exitCode).toBeNull();
  });

  test('does not outlive its parent', async () => {
    const { gateway } = await start(true, CHILD);
    expect(childrenOf(gateway.process.pid).length).toBe(1);
    gateway.process.kill('SIGKILL');
    await eventually('the port is free', async () => !(await isListening(gateway.port)));
  });

  test('that is killed takes its parent with it, by the same signal', async () => {
    const { gateway } = await start(true, CHILD);
    const [child = 0] = childrenOf(gateway.process.pid);
    process.kill(child, 'SIGKILL');
    await gateway.process.exited;
    expect(gateway.process.signalCode).toBe('SIGKILL');
  });

  test('is not needed where the system can replace a process', async () => {
    const { gateway } = await start(true, FROM_SOURCE);
    expect(childrenOf(gateway.process.pid)).toEqual([]);
  });
});
