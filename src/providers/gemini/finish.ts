import { finishReason } from '../../core/gemini/finish.ts';
import type { Finish } from '../../core/neutral/response.ts';

/** `called` says whether the answer holds tool calls, for which the API has no reason of its own. */
export function readFinish(native: string, called: boolean): Finish {
  const reason = finishReason(native, called);
  if (reason === 'tool_calls') return { reason, native };
  return { reason, native, mlflow: reason === 'length' ? reason : native.toLowerCase() };
}

/** A prompt that was not let through to the model. https://ai.google.dev/api/generate-content#BlockReason */
export function blockedFinish(native: string): Finish {
  return { reason: 'content_filter', native, mlflow: native.toLowerCase() };
}
