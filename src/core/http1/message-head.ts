const SPACE = 0x20;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

const EMPTY = Buffer.alloc(0);
const CONNECTION = Buffer.from('connection');
const CONTENT_ENCODING = Buffer.from('content-encoding');
const CONTENT_LENGTH = Buffer.from('content-length');
const CONTENT_TYPE = Buffer.from('content-type');
const KEEP_ALIVE = Buffer.from('keep-alive');
const TRANSFER_ENCODING = Buffer.from('transfer-encoding');

const TOKEN_BYTES = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN_BYTES[character.charCodeAt(0)] = 1;
}

/** Far above any body, far below where a double loses count. */
const MAXIMUM_CONTENT_LENGTH = 2 ** 50;

/**
 * The headers of one HTTP/1.1 message. Only the fields that frame the message are read on the way; the others are
 * looked up in the bytes when somebody asks.
 */
export abstract class MessageHead {
  /** Whether the connection may serve another exchange after this message. */
  keepAlive = true;
  /** `Connection: keep-alive` was said, which HTTP/1.0 needs. */
  protected asksToKeepAlive = false;
  chunked = false;
  /** -1 without the header. */
  contentLength = -1;
  contentEncoding: string | null = null;
  /** What came with the head: the body's first bytes are `bytes` from `bodyStart` to `bodyEnd`. */
  bytes: Buffer = EMPTY;
  bodyStart = 0;
  bodyEnd = 0;
  #contentType: string | null = null;
  #fieldsStart = 0;

  /** Null, or what is wrong with the line. */
  abstract readStartLine(bytes: Buffer, start: number, end: number): string | null;

  /** Whether a final message follows this one on the same exchange. */
  abstract readonly isInterim: boolean;

  /** Whether an empty line before the message is passed over. */
  get mayFollowEmptyLine(): boolean {
    return false;
  }

  protected startLineRead(end: number): void {
    this.#fieldsStart = end;
  }

  /** Null, or what is wrong with the line. */
  readField(bytes: Buffer, start: number, colon: number, end: number): string | null {
    if (colon <= start) return 'a header line without a name';
    for (let index = start; index < colon; index++) {
      if (TOKEN_BYTES[bytes[index] as number] === 0) return 'a header name with a character that no name has';
    }
    switch (colon - start) {
      case CONNECTION.length:
        if (!equalsLowerCase(bytes, start, CONNECTION, 0x20)) return this.readOtherField(bytes, start, colon, end);
        this.#readConnection(bytes, colon + 1, end);
        return null;
      case CONTENT_TYPE.length:
        if (!equalsLowerCase(bytes, start, CONTENT_TYPE, 0x20)) return this.readOtherField(bytes, start, colon, end);
        this.#readContentType(bytes, colon + 1, end);
        return null;
      case CONTENT_LENGTH.length:
        if (!equalsLowerCase(bytes, start, CONTENT_LENGTH, 0x20)) return null;
        return this.#readContentLength(bytes, colon + 1, end);
      case CONTENT_ENCODING.length:
        if (equalsLowerCase(bytes, start, CONTENT_ENCODING, 0x20)) this.#readContentEncoding(bytes, colon + 1, end);
        return null;
      case TRANSFER_ENCODING.length:
        if (!equalsLowerCase(bytes, start, TRANSFER_ENCODING, 0x20)) return null;
        return this.#readTransferEncoding(bytes, colon + 1, end);
      default:
        return this.readOtherField(bytes, start, colon, end);
    }
  }

  /** For the fields that matter to one kind of message alone. Null, or what is wrong with the line. */
  protected readOtherField(_bytes: Buffer, _start: number, _colon: number, _end: number): string | null {
    return null;
  }

  /** The head is whole. Null, or what is wrong with it. */
  finish(bytes: Buffer, bodyStart: number, bodyEnd: number): string | null {
    this.bytes = bytes;
    this.bodyStart = bodyStart;
    this.bodyEnd = bodyEnd;
    return this.checkFraming();
  }

  protected abstract checkFraming(): string | null;

