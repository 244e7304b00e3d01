/** Above this size, bytes are written beside their framing rather than copied into it. */
const JOIN_LIMIT_BYTES = 16_384;

const LINE_END = Buffer.from('\r\n');

/** Puts an answer whose body comes in pieces into HTTP's framing. The head leaves with the first piece. */
export class AnswerFraming {
  #head = '';
  #isChunked = false;

  /** `head` is without its empty line; `length` is that of the body, null where it is not known. */
  begin(head: string, length: number | null, takesChunks: boolean): void {
    this.#isChunked = length === null && takesChunks;
    const framing = this.#isChunked ? 'transfer-encoding: chunked\r\n' : '';
    this.#head = `${head}${length === null ? framing : `content-length: ${length}\r\n`}\r\n`;
  }

  /** Latin-1: one character is one byte. */
  text(text: string): string {
    const head = this.#head;
    this.#head = '';
    if (text === '') return head;
    return this.#isChunked ? `${head}${text.length.toString(16)}\r\n${text}\r\n` : head + text;
  }

  lastText(text: string): string {
    const last = this.text(text);
    return this.#isChunked ? `${last}0\r\n\r\n` : last;
  }

  bytes(bytes: Uint8Array): Uint8Array[] {
    const framing = Buffer.from(this.#head + (this.#isChunked ? `${bytes.length.toString(16)}\r\n` : ''), 'latin1');
    this.#head = '';
    const parts = this.#isChunked ? [framing, bytes, LINE_END] : [framing, bytes];
    return bytes.length <= JOIN_LIMIT_BYTES ? [Buffer.concat(parts)] : parts.filter((part) => part.length > 0);
  }
}
