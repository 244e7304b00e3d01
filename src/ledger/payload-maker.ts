import { assembleStream } from '../core/capture/assemble-stream.ts';
import type { Capture, CapturedResponse } from '../core/capture/capture.ts';
import { fit } from '../core/capture/fit.ts';
import type { RedactionCounts } from '../core/redaction/kinds.ts';
import type { Redactor } from '../core/redaction/redactor.ts';
import { Secret } from '../core/secret.ts';
import type { Payload } from '../storage/ledger-store.ts';

/** What of a text that was cut is left out at its end: a secret may have been cut there, and not be known by its rest. */
const DOUBTFUL_CHARACTERS = 4096;

/** Makes of captured texts what is stored: streams assembled, all of it redacted, and cut to `maxBody` bytes each. */
export function makePayload(capture: Capture, redactor: Redactor, maxBody: number): Payload {
  const counts: RedactionCounts = {};
  const own = redactor.with((capture.credentials ?? []).map((credential) => new Secret(credential)));
  let truncated = capture.isCut;
  const clean = (text: string): string => {
    const whole = capture.isCut ? text.slice(0, Math.max(0, text.length - DOUBTFUL_CHARACTERS)) : text;
    const redacted = own.redact(whole);
    for (const [kind, count] of Object.entries(redacted.counts)) counts[kind] = (counts[kind] ?? 0) + count;
    const { text: kept, isCut } = fit(redacted.text, maxBody);
    truncated ||= isCut;
    return kept;
  };
  const request = clean(capture.request);
  const response = capture.response === null ? null : responseText(capture.response);
  return {
    requestId: capture.requestId,
    request,
    response: response === null ? null : clean(response),
    redactions: counts,
    truncated,
  };
}

function responseText(response: CapturedResponse): string | null {
  if (response.kind === 'text') return response.text;
  return assembleStream(response.format, Buffer.from(response.events, 'latin1').toString('utf8'));
}
