import type { Finish } from '../../core/neutral/response.ts';

/**
 * The native reasons that are not simply `stop`. A call that the model could not write down is a `stop`, as OpenAI has
 * no word for it. https://ai.google.dev/api/generate-content#FinishReason
 */
const REASONS: Readonly<Record<string, string>> = {
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  MODEL_ARMOR: 'content_filter',
};

/** `called` says whether the answer holds tool calls, for which the API has no reason of its own. */
export function readFinish(native: string, called: boolean): Finish {
  const reason = REASONS[native] ?? 'stop';
  if (called && native === 'STOP') return { reason: 'tool_calls', native };
  return { reason, native, mlflow: reason === 'length' ? reason : native.toLowerCase() };
}

/** A prompt that was not let through to the model. https://ai.google.dev/api/generate-content#BlockReason */
export function blockedFinish(native: string): Finish {
  return { reason: 'content_filter', native, mlflow: native.toLowerCase() };
}
