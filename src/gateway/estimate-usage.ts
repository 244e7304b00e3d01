import { NO_USAGE } from '../core/neutral/usage.ts';
import type { Exchange } from './exchange.ts';

/** Of English text and of JSON around it. */
const BYTES_PER_TOKEN = 4;

/**
 * For a stream that ended before it told its usage: what it told until then, at least a token for each piece that came,
 * and of the prompt what its length suggests. Providers send nearly every token by itself.
 */
export function estimateUsage(exchange: Exchange, pieces: number): void {
  const { usage, incoming } = exchange;
  const prompt = Math.ceil(incoming.bodyBytes / BYTES_PER_TOKEN);
  const known = usage ?? { ...NO_USAGE, input: prompt };
  exchange.usage = { ...known, output: Math.max(known.output, pieces - known.reasoning) };
  exchange.isUsageEstimated = true;
}
