import type { Operation } from '../core/types.ts';
import { anthropic } from '../dialects/anthropic/index.ts';
import { type Dialect, PLAIN_PATH, type RequestPath } from '../dialects/dialect.ts';
import { gemini } from '../dialects/gemini/index.ts';
import { openai } from '../dialects/openai/index.ts';
import { responses } from '../dialects/responses/index.ts';
import type { HeaderPolicy } from '../gateway/exchange.ts';
import type { Callable, Snapshot } from '../gateway/snapshot.ts';
import { segmentOf } from './path-segment.ts';
import type { Invocation, InvocationEntry } from './route-table.ts';

/** Where an API is served, and what of the client's headers goes upstream there. */
type Base = readonly [prefix: string, headerPolicy: HeaderPolicy];

const OPENAI_BASES: readonly Base[] = [
  ['/v1', 'known'],
  ['/gateway/openai/v1', 'all'],
];

const ANTHROPIC_BASES: readonly Base[] = [
  ['/v1', 'known'],
  ['/anthropic/v1', 'known'],
  ['/gateway/anthropic/v1', 'all'],
];

const COUNT: RequestPath = { ...PLAIN_PATH, action: 'count-tokens', streams: false };

/** The calls of the vendors' own APIs, each at the base URL that its clients have, and at that of MLflow's gateway. */
export function modelInvocations(snapshot: Snapshot): InvocationEntry[] {
  const entries: InvocationEntry[] = [];
  const add = (bases: readonly Base[], path: string, dialect: Dialect, operation: Operation, says = PLAIN_PATH) => {
    for (const [prefix, headerPolicy] of bases) {
      const invocation: Invocation = {
        kind: 'invocation',
        dialect,
        operation,
        path: says,
        callable: null,
        headerPolicy,
      };
      entries.push([`${prefix}/${path}`, invocation]);
    }
  };
  add(OPENAI_BASES, 'chat/completions', openai, 'chat');
  add(OPENAI_BASES, 'completions', openai, 'completions');
  add(OPENAI_BASES, 'embeddings', openai, 'embeddings');
  add(OPENAI_BASES, 'responses', responses, 'chat');
  add(OPENAI_BASES, 'responses/input_tokens', responses, 'chat', COUNT);
  add(ANTHROPIC_BASES, 'messages', anthropic, 'chat');
  add(ANTHROPIC_BASES, 'messages/count_tokens', anthropic, 'chat', COUNT);
  for (const callable of snapshot.callables.values()) {
    for (const [prefix, headerPolicy] of GEMINI_BASES) entries.push(...geminiCalls(prefix, headerPolicy, callable));
  }
  return entries;
}

const GEMINI_BASES: readonly Base[] = [
  ['/v1beta', 'known'],
  ['/v1', 'known'],
  ['/gemini/v1beta', 'known'],
  ['/gemini/v1', 'known'],
  ['/gateway/gemini/v1beta', 'all'],
];

type Method = Pick<Invocation, 'path' | 'withEvents'>;

const EVENTS: RequestPath = { ...PLAIN_PATH, streams: true };

/** https://ai.google.dev/api/generate-content, https://ai.google.dev/api/tokens, https://ai.google.dev/api/embeddings */
const METHODS: Readonly<Record<Operation, ReadonlyArray<readonly [name: string, method: Method]>>> = {
  chat: [
    ['generateContent', { path: { ...PLAIN_PATH, streams: false } }],
    ['streamGenerateContent', { path: { ...EVENTS, framing: 'json-list' }, withEvents: EVENTS }],
    ['countTokens', { path: COUNT }],
  ],
  completions: [],
  embeddings: [
    ['embedContent', { path: { ...PLAIN_PATH, streams: false, batch: false } }],
    ['batchEmbedContents', { path: { ...PLAIN_PATH, streams: false, batch: true } }],
  ],
};

/** Here the path names the endpoint, and what is wanted of it. */
function geminiCalls(prefix: string, headerPolicy: HeaderPolicy, callable: Callable): InvocationEntry[] {
  const { encoded, plain } = segmentOf(callable.name);
  return METHODS[callable.operation].map(([name, method]) => [
    `${prefix}/models/${encoded}:${name}`,
    { kind: 'invocation', dialect: gemini, operation: callable.operation, callable, headerPolicy, ...method },
    `${prefix}/models/${plain}:${name}`,
  ]);
}
