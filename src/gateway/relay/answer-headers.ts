import { type Scrubber, scrubber } from '../../core/quoted-secrets.ts';
import type { RelayResponse } from '../../upstream/port.ts';
import { fieldLines } from '../answer-fields.ts';
import type { Exchange } from '../exchange.ts';
import { secretsOf } from '../exchange-secrets.ts';

/** What a client of a family needs of the upstream's headers. */
const KNOWN = ['content-type', 'content-disposition', 'content-range', 'accept-ranges'] as const;

/** What concerns the upstream's connection, framing or site rather than the answer. */
const OF_THE_UPSTREAM: ReadonlySet<string> = new Set([
  'alt-svc',
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'server',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The header lines of an answer that passes as it comes; of a raw one nearly all of the upstream's. */
export function relayedFields(exchange: Exchange, response: RelayResponse, isRaw: boolean): string {
  const upstream = exchange.firstByteAt - exchange.upstreamStartedAt;
  const total = performance.now() - exchange.incoming.startedAt;
  const timing = {
    'server-timing': `gateway;dur=${decimal(total - upstream)}, upstream;dur=${decimal(upstream)}`,
    'x-mlflow-gateway-duration-ms': decimal(total),
  };
  const id = exchange.upstreamRequestId;
  const own = {
    'x-request-id': exchange.id,
    ...timing,
    ...(id !== null && { 'x-sluice-upstream-request-id': id }),
    ...exchange.headers,
  };
  const scrub = scrubber(secretsOf(exchange));
  return (isRaw ? allFields(response, own, scrub) : knownFields(response, scrub)) + fieldLines(own);
}

function decimal(milliseconds: number): string {
  return Math.max(0, milliseconds).toFixed(2);
}

function knownFields(response: RelayResponse, scrub: Scrubber): string {
  let lines = '';
  for (const name of KNOWN) {
    const value = response.header(name);
    if (value !== null) lines += fieldLines({ [name]: scrub(value) });
  }
  return lines;
}

function allFields(response: RelayResponse, own: Readonly<Record<string, string>>, scrub: Scrubber): string {
  const hop = (response.header('connection') ?? '').toLowerCase();
  const named = new Set(hop.split(',').map((name) => name.trim()));
  let lines = '';
  for (const [name, value] of response.fields()) {
    const lower = name.toLowerCase();
    if (!OF_THE_UPSTREAM.has(lower) && !named.has(lower) && !(lower in own)) {
      lines += fieldLines({ [lower]: scrub(value) });
    }
  }
  return lines;
}
