import type { SamplerSettings } from '../config/telemetry-types.ts';

/** Whether a trace is kept. `parentSampled` is what the caller says of its own span; null where the trace begins here. */
export type Sampler = (traceId: string, parentSampled: boolean | null) => boolean;

const RANGE = 2 ** 32;

/**
 * By the trace's id, so that every program which samples the same share keeps the same traces.
 * https://opentelemetry.io/docs/specs/otel/trace/sdk/#traceidratiobased
 */
export function compileSampler({ root, honoursParent }: SamplerSettings): Sampler {
  const bound = Math.floor(root * RANGE);
  const isKept = (traceId: string): boolean => {
    if (bound >= RANGE) return true;
    let mixed = 0;
    for (let at = 0; at < 32; at += 8) mixed = (mixed ^ Number.parseInt(traceId.slice(at, at + 8), 16)) >>> 0;
    return mixed < bound;
  };
  return (traceId, parentSampled) => (honoursParent && parentSampled !== null ? parentSampled : isKept(traceId));
}
