import type { Exchange } from './exchange.ts';
import { writePlain } from './plain-record.ts';
import { recordText } from './record-text.ts';

/**
 * Accounts for an exchange at its end, once, whichever way it ended: before the last byte of its answer goes out, so that
 * no client has an answer of which there is no record.
 */
export function settle(exchange: Exchange): void {
  if (exchange.settled) return;
  exchange.settled = true;
  const metrics = exchange.endpoint?.metrics ?? exchange.unrouted;
  const now = exchange.endedAt > 0 ? exchange.endedAt : performance.now();
  metrics.count(exchange, now);
  const { recorder } = exchange;
  const { journal } = recorder;
  if (journal === null) return;
  try {
    if (!writePlain(exchange, now, journal)) journal.append(recordText(exchange, now));
  } catch (cause) {
    // A record that cannot be made must not keep the request from its end.
    recorder.lost?.(cause);
  }
}
