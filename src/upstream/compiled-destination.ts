import { Secret } from '../core/secret.ts';
import type { Destination, RequestHeaders } from './port.ts';

/** A destination that was checked and taken apart, as every transport needs it. */
export interface CompiledDestination {
  readonly method: string;
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
const METHOD = /^[A-Z-]{1,20}$/;
/** They are for proxies alone. https://www.rfc-editor.org/rfc/rfc9110#name-method-definitions */
const NO_METHODS = new Set(['CONNECT', 'TRACE']);
const URL_CHARACTERS = /^[\x21-\x5b\x5d-\x7e]+$/;
const URL_PARTS = /^(https?):\/\/[^/?#]+([^#]*)/i;

/**
 * Checks a destination and takes it apart. Throws an Error for what no request may carry: control characters in a URL
 * or header, another scheme than http and https, a method for proxies, a header that frames the message. The message names the header but
 * never its value. User information in the URL becomes Basic authentication unless an `authorization` header is given.
 */
export function compileDestination(destination: Destination): CompiledDestination {
  const { method } = destination;
  if (!METHOD.test(method) || NO_METHODS.has(method))
    throw new Error(`No request is made with this method: ${method}.`);
  const url = parseUrl(destination.url);
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const path = URL_PARTS.exec(destination.url)?.[2] ?? '';
  const target = path.startsWith('/') ? path : `/${path}`;
  return {
    method,
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

/** The destination with headers for one request, in place of those of the same name. Checked like the others. */
export function withHeaders(destination: CompiledDestination, headers: RequestHeaders): CompiledDestination {
  const added = headers.map(([name, value]) => checkedHeader(name, value));
  const names = new Set(added.map(([name]) => name.toLowerCase()));
  const kept = destination.headers.filter(([name]) => !names.has(name.toLowerCase()));
  return { ...destination, headers: [...kept, ...added] };
}

/** Throws an Error for what no request may carry; the message names the header but never its value. */
export function checkedHeader(name: string, value: string): [name: string, value: string] {
  if (!TOKEN.test(name)) throw new Error(`The upstream header name ${JSON.stringify(name)} is not a valid name.`);
  if (FRAMING_HEADERS.has(name.toLowerCase())) {
    throw new Error(`The upstream header ${name} is set by the gateway alone.`);
  }
  if (!HEADER_VALUE.test(value)) {
    throw new Error(`The upstream header ${name} has a line end, a control character or a character outside ASCII.`);
  }
  return [name, value.trim()];
}

function compileHeaders(destination: Destination, url: URL): Array<[string, string]> {
  const headers = destination.headers.map(([name, value]) =>
    checkedHeader(name, value instanceof Secret ? value.expose() : value),
  );
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
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
