import { createHash } from 'node:crypto';
import answerView from './documentation/answer-view.client.js' with { type: 'text' };
import operationStyle from './documentation/operation.css' with { type: 'text' };
import operations from './documentation/operations.client.js' with { type: 'text' };
import pageStyle from './documentation/page.css' with { type: 'text' };
import schemaView from './documentation/schema-view.client.js' with { type: 'text' };
import { SHELL } from './documentation/shell.ts';
import tryIt from './documentation/try-it.client.js' with { type: 'text' };

/** In the order in which they must run: the elements before the list that uses them. */
const SCRIPTS = [schemaView, answerView, tryIt, operations];

const STYLE = `${pageStyle}\n${operationStyle}`;

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing comes from anywhere else, so the page works without the internet and everything else can be forbidden. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src ${SCRIPTS.map(hash).join(' ')}`,
  `style-src ${hash(STYLE)}`,
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice</title>
<link rel="icon" href="favicon.ico">
<style>${STYLE}</style>
</head>
<body>${SHELL}
${SCRIPTS.map((script) => `<script type="module">${script}</script>`).join('\n')}
</body>
</html>
`;

/** The page behind /docs: it reads openapi.json and lets a person try each call. */
export function documentationPage(): string {
  return PAGE;
}
