import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { BodySource } from './body-source.ts';
import { badResponse } from './failures.ts';
import { UpstreamError } from './port.ts';

/** Feeding a decompressor in small pieces bounds what one step of it can blow up to. */
const FEED_BYTES = 16_384;

type Decompressor = (firstByte: number) => Transform;

/** https://www.iana.org/assignments/http-parameters/http-parameters.xhtml#content-coding */
const DECOMPRESSORS = new Map<string, Decompressor>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  // It should be wrapped as zlib data, but some servers send it raw; the first byte tells.
  ['deflate', (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
]);

const IDENTITIES = new Set(['', 'identity']);

/**
 * Decompresses a body as the reader pulls: nothing is read ahead, so a slow reader still slows the upstream, and a
 * small body that expands without end costs no more memory than one step.
 */
export class ContentDecoder {
  readonly #encoding: string;
  readonly #create: Decompressor;
  readonly #label: string;
  readonly #source: BodySource;
  #decompressor: Transform | null = null;
  #input: Uint8Array = new Uint8Array(0);
  #writing = false;
  #inputEnded = false;
  #ended = false;
  #error: unknown = null;
  #wake: (() => void) | null = null;

  private constructor(encoding: string, create: Decompressor, label: string, source: BodySource) {
    this.#encoding = encoding;
    this.#create = create;
    this.#label = label;
    this.#source = source;
  }

  /** Null when nothing is to be decoded; throws the `bad_response` error for an encoding that we do not know. */
  static for(encoding: string, label: string, source: BodySource): ContentDecoder | null {
    if (IDENTITIES.has(encoding)) return null;
    const create = DECOMPRESSORS.get(encoding);
    if (create === undefined) throw badResponse(label, 'its content encoding is not one that we know');
    return new ContentDecoder(encoding, create, label, source);
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#error !== null) throw this.#fail(this.#error);
      const output: Buffer | null = this.#decompressor?.read() ?? null;
      if (output !== null) return output;
      if (this.#ended) return null;
      if (this.#writing || this.#inputEnded) await new Promise<void>((resolve) => this.#sleep(resolve));
      else await this.#feed();
    }
  }

  close(): void {
    this.#decompressor?.destroy();
  }

  async #feed(): Promise<void> {
    if (this.#input.length === 0) {
      const next = await this.#source.read();
      if (next === null) {
        this.#inputEnded = true;
        // No byte at all is an empty body, whatever encoding the headers name.
        if (this.#decompressor === null) this.#ended = true;
        else this.#decompressor.end();
        return;
      }
      this.#input = next;
    }
    const decompressor = this.#decompressor ?? this.#open(this.#input[0] ?? 0);
    const piece = this.#input.subarray(0, FEED_BYTES);
    this.#input = this.#input.subarray(piece.length);
    this.#writing = true;
    decompressor.write(piece, () => {
      this.#writing = false;
      this.#awake();
    });
  }

  #open(firstByte: number): Transform {
    const decompressor = this.#create(firstByte);
    this.#decompressor = decompressor;
    decompressor.on('readable', () => this.#awake());
    decompressor.on('end', () => {
      this.#ended = true;
      this.#awake();
    });
    decompressor.on('error', (error) => {
      this.#error ??= error;
      this.#awake();
    });
    return decompressor;
  }

  #fail(error: unknown): UpstreamError {
    if (error instanceof UpstreamError) return error;
    const failure = badResponse(this.#label, `its ${this.#encoding} encoding is broken (${String(error)})`);
    this.#error = failure;
    this.#source.fail(failure);
    return failure;
  }

  #sleep(wake: () => void): void {
    this.#wake = wake;
  }

  #awake(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
