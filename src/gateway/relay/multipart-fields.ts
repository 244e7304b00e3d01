import { GatewayError } from '../../core/errors.ts';

/** The value of a field that is looked for; all else is bytes. */
export interface FieldValue {
  readonly value: string;
}

export type MultipartPiece = Uint8Array | FieldValue;

export function isFieldValue(piece: MultipartPiece): piece is FieldValue {
  return 'value' in piece;
}

const EMPTY = Buffer.alloc(0);
const LINE_END = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');
const DASH = 0x2d;

const MAX_PART_HEADERS = 16_384;
const MAX_VALUE = 1024;

/** What comes next. */
const DELIMITER = 0;
const AFTER_DELIMITER = 1;
const HEADERS = 2;
const VALUE = 3;
const REST = 4;

/**
 * Reads a multipart form as it comes, whatever the cuts between its bytes, and picks the values of one field out of it;
 * everything else is handed on untouched. https://www.rfc-editor.org/rfc/rfc7578
 */
export class MultipartFields {
  readonly #field: string;
  readonly #delimiter: Buffer;
  /** What cannot be handed on yet, because it may be part of what is looked for. */
  #held: Buffer;
  #state = DELIMITER;
  /** Bytes that are not in the body: a line end before the first boundary makes it like the others. */
  #skip = LINE_END.length;

  constructor(boundary: string, field: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#field = field;
    this.#held = LINE_END;
  }

  /** Throws a GatewayError for what is no such form. */
  take(bytes: Uint8Array): MultipartPiece[] {
    const pieces: MultipartPiece[] = [];
    let data = this.#held.length === 0 ? asBuffer(bytes) : Buffer.concat([this.#held, bytes]);
    for (let used = this.#step(data, pieces); used >= 0; used = this.#step(data, pieces)) data = data.subarray(used);
    // A copy, so that the few bytes do not keep many.
    this.#held = data.length === 0 ? EMPTY : Buffer.from(data);
    return pieces;
  }

  /** The end of the body. Throws a GatewayError where the form is not whole. */
  end(): void {
    if (this.#state !== REST) throw invalid('it ends before its last boundary');
  }

  /** How many bytes were dealt with; below zero when more are needed. */
  #step(data: Buffer, pieces: MultipartPiece[]): number {
    switch (this.#state) {
      case DELIMITER:
        return this.#content(data, pieces);
      case AFTER_DELIMITER:
        return this.#afterDelimiter(data, pieces);
      case HEADERS:
        return this.#headers(data, pieces);
      case VALUE:
        return this.#value(data, pieces);
      default:
        if (data.length === 0) return -1;
        pieces.push(data);
        return data.length;
    }
  }

  /** A part's content goes on; only what may begin a delimiter is held back. */
  #content(data: Buffer, pieces: MultipartPiece[]): number {
    const found = data.indexOf(this.#delimiter);
    const end = found < 0 ? data.length - (this.#delimiter.length - 1) : found + this.#delimiter.length;
    if (end <= 0) return -1;
    this.#emit(data.subarray(0, end), pieces);
    if (found >= 0) this.#state = AFTER_DELIMITER;
    return end;
  }

  #afterDelimiter(data: Buffer, pieces: MultipartPiece[]): number {
    if (data.length < 2) return -1;
    if (data[0] === DASH && data[1] === DASH) {
      this.#state = REST;
      return 0;
    }
    // Blanks may follow a boundary: https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1
    const lineEnd = data.indexOf(LINE_END);
    if (lineEnd < 0 && data.length > 100) throw invalid('a boundary is not followed by a line end');
    if (lineEnd < 0) return -1;
    for (const byte of data.subarray(0, lineEnd)) {
      if (byte !== 0x20 && byte !== 0x09) throw invalid('a boundary is not followed by a line end');
    }
    pieces.push(data.subarray(0, lineEnd));
    this.#state = HEADERS;
    return lineEnd;
  }

  /** From the line end behind the boundary to the empty line. */
  #headers(data: Buffer, pieces: MultipartPiece[]): number {
    const found = data.indexOf(HEADERS_END);
    if (found < 0 && data.length > MAX_PART_HEADERS) throw invalid('the headers of a part are too long');
    if (found < 0) return -1;
    const end = found + HEADERS_END.length;
    pieces.push(data.subarray(0, end));
    this.#state = fieldName(data.toString('latin1', 0, found)) === this.#field ? VALUE : DELIMITER;
    return end;
  }

  #value(data: Buffer, pieces: MultipartPiece[]): number {
    const found = data.indexOf(this.#delimiter);
    if (found > MAX_VALUE || (found < 0 && data.length > MAX_VALUE + this.#delimiter.length)) {
      throw invalid(`its field '${this.#field}' is too long`);
    }
    if (found < 0) return -1;
    pieces.push({ value: data.toString('utf8', 0, found) });
    this.#state = DELIMITER;
    return found;
  }

  #emit(data: Buffer, pieces: MultipartPiece[]): void {
    const skipped = Math.min(this.#skip, data.length);
    this.#skip -= skipped;
    if (data.length > skipped) pieces.push(data.subarray(skipped));
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const DISPOSITION = /(?:^|\r\n)content-disposition:([^\r]*)/i;
const PARAMETERS = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g;

function fieldName(headers: string): string | null {
  const disposition = DISPOSITION.exec(headers)?.[1];
  for (const [, name, quoted, plain] of disposition?.matchAll(PARAMETERS) ?? []) {
    if (name?.toLowerCase() === 'name') return quoted ?? plain ?? null;
  }
  return null;
}

const BOUNDARY = /^multipart\/form-data\s*;(?:.*;)?\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;

/** The boundary that a `content-type` names, or null where it is of no multipart form. */
export function multipartBoundary(contentType: string): string | null {
  if (!contentType.toLowerCase().startsWith('multipart/form-data')) return null;
  const match = BOUNDARY.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw invalid('its content type names no boundary');
  return boundary;
}

function invalid(what: string): GatewayError {
  return new GatewayError('invalid_request', `The request body is not a valid multipart form: ${what}.`);
}
