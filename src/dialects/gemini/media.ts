import type { MediaSource, NeutralPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { objectAt, optionalString, otherFields, stringAt } from './fields.ts';
import { inStandardAlphabet } from './signatures.ts';

const INLINE = new Set(['mimeType', 'data', 'displayName']);
const FILE = new Set(['mimeType', 'fileUri', 'displayName']);

/** `inlineData` as a part; null for a video, which the neutral shape does not have. https://ai.google.dev/api/caching#Blob */
export function decodeInlineData(value: unknown, rest: JsonObject | undefined, path: string): NeutralPart | null {
  const blob = objectAt(value, path);
  const mediaType = optionalString(blob.mimeType, `${path}.mimeType`) ?? '';
  // The official Python client writes base64 in the alphabet for URLs, which this API alone understands.
  const data = inStandardAlphabet(stringAt(blob.data, `${path}.data`));
  return mediaPart({ kind: 'base64', mediaType, data }, mediaType, blob, { ...rest, ...otherFields(blob, INLINE) });
}

/** https://ai.google.dev/api/caching#FileData */
export function decodeFileData(value: unknown, rest: JsonObject | undefined, path: string): NeutralPart | null {
  const file = objectAt(value, path);
  const mediaType = optionalString(file.mimeType, `${path}.mimeType`);
  const uri = stringAt(file.fileUri, `${path}.fileUri`);
  if (isVideoPage(uri)) return null;
  const said = mediaType !== undefined && { mediaType };
  const source: MediaSource = isUploaded(uri) ? { kind: 'file', id: uri, ...said } : { kind: 'url', url: uri, ...said };
  return mediaPart(source, mediaType ?? '', file, { ...rest, ...otherFields(file, FILE) });
}

function mediaPart(source: MediaSource, mediaType: string, holder: JsonObject, rest: JsonObject): NeutralPart | null {
  const name = typeof holder.displayName === 'string' ? holder.displayName : undefined;
  if (mediaType.startsWith('video/')) return null;
  if (mediaType.startsWith('image/') || mediaType.startsWith('audio/')) {
    const further = name === undefined ? rest : { ...rest, displayName: name };
    const type = mediaType.startsWith('image/') ? 'image' : 'audio';
    return { type, source, ...someOf(further) };
  }
  return { type: 'document', source, ...(name !== undefined && { name }), ...someOf(rest) };
}

function someOf(rest: JsonObject): { readonly rest?: JsonObject } {
  for (const _ in rest) return { rest };
  return {};
}

const FILES_HOST = 'https://generativelanguage.googleapis.com/';

/** A file that only Google can read: of the Files API, or of Cloud Storage. */
function isUploaded(uri: string): boolean {
  return uri.startsWith(FILES_HOST) || !(uri.startsWith('https://') || uri.startsWith('http://'));
}

const VIDEO_PAGES = ['https://www.youtube.com/', 'https://youtube.com/', 'https://youtu.be/'];

function isVideoPage(uri: string): boolean {
  return VIDEO_PAGES.some((page) => uri.startsWith(page));
}
