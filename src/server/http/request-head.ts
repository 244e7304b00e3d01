import { equalsLowerCase, MessageHead } from '../../core/http1/message-head.ts';

const SPACE = 0x20;
const ONE = 0x31;
const ZERO = 0x30;

const VERSION = Buffer.from('HTTP/1.');
const HOST = Buffer.from('host');
const EXPECT = Buffer.from('expect');
const ORIGIN = Buffer.from('origin');
const CONTINUE = '100-continue';
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
    if (colon - start === HOST.length && equalsLowerCase(bytes, start, HOST, 0x20)) {
      this.#hosts++;
    } else if (colon - start === EXPECT.length && equalsLowerCase(bytes, start, EXPECT, 0x20)) {
      const value = bytes
        .toString('latin1', colon + 1, end)
        .trim()
        .toLowerCase();
      if (value !== CONTINUE) return 'an Expect other than 100-continue';
      this.expectsContinue = !this.isOld;
    } else if (colon - start === ORIGIN.length && equalsLowerCase(bytes, start, ORIGIN, 0x20)) {
      this.origin = bytes.toString('latin1', colon + 1, end).trim();
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

const ABSOLUTE = /^https?:\/\/[^/?#]*/i;

function originForm(target: string): string {
  if (target.charCodeAt(0) === 0x2f || target === '*') return target;
  const match = ABSOLUTE.exec(target);
  if (match === null) return '';
  const path = target.slice(match[0].length);
  return path.startsWith('/') ? path : `/${path}`;
}
