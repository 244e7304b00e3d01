import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { GatewayError } from '../core/errors.ts';
import { type HttpRequest, RequestTooLargeError } from './http/http-request.ts';

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

/** Reads a request's body as text, within bounds: at once where it has arrived and is not compressed. */
export function readBody(request: HttpRequest, limits: BodyLimits): string | Promise<string> {
  const encoding = request.head.contentEncoding;
  const text = encoding === null ? request.takeText(limits.maxRequestBody) : null;
  if (text !== null) return text;
  const body = request.body(limits.maxRequestBody);
  if (encoding === null && body instanceof Buffer) return decode(body);
  return readLongWay(Promise.resolve(body), encoding, limits);
}

async function readLongWay(body: Promise<Buffer>, encoding: string | null, limits: BodyLimits): Promise<string> {
  const bytes = await body.catch((error: unknown) => {
    if (error instanceof RequestTooLargeError) throw tooLarge(limits.maxRequestBody);
    throw new GatewayError('client_closed', 'The request ended before its body was complete.', { cause: error });
  });
  return decode(encoding === null ? bytes : await inflated(bytes, encoding, limits.maxInflatedRequestBody));
}

function notUtf8(): GatewayError {
  return new GatewayError('invalid_request', 'The request body is not valid UTF-8.');
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.content-encoding: the encodings are undone from the last to the first. */
async function inflated(bytes: Buffer, encodings: string, limit: number): Promise<Buffer> {
  let result = bytes;
  const names = encodings.split(',').map((name) => name.trim().toLowerCase());
  for (const name of names.reverse()) {
    if (name === 'identity' || name === '') continue;
    if (!Object.hasOwn(INFLATERS, name)) {
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
  bytes: Buffer,
  name: string,
  limit: number,
): Promise<Buffer> {
  try {
    return await undo(bytes, { maxOutputLength: limit });
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError || (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(limit);
    throw new GatewayError('invalid_request', `The request body is not valid ${name}.`, { cause });
  }
}

/** A replacement character in the text may stand for bytes that are no UTF-8; then its length differs from theirs. */
function decode(bytes: Buffer): string {
  const text = bytes.toString();
  if (text.includes('\ufffd') && Buffer.byteLength(text) !== bytes.length) throw notUtf8();
  return text;
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('body_too_large', `The request body is larger than ${limit} bytes.`);
}
