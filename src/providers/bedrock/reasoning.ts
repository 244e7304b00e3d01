import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, ReasoningSettings } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { canThink } from '../anthropic/thinking.ts';
import type { Model } from './models.ts';

export interface ThinkingSettings {
  /** Members of `additionalModelRequestFields`. */
  readonly modelFields: Readonly<JsonObject>;
  /** Converse's `outputConfig.effort`. */
  readonly effort?: string;
}

const NOTHING: ThinkingSettings = { modelFields: {} };

/** How much to think, in the words of the model: see `Thinking`. */
export function convertReasoning(
  request: NeutralChatRequest,
  model: Model,
  maxTokens: number | undefined,
  changes: Changes,
): ThinkingSettings {
  const { reasoning } = request;
  if (!reasoning) return NOTHING;
  switch (model.thinking) {
    case 'adaptive':
      return adaptive(reasoning);
    case 'budget':
      return budget(request, reasoning, maxTokens, changes);
    case 'nova':
      return nova(reasoning, changes);
    case 'effort':
      return effort(reasoning, changes);
    case 'unknown':
      return explicit(reasoning, changes);
    case 'none':
      if (!isOff(reasoning)) note(reasoning, 'dropped', changes);
      return NOTHING;
  }
}

function isOff({ mode, effort }: ReasoningSettings): boolean {
  return mode === 'disabled' || (mode === undefined && effort === 'none');
}

function note(
  { mode, budgetTokens, effort }: ReasoningSettings,
  kind: 'dropped' | 'approximated',
  changes: Changes,
): void {
  if (mode !== undefined || budgetTokens !== undefined) changes[kind]('thinking');
  if (effort !== undefined) changes[kind]('reasoning_effort');
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-adaptive-thinking.html */
function adaptive(reasoning: ReasoningSettings): ThinkingSettings {
  if (isOff(reasoning)) return { modelFields: { thinking: { type: 'disabled' } } };
  const { mode, budgetTokens, effort, effortAlone } = reasoning;
  if (effortAlone && effort !== undefined) return { modelFields: {}, effort };
  const type = mode ?? (budgetTokens === undefined ? 'adaptive' : 'enabled');
  return {
    modelFields: { thinking: { type, ...(budgetTokens !== undefined && { budget_tokens: budgetTokens }) } },
    ...(effort !== undefined && { effort: effort === 'minimal' ? 'low' : effort }),
  };
}

/** Claude thinks with at least 1024 tokens. */
const LEAST_BUDGET = 1024;
/** For efforts beyond `high`. */
const MOST_BUDGET = 32_768;
const BUDGETS = new Map<string, number>([
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16_384],
]);

/** https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
function budget(
  request: NeutralChatRequest,
  reasoning: ReasoningSettings,
  maxTokens: number | undefined,
  changes: Changes,
): ThinkingSettings {
  if (isOff(reasoning)) return NOTHING;
  if (reasoning.effortAlone) {
    note(reasoning, 'dropped', changes);
    return NOTHING;
  }
  const given = reasoning.budgetTokens;
  if (given !== undefined && request.surface === 'mlflow') return enabled(given);
  if (!canThink(request)) {
    note(reasoning, 'dropped', changes);
    return NOTHING;
  }
  if (given !== undefined) {
    if (given < LEAST_BUDGET) changes.clamped('thinking');
    return enabled(Math.max(given, LEAST_BUDGET));
  }
  const { mode, effort = 'medium' } = reasoning;
  note(
    { ...(mode !== undefined && mode !== 'enabled' && { mode }), ...(reasoning.effort && { effort }) },
    'approximated',
    changes,
  );
  const wanted = BUDGETS.get(effort) ?? MOST_BUDGET;
  // It must leave room for the answer.
  const tokens = maxTokens === undefined ? wanted : Math.min(wanted, maxTokens - 1);
  if (tokens < LEAST_BUDGET) {
    note(reasoning, 'dropped', changes);
    return NOTHING;
  }
  return enabled(tokens);
}

function enabled(tokens: number): ThinkingSettings {
  return { modelFields: { thinking: { type: 'enabled', budget_tokens: tokens } } };
}

/** https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function nova(reasoning: ReasoningSettings, changes: Changes): ThinkingSettings {
  if (isOff(reasoning)) return { modelFields: { reasoningConfig: { type: 'disabled' } } };
  const { effort = 'medium', budgetTokens } = reasoning;
  if (budgetTokens !== undefined) changes.dropped('thinking.budget_tokens');
  return { modelFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: threeLevels(effort, changes) } } };
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-openai.html */
function effort(reasoning: ReasoningSettings, changes: Changes): ThinkingSettings {
  const { mode, budgetTokens, effort: level } = reasoning;
  if (mode !== undefined || budgetTokens !== undefined) changes.dropped('thinking');
  return level === undefined ? NOTHING : { modelFields: { reasoning_effort: threeLevels(level, changes) } };
}

function threeLevels(effort: string, changes: Changes): string {
  if (effort === 'low' || effort === 'medium' || effort === 'high') return effort;
  changes.approximated('reasoning_effort');
  return effort === 'none' || effort === 'minimal' ? 'low' : 'high';
}

/** Behind an ARN any model may stand: only who speaks Claude's language is taken at their word. */
function explicit({ mode, budgetTokens, effort: level }: ReasoningSettings, changes: Changes): ThinkingSettings {
  if (level !== undefined) changes.dropped('reasoning_effort');
  if (mode === undefined && budgetTokens === undefined) return NOTHING;
  const thinking = { type: mode ?? 'enabled', ...(budgetTokens !== undefined && { budget_tokens: budgetTokens }) };
  return { modelFields: { thinking } };
}
