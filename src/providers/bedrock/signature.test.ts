import { expect, test } from 'bun:test';
import { createHash, createHmac } from 'node:crypto';
import { Secret } from '../../core/secret.ts';
import { fixedCredentials } from './credentials.ts';
import { modelUrl } from './models.ts';
import { sigV4 } from './signature.ts';

const ID = new Secret('AKIDEXAMPLE');
const SECRET = new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');
const NOW = () => new Date('2015-08-30T12:36:00Z');

interface Vector {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: ReadonlyArray<readonly [string, string]>;
  readonly body?: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;

/** AWS's test suite: https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html */
const VECTORS: readonly Vector[] = [
  {
    name: 'get-vanilla',
    method: 'GET',
    path: '/',
    signedHeaders: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    method: 'GET',
    path: '/?Param2=value2&Param1=value1',
    signedHeaders: 'host;x-amz-date',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-empty-query-key',
    method: 'GET',
    path: '/?Param1=value1',
    signedHeaders: 'host;x-amz-date',
    signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  },
  {
    name: 'get-vanilla-query-unreserved',
    method: 'GET',
    path: '/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    signedHeaders: 'host;x-amz-date',
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  {
    name: 'get-header-value-trim',
    method: 'GET',
    path: '/',
    headers: [
      ['my-header1', ' value1'],
      ['my-header2', ' "a   b   c"'],
    ],
    signedHeaders: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'post-vanilla',
    method: 'POST',
    path: '/',
    signedHeaders: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-vanilla-query',
    method: 'POST',
    path: '/?Param1=value1',
    signedHeaders: 'host;x-amz-date',
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  {
    name: 'post-x-www-form-urlencoded',
    method: 'POST',
    path: '/',
    headers: [FORM],
    body: 'Param1=value1',
    signedHeaders: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-header-key-sort',
    method: 'POST',
    path: '/',
    headers: [['my-header1', 'value1']],
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
];

for (const { name, method, path, headers = [], body = '', signedHeaders, signature } of VECTORS) {
  test(`AWS's test vector ${name}`, async () => {
    const credentials = fixedCredentials({ id: ID, secret: SECRET, sessionToken: undefined });
    const authorize = sigV4({ credentials, region: 'us-east-1', service: 'service', now: NOW });
    const destination = { method, url: `https://example.amazonaws.com${path}`, headers };
    expect(await authorize({ destination, body })).toEqual([
      [
        'authorization',
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
          `SignedHeaders=${signedHeaders}, Signature=${signature}`,
      ],
      ['x-amz-date', '20150830T123600Z'],
    ]);
  });
}

test('AWS’s test vector post-sts-header-before: the session token is signed and sent', async () => {
  const token =
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
  const credentials = fixedCredentials({ id: ID, secret: SECRET, sessionToken: new Secret(token) });
  const authorize = sigV4({ credentials, region: 'us-east-1', service: 'service', now: NOW });
  const destination = { method: 'POST', url: 'https://example.amazonaws.com/', headers: [] } as const;
  const headers = new Map(await authorize({ destination, body: '' }));
  expect(headers.get('x-amz-security-token')).toBe(token);
  expect(headers.get('authorization')).toEndWith(
    'SignedHeaders=host;x-amz-date;x-amz-security-token, ' +
      'Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  );
});

/** The signature by the recipe, with nothing of the library that is used. */
function signatureByHand(canonicalUri: string, body: string): string {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const keyed = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const request = [
    'POST',
    canonicalUri,
    '',
    'content-type:application/json',
    'host:bedrock-runtime.us-east-1.amazonaws.com',
    'x-amz-date:20150830T123600Z',
    '',
    'content-type;host;x-amz-date',
    hash(body),
  ].join('\n');
  const scope = '20150830/us-east-1/bedrock/aws4_request';
  const text = ['AWS4-HMAC-SHA256', '20150830T123600Z', scope, hash(request)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((outer, part) => keyed(outer, part), `AWS4${SECRET.expose()}`);
  return keyed(key, text).toString('hex');
}

for (const [id, canonicalUri] of [
  ['anthropic.claude-v2:1', '/model/anthropic.claude-v2%253A1/converse'],
  [
    'arn:aws:bedrock:us-east-1:1:inference-profile/x',
    '/model/arn%253Aaws%253Abedrock%253Aus-east-1%253A1%253Ainference-profile%252Fx/converse',
  ],
] as const) {
  test(`the id ${id} is escaped once in the URL and once more in what is signed`, async () => {
    const credentials = fixedCredentials({ id: ID, secret: SECRET, sessionToken: undefined });
    const authorize = sigV4({ credentials, region: 'us-east-1', now: NOW });
    const body = '{"messages":[{"role":"user","content":[{"text":"東京"}]}]}';
    const url = modelUrl('https://bedrock-runtime.us-east-1.amazonaws.com', id, 'converse');
    const destination = { method: 'POST', url, headers: [['content-type', 'application/json']] } as const;
    const [[, authorization] = []] = await authorize({ destination, body });
    expect(authorization).toEndWith(`Signature=${signatureByHand(canonicalUri, body)}`);
  });
}
