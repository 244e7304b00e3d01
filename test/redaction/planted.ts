import type { Random } from '../../src/dialects/testing/random.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';
const WORDS = LETTERS + DIGITS;

function some(random: Random, alphabet: string, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) text += alphabet.charAt(random.below(alphabet.length));
  return text;
}

const key = (random: Random, length: number): string => `a1${some(random, WORDS, length - 2)}`;
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** A secret of each kind, another one each time. None of it may be left of a redacted text. */
export const SECRETS: Readonly<Record<string, (random: Random) => string>> = {
  'an OpenAI project key': (random) => `sk-proj-${key(random, 48)}`,
  'an OpenAI key': (random) => `sk-${key(random, 48)}`,
  'an Anthropic key': (random) => `sk-ant-api03-${key(random, 93)}-${some(random, WORDS, 6)}AA`,
  'an OpenRouter key': (random) => `sk-or-v1-${some(random, `${DIGITS}abcdef`, 64)}`,
  'a Google key': (random) => `AIza${some(random, WORDS, 35)}`,
  'a Groq key': (random) => `gsk_${key(random, 52)}`,
  'an xAI key': (random) => `xai-${key(random, 80)}`,
  'a Hugging Face token': (random) => `hf_${key(random, 34)}`,
  'a Replicate token': (random) => `r8_${key(random, 37)}`,
  'a Perplexity key': (random) => `pplx-${key(random, 48)}`,
  'a Fireworks key': (random) => `fw_${key(random, 24)}`,
  'an NVIDIA key': (random) => `nvapi-${key(random, 64)}`,
  'a Databricks token': (random) => `dapi${some(random, `${DIGITS}abcdef`, 32)}`,
  'a GitHub token': (random) => `ghp_${key(random, 36)}`,
  'a fine-grained GitHub token': (random) => `github_pat_${key(random, 22)}_${key(random, 59)}`,
  'a GitLab token': (random) => `glpat-${key(random, 20)}`,
  'a Slack token': (random) => `xoxb-${some(random, DIGITS, 12)}-${some(random, DIGITS, 12)}-${key(random, 24)}`,
  'a Stripe key': (random) => `sk_live_${key(random, 24)}`,
  'a SendGrid key': (random) => `SG.${key(random, 22)}.${key(random, 43)}`,
  'a PyPI token': (random) => `pypi-${key(random, 100)}`,
  'a Vault token': (random) => `hvs.${key(random, 24)}`,
  'an AWS key': (random) => `AKIA${some(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
  'a JSON web token': (random) =>
    `${base64url(`{"alg":"HS256","typ":"JWT"}`)}.${base64url(`{"sub":"${some(random, DIGITS, 9)}"}`)}.${key(random, 43)}`,
  'a private key': (random) =>
    `-----BEGIN RSA PRIVATE KEY-----\n${key(random, 64)}\n${key(random, 64)}\n-----END RSA PRIVATE KEY-----`,
  'a bearer token': (random) => `Bearer ${key(random, 32)}`,
  'an assigned key': (random) => `MISTRAL_API_KEY=${key(random, 32)}`,
  'an assigned AWS secret': (random) => `aws_secret_access_key = ${key(random, 20)}/${some(random, WORDS, 19)}`,
  'a password in a URL': (random) => `postgres://service:p4${some(random, WORDS, 12)}@database/x`,
  'an address': (random) => `u${some(random, WORDS, 8)}.x@mail.${some(random, LETTERS, 6)}.example.org`,
  'a card': (random) => card(random, ''),
  'a card in groups': (random) => card(random, ' '),
  'an account number': (random) => iban(random),
};

/** Of it, what must not be found in a redacted text. */
export function coreOf(secret: string): string {
  const assigned = /^(?:Bearer |\w+ ?= ?)(.*)$/s.exec(secret)?.[1];
  const password = /^\w+:\/\/\w+:(.*)@/.exec(secret)?.[1];
  return assigned ?? password ?? secret;
}

function card(random: Random, separator: string): string {
  const first = `4${some(random, DIGITS, 14)}`;
  const check = [...DIGITS].find((digit) => luhn(first + digit)) ?? '0';
  return (first + check).match(/.{4}/g)?.join(separator) ?? '';
}

function luhn(digits: string): boolean {
  const values = [...digits].reverse().map((digit, index) => Number(digit) * (index % 2 === 1 ? 2 : 1));
  return values.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0;
}

function iban(random: Random): string {
  const account = some(random, DIGITS, 18);
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, '0')}${account}`;
}
