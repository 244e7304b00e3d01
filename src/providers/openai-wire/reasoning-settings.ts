import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import type { EncodingContext } from './context.ts';

/** Beyond these budgets a model is asked to think with more effort. */
const LOW_BUDGET = 4096;
const MEDIUM_BUDGET = 16_384;

/** How much the model should think, in the way in which the target wants it said. */
export function reasoningFields({ reasoning }: NeutralChatRequest, context: EncodingContext): JsonObject {
  if (reasoning === undefined) return {};
  const { effort, mode, budgetTokens } = reasoning;
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
  { effort, mode, budgetTokens }: NonNullable<NeutralChatRequest['reasoning']>,
  { takesEffort, changes }: EncodingContext,
): JsonObject {
  const wanted = mode === 'disabled' ? undefined : (effort ?? effortOf(budgetTokens));
  if (wanted === undefined) {
    if (mode === 'disabled' && takesEffort) changes.dropped('thinking');
    return {};
  }
  const field = effort === undefined ? 'thinking' : 'reasoning_effort';
  if (!takesEffort) {
    changes.dropped(field);
    return {};
  }
  const known = wanted === 'max' ? 'high' : wanted;
  if (effort === undefined || known !== effort) changes.approximated(field);
  return { reasoning_effort: known };
}

function effortOf(budget: number | undefined): string | undefined {
  if (budget === undefined) return undefined;
  if (budget <= LOW_BUDGET) return 'low';
  return budget <= MEDIUM_BUDGET ? 'medium' : 'high';
}

/** Models that are known to take `reasoning_effort`; others refuse it, or do not know it. */
const THINKING_MODEL = /(?:^|[/.:])(?:o[1-9]\b|gpt-[5-9]|gpt-oss|codex|grok-3-mini|qwen3|magistral|deepseek-r1)/i;
const NOT_THINKING = /gpt-5(?:\.\d)?-chat/i;

export function isThinkingModel(model: string | null): boolean {
  return model !== null && THINKING_MODEL.test(model) && !NOT_THINKING.test(model);
}
