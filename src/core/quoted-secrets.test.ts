import { expect, test } from 'bun:test';
import { scrubber } from './quoted-secrets.ts';
import { Secret } from './secret.ts';

const VALUE = 'k3y/with+odd="characters"~é';
const scrub = scrubber([new Secret(VALUE), new Secret('abc'), new Secret('another-key-1234')]);
const base64 = (text: string, encoding: BufferEncoding = 'base64') => Buffer.from(text).toString(encoding);

test.each([
  ['as it is', `<${VALUE}>`, '<***>'],
  ['escaped for a URL', `?key=${encodeURIComponent(VALUE)}&x`, '?key=***&x'],
  ['escaped in lower case', encodeURIComponent(VALUE).replaceAll(/%../g, (found) => found.toLowerCase()), '***'],
  ['in JSON', JSON.stringify({ a: VALUE }), '{"a":"***"}'],
  ['in hexadecimal', Buffer.from(VALUE).toString('hex'), '***'],
  ['in capitals of it', Buffer.from(VALUE).toString('hex').toUpperCase(), '***'],
])('a secret is found %s', (_, text, expected) => {
  expect(scrub(text)).toBe(expected);
});

test.each(['', 'x', 'xy', 'Bearer ', 'user:', '{"authorization":"Bearer '])(
  'a secret is found in base64 after %p',
  (before) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      for (const after of ['', '"', '"}', '\r\nhost: x']) {
        const clean = scrub(`said ${base64(before + VALUE + after, encoding)}, then left`);
        expect(clean).toContain('***');
        // What is left holds no more than the bits that its ends share with what stands around it.
        const rest = Buffer.from(clean.replaceAll('***', ''), encoding).toString('latin1');
        expect(rest).not.toContain('odd');
        expect(clean.length).toBeLessThan(50 + (before.length + after.length) * 2);
      }
    }
  },
);

test('other texts stay, and too short a secret is left alone', () => {
  for (const text of ['', 'abc', 'another-key-123', base64('abc'), 'k3y']) expect(scrub(text)).toBe(text);
});
