import { Secret } from '../core/secret.ts';
import type { Destination } from './port.ts';

/** A destination that was checked and taken apart, as every transport needs it. */
export interface CompiledDestination {
  readonly method: 'GET' | 'POST';
  readonly secure: boolean;
  /** Without the brackets of an IPv6 literal. */
  readonly hostname: string;
  readonly port: number;
  /** `host:port` for messages: the port always, credentials never. */
  readonly label: string;
  /** Path and query as they were given. */
  readonly target: string;
  /** The URL without user information and fragment. */
  readonly url: string;
  /** Every header of the request but `content-length`, secrets exposed, `host` first. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
}

/** The transport frames the message; a header that says otherwise would let one request pass as two. */
const FRAMING_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
const URL_CHARACTERS = /^[\x21-\x5b\x5d-\x7e]+$/;
const URL_PARTS = /^(https?):\/\/[^/?#]+([^#]*)/i;

/**
 * Checks a destination and takes it apart. Throws an Error for what no request may carry: control characters in a URL
 * or header, another scheme than http and https, a header that frames the message. The message names the header but
 * never its value. User information in the URL becomes Basic authentication unless an `authorization` header is given.
 */
export function compileDestination(destination: Destination): CompiledDestination {
  const url = parseUrl(destination.url);
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const path = URL_PARTS.exec(destination.url)?.[2] ?? '';
  const target = path.startsWith('/') ? path : `/${path}`;
  return {
    method: destination.method,
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    label: `${url.hostname}:${port}`,
    target,
    url: `${url.protocol}//${url.host}${target}`,
    headers: compileHeaders(destination, url),
  };
}

function parseUrl(text: string): URL {
  // `new URL` drops tabs and line ends in silence and turns a backslash into a slash: what it reads must be what is sent.
  if (!URL_CHARACTERS.test(text)) {
    throw new Error('The upstream URL has a space, a control character, a backslash or a character outside ASCII.');
  }
  if (!URL_PARTS.test(text) || !URL.canParse(text)) {
    throw new Error('The upstream URL is not a valid http:// or https:// URL.');
  }
  return new URL(text);
}

function compileHeaders(destination: Destination, url: URL): Array<[string, string]> {
  const headers: Array<[string, string]> = [];
  const names = new Set<string>();
  for (const [name, value] of destination.headers) {
    const lowerCase = name.toLowerCase();
    if (!TOKEN.test(name)) throw new Error(`The upstream header name ${JSON.stringify(name)} is not a valid name.`);
    if (FRAMING_HEADERS.has(lowerCase)) throw new Error(`The upstream header ${name} is set by the gateway alone.`);
    const text = value instanceof Secret ? value.expose() : value;
    if (!HEADER_VALUE.test(text)) {
      throw new Error(`The upstream header ${name} has a line end, a control character or a character outside ASCII.`);
    }
    names.add(lowerCase);
    headers.push([name, text.trim()]);
  }
  if (!names.has('host')) headers.unshift(['host', url.host]);
  if (!names.has('authorization') && (url.username !== '' || url.password !== '')) {
    headers.push(['authorization', basicCredentials(url)]);
  }
  if (!names.has('accept')) headers.push(['accept', '*/*']);
  // Compressing would delay the tokens of a stream and cost time here for bytes that stay in the data centre.
  if (!names.has('accept-encoding')) headers.push(['accept-encoding', 'identity']);
  // Some providers' edge networks refuse a request without one.
  if (!names.has('user-agent')) headers.push(['user-agent', 'sluice']);
  return headers;
}

function basicCredentials(url: URL): string {
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
