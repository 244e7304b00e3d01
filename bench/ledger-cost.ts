import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../test/conformance/free-port.ts';
import { FROM_SOURCE } from '../test/support/gateway-process.ts';
import type { RunningGateway } from './gateway.ts';
import { type ChatPass, chatPass, median } from './measure.ts';
import { mlflowConfig, mlflowSurfaces } from './mlflow-config.ts';
import { GATEWAY_CORE, MeasuredProcess, stopEverything } from './processes.ts';
import { startUpstreams } from './upstreams.ts';

/** What the ledger costs: the same gateway with it and without, in turns. `bun bench/ledger-cost.ts`, and with `--settled`
 * everything that it does after the load as well. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '4' },
    /** A built executable, in place of the source. */
    executable: { type: 'string' },
    /** Counts what the ledger catches up with after the load as well. */
    settled: { type: 'boolean', default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-ledger-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const upstreams = await startUpstreams(folder);

async function start(name: string, environment: Record<string, string>): Promise<RunningGateway> {
  const own = join(folder, name);
  mkdirSync(own);
  const config = join(own, 'sluice.yaml');
  await Bun.write(config, mlflowConfig(upstreams));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = [...(values.executable === undefined ? FROM_SOURCE : [values.executable]), 'start'];
  const measured = await MeasuredProcess.start({
    name,
    command: [...command, '--config-path', config, '--port', String(port)],
    cores: GATEWAY_CORE,
    environment,
    readyUrl: `${url}/health`,
  });
  return { process: measured, url, surfaces: mlflowSurfaces(url) };
}

const off = await start('off', { SLUICE_DATABASE_URL: 'off' });
const on = await start('on', {});

async function pass(gateway: RunningGateway, surface: number, seconds: number): Promise<ChatPass> {
  const target = gateway.surfaces[surface]?.chat;
  if (target === undefined) throw new Error('the surface has no chat');
  const began = gateway.process.cpuSeconds();
  const result = await chatPass(gateway.process, target, { seconds, connections: 32, folder });
  await caughtUp(gateway.url);
  const all = ((gateway.process.cpuSeconds() - began) / result.requests) * 1e6;
  return values.settled ? { ...result, cpuMicroseconds: all } : result;
}

/** Every pass begins with nothing left to take over. */
async function caughtUp(url: string): Promise<void> {
  for (;;) {
    await Bun.sleep(300);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (!/^sluice_journal_lag_records [1-9]/m.test(metrics)) return;
  }
}

/** Whatever else the machine does only ever adds to a cost: the mean of the least quarter tells most of the gateway. */
function quiet(list: readonly number[] | undefined): number {
  const least = (list ?? [])
    .toSorted((one, other) => one - other)
    .slice(0, Math.max(1, Math.floor((list?.length ?? 0) / 4)));
  return least.reduce((sum, cost) => sum + cost, 0) / least.length;
}

for (const [surface, name] of ['MLflow surface', '/v1'].entries()) {
  const ratios: number[] = [];
  const costs: number[][] = [[], []];
  const threads: number[][] = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const seconds = round === 0 ? 1 : Number(values.seconds);
    const without = await pass(off, surface, seconds);
    const withLedger = await pass(on, surface, seconds);
    // The first round warms up.
    if (round === 0) continue;
    ratios.push(withLedger.cpuMicroseconds / without.cpuMicroseconds);
    costs[0]?.push(without.cpuMicroseconds);
    costs[1]?.push(withLedger.cpuMicroseconds);
    threads.push(withLedger.cpuByThread.slice(0, 3).map((cpu) => (cpu / withLedger.requests) * 1e6));
  }
  const shown = (list: readonly number[] | undefined) => median(list ?? []).toFixed(1);
  const byThread = [0, 1, 2].map((index) => median(threads.map((each) => each[index] ?? 0)).toFixed(1));
  console.log(
    `${name}: off ${shown(costs[0])} µs, on ${shown(costs[1])} µs, ratio ${median(ratios).toFixed(3)} ` +
      `(${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}); by thread, on: ${byThread.join(', ')} µs; ` +
      `in the quietest quarter of the rounds: off ${quiet(costs[0]).toFixed(1)} µs, on ${quiet(costs[1]).toFixed(1)} µs, ` +
      `ratio ${(quiet(costs[1]) / quiet(costs[0])).toFixed(3)}`,
  );
}
await stopEverything();
