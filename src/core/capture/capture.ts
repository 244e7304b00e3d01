import type { WireFormat } from '../types.ts';

/** The texts of one request on their way to the ledger: as they passed, so they are to be redacted before they are kept. */
export interface Capture {
  readonly requestId: string;
  readonly request: string;
  readonly response: CapturedResponse | null;
  /** Something was left out already, because it was too long. */
  readonly isCut: boolean;
  /** What was made or brought for this request alone, and so is no secret of the configuration. */
  readonly credentials?: readonly string[];
}

export type CapturedResponse =
  | { readonly kind: 'text'; readonly text: string }
  /** The events of a stream as Latin-1 text, one character a byte. */
  | { readonly kind: 'events'; readonly format: WireFormat; readonly events: string };

/** Characters. */
export function captureSize({ request, response }: Capture): number {
  if (response === null) return request.length;
  return request.length + (response.kind === 'text' ? response.text : response.events).length;
}
