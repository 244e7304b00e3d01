import type { BodyStream, Tunnel } from '../../upstream/port.ts';
import type { Incoming } from '../exchange.ts';
import type { RelayCall } from './routes.ts';

/** A request that is passed on as it comes. */
export interface RelayIncoming extends Incoming {
  readonly call: RelayCall;
  readonly method: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  /**
   * The body as it was sent: whole where it has arrived, null where there is none. Instead of `read`. A stream rejects
   * with a GatewayError when the client leaves.
   */
  body(): Uint8Array | BodyStream | null;
  /** Begins an answer in bytes. `length` is null where it is not known. */
  startBytes(status: number, fields: string, length: number | null): void;
  /** As `write`. */
  writeBytes(bytes: Uint8Array): boolean;
  /** An answer without a body, whatever its fields say of one. */
  respondWithoutBody(status: number, fields: string): void;
  /** Ends the connection, so that nobody takes what was sent for whole. */
  cut(): void;
  /** Answers 101 with these header lines, and is bytes from then on. */
  switchProtocols(fields: string): Tunnel;
}
