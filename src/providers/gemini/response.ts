import { createHash } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import { readAnswerUsage } from '../../core/gemini/usage.ts';
import { type NeutralPart, textOf } from '../../core/neutral/parts.ts';
import type { NeutralChoice, NeutralTextResponse } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { blockedFinish, readFinish } from './finish.ts';
import { groundingAnnotations } from './grounding.ts';
import { readLogprobs } from './logprobs.ts';

/** https://ai.google.dev/api/generate-content#generatecontentresponse */
export function decodeAnswer(operation: 'chat' | 'completions', body: unknown): NeutralTextResponse {
  if (!isJsonObject(body) || !isAnswer(body)) throw invalid('neither candidates nor the reason why there are none');
  const { promptFeedback } = body;
  const candidates = Array.isArray(body.candidates) ? body.candidates : [];
  const blocked = blockReason(promptFeedback);
  return {
    operation,
    id: typeof body.responseId === 'string' ? body.responseId : `gemini-${operation}-${Math.floor(Date.now() / 1000)}`,
    model: typeof body.modelVersion === 'string' ? body.modelVersion : null,
    choices: candidates.length > 0 ? candidates.map(decodeCandidate) : [emptyChoice(blocked)],
    usage: readAnswerUsage(body),
    ...(blocked !== null && { rest: { prompt_feedback: promptFeedback } }),
  };
}

function isAnswer({ candidates, promptFeedback, usageMetadata }: JsonObject): boolean {
  return Array.isArray(candidates) || isJsonObject(promptFeedback) || isJsonObject(usageMetadata);
}

/** Why the prompt was not let through to the model, or null. */
export function blockReason(promptFeedback: unknown): string | null {
  const reason = isJsonObject(promptFeedback) ? promptFeedback.blockReason : null;
  return typeof reason === 'string' ? reason : null;
}

function emptyChoice(blocked: string | null): NeutralChoice {
  return {
    parts: [],
    finish: blocked === null ? readFinish('STOP', false) : blockedFinish(blocked),
    mlflowOmits: true,
  };
}

function decodeCandidate(candidate: unknown, index: number): NeutralChoice {
  if (!isJsonObject(candidate)) throw invalid(`candidates[${index}], which should be an object, as something else`);
  const callIds = new CallIds();
  const parts: NeutralPart[] = [];
  for (const part of candidateParts(candidate)) parts.push(...decodePart(part, callIds));
  annotate(parts, candidate.groundingMetadata);
  const called = parts.some((part) => part.type === 'tool-call');
  const native = typeof candidate.finishReason === 'string' ? candidate.finishReason : 'STOP';
  const rest = candidateRest(candidate);
  const saysNothing = !parts.some((part) => part.type !== 'reasoning' && !(part.type === 'text' && part.text === ''));
  return {
    parts,
    finish: readFinish(native, called),
    ...(rest && { rest }),
    ...(saysNothing && { mlflowOmits: true }),
  };
}

/** Sources stand at the last text, as in a stream, where they come at its end. */
function annotate(parts: NeutralPart[], metadata: unknown): void {
  if (metadata === undefined) return;
  const annotations = groundingAnnotations(metadata, textOf(parts));
  const last = parts.findLastIndex((part) => part.type === 'text');
  const text = parts[last];
  if (text?.type === 'text' && annotations.length > 0) parts[last] = { ...text, rest: { annotations } };
}

/** The parts of a candidate; none where it was stopped before the first. */
export function candidateParts(candidate: JsonObject): JsonObject[] {
  const parts = isJsonObject(candidate.content) ? candidate.content.parts : undefined;
  if (parts === undefined || parts === null) return [];
  if (!Array.isArray(parts) || !parts.every(isJsonObject)) throw invalid('parts that are no list of objects');
  return parts;
}

/** Fields of a candidate that OpenAI's shape does not have, by the name that they get there. */
const FURTHER: ReadonlyArray<readonly [native: string, name: string]> = [
  ['finishMessage', 'finish_message'],
  ['safetyRatings', 'safety_ratings'],
  ['citationMetadata', 'citation_metadata'],
  ['groundingMetadata', 'grounding_metadata'],
  ['urlContextMetadata', 'url_context_metadata'],
];

/** Log probabilities, and what Google says of safety and of sources; null for nothing. */
export function candidateRest(candidate: JsonObject): JsonObject | null {
  let rest: JsonObject | null = null;
  for (const [native, name] of FURTHER) {
    if (candidate[native] === undefined) continue;
    rest ??= {};
    rest[name] = candidate[native];
  }
  const logprobs = readLogprobs(candidate.logprobsResult);
  return logprobs ? { ...rest, logprobs } : rest;
}

/** One part in neutral terms: a text with a signature becomes two, as OpenAI's shape has no place for it in the text. */
function decodePart(part: JsonObject, callIds: CallIds): NeutralPart[] {
  const signature = typeof part.thoughtSignature === 'string' ? part.thoughtSignature : undefined;
  if (isJsonObject(part.functionCall)) {
    const call = readCall(part.functionCall, callIds);
    return [{ type: 'tool-call', ...call, ...(signature !== undefined && { signature }) }];
  }
  if (typeof part.text === 'string') {
    if (part.thought === true) {
      return [{ type: 'reasoning', text: part.text, ...(signature !== undefined && { signature }) }];
    }
    const text: NeutralPart = { type: 'text', text: part.text };
    return signature === undefined ? [text] : [text, { type: 'reasoning', text: '', signature }];
  }
  return [decodeMedia(part)];
}

/** An image or a recording that the model made; any other part as it is. */
export function decodeMedia(part: JsonObject): NeutralPart {
  const { inlineData } = part;
  if (isJsonObject(inlineData) && typeof inlineData.mimeType === 'string' && typeof inlineData.data === 'string') {
    const source = { kind: 'base64', mediaType: inlineData.mimeType, data: inlineData.data } as const;
    // Without the signature of an image, a model refuses to work on it further.
    const rest = part.thoughtSignature === undefined ? null : { rest: { thought_signature: part.thoughtSignature } };
    if (inlineData.mimeType.startsWith('image/')) return { type: 'image', source, ...rest };
    if (inlineData.mimeType.startsWith('audio/')) return { type: 'audio', source, ...rest };
  }
  return { type: 'other', value: part };
}

/** A call without arguments may lack `args`. https://ai.google.dev/api/caching#FunctionCall */
export function readCall(call: JsonObject, callIds: CallIds): { id: string; name: string; arguments: string } {
  if (typeof call.name !== 'string') throw invalid('a function call without a name');
  const text = isJsonObject(call.args) ? JSON.stringify(call.args) : '{}';
  const id = typeof call.id === 'string' && call.id !== '' ? call.id : callIds.next(call.name, text);
  return { id, name: call.name, arguments: text };
}

/**
 * Ids for calls that come without one: like MLflow's, a hash of the call, so that the same answer gives the same ids.
 * The same call twice in one answer gets two of them.
 */
export class CallIds {
  readonly #given = new Map<string, number>();

  next(name: string, text: string): string {
    const call = `${name}/${text}`;
    const times = this.#given.get(call) ?? 0;
    this.#given.set(call, times + 1);
    const hash = createHash('md5').update(times === 0 ? call : `${call}/${times}`);
    return `call_${hash.digest('hex')}`;
  }
}

export function invalid(found: string): GatewayError {
  return new GatewayError(
    'upstream_invalid',
    `The upstream answered in a shape that is not its own: it sent ${found}.`,
  );
}
