import type { NeutralRequest, NeutralResponse } from '../core/neutral.ts';
import type { JsonObject } from '../core/types.ts';

/** A provider's own wire format for one operation. Streaming is refused with 501 where there is no stream reader. */
export interface Wire {
  /** The upstream's JSON body. Throws a GatewayError (422) for what the provider cannot take. */
  encode(request: NeutralRequest): JsonObject;
  /** Reads the upstream's JSON answer, given parsed and as text. Throws a GatewayError (`upstream_invalid`) for one that has another shape. */
  decode(body: unknown, text: string): NeutralResponse;
}
