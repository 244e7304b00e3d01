import type { NeutralPart } from '../../core/neutral/parts.ts';
import { textOf } from '../../core/neutral/parts.ts';
import type { NeutralChoice, NeutralResponse, NeutralTextResponse } from '../../core/neutral/response.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { AnswerContext, CheckedRequest } from '../dialect.ts';
import { encodeCitations, encodeRest } from './candidate-fields.ts';
import { encodeEmbeddings } from './embeddings.ts';
import { encodePart, malformedCall } from './encode-parts.ts';
import { encodeFinish } from './finish.ts';
import { encodeSignature } from './signatures.ts';
import { encodeUsage } from './usage.ts';

/** A neutral answer as a `GenerateContentResponse`. https://ai.google.dev/api/generate-content#generatecontentresponse */
export function encode(response: NeutralResponse, context: AnswerContext, { path }: CheckedRequest): string {
  return JSON.stringify(
    response.operation === 'embeddings'
      ? encodeEmbeddings(response, path.batch === true)
      : encodeAnswer(response, context),
  );
}

function encodeAnswer(response: NeutralTextResponse, context: AnswerContext): JsonObject {
  const { prompt_feedback: feedback, ...rest } = response.rest ?? {};
  return {
    // A prompt that was not let through to the model has no candidates.
    ...(!isBlocked(feedback) && { candidates: response.choices.map(encodeCandidate) }),
    ...(feedback !== undefined && { promptFeedback: feedback }),
    usageMetadata: encodeUsage(response.usage ?? NO_USAGE),
    modelVersion: response.model ?? context.model ?? '',
    responseId: response.id ?? newId(),
    ...withoutNulls(rest),
  };
}

export function isBlocked(feedback: unknown): boolean {
  return isJsonObject(feedback) && typeof feedback.blockReason === 'string';
}

export function withoutNulls(rest: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined));
}

export function newId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

function encodeCandidate(choice: NeutralChoice, index: number): JsonObject {
  const parts: JsonObject[] = [];
  const troubles: string[] = [];
  for (const part of choice.parts) addPart(parts, part, troubles);
  // Google's own answers say them in their grounding metadata.
  const isGrounded = choice.rest?.grounding_metadata !== undefined;
  const texts = isGrounded ? [] : choice.parts.filter((part) => part.type === 'text');
  const annotations = texts.flatMap((part) => listOf(part.rest?.annotations));
  const citations = encodeCitations(annotations, annotations.length > 0 ? textOf(choice.parts) : '');
  return {
    content: parts.length > 0 ? { parts, role: 'model' } : { role: 'model' },
    ...encodeEnd(choice, troubles),
    index,
    ...(citations && { citationMetadata: citations }),
    ...encodeRest(choice.rest),
  };
}

/** Why the candidate ended. `troubles` are the calls that could not be written, which the API has a reason of its own for. */
export function encodeEnd({ finish }: Pick<NeutralChoice, 'finish'>, troubles: readonly string[]): JsonObject {
  const end = encodeFinish(finish);
  if (troubles.length === 0) return end;
  const finishReason = end.finishReason === 'STOP' ? 'MALFORMED_FUNCTION_CALL' : end.finishReason;
  return { ...end, finishReason, finishMessage: troubles.join('\n') };
}

function addPart(parts: JsonObject[], part: NeutralPart, troubles: string[]): void {
  if (part.type === 'reasoning' && part.text === '' && part.signature !== undefined) {
    const last = parts.at(-1);
    if (last !== undefined && isUnsignedText(last)) {
      last.thoughtSignature = encodeSignature(part.signature);
      return;
    }
  }
  const encoded = encodePart(part);
  if (encoded) parts.push(encoded);
  else if (part.type === 'tool-call') troubles.push(malformedCall(part));
}

/** A signature that comes alone is that of the text before it. */
function isUnsignedText(part: JsonObject): boolean {
  return typeof part.text === 'string' && part.thought === undefined && part.thoughtSignature === undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
