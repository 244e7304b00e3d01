import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { CONTENT_SECURITY_POLICY, documentationPage } from './documentation.ts';
import { favicon } from './favicon.ts';

const page = documentationPage();

function inlined(tag: string): string[] {
  return [...page.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, text = '']) => text);
}

test('the policy allows exactly the inlined scripts and style', () => {
  const allowed = [...CONTENT_SECURITY_POLICY.matchAll(/'(sha256-[^']+)'/g)].map(([, hash]) => hash);
  const texts = [...inlined('script'), ...inlined('style')];
  expect(texts.length).toBe(5);
  expect(allowed).toEqual(texts.map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`));
  expect(CONTENT_SECURITY_POLICY).not.toContain('unsafe');
});

test('the page asks for nothing but what the gateway serves', () => {
  expect(page).not.toMatch(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z]/i);
  const references = [...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, target]) => target);
  expect(new Set(references)).toEqual(new Set(['favicon.ico', 'openapi.json']));
  expect(page).not.toMatch(/\sstyle="|\son[a-z]+="|innerHTML/);
});

test('each script is one that a browser can parse', () => {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const scripts = inlined('script');
  expect(scripts.length).toBe(4);
  for (const script of scripts) expect(() => new AsyncFunction(script)).not.toThrow();
});

test('the icon is an image', async () => {
  const response = favicon();
  expect(response.headers.get('content-type')).toBe('image/svg+xml');
  expect(await response.text()).toMatch(/^<svg [\s\S]+<\/svg>$/);
});
