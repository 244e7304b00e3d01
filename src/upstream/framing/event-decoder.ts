/** Called with each event's data and, where the framing has one beside the data, the name of its type. */
export type EachEvent = (data: string, name: string) => void;

/** Cuts one body into events, whatever pieces it comes in. Not to be used again after it threw. */
export interface EventDecoder {
  /** Calls back with every event that the bytes complete. Throws a GatewayError (`upstream_invalid`) for broken ones. */
  push(bytes: Uint8Array, each: EachEvent): void;
  /** The body has ended: what only lacks its last delimiter counts as an event. */
  end(each: EachEvent): void;
}

/** One event larger than this, in bytes or characters, is no event of a model. */
export const MAX_EVENT_SIZE = 16 * 1024 * 1024;
