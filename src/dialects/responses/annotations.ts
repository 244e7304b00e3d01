import { isJsonObject, type JsonObject } from '../../core/types.ts';

/**
 * The chat API nests what the Responses API has flat, and counts places from the beginning of the answer rather than of
 * the part: `{"type":"url_citation","url_citation":{"url","title","start_index","end_index"}}`.
 * https://platform.openai.com/docs/api-reference/chat/object#chat-object-choices-message-annotations
 */
export function toAnnotation(annotation: unknown, partStart: number): unknown {
  if (!isJsonObject(annotation) || annotation.type !== 'url_citation') return annotation;
  const { url_citation: citation, ...others } = annotation;
  if (!isJsonObject(citation)) return annotation;
  const { start_index: start, end_index: end } = citation;
  return {
    ...others,
    ...citation,
    ...(typeof start === 'number' && { start_index: Math.max(0, start - partStart) }),
    ...(typeof end === 'number' && { end_index: Math.max(0, end - partStart) }),
  };
}

/** An annotation that a client gives back, as the chat API has it. */
export function fromAnnotation(annotation: unknown): unknown {
  if (!isJsonObject(annotation) || annotation.type !== 'url_citation' || 'url_citation' in annotation)
    return annotation;
  const { type, ...citation } = annotation;
  return { type, url_citation: citation };
}

/** What the further fields of a text say of its sources, for an `output_text`. */
export function sourcesOf(
  rest: JsonObject | undefined,
  partStart: number,
): { annotations: unknown[]; citations: unknown[] } {
  return {
    annotations: list(rest?.annotations).map((annotation) => toAnnotation(annotation, partStart)),
    citations: list(rest?.citations),
  };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
