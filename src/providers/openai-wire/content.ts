import { documentText, type NeutralPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { type EncodingContext, extras } from './context.ts';
import { audioPart, documentPart, imagePart } from './media.ts';

/**
 * The `content` of a message: a text alone as a text, everything else as a list; absent where there is nothing. `path`
 * is the message's in the client's body.
 */
export function contentOf(parts: readonly NeutralPart[], path: string, context: EncodingContext): JsonObject {
  if (parts.length === 0) return {};
  const list: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const encoded = contentPart(part, `${path}.content.${index}`, context);
    if (encoded !== null) list.push(encoded);
  }
  const [only] = list;
  if (list.length === 1 && only?.type === 'text' && Object.keys(only).length === 2) return { content: only.text };
  return list.length === 0 ? {} : { content: list };
}

/** Null for a part that the API has no place for. */
export function contentPart(part: NeutralPart, path: string, context: EncodingContext): JsonObject | null {
  if (part.type === 'other') return otherPart(part, path, context);
  const encoded = knownPart(part, path, context);
  return encoded && { ...encoded, ...extras(part, path, context) };
}

type KnownPart = Exclude<NeutralPart, { type: 'other' }>;

function knownPart(part: KnownPart, path: string, context: EncodingContext): JsonObject | null {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'image':
      return imagePart(part, path);
    case 'audio':
      return audioPart(part, path);
    case 'document': {
      const text = context.takes('unknown') ? null : documentText(part);
      if (text === null) return documentPart(part, path, !context.takes('unknown'));
      context.changes.approximated(path);
      return { type: 'text', text };
    }
    default:
      context.changes.dropped(path);
      return null;
  }
}

function otherPart(
  { value, text }: Extract<NeutralPart, { type: 'other' }>,
  path: string,
  { takes, changes }: EncodingContext,
): JsonObject | null {
  if (takes('unknown')) return value;
  if (text === undefined) {
    changes.dropped(path);
    return null;
  }
  changes.approximated(path);
  return { type: 'text', text };
}
