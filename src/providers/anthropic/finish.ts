import type { Finish } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';

interface Meaning {
  readonly reason: string;
  /** MLflow's gateway knows `max_tokens` and `tool_use`, and says `stop` for everything else. */
  readonly mlflow?: string;
}

/** https://docs.anthropic.com/en/api/handling-stop-reasons */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['end_turn', { reason: 'stop' }],
  ['stop_sequence', { reason: 'stop' }],
  // The client may send the turn back as it is, for the model to go on.
  ['pause_turn', { reason: 'stop' }],
  ['max_tokens', { reason: 'length' }],
  ['model_context_window_exceeded', { reason: 'length', mlflow: 'stop' }],
  ['tool_use', { reason: 'tool_calls' }],
  ['refusal', { reason: 'content_filter', mlflow: 'stop' }],
]);

/** Reads `stop_reason` and `stop_sequence`; null while there is none. */
export function finishOf({ stop_reason: native, stop_sequence: sequence }: JsonObject): Finish | null {
  if (typeof native !== 'string') return null;
  const meaning = MEANINGS.get(native) ?? { reason: 'stop' };
  return { ...meaning, native, ...(typeof sequence === 'string' && { stopSequence: sequence }) };
}
