import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart, OtherPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { encodeMedia, encodeOther } from './media.ts';

/** Fields of a part of the API that a client may give, in either notation. https://ai.google.dev/api/caching#Part */
const PART_FIELDS: Readonly<Record<string, string>> = {
  thought_signature: 'thoughtSignature',
  thoughtSignature: 'thoughtSignature',
  media_resolution: 'mediaResolution',
  mediaResolution: 'mediaResolution',
  video_metadata: 'videoMetadata',
  videoMetadata: 'videoMetadata',
  partMetadata: 'partMetadata',
};

/** A part that may stand in any turn; null, and noted, for one that cannot be carried. */
export function encodePart(
  part: NeutralPart,
  place: string,
  fileBase: string | null,
  changes: Changes,
): JsonObject | null {
  const encoded = encodeContent(part, place, fileBase, changes);
  if (!encoded) {
    changes.dropped(place);
    return null;
  }
  if (part.type === 'other') return encoded;
  for (const field in part.rest) {
    const native = partField(field);
    if (native !== undefined) encoded[native] = part.rest[field];
  }
  return encoded;
}

function encodeContent(part: NeutralPart, place: string, fileBase: string | null, changes: Changes): JsonObject | null {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'image':
      if (part.detail !== undefined && part.detail !== 'auto') changes.dropped(`${place}.image_url.detail`);
      return encodeMedia(part.source, fileBase);
    case 'audio':
      return encodeMedia(part.source, fileBase);
    case 'document':
      if (part.name !== undefined) changes.dropped(`${place}.file.filename`);
      return encodeMedia(part.source, fileBase);
    case 'refusal':
      changes.approximated(`${place}.refusal`);
      return { text: part.text };
    case 'other':
      return encodeOther(part.value, fileBase) ?? spoken(part, place, changes);
    default:
      return null;
  }
}

/** What a part of another API says in words. */
function spoken({ text }: OtherPart, place: string, changes: Changes): JsonObject | null {
  if (text === undefined || text === '') return null;
  changes.approximated(place);
  return { text };
}

function partField(field: string): string | undefined {
  return Object.hasOwn(PART_FIELDS, field) ? PART_FIELDS[field] : undefined;
}

/** Each part with its path in the client's body, its unknown fields noted. */
export function* placed(
  parts: readonly NeutralPart[],
  path: string,
  changes: Changes,
): Generator<readonly [place: string, part: NeutralPart]> {
  let position = 0;
  for (const part of parts) {
    const isContent = part.type !== 'reasoning' && part.type !== 'tool-call';
    const place = isContent ? `${path}.content.${position++}` : path;
    if (part.type !== 'other') {
      if (part.cacheControl) changes.dropped(`${place}.cache_control`);
      for (const field in part.rest) if (partField(field) === undefined) changes.dropped(`${place}.${field}`);
    }
    yield [place, part];
  }
}

export function signed(part: JsonObject, thoughtSignature: string | undefined): JsonObject {
  return thoughtSignature === undefined ? part : { ...part, thoughtSignature };
}

/** A signature of text belongs to the last text of the turn; without text it stands alone, as in streams. */
export function withTextSignature(parts: readonly JsonObject[], signature: string): readonly JsonObject[] {
  const last = parts.findLastIndex((part) => 'text' in part && part.thought === undefined);
  if (last < 0) return [...parts, signed({ text: '' }, signature)];
  return parts.map((part, index) => (index === last ? signed(part, signature) : part));
}
