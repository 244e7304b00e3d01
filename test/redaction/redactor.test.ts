import { describe, expect, test } from 'bun:test';
import { assembleStream } from '../../src/core/capture/assemble-stream.ts';
import { compilePattern } from '../../src/core/redaction/own-patterns.ts';
import { Redactor } from '../../src/core/redaction/redactor.ts';
import { Secret } from '../../src/core/secret.ts';
import { Random } from '../../src/dialects/testing/random.ts';
import { coreOf, SECRETS } from './planted.ts';

const redactor = (): Redactor => new Redactor({ kinds: ['email', 'card', 'iban'], patterns: [], secrets: [] });
const redact = (text: string): string => redactor().redact(text).text;

/** `\u0040` for every character. */
const escaped = (text: string): string =>
  [...text].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

/** Every place in which a secret may come. Each gives a text with the secret in it. */
const PLACES: Readonly<Record<string, (secret: string, random: Random) => string>> = {
  alone: (secret) => secret,
  'in a sentence': (secret) => `Please use ${secret} for this, and nothing else.`,
  'at the end of a sentence': (secret) => `It is ${secret}.`,
  'between quotes': (secret) => `He said: "${secret}", then left.`,
  'in a line of its own': (secret) => `one\n${secret}\ntwo`,
  'in Markdown': (secret) => `\`${secret}\` and **${secret}**`,
  'in a URL': (secret) => (/\s/.test(secret) ? secret : `https://example.com/path?x=${secret}&y=1`),
  'in an escaped URL': (secret) => `https://example.com/?x=${encodeURIComponent(secret)}&y=1`,
  'in a chat request': (secret) =>
    JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `Hi ${secret}!` }] }),
  'in parts of a message': (secret) =>
    JSON.stringify({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: secret },
            { type: 'text', text: 'x' },
          ],
        },
      ],
    }),
  'in indented JSON': (secret) => JSON.stringify({ input: { a: [1, true, null, { b: secret }] } }, null, 2),
  'as the name of a member': (secret) => JSON.stringify({ metadata: { [secret]: 'x' } }),
  'with every character escaped': (secret) => `{"content":"before ${escaped(secret)} after"}`,
  'in the arguments of a tool call': (secret) =>
    JSON.stringify({ tool_calls: [{ function: { name: 'f', arguments: JSON.stringify({ q: `x ${secret} y` }) } }] }),
  'three texts deep': (secret) => JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ c: ` ${secret} ` }) }) }),
  'in JSON that breaks off': (secret) => `{"messages":[{"content":"a ${JSON.stringify(secret).slice(1, -1)} b`,
  'in escaped JSON that breaks off': (secret) =>
    JSON.stringify({ arguments: `{"q":"a ${JSON.stringify(secret).slice(1, -1)} b` }),
  'in lines of JSON': (secret) => `${JSON.stringify({ a: 1 })}\n${JSON.stringify({ b: secret })}\n`,
  'in a server-sent event': (secret) => `event: x\ndata: ${JSON.stringify({ delta: { content: secret } })}\n\n`,
  'after a recording': (secret, random) => `data:audio/wav;base64,${blob(random, 9000)} ${secret}`,
  'between recordings': (secret, random) =>
    JSON.stringify({ content: [{ data: blob(random, 5000) }, { text: secret }, { data: blob(random, 5000) }] }),
  'in another script': (secret) => `密钥是${/^[\w.]+@/.test(secret) ? ' ' : ''}${secret}。谢谢`,
};

function blob(random: Random, bytes: number): string {
  return Buffer.from(Array.from({ length: bytes }, () => random.below(256))).toString('base64');
}

/** A text with all its escapes undone, so that nothing hides behind one. */
function plain(text: string): string {
  let last = text;
  for (let layer = 0; layer < 6; layer++) last = undo(last);
  return last;
}
const SHORT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const undo = (text: string): string =>
  text
    .replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code: string | undefined, character: string) =>
      code === undefined ? (SHORT[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

describe.each(Object.entries(SECRETS))('%s', (name, make) => {
  test.each(Object.entries(PLACES))('is gone %s', (_, plant) => {
    const random = new Random(name.length * 7919);
    for (let round = 0; round < 5; round++) {
      const secret = make(random);
      const text = plant(secret, random);
      expect(plain(text)).toContain(coreOf(secret));
      expect(plain(redact(text))).not.toContain(coreOf(secret));
      expect(plain(redact(text))).not.toContain(coreOf(secret).slice(0, 24).padEnd(24, '\u0000'));
    }
  });

  test('is gone from a stream that was cut anywhere', () => {
    const random = new Random(name.length);
    const secret = make(random);
    const content = `The value is ${secret}; keep it.`;
    for (let cut = 1; cut < content.length; cut += 3) {
      const pieces = [content.slice(0, cut), content.slice(cut, cut + 5), content.slice(cut + 5)];
      const events = pieces.map((piece) => ({
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content: piece } }],
      }));
      const stream = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
      const answer = assembleStream('openai', `${stream}data: [DONE]\n\n`) ?? '';
      expect(plain(answer)).toContain(coreOf(secret));
      expect(plain(redact(answer))).not.toContain(coreOf(secret));
    }
  });
});

