import type { MediaSource } from '../../core/neutral/parts.ts';
import { invalid } from './fields.ts';

/** An address as a source: a `data:` URL (RFC 2397) is taken apart, another one is kept. */
export function sourceOfUrl(url: string, path: string): MediaSource {
  if (url.slice(0, 5).toLowerCase() !== 'data:') return { kind: 'url', url };
  const comma = url.indexOf(',');
  if (comma === -1) throw invalid(`Invalid '${path}': a data URL needs a comma before its data.`, path);
  const [mediaType = '', ...parameters] = url.slice(5, comma).split(';');
  const data = url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  return {
    kind: 'base64',
    mediaType: mediaType.trim().toLowerCase() || 'text/plain',
    data: isBase64 ? data : base64OfPercentEncoded(data, path),
  };
}

function base64OfPercentEncoded(data: string, path: string): string {
  try {
    return Buffer.from(decodeURIComponent(data), 'utf8').toString('base64');
  } catch {
    throw invalid(`Invalid '${path}': the data URL has a malformed percent sign.`, path);
  }
}

/** As a URL again: what has none gets a `data:` one. Null for a file that only its provider has. */
export function urlOfSource(source: MediaSource): string | null {
  if (source.kind === 'url') return source.url;
  return source.kind === 'base64' ? `data:${source.mediaType};base64,${source.data}` : null;
}

/** OpenAI names a recording's format by the file name's ending. */
export function audioMediaType(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
}

export function audioFormat(mediaType: string): string {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1);
  return subtype === 'mpeg' ? 'mp3' : subtype;
}

const BY_ENDING: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** For a file that comes as bare base64, with no media type of its own. */
export function documentMediaType(filename: string | undefined): string {
  const ending = filename?.slice(filename.lastIndexOf('.') + 1).toLowerCase() ?? '';
  return (Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined) ?? 'application/pdf';
}
