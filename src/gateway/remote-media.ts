import { GatewayError } from '../core/errors.ts';
import type { AudioPart, DocumentPart, ImagePart, MediaSource, NeutralPart } from '../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../core/neutral/request.ts';
import { EgressClient } from '../upstream/egress/egress-client.ts';
import { EgressError } from '../upstream/egress/egress-error.ts';
import { mediaTypeOf } from './media-type.ts';

/** No provider takes more inline. */
const MAX_FILE_BYTES = 20 * 2 ** 20;
const MAX_TOTAL_BYTES = 50 * 2 ** 20;
const TIMEOUT_MILLISECONDS = 10_000;
const AT_ONCE = 4;

type MediaPart = ImagePart | AudioPart | DocumentPart;
type Base64Source = Extract<MediaSource, { kind: 'base64' }>;
type MediaClient = Pick<EgressClient, 'get'>;

/** A URL, and the first message that has it. */
interface RemoteMedium {
  readonly url: string;
  readonly type: MediaPart['type'];
  readonly message: number;
}

let shared: EgressClient | null = null;

/** Made at first use: few gateways need one. */
function sharedClient(): EgressClient {
  shared ??= new EgressClient({
    environment: process.env,
    maxBytes: MAX_FILE_BYTES,
    timeout: TIMEOUT_MILLISECONDS,
  });
  return shared;
}

/**
 * Fetches the images, recordings and documents that a request gives by URL, tool results included, and puts their bytes
 * in their place, for providers that fetch nothing themselves. A request without any is returned as it is. Rejects with
 * a GatewayError that names the message and the reason.
 */
export async function inlineRemoteMedia(
  request: NeutralChatRequest,
  client?: MediaClient,
  types: readonly MediaType[] = ALL_TYPES,
): Promise<NeutralChatRequest> {
  const media = remoteMedia(request.messages, types);
  if (media.length === 0) return request;
  const sources = new Map<string, Base64Source>();
  try {
    await fetchAll(media, client ?? sharedClient(), sources);
  } catch (error) {
    if (!(error instanceof MediumError)) throw error;
    throw refusal(error, request.surface);
  }
  return { ...request, messages: request.messages.map((message) => withSources(message, sources)) };
}

/** In place of `inlineRemoteMedia` where the operator wants nothing fetched. */
export async function refuseRemoteMedia(
  request: NeutralChatRequest,
  types: readonly MediaType[] = ALL_TYPES,
): Promise<NeutralChatRequest> {
  const [medium] = remoteMedia(request.messages, types);
  if (!medium) return request;
  throw refusal(new MediumError(medium, 'this gateway fetches none; send it as base64'), request.surface);
}

/** How a target of OpenAI's format gets its media: the provider fetches images, and takes documents only inline. */
export function inlineRemoteDocuments(fetches: boolean): (request: NeutralChatRequest) => Promise<NeutralChatRequest> {
  return (request) =>
    fetches ? inlineRemoteMedia(request, undefined, ['document']) : refuseRemoteMedia(request, ['document']);
}

type MediaType = MediaPart['type'];
const ALL_TYPES: readonly MediaType[] = ['image', 'audio', 'document'];

/** Each URL once, in the order of the messages. */
function remoteMedia(messages: readonly NeutralMessage[], types: readonly MediaType[]): RemoteMedium[] {
  const found = new Map<string, RemoteMedium>();
  const visit = (part: NeutralPart, message: number): void => {
    if (part.type === 'tool-result') {
      for (const inner of part.parts) visit(inner, message);
    } else if (isRemote(part) && types.includes(part.type) && !found.has(part.source.url)) {
      found.set(part.source.url, { url: part.source.url, type: part.type, message });
    }
  };
  for (const [index, { parts }] of messages.entries()) for (const part of parts) visit(part, index);
  return [...found.values()];
}

export function hasRemoteMedia({ messages }: NeutralChatRequest): boolean {
  return messages.some(({ parts }) => parts.some(holdsRemote));
}

