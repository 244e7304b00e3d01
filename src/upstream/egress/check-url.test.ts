import { expect, test } from 'bun:test';
import { checkUrl, PUBLIC_HTTPS } from './check-url.ts';

const REFUSED: ReadonlyArray<readonly [url: string, reason: string]> = [
  ['not a url', 'not a valid URL'],
  ['/etc/passwd', 'not a valid URL'],
  ['file:///etc/passwd', 'only https'],
  ['ftp://example.com/a.png', 'only https'],
  ['gopher://example.com/', 'only https'],
  ['data:image/png;base64,AAAA', 'only https'],
  ['http://example.com/a.png', 'only https'],
  ['https://user:secret@example.com/a.png', 'user name or password'],
  ['https://user@example.com/a.png', 'user name or password'],
  ['https://localhost/', 'host name is not public'],
  ['https://LOCALHOST./', 'host name is not public'],
  ['https://a.localhost/', 'host name is not public'],
  ['https://metadata/', 'host name is not public'],
  ['https://metadata.google.internal/', 'host name is not public'],
  ['https://kubernetes.default.svc/', 'host name is not public'],
  ['https://a.b.svc.cluster.local/', 'host name is not public'],
  ['https://router.lan/', 'host name is not public'],
  ['https://printer.home.arpa/', 'host name is not public'],
  ['https://127.0.0.1/', 'address is not public'],
  ['https://127.1/', 'address is not public'],
  ['https://2130706433/', 'address is not public'],
  ['https://0x7f000001/', 'address is not public'],
  ['https://0177.0.0.1/', 'address is not public'],
  ['https://169.254.169.254/latest/meta-data/', 'address is not public'],
  ['https://169.254.169.254./latest/meta-data/', 'address is not public'],
  ['https://[::1]/', 'address is not public'],
  ['https://[::ffff:127.0.0.1]/', 'address is not public'],
  ['https://[64:ff9b::a9fe:a9fe]/', 'address is not public'],
  ['https://[fd00:ec2::254]/', 'address is not public'],
  ['https://１２７.0.0.1/', 'address is not public'],
  ['https://ⓛocalhost/', 'host name is not public'],
];

test.each(REFUSED)('%s is refused', (url, reason) => {
  expect(() => checkUrl(url, PUBLIC_HTTPS)).toThrow(reason);
});

test.each([
  'https://example.com/a.png?x=1#f',
  'https://8.8.8.8/',
  'https://[2606:4700:4700::1111]:8443/',
  'https://localhost.example.com/',
  'https://internal.example.com/',
  'https://bücher.example/a b.png',
])('%s may be fetched', (url) => {
  expect(checkUrl(url, PUBLIC_HTTPS).protocol).toBe('https:');
});

test('http is fetched only where it is allowed', () => {
  const rules = { ...PUBLIC_HTTPS, allowHttp: true };
  expect(checkUrl('http://example.com/', rules).hostname).toBe('example.com');
  expect(() => checkUrl('http://10.0.0.1/', rules)).toThrow('address is not public');
});
