import type { ZodType } from 'zod';
import type { Changes } from '../core/neutral/changes.ts';
import type { NeutralRequest } from '../core/neutral/request.ts';
import type { Secret } from '../core/secret.ts';
import type { Action, JsonObject, Operation, WireFormat } from '../core/types.ts';
import type { Destination, RequestHeaders, Transport } from '../upstream/port.ts';
import type { Capabilities } from './capabilities.ts';
import type { Wire } from './wire.ts';

/** The model of an endpoint, as the configuration gives it, with its `config` checked against the provider's schema. */
export interface ModelSettings<Config> {
  readonly name: string | null;
  readonly config: Config;
}

/** A request that is about to be sent, for whoever must sign it. */
export interface UnsignedRequest {
  readonly destination: Destination;
  readonly body: string | Uint8Array;
  /** A header of the client's request, its name in lower case; null when absent. */
  readonly clientHeader?: (name: string) => string | null;
}

/**
 * Headers to add to one request: a signature, or an access token that is fetched and kept until it expires. At once
 * where nothing has to be fetched.
 */
export type Authorizer = (request: UnsignedRequest) => RequestHeaders | Promise<RequestHeaders>;

/** What an upstream's error answer says in its provider's own shape. */
export interface UpstreamErrorReading {
  readonly message: string;
  /** The provider's name for the error, for example `overloaded_error` or `ThrottlingException`. */
  readonly type: string | null;
  /** The status that the error should have had, where the provider calls a mistake of the request a failure of its own. */
  readonly status?: number;
}

interface TargetBase {
  readonly destination: Destination;
  /** Answers instead of the network; only the built-in simulated provider has one. */
  readonly transport?: Transport;
  /** A `model` in the client's body is a parameter of the served model, not an attempt to choose another one. */
  readonly takesModelParameter?: boolean;
  /** For credentials that are no fixed header. Rejects with a GatewayError when none can be had. */
  readonly authorize?: Authorizer;
  /**
   * Reads an error answer, given parsed where it is JSON, else as text. Null where it is not of the provider's shape.
   * Absent: `{"error":{"message"}}` and its relatives are understood.
   */
  readonly readError?: (body: unknown, header: (name: string) => string | null) => UpstreamErrorReading | null;
  /** The header, in lower case, in which the upstream names the request. */
  readonly requestIdHeader?: string;
}

/** A target that speaks OpenAI's wire format: the client's bytes go through, patched where they must be. */
export interface OpenAITarget extends TargetBase {
  readonly wire: 'openai';
  /** Written into the body as `model`; null where the URL names the deployment (Azure). */
  readonly model: string | null;
  /** The model's name where the body has none: what it takes goes by that. */
  readonly servedModel?: string | null;
  /** Mends an answer that strays from OpenAI's shape, in place; true when it changed something. */
  readonly mend?: (answer: JsonObject) => boolean;
  /** The same for each chunk of a stream. */
  readonly mendChunk?: (chunk: JsonObject) => boolean;
  /**
   * Members of the client's body that this provider needs otherwise: the new value of each, undefined to leave it out.
   * Null when all is well. Throws a GatewayError (422) for what it cannot take, and notes in `changes` what it takes
   * only in part.
   */
  readonly adjust?: (body: JsonObject, request: AdjustedRequest) => ReadonlyMap<string, unknown> | null;
  /** Streams carry usage unasked, and `stream_options` is not understood. */
  readonly streamsUsageUnasked?: boolean;
  /**
   * What it takes beyond the fields that every server of this format has, for requests of clients that speak another
   * format. Absent: nothing, except where `adjust` sorts out what the provider takes.
   */
  readonly extensions?: readonly OpenAIExtension[];
}

/**
 * A further part of OpenAI's format: `openai` for what OpenAI's own API has, such as `max_completion_tokens` and the role
 * `developer`; `cache_control` marks; earlier thoughts as `reasoning_content` or `reasoning_details`; how much to think as
 * a `reasoning` or a `thinking` object, or as `reasoning_effort` whatever the model; `top_k`; `thought_signature` of calls;
 * `unknown` for all else that a client says.
 */
export type OpenAIExtension =
  | 'openai'
  | 'cache_control'
  | 'reasoning_content'
  | 'reasoning_details'
  | 'reasoning'
  | 'thinking'
  | 'reasoning_effort'
  | 'top_k'
  | 'thought_signature'
  | 'unknown';

/** What adjusting a body needs to know of the request that it belongs to. */
export interface AdjustedRequest {
  readonly operation: Operation;
  /** As in a neutral request: on MLflow's surfaces what MLflow passes on is passed on. */
  readonly surface: NeutralRequest['surface'];
  readonly changes: Changes;
  /** What is wanted of a native target; absent for an answer. */
  readonly action?: Action;
}

/** A target with a wire format of its own, reached through the neutral shape. */
export interface TranslatedTarget extends TargetBase {
  readonly wire: Wire;
  /** For a provider with two APIs: takes over the requests that `serves` is true for. It has no alternative itself. */
  readonly alternative?: {
    readonly serves: (request: NeutralRequest) => boolean;
    readonly target: TranslatedTarget;
  };
  /** Where a streamed answer is asked for, when that is another URL. */
  readonly streamDestination?: Destination;
  /** Where embeddings of more than one input are asked for, when that is another URL. */
  readonly batchDestination?: Destination;
  /** Where the provider counts the tokens of a request. */
  readonly countDestination?: Destination;
  /** The upstream embeds one input at a time: a request with more becomes several, and one answer. */
  readonly oneInput?: boolean;
  /** The upstream takes media only inline: what the client gives by URL is fetched first. */
  readonly inlineMedia?: boolean;
}

