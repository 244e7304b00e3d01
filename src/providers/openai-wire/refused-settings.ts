import type { Changes } from '../../core/neutral/changes.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** What a model that can think refuses beside the settings of sampling, which it refuses while it thinks. */
interface Refusals {
  /** Whether it thinks without being told how much. */
  readonly thinksUnasked: boolean;
  readonly stop: boolean;
  readonly parallelToolCalls: boolean;
}

/** OpenAI's models that think, whoever serves them; `gpt-5-chat` does not, later ones of that name do. */
const THINKING = /(?:^|[/.:])(?:o[1-9]\b|codex)|(?:^|[^a-z])gpt-(?:5(?!-chat)|[6-9])/i;
const O_SERIES = /(?:^|[/.:])o[1-9]\b/i;
/** The first of the series still stop where they are told to. */
const STOPPING = /(?:^|[/.:])(?:o1\b|o3-mini)/i;
/** Models that think only when they are asked to. */
const IDLE = /gpt-5\.[1-4](?!\d|.*(?:chat|codex|pro))/i;

/** What the model of this name refuses; null for one that takes all settings. */
export function refusalsOf(model: string | null): Refusals | null {
  if (model === null || !THINKING.test(model)) return null;
  return {
    thinksUnasked: !IDLE.test(model),
    stop: !STOPPING.test(model),
    parallelToolCalls: O_SERIES.test(model),
  };
}

/** What each setting is where it is not said: without that one nothing is lost. */
const SAMPLING: ReadonlyArray<readonly [field: string, unsaid: unknown]> = [
  ['top_p', 1],
  ['presence_penalty', 0],
  ['frequency_penalty', 0],
  ['logprobs', false],
  ['top_logprobs', 0],
  ['logit_bias', undefined],
];

/**
 * Takes out of a chat's body what the model would refuse the whole request for, and names it.
 * https://platform.openai.com/docs/guides/reasoning, https://platform.openai.com/docs/guides/latest-model
 */
export function leaveOutRefused(body: JsonObject, refusals: Refusals, changes: Changes): void {
  const effort = effortOf(body);
  if (effort === undefined ? refusals.thinksUnasked : effort !== 'none') {
    // The one value that is taken is the default.
    if (body.temperature !== 1) leaveOut(body, 'temperature', 1, changes);
    for (const [field, unsaid] of SAMPLING) leaveOut(body, field, unsaid, changes);
  }
  if (refusals.stop) leaveOut(body, 'stop', undefined, changes);
  if (refusals.parallelToolCalls) leaveOut(body, 'parallel_tool_calls', true, changes);
}

function effortOf({ reasoning_effort: effort, reasoning }: JsonObject): unknown {
  if (!isJsonObject(reasoning)) return effort;
  return reasoning.enabled === false ? 'none' : (reasoning.effort ?? 'medium');
}

function leaveOut(body: JsonObject, field: string, unsaid: unknown, changes: Changes): void {
  const value = body[field];
  if (value === undefined) return;
  delete body[field];
  if (value !== unsaid && !isEmpty(value)) changes.dropped(field);
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}
