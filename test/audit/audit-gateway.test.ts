import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AuditEntry } from '../../src/core/audit/audit-chain.ts';
import { eventually } from '../support/gateway.ts';
import { FROM_SOURCE, type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { hasPostgres, startPostgres } from '../support/postgres.ts';

const CHAT = {
  name: 'chat',
  endpoint_type: 'llm/v1/chat',
  model: { provider: 'simulated', name: 'simulated-1', config: {} },
  logging: 'full',
};

interface Output {
  readonly code: number;
  readonly text: string;
}

async function sluice(...words: string[]): Promise<Output> {
  const child = Bun.spawn([...FROM_SOURCE, ...words], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const output = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, text: output.join('') };
}

async function stop({ process }: GatewayProcess): Promise<void> {
  process.kill('SIGTERM');
  await process.exited;
}

async function actionsIn(database: string): Promise<AuditEntry[]> {
  const { text } = await sluice('audit', 'list', '--json', '--database-url', database);
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as AuditEntry)
    .reverse();
}

describe('the audit trail of a gateway', () => {
  let gateway: GatewayProcess;
  let database = '';
  let anchor = '';

  beforeAll(async () => {
    const config = {
      endpoints: [CHAT],
      ledger: { database: 'ledger.db' },
      admin: { token: 'the token of the test'.replaceAll(' ', '-') },
    };
    gateway = await startProcess({ config });
    database = join(dirname(gateway.configPath), 'ledger.db');
    const authorization = { authorization: 'Bearer the-token-of-the-test' };
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hello' }] }),
    });
    const id = answer.headers.get('x-request-id');
    await fetch(`${gateway.url}/api/v1/requests`, {
      headers: { authorization: 'Bearer sk-wrong0123456789abcdefghij' },
    });
    await eventually('the texts are kept', async () => {
      const { ok } = await fetch(`${gateway.url}/api/v1/requests/${id}/payload`, { headers: authorization });
      return ok;
    });
    await fetch(`${gateway.url}/api/v1/requests/export?format=csv`, { headers: authorization }).then((each) =>
      each.text(),
    );
    const text = readFileSync(gateway.configPath, 'utf8');
    writeFileSync(gateway.configPath, text.replace('"chat"', '"talk"'));
    await eventually('the configuration is applied', async () =>
      (await (await fetch(`${gateway.url}/v1/models`)).text()).includes('talk'),
    );
    writeFileSync(gateway.configPath, `${text}: [`);
    await eventually('the configuration is rejected', async () => {
      const { text: list } = await sluice('audit', 'list', '--database-url', database);
      return list.includes('config.reject');
    });
    await stop(gateway);
  }, 60_000);
  afterAll(() => gateway.kill());

  test('says who did what', async () => {
    const entries = await actionsIn(database);
    expect(entries.map(({ actor, action, outcome }) => `${actor} ${action} ${outcome}`)).toEqual([
      'system gateway.start ok',
      'unknown signin.fail denied',
      'token payload.view ok',
      'token export.create ok',
      'file config.apply ok',
      'file config.reject failed',
      'system gateway.stop ok',
    ]);
    expect(entries[1]?.address).toBe('127.0.0.1');
    expect(entries[4]?.details.previous_hash).toBe(entries[0]?.details.hash);
    expect(JSON.stringify(entries)).not.toContain('sk-wrong');
  });

  test('is found intact', async () => {
    const { code, text } = await sluice('audit', 'verify', '--database-url', database);
    expect(text).toStartWith('Chain intact: 7 entries.');
    expect(code).toBe(0);
    anchor = /Last entry: (\S+)/.exec(text)?.[1] ?? '';
    expect((await sluice('audit', 'verify', '--database-url', database, '--anchor', anchor)).code).toBe(0);
  });

  test('is exported so that anybody can check it', async () => {
    const { text } = await sluice('audit', 'export', '--database-url', database);
    const rows = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    let previous = '0'.repeat(64);
    for (const { entry, hash } of rows) {
      expect(new Bun.CryptoHasher('sha256').update(entry).digest('hex')).toBe(hash);
      expect(JSON.parse(entry).previous).toBe(previous);
      previous = hash;
    }
    expect(anchor).toBe(`7:${previous}`);
  });

  test('has the start and the end of a gateway that did nothing else', async () => {
    writeFileSync(gateway.configPath, readFileSync(gateway.configPath, 'utf8').replace(/: \[$/, ''));
    const idle = Bun.spawn([...FROM_SOURCE, 'start', '--config-path', gateway.configPath, '--port', '0'], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'ignore',
    });
    await idle.stdout.getReader().read();
    idle.kill('SIGTERM');
    await idle.exited;
    const actions = (await actionsIn(database)).map(({ action }) => action);
    expect(actions.slice(7)).toEqual(['gateway.start', 'gateway.stop']);
  });

  test('shows with an exit code that it was tampered with', async () => {
    const { Database } = await import('bun:sqlite');
    const opened = new Database(database);
    opened.run('DROP TRIGGER audit_no_delete');
    opened.run('DELETE FROM audit WHERE seq = 2');
    opened.close();
    const { code, text } = await sluice('audit', 'verify', '--database-url', database);
    expect(text).toContain('Broken at entry 2: entry missing.');
    expect(code).toBe(1);
  });
});

describe.skipIf(!hasPostgres)('while the database is down', () => {
  test('events wait in the journal, also for the next gateway', async () => {
    const postgres = await startPostgres();
    const database = await postgres.createDatabase();
    const config = {
      endpoints: [CHAT],
      ledger: { database, journal: 'journal' },
      admin: { token: 'a-token-of-some-length' },
    };
    const gateway = await startProcess({ config });
    try {
      const refused = () => fetch(`${gateway.url}/api/v1/usage`).then(({ status }) => status);
      expect(await refused()).toBe(401);
      await eventually('the first is there', async () => (await actionsIn(database)).length === 2);
      await postgres.stop();
      expect(await refused()).toBe(401);
      await Bun.sleep(300);
      gateway.process.kill('SIGKILL');
      await gateway.process.exited;
      await postgres.start();
      const next = Bun.spawn([...FROM_SOURCE, 'start', '--config-path', gateway.configPath, '--port', '0'], {
        cwd: dirname(gateway.configPath),
        stdin: 'ignore',
        stdout: 'pipe',
        stderr: 'ignore',
      });
      await next.stdout.getReader().read();
      await eventually('all are there', async () => (await actionsIn(database)).length >= 3);
      next.kill('SIGTERM');
      await next.exited;
      const actions = (await actionsIn(database)).map(({ action }) => action);
      // What was left may come behind what the next gateway notes first.
      expect(actions.toSorted()).toEqual([
        'gateway.start',
        'gateway.start',
        'gateway.stop',
        'signin.fail',
        'signin.fail',
      ]);
      expect((await sluice('audit', 'verify', '--database-url', database)).code).toBe(0);
    } finally {
      await gateway.kill();
      await postgres.close();
    }
  }, 60_000);
});
