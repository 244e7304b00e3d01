import type { MediaSource } from '../../core/neutral/parts.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/**
 * `inlineData` or `fileData`. A file is one of the Files API, `files/…` or its URI, or whatever else the API takes for
 * one: `gs://…`, the URL of a YouTube video. https://ai.google.dev/gemini-api/docs/file-input-methods
 */
export function encodeMedia(source: MediaSource, fileBase: string | null): JsonObject {
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  const uri = source.kind === 'url' ? source.url : fileUri(source.id, fileBase);
  const mimeType = source.mediaType ?? mediaTypeOf(uri);
  return { fileData: mimeType ? { mimeType, fileUri: uri } : { fileUri: uri } };
}

/** Parts of the API itself that a client may send back as it got them. https://ai.google.dev/api/caching#Part */
const NATIVE_PARTS = [
  'inlineData',
  'fileData',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
] as const;

/** A part of another kind: one of the API itself, or a `video_url` as other gateways know it. Null for any else. */
export function encodeOther({ type, ...part }: JsonObject, fileBase: string | null): JsonObject | null {
  if (NATIVE_PARTS.some((name) => isJsonObject(part[name]))) return part;
  const video = type === 'video_url' && isJsonObject(part.video_url) ? part.video_url.url : null;
  if (typeof video !== 'string') return null;
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(video) ?? [];
  if (mediaType !== undefined && data !== undefined) return { inlineData: { mimeType: mediaType, data } };
  return encodeMedia({ kind: 'url', url: video }, fileBase);
}

function fileUri(id: string, base: string | null): string {
  return base !== null && id.startsWith('files/') ? `${base}/${id}` : id;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  md: 'text/markdown',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  m4a: 'audio/m4a',
  mp4: 'video/mp4',
  mov: 'video/mov',
  webm: 'video/webm',
  mpeg: 'video/mpeg',
};

const YOUTUBE = /^https:\/\/(?:www\.)?(?:youtube\.com|youtu\.be)\//;

/** By the ending of the path, as nothing else says it; the Files API knows it of its own files. */
function mediaTypeOf(uri: string): string | null {
  if (YOUTUBE.test(uri)) return 'video/mp4';
  const ending = /\.(\w+)(?:[?#].*)?$/.exec(uri)?.[1];
  return (ending && MEDIA_TYPES[ending.toLowerCase()]) ?? null;
}
