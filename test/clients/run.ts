import { preparePython } from '../mlflow/environment.ts';
import { cellsOf, runCell } from './cell.ts';
import type { NpmClient } from './client.ts';
import { FAMILIES } from './family.ts';
import { type Laboratory, startLaboratory } from './gateway.ts';
import { NPM_CLIENTS } from './npm/index.ts';
import { compatibilityPage, keyOf, PAGE, rowOf } from './page.ts';
import { PYTHON_CLIENTS, type PythonClient, runPythonCells } from './python.ts';

/**
 * Drives a gateway with every official client, of npm and of Python, and writes docs/compatibility.md.
 * `npm run test:clients`; with `--npm`, those of npm alone, and nothing is written.
 */
async function main(): Promise<number> {
  const npmAlone = process.argv.includes('--npm');
  const python = npmAlone ? null : await preparePython();
  const laboratory = await startLaboratory();
  process.once('SIGINT', () => void laboratory.stop().then(() => process.exit(130)));
  const outcomes = new Map<string, string | null>();
  const clients = python ? [...NPM_CLIENTS, ...PYTHON_CLIENTS] : NPM_CLIENTS;
  try {
    for (const client of NPM_CLIENTS) await runNpmClient(client, laboratory, outcomes);
    for (const client of python ? PYTHON_CLIENTS : []) {
      if (python) await runPythonClient(client, python, laboratory, outcomes);
    }
  } finally {
    await laboratory.stop();
  }
  for (const family of FAMILIES) {
    console.log(`\n${family.title}\n${clients.map((client) => rowOf(client, family, outcomes)).join('\n')}`);
  }
  const failures = [...outcomes].filter(([, problem]) => problem !== null);
  for (const [key, problem] of failures) console.log(`\nFAIL ${key}\n     ${problem}`);
  if (!npmAlone) await Bun.write(PAGE, await compatibilityPage(clients, outcomes));
  console.log(`\n${outcomes.size - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

type Outcomes = Map<string, string | null>;

async function runNpmClient(client: NpmClient, laboratory: Laboratory, outcomes: Outcomes): Promise<void> {
  console.log(client.name);
  for (const cell of FAMILIES.flatMap((family) => cellsOf(client, family))) {
    const problem = await runCell(client, cell, laboratory).then(() => null, String);
    outcomes.set(keyOf(client, cell.family, cell.scenario), problem);
  }
}

async function runPythonClient(
  client: PythonClient,
  python: Awaited<ReturnType<typeof preparePython>>,
  laboratory: Laboratory,
  outcomes: Outcomes,
): Promise<void> {
  console.log(client.name);
  const cells = FAMILIES.flatMap((family) => cellsOf(client, family));
  const problems = await runPythonCells(python, client, cells, laboratory);
  for (const { family, scenario } of cells) {
    const problem = problems.get(`${family.name}/${scenario}`);
    outcomes.set(keyOf(client, family, scenario), problem === undefined ? 'The script said nothing of it.' : problem);
  }
}

process.exitCode = await main();
