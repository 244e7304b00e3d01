import { AGENTS, type Agent } from './agents/agent.ts';
import { AGENT_TARGETS, type AgentTarget, TRIAL_MEANINGS, TRIALS, trialKey, trialsOf } from './agents/trial.ts';
import { cellsOf } from './cell.ts';
import { FAMILIES } from './family.ts';
import packages from './packages/package.json';
import { pinnedVersions } from './packages.ts';
import { keyOf, list, type Outcomes, table } from './page.ts';
import { FRAMEWORKS } from './python.ts';

/** Those that take the instructions and the turns that frameworks send. */
export const FRAMEWORK_FAMILIES = FAMILIES.filter(({ takesInstructions }) => takesInstructions);

/** The parts of docs/compatibility.md on what stands on the clients. */
export function agentsSection(outcomes: Outcomes): string {
  const versions: Readonly<Record<string, string>> = packages.dependencies;
  const rows = AGENTS.map((agent) => {
    const cells = AGENT_TARGETS.map((target) => trialsCell(agent, target, outcomes));
    return `| ${agent.name} ${versions[agent.package]} | ${cells.join(' | ')} |`;
  });
  const meanings = TRIALS.map((trial) => `| ${trial} | ${TRIAL_MEANINGS[trial]} |`).join('\n');
  return `## Coding agents

The agents themselves, as they are published on npm, set up as [clients.md](clients.md#coding-agents) has it. All of it is
streamed.

${table(['agent', ...AGENT_TARGETS.map(({ title }) => title)], rows)}

| | |
| --- | --- |
${meanings}

The column *Anthropic* is Claude Sonnet 4.5 under a name that the agent does not know: Claude Code first asks for what
newer models can do, and goes without it when it is refused. *Claude Opus 4.8* takes all of it.
`;
}

function trialsCell(agent: Agent, target: AgentTarget, outcomes: Outcomes): string {
  return cellOf(trialsOf(agent, target), (trial) => outcomes.get(trialKey(agent, target, trial)) === null);
}

export async function frameworksSection(outcomes: Outcomes): Promise<string> {
  const versions = (await pinnedVersions()).filter((entry) => /^(langchain|llama)/.test(entry));
  const rows = FRAMEWORKS.map((client) => {
    const cells = FRAMEWORK_FAMILIES.map((family) => {
      const tried = cellsOf(client, family).map(({ scenario }) => scenario);
      return cellOf(tried, (scenario) => outcomes.get(keyOf(client, family, scenario)) === null, 'yes');
    });
    return `| ${client.name} | ${cells.join(' | ')} |`;
  });
  return `## Frameworks

As [clients.md](clients.md#sdks) sets them up: ${list(versions)}. *yes* is a chat, the same streamed, a
tool over two turns, the same streamed, and for the classes of OpenAI's chat API embeddings too, where the provider has
them.

${table(['framework', ...FRAMEWORK_FAMILIES.map(({ title }) => title)], rows)}
`;
}

/** What holds, in words or as one; what does not, in capitals. */
function cellOf<Name extends string>(tried: readonly Name[], holds: (name: Name) => boolean, all = ''): string {
  const failed = tried.filter((name) => !holds(name));
  if (failed.length === 0 && all !== '') return all;
  return [tried.filter(holds).join(', '), failed.length > 0 ? `FAILS: ${failed.join(', ')}` : '']
    .filter((words) => words !== '')
    .join('; ');
}
