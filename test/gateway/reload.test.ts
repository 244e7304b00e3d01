import { describe, expect, test } from 'bun:test';
import { mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../src/core/types.ts';
import { endpoint, eventually, openaiEndpoint, type RunningGateway, startGateway } from '../support/gateway.ts';
import { CHAT_ANSWER, jsonResponse, startRawUpstream } from '../support/raw-upstream.ts';

const reply = (text: string): JsonObject => ({ endpoints: [endpoint('chat', 'chat', 'simulated', { reply: text })] });
const messages = [{ role: 'user', content: 'x' }];

async function content(gateway: RunningGateway): Promise<string> {
  const answer = await gateway.post('/gateway/chat/invocations', { messages });
  const body = (await answer.json()) as { choices: { message: { content: string } }[] };
  return body.choices[0]?.message.content ?? '';
}

const metric = async (gateway: RunningGateway, line: string) =>
  (await (await fetch(`${gateway.url}/metrics`)).text()).includes(`${line}\n`);

describe.each([1, 2])('with %d workers', (workers) => {
  test('a changed file takes effect by itself', async () => {
    const gateway = await startGateway(reply('one'), { workers });
    expect(await content(gateway)).toBe('one');
    writeFileSync(gateway.configPath, JSON.stringify(reply('two')));
    await eventually('every worker has the new configuration', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => content(gateway)));
      return answers.every((answer) => answer === 'two');
    });
    expect(await metric(gateway, 'sluice_config_reloads_total{result="accepted"} 1')).toBe(true);
    await gateway.stop();
  });

  test('a bad file leaves the old one serving and is reported', async () => {
    const gateway = await startGateway(reply('one'), { workers });
    await gateway.configure('endpoints: [{name: "chat", endpoint_type: nonsense}]');
    expect(await content(gateway)).toBe('one');
    await eventually('health tells', async () => {
      const health = (await (await fetch(`${gateway.url}/health`)).json()) as JsonObject;
      return health.status === 'OK' && JSON.stringify(health.config).includes("route_type 'nonsense' is not supported");
    });
    expect(await metric(gateway, 'sluice_config_last_reload_successful 0')).toBe(true);
    await gateway.configure(reply('two'));
    await eventually('the good one is in force', async () => (await content(gateway)) === 'two');
    expect(await (await fetch(`${gateway.url}/health`)).json()).toEqual({ status: 'OK' });
    await gateway.stop();
  });
});

test('key files are read anew', async () => {
  const upstream = await startRawUpstream(({ socket }) => void socket.write(jsonResponse(CHAT_ANSWER)));
  const gateway = await startGateway(reply('one'));
  const keyFile = join(dirname(gateway.configPath), 'key');
  writeFileSync(keyFile, 'sk-first\n');
  const config = {
    endpoints: [endpoint('chat', 'chat', 'openai', { openai_api_key: keyFile, openai_api_base: upstream.base })],
  };
  await gateway.configure(config);
  await content(gateway);
  writeFileSync(keyFile, 'sk-second\n');
  await gateway.gateway.reload();
  await content(gateway);
  expect(upstream.requests.map(({ head }) => /authorization: (.*)\r/i.exec(head)?.[1])).toEqual([
    'Bearer sk-first',
    'Bearer sk-second',
  ]);
  await gateway.stop();
  upstream.stop();
});

test('a rejected configuration is taken up once the key file that it lacked has a key', async () => {
  const gateway = await startGateway(reply('one'));
  const keyFile = join(dirname(gateway.configPath), 'key');
  writeFileSync(keyFile, '\n');
  await gateway.configure({
    endpoints: [endpoint('new', 'chat', 'openai', { openai_api_key: keyFile, openai_api_base: 'http://127.0.0.1:1' })],
  });
  const health = async () => JSON.stringify(await (await fetch(`${gateway.url}/health`)).json());
  await eventually('health tells', async () => (await health()).includes(`The api key file '${keyFile}' is empty`));
  writeFileSync(keyFile, 'sk-test\n');
  await eventually('the new configuration is in force', async () => (await health()) === '{"status":"OK"}');
  await gateway.stop();
});

