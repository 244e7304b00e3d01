import { finishReason } from '../../core/anthropic/finish.ts';
import type { Finish } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';

/** MLflow's gateway knows `max_tokens` and `tool_use`, and says `stop` for everything else. */
const STOP_FOR_MLFLOW: ReadonlySet<string> = new Set(['model_context_window_exceeded', 'refusal']);

/** Reads `stop_reason` and `stop_sequence`; null while there is none. */
export function finishOf({ stop_reason: native, stop_sequence: sequence }: JsonObject): Finish | null {
  if (typeof native !== 'string') return null;
  return {
    reason: finishReason(native),
    ...(STOP_FOR_MLFLOW.has(native) && { mlflow: 'stop' }),
    native,
    ...(typeof sequence === 'string' && { stopSequence: sequence }),
  };
}
