import { equalsLowerCase, MessageHead, readDigits } from '../../core/http1/message-head.ts';

const SPACE = 0x20;
const ZERO = 0x30;

const STATUS_LINE_START = Buffer.from('HTTP/1.');

/** Status and headers of one response. */
export class ResponseHead extends MessageHead {
  status = 0;

  get isInterim(): boolean {
    return this.status < 200;
  }

  readStartLine(bytes: Buffer, start: number, end: number): string | null {
    const code = start + 9;
    if (end - start < 12 || !equalsLowerCase(bytes, start, STATUS_LINE_START, 0) || bytes[code - 1] !== SPACE) {
      return 'no HTTP/1.1 status line';
    }
    const minorVersion = bytes[start + 7];
    if (minorVersion !== ZERO && minorVersion !== ZERO + 1) return 'an unknown version of HTTP';
    const status = readDigits(bytes, code, code + 3);
    if (status < 100 || (end > code + 3 && bytes[code + 3] !== SPACE)) return 'no valid status code';
    this.status = status;
    this.keepAlive = minorVersion !== ZERO;
    this.startLineRead(end);
    return null;
  }

  protected checkFraming(): string | null {
    if (this.status === 101) return 'a switch of protocols that nobody asked for';
    if (this.status === 204 || this.status === 304) {
      this.contentLength = 0;
      this.chunked = false;
    } else if (this.chunked && this.contentLength >= 0) {
      // Somebody on the way may have read the other length: nothing behind this response can be trusted.
      // https://www.rfc-editor.org/rfc/rfc9112#section-6.3-2.3
      this.contentLength = -1;
      this.keepAlive = false;
    } else if (!this.chunked && this.contentLength < 0) {
      this.keepAlive = false;
    }
    return null;
  }
}
