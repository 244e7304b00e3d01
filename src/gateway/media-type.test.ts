import { expect, test } from 'bun:test';
import { mediaTypeOf } from './media-type.ts';

const FILES: Readonly<Record<string, Uint8Array>> = {
  'image/png': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  'image/jpeg': Buffer.from('ffd8ffe000104a46494600', 'hex'),
  'image/gif': Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'),
  'image/webp': Buffer.from('RIFF\x24\x00\x00\x00WEBPVP8 ', 'latin1'),
  'application/pdf': Buffer.from('\xef\xbb\xbf%PDF-1.7\n', 'latin1'),
};

test.each(Object.entries(FILES))('the bytes of %s tell, whatever the server says', (type, bytes) => {
  for (const declared of [null, type, 'text/plain', 'application/octet-stream', 'image/png']) {
    expect(mediaTypeOf(bytes, declared)).toBe(type);
  }
});

test('a type that bytes would show is not believed without them', () => {
  for (const declared of [...Object.keys(FILES), 'image/jpg']) {
    expect(mediaTypeOf(Buffer.from('<html>not found</html>'), declared)).toBeNull();
  }
});

test('a type without a signature is the server’s word', () => {
  expect(mediaTypeOf(Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt '), 'audio/wav')).toBe('audio/wav');
  expect(mediaTypeOf(Buffer.from('a,b\n1,2\n'), 'text/csv')).toBe('text/csv');
});

test('nothing known is null', () => {
  expect(mediaTypeOf(new Uint8Array(), null)).toBeNull();
  expect(mediaTypeOf(Buffer.from('abc'), 'application/octet-stream')).toBeNull();
});

test('bytes that are a view of a larger buffer are read from where they begin', () => {
  const whole = Buffer.concat([Buffer.from('padding'), FILES['image/png'] ?? Buffer.alloc(0)]);
  expect(mediaTypeOf(whole.subarray(7), null)).toBe('image/png');
});