export type Target = OpenAITarget | TranslatedTarget;

/** A target that speaks a client's own format, another than OpenAI's: the client's bytes go through. */
export interface NativeTarget extends TargetBase {
  /** Written into the body as `model`; null where the URL names it. */
  readonly model: string | null;
  readonly streamDestination?: Destination;
  readonly batchDestination?: Destination;
  /** Where the provider counts the tokens of a request. */
  readonly countDestination?: Destination;
  /** As for OpenAI's format. */
  readonly adjust?: OpenAITarget['adjust'];
  /** The headers in lower case that carry the credential: left out where a coding agent brings its user's own. */
  readonly credentialHeaders: readonly string[];
  /** Headers of the client, in lower case, that the provider understands, such as `anthropic-beta`. */
  readonly forwardedHeaders?: readonly string[];
  /** False for a request that this API of the provider refuses although its chat can serve it: it is translated. */
  readonly serves?: (body: JsonObject) => boolean;
  /** Nobody has said whether the server has this API: where it has not, its requests are translated. */
  readonly mayBeMissing?: boolean;
}

/** The native targets of one format, by operation. */
export type NativeTargets = Partial<Readonly<Record<Operation, NativeTarget>>>;

/** What providers of OpenAI's API have beside chats, completions and embeddings; `rerank` is Cohere's and Jina's. */
export type RelayFamily =
  | 'images'
  | 'audio'
  | 'moderations'
  | 'rerank'
  /** Version 2 of Cohere's; where a provider has none, its `rerank` takes the request. */
  | 'rerank-v2'
  | 'files'
  | 'batches'
  /** Batches at other paths, and with other fields, than OpenAI's. */
  | 'batch-jobs'
  /** What one can do with an answer that the provider keeps, and `compact`. */
  | 'responses'
  | 'realtime';

/** Where a family's paths are. */
export interface RelayPlace {
  /** The URL in front of them, for example `https://api.openai.com/v1`. */
  readonly base: string;
  /** What each request's query begins with, such as `api-version=…`; mostly empty. */
  readonly query: string;
  /** Takes the place of the endpoint's name; null where the URL names the model. */
  readonly model: string | null;
  /** Where a file is uploaded to, below the base, when not at `files`. */
  readonly uploadPath?: string;
}

/** How requests reach the provider that the gateway passes on as they come, with the configured credential. */
export interface RelayTarget {
  /** What is missing here the provider has not. */
  readonly families: Partial<Readonly<Record<RelayFamily, RelayPlace>>>;
  /** The URL below which all of the provider's API is. */
  readonly root: string;
  /** Where a raw path leads when not simply below `root`. Throws a GatewayError for one outside of the model's API. */
  readonly rawUrl?: (path: string) => string;
  readonly headers: Destination['headers'];
  /** For credentials that are no fixed header; not asked for a WebSocket. */
  readonly authorize?: Authorizer;
  /** `authorize` needs the body, which is therefore read whole, and bounded like one that is not streamed. */
  readonly signsBody?: boolean;
  /** Headers in lower case, beside the usual ones, that are left out where a coding agent brings its user's own credential. */
  readonly credentialHeaders?: readonly string[];
  /** Headers in lower case, beside those of credentials, that are never taken from a client. */
  readonly withheldHeaders?: readonly string[];
  /** Headers in lower case that go on although their names look like those of a proxy in front of the gateway. */
  readonly forwardedHeaders?: readonly string[];
  /** The header, in lower case, in which the upstream names the request. */
  readonly requestIdHeader?: string;
}

/** One configured model, compiled: what it can do and how it is reached. A missing operation is answered with 501. */
export interface Deployment {
  readonly targets: Partial<Readonly<Record<Operation, Target>>>;
  /** How clients of other formats than OpenAI's are served without translation. */
  readonly natives?: Partial<Readonly<Record<Exclude<WireFormat, 'openai'>, NativeTargets>>>;
  /** How requests reach it that are passed on as they come. Absent: they are answered with 501. */
  readonly relay?: RelayTarget;
  /** Why there is no such way, for the 501. */
  readonly noRelay?: string;
  /** Everything in the configuration that must never be printed; scrubbed out of upstream errors. */
  readonly secrets: readonly Secret[];
}

/**
 * A model provider. Each folder below `providers/` exports one or more of them; nothing outside names them.
 * `Config` is what `schema` makes of the YAML, with API keys resolved to secrets.
 */
export interface Provider<Config = unknown> {
  /** The canonical name: what listings and responses show. */
  readonly name: string;
  /** The name that a provider policy knows it by, where this one is only another name for the same provider. */
  readonly aliasOf?: string;
  /** What error messages call it, for example `MLflow Model Serving`. */
  readonly displayName: string;
  /** What OpenTelemetry's conventions call it (`gen_ai.provider.name`), where they have another name for it. */
  readonly conventionalName?: string;
  /** The keys of `model.config`. Its key fields are `apiKey()` of `config/keys.ts`, which resolves `$ENV` and files. */
  readonly schema: ZodType<Config>;
  /** What `docs/providers.md` says of it; absent where it is `planned`. Each capability named has a fixture. */
  readonly capabilities?: Capabilities;
  /** Known by name only: its endpoints load with a warning and answer 501. */
  readonly planned?: boolean;
  /** Rules over the whole model that a schema cannot say. Returns MLflow's message, or null. */
  validate?(model: ModelSettings<Config>, operation: Operation): string | null;
  deploy(model: ModelSettings<Config>): Deployment;
}
