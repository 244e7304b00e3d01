import { createHash } from 'node:crypto';
import type { UpstreamSettings } from '../../config/types.ts';
import { Secret } from '../../core/secret.ts';
import type { RelayFamily, RelayPlace, RelayTarget } from '../../providers/provider.ts';
import type { RelayTransport, Timeouts } from '../../upstream/port.ts';
import { serverText } from '../record-text.ts';

/** How an endpoint reaches its provider with requests that pass as they come. */
export interface Relay {
  readonly target: RelayTarget;
  readonly transport: RelayTransport;
  readonly timeouts: Timeouts;
  /** The same for endpoints with the same URL and credential: their files and batches are the same. */
  readonly account: string;
  /** Host and port, as a member of a record, with a comma before it. */
  readonly serverText: string;
}

export function compileRelay(target: RelayTarget, settings: UpstreamSettings, transport: RelayTransport): Relay {
  const { connectTimeout, firstByteTimeout, totalTimeout, idleTimeout, streamTotalTimeout } = settings;
  const limits = [firstByteTimeout, totalTimeout].filter((limit) => limit > 0);
  return {
    target,
    transport,
    timeouts: {
      connect: connectTimeout,
      // A long transfer is none too long while it moves, so the total is the limit of the wait for an answer.
      firstByte: limits.length === 0 ? 0 : Math.min(...limits),
      idle: idleTimeout,
      total: streamTotalTimeout,
    },
    account: accountOf(target),
    serverText: serverText(target.root),
  };
}

/** A hash, so that no credential is kept in another place. */
function accountOf({ root, headers }: RelayTarget): string {
  const parts = headers.map(([name, value]) => [name, value instanceof Secret ? value.expose() : value]);
  return createHash('sha256')
    .update(JSON.stringify([root, parts]))
    .digest('hex');
}

export function placeOf({ target }: Relay, family: RelayFamily): RelayPlace | null {
  const { families } = target;
  return families[family] ?? (family === 'rerank-v2' ? families.rerank : undefined) ?? null;
}
