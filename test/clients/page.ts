import packages from '../../package.json';
import { whyNot } from './cell.ts';
import type { Client } from './client.ts';
import { FAMILIES, type Family } from './family.ts';
import { pinnedVersions } from './packages.ts';
import { MEANINGS, SCENARIOS, type Scenario } from './scenario.ts';

/** What came of one field of the table; null for what holds, else what went wrong. */
export type Outcomes = ReadonlyMap<string, string | null>;

export const keyOf = (client: Client, family: Family, scenario: Scenario): string =>
  `${client.name}/${family.name}/${scenario}`;

/** Where the table is written. */
export const PAGE = new URL('../../docs/compatibility.md', import.meta.url);

const PYTHON_VERSIONS = new URL('../mlflow/requirements.txt', import.meta.url);

type Mark = 'yes' | 'FAILS' | 'refused' | '–';

function markOf(client: Client, family: Family, scenario: Scenario, outcomes: Outcomes): Mark {
  if (whyNot(client, family, scenario) !== null) return '–';
  if (outcomes.get(keyOf(client, family, scenario)) !== null) return 'FAILS';
  return family.impossible[scenario] ? 'refused' : 'yes';
}

/** A client's row in the table of a family. */
export function rowOf(client: Client, family: Family, outcomes: Outcomes): string {
  const marks = SCENARIOS.map((scenario) => markOf(client, family, scenario, outcomes));
  return `| ${client.name} | ${marks.join(' | ')} |`;
}

function summaryRow(client: Client, outcomes: Outcomes): string {
  const cells = FAMILIES.map((family) => {
    const marks = SCENARIOS.map((scenario) => markOf(client, family, scenario, outcomes));
    const count = (mark: Mark): number => marks.filter((found) => found === mark).length;
    const notes = [
      [count('refused'), 'refused'],
      [count('FAILS'), 'FAIL'],
    ] as const;
    return [`${count('yes')}`, ...notes.filter(([number]) => number > 0).map((note) => note.join(' '))].join(', ');
  });
  return `| ${client.name} | ${cells.join(' | ')} |`;
}

export function table(head: readonly string[], rows: readonly string[]): string {
  return [`| ${head.join(' | ')} |`, `| --- |${' :-: |'.repeat(head.length - 1)}`, ...rows].join('\n');
}

/** Why fields are not `yes`, each reason once. */
function reasons(clients: readonly Client[], family: Family): string {
  const byReason = new Map<string, Set<string>>();
  const note = (reason: string, what: string) => byReason.set(reason, (byReason.get(reason) ?? new Set()).add(what));
  for (const scenario of SCENARIOS) {
    const impossible = family.impossible[scenario];
    if (impossible) note(impossible.reason, scenario);
    for (const client of clients) {
      const reason = impossible ? null : client.has(scenario) && client.cannot(scenario, family);
      if (reason) note(reason, `${scenario} of ${client.name}`);
    }
  }
  return [...byReason].map(([reason, what]) => `- ${[...what].join('; ')}: ${reason}\n`).join('');
}

export const list = (entries: readonly string[]): string => entries.map((entry) => `\`${entry}\``).join(', ');

async function versions(): Promise<string> {
  const beside = (await pinnedVersions()).filter((entry) => entry.startsWith('@ai-sdk/'));
  const npm: Readonly<Record<string, string>> = packages.devDependencies;
  const names = ['openai', '@anthropic-ai/sdk', '@google/genai', 'ai', '@ai-sdk/openai'];
  const pinned = (await Bun.file(PYTHON_VERSIONS).text())
    .split('\n')
    .filter((line) => /^(openai|anthropic|google)/.test(line));
  return `npm: ${list([...names.map((name) => `${name} ${npm[name]}`), ...beside])}. Python: ${list(pinned.map((line) => line.replace('==', ' ')))}.`;
}

/** The whole page. */
export async function compatibilityPage(
  clients: readonly Client[],
  outcomes: Outcomes,
  sections: readonly string[],
): Promise<string> {
  const families = FAMILIES.map((family) => {
    const rows = clients.map((client) => rowOf(client, family, outcomes));
    const notes = reasons(clients, family);
    return `## ${family.title}\n\n${table(['client', ...SCENARIOS], rows)}\n${notes === '' ? '' : `\n${notes}`}`;
  });
  const summary = table(
    ['client', ...FAMILIES.map(({ title }) => title)],
    clients.map((client) => summaryRow(client, outcomes)),
  );
  const meanings = SCENARIOS.map((scenario) => `| ${scenario} | ${MEANINGS[scenario]} |`).join('\n');
  return `# Compatibility

<!-- Made by \`npm run test:clients\` from what the clients did. Do not edit. -->

The official clients, as they are published, against a gateway process; behind it each kind of upstream, played by a server
that reads requests in the vendor's own format and refuses what the vendor refuses. ${await versions()}

${summary}

The numbers count what works. **refused**: the upstream cannot do it. An endpoint with \`strict: true\` answers with an error
that the client raises as its own (400, 422 or 501); any other names in \`x-sluice-changed\` what it left out, and refuses
only streams. **–**: there is nothing to try: the client has no such call, or see the reason below the table.

| | |
| --- | --- |
${meanings}

${[...families, ...sections].join('\n')}`;
}
