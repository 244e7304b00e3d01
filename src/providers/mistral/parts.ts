import type { Changes } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** https://docs.mistral.ai/api/endpoint/chat: each kind of part with its fields. */
const PART_FIELDS: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text'],
  image_url: ['type', 'image_url'],
  document_url: ['type', 'document_url', 'document_name'],
  reference: ['type', 'reference_ids'],
  thinking: ['type', 'thinking', 'closed'],
};

/** The parts of a message's content as Mistral takes them; the same list where nothing changes. */
export function contentParts(parts: readonly unknown[], path: string, changes: Changes): readonly unknown[] {
  let changed = false;
  const adjusted: unknown[] = [];
  for (const [index, part] of parts.entries()) {
    const better = isJsonObject(part) ? contentPart(part, `${path}.content.${index}`, changes) : part;
    if (better !== part) changed = true;
    if (better !== null) adjusted.push(better);
  }
  return changed ? adjusted : parts;
}

/** Null for a part that cannot be carried. */
function contentPart(part: JsonObject, path: string, changes: Changes): JsonObject | null {
  const fields = PART_FIELDS[String(part.type)];
  if (fields) return withoutExtras(part, fields, path, changes);
  const converted = convert(part);
  if (converted === null) {
    changes.dropped(path);
    return null;
  }
  if (converted !== part && part.cache_control !== undefined) changes.dropped(`${path}.cache_control`);
  return converted;
}

function withoutExtras(part: JsonObject, fields: readonly string[], path: string, changes: Changes): JsonObject {
  const extras = Object.keys(part).filter((field) => !fields.includes(field));
  if (extras.length === 0) return part;
  for (const field of extras) changes.dropped(`${path}.${field}`);
  return Object.fromEntries(Object.entries(part).filter(([field]) => fields.includes(field)));
}

/** OpenAI's parts that Mistral has under other names. */
function convert(part: JsonObject): JsonObject | null {
  if (part.type === 'input_audio') return audio(part);
  if (part.type === 'file') return file(part);
  if (part.type === 'refusal' && typeof part.refusal === 'string') return { type: 'text', text: part.refusal };
  return null;
}

function audio(part: JsonObject): JsonObject | null {
  const { input_audio: recording } = part;
  if (typeof recording === 'string') return part;
  if (!isJsonObject(recording) || typeof recording.data !== 'string') return null;
  return { type: 'input_audio', input_audio: recording.data };
}

function file(part: JsonObject): JsonObject | null {
  if (typeof part.file_id === 'string') return part;
  if (!isJsonObject(part.file)) return null;
  const { file_data: data, file_id: id, filename } = part.file;
  if (typeof id === 'string') return { type: 'file', file_id: id };
  if (typeof data !== 'string') return null;
  const url = data.startsWith('data:') ? data : `data:application/pdf;base64,${data}`;
  return {
    type: 'document_url',
    document_url: url,
    ...(typeof filename === 'string' && { document_name: filename }),
  };
}
