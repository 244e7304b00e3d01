import { GatewayError } from '../../core/errors.ts';
import type { NeutralChoice, NeutralEmbeddingsResponse, NeutralTextResponse } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** The answer of `generateMessage`, whose texts are under `content`, or of `generateText`, with `output`. */
export function decodeText(operation: 'chat' | 'completions', body: unknown): NeutralTextResponse {
  if (!isJsonObject(body)) throw invalid('no object');
  const candidates = Array.isArray(body.candidates) ? body.candidates : [];
  const filter = filterReason(body.filters);
  if (candidates.length === 0 && filter === null) throw invalid('no candidates');
  const textField = operation === 'chat' ? 'content' : 'output';
  return {
    operation,
    id: null,
    model: null,
    choices: candidates.length > 0 ? candidates.map((candidate) => choice(candidate, textField)) : [filtered(filter)],
    usage: null,
  };
}

function choice(candidate: unknown, textField: string): NeutralChoice {
  const text = isJsonObject(candidate) ? candidate[textField] : undefined;
  if (!isJsonObject(candidate) || typeof text !== 'string') throw invalid('a candidate without a text');
  const { author, safetyRatings, citationMetadata } = candidate;
  const rest: JsonObject = {};
  if (safetyRatings !== undefined) rest.safety_ratings = safetyRatings;
  if (citationMetadata !== undefined) rest.citation_metadata = citationMetadata;
  return {
    parts: [{ type: 'text', text }],
    finish: null,
    ...(typeof author === 'string' && { role: author }),
    ...(Object.keys(rest).length > 0 && { rest }),
  };
}

/** Why content was held back, or null. */
function filterReason(filters: unknown): string | null {
  const filter: unknown = Array.isArray(filters) ? filters[0] : null;
  return isJsonObject(filter) && typeof filter.reason === 'string' ? filter.reason : null;
}

function filtered(native: string | null): NeutralChoice {
  const finish = { reason: 'content_filter', mlflow: null, ...(native !== null && { native }) };
  return { parts: [], finish, mlflowOmits: true };
}

/** The answer of `batchEmbedText`. */
export function decodeEmbeddings(body: unknown): NeutralEmbeddingsResponse {
  if (!isJsonObject(body) || !Array.isArray(body.embeddings)) throw invalid('no embeddings');
  const embeddings = body.embeddings.map((embedding: unknown) => {
    const vector = isJsonObject(embedding) ? embedding.value : null;
    if (Array.isArray(vector) && vector.every((item) => typeof item === 'number')) return vector;
    throw invalid('an embedding without its value');
  });
  return { operation: 'embeddings', model: null, embeddings, usage: null };
}

function invalid(found: string): GatewayError {
  return new GatewayError('upstream_invalid', `The upstream answered in a shape that is not PaLM's: it sent ${found}.`);
}
