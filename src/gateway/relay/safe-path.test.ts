import { expect, test } from 'bun:test';
import { isSafePath } from './safe-path.ts';

test('paths of providers pass', () => {
  for (const path of [
    '',
    'v1/chat/completions',
    'v1/files/',
    'v1beta/models/gemini-2.5-pro:generateContent',
    'openai/deployments/gpt-4o/chat/completions',
    'model/anthropic.claude-v2%3A1/invoke',
    'a/...b/.c/c..d/%20/%C3%A9',
    "x/~!$&'()*+,;=:@",
    'a;v=1.2',
  ]) {
    expect([path, isSafePath(path)]).toEqual([path, true]);
  }
});

test('paths that may lead elsewhere do not', () => {
  for (const path of [
    '..',
    '.',
    '../admin',
    'v1/../admin',
    'v1/./x',
    'v1/..',
    '/etc',
    '//evil.example/x',
    'v1//x',
    'v1/%2e%2e/x',
    'v1/.%2E/x',
    'v1/%2e',
    'a%2fb',
    'a%2F..%2Fb',
    'a%5cb',
    'a\\..\\b',
    'a%252e%252e/b',
    'a%00b',
    'a%0d%0aHost:%20x',
    'a%0Ab',
    'a%7fb',
    'a%zz',
    'a%',
    'a b',
    'a\tb',
    'é',
    'a#b',
    'a?b',
    'a"b',
    '..;/x',
    '.;a=b/x',
    ';/x',
    'a|b',
    'a^b',
    'a{b}',
  ]) {
    expect([path, isSafePath(path)]).toEqual([path, false]);
  }
});
