import { z } from 'zod';
import { byteSize } from './quantities.ts';

/** How long what of the ledger is kept; null is for ever, and without a limit. */
export interface RetentionSettings {
  /** Milliseconds. */
  readonly requests: number | null;
  /** Bytes, about. */
  readonly requestsSize: number | null;
  readonly payloads: number | null;
  readonly payloadsSize: number | null;
  readonly hourly: number | null;
  readonly daily: number | null;
}

const DAY = 86_400_000;

/** `30d`, or a number of days; `forever`. Gives milliseconds, or null. */
function age() {
  return z.union([z.number(), z.string()]).transform((input, context) => {
    if (input === 'forever') return null;
    const match = /^\s*(\d+(?:\.\d+)?)\s*d?\s*$/i.exec(String(input));
    const days = Number(match?.[1]);
    if (days > 0 && days <= 36_500) return Math.round(days * DAY);
    const hint = 'for example 90d, a number of days, or forever';
    context.addIssue({ code: 'custom', message: 'Input should be a number of days', params: { hint } });
    return z.NEVER;
  });
}

export const retentionSchema = z.object({
  requests: age().optional().meta({ description: 'How long each request is kept, for example `90d`. Default: 90d.' }),
  requests_size: byteSize().nullish().meta({
    description: 'How large all requests together may become, about; the oldest go first. Default: no limit.',
  }),
  payloads: age().optional().meta({ description: 'How long texts of requests and answers are kept. Default: 30d.' }),
  payloads_size: byteSize()
    .nullish()
    .meta({ description: 'How large they may become together; the oldest go first. Default: 2GiB.' }),
  hourly: age().optional().meta({ description: 'How long sums of each half hour are kept. Default: 400d.' }),
  daily: age().optional().meta({ description: 'How long sums of each day are kept. Default: forever.' }),
});

const DEFAULTS: RetentionSettings = {
  requests: 90 * DAY,
  requestsSize: null,
  payloads: 30 * DAY,
  payloadsSize: 2 * 2 ** 30,
  hourly: 400 * DAY,
  daily: null,
};

export function compileRetention(raw: z.output<typeof retentionSchema> | null | undefined): RetentionSettings {
  const given = raw ?? {};
  // `forever` is null.
  const or = (value: number | null | undefined, usual: number | null): number | null =>
    value === undefined ? usual : value;
  return {
    requests: or(given.requests, DEFAULTS.requests),
    requestsSize: given.requests_size ?? DEFAULTS.requestsSize,
    payloads: or(given.payloads, DEFAULTS.payloads),
    payloadsSize: given.payloads_size ?? DEFAULTS.payloadsSize,
    hourly: or(given.hourly, DEFAULTS.hourly),
    daily: or(given.daily, DEFAULTS.daily),
  };
}
