import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, ReasoningSettings } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { ClaudeModel } from './models.ts';

export interface Thinking {
  /** The body's `thinking`; null to leave it to the model. */
  readonly thinking: JsonObject | null;
  /** `output_config.effort`. */
  readonly effort: string | null;
}

const UNSAID: Thinking = { thinking: null, effort: null };
const OFF: JsonObject = { type: 'disabled' };

/**
 * How the client's wish is said to this model.
 * https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking, …/adaptive-thinking, …/effort
 */
export function thinkingOf(
  request: NeutralChatRequest,
  model: ClaudeModel,
  maximumTokens: number | null,
  changes: Changes,
): Thinking {
  const { reasoning, rest } = request;
  if (isJsonObject(rest.thinking)) {
    return { thinking: rest.thinking, effort: nativeEffort(reasoning?.effort, model, changes) };
  }
  if (!reasoning) return UNSAID;
  if (reasoning.effortAlone) return { thinking: null, effort: nativeEffort(reasoning.effort, model, changes) };
  if (model.thinking === 'none') {
    if (!isOff(reasoning)) changes.dropped(fieldOf(reasoning));
    return UNSAID;
  }
  if (isOff(reasoning)) return withoutThinking(reasoning, model, changes);
  if (model.thinking === 'budget') return budget(request, reasoning, maximumTokens, changes);
  if (model.thinking === 'either' && reasoning.mode === 'enabled' && reasoning.budgetTokens !== undefined) {
    const { thinking } = budget(request, reasoning, maximumTokens, changes);
    return { thinking, effort: nativeEffort(reasoning.effort, model, changes) };
  }
  return adaptive(request, reasoning, model, changes);
}

/** The client's field, as far as it is known. */
function fieldOf(reasoning: ReasoningSettings): string {
  return reasoning.effort === undefined ? 'thinking' : 'reasoning_effort';
}

function isOff({ effort, mode }: ReasoningSettings): boolean {
  return mode === 'disabled' || (mode === undefined && effort === 'none');
}

function withoutThinking(reasoning: ReasoningSettings, model: ClaudeModel, changes: Changes): Thinking {
  if (model.thinking === 'always') {
    changes.approximated(fieldOf(reasoning));
    return { thinking: null, effort: 'low' };
  }
  // The older models do not think unless they are told to.
  if (model.thinking === 'budget') return UNSAID;
  return { thinking: OFF, effort: nativeEffort(reasoning.effort, model, changes) };
}

function adaptive(
  request: NeutralChatRequest,
  reasoning: ReasoningSettings,
  model: ClaudeModel,
  changes: Changes,
): Thinking {
  if (reasoning.budgetTokens !== undefined) changes.approximated('thinking');
  const effort = nativeEffort(reasoning.effort, model, changes);
  // A call that is forced excludes thinking; effort counts without it.
  if (reasoning.mode === undefined && isForced(request)) {
    changes.approximated(fieldOf(reasoning));
    return { thinking: null, effort };
  }
  // The newest models hide what they think unless they are asked to sum it up.
  const isHidden = model.thinking === 'adaptive' || model.thinking === 'always';
  return { thinking: { type: 'adaptive', ...(isHidden && { display: 'summarized' }) }, effort };
}

function nativeEffort(effort: string | undefined, { efforts }: ClaudeModel, changes: Changes): string | null {
  if (effort === undefined || effort === 'none') return null;
  if (effort === 'minimal') {
    changes.approximated('reasoning_effort');
    return 'low';
  }
  if (!efforts || efforts.includes(effort)) return effort;
  if (efforts.length === 0) {
    changes.dropped('reasoning_effort');
    return null;
  }
  if (effort !== 'xhigh' && effort !== 'max') return effort;
  changes.clamped('reasoning_effort');
  return 'high';
}

/** Thinking tokens for the efforts of models that count instead. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_000,
  max: 32_000,
};
const LEAST_BUDGET = 1024;

function budget(
  request: NeutralChatRequest,
  { effort = 'medium', mode, budgetTokens }: ReasoningSettings,
  maximumTokens: number | null,
  changes: Changes,
): Thinking {
  if (budgetTokens !== undefined && request.surface === 'mlflow') return enabled(budgetTokens);
  const field = budgetTokens === undefined && mode === undefined ? 'reasoning_effort' : 'thinking';
  const wanted = Object.hasOwn(BUDGETS, effort) ? BUDGETS[effort] : undefined;
  // The budget is part of the answer's tokens, and something must be left of them.
  const most = (maximumTokens ?? Number.POSITIVE_INFINITY) - 1;
  const tokens = Math.min(Math.max(budgetTokens ?? wanted ?? LEAST_BUDGET, LEAST_BUDGET), most);
  if (tokens < LEAST_BUDGET || !canThink(request)) {
    changes.dropped(field);
    return UNSAID;
  }
  if (budgetTokens === undefined) changes.approximated(field);
  else if (tokens !== budgetTokens) changes.clamped(field);
  return enabled(tokens);
}

function enabled(tokens: number): Thinking {
  return { thinking: { type: 'enabled', budget_tokens: tokens }, effort: null };
}

function isForced({ toolChoice }: NeutralChatRequest): boolean {
  return toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none';
}

/** Whether a model that thinks within a budget can do so here: a call that is forced excludes it. */
export function canThink(request: NeutralChatRequest): boolean {
  return !isForced(request) && canResume(request);
}

/** While tools are being called, a turn that began without thinking, or whose thinking is lost, must end without it. */
function canResume({ messages }: NeutralChatRequest): boolean {
  if (messages.at(-1)?.role !== 'tool') return true;
  const call = messages.findLast(({ role }) => role === 'assistant');
  return (
    call?.parts.some((part) => part.type === 'reasoning' && (part.signature ?? part.encrypted) !== undefined) ?? true
  );
}
