import { describe, expect, test } from 'bun:test';
import { Redactor } from '../../src/core/redaction/redactor.ts';

const redactor = (): Redactor => new Redactor({ kinds: ['email', 'card', 'iban'], patterns: [], secrets: [] });

/** A text, and what is kept of it. */
type Row = readonly [text: string, kept: string];

const GITHUB = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
const AWS_SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const VALUE = 'abcdef123456ghijkl789';
/** Of a shell. */
const VARIABLES = `password=$DB_PASSWORD password: \${DB_PASSWORD2} password=$(cat f)`;
const pem = (name: string, body: string): string => `-----BEGIN ${name}-----${body}-----END ${name}-----`;

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  cards: [
    ['4111111111111111', '‹CARD›'],
    ['4111 1111 1111 1111', '‹CARD›'],
    ['4111-1111-1111-1111', '‹CARD›'],
    ['4111.1111.1111.1111', '‹CARD›'],
    ['4111\u00a01111\u00a01111\u00a01111', '‹CARD›'],
    ['4111\u20131111\u20131111\u20131111', '‹CARD›'],
    ['4111111111111111 4111111111111111', '‹CARD› ‹CARD›'],
    ['pay 4111 1111 1111 1111 12/27 123 now', 'pay ‹CARD› 12/27 123 now'],
    ['pay 4111111111111111 12 27 123', 'pay ‹CARD› 12 27 123'],
    ['3782 822463 10005', '‹CARD›'],
    ['3782-822463-10005 0427', '‹CARD› 0427'],
    ['3056 930902 5904', '‹CARD›'],
    ['2221 0000 0000 0009', '‹CARD›'],
    ['6212345678901265', '‹CARD›'],
    // Wrong check digit, no issuer, part of a longer number, or of a word.
    ['4111 1111 1111 1112', '4111 1111 1111 1112'],
    ['9792 0000 0000 0001', '9792 0000 0000 0001'],
    ['41111111111111110000000', '41111111111111110000000'],
    ['x4111111111111111y', 'x4111111111111111y'],
    ['3.14111111111111111', '3.14111111111111111'],
    ['41 1111 1111 1111 11 7', '41 1111 1111 1111 11 7'],
  ],
  addresses: [
    ['a+b.c@example.com', '‹EMAIL›'],
    ['<jörg@müller.example>, ok', '<‹EMAIL›>, ok'],
    ['用户@例子.公司。谢谢', '‹EMAIL›。谢谢'],
    ['пример@пример.рф', '‹EMAIL›'],
    ['δοκιμή@παράδειγμα.ελ', '‹EMAIL›'],
    ['उपयोगकर्ता@उदाहरण.भारत', '‹EMAIL›'],
    ['x@例え.jp', '‹EMAIL›'],
    ['user@xn--bcher-kva.xn--p1ai', '‹EMAIL›'],
    // Without spaces between words, only the address.
    ['写信给jo@example.com谢谢', '写信给‹EMAIL›谢谢'],
    ['mailto:jo@example.com?subject=1', 'mailto:‹EMAIL›?subject=1'],
    ['jo@example.com,ja@example.com;x@y.de.', '‹EMAIL›,‹EMAIL›;‹EMAIL›.'],
    ['root@localhost, @name, a @ b.com, x@2x.png', 'root@localhost, @name, a @ b.com, x@2x.png'],
  ],
  'JSON web tokens': [
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '‹JWT›'],
    ['eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', '‹JWT›.'],
    ['?t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl&x', '?t=‹JWT›&x'],
    // `{ "alg"` and a line end after the bracket.
    ['eyAiYWxnIjoiSFMyNTYifQ.eyAic3ViIjoiMSJ9.c2lnbmF0dXJlc2ln', '‹JWT›'],
    ['ewogICJhbGciOiAiSFMyNTYiCn0.ewogICJzdWIiOiAiMTIzIgp9.c2lnbmF0dXJl', '‹JWT›'],
    ['eyJhbGciOiJSU0EifQ.OKOawDo13gRp2.48V1_ALb6US04U3b.5eym8TW_c8Su.XFBoMYUZode', '‹JWT›'],
    ['eworkaround.example.com and eyAdapters.config.ts', 'eworkaround.example.com and eyAdapters.config.ts'],
  ],
  'private keys': [
    [pem('PRIVATE KEY', '\nMIIEvQIBADAN\n'), '‹PRIVATE_KEY›'],
    [pem('OPENSSH PRIVATE KEY', '\r\nb3BlbnNzaC1rZXk=\r\n'), '‹PRIVATE_KEY›'],
    [pem('PGP PRIVATE KEY BLOCK', '\nVersion: x\n\nlQOYBF\n'), '‹PRIVATE_KEY›'],
    [pem('RSA PRIVATE KEY', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIE\n'), '‹PRIVATE_KEY›'],
    [pem('PRIVATE KEY', ' MIIEvQIBADAN '), '‹PRIVATE_KEY›'],
    // Quoted in an answer to a mail, and in lines of a program.
    [`> ${pem('PRIVATE KEY', '\n> MIIEvQIBADAN\n> ')} x`, '> ‹PRIVATE_KEY› x'],
    [pem('PRIVATE KEY', `\\n' +\n  'MIIEvQIBADAN\\n' +\n  '`), '‹PRIVATE_KEY›'],
    [`${pem('PRIVATE KEY', '\nMIIE\n')}\n${pem('EC PRIVATE KEY', '\nMHcC\n')}`, '‹PRIVATE_KEY›\n‹PRIVATE_KEY›'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN', '‹PRIVATE_KEY›'],
    [pem('PUBLIC KEY', '\nMIIB\n'), pem('PUBLIC KEY', '\nMIIB\n')],
  ],
  'keys of AWS': [
    ['AKIAIOSFODNN7EXAMPLE', '‹AWS_KEY›'],
    ['ASIAIOSFODNN7EXAMPLE', '‹AWS_KEY›'],
    [`aws_secret_access_key=${AWS_SECRET}`, 'aws_secret_access_key=‹API_KEY›'],
    [`AWS_SECRET_ACCESS_KEY='${AWS_SECRET}'`, "AWS_SECRET_ACCESS_KEY='‹API_KEY›'"],
    [`Secret access key: ${AWS_SECRET}`, 'Secret access key: ‹API_KEY›'],
    ['xAKIAIOSFODNN7EXAMPLE', 'xAKIAIOSFODNN7EXAMPLE'],
  ],
  'keys of other issuers': [
    ['AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe', '‹API_KEY›'],
    ['GOCSPX-abcdefghijklmnopqrstuvwxyz12', '‹API_KEY›'],
    ['ya29.a0AfH6SMBx1234567890abcdefghijkl', '‹TOKEN›'],
    [GITHUB, '‹API_KEY›'],
    ['github_pat_11ABCDEFG0123456789_abcdefghijklmnop', '‹API_KEY›'],
    ...['glpat', 'glptt', 'glcbt', 'glrt', 'glsoat', 'gloas', 'glagent', 'glimt'].map(
      (name): Row => [`${name}-abcdefghij1234567890`, '‹API_KEY›'],
    ),
    ['xoxb-1234567890-abcdefABCDEF1234', '‹API_KEY›'],
    ['xoxe.xoxp-1-Mi0yLTabcdef1234567890', '‹API_KEY›'],
    ['xapp-1-A0123-456-abcdef0123', '‹API_KEY›'],
    ['https://hooks.slack.com/services/T0/B0/aB3dE5gH7jK9mN1pQ3sT5vX7', 'https://hooks.slack.com/services/‹API_KEY›'],
    ['sk_live_abcdefghijklmnop1234 rk_test_abcdefghijklmnop1234', '‹API_KEY› ‹API_KEY›'],
    ['whsec_abcdefghijklmnop1234', '‹API_KEY›'],
    ['sk-ant-api03-abcdefghijklmnop', '‹API_KEY›'],
    ['sk-ant-oat01-abcdefghijklmnop', '‹API_KEY›'],
    ['sk-proj-abcdefghijklmnop', '‹API_KEY›'],
    ['sk-1234567890abcdef', '‹API_KEY›'],
    // Meant to be public.
    ['pk_live_abcdefghijklmnop1234', 'pk_live_abcdefghijklmnop1234'],
  ],
  'what stands after a scheme': [
    ['Authorization: Bearer opaque', 'Authorization: Bearer ‹TOKEN›'],
    ['curl -H "authorization: Basic dXNlcjpwYXNz"', 'curl -H "authorization: Basic ‹TOKEN›"'],
    [`Authorization: token ${VALUE}`, 'Authorization: token ‹TOKEN›'],
    [`Proxy-Authorization: ApiKey ${VALUE}`, 'Proxy-Authorization: ApiKey ‹TOKEN›'],
    ["('authorization', 'Bearer opaque')", "('authorization', 'Bearer ‹TOKEN›')"],
    [`use bearer ${VALUE} here`, 'use bearer ‹TOKEN› here'],
    [`authorization=Bearer%20${VALUE}`, 'authorization=Bearer%20‹TOKEN›'],
    ['authorization, basic concepts and tokens', 'authorization, basic concepts and tokens'],
    ['Authorization: token required', 'Authorization: token required'],
  ],
  'what stands after a name': [
    ['password=hunter22', 'password=‹PASSWORD›'],
    ['PASSWORD: "p@$$w0rd"', 'PASSWORD: "‹PASSWORD›"'],
    ['password=$ecret1!x', 'password=‹PASSWORD›'],
    ['pwd=a1!b2@c3', 'pwd=‹PASSWORD›'],
    ['password => "hunter22"', 'password => "‹PASSWORD›"'],
    ['the password is hunter22, ok', 'the password is ‹PASSWORD›, ok'],
    ['userpassword=hunter22&x=1', 'userpassword=‹PASSWORD›&x=1'],
    ['Server=x;Password=hunter22;', 'Server=x;Password=‹PASSWORD›;'],
    ['name="password"\r\n\r\nhunter22\r\n--x', 'name="password"\r\n\r\n‹PASSWORD›\r\n--x'],
    ['password%3Dhunter22', 'password%3D‹PASSWORD›'],
    ['postgres://u:p@ss1@host/db', 'postgres://u:‹PASSWORD›@host/db'],
    ['redis://:hunter22@host:6379', 'redis://:‹PASSWORD›@host:6379'],
    [`api_key=${VALUE}`, 'api_key=‹API_KEY›'],
    [`API key: ${VALUE}`, 'API key: ‹API_KEY›'],
    [`my access token is ${VALUE}.`, 'my access token is ‹API_KEY›.'],
    [`?token=${VALUE}&x=1`, '?token=‹API_KEY›&x=1'],
    [`JWT_SECRET=${VALUE}`, 'JWT_SECRET=‹API_KEY›'],
    // Words of prose and of programs.
    [
      'password: required, pwd: string; the password is optional',
      'password: required, pwd: string; the password is optional',
    ],
    [VARIABLES, VARIABLES],
    ['password:\n  minLength: 8', 'password:\n  minLength: 8'],
    ['the token is 12345 and the key is abc', 'the token is 12345 and the key is abc'],
    [`token: ${VALUE}`, `token: ${VALUE}`],
    ['git hash is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', 'git hash is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
    ['client_secret: process.env.CLIENT_SECRET_2', 'client_secret: process.env.CLIENT_SECRET_2'],
  ],
  'account numbers': [
    ['DE89 3704 0044 0532 0130 00', '‹IBAN›'],
    ['IBAN:DE89370400440532013000.', 'IBAN:‹IBAN›.'],
    ['GB82 WEST 1234 5698 7654 32', '‹IBAN›'],
    ['DE88 3704 0044 0532 0130 00', 'DE88 3704 0044 0532 0130 00'],
  ],
};

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  test.each(rows.map((row) => [...row]))('%p', (text, kept) => {
    expect(redactor().redact(text).text).toBe(kept);
    expect(redactor().redact(`In a text: ${text}`).text).toBe(`In a text: ${kept}`);
    // Twice changes nothing more.
    expect(redactor().redact(kept).text).toBe(kept);
  });
});

test('account numbers and addresses stay where nobody wants them hidden; credentials never do', () => {
  const credentials = new Redactor({ kinds: [], patterns: [], secrets: [] });
  const personal = 'DE89370400440532013000 jo@example.com 用户@例子.公司 4111 1111 1111 1111';
  expect(credentials.redact(`${personal} ${GITHUB}`).text).toBe(`${personal} ‹API_KEY›`);
});

/** Each is made to be looked at again and again by a search that goes back. */
const HOSTILE: Readonly<Record<string, string>> = {
  'names without values': 'password: ',
  'names with values that are none': 'password=aaaaaaaa ',
  'names in names': 'password_',
  'spoken names': 'api key is ',
  headers: 'Authorization: token ',
  'beginnings of private keys': '-----BEGIN PRIVATE KEY-----',
  'beginnings of private keys with text': '-----BEGIN PRIVATE KEY-----\n> a ',
  'beginnings of tokens': 'ewoaaaaaaaaa.ewo.',
  'foreign letters and signs': 'я@я.',
  'foreign letters': `${'я'.repeat(300)}@`,
  'groups of digits': '4111 ',
  webhooks: 'https://hooks.slack.com/services/',
  'signs in URLs': 'a://b:c@',
  'fields of forms': 'name="password"\r\n\r\n',
};

test.each(Object.entries(HOSTILE))('a megabyte of %s comes to an end', (_, unit) => {
  const text = unit.repeat(2 ** 20 / unit.length);
  const all = new Redactor({ kinds: ['email', 'card', 'iban', 'phone', 'ip'], patterns: [], secrets: [] });
  all.redact(text);
  const steps = all.steps / text.length;
  // As many looks at each character as in a text of a hundredth of the length.
  const short = new Redactor({ kinds: ['email', 'card', 'iban', 'phone', 'ip'], patterns: [], secrets: [] });
  const part = text.slice(0, text.length / 100);
  short.redact(part);
  expect(steps).toBeLessThan((short.steps / part.length) * 2 + 8);
});
