import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { GatewayError } from '../core/errors.ts';

export interface BodyLimits {
  /** Bytes as they arrive. */
  readonly maxRequestBody: number;
  /** Bytes after the content encoding is undone. */
  readonly maxInflatedRequestBody: number;
}

const INFLATERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const;

/** Reads a request's body as text, within bounds. The usual request, of known length and plain, takes the short way. */
export function readBody(request: Request, limits: BodyLimits): Promise<string> {
  const { headers } = request;
  const length = Number(headers.get('content-length') ?? Number.NaN);
  if (length > limits.maxRequestBody) return Promise.reject(tooLarge(limits.maxRequestBody));
  const encoding = headers.get('content-encoding');
  return Number.isNaN(length) || encoding !== null
    ? readLongWay(request, encoding, limits)
    : readPlain(request, length);
}

async function readPlain(request: Request, length: number): Promise<string> {
  return checked(await request.text().catch(clientLeft), length);
}

async function readLongWay(request: Request, encoding: string | null, limits: BodyLimits): Promise<string> {
  const bytes = await readBounded(request.body, limits.maxRequestBody).catch((error) =>
    error instanceof GatewayError ? Promise.reject(error) : clientLeft(error),
  );
  return decode(encoding === null ? bytes : await inflated(bytes, encoding, limits.maxInflatedRequestBody));
}

/** A replacement character in the text may stand for bytes that are no UTF-8; then its length differs from theirs. */
function checked(text: string, length: number): string {
  if (text.includes('\ufffd') && Buffer.byteLength(text) !== length) throw notUtf8();
  return text;
}

/** The body ended before its announced length, or its framing is broken: nobody is there to read an answer. */
function clientLeft(cause: unknown): never {
  throw new GatewayError('client_closed', 'The request ended before its body was complete.', { cause });
}

function notUtf8(cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', 'The request body is not valid UTF-8.', { cause });
}

async function readBounded(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.content-encoding: the encodings are undone from the last to the first. */
async function inflated(bytes: Uint8Array, encodings: string, limit: number): Promise<Uint8Array> {
  let result = bytes;
  const names = encodings.split(',').map((name) => name.trim().toLowerCase());
  for (const name of names.reverse()) {
    if (name === 'identity' || name === '') continue;
    if (!(name in INFLATERS)) {
      throw new GatewayError(
        'unsupported_encoding',
        `The content encoding '${name}' is not supported. Use gzip, deflate, br or zstd.`,
      );
    }
    result = await undoEncoding(INFLATERS[name as keyof typeof INFLATERS], result, name, limit);
  }
  return result;
}

async function undoEncoding(
  undo: (typeof INFLATERS)[keyof typeof INFLATERS],
  bytes: Uint8Array,
  name: string,
  limit: number,
): Promise<Uint8Array> {
  try {
    return await undo(bytes, { maxOutputLength: limit });
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError || (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(limit);
    throw new GatewayError('invalid_request', `The request body is not valid ${name}.`, { cause });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw notUtf8(cause);
  }
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('body_too_large', `The request body is larger than ${limit} bytes.`, {
    headers: { connection: 'close' },
  });
}