  /** The value of a header, its name in lower case; several of one name are joined with a comma. */
  header(name: string): string | null {
    // Every answer is asked for this one; looking it up among the others would cost more than reading it did.
    if (name === 'content-type') return this.#contentType;
    const { bytes, bodyStart } = this;
    const expected = bytesOf(name);
    let found: string | null = null;
    let end = this.#fieldsStart;
    for (let start = end + 2; start < bodyStart - 2; start = end + 2) {
      end = bytes.indexOf(CARRIAGE_RETURN, start);
      const colon = start + expected.length;
      if (bytes[colon] !== COLON || !equalsLowerCase(bytes, start, expected, 0x20)) continue;
      const value = bytes.toString('latin1', colon + 1, end).trim();
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  /** Every header as it was sent, in its order. */
  *fields(): Generator<readonly [name: string, value: string]> {
    const { bytes, bodyStart } = this;
    let end = this.#fieldsStart;
    for (let start = end + 2; start < bodyStart - 2; start = end + 2) {
      end = bytes.indexOf(CARRIAGE_RETURN, start);
      const colon = bytes.indexOf(COLON, start);
      yield [bytes.toString('latin1', start, colon), bytes.toString('latin1', colon + 1, end).trim()];
    }
  }

  #readContentType(bytes: Buffer, start: number, end: number): void {
    const value = bytes.toString('latin1', start, end).trim();
    this.#contentType = this.#contentType === null ? value : `${this.#contentType}, ${value}`;
  }

  #readConnection(bytes: Buffer, start: number, end: number): void {
    // What most servers send, told without making a text of it.
    if (end - start === KEEP_ALIVE.length + 1 && equalsLowerCase(bytes, start + 1, KEEP_ALIVE, 0x20)) {
      this.asksToKeepAlive = true;
      return;
    }
    for (const option of lowerCaseList(bytes, start, end)) {
      if (option === 'close') this.keepAlive = false;
      else if (option === 'keep-alive') this.asksToKeepAlive = true;
    }
  }

  #readContentLength(bytes: Buffer, start: number, end: number): string | null {
    // A list of equal lengths is one length sent twice; different ones are an attack or a fault.
    // https://www.rfc-editor.org/rfc/rfc9112#section-6.3-2.5
    let elementStart = start;
    while (elementStart <= end) {
      let elementEnd = elementStart;
      while (elementEnd < end && bytes[elementEnd] !== COMMA) elementEnd++;
      let first = elementStart;
      let last = elementEnd;
      while (first < last && isBlank(bytes[first])) first++;
      while (last > first && isBlank(bytes[last - 1])) last--;
      const length = readDigits(bytes, first, last);
      if (length < 0 || length > MAXIMUM_CONTENT_LENGTH) return 'a Content-Length that is no length';
      if (this.contentLength >= 0 && this.contentLength !== length) return 'two different Content-Length values';
      this.contentLength = length;
      elementStart = elementEnd + 1;
    }
    return null;
  }

  #readContentEncoding(bytes: Buffer, start: number, end: number): void {
    const value = lowerCaseList(bytes, start, end).join(',');
    this.contentEncoding = this.contentEncoding === null ? value : `${this.contentEncoding},${value}`;
  }

  #readTransferEncoding(bytes: Buffer, start: number, end: number): string | null {
    const codings = lowerCaseList(bytes, start, end);
    if (this.chunked || codings.length !== 1 || codings[0] !== 'chunked')
      return 'a Transfer-Encoding other than chunked';
    this.chunked = true;
    return null;
  }
}

const namesInBytes = new Map<string, Buffer>();

/** Names come from our own code, so there are few. */
function bytesOf(name: string): Buffer {
  const known = namesInBytes.get(name);
  if (known !== undefined) return known;
  const bytes = Buffer.from(name);
  namesInBytes.set(name, bytes);
  return bytes;
}

/** `caseBit` 0x20 compares letters without case; 0 compares exactly. */
export function equalsLowerCase(bytes: Buffer, start: number, expected: Buffer, caseBit: number): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (((bytes[start + index] as number) | caseBit) !== expected[index]) return false;
  }
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** -1 unless the range holds digits only, and at least one. */
export function readDigits(bytes: Buffer, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number;
    if (byte < ZERO || byte > NINE) return -1;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}

function lowerCaseList(bytes: Buffer, start: number, end: number): string[] {
  const elements = bytes.toString('latin1', start, end).toLowerCase().split(',');
  return elements.map((element) => element.trim()).filter((element) => element !== '');
}
