import assert from 'node:assert/strict';
import type { Family } from './family.ts';
import { BARE_ANSWER, CHAT, FAILURES, type Failure, type Scenario } from './scenario.ts';

/** Where a scenario runs. */
export interface Setting {
  /** Of the gateway. */
  readonly url: string;
  /** The endpoint. */
  readonly model: string;
  readonly embeddings: string;
  readonly family: Family;
  /** Waits until the mock saw the caller of `slow <key>` leave. */
  gone(key: string): Promise<void>;
}

/** A client, of whichever language. */
export interface Client {
  readonly name: string;
  /** As it is published. */
  readonly package: string;
  /** Whether the client has calls for it at all. */
  has(scenario: Scenario): boolean;
  /** What this client, by its own format, cannot see of a family: the reason, or null. */
  cannot(scenario: Scenario, family: Family): string | null;
}

/** A client of npm, with what it is made to do. */
export interface NpmClient extends Client {
  readonly scenarios: Scenarios;
}

export type Scenarios = Partial<Readonly<Record<Scenario, (setting: Setting) => Promise<void>>>>;

export function npmClient(
  name: string,
  packageName: string,
  scenarios: Scenarios,
  cannot: Client['cannot'] = () => null,
): NpmClient {
  return { name, package: packageName, scenarios, cannot, has: (scenario) => scenarios[scenario] !== undefined };
}

/** OpenAI's chat API counts what a model thought, and keeps it to itself. */
export function withoutThoughts(scenario: Scenario, family: Family): string | null {
  return scenario === 'reasoning' && family.name === 'openai' ? 'OpenAI’s chat API shows no thoughts.' : null;
}

/** What a chat is answered. */
export function answerOf({ family }: Setting): string {
  return family.takesInstructions ? CHAT.answer : BARE_ANSWER;
}

/** The status that a client sees when the mock is told to fail. */
export function statusOf({ family }: Setting, failure: Failure): number {
  return family.statuses[failure] ?? failure;
}

/** Runs a call that must fail with each of the failures and for an unknown endpoint, and gives its error to a check. */
export async function failures(
  setting: Setting,
  call: (setting: Setting, prompt: string) => Promise<unknown>,
  check: (error: unknown, status: number) => void,
): Promise<void> {
  for (const failure of FAILURES) {
    check(await errorOf(call(setting, `Please fail ${failure}.`)), statusOf(setting, failure));
  }
  check(await errorOf(call({ ...setting, model: 'no-such-endpoint' }, 'Hello')), 404);
}

/** Leaves an answer, and then a stream, and waits each time until the upstream saw it. Gives the answer's error. */
export async function leaving(
  setting: Setting,
  whole: (prompt: string, signal: AbortSignal) => Promise<unknown>,
  stream: (prompt: string) => Promise<void>,
): Promise<unknown> {
  const answer = `whole-${crypto.randomUUID()}`;
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const error = await errorOf(whole(`slow ${answer}`, controller.signal));
  await setting.gone(answer);
  if (setting.family.impossible.stream) return error;
  const streamed = `stream-${crypto.randomUUID()}`;
  await stream(`slow ${streamed}`);
  await setting.gone(streamed);
  return error;
}

/** The error of a call that must not succeed. */
export async function errorOf(call: Promise<unknown>): Promise<unknown> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert.ok('error' in outcome, `no error was raised, but: ${JSON.stringify(outcome)}`);
  return outcome.error;
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
