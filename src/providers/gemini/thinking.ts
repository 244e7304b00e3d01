import type { Changes } from '../../core/neutral/changes.ts';
import type { ReasoningSettings } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';

/** Makes `thinkingConfig`, or null when the client said nothing of thinking. */
export type ThinkingEncoder = (reasoning: ReasoningSettings, changes: Changes) => JsonObject | null;

type EffortEncoder = (effort: string, changes: Changes) => JsonObject;

/**
 * Models before Gemini 3 take a budget in tokens, those since then a level. https://ai.google.dev/gemini-api/docs/thinking
 */
export function thinkingEncoder(model: string): ThinkingEncoder {
  const byEffort = generation(model) < 3 ? budgets(model) : levels(model);
  return (reasoning, changes) => {
    const { effort, mode, budgetTokens } = reasoning;
    if (reasoning.visible !== undefined) return asSaid(reasoning, byEffort, changes);
    if (mode === 'disabled') return byEffort('none', changes);
    if (budgetTokens !== undefined) return { thinkingBudget: budgetTokens, includeThoughts: budgetTokens !== 0 };
    if (effort !== undefined) {
      const { includeThoughts, ...level } = byEffort(effort, changes);
      return reasoning.effortAlone ? level : { ...level, includeThoughts };
    }
    return mode === undefined ? null : { includeThoughts: true };
  };
}

/** For clients that know this API: `includeThoughts` is theirs to say, and a budget of -1 leaves it to the model. */
function asSaid(
  { effort, mode, budgetTokens, visible }: ReasoningSettings,
  byEffort: EffortEncoder,
  changes: Changes,
): JsonObject {
  const thoughts = visible === true && { includeThoughts: true };
  if (mode === 'adaptive') return { thinkingBudget: -1, ...thoughts };
  if (budgetTokens !== undefined) return { thinkingBudget: budgetTokens, ...thoughts };
  if (effort === undefined) return { ...thoughts };
  const { includeThoughts: _ours, ...level } = byEffort(effort, changes);
  return { ...level, ...thoughts };
}

/**
 * The generation of Gemini that a name stands for: 3 of `gemini-3.1-pro`. Where the name does not say, as in
 * `gemini-flash-latest`, it is the one whose settings later ones take as well.
 */
export function generation(model: string): number {
  return Number(/gemini-(\d+)/.exec(model)?.[1] ?? 2);
}

/** As in Google's own API in OpenAI's shape. https://ai.google.dev/gemini-api/docs/openai#thinking */
const BUDGETS: Readonly<Record<string, number>> = { none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24576 };

function budgets(model: string): EffortEncoder {
  // A Pro model cannot be kept from thinking.
  const least = model.includes('-pro') ? 128 : 0;
  return (effort, changes) => {
    const wanted = BUDGETS[effort];
    const thinkingBudget = Math.max(least, wanted ?? 24576);
    if (thinkingBudget !== wanted) changes.approximated('reasoning_effort');
    return { thinkingBudget, includeThoughts: effort !== 'none' };
  };
}

function levels(model: string): EffortEncoder {
  const known = levelsOf(model);
  return (effort, changes) => {
    const isLess = effort === 'none' || effort === 'minimal';
    const thinkingLevel = known.includes(effort) ? effort : ((isLess ? known[0] : known.at(-1)) ?? 'high');
    if (thinkingLevel !== effort) changes.approximated('reasoning_effort');
    return { thinkingLevel, includeThoughts: effort !== 'none' };
  };
}

/** From the least to the most. */
function levelsOf(model: string): readonly string[] {
  if (model.includes('gemini-3-pro')) return ['low', 'high'];
  if (model.includes('-pro')) return ['low', 'medium', 'high'];
  return ['minimal', 'low', 'medium', 'high'];
}
