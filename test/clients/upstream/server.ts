import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { anthropicError, checkBetas, messageAnswer, messageEvents, readMessages } from './anthropic.ts';
import { bedrockErrorType, converseAnswer, converseFrames, invokeTitan, readConverse } from './bedrock.ts';
import {
  batchEmbedContents,
  countTokens,
  embedContent,
  geminiError,
  generateAnswer,
  generateEvents,
  readContents,
} from './gemini.ts';
import { mlflowError, predictions, readInputs } from './mlflow.ts';
import { chatAnswer, chatEvents, embeddings, openaiError, readChat } from './openai.ts';
import { readResponses, responsesAnswer, responsesEvents } from './responses.ts';
import { MAGIC, Refusal, type Reply, reply, USAGE } from './script.ts';
import { answerWhole, streamed, Watch } from './sending.ts';

/** What one vendor's mock says to a parsed request. */
interface Service {
  readonly error: (refusal: Refusal) => JsonObject;
  readonly errorHeaders?: (refusal: Refusal) => Record<string, string>;
  readonly authorized: (headers: Headers) => boolean;
  /** Null where the vendor has no such path. */
  answer(call: ServiceCall): Reply | null;
  whole(reply: Reply, call: ServiceCall): JsonObject;
  events(reply: Reply, call: ServiceCall): Iterable<string | Uint8Array> | null;
  /** Paths that are no generation: counts and embeddings. */
  other?(call: ServiceCall): JsonObject | null;
  readonly streamType?: string;
  readonly statuses: Readonly<Record<number, number>>;
}

interface ServiceCall {
  readonly path: string;
  readonly headers: Headers;
  readonly body: JsonObject;
}

const bearer = (headers: Headers): boolean =>
  headers.get('authorization') === `Bearer ${KEY}` || headers.get('authorization') === `Bearer ${OWN_TOKEN}`;

/** The statuses that a vendor has in place of others: nobody but Anthropic is overloaded with 529. */
export const STATUSES = {
  openai: {},
  anthropic: {},
  gemini: { 529: 503 },
  bedrock: { 401: 403, 529: 503 },
  mlflow: { 529: 503 },
} as const satisfies Record<string, Readonly<Record<number, number>>>;

/** What the configuration gives as every key. */
export const KEY = 'canary-key';

/** What a coding agent brings along: the login of its user's own subscription. */
export const OWN_TOKEN = 'own-token';

const isOn = ({ body }: ServiceCall): boolean => body.stream === true;

const openai: Service = {
  statuses: STATUSES.openai,
  error: openaiError,
  authorized: bearer,
  answer: ({ path, body }) => {
    if (path === '/v1/chat/completions') return reply(readChat(body));
    return path === '/v1/responses' ? reply(readResponses(body)) : null;
  },
  whole: (said, { path, body }) => (path === '/v1/responses' ? responsesAnswer(said, body) : chatAnswer(said)),
  events: (said, call) => {
    if (!isOn(call)) return null;
    return call.path === '/v1/responses' ? responsesEvents(said, call.body) : chatEvents(said, call.body);
  },
  other: ({ path, body }) => {
    if (path === '/v1/embeddings') return embeddings(body);
    if (path !== '/v1/responses/input_tokens') return null;
    readResponses(body);
    return { object: 'response.input_tokens', input_tokens: USAGE.input };
  },
};

const anthropic: Service = {
  statuses: STATUSES.anthropic,
  error: anthropicError,
  authorized: (headers) => {
    const isOwn = headers.get('authorization') === `Bearer ${OWN_TOKEN}`;
    const isKnown = isOwn ? !headers.has('x-api-key') : headers.get('x-api-key') === KEY;
    return isKnown && headers.get('anthropic-version') === '2023-06-01';
  },
  answer: ({ path, headers, body }) => {
    if (path !== '/v1/messages') return null;
    checkBetas(body, headers.get('anthropic-beta')?.split(',') ?? []);
    return reply(readMessages(body));
  },
  whole: messageAnswer,
  events: (said, call) => (isOn(call) ? messageEvents(said) : null),
  other: ({ path, body }) => {
    if (path !== '/v1/messages/count_tokens') return null;
    readMessages(body, true);
    return { input_tokens: USAGE.input };
  },
};

const isGenerate = (path: string): boolean => /^\/v1beta\/models\/[^/]+:(stream)?[gG]enerateContent$/.test(path);

const gemini: Service = {
  statuses: STATUSES.gemini,
  error: geminiError,
  authorized: (headers) => [KEY, OWN_TOKEN].includes(headers.get('x-goog-api-key') ?? ''),
  answer: ({ path, body }) => (isGenerate(path) ? reply(readContents(body)) : null),
  whole: generateAnswer,
  events: (said, { path }) => (path.includes(':stream') ? generateEvents(said) : null),
  other: ({ path, body }) => {
    if (path.endsWith(':embedContent')) return embedContent(body);
    if (path.endsWith(':batchEmbedContents')) return batchEmbedContents(body);
    return path.endsWith(':countTokens') ? countTokens(body) : null;
  },
};

