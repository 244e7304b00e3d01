import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { AnswerFacts, BodyCaller } from '../dialect.ts';

/** Of an answer, or a chunk of one. */
export function readFacts({ model, choices }: JsonObject, facts: AnswerFacts): void {
  if (typeof model === 'string') facts.servedModel = model;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (isJsonObject(choice) && typeof choice.finish_reason === 'string') facts.finishReason = choice.finish_reason;
}

/** `safety_identifier` is what OpenAI has in place of `user` now. */
export function readCaller({ user, safety_identifier: identifier, metadata }: JsonObject): BodyCaller | null {
  if (user === undefined && identifier === undefined && metadata === undefined) return null;
  return { user: user ?? identifier, metadata };
}
