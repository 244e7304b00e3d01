import type { JsonObject, Operation } from '../core/types.ts';
import { anthropic } from '../dialects/anthropic/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { gemini } from '../dialects/gemini/index.ts';
import { mlflow } from '../dialects/mlflow/index.ts';
import { openai } from '../dialects/openai/index.ts';
import type { Callable, Snapshot } from '../gateway/snapshot.ts';
import { segmentOf } from './path-segment.ts';
import { jsonResponse } from './responses.ts';
import type { Page, PageEntry } from './route-table.ts';

/** The header by which Anthropic's clients are known where they share a path with OpenAI's. */
const ANTHROPIC_HEADER = 'anthropic-version';

/** The endpoints as the models that each vendor's clients list. An endpoint has no date of creation. */
export function modelListings(snapshot: Snapshot): PageEntry[] {
  const callables = [...snapshot.callables.values()];
  return [
    ...openaiListings(callables),
    ...listing('/anthropic/v1/models', callables, anthropic, anthropicList, anthropicModel),
    ...listing('/gateway/anthropic/v1/models', callables, anthropic, anthropicList, anthropicModel),
    ...['/v1beta', '/gemini/v1beta', '/gemini/v1', '/gateway/gemini/v1beta'].flatMap((base) =>
      listing(`${base}/models`, callables, gemini, geminiList, geminiModel),
    ),
    ['/gateway/mlflow/v1/models', page(mlflow, () => mlflowList(callables))],
  ];
}

type List = (callables: readonly Callable[]) => JsonObject;
type Model = (callable: Callable) => JsonObject;

function listing(
  base: string,
  callables: readonly Callable[],
  dialect: Dialect,
  list: List,
  model: Model,
): PageEntry[] {
  return [
    [base, page(dialect, () => list(callables))],
    ...callables.flatMap((callable) => {
      const { encoded, plain } = segmentOf(callable.name);
      const entry = page(dialect, () => model(callable));
      return [...new Set([encoded, plain])].map((name): PageEntry => [`${base}/${name}`, entry]);
    }),
  ];
}

/** At OpenAI's base URL, which is Anthropic's too. */
function openaiListings(callables: readonly Callable[]): PageEntry[] {
  return ['/v1/models', '/gateway/openai/v1/models'].flatMap((base) => {
    const own = listing(base, callables, openai, openaiList, openaiModel);
    if (base !== '/v1/models') return own;
    const shared = new Map(listing(base, callables, anthropic, anthropicList, anthropicModel));
    return own.map(([path, entry]): PageEntry => {
      const other = shared.get(path);
      const answer: Page['answer'] = (request, url) =>
        (other && request.headers.has(ANTHROPIC_HEADER) ? other : entry).answer(request, url);
      return [path, { ...entry, answer }];
    });
  });
}

function page(dialect: Dialect, body: () => JsonObject): Page {
  return { kind: 'page', method: 'GET', dialect, answer: () => jsonResponse(body()) };
}

/** https://platform.openai.com/docs/api-reference/models/object */
function openaiModel({ name }: Callable): JsonObject {
  return { id: name, object: 'model', created: 0, owned_by: 'sluice' };
}

function openaiList(callables: readonly Callable[]): JsonObject {
  return { object: 'list', data: callables.map(openaiModel) };
}

/** MLflow's tracking server sorts them. */
function mlflowList(callables: readonly Callable[]): JsonObject {
  const names = callables.map(({ name }) => name).sort();
  return { object: 'list', data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'mlflow' })) };
}

/** https://docs.anthropic.com/en/api/models-list */
function anthropicModel({ name }: Callable): JsonObject {
  return { type: 'model', id: name, display_name: name, created_at: '1970-01-01T00:00:00Z' };
}

function anthropicList(callables: readonly Callable[]): JsonObject {
  const data = callables.map(anthropicModel);
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

const GEMINI_METHODS: Readonly<Record<Operation, readonly string[]>> = {
  chat: ['generateContent', 'streamGenerateContent', 'countTokens'],
  completions: [],
  embeddings: ['embedContent', 'batchEmbedContents'],
};

/** https://ai.google.dev/api/models#Model */
function geminiModel({ name, operation }: Callable): JsonObject {
  return {
    name: `models/${name}`,
    baseModelId: name,
    version: '1',
    displayName: name,
    supportedGenerationMethods: GEMINI_METHODS[operation],
  };
}

function geminiList(callables: readonly Callable[]): JsonObject {
  return { models: callables.map(geminiModel) };
}
