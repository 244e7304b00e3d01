import type { Sampler } from '../telemetry/sampler.ts';

/** The trace that a request belongs to: https://www.w3.org/TR/trace-context/ */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The gateway's own span, 16 hexadecimal digits. */
  readonly spanId: string;
  /** The caller's span; null where the trace begins here. */
  readonly parentSpanId: string | null;
  readonly sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/**
 * The caller's trace goes on, whoever keeps it. Without one, a trace begins where somebody here keeps traces. What is no
 * trace is left out, as the standard wants it.
 */
export function traceOf(traceparent: string | null, sampler: Sampler | null): Trace | null {
  const parent = traceparent === null ? null : parse(traceparent);
  if (parent !== null) {
    const { traceId, isSampled } = parent;
    const sampled = sampler === null ? isSampled : sampler(traceId, isSampled);
    return { traceId, spanId: randomHex(8), parentSpanId: parent.spanId, sampled };
  }
  if (sampler === null) return null;
  const traceId = randomHex(16);
  return { traceId, spanId: randomHex(8), parentSpanId: null, sampled: sampler(traceId, null) };
}

/** What goes upstream, where the request belongs to a trace. */
export function traceparentOf({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

function parse(text: string): { traceId: string; spanId: string; isSampled: boolean } | null {
  const [, version, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && text.length !== 55)) return null;
  if (traceId === NO_TRACE || spanId === NO_SPAN) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Made many at a time: asking the system for each would cost more than the rest of a trace. */
const POOL = new Uint8Array(4096);
let used = POOL.length;

function randomHex(bytes: number): string {
  if (used + bytes > POOL.length) {
    crypto.getRandomValues(POOL);
    used = 0;
  }
  let text = '';
  for (let index = 0; index < bytes; index++) text += HEX[POOL[used++] ?? 0] ?? '';
  return text === '0'.repeat(2 * bytes) ? randomHex(bytes) : text;
}
