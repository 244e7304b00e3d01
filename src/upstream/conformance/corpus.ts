import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { UpstreamFailure } from '../port.ts';

export interface CorpusEntry {
  readonly title: string;
  /** The bytes of the response, one character each. */
  readonly wire: string;
  /** The upstream closes the connection behind the bytes. */
  readonly closes?: boolean;
  /** What the reader gets: a body, or a failure of head or body. */
  readonly expected: { status: number; body: string } | { failure: UpstreamFailure };
  /** Whether the connection serves the next request too. */
  readonly reusable?: boolean;
}

const ok = (body: string): { status: number; body: string } => ({ status: 200, body });
const encoded = (encoding: string, bytes: Buffer): string =>
  `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes.toString('latin1')}`;
const TEXT = Buffer.from('squeezed '.repeat(8));

export const WHOLE: readonly CorpusEntry[] = [
  {
    title: 'a length',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    expected: ok('hello'),
    reusable: true,
  },
  {
    title: 'a length of nothing',
    wire: 'HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n',
    expected: ok(''),
    reusable: true,
  },
  {
    title: 'an error status with a body',
    wire: 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nCONTENT-LENGTH:  4 \r\n\r\nwait',
    expected: { status: 429, body: 'wait' },
    reusable: true,
  },
  {
    title: 'no reason phrase',
    wire: 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok',
    expected: ok('ok'),
    reusable: true,
  },
  {
    title: 'chunks with extensions, both cases of digits and trailers',
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b;c="d"\r\none\r\n0A\r\ntwo twenty\r\n00b\r\n three-3333\r\n0;last\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n',
    expected: ok('onetwo twenty three-3333'),
    reusable: true,
  },
  {
    title: 'chunks with blanks behind the size',
    wire: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2  \r\nok\r\n0 ;x\r\n\r\n',
    expected: ok('ok'),
    reusable: true,
  },
  {
    title: 'chunks of nothing',
    wire: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    expected: ok(''),
    reusable: true,
  },
  {
    title: '204 without a length',
    wire: 'HTTP/1.1 204 No Content\r\nX: y\r\n\r\n',
    expected: { status: 204, body: '' },
    reusable: true,
  },
  {
    title: '304 with the length of what it does not send',
    wire: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    expected: { status: 304, body: '' },
    reusable: true,
  },
  {
    title: 'several interim responses',
    wire: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes',
    expected: ok('yes'),
    reusable: true,
  },
  {
    title: 'HTTP/1.0 until the end of the connection',
    wire: 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold body',
    closes: true,
    expected: ok('old body'),
  },
  {
    title: 'HTTP/1.0 with a length',
    wire: 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold',
    expected: ok('old'),
    reusable: false,
  },
  {
    title: 'no length until the end of the connection',
    wire: 'HTTP/1.1 200 OK\r\n\r\nall of it',
    closes: true,
    expected: ok('all of it'),
  },
  {
    title: 'connection: close with a length',
    wire: 'HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 4\r\n\r\nlast',
    expected: ok('last'),
    reusable: false,
  },
  {
    title: 'one length twice',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok',
    expected: ok('ok'),
    reusable: true,
  },
  {
    title: 'both framings, of which chunks win',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    expected: ok('hello'),
    reusable: false,
  },
  { title: 'gzip', wire: encoded('GZIP', gzipSync(TEXT)), expected: ok(TEXT.toString()), reusable: true },
  { title: 'deflate', wire: encoded('deflate', deflateSync(TEXT)), expected: ok(TEXT.toString()), reusable: true },
  {
    title: 'raw deflate',
    wire: encoded('deflate', deflateRawSync(TEXT)),
    expected: ok(TEXT.toString()),
    reusable: true,
  },
  { title: 'brotli', wire: encoded('br', brotliCompressSync(TEXT)), expected: ok(TEXT.toString()), reusable: true },
  { title: 'zstd', wire: encoded('zstd', zstdCompressSync(TEXT)), expected: ok(TEXT.toString()), reusable: true },
];

const bad = (title: string, wire: string): CorpusEntry => ({
  title,
  wire,
  closes: true,
  expected: { failure: 'bad_response' },
});
const chunked = (body: string): string => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;

export const BROKEN: readonly CorpusEntry[] = [
  bad('no HTTP at all', 'SSH-2.0-OpenSSH_9.6 welcome\r\n\r\n'),
  bad('another version of HTTP', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'),
  bad('a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'),
  bad('a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'),
  bad('line feeds alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
  bad('a folded header', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok'),
  bad('a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok'),
  bad('a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok'),
  bad('a header line without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok'),
  bad('a zero byte in a header', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok'),
  bad('a carriage return in a header', 'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nok'),
  bad('two different lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk'),
  bad('two different lengths in one line', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nokk'),
  bad('a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok'),
  bad('a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok'),
  bad('an empty length', 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok'),
  bad('a length beyond counting', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok'),
  bad('an unknown transfer encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
  bad('an unknown content encoding', 'HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 2\r\n\r\nbx'),
  bad('a broken content encoding', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope'),
  bad('a cut content encoding', encoded('gzip', gzipSync(TEXT).subarray(0, 24))),
  bad('a chunk size without digits', chunked(';x\r\nok\r\n0\r\n\r\n')),
  bad('a chunk size of other letters', chunked('g\r\nok\r\n0\r\n\r\n')),
  bad('a negative chunk size', chunked('-2\r\nok\r\n0\r\n\r\n')),
  bad('a chunk size with a prefix', chunked('0x2\r\nok\r\n0\r\n\r\n')),
  bad('a chunk size beyond counting', chunked('fffffffffffffffff\r\nok\r\n0\r\n\r\n')),
  bad('a chunk longer than its size', chunked('2\r\nokay\r\n0\r\n\r\n')),
  bad('a chunk size line that ends with a line feed alone', chunked('2\nok\r\n0\r\n\r\n')),
  bad('a chunk extension with a line feed alone', chunked('2;x\nok\r\n0\r\n\r\n')),
];

const cut = (title: string, wire: string): CorpusEntry => ({
  title,
  wire,
  closes: true,
  expected: { failure: 'closed' },
});

export const CUT: readonly CorpusEntry[] = [
  cut('nothing', ''),
  cut('half a status line', 'HTTP/1.1 20'),
  cut('half the headers', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'),
  cut('an interim response alone', 'HTTP/1.1 100 Continue\r\n\r\n'),
  cut('no body', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'),
  cut('half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
  cut('half a chunk', chunked('5\r\nhe')),
  cut('half a chunk size', chunked('5\r\nhello\r\n1')),
  cut('no last chunk', chunked('5\r\nhello\r\n')),
  cut('half the trailers', chunked('5\r\nhello\r\n0\r\nX: y\r\n')),
];
