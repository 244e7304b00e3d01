import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openaiEndpoint } from '../support/gateway.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { GatewayFolder, type LedgerGateway, startLedgerGateway } from './gateways.ts';
import { readKept } from './kept.ts';
import { Load, startUpstream } from './load.ts';

describe.skipIf(!hasPostgres)('on PostgreSQL', () => {
  let postgres: TestPostgres;
  const upstream = startUpstream();
  const folder = new GatewayFolder();

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);

  afterAll(async () => {
    upstream.stop();
    await postgres.close();
    folder.remove();
  }, 30_000);

  const config = (database: string) => ({
    endpoints: [openaiEndpoint('chat', 'chat', upstream.base)],
    ledger: { database },
  });

  test('a database that is gone for the middle third of a load fails no request, and loses and repeats no record', async () => {
    const database = await postgres.createDatabase();
    const gateway = await startLedgerGateway(folder.write('outage.yaml', config(database)));
    const load = new Load(() => gateway.url, { perSecond: 200 });
    await Bun.sleep(2000);
    await postgres.stop();
    await Bun.sleep(2000);
    const health = (await (await fetch(`${gateway.url}/health`)).json()) as { ledger?: { status: string } };
    expect(health.ledger?.status).toBe('DEGRADED');
    await postgres.start();
    await Bun.sleep(2000);
    await load.stop();
    await gateway.stop();
    const { names, repeated, counted } = await readKept(database);
    expect(load.complete.length).toBe(load.asked.length);
    expect(load.asked.length).toBeGreaterThan(600);
    expect([...names.keys()].sort()).toEqual(load.complete.sort());
    expect(repeated).toEqual([]);
    expect(counted).toBe(names.size);
  }, 60_000);

  test('a database that is there only after the start gets what was written before', async () => {
    const database = await postgres.createDatabase();
    await postgres.stop();
    const gateway = await startLedgerGateway(folder.write('late.yaml', config(database)));
    const load = new Load(() => gateway.url, { perSecond: 100 });
    await Bun.sleep(700);
    await load.stop();
    await postgres.start();
    await gateway.stop();
    const { names } = await readKept(database);
    expect([...names.keys()].sort()).toEqual(load.complete.sort());
    expect(names.size).toBe(load.asked.length);
  }, 60_000);

  test('a gateway that ends without its database leaves its journal to the next one', async () => {
    const database = await postgres.createDatabase();
    const configPath = folder.write('handed-on.yaml', config(database));
    const first = await startLedgerGateway(configPath);
    const load = new Load(() => first.url, { perSecond: 100 });
    await Bun.sleep(500);
    await postgres.stop();
    await Bun.sleep(500);
    await load.stop();
    await first.kill();
    await postgres.start();
    const second = await startLedgerGateway(configPath);
    await Bun.sleep(500);
    await second.stop();
    const { names, repeated, counted } = await readKept(database);
    expect([...names.keys()].sort()).toEqual(load.complete.sort());
    expect(repeated).toEqual([]);
    expect(counted).toBe(names.size);
  }, 60_000);

  test('of four nodes on one database the rows are the requests, and the roll-ups the rows', async () => {
    const database = await postgres.createDatabase();
    const nodes: LedgerGateway[] = [];
    for (let node = 0; node < 4; node++) {
      nodes.push(await startLedgerGateway(folder.write(`node-${node}.yaml`, config(database))));
    }
    const loads = nodes.map(({ url }, node) => new Load(() => url, { perSecond: 60, prefix: `n${node}` }));
    await Bun.sleep(3000);
    await Promise.all(loads.map((load) => load.stop()));
    await Promise.all(nodes.map((node) => node.stop()));
    const { names, repeated, counted } = await readKept(database);
    const complete = loads.flatMap((load) => load.complete);
    expect(complete.length).toBe(loads.reduce((sum, load) => sum + load.asked.length, 0));
    expect([...names.keys()].sort()).toEqual(complete.sort());
    expect(repeated).toEqual([]);
    expect(counted).toBe(names.size);
  }, 60_000);
});
