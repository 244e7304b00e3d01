import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Secret } from '../core/secret.ts';
import { ApiError } from './api-error.ts';
import { type AdminRequest, PERMISSIONS, type Principal } from './route.ts';

const ALL = new Set(PERMISSIONS);

const HOW_TO =
  'set `admin.token` in the configuration, or SLUICE_ADMIN_TOKEN, and send it as `Authorization: Bearer <token>`';

/** What a proxy adds: who comes through one is not on this machine, whatever the socket says. */
const SIGNS_OF_A_PROXY = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/**
 * Who calls. With a token, whoever has it; without one, programs on this machine that come straight. Everybody else gets
 * an ApiError: 401 where a token would help, 403 where none is configured.
 */
export function authenticate(request: AdminRequest, token: Secret | null): Principal {
  const { address } = request;
  if (token !== null) {
    if (isToken(request.header('authorization'), token)) return { name: 'token', address, permissions: ALL };
    throw new ApiError('unauthorized', 'This needs the token of the administrator.', {
      hint: 'send it as `Authorization: Bearer <token>`',
      headers: { 'www-authenticate': 'Bearer realm="sluice"' },
    });
  }
  const objection = objectionToLocal(request);
  if (objection === null) return { name: 'local', address, permissions: ALL };
  throw new ApiError('forbidden', `Without a token only programs on this machine may use this: ${objection}.`, {
    hint: HOW_TO,
  });
}

const SCHEME = /^Bearer +(.+)$/i;

/** Takes as long for a wrong token as for the right one: digests are of one length, and compared to the end. */
function isToken(header: string | null, token: Secret): boolean {
  const given = SCHEME.exec(header ?? '')?.[1]?.trim() ?? '';
  return timingSafeEqual(digest(given), digest(token.expose()));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** Why a caller does not count as one of this machine; null when it does. */
function objectionToLocal(request: AdminRequest): string | null {
  if (!isLoopbackAddress(request.peer)) return 'the call comes from another one';
  const sign = SIGNS_OF_A_PROXY.find((name) => request.header(name) !== null);
  if (sign !== undefined) return `the call came through a proxy, as its header ${sign} says`;
  // A site whose name was made to resolve to this machine is a page of its own to the browser, and the name is in `Host`.
  if (!isLoopbackHost(request.header('host'))) return 'its Host header names another one';
  const origin = request.header('origin');
  if (origin !== null && !isLoopbackOrigin(origin)) return 'a page of another site calls';
  if (request.header('sec-fetch-site') === 'cross-site') return 'a page of another site calls';
  return null;
}

function isLoopbackAddress(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

const HOST = /^(\[[^\]]+\]|[^:]+)(?::\d{1,5})?$/;

function isLoopbackHost(host: string | null): boolean {
  const name = HOST.exec(host?.trim().toLowerCase() ?? '')?.[1]?.replace(/^\[|\]$/g, '') ?? '';
  return name === 'localhost' || isLoopbackAddress(name);
}

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopbackHost(new URL(origin).host);
}
