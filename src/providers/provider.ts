import type { ZodType } from 'zod';
import type { Secret } from '../core/secret.ts';
import type { JsonObject, Operation } from '../core/types.ts';
import type { Destination, Transport } from '../upstream/port.ts';
import type { Wire } from './wire.ts';

/** The model of an endpoint, as the configuration gives it, with its `config` checked against the provider's schema. */
export interface ModelSettings<Config> {
  readonly name: string | null;
  readonly config: Config;
}

interface TargetBase {
  readonly destination: Destination;
  /** Answers instead of the network; only the built-in simulated provider has one. */
  readonly transport?: Transport;
}

/** A target that speaks OpenAI's wire format: the client's bytes go through, patched where they must be. */
export interface OpenAITarget extends TargetBase {
  readonly wire: 'openai';
  /** Written into the body as `model`; null where the URL names the deployment (Azure). */
  readonly model: string | null;
  /** Mends an answer that strays from OpenAI's shape, in place; true when it changed something. */
  readonly mend?: (answer: JsonObject) => boolean;
}

/** A target with a wire format of its own, reached through the neutral shape. */
export interface TranslatedTarget extends TargetBase {
  readonly wire: Wire;
  /** A `model` in the client's body is a parameter of the served model, not an attempt to choose another one. */
  readonly takesModelParameter: boolean;
}

export type Target = OpenAITarget | TranslatedTarget;

/** One configured model, compiled: what it can do and how it is reached. A missing operation is answered with 501. */
export interface Deployment {
  readonly targets: Partial<Readonly<Record<Operation, Target>>>;
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
  /** The keys of `model.config`. Its key fields are `apiKey()` of `config/keys.ts`, which resolves `$ENV` and files. */
  readonly schema: ZodType<Config>;
  /** Known by name only: its endpoints load with a warning and answer 501. */
  readonly planned?: boolean;
  /** Rules over the whole model that a schema cannot say. Returns MLflow's message, or null. */
  validate?(model: ModelSettings<Config>, operation: Operation): string | null;
  deploy(model: ModelSettings<Config>): Deployment;
}
