import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart, ToolResultPart } from '../../core/neutral/parts.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { encodeMedia } from './media.ts';

interface EncodedResult {
  readonly response: JsonObject;
  /** What else a `functionResponse` may say. */
  readonly further: JsonObject;
  /** Images and files, which follow the response as parts of the same turn. */
  readonly media: readonly JsonObject[];
}

/** The `response` of a `functionResponse` must be an object. https://ai.google.dev/api/caching#FunctionResponse */
export function encodeToolResult(
  result: ToolResultPart,
  path: string,
  changes: Changes,
  fileBase: string | null,
): EncodedResult {
  if (result.cacheControl) changes.dropped(`${path}.cache_control`);
  const further: JsonObject = {};
  for (const field in result.rest) {
    if (FURTHER.has(field)) further[field] = result.rest[field];
    else changes.dropped(`${path}.${field}`);
  }
  const media: JsonObject[] = [];
  result.parts.forEach((part, index) => {
    const place = `${path}.content.${index}`;
    if (part.type === 'text') return;
    if (part.type === 'image' || part.type === 'audio' || part.type === 'document') {
      changes.approximated(place);
      media.push(encodeMedia(part.source, fileBase));
    } else if (part.type === 'other' && part.text) {
      changes.approximated(place);
    } else {
      changes.dropped(place);
    }
  });
  const text = textsOf(result.parts);
  return { response: result.isError ? { error: text } : asObject(text), further, media };
}

function textsOf(parts: readonly NeutralPart[]): string {
  const texts = parts.map((part) => (part.type === 'text' || part.type === 'other' ? part.text : undefined));
  return texts.filter((text) => text !== undefined).join('\n');
}

const FURTHER: ReadonlySet<string> = new Set(['willContinue', 'scheduling']);

function asObject(text: string): JsonObject {
  if (text.trimStart().startsWith('{')) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (isJsonObject(parsed)) return parsed;
    } catch {
      // A text that only looks like JSON.
    }
  }
  return { result: text };
}
