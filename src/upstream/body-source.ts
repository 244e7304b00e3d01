import type { UpstreamError } from './port.ts';

/** A response body without its framing, still under its content encoding. */
export interface BodySource {
  /** As `UpstreamResponse.read`, but for the encoded bytes. */
  read(): Promise<Uint8Array | null>;
  /** All of the body that was not read yet, when its end is here, else null. */
  takeRest(): Uint8Array | null;
  /** The same as text, from UTF-8, when it came in one piece of at most `limit` bytes. */
  takeText(limit: number): string | null;
  /** Gives the response up: what is still to be read rejects with the error, and the connection closes. */
  fail(error: UpstreamError): void;
}
