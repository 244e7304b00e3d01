import { createHash } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import type { RequestHeaders, UpgradeAnswer } from '../../upstream/port.ts';
import type { RelayIncoming } from './relay-incoming.ts';

/** https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const KEY = /^[A-Za-z0-9+/]{22}==$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** In these, clients in browsers put what others put into headers: who they are to the gateway, not to the provider. */
const CREDENTIAL_PROTOCOLS = ['openai-insecure-api-key.', 'openai-organization.', 'openai-project.'];

/** A client's request for a WebSocket, checked. */
export interface Handshake {
  readonly key: string;
  /** Subprotocols that the upstream may choose from. */
  readonly protocols: readonly string[];
}

/** Throws the GatewayError of a request that asks for no WebSocket. https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1 */
export function readHandshake({ method, caller }: RelayIncoming): Handshake {
  const isUpgrade = listOf(caller.header('connection')).some((option) => option.toLowerCase() === 'upgrade');
  if (method !== 'GET' || !isUpgrade || caller.header('upgrade')?.toLowerCase() !== 'websocket') {
    throw new GatewayError('invalid_request', 'This path takes a WebSocket.', {
      status: 426,
      headers: { upgrade: 'websocket', connection: 'upgrade' },
    });
  }
  if (caller.header('sec-websocket-version') !== '13') {
    throw new GatewayError('invalid_request', 'The version of the WebSocket must be 13.', {
      status: 426,
      headers: { 'sec-websocket-version': '13' },
    });
  }
  const key = caller.header('sec-websocket-key') ?? '';
  if (!KEY.test(key)) throw new GatewayError('invalid_request', 'The header Sec-WebSocket-Key is not a key.');
  const protocols = listOf(caller.header('sec-websocket-protocol'));
  if (!protocols.every((protocol) => TOKEN.test(protocol))) {
    throw new GatewayError('invalid_request', 'The header Sec-WebSocket-Protocol is not a list of names.');
  }
  const isCredential = (protocol: string) => CREDENTIAL_PROTOCOLS.some((prefix) => protocol.startsWith(prefix));
  return { key, protocols: protocols.filter((protocol) => !isCredential(protocol)) };
}

/**
 * The same key goes upstream, so that its answer to the key is the client's answer too. Extensions are not asked for:
 * compressed messages could not be read from the side.
 */
export function upgradeHeaders({ key, protocols }: Handshake): RequestHeaders {
  const headers: Array<readonly [string, string]> = [
    ['upgrade', 'websocket'],
    ['sec-websocket-version', '13'],
    ['sec-websocket-key', key],
  ];
  if (protocols.length > 0) headers.push(['sec-websocket-protocol', protocols.join(', ')]);
  return headers;
}

/** The header lines of the 101, or a GatewayError where the upstream's is not one for this handshake. */
export function acceptedFields({ key, protocols }: Handshake, answer: UpgradeAnswer): string {
  const accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
  const protocol = answer.header('sec-websocket-protocol');
  const isAccepted =
    answer.header('upgrade')?.toLowerCase() === 'websocket' &&
    answer.header('sec-websocket-accept') === accept &&
    answer.header('sec-websocket-extensions') === null &&
    (protocol === null || protocols.includes(protocol));
  if (!isAccepted) {
    throw new GatewayError('upstream_invalid', 'The upstream answered the WebSocket handshake with something else.');
  }
  const chosen = protocol === null ? '' : `sec-websocket-protocol: ${protocol}\r\n`;
  return `upgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n${chosen}`;
}

function listOf(value: string | null): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
