import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../conformance/gateway-process.ts';
import { type Answer, CLIENTS, type Client, runClient } from './clients.ts';
import { judge } from './compare.ts';
import { type PythonEnvironment, preparePython } from './environment.ts';
import { gatewayConfig } from './gateway-config.ts';
import { Services } from './processes.ts';
import { startBreakingUpstream, startUpstream } from './upstream.ts';

/**
 * Drives the real MLflow gateway and Sluice with the same configuration and the same client scripts, and compares
 * what the clients got. `npm run test:mlflow`.
 */
async function main(): Promise<number> {
  const python = await preparePython();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-mlflow-'));
  const services = new Services(folder);
  const upstream = startUpstream();
  const breaking = startBreakingUpstream();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => void services.stop().then(() => process.exit(130)));
  try {
    const configPath = join(folder, 'config.yaml');
    const models = await serveModels(services, python, folder);
    const upstreams = { openai: upstream.url.origin, breaking: `http://127.0.0.1:${breaking.port}`, ...models };
    await Bun.write(configPath, gatewayConfig(upstreams));

    console.log("Starting MLflow's gateway and Sluice…");
    const mlflow = await services.start({
      name: 'mlflow-gateway',
      command: [python.mlflow, 'gateway', 'start', '--config-path', configPath, '--port', '{port}', '--workers', '1'],
      readyPath: '/health',
      environment: python.variables,
    });
    const sluice = await startGateway({ configPath });
    try {
      return await compareGateways(python, mlflow, sluice.url);
    } finally {
      await sluice.stop();
    }
  } finally {
    await services.stop();
    await upstream.stop(true);
    breaking.stop(true);
    await rm(folder, { recursive: true, force: true });
  }
}

async function serveModels(
  services: Services,
  python: PythonEnvironment,
  folder: string,
): Promise<{ textModel: string; embeddingModel: string }> {
  console.log('Saving and serving the models…');
  const saved = Bun.spawn([python.python, join(import.meta.dir, 'models', 'save_models.py'), folder], {
    env: { ...process.env, ...python.variables },
    stdout: 'ignore',
    stderr: 'pipe',
  });
  if ((await saved.exited) !== 0)
    throw new Error(`The models could not be saved:\n${await new Response(saved.stderr).text()}`);
  const serve = (name: string): Promise<string> =>
    services.start({
      name,
      command: [python.mlflow, 'models', 'serve', '-m', name, '-p', '{port}', '--env-manager', 'local'],
      readyPath: '/ping',
      environment: python.variables,
    });
  const [textModel, embeddingModel] = await Promise.all([serve('text_model'), serve('embedding_model')]);
  return { textModel, embeddingModel };
}

async function compareGateways(python: PythonEnvironment, mlflow: string, sluice: string): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const client of CLIENTS) {
    console.log(`\n${client}`);
    const [expected, actual] = await Promise.all([
      runClient(python, client, mlflow),
      runClient(python, client, sluice),
    ]);
    for (const [name, answer] of expected) {
      const problems = problemsOf(client, answer, actual.get(name));
      if (problems.length === 0) passed += 1;
      else failed += 1;
      console.log(`${problems.length === 0 ? '  ok  ' : '  FAIL'} ${name}`);
      for (const problem of problems) console.log(`         ${problem}`);
    }
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function problemsOf(client: Client, mlflow: Answer, sluice: Answer | undefined): string[] {
  return sluice === undefined ? ['Sluice gave no answer.'] : judge(client, mlflow, sluice);
}

process.exitCode = await main();
