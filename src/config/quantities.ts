import { isIP } from 'node:net';
import { z } from 'zod';

/** 24.8 days: timers of JavaScript count milliseconds in 32 bits, and fire at once when given more. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `30s`, `5m`, `1h30m`, or a number of seconds. Gives milliseconds. */
export function duration() {
  return z.union([z.number(), z.string()]).transform((input, context) => {
    const milliseconds = typeof input === 'number' ? Math.round(input * 1000) : parseDuration(input);
    if (milliseconds !== null && milliseconds >= 0 && milliseconds <= MAX_MILLISECONDS) return milliseconds;
    const hint = 'for example 500ms, 30s, 5m or 1h; a number means seconds; 0 means no limit; at most 24 days';
    context.addIssue({ code: 'custom', message: 'Input should be a length of time', params: { hint } });
    return z.NEVER;
  });
}

function parseDuration(text: string): number | null {
  const compact = text.replaceAll(/\s+/g, '').toLowerCase();
  if (/^\d+(?:\.\d+)?$/.test(compact)) return Math.round(Number(compact) * 1000);
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(compact)) return null;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (MILLISECONDS[unit ?? ''] ?? Number.NaN);
  }
  return Math.round(total);
}

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** `32MiB`, `500kB`, or a number of bytes. Gives bytes. */
export function byteSize() {
  return z.union([z.number(), z.string()]).transform((input, context) => {
    const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(String(input));
    const bytes = Number(match?.[1]) * (BYTES[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
    if (bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER) return Math.floor(bytes);
    const hint = 'for example 32MiB, 500kB or a number of bytes';
    context.addIssue({ code: 'custom', message: 'Input should be a size in bytes', params: { hint } });
    return z.NEVER;
  });
}

/** An IP address or a CIDR block. https://www.rfc-editor.org/rfc/rfc4632 */
export function addressBlock() {
  return z.string().superRefine((text, context) => {
    const [address = '', prefix, ...rest] = text.split('/');
    const bits = isIP(address) === 4 ? 32 : 128;
    const prefixFits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (isIP(address) !== 0 && prefixFits && rest.length === 0) return;
    const hint = 'for example 10.0.0.0/8, 192.0.2.7 or fd00::/8';
    context.addIssue({ code: 'custom', message: 'Input should be an IP address or a CIDR block', params: { hint } });
  });
}

/** The name of a host, without scheme and port; `*.` before it for all names below. */
export function hostPattern() {
  return z.string().superRefine((text, context) => {
    if (/^(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*)$/.test(text)) return;
    const hint = 'for example gateway.example.com or *.example.com, without scheme and port';
    context.addIssue({ code: 'custom', message: 'Input should be the name of a host', params: { hint } });
  });
}

/** A whole number, or text that is one: Pydantic takes both. */
export function wholeNumber() {
  return z.preprocess(
    (input) => (typeof input === 'string' && /^\s*[-+]?\d+\s*$/.test(input) ? Number(input) : input),
    z.int(),
  );
}
