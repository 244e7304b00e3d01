import { isJsonObject, type JsonObject } from '../../core/types.ts';

/**
 * The sources of a searched answer as annotations in OpenAI's shape, each with its place in `text`, the answer so far, in
 * UTF-16 units. https://ai.google.dev/api/generate-content#GroundingMetadata,
 * https://platform.openai.com/docs/api-reference/chat/object#chat-object-choices-message-annotations
 */
export function groundingAnnotations(metadata: unknown, text: string): JsonObject[] {
  if (!isJsonObject(metadata)) return [];
  const { groundingChunks: chunks, groundingSupports: supports } = metadata;
  if (!Array.isArray(chunks) || !Array.isArray(supports)) return [];
  const bytes = Buffer.from(text, 'utf8');
  const annotations: JsonObject[] = [];
  for (const support of supports) {
    if (!isJsonObject(support) || !isJsonObject(support.segment)) continue;
    const place = placeOf(support.segment, text, bytes);
    const indices: unknown[] = Array.isArray(support.groundingChunkIndices) ? support.groundingChunkIndices : [];
    for (const index of indices) {
      const source = sourceOf(chunks[Number(index)]);
      if (source) annotations.push({ type: 'url_citation', url_citation: { ...source, ...place } });
    }
  }
  return annotations;
}

/** Pages of the web, documents of a store and places on a map. */
const KINDS = ['web', 'retrievedContext', 'maps'] as const;

function sourceOf(chunk: unknown): JsonObject | null {
  if (!isJsonObject(chunk)) return null;
  for (const kind of KINDS) {
    const source = chunk[kind];
    if (!isJsonObject(source) || typeof source.uri !== 'string') continue;
    return { url: source.uri, title: typeof source.title === 'string' ? source.title : '' };
  }
  return null;
}

/** The API counts bytes, from the beginning of a part: what the segment says itself shows where that part begins. */
function placeOf({ startIndex, endIndex, text: said }: JsonObject, text: string, bytes: Buffer): JsonObject {
  const start = lengthOf(bytes, startIndex);
  const end = lengthOf(bytes, endIndex);
  if (typeof said !== 'string' || said === '' || text.startsWith(said, start)) {
    return { start_index: start, end_index: end };
  }
  const found = text.indexOf(said);
  return found < 0 ? { start_index: start, end_index: end } : { start_index: found, end_index: found + said.length };
}

function lengthOf(bytes: Buffer, end: unknown): number {
  return typeof end === 'number' ? bytes.toString('utf8', 0, end).length : 0;
}
