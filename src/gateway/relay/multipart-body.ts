import { GatewayError } from '../../core/errors.ts';
import type { BodyStream } from '../../upstream/port.ts';
import { isFieldValue, MultipartFields, type MultipartPiece } from './multipart-fields.ts';

const MODEL = 'model';

/** A multipart form on its way: its field `model` gets another value, all else passes as it comes. */
export class MultipartBody implements BodyStream {
  readonly #source: BodyStream;
  readonly #fields: MultipartFields;
  /** Not read yet. */
  #pieces: MultipartPiece[] = [];
  #given: string | null = null;
  /** Null leaves the value as it is. */
  #model: string | null = null;
  #length: number | null = null;
  #isOver = false;

  constructor(source: BodyStream, boundary: string) {
    this.#source = source;
    this.#fields = new MultipartFields(boundary, MODEL);
  }

  /** Known where the value was found before anything was read. */
  get length(): number | null {
    return this.#length;
  }

  /**
   * Reads on until the value is found, and keeps what comes before it: at most so many bytes. Null when the form has no
   * such field.
   */
  async findModel(limit: number): Promise<string | null> {
    let kept = 0;
    while (this.#given === null && !this.#isOver) {
      const before = this.#pieces.length;
      await this.#more();
      for (const piece of this.#pieces.slice(before)) kept += isFieldValue(piece) ? 0 : piece.length;
      if (kept > limit && this.#given === null) {
        throw new GatewayError(
          'invalid_request',
          `The form has no field 'model' in its first ${limit} bytes. Put it before the file, or name the endpoint in ` +
            'the header x-sluice-endpoint.',
          { parameter: MODEL },
        );
      }
    }
    return this.#given;
  }

  /** The value that the upstream gets; null where its URL names the model, and the field says nothing. */
  setModel(model: string | null): void {
    this.#model = model;
    const { length } = this.#source;
    if (length === null || this.#given === null) return;
    this.#length = length + (model === null ? 0 : Buffer.byteLength(model) - Buffer.byteLength(this.#given));
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) return isFieldValue(piece) ? Buffer.from(this.#model ?? piece.value) : piece;
      if (this.#isOver) return null;
      await this.#more();
    }
  }

  cancel(): void {
    this.#source.cancel();
  }

  async #more(): Promise<void> {
    const bytes = await this.#source.read();
    if (bytes === null) {
      this.#isOver = true;
      this.#fields.end();
      return;
    }
    for (const piece of this.#fields.take(bytes)) {
      if (isFieldValue(piece)) this.#take(piece.value);
      this.#pieces.push(piece);
    }
  }

  /** Whoever reads the form may take the first of two values or the last: with one there is no choice. */
  #take(value: string): void {
    if (this.#given !== null) {
      throw new GatewayError('invalid_request', "The form has more than one field 'model'.", { parameter: MODEL });
    }
    this.#given = value;
  }
}
