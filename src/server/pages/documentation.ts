import { createHash } from 'node:crypto';
import script from './documentation.client.js' with { type: 'text' };
import style from './documentation.css' with { type: 'text' };

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded from anywhere else, so the page works without a network and can forbid everything else. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page behind /docs: it reads /openapi.json and lets a person try each call. */
export function documentationPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice</title>
<link rel="icon" href="/favicon.ico">
<style>${style}</style>
</head>
<body>
<header><h1>Sluice</h1><p>Every call that this gateway answers. <a href="/openapi.json">openapi.json</a></p></header>
<main id="operations"><p>Loading…</p></main>
<script>${script}</script>
</body>
</html>
`;
}