const bedrock: Service = {
  statuses: STATUSES.bedrock,
  error: ({ message }) => ({ message }),
  errorHeaders: ({ status }) => ({ 'x-amzn-errortype': bedrockErrorType(status), 'x-amzn-requestid': 'mock' }),
  authorized: (headers) => headers.get('authorization')?.startsWith('AWS4-HMAC-SHA256 Credential=AKIAMOCK/') ?? false,
  answer: ({ path, body }) => (path.includes('/converse') ? reply(readConverse(body)) : null),
  whole: converseAnswer,
  events: (said, { path }) => (path.endsWith('/converse-stream') ? converseFrames(said) : null),
  other: ({ path, body }) => (path.endsWith('/invoke') ? invokeTitan(body) : null),
  streamType: 'application/vnd.amazon.eventstream',
};

/** One path for models of all kinds; this one has texts, embeddings below `/embeddings`. */
const mlflow: Service = {
  statuses: STATUSES.mlflow,
  error: mlflowError,
  authorized: () => true,
  answer: ({ path, body }) => (path === '/invocations' ? reply(readInputs(body).question) : null),
  whole: ({ text }, { body }) => predictions(readInputs(body).texts, text, false),
  events: () => null,
  other: ({ path, body }) =>
    path === '/embeddings/invocations' ? predictions(readInputs(body).texts, '', true) : null,
};

/** A served model that takes and gives OpenAI's shapes, such as a ChatModel. */
const mlflowChat: Service = {
  ...mlflow,
  answer: ({ path, body }) => (path === '/invocations' ? reply(readChat({ model: 'served', ...body })) : null),
  whole: chatAnswer,
  events: (said, call) => (isOn(call) ? chatEvents(said, { stream_options: { include_usage: true } }) : null),
};

const SERVICES: Readonly<Record<string, Service>> = {
  openai,
  anthropic,
  gemini,
  bedrock,
  mlflow,
  'mlflow-chat': mlflowChat,
};

export interface MockUpstream {
  /** The base URL of a vendor; those of the cloud are reached by TLS. */
  url(vendor: string): string;
  readonly watch: Watch;
  stop(): Promise<void>;
}

/**
 * A server that speaks each vendor's API, by the first part of the path. It reads a request in the vendor's own format
 * and refuses what the vendor refuses. `GET /gone/<key>` tells whether the caller of the request with the prompt
 * `slow <key>` has left.
 */
export function startMockUpstream(tls: { readonly cert: string; readonly key: string }): MockUpstream {
  const watch = new Watch();
  const fetch = (request: Request): Response | Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/gone/')) return watch.answer(pathname.slice('/gone/'.length));
    const [, vendor = '', path = ''] = /^\/([\w-]+)(\/.*)$/.exec(pathname) ?? [];
    const service = SERVICES[vendor];
    return service
      ? serve(service, vendor, decodeURIComponent(path), request, watch)
      : new Response(null, { status: 404 });
  };
  const options = { hostname: '127.0.0.1', port: 0, idleTimeout: 60, fetch } as const;
  const secure = Bun.serve({ ...options, tls });
  const plain = Bun.serve(options);
  return {
    url: (vendor) => {
      if (vendor === '') return `http://127.0.0.1:${plain.port}`;
      return vendor.startsWith('mlflow')
        ? `http://127.0.0.1:${plain.port}/${vendor}`
        : `https://localhost:${secure.port}/${vendor}`;
    },
    watch,
    stop: async () => {
      await Promise.all([secure.stop(true), plain.stop(true)]);
    },
  };
}

async function serve(
  service: Service,
  vendor: string,
  path: string,
  request: Request,
  watch: Watch,
): Promise<Response> {
  const written = await request.text();
  try {
    if (!service.authorized(request.headers)) throw new Refusal(401, 'The credentials are wrong.');
    const parsed: unknown = JSON.parse(written);
    if (!isJsonObject(parsed)) throw new Refusal(400, 'The body must be an object.');
    const call = { path, headers: request.headers, body: parsed };
    watch.seen({ vendor, path, headers: request.headers, body: parsed });
    const other = service.other?.(call);
    if (other) return Response.json(other);
    const said = service.answer(call);
    if (!said) throw new Refusal(404, `There is nothing at ${path}.`);
    const key = MAGIC.slow.exec(said.text)?.[1] ?? '';
    const events = service.events(said, call);
    if (events) return streamed(said, events, service.streamType ?? 'text/event-stream', () => watch.left(key));
    return await answerWhole(said, service.whole(said, call), request, () => watch.left(key));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, `The mock has a defect: ${String(error)}`);
    const status = service.statuses[refusal.status] ?? refusal.status;
    const retry: Record<string, string> = refusal.status === 429 ? { 'retry-after': '7' } : {};
    const told = new Refusal(status, refusal.message);
    return Response.json(service.error(told), { status, headers: { ...retry, ...service.errorHeaders?.(told) } });
  }
}
