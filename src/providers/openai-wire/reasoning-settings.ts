import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import type { EncodingContext } from './context.ts';

/** Beyond these budgets a model is asked to think with more effort. */
const LOW_BUDGET = 4096;
const MEDIUM_BUDGET = 16_384;

/** How much the model should think, in the way in which the target wants it said. */
export function reasoningFields({ reasoning }: NeutralChatRequest, context: EncodingContext): JsonObject {
  if (reasoning === undefined) return {};
  const { effort, effortAlone, mode, budgetTokens } = reasoning;
  if (effortAlone && (context.takes('reasoning') || context.takes('thinking')) && !context.takes('unknown')) {
    // There it would ask for thoughts.
    context.changes.dropped('reasoning_effort');
    return {};
  }
  if (context.takes('reasoning')) {
    // https://openrouter.ai/docs/use-cases/reasoning-tokens
    if (mode === 'disabled') return { reasoning: { enabled: false } };
    if (budgetTokens !== undefined) return { reasoning: { max_tokens: budgetTokens } };
    return { reasoning: effort === undefined ? { enabled: true } : { effort } };
  }
  if (context.takes('thinking')) {
    const thinking = {
      ...(mode !== undefined && { type: mode }),
      ...(budgetTokens !== undefined && { budget_tokens: budgetTokens }),
    };
    const isSaid = mode !== undefined || budgetTokens !== undefined;
    return { ...(effort !== undefined && { reasoning_effort: effort }), ...(isSaid && { thinking }) };
  }
  return effortField(reasoning, context);
}

function effortField(
  { effort, effortAlone, mode, budgetTokens, visible }: NonNullable<NeutralChatRequest['reasoning']>,
  { takesEffort, leastEffort, changes }: EncodingContext,
): JsonObject {
  // The API does not show what a model thinks, so that a client who asked for it must not wait for it.
  if (visible) changes.dropped('include_thoughts');
  const isOff = mode === 'disabled';
  const wanted = isOff ? leastEffort : (effort ?? effortOf(budgetTokens));
  if (wanted === undefined) return {};
  const field = isOff || effort === undefined ? 'thinking' : 'reasoning_effort';
  if (!takesEffort) {
    if (!isOff) changes.dropped(field);
    return {};
  }
  const known = wanted === 'max' ? 'high' : wanted;
  if (isOff ? known !== 'none' : known !== effort || effortAlone) changes.approximated(field);
  return { reasoning_effort: known };
}

function effortOf(budget: number | undefined): string | undefined {
  if (budget === undefined) return undefined;
  if (budget <= LOW_BUDGET) return 'low';
  return budget <= MEDIUM_BUDGET ? 'medium' : 'high';
}

/** Models that are known to take `reasoning_effort`; others refuse it, or do not know it. */
const THINKING_MODEL =
  /(?:^|[/.:])(?:o[1-9]\b|codex|grok-3-mini|qwen3|magistral|deepseek-r1)|(?:^|[^a-z])gpt-(?:[5-9]|oss)/i;
/** Models that can be kept from thinking: https://platform.openai.com/docs/guides/reasoning */
const NONE_KNOWN = /gpt-(?:5\.\d|[6-9])(?!.*codex)|qwen3/i;
const NOT_THINKING = /gpt-5(?:\.\d)?-chat/i;

export function isThinkingModel(model: string | null): boolean {
  return model !== null && THINKING_MODEL.test(model) && !NOT_THINKING.test(model);
}

export function leastEffort(model: string | null): string {
  if (model === null || NONE_KNOWN.test(model)) return 'none';
  return /gpt-5(?!.*codex)/i.test(model) ? 'minimal' : 'low';
}
