import { type BodyStream, UpstreamError } from '../port.ts';
import type { Connection } from './connection.ts';
import type { SendableRequest } from './socket-request.ts';

/** Below this size a piece is copied together with its framing, so that it leaves in one write. */
const JOIN_LIMIT_BYTES = 16_384;

const LINE_END = Buffer.from('\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** The exchange that an upload belongs to. */
interface UploadOwner {
  sending(): void;
  uploadWaits(): void;
  fail(error: UpstreamError): void;
}

/** Moves a body onto a connection piece by piece: the next one is read when the system has taken the last. */
export class Upload {
  /** The whole body was handed over. */
  done = false;
  readonly #source: BodyStream;
  readonly #owner: UploadOwner;
  #connection: Connection | null = null;
  #missing: number;
  /** For the system to take what it was given. */
  #waits = false;
  #stopped = false;

  constructor(source: BodyStream, owner: UploadOwner) {
    this.#source = source;
    this.#owner = owner;
    this.#missing = source.length ?? 0;
  }

  begin(connection: Connection, request: SendableRequest): void {
    this.#connection = connection;
    connection.send(request.streamHead(this.#source), '', 0);
    this.#read();
  }

  /** The system has taken everything. */
  drained(): void {
    if (!this.#waits || this.#stopped) return;
    this.#waits = false;
    this.#read();
  }

  /** Nothing more is sent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#connection = null;
    if (!this.done) this.#source.cancel();
  }

  #read(): void {
    this.#owner.uploadWaits();
    this.#source.read().then(this.#send, this.#fail);
  }

  readonly #send = (bytes: Uint8Array | null): void => {
    const connection = this.#connection;
    if (this.#stopped || connection === null) return;
    const { length } = this.#source;
    if (length !== null) {
      this.#missing -= bytes?.length ?? 0;
      if (this.#missing < 0 || (bytes === null && this.#missing > 0)) {
        this.#fail(new Error('The request body is not as long as was said.'));
        return;
      }
    }
    this.#owner.sending();
    if (bytes === null) {
      this.done = true;
      if (length === null) connection.sendMore([LAST_CHUNK]);
    } else if (bytes.length === 0 || connection.sendMore(length === null ? chunk(bytes) : [bytes])) {
      this.#read();
    } else {
      this.#waits = true;
    }
  };

  readonly #fail = (cause: unknown): void => {
    if (this.#stopped) return;
    this.#owner.fail(new UpstreamError('cancelled', 'The request body ended before it was whole.', true, cause));
  };
}

function chunk(bytes: Uint8Array): Uint8Array[] {
  const parts = [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, LINE_END];
  return bytes.length <= JOIN_LIMIT_BYTES ? [Buffer.concat(parts)] : parts;
}
