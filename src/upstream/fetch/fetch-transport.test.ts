import { describeTransport } from '../conformance.ts';
import { FetchTransport } from './fetch-transport.ts';

const LENIENT = 'fetch reads it: it is more lenient than we are';
const NO_RETRY = 'fetch does not tell whether a connection was used before, so a second try could repeat a request';

describeTransport('the fetch transport', (options) => new FetchTransport({ proxy: null, ...options }), {
  'response: chunks with blanks behind the size is read': 'fetch refuses it',
  'response: both framings, of which chunks win is read': 'fetch reads it, but uses the connection again',
  'response: line feeds alone is bad_response': LENIENT,
  'response: an unknown transfer encoding is bad_response': LENIENT,
  'response: half the trailers is closed': LENIENT,
  'response: a head of more than 64 KiB is bad_response': LENIENT,
  'response: interim responses without end are bad_response': 'fetch reads on, until the time is over',
  'connection: 600 exchanges are held open at once': 'needs BUN_CONFIG_MAX_HTTP_REQUESTS: see the case of its own',
  'connection: one that turns out stale (end) is replaced once, the body sent again': NO_RETRY,
  'connection: one that turns out stale (resetAndDestroy) is replaced once, the body sent again': NO_RETRY,
  'connection: the second try is on a fresh one, whatever else is idle': NO_RETRY,
  'connection: the second try is the last': NO_RETRY,
  'connection: closing the transport ends idle connections and lets exchanges finish':
    'fetch keeps its idle connections to itself',
  'stream: one read gives everything that waits': 'fetch gives what arrived at one time, and then the rest',
  'stream: what arrived before the connection broke is read before the error':
    'fetch drops what waits when the connection breaks',
  'stream: a body that ends with the connection does not end with a reset': 'fetch takes a reset for its end',
  'upload: the connection is kept when all was sent': 'fetch closes it after a body that comes in pieces',
  'timeout: the wait for the response begins when the request is sent': 'fetch does not tell when the request is sent',
  'timeout: a TLS handshake without an answer': 'fetch does not tell when a connection stands: see the case of its own',
});
