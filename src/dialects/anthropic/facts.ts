import { finishReason } from '../../core/anthropic/finish.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { AnswerFacts, BodyCaller } from '../dialect.ts';

/** Of a message, of its beginning in a stream, or of the delta that ends one. */
export function readFacts({ model, stop_reason: reason }: JsonObject, facts: AnswerFacts): void {
  if (typeof model === 'string') facts.servedModel = model;
  if (typeof reason === 'string') facts.finishReason = finishReason(reason);
}

export function readCaller({ metadata }: JsonObject): BodyCaller | null {
  return isJsonObject(metadata) ? { user: metadata.user_id } : null;
}
