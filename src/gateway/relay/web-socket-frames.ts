const FINAL = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const CONTROL = 0x08;

const CONTINUATION = 0x0;
const TEXT = 0x1;
const CLOSE = 0x8;
const PONG = 0xa;

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;
const TOO_BIG = 1009;

/** The peer broke the rules; `code` is what a close frame says of it. */
export class FrameError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface FrameOptions {
  /** Frames of a client are masked, those of a server are not. */
  readonly masked: boolean;
  /** Of one message, all its frames together. */
  readonly maxMessage: number;
  /** Text messages up to this size are given to `onText`; 0 for none. */
  readonly maxText: number;
  readonly onText: (text: string) => void;
}

/**
 * Follows the frames of one direction of a WebSocket from the side, without changing or holding back a byte.
 * https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export class WebSocketFrames {
  /** A close frame was seen: nothing but the end of the connection follows it. */
  isClosing = false;
  readonly #options: FrameOptions;
  /** The head of a frame, while it is not whole. */
  readonly #head = Buffer.alloc(14);
  #headSize = 0;
  /** Of the current frame's payload. */
  #missing = 0;
  #isText = false;
  #isInMessage = false;
  #isFinal = false;
  #isControl = false;
  #messageSize = 0;
  /** The pieces of a text message, null when it is not wanted. */
  #text: Buffer[] | null = null;

  constructor(options: FrameOptions) {
    this.#options = options;
  }

  /** Whether the next byte begins a frame. */
  get isBetweenFrames(): boolean {
    return this.#missing === 0 && this.#headSize === 0;
  }

  /** Throws a FrameError; nothing of the bytes may then go on. */
  take(bytes: Buffer): void {
    let position = 0;
    while (position < bytes.length) {
      if (this.#missing > 0) {
        position += this.#payload(bytes, position);
      } else {
        this.#head[this.#headSize++] = bytes[position++] as number;
        if (this.#headSize >= this.#wantedHead()) this.#begin();
      }
    }
  }

  #wantedHead(): number {
    if (this.#headSize < 2) return 2;
    const second = this.#head[1] as number;
    const length = second & ~MASKED;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & MASKED) === 0 ? 0 : 4);
  }

  #begin(): void {
    const first = this.#head[0] as number;
    const second = this.#head[1] as number;
    this.#headSize = 0;
    const opcode = first & OPCODE;
    const isControl = (opcode & CONTROL) !== 0;
    const isFinal = (first & FINAL) !== 0;
    const length = this.#length(second & ~MASKED);
    if ((first & RESERVED) !== 0) throw new FrameError(PROTOCOL_ERROR, 'a reserved bit is set');
    if (((second & MASKED) !== 0) !== this.#options.masked) throw new FrameError(PROTOCOL_ERROR, 'a wrong mask');
    if (this.isClosing) throw new FrameError(PROTOCOL_ERROR, 'a frame behind the close frame');
    this.#isControl = isControl;
    if (isControl) this.#beginControl(opcode, isFinal, length);
    else this.#beginData(opcode, isFinal, length);
    this.#missing = length;
    if (length === 0) this.#endFrame();
  }

  #length(short: number): number {
    if (short < 126) return short;
    return short === 126 ? this.#head.readUInt16BE(2) : Number(this.#head.readBigUInt64BE(2));
  }

  #beginControl(opcode: number, isFinal: boolean, length: number): void {
    if (opcode > PONG || !isFinal || length > 125) throw new FrameError(PROTOCOL_ERROR, 'a bad control frame');
    if (opcode === CLOSE) this.isClosing = true;
  }

  #beginData(opcode: number, isFinal: boolean, length: number): void {
    const { maxMessage, maxText } = this.#options;
    if (opcode > 0x2 || (opcode === CONTINUATION) !== this.#isInMessage) {
      throw new FrameError(PROTOCOL_ERROR, 'a frame that does not follow from the last');
    }
    if (opcode !== CONTINUATION) {
      this.#messageSize = 0;
      this.#isText = opcode === TEXT && maxText > 0;
      this.#text = this.#isText ? [] : null;
    }
    this.#isInMessage = !isFinal;
    this.#isFinal = isFinal;
    this.#messageSize += length;
    if (this.#messageSize > maxMessage) throw new FrameError(TOO_BIG, `a message of more than ${maxMessage} bytes`);
    if (this.#messageSize > maxText) this.#text = null;
  }

  /** How many bytes belong to the frame. */
  #payload(bytes: Buffer, position: number): number {
    const taken = Math.min(this.#missing, bytes.length - position);
    if (!this.#isControl && this.#text !== null) this.#text.push(bytes.subarray(position, position + taken));
    this.#missing -= taken;
    if (this.#missing === 0) this.#endFrame();
    return taken;
  }

  #endFrame(): void {
    if (this.#isControl || !this.#isFinal || this.#text === null) return;
    const pieces = this.#text;
    this.#text = null;
    const [only = Buffer.alloc(0)] = pieces;
    this.#options.onText((pieces.length === 1 ? only : Buffer.concat(pieces)).toString());
  }
}

/** A close frame, masked with zeros where a client sends it. */
export function closeFrame(code: number, masked: boolean): Buffer {
  const mask = masked ? [0, 0, 0, 0] : [];
  return Buffer.from([FINAL | CLOSE, (masked ? MASKED : 0) | 2, ...mask, code >> 8, code & 0xff]);
}