describe('a text without secrets', () => {
  const HARMLESS: readonly string[] = [
    'The quick brown fox jumps over the lazy dog, 1234567890 times.',
    'task-oriented, risk-based, desk-bound and sk-learn; ask-me-anything-about-2024-budget',
    'key-value-store-with-2-replicas, hf_hub, npm_config_registry and pa-rameters',
    'npm install react@18.2.0 @types/node@22 and logo@2x.png, then @decorator.name(x)',
    'Order 4111111111111112, tracking 1Z999AA10123456784, at 1700000000000 or 1700000000000000000.',
    'Numbers: 3.141592653589793, 1e21, 0x7fff, 2026-11-23T16:04:41.805Z, 192.168.0.1:8080, +49 30 901820',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '123e4567-e89b-12d3-a456-426614174000',
    'The bearer of good news has basic understanding of token-based authentication.',
    'password: required field; secret: boolean; api_key: string',
    'Bearer tokens go into the Authorization header; set OPENAI_API_KEY=$OPENAI_API_KEY or api_key="..."',
    'const token = await getAccessToken(request); if (!token) throw new Error("no token");',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'GB82 WEST 1234 5698 7654 33, DE00 0000',
    '😀 \\u0041 \\n %20 100% of \\d+ and C:\\users\\name ‹EMAIL›',
    'Zürich, naïve, 東京, Ελλάδα',
    '{"a": 1e400, "a": 2, "b": [ ], "big": 12345678901234567890123, "esc": "\\u00e9\\/"}',
    '{"logprobs":{"content":[{"token":" password","logprob":-0.1},{"token":"123456","bytes":[49,50]}]}}',
    '{"properties":{"password":{"type":"string"},"api_key":{"type":"string","description":"the key"}}}',
    '{"id":"chatcmpl-AbCdEf123456","usage":{"prompt_tokens":12},"system_fingerprint":"fp_44709d6fcb"}',
    '{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","id2":"toolu_01A09q90qw90lq917835lq9","id3":"call_9pw1qnYScqvGrCH58HWCvFH6"}',
    '[broken "json',
  ];

  test.each(HARMLESS)('stays as it is: %s', (text) => {
    expect(redact(text)).toBe(text);
    expect(redact(JSON.stringify({ content: text }))).toBe(JSON.stringify({ content: text }));
    expect(redactor().redact(text).counts).toEqual({});
  });

  test('stays as it is, whatever it is made of', () => {
    const random = new Random(4);
    const alphabet = [...' .,;:!?()[]{}"\\/\n\t-_%\'abcdefghijklmnopqrstuvwxyz0123456789éß漢😀'];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: random.below(80) }, () => alphabet[random.below(alphabet.length)]).join('');
      expect(redact(text)).toBe(text);
      const body = JSON.stringify({ content: text, more: [text, { text }] }, null, round % 3);
      expect(redact(body)).toBe(body);
    }
  });

  test('stays as it is when it is a recording', () => {
    const random = new Random(9);
    for (let round = 0; round < 40; round++) {
      const body = JSON.stringify({ data: blob(random, 4096), url: `data:image/png;base64,${blob(random, 4096)}` });
      expect(redact(body)).toBe(body);
    }
  });
});

