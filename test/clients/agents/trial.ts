import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FAMILIES, NEWER_CLAUDE } from '../family.ts';
import type { Laboratory } from '../gateway.ts';
import type { Arrived } from '../upstream/sending.ts';
import { OWN_TOKEN } from '../upstream/server.ts';
import { type Agent, type Given, launcher } from './agent.ts';

/** What each agent is made to do. */
export const TRIALS = ['answer', 'tool', 'own login'] as const;
export type Trial = (typeof TRIALS)[number];

export const TRIAL_MEANINGS: Readonly<Record<Trial, string>> = {
  answer: 'a prompt is answered',
  tool: 'the agent is told to read a file with its own tool, does so, and its answer has what stands in it',
  'own login': 'its user’s own credential goes upstream, by the route for that, to its own vendor',
};

/** An endpoint that an agent is set up for. */
export interface AgentTarget {
  readonly endpoint: string;
  readonly title: string;
  /** The upstream that must be asked. */
  readonly vendor: string;
}

/** A model that takes one text is of no use to an agent. */
export const AGENT_TARGETS: readonly AgentTarget[] = [
  ...FAMILIES.filter(({ takesInstructions }) => takesInstructions).map(({ name, title }) => ({
    endpoint: name,
    title,
    vendor: name,
  })),
  { endpoint: NEWER_CLAUDE, title: 'Claude Opus 4.8', vendor: 'anthropic' },
];

/** An agent's own login is its own vendor's. */
export function trialsOf(agent: Agent, { endpoint, vendor }: AgentTarget): readonly Trial[] {
  return TRIALS.filter((trial) => trial !== 'own login' || (vendor === agent.vendor && endpoint === vendor));
}

const PATIENCE = 60_000;
const GREETING = 'Grüße aus 水門 👋';

/** Throws where it does not hold. Each runs in a home and a folder of its own. */
export async function runTrial(
  agent: Agent,
  target: AgentTarget,
  trial: Trial,
  modules: string,
  laboratory: Laboratory,
): Promise<void> {
  const key = crypto.randomUUID();
  const home = await realpath(await mkdtemp(join(tmpdir(), 'sluice-agent-')));
  try {
    const note = join(home, 'work', 'note.txt');
    const written = `The gate is ${key} wide.`;
    await Bun.write(note, `${written}\n`);
    const isTool = trial === 'tool';
    const prompt = isTool ? `${agent.readCall(note)} (${key})` : `plainly: ${GREETING} ${key}`;
    const own = trial === 'own login' ? OWN_TOKEN : null;
    const answer = await run(agent, { url: laboratory.url, model: target.endpoint, prompt, own }, home, modules);
    assert.ok(answer.includes(isTool ? written : `You said: ${GREETING} ${key}`), `it answered: ${answer}`);
    const keepsThoughts = agent.sendsThoughts || target.vendor === agent.vendor;
    assert.ok(!(keepsThoughts && answer.includes('Reasoning lost')), `the thoughts did not come back: ${answer}`);
    checkArrived(laboratory.mock.watch.requests.filter(holds(key)), target, own);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const holds =
  (key: string) =>
  ({ body }: Arrived): boolean =>
    JSON.stringify(body).includes(key);

/** It was this upstream that answered, by streams, to whoever should have asked. */
function checkArrived(requests: readonly Arrived[], { vendor }: AgentTarget, own: string | null): void {
  assert.ok(requests.length > 0, 'nothing arrived upstream');
  for (const { vendor: asked, path, body, headers } of requests) {
    assert.equal(asked, vendor);
    assert.ok(body.stream === true || path.includes('stream'), `${path} was not streamed`);
    const credential = headers.get('x-goog-api-key') ?? headers.get('authorization');
    if (own !== null) assert.equal(credential?.replace('Bearer ', ''), own);
    else assert.ok(!credential?.endsWith(OWN_TOKEN));
  }
}

async function run(agent: Agent, given: Given, home: string, modules: string): Promise<string> {
  const start = agent.start(given);
  for (const [file, text] of Object.entries(start.files)) {
    await mkdir(dirname(join(home, file)), { recursive: true });
    await Bun.write(join(home, file), text);
  }
  const child = Bun.spawn([Bun.which('node') ?? process.execPath, ...launcher(modules, start)], {
    cwd: join(home, 'work'),
    // Nothing of the machine's own settings, such as a proxy or a real key.
    env: { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: home, ...start.environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: PATIENCE,
  });
  const [printed, log] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const status = await child.exited;
  if (status !== 0) throw new Error(`it ended with status ${status}: ${(printed + log).slice(-1500)}`);
  return agent.answerOf(printed);
}

export const trialKey = (agent: Agent, { endpoint }: AgentTarget, trial: Trial): string =>
  `${agent.name}/${endpoint}/${trial}`;
