import type { NeutralPart } from '../../core/neutral/parts.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { marked, type Places } from '../places.ts';
import { invalidType } from './fields.ts';

/** A `content` as OpenAI's APIs have it: a text, a list of parts that `decodePart` reads, or nothing. */
export function decodeContentList(
  content: unknown,
  path: string,
  decodePart: (part: JsonObject, path: string) => NeutralPart,
  places: Places | null = null,
): NeutralPart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [marked({ type: 'text', text: content }, path, places)];
  if (!Array.isArray(content)) throw invalidType(path, 'a string or an array of objects', content);
  return content.map((part: unknown, index) => {
    const at = `${path}[${index}]`;
    if (!isJsonObject(part)) throw invalidType(at, 'an object', part);
    return marked(decodePart(part, at), at, places);
  });
}