describe('what is put in place of secrets', () => {
  test('says of what kind they were, and counts them', () => {
    const { text, counts } = redactor().redact(
      JSON.stringify({ a: 'to jo@example.com and jane@example.com', n: 4111111111111111, password: 'hunter22' }),
    );
    expect(JSON.parse(text)).toEqual({ a: 'to ‹EMAIL› and ‹EMAIL›', n: '‹CARD›', password: '‹PASSWORD›' });
    expect(counts).toEqual({ email: 2, card: 1, password: 1 });
  });

  test('leaves the structure of JSON as it was, to the byte', () => {
    const body = '{ "b" : 1.50,\n "a":"x jo@example.com", "a": [ 1E2 ] }';
    expect(redact(body)).toBe(body.replace('jo@example.com', '‹EMAIL›'));
  });

  test('hides what the gateway itself was configured with, wherever it stands', () => {
    const own = new Redactor({ kinds: [], patterns: [], secrets: [new Secret('correct horse battery')] });
    expect(own.redact('{"a":"is correct\\u0020horse battery","correct horse battery":1}').text).toBe(
      '{"a":"is ‹SECRET›","‹SECRET›":1}',
    );
  });

  test('leaves personal data that nobody wants to be hidden', () => {
    const credentials = new Redactor({ kinds: [], patterns: [], secrets: [] });
    expect(credentials.redact('jo@example.com 4111 1111 1111 1111').text).toBe('jo@example.com 4111 1111 1111 1111');
  });

  test('hides telephone numbers and addresses of machines where that is wanted', () => {
    const all = new Redactor({ kinds: ['phone', 'ip'], patterns: [], secrets: [] });
    expect(all.redact('call +49 30 901820 or (212) 555-0187, from 192.0.2.7 or 2001:db8::1, v1.2.3').text).toBe(
      'call ‹PHONE› or ‹PHONE›, from ‹IP› or ‹IP›, v1.2.3',
    );
  });
});

describe('own patterns', () => {
  const own = (pattern: string): Redactor =>
    new Redactor({ kinds: [], patterns: [compilePattern('employee', pattern)], secrets: [] });

  test('are found, also escaped and in long texts', () => {
    const text = `${'x '.repeat(5000)}EMP-123456${' y'.repeat(5000)}`;
    expect(own('EMP-[0-9]{6}').redact(text).text).toBe(text.replace('EMP-123456', '‹EMPLOYEE›'));
    expect(own('EMP-[0-9]{6}').redact('{"a":"\\u0045MP-123456"}').text).toBe('{"a":"‹EMPLOYEE›"}');
  });

  test('find what lies across the pieces of a long text', () => {
    for (let offset = 1700; offset < 2100; offset += 7) {
      const text = `${'x'.repeat(offset)} EMP-123456 ${'y'.repeat(3000)}`;
      expect(own('EMP-[0-9]{6}').redact(text).text).not.toContain('EMP-123456');
    }
  });

  test.each([
    ['(a)\\1', 'invalid escape'],
    ['(?=a)b', 'invalid or unsupported Perl syntax'],
    ['a{1001}', 'invalid repeat'],
    ['((a{100}){100}){100}', 'invalid repeat'],
    ['[0-9]*', 'empty text'],
    ['(', 'missing'],
    ['x'.repeat(1001), 'at most 1000'],
  ])('are refused with the reason: %s', (pattern, words) => {
    expect(() => compilePattern('own', pattern)).toThrow(words);
  });

  test('that match everywhere take out whole pieces rather than to go on for hours', () => {
    expect(own('(?:x[^y]*y)|x').redact('x'.repeat(20_000)).text).not.toContain('x');
  });
});

describe('the steps of a text', () => {
  const HOSTILE: Readonly<Record<string, string>> = {
    letters: 'a',
    'at signs': 'a@',
    'only at signs': '@',
    'beginnings of keys': 'sk-',
    'beginnings of tokens': 'eyJaaaaaaa.',
    'private keys without an end': '-----BEGIN PRIVATE KEY-----',
    'beginnings of private keys': '-----BEGIN ',
    digits: '4',
    'digits apart': '4 ',
    'capitals and digits': 'DE89',
    backslashes: '\\',
    quotes: '"',
    brackets: '{"a":',
    escapes: '\\u0040',
    'escaped escapes': '%25',
    URLs: 'a://',
    credentials: 'a://b:',
    bearers: 'bearer ',
    assignments: 'api_key=',
    passwords: 'password: ',
    colons: ':',
    'full stops': 'a.',
    'plus signs': '+1 ',
    'commas of numbers': '1,',
    'numbers of JSON': '[1',
  };

  test.each(Object.entries(HOSTILE))('grow with its length and no faster: %s', (_, unit) => {
    const stepsOf = (length: number): number => {
      const all = new Redactor({ kinds: ['email', 'card', 'iban', 'phone', 'ip'], patterns: [], secrets: [] });
      all.redact(unit.repeat(length / unit.length));
      all.redact(`[${unit.repeat(length / unit.length)}`);
      return all.steps;
    };
    const short = stepsOf(4096);
    expect(stepsOf(65_536) / short).toBeLessThan(16 * 1.3);
    expect(short).toBeLessThan(4096 * 2 * 400);
  });
});
