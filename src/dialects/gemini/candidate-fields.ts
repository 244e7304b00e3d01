import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** The further fields of a choice as those of a candidate. https://ai.google.dev/api/generate-content#candidate */
export function encodeRest(rest: JsonObject | undefined): JsonObject {
  const fields: JsonObject = {};
  for (const field in rest) {
    const value = rest[field];
    if (value === null || value === undefined) continue;
    const name = Object.hasOwn(NAMES, field) ? NAMES[field] : undefined;
    if (field === 'logprobs') Object.assign(fields, encodeLogprobs(value));
    else fields[name ?? field] = value;
  }
  return fields;
}

const NAMES: Readonly<Record<string, string>> = {
  finish_message: 'finishMessage',
  safety_ratings: 'safetyRatings',
  citation_metadata: 'citationMetadata',
  grounding_metadata: 'groundingMetadata',
  url_context_metadata: 'urlContextMetadata',
};

/** OpenAI's `logprobs` as `logprobsResult`; of another shape, as they are. https://ai.google.dev/api/generate-content#LogprobsResult */
function encodeLogprobs(logprobs: unknown): JsonObject {
  const content = isJsonObject(logprobs) ? (logprobs.content ?? logprobs.refusal) : null;
  if (!Array.isArray(content)) return { logprobs };
  const chosen = content.filter(isJsonObject);
  if (chosen.length === 0) return {};
  const sum = chosen.reduce((total, { logprob }) => total + (typeof logprob === 'number' ? logprob : 0), 0);
  return {
    avgLogprobs: sum / chosen.length,
    logprobsResult: {
      topCandidates: chosen.map(({ top_logprobs: top }) => ({
        candidates: Array.isArray(top) ? top.filter(isJsonObject).map(logprob) : [],
      })),
      chosenCandidates: chosen.map(logprob),
    },
  };
}

function logprob({ token, logprob }: JsonObject): JsonObject {
  return { token, logProbability: logprob };
}

/**
 * The sources that OpenAI's annotations name, as `citationMetadata`; null without any. `text` is the answer up to here:
 * places in it are in bytes. https://ai.google.dev/api/generate-content#citationmetadata
 */
export function encodeCitations(annotations: unknown, text: string): JsonObject | null {
  if (!Array.isArray(annotations)) return null;
  const sources = annotations.flatMap((annotation: unknown) => {
    const citation = isJsonObject(annotation) ? annotation.url_citation : null;
    if (!isJsonObject(citation)) return [];
    const { url, title, start_index: start, end_index: end } = citation;
    return {
      ...(typeof start === 'number' && { startIndex: byteLength(text, start) }),
      ...(typeof end === 'number' && { endIndex: byteLength(text, end) }),
      uri: url,
      ...(typeof title === 'string' && title !== '' && { title }),
    };
  });
  return sources.length > 0 ? { citationSources: sources } : null;
}

function byteLength(text: string, end: number): number {
  return Buffer.byteLength(text.slice(0, end), 'utf8');
}
