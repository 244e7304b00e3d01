import { finishReason } from '../../core/gemini/finish.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { AnswerFacts, BodyCaller } from '../dialect.ts';

/** Of an answer, or a chunk of one: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
export function readFacts({ modelVersion, candidates, promptFeedback }: JsonObject, facts: AnswerFacts): void {
  if (typeof modelVersion === 'string') facts.servedModel = modelVersion;
  const candidate: unknown = Array.isArray(candidates) ? candidates[0] : undefined;
  if (isJsonObject(candidate) && typeof candidate.finishReason === 'string') {
    facts.finishReason = finishReason(candidate.finishReason, callsTools(candidate));
  } else if (isJsonObject(promptFeedback) && typeof promptFeedback.blockReason === 'string') {
    facts.finishReason = 'content_filter';
  }
}

function callsTools({ content }: JsonObject): boolean {
  const parts: unknown = isJsonObject(content) ? content.parts : undefined;
  return Array.isArray(parts) && parts.some((part) => isJsonObject(part) && part.functionCall !== undefined);
}

/** Labels: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/add-labels-to-api-calls */
export function readCaller({ labels }: JsonObject): BodyCaller | null {
  return labels === undefined ? null : { metadata: labels };
}
