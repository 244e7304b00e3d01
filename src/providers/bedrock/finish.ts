import type { Finish } from '../../core/neutral/response.ts';
import { isJsonObject } from '../../core/types.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#bedrock-runtime_Converse-response-stopReason */
const REASONS = new Map<string, Omit<Finish, 'native'>>([
  ['end_turn', { reason: 'stop' }],
  ['stop_sequence', { reason: 'stop' }],
  ['tool_use', { reason: 'tool_calls' }],
  ['max_tokens', { reason: 'length' }],
  // MLflow knows `stop` for all that it does not expect.
  ['model_context_window_exceeded', { reason: 'length', mlflow: 'stop' }],
  ['content_filtered', { reason: 'content_filter' }],
  ['guardrail_intervened', { reason: 'content_filter', mlflow: 'stop' }],
]);

/** `fields` are the `additionalModelResponseFields`, where a client asked for `/stop_sequence`. */
export function converseFinish(stopReason: unknown, fields: unknown): Finish | null {
  if (typeof stopReason !== 'string') return null;
  const known = REASONS.get(stopReason) ?? { reason: 'stop' };
  const sequence = isJsonObject(fields) ? fields.stop_sequence : null;
  return { ...known, native: stopReason, ...(typeof sequence === 'string' && { stopSequence: sequence }) };
}
