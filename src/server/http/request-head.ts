import { equalsLowerCase, MessageHead } from '../../core/http1/message-head.ts';

const SPACE = 0x20;
const ONE = 0x31;
const ZERO = 0x30;

const VERSION = Buffer.from('HTTP/1.');
const HOST = Buffer.from('host');
const EXPECT = Buffer.from('expect');
const ORIGIN = Buffer.from('origin');
const AGENT = Buffer.from('user-agent');
const TRACEPARENT = Buffer.from('traceparent');
const REQUEST_ID = Buffer.from('x-request-id');
const TAGS = Buffer.from('x-sluice-tags');
const CALLER = Buffer.from('x-mlflow-gateway-caller');
const CONTINUE = '100-continue';

/** The place of a value in the head, both ends in one number; heads are shorter than that. */
const PLACES = 2 ** 17;
const ABSENT = 0;
const SEVERAL = -1;
const METHOD = /^[A-Z-]{1,20}$/;

/** Method, target and headers of one request. https://www.rfc-editor.org/rfc/rfc9112#name-request-line */
export class RequestHead extends MessageHead {
  method = '';
  /** As it was sent, in origin form: an absolute one has lost its scheme and host. */
  target = '';
  /** HTTP/1.0: no chunks, and no second request unless the client asks for it. */
  isOld = false;
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue = false;
  /** A browser sends it for a page; null from everybody else. */
  origin: string | null = null;
  readonly isInterim = false;
  #hosts = 0;
  /** Where the fields are that every request is asked for, so that nobody looks through the head for each. */
  #agent = ABSENT;
  #traceparent = ABSENT;
  #requestId = ABSENT;
  #tags = ABSENT;
  #gatewayCaller = ABSENT;

  override get mayFollowEmptyLine(): boolean {
    return true;
  }

  readStartLine(bytes: Buffer, start: number, end: number): string | null {
    const version = end - 8;
    const minorVersion = bytes[end - 1];
    if (version - start < 4 || bytes[version - 1] !== SPACE || !equalsLowerCase(bytes, version, VERSION, 0)) {
      return 'no HTTP/1.1 request line';
    }
    if (minorVersion !== ZERO && minorVersion !== ONE) return 'an unknown version of HTTP';
    this.isOld = minorVersion === ZERO;
    const line = bytes.toString('latin1', start, version - 1);
    const space = line.indexOf(' ');
    this.method = line.slice(0, space);
    this.target = originForm(line.slice(space + 1));
    if (space < 1 || !METHOD.test(this.method)) return 'no valid method';
    if (this.target === '' || line.indexOf(' ', space + 1) !== -1) return 'no valid request target';
    this.startLineRead(end);
    return null;
  }

  protected override readOtherField(bytes: Buffer, start: number, colon: number, end: number): string | null {
    switch (colon - start) {
      case HOST.length:
        if (equalsLowerCase(bytes, start, HOST, 0x20)) this.#hosts++;
        return null;
      case EXPECT.length:
        return this.#readExpectOrOrigin(bytes, start, colon, end);
      case AGENT.length:
        if (equalsLowerCase(bytes, start, AGENT, 0x20)) this.#agent = placed(this.#agent, colon, end);
        return null;
      case TRACEPARENT.length:
        if (equalsLowerCase(bytes, start, TRACEPARENT, 0x20)) this.#traceparent = placed(this.#traceparent, colon, end);
        return null;
      case REQUEST_ID.length:
        if (equalsLowerCase(bytes, start, REQUEST_ID, 0x20)) this.#requestId = placed(this.#requestId, colon, end);
        return null;
      case TAGS.length:
        if (equalsLowerCase(bytes, start, TAGS, 0x20)) this.#tags = placed(this.#tags, colon, end);
        return null;
      case CALLER.length:
        if (equalsLowerCase(bytes, start, CALLER, 0x20)) this.#gatewayCaller = placed(this.#gatewayCaller, colon, end);
        return null;
      default:
        return null;
    }
  }

  override header(name: string): string | null {
    const place = this.#placeOf(name);
    if (place === ABSENT) return null;
    if (place === SEVERAL) return super.header(name);
    return this.bytes.toString('latin1', Math.floor(place / PLACES), place % PLACES).trim();
  }

  /** Whether `header` would give this. Comparing costs a fraction of what making a text does. */
  says(name: string, value: string | null): boolean {
    const place = this.#placeOf(name);
    if (place === ABSENT) return value === null;
    if (place === SEVERAL || value === null) return this.header(name) === value;
    return this.#isText(value, Math.floor(place / PLACES), place % PLACES) || this.header(name) === value;
  }

  /** SEVERAL where one must look through the head. */
  #placeOf(name: string): number {
    switch (name) {
      case 'user-agent':
        return this.#agent;
      case 'traceparent':
        return this.#traceparent;
      case 'x-request-id':
        return this.#requestId;
      case 'x-sluice-tags':
        return this.#tags;
      case 'x-mlflow-gateway-caller':
        return this.#gatewayCaller;
      default:
        return SEVERAL;
    }
  }

  /** With the one space before it that most clients send. */
  #isText(text: string, start: number, end: number): boolean {
    const { bytes } = this;
    const from = bytes[start] === SPACE ? start + 1 : start;
    const { length } = text;
    if (end - from !== length) return false;
    for (let index = 0; index < length; index++) if (bytes[from + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  #readExpectOrOrigin(bytes: Buffer, start: number, colon: number, end: number): string | null {
    if (equalsLowerCase(bytes, start, ORIGIN, 0x20)) {
      this.origin = bytes.toString('latin1', colon + 1, end).trim();
    } else if (equalsLowerCase(bytes, start, EXPECT, 0x20)) {
      const value = bytes
        .toString('latin1', colon + 1, end)
        .trim()
        .toLowerCase();
      if (value !== CONTINUE) return 'an Expect other than 100-continue';
      this.expectsContinue = !this.isOld;
    }
    return null;
  }

  protected checkFraming(): string | null {
    // Two readings of where a request ends are how one is smuggled past a proxy: https://www.rfc-editor.org/rfc/rfc9112#section-11.2
    if (this.chunked && (this.contentLength >= 0 || this.isOld)) return 'a Transfer-Encoding beside another framing';
    if (this.#hosts > 1 || (this.#hosts === 0 && !this.isOld)) return 'not exactly one Host header';
    if (this.isOld && !this.asksToKeepAlive) this.keepAlive = false;
    return null;
  }
}

function placed(known: number, colon: number, end: number): number {
  return known === ABSENT ? (colon + 1) * PLACES + end : SEVERAL;
}

const ABSOLUTE = /^https?:\/\/[^/?#]*/i;

function originForm(target: string): string {
  if (target.charCodeAt(0) === 0x2f || target === '*') return target;
  const match = ABSOLUTE.exec(target);
  if (match === null) return '';
  const path = target.slice(match[0].length);
  return path.startsWith('/') ? path : `/${path}`;
}