function holdsRemote(part: NeutralPart): boolean {
  return part.type === 'tool-result' ? part.parts.some(holdsRemote) : isRemote(part);
}

/** Another address than one of the web, such as `gs://bucket/file`, is for the provider to resolve. */
export function isRemote(part: NeutralPart): part is MediaPart & { readonly source: { readonly kind: 'url' } } {
  return isMedia(part) && part.source.kind === 'url' && /^https?:/i.test(part.source.url);
}

function isMedia(part: NeutralPart): part is MediaPart {
  return part.type === 'image' || part.type === 'audio' || part.type === 'document';
}

/** A few at a time; the first failure ends the others. */
async function fetchAll(
  media: readonly RemoteMedium[],
  client: MediaClient,
  sources: Map<string, Base64Source>,
): Promise<void> {
  const abort = new AbortController();
  const waiting = media.values();
  let total = 0;
  const work = async (): Promise<void> => {
    for (const medium of waiting) {
      const { bytes, source } = await fetchOne(medium, client, abort.signal);
      total += bytes;
      if (total > MAX_TOTAL_BYTES) {
        throw new MediumError(medium, `a request may have ${MAX_TOTAL_BYTES / 2 ** 20} MiB of such media in all`);
      }
      sources.set(medium.url, source);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, media.length) }, work));
  } finally {
    abort.abort();
  }
}

async function fetchOne(
  medium: RemoteMedium,
  client: MediaClient,
  signal: AbortSignal,
): Promise<{ bytes: number; source: Base64Source }> {
  const { bytes, mediaType: declared } = await client.get(medium.url, signal).catch((error: unknown) => {
    throw error instanceof EgressError ? new MediumError(medium, error.message, error) : error;
  });
  const mediaType = mediaTypeOf(bytes, declared);
  if (mediaType === null || !suits(medium.type, mediaType)) {
    const said = mediaType ?? (declared === null ? 'of an unknown type' : `no valid ${declared}`);
    throw new MediumError(medium, `what its server sent is ${said}`);
  }
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return { bytes: bytes.length, source: { kind: 'base64', mediaType, data } };
}

/** A page that says "not found" with status 200 is no image. */
function suits(type: MediaPart['type'], mediaType: string): boolean {
  if (type === 'document') return /^(?:application|text)\//.test(mediaType);
  return mediaType.startsWith(`${type}/`);
}

function withSources(message: NeutralMessage, sources: ReadonlyMap<string, Base64Source>): NeutralMessage {
  const replace = (part: NeutralPart): NeutralPart => {
    if (part.type === 'tool-result') return { ...part, parts: part.parts.map(replace) };
    const source = isMedia(part) && part.source.kind === 'url' ? sources.get(part.source.url) : undefined;
    return source ? ({ ...part, source } as NeutralPart) : part;
  };
  return { ...message, parts: message.parts.map(replace) };
}

/** One medium could not be had. */
class MediumError extends Error {
  readonly medium: RemoteMedium;

  constructor(medium: RemoteMedium, message: string, cause?: unknown) {
    super(message, { cause });
    this.medium = medium;
  }
}

function refusal({ medium, message, cause }: MediumError, surface: NeutralChatRequest['surface']): GatewayError {
  const where = `messages.${medium.message}`;
  const text = `The ${medium.type} at ${withoutQuery(medium.url)} in '${where}' cannot be fetched: ${message}.`;
  const code = surface === 'mlflow' ? 'invalid_body' : 'invalid_request';
  return new GatewayError(code, text, { parameter: where, cause });
}

/** Queries hold signatures that are as good as keys. */
function withoutQuery(url: string): string {
  const end = url.search(/[?#]/);
  const bare = (end === -1 ? url : url.slice(0, end)).replace(/\/\/[^/]*@/, '//');
  return bare.length > 200 ? `${bare.slice(0, 200)}…` : bare;
}
