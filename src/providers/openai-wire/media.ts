import { GatewayError } from '../../core/errors.ts';
import type { AudioPart, DocumentPart, ImagePart, MediaSource } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';

/** https://platform.openai.com/docs/guides/images-vision */
export function imagePart({ source, detail }: ImagePart, path: string): JsonObject {
  if (source.kind === 'file') return { type: 'file', file: { file_id: source.id } };
  return { type: 'image_url', image_url: { url: urlOf(source, path), ...(detail !== undefined && { detail }) } };
}

/** https://platform.openai.com/docs/guides/audio */
export function audioPart({ source }: AudioPart, path: string): JsonObject {
  if (source.kind !== 'base64') throw notTaken('audio other than inline', path);
  const subtype = source.mediaType.slice(source.mediaType.indexOf('/') + 1);
  return { type: 'input_audio', input_audio: { data: source.data, format: FORMATS[subtype] ?? subtype } };
}

const FORMATS: Readonly<Record<string, string>> = { mpeg: 'mp3', 'x-wav': 'wav', wave: 'wav' };

/** https://platform.openai.com/docs/guides/pdf-files */
export function documentPart({ source, name }: DocumentPart, path: string, isNameNeeded: boolean): JsonObject {
  if (source.kind === 'file')
    return { type: 'file', file: { file_id: source.id, ...(name !== undefined && { filename: name }) } };
  const filename = name ?? (isNameNeeded ? 'document.pdf' : undefined);
  return { type: 'file', file: { file_data: urlOf(source, path), ...(filename !== undefined && { filename }) } };
}

function urlOf(source: MediaSource, path: string): string {
  if (source.kind === 'url') return source.url;
  if (source.kind === 'base64') return `data:${source.mediaType};base64,${source.data}`;
  throw notTaken('a file of another provider', path);
}

function notTaken(what: string, path: string): GatewayError {
  return new GatewayError('invalid_body', `The provider does not take ${what}, which is at '${path}'.`, {
    parameter: path,
  });
}
