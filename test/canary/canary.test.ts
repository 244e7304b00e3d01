import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SQL } from 'bun';
import type { JsonObject } from '../../src/core/types.ts';
import { FROM_SOURCE, type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { CANARIES, leaksIn } from './canaries.ts';
import { startEchoingUpstream } from './echoing-upstream.ts';
import { type Answer, MODES, runTraffic } from './traffic.ts';

/** By name; bytes are searched as they are. Whoever adds a place where something of requests is told adds it here. */
type Sinks = Map<string, string | Uint8Array>;

const PROVIDERS: Readonly<Record<string, (base: string) => JsonObject>> = {
  openai: (base) => ({ openai_api_key: '$CANARY_OPENAI', openai_api_base: `${base}/v1`, openai_organization: 'org' }),
  anthropic: (base) => ({ anthropic_api_key: CANARIES.anthropicKey, anthropic_api_base: `${base}/v1` }),
  gemini: (base) => ({ gemini_api_key: 'key-file', gemini_api_base: base }),
};

function configOf(upstream: string, collector: string, database: string): JsonObject {
  const baseOf = (mode: string): string => {
    if (mode === 'nowhere') return 'http://127.0.0.1:1';
    return mode === 'elsewhere' ? 'http://provider.invalid' : `${upstream}/${mode}`;
  };
  const endpoints = MODES.flatMap((mode) =>
    Object.entries(PROVIDERS).map(([provider, config]) => ({
      name: `${provider}-${mode}`,
      endpoint_type: 'llm/v1/chat',
      model: { provider, name: 'm', config: config(baseOf(mode)) },
      logging: mode === 'odd' ? 'metadata' : 'full',
    })),
  );
  return {
    endpoints,
    admin: { token: CANARIES.adminToken },
    ledger: { database },
    telemetry: {
      otlp: { endpoint: collector, headers: { 'x-collector-key': CANARIES.collectorKey }, metrics: true },
      request_log: 'requests.log',
    },
    upstream: { total_timeout: '5s' },
  };
}

const DATABASES: ReadonlyArray<readonly [name: string, isThere: boolean]> = [
  ['SQLite, one worker', true],
  ['PostgreSQL, two workers', hasPostgres],
];

describe.each(DATABASES)('no secret leaves a gateway with %s', (name, isThere) => {
  describe.skipIf(!isThere)('', () => {
    const isPostgres = name.startsWith('PostgreSQL');
    const sinks: Sinks = new Map();
    let answers: Answer[] = [];
    let postgres: TestPostgres | null = null;
    let payloads: string[] = [];

    beforeAll(async () => {
      const upstream = startEchoingUpstream();
      const collector = new OtlpReceiver();
      if (isPostgres) postgres = await startPostgres();
      const database = (await postgres?.createDatabase())?.replace('sluice@', `sluice:${CANARIES.databasePassword}@`);
      const gateway = await startProcess({
        config: configOf(upstream.url.origin, collector.url, database ?? 'ledger.db'),
        arguments: ['--log-level', 'debug', '--log-format', 'json', '--workers', isPostgres ? '2' : '1'],
        environment: {
          CANARY_OPENAI: CANARIES.openaiKey,
          http_proxy: `http://user:${CANARIES.proxyPassword}@127.0.0.1:${upstream.port}`,
          no_proxy: '127.0.0.1',
          OTEL_BSP_SCHEDULE_DELAY: '100',
        },
        files: { 'key-file': CANARIES.geminiKey },
      });
      try {
        answers = await runTraffic(
          gateway.url,
          MODES.flatMap((mode) => Object.keys(PROVIDERS).map((each) => `${each}-${mode}`)),
        );
        payloads = await collect(gateway, sinks, answers);
        await reloadBadly(gateway);
        await runCommands(gateway, sinks, database ?? join(dirname(gateway.configPath), 'ledger.db'));
        if (database !== undefined) await dump(database, sinks);
        await readFiles(dirname(gateway.configPath), sinks);
        gateway.process.kill('SIGTERM');
        await gateway.process.exited;
        sinks.set('standard error', await gateway.log);
        for (const [index, { path, bytes }] of collector.requests.entries()) sinks.set(`OTLP ${index} ${path}`, bytes);
        await readFiles(dirname(gateway.configPath), sinks);
      } finally {
        await gateway.kill();
        await collector.stop();
        await upstream.stop(true);
      }
    }, 120_000);
    afterAll(() => postgres?.close());

    test('the traffic was what it was meant to be', () => {
      const statuses = new Set(answers.map(({ status }) => status));
      for (const status of [200, 302, 400, 401, 404, 500, 502, 503]) expect(statuses).toContain(status);
      expect(payloads.length).toBeGreaterThan(50);
      expect(payloads.join('')).toContain('‹API_KEY›');
      expect(payloads.join('')).toContain('You sent');
      const names = [...sinks.keys()].join('\n');
      for (const sink of [
        'standard error',
        '/metrics',
        '/health',
        'requests.log',
        'OTLP',
        'sluice audit',
        '/requests/export',
      ]) {
        expect(names).toContain(sink);
      }
      expect(names).toContain(isPostgres ? 'blocks of requests' : 'ledger.db');
    });

    test('in errors that clients get', () => {
      const errors = answers.filter((answer) => answer.status >= 400 || isBrokenStream(answer));
      expect(errors.filter(isBrokenStream).length).toBeGreaterThan(5);
      expect(errors.flatMap(({ text, path }) => ownLeaksIn(text).map((slot) => `${slot} from ${path}`))).toEqual([]);
    });

    test('in headers that clients get', () => {
      const heads = answers.map(({ text, path }) => ({ head: text.split('\n')[0] ?? '', path }));
      expect(heads.flatMap(({ head, path }) => ownLeaksIn(head).map((slot) => `${slot} from ${path}`))).toEqual([]);
    });

    test('in the journal, which holds what callers say as they say it until it is taken over', () => {
      const segments = [...sinks].filter(([sink]) => sink.endsWith('.segment'));
      expect(segments.length).toBeGreaterThan(0);
      expect(Buffer.concat(segments.map(([, content]) => Buffer.from(content))).toString('latin1')).toContain(
        'openai-good',
      );
      expect(segments.flatMap(([, content]) => ownLeaksIn(content))).toEqual([]);
    });

    test('in any other sink', () => {
      const others = [...sinks].filter(([sink]) => !sink.endsWith('.segment'));
      const leaks = others.flatMap(([sink, content]) => leaksIn(content).map((slot) => `${slot} in ${sink}`));
      expect(leaks).toEqual([]);
    });
  });
});

/** Such a stream tells of its error after its status. What only passes through is the provider's own, byte for byte. */
function isBrokenStream({ path, body, text }: Answer): boolean {
  const isRead = /chat\/completions|responses|messages|streamGenerateContent/.test(path);
  return isRead && /-breaking/.test(`${path} ${body}`) && text.includes('error');
}

/** A caller may be told what it said itself; what the operator configured it may not. */
function ownLeaksIn(text: string | Uint8Array): string[] {
  return leaksIn(text).filter((slot) => !/^(?:prompt|tagged)/.test(slot));
}

/** Everything that can be asked of a running gateway. Gives the texts that are kept. */
async function collect(gateway: GatewayProcess, sinks: Sinks, answers: readonly Answer[]): Promise<string[]> {
  const get = async (path: string, token: string = CANARIES.adminToken, method = 'GET'): Promise<string> => {
    const response = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
    return `${JSON.stringify([...response.headers])}\n${await response.text()}`;
  };
  for (const path of ['/metrics', '/health', '/', '/docs', '/openapi.json', '/v1/models', '/api/2.0/endpoints/']) {
    sinks.set(path, await get(path));
  }
  for (const path of ['/api/v1/usage', '/api/v1/audit', `/api/v1/requests?key=${CANARIES.callerQueryKey}`]) {
    sinks.set(`refused ${path}`, await get(path, CANARIES.wrongAdminToken));
  }
  const paths = [
    '/usage?group=endpoint,user,tag:note',
    '/usage/export?format=csv',
    '/requests?limit=500',
    '/requests/export?format=jsonl',
    '/requests/export?format=csv',
    '/requests/facets',
    '/requests/complete?field=tag',
    '/audit',
    '/audit/export',
    '/openapi.json',
    '/stats',
  ];
  for (const path of paths) sinks.set(`/api/v1${path}`, await get(`/api/v1${path}`));
  sinks.set('/api/v1/audit/verify', await get('/api/v1/audit/verify', CANARIES.adminToken, 'POST'));
  const payloads: string[] = [];
  for (const { id } of answers) {
    if (id === null) continue;
    sinks.set(`/api/v1/requests/${id}`, await get(`/api/v1/requests/${id}`));
    const payload = await get(`/api/v1/requests/${id}/payload`);
    sinks.set(`/api/v1/requests/${id}/payload`, payload);
    if (payload.includes('"redactions"')) payloads.push(payload);
  }
  // Once more: now they tell of all that came before.
  for (const path of ['/metrics', '/health']) sinks.set(path, await get(path));
  return payloads;
}

/** A mistake beside each secret. */
async function reloadBadly(gateway: GatewayProcess): Promise<void> {
  const text = readFileSync(gateway.configPath, 'utf8');
  const mistakes = [
    text.replace('"openai_api_base":', '"openai_api_bse":'),
    text.replace(`"${CANARIES.anthropicKey}"`, `["${CANARIES.anthropicKey}"]`),
    text.replace(CANARIES.adminToken, `x ${CANARIES.adminToken}`),
    text.replace(`"${CANARIES.collectorKey}"`, `"${CANARIES.collectorKey}`),
    `${text} ${CANARIES.openaiKey}: [`,
  ];
  for (const [index, mistake] of mistakes.entries()) {
    writeFileSync(gateway.configPath, mistake);
    writeFileSync(`${gateway.configPath}.${index}.yaml`, mistake);
    gateway.process.kill('SIGHUP');
    await Bun.sleep(150);
  }
  writeFileSync(gateway.configPath, text);
  gateway.process.kill('SIGHUP');
  await Bun.sleep(150);
}

async function runCommands(gateway: GatewayProcess, sinks: Sinks, database: string): Promise<void> {
  const folder = dirname(gateway.configPath);
  const at = ['--database-url', database];
  const commands = [
    ['check', gateway.configPath],
    ...[0, 1, 2, 3, 4].map((index) => ['check', `${gateway.configPath}.${index}.yaml`]),
    ['start', '--config-path', `${gateway.configPath}.4.yaml`],
    ['usage', ...at],
    ['usage', '--json', ...at],
    ['requests', ...at],
    ['requests', '--json', ...at],
    ['audit', 'list', ...at],
    ['audit', 'list', '--json', ...at],
    ['audit', 'export', ...at],
    ['audit', 'verify', ...at],
    ['usage', '--database-url', `postgres://user:${CANARIES.databasePassword}@127.0.0.1:1/nothing`],
    ['usage', '--database-url', `postgres://user:${CANARIES.databasePassword}@127.0.0.1:bad/nothing`],
  ];
  // What needs no database says the same with any.
  const all = database.includes('://') ? commands.filter(([name]) => name !== 'check' && name !== 'start') : commands;
  const run = async (words: readonly string[]): Promise<void> => {
    const child = Bun.spawn([...FROM_SOURCE, ...words], {
      cwd: folder,
      env: { ...process.env, CANARY_OPENAI: CANARIES.openaiKey },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const output = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    sinks.set(`sluice ${words.join(' ').replaceAll(CANARIES.databasePassword, '…')}`, output.join('\n'));
    await child.exited;
  };
  for (let index = 0; index < all.length; index += 2) await Promise.all(all.slice(index, index + 2).map(run));
}

/** The rows of all tables as text. */
async function dump(database: string, sinks: Sinks): Promise<void> {
  const connection = new SQL({ url: database, max: 1 });
  try {
    const tables: Array<{ readonly name: string }> = await connection`
      SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`;
    for (const { name } of tables) {
      const rows: Array<{ readonly row: string }> = await connection.unsafe(`SELECT t::text AS row FROM "${name}" t`);
      sinks.set(`table ${name}`, rows.map(({ row }) => row).join('\n'));
    }
    // Bytes are shown as digits there.
    const blocks: Array<{ readonly columns: Uint8Array }> = await connection`SELECT columns FROM request_blocks`;
    sinks.set('blocks of requests', Buffer.concat(blocks.map(({ columns }) => columns)));
  } finally {
    await connection.close();
  }
}

/** Databases, journals, logs: all files but those that the operator wrote. */
async function readFiles(folder: string, sinks: Sinks): Promise<void> {
  for (const name of globSync('**/*', { cwd: folder })) {
    const path = join(folder, name);
    if (!existsSync(path) || statSync(path).isDirectory() || /\.yaml$|^key-file$/.test(name)) continue;
    sinks.set(name, readFileSync(path));
  }
}
