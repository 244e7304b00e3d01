import { type Environment, preparePython } from '../mlflow/environment.ts';
import { AGENTS } from './agents/agent.ts';
import { AGENT_TARGETS, runTrial, trialKey, trialsOf } from './agents/trial.ts';
import { cellsOf, runCell } from './cell.ts';
import type { NpmClient } from './client.ts';
import { FAMILIES, type Family } from './family.ts';
import { type Laboratory, startLaboratory } from './gateway.ts';
import { aiSdkProviders } from './npm/ai-sdk-providers.ts';
import { NPM_CLIENTS } from './npm/index.ts';
import { type Packages, preparePackages } from './packages.ts';
import { compatibilityPage, keyOf, PAGE, rowOf } from './page.ts';
import { FRAMEWORKS, PYTHON_CLIENTS, type PythonClient, runPythonCells } from './python.ts';
import { agentsSection, FRAMEWORK_FAMILIES, frameworksSection } from './users-page.ts';

type Outcomes = Map<string, string | null>;

/**
 * Drives a gateway with every official client, of npm and of Python, with frameworks and with coding agents, and writes
 * docs/compatibility.md. `npm run test:clients`; with `--npm`, the clients of npm alone, and nothing is written.
 */
async function main(): Promise<number> {
  const npmAlone = process.argv.includes('--npm');
  const python = npmAlone ? null : await preparePython();
  const packages = npmAlone ? null : await preparePackages();
  const laboratory = await startLaboratory();
  process.once('SIGINT', () => void laboratory.stop().then(() => process.exit(130)));
  const outcomes: Outcomes = new Map();
  const npmClients = [...NPM_CLIENTS, ...(packages ? await aiSdkProviders(packages.modules) : [])];
  const clients = python ? [...npmClients, ...PYTHON_CLIENTS] : npmClients;
  try {
    for (const client of npmClients) await runNpmClient(client, laboratory, outcomes);
    if (python) for (const client of PYTHON_CLIENTS) await runPython(client, python, FAMILIES, laboratory, outcomes);
    if (packages) await runUsers(packages, laboratory, outcomes);
  } finally {
    await laboratory.stop();
  }
  for (const family of FAMILIES) {
    console.log(`\n${family.title}\n${clients.map((client) => rowOf(client, family, outcomes)).join('\n')}`);
  }
  const sections = npmAlone ? [] : [agentsSection(outcomes), await frameworksSection(outcomes)];
  console.log(`\n${sections.join('\n')}`);
  const failures = [...outcomes].filter(([, problem]) => problem !== null);
  for (const [key, problem] of failures) console.log(`\nFAIL ${key}\n     ${problem}`);
  if (!npmAlone) await Bun.write(PAGE, await compatibilityPage(clients, outcomes, sections));
  console.log(`\n${outcomes.size - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

async function runNpmClient(client: NpmClient, laboratory: Laboratory, outcomes: Outcomes): Promise<void> {
  console.log(client.name);
  for (const cell of FAMILIES.flatMap((family) => cellsOf(client, family))) {
    const problem = await runCell(client, cell, laboratory).then(() => null, String);
    outcomes.set(keyOf(client, cell.family, cell.scenario), problem);
  }
}

async function runPython(
  client: PythonClient,
  python: Environment,
  families: readonly Family[],
  laboratory: Laboratory,
  outcomes: Outcomes,
): Promise<void> {
  console.log(client.name);
  const cells = families.flatMap((family) => cellsOf(client, family));
  const problems = await runPythonCells(python, client, cells, laboratory);
  for (const { family, scenario } of cells) {
    const problem = problems.get(`${family.name}/${scenario}`);
    outcomes.set(keyOf(client, family, scenario), problem === undefined ? 'The script said nothing of it.' : problem);
  }
}

/** What stands on the clients: frameworks and coding agents. */
async function runUsers({ modules, python }: Packages, laboratory: Laboratory, outcomes: Outcomes): Promise<void> {
  for (const client of FRAMEWORKS) await runPython(client, python, FRAMEWORK_FAMILIES, laboratory, outcomes);
  for (const agent of AGENTS) {
    console.log(agent.name);
    for (const target of AGENT_TARGETS) {
      for (const trial of trialsOf(agent, target)) {
        const problem = await runTrial(agent, target, trial, modules, laboratory).then(() => null, String);
        outcomes.set(trialKey(agent, target, trial), problem);
      }
    }
  }
}

process.exitCode = await main();
