import { GatewayError } from '../../core/errors.ts';
import type { AudioPart, DocumentPart, ImagePart, MediaSource } from '../../core/neutral/parts.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html */
const IMAGES = new Map<string, string>([
  ['png', 'png'],
  ['jpg', 'jpeg'],
  ['jpeg', 'jpeg'],
  ['gif', 'gif'],
  ['webp', 'webp'],
]);

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html */
const DOCUMENTS = new Map<string, string>([
  ['pdf', 'pdf'],
  ['csv', 'csv'],
  ['msword', 'doc'],
  ['doc', 'doc'],
  ['vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['docx', 'docx'],
  ['vnd.ms-excel', 'xls'],
  ['xls', 'xls'],
  ['vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['xlsx', 'xlsx'],
  ['html', 'html'],
  ['plain', 'txt'],
  ['txt', 'txt'],
  ['markdown', 'md'],
  ['md', 'md'],
]);

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AudioBlock.html */
const AUDIO = new Map<string, string>([
  ['mp3', 'mp3'],
  ['mpeg', 'mp3'],
  ['wav', 'wav'],
  ['x-wav', 'wav'],
  ['wave', 'wav'],
  ['aac', 'aac'],
  ['x-aac', 'x-aac'],
  ['flac', 'flac'],
  ['mp4', 'mp4'],
  ['m4a', 'm4a'],
  ['ogg', 'ogg'],
  ['opus', 'opus'],
  ['webm', 'webm'],
  ['pcm', 'pcm'],
]);

/** Bedrock's name of a format by what stands behind the slash of a media type, or by a file's extension. */
type Formats = ReadonlyMap<string, string>;

export function imageBlock({ source }: ImagePart): JsonObject {
  return { image: { format: formatOf(source, IMAGES, 'an image'), source: sourceOf(source, 'an image') } };
}

export function audioBlock({ source }: AudioPart): JsonObject {
  return { audio: { format: formatOf(source, AUDIO, 'a recording'), source: sourceOf(source, 'a recording') } };
}

/** `name` must be unique within a request. */
export function documentBlock({ source, name, rest }: DocumentPart, names: Set<string>): JsonObject {
  const format = formatOf(source, DOCUMENTS, 'a document', name);
  return {
    document: {
      format,
      name: documentName(name, names),
      source: sourceOf(source, 'a document'),
      ...(typeof rest?.context === 'string' && { context: rest.context }),
      ...(isJsonObject(rest?.citations) && { citations: rest.citations }),
    },
  };
}

/** Letters, digits, single spaces, hyphens, round and square brackets are allowed. */
function documentName(name: string | undefined, names: Set<string>): string {
  const clean =
    (name ?? '')
      .replace(/\.[A-Za-z0-9]{1,5}$/, '')
      .replace(/[^A-Za-z0-9\-()[\]]+/g, ' ')
      .trim()
      .slice(0, 190) || 'document';
  let unique = clean;
  for (let ordinal = 2; names.has(unique); ordinal++) unique = `${clean} ${ordinal}`;
  names.add(unique);
  return unique;
}

function formatOf(source: MediaSource, formats: Formats, what: string, name?: string): string {
  const mediaType = source.kind === 'base64' ? source.mediaType.split(';', 1)[0] : undefined;
  const address = source.kind === 'url' ? source.url : source.kind === 'file' ? source.id : undefined;
  const candidates = [mediaType?.split('/')[1], extension(name), extension(address)];
  for (const candidate of candidates) {
    const format = candidate && formats.get(candidate.trim().toLowerCase());
    if (format) return format;
  }
  const known = [...new Set(formats.values())].join(', ');
  throw new GatewayError(
    'invalid_body',
    `Amazon Bedrock cannot read ${what} of the type '${mediaType ?? 'unknown'}'. It takes ${known}.`,
    { parameter: 'messages' },
  );
}

function extension(address: string | undefined): string | undefined {
  return address === undefined ? undefined : /\.([A-Za-z0-9]+)$/.exec(address)?.[1];
}

function sourceOf(source: MediaSource, what: string): JsonObject {
  if (source.kind === 'base64') return { bytes: source.data };
  const uri = source.kind === 'url' ? source.url : source.id;
  if (uri.startsWith('s3://')) return { s3Location: { uri } };
  throw new GatewayError('invalid_body', `Amazon Bedrock takes ${what} inline, or from an s3:// address.`, {
    parameter: 'messages',
  });
}
