import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Gateway } from './gateway.ts';
import { litellm } from './gateways/litellm.ts';
import { mlflow } from './gateways/mlflow.ts';
import { nginx } from './gateways/nginx.ts';
import { portkey } from './gateways/portkey.ts';
import { sluice } from './gateways/sluice.ts';
import { type Bench, type GatewayResult, measureConcurrency, measureGateway, measureWorkers } from './laboratory.ts';
import { FULL, QUICK } from './measure.ts';
import { GATEWAY_CORE, stopEverything } from './processes.ts';
import { report } from './report.ts';
import { installRivals } from './rivals.ts';
import { measureTranslated } from './translated.ts';
import { startUpstreams } from './upstreams.ts';

const RESULTS = join(import.meta.dir, 'results.md');

const HELP = `npm run bench -- [options]
  --quick              shorter rounds, for a first look
  --no-rivals          Sluice beside nginx only
  --install-rivals     install LiteLLM and Portkey first, into .venv-litellm/ and .venv-portkey/
  --executable <path>  another build than dist/sluice
  --output <path>      where the results go (default: bench/results.md)
  --help`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'no-rivals': { type: 'boolean', default: false },
    'install-rivals': { type: 'boolean', default: false },
    executable: { type: 'string', default: join(import.meta.dir, '..', 'dist', 'sluice') },
    output: { type: 'string', default: RESULTS },
    help: { type: 'boolean', default: false },
  },
});

/** What the machine lacks for this benchmark, as instructions. */
function lacking(gateway: Gateway): string[] {
  const packages = [
    ['nginx', 'nginx'],
    ['wrk', 'wrk'],
    ['taskset', 'util-linux'],
  ] as const;
  const missing = packages.filter(([tool]) => Bun.which(tool) === null).map(([, name]) => name);
  const found = process.platform === 'linux' ? [] : ['The benchmark reads /proc and pins cores: it needs Linux.'];
  if (missing.length > 0) found.push(`Install what is missing: apt-get install -y ${missing.join(' ')}`);
  if (cpus().length < 2) found.push('Two cores are needed: one for the gateway and one for the load.');
  const reason = gateway.missing();
  return reason === null ? found : [...found, reason];
}

async function main(): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const own = sluice(options.executable);
  const problems = lacking(own);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    return 2;
  }
  if (options['install-rivals']) await installRivals();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void stopEverything().then(() => process.exit(130)));
  try {
    const text = await measureAll(own, folder);
    await Bun.write(options.output, text);
    console.log(`\n${text}\nWritten to ${options.output}`);
  } finally {
    await stopEverything();
  }
  return 0;
}

/** Rivals take milliseconds per request: less load says as much. */
const FOR_RIVALS = { rounds: 3, streams: 200, coldStarts: 1 };

async function measureAll(own: Gateway, folder: string): Promise<string> {
  const effort = options.quick ? QUICK : FULL;
  const bench: Bench = { effort, folder, upstreams: await startUpstreams(folder) };
  const reference = await nginx.start({ ...bench, cores: GATEWAY_CORE, workers: 1 });
  console.log(`Measuring ${own.name}…`);
  const ofSluice = await measureGateway(bench, reference, own);
  console.log(`Measuring ${effort.concurrentStreams} concurrent streams…`);
  const concurrency = await measureConcurrency(bench, own).catch(notMeasured);
  console.log('Measuring two workers…');
  const workers = await measureWorkers(bench, own).catch(notMeasured);

  const translated = await measureTranslated(bench, own);

  const rivals: GatewayResult[] = [];
  const absent: { name: string; reason: string }[] = [];
  for (const rival of [mlflow, litellm, portkey]) {
    const reason = options['no-rivals'] ? 'left out of this run' : rival.missing();
    if (reason !== null) {
      absent.push({ name: rival.name, reason });
      continue;
    }
    console.log(`Measuring ${rival.name}…`);
    await measureGateway({ ...bench, effort: { ...effort, ...FOR_RIVALS } }, reference, rival).then(
      (result) => rivals.push(result),
      (error: Error) => absent.push({ name: rival.name, reason: `could not be measured: ${firstLine(error)}` }),
    );
  }
  const nginxVersion = Bun.spawnSync(['nginx', '-v']).stderr.toString().trim().replace('nginx version: ', '');
  return report({ effort, nginxVersion, sluice: ofSluice, concurrency, workers, translated, rivals, absent });
}

/** One measurement that fails must not cost the others. */
function notMeasured(error: Error): null {
  console.error(error.message);
  return null;
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0] ?? '';
}

process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return 1;
});