test('a configuration that cannot be read is told with its reason, until it can be', async () => {
  const gateway = await startGateway(reply('one'));
  unlinkSync(gateway.configPath);
  mkdirSync(gateway.configPath);
  await gateway.gateway.reload();
  const health = async () => JSON.stringify(await (await fetch(`${gateway.url}/health`)).json());
  expect(await health()).toContain('it cannot be read: it is a directory');
  expect(await content(gateway)).toBe('one');
  rmdirSync(gateway.configPath);
  writeFileSync(gateway.configPath, JSON.stringify(reply('one')));
  await eventually('it is in force', async () => (await health()) === '{"status":"OK"}');
  await gateway.stop();
});

test('credentials in a file of their own are read anew', async () => {
  const gateway = await startGateway(reply('one'));
  const file = join(dirname(gateway.configPath), 'credentials.json');
  writeFileSync(file, '{"type":"service_account"}');
  const config = { vertex_project: 'p', vertex_location: 'l', vertex_credentials: file };
  await gateway.configure({ endpoints: [endpoint('chat', 'chat', 'vertex-ai', config)] });
  expect(gateway.gateway.config.files).toEqual([file]);
  const { hash } = gateway.gateway.config;
  writeFileSync(file, '{"type":"authorized_user"}');
  await gateway.gateway.reload();
  expect(gateway.gateway.config.hash).not.toBe(hash);
  await gateway.stop();
});

test('200 reloads while 64 clients stream cut nothing', async () => {
  const paced = (generation: number): JsonObject => ({
    endpoints: [
      endpoint('chat', 'chat', 'simulated', {
        reply: `generation ${generation} of many words here`,
        tokens_per_second: 100,
      }),
    ],
  });
  const gateway = await startGateway(paced(0));
  let reloading = true;
  let streams = 0;
  const failures: string[] = [];
  const client = async (): Promise<void> => {
    while (reloading) {
      const answer = await gateway.post('/gateway/chat/invocations', { messages, stream: true });
      const text = await answer.text();
      const words = [...text.matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]).join('');
      // Each stream is whole, and of one configuration from its first to its last word.
      if (answer.status !== 200 || !/^generation \d+ of many words here$/.test(words))
        failures.push(`${answer.status} ${text}`);
      streams += 1;
    }
  };
  const clients = Array.from({ length: 64 }, client);
  await eventually('the clients are streaming', () => streams > 64);
  Bun.gc(true);
  const before = process.memoryUsage().heapUsed;
  for (let generation = 1; generation <= 200; generation += 1) await gateway.configure(paced(generation));
  reloading = false;
  await Promise.all(clients);
  Bun.gc(true);
  expect(failures).toEqual([]);
  expect(streams).toBeGreaterThan(128);
  expect(await metric(gateway, 'sluice_config_reloads_total{result="accepted"} 200')).toBe(true);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(16_000_000);
  await gateway.stop();
}, 60_000);

test('stopping lets the requests under way finish, and the deadline cuts off the rest', async () => {
  const slow = (name: string, tokens_per_second: number) =>
    endpoint(name, 'chat', 'simulated', { reply: 'a b c d e f', tokens_per_second });
  const gateway = await startGateway({
    endpoints: [slow('quick', 50), slow('slow', 0.5)],
    server: { drain_timeout: '1s' },
  });
  const quick = await gateway.post('/gateway/quick/invocations', { messages, stream: true });
  const slowest = await gateway.post('/gateway/slow/invocations', { messages, stream: true });
  const reading = quick.text();
  const cut = slowest.text().catch((error: Error) => error.message);
  expect(await gateway.gateway.stop()).toBe(false);
  expect(await reading).toContain('"finish_reason":"stop"');
  expect(await cut).not.toContain('"finish_reason":"stop"');
  expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
});

test('a listening port that is taken is an error that says so', async () => {
  const gateway = await startGateway({ endpoints: [openaiEndpoint('chat', 'chat', 'http://127.0.0.1:1')] });
  const child = Bun.spawn(
    [process.execPath, 'src/main.ts', 'start', '--config-path', gateway.configPath, '--port', String(gateway.port)],
    {
      cwd: join(import.meta.dir, '../..'),
      stderr: 'pipe',
      stdout: 'ignore',
    },
  );
  expect(await child.exited).toBe(1);
  expect(await new Response(child.stderr).text()).toContain(`cannot listen on 127.0.0.1:${gateway.port}`);
  await gateway.stop();
});
