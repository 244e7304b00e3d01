import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { Model } from './models.ts';

type Settings = NeutralChatRequest['settings'];

/** `temperature` and `topP` go from 0 to 1: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html */
export function inferenceConfig(
  settings: Settings,
  surface: NeutralChatRequest['surface'],
  changes: Changes,
): JsonObject | null {
  const { max_tokens, max_completion_tokens, stop, n, top_p } = settings;
  let { temperature } = settings;
  if (n !== undefined && n !== 1) changes.dropped('n');
  if (max_tokens !== undefined && max_completion_tokens !== undefined && max_tokens !== max_completion_tokens) {
    changes.dropped('max_completion_tokens');
  }
  if (surface !== 'mlflow' && temperature !== undefined && temperature > 1) {
    changes.clamped('temperature');
    temperature = 1;
  }
  const maxTokens = max_tokens ?? max_completion_tokens;
  const config = {
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { topP: top_p }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(stop && { stopSequences: stop }),
  };
  return Object.keys(config).length > 0 ? config : null;
}

/** Settings that Converse does not have, where the model has them. */
export function extraSettings(settings: Settings, model: Model, fields: JsonObject, changes: Changes): void {
  for (const name of ['top_k', 'presence_penalty', 'frequency_penalty'] as const) {
    const value = settings[name];
    // A penalty of zero is none.
    if (value === undefined || value === 0) continue;
    if (!setExtra(name, value, model, fields)) changes.dropped(name);
  }
}

function setExtra(name: string, value: unknown, model: Model, fields: JsonObject): boolean {
  const path = Object.hasOwn(model.extraSettings, name) ? model.extraSettings[name] : undefined;
  if (!path) return false;
  mergeInto(fields, path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as JsonObject);
  return true;
}

/** Converse's own fields, passed on as the client wrote them. */
const NATIVE_FIELDS = new Set([
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'outputConfig',
  'performanceConfig',
  'promptVariables',
  'requestMetadata',
  'serviceTier',
]);

/** The body's further fields: Converse's, those that have another name there, and the model's own. */
export function otherFields(
  request: NeutralChatRequest | NeutralCompletionsRequest,
  model: Model,
  body: JsonObject,
  fields: JsonObject,
  changes: Changes,
): void {
  const { rest } = request;
  for (const name in rest) {
    const value = rest[name];
    if (NATIVE_FIELDS.has(name)) mergeInto(body, { [name]: value });
    else if (name === 'additionalModelRequestFields' && isJsonObject(value)) mergeInto(fields, value);
    else if (name === 'service_tier') setServiceTier(value, body, changes);
    else if (name === 'metadata' && isRequestMetadata(value)) mergeInto(body, { requestMetadata: value });
    else if (model.ownFields.has(name)) mergeInto(fields, { [name]: value });
    else if (!setExtra(name, value, model, fields) && value !== false) changes.dropped(name);
  }
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ServiceTier.html; `auto` leaves it to the provider. */
function setServiceTier(tier: unknown, body: JsonObject, changes: Changes): void {
  if (tier === 'auto') return;
  if (tier === 'default' || tier === 'flex' || tier === 'priority' || tier === 'reserved')
    body.serviceTier ??= { type: tier };
  else changes.dropped('service_tier');
}

const METADATA_TEXT = /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/;

/** Converse takes up to 16 pairs of plain texts, for the log of invocations. */
function isRequestMetadata(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= 16 &&
    entries.every(
      ([key, text]) => key !== '' && METADATA_TEXT.test(key) && typeof text === 'string' && METADATA_TEXT.test(text),
    )
  );
}

/** Adds members, going into objects that both sides have; what is there already stays. */
export function mergeInto(target: JsonObject, source: JsonObject): void {
  for (const [name, value] of Object.entries(source)) {
    const present = Object.hasOwn(target, name) ? target[name] : undefined;
    if (isJsonObject(present) && isJsonObject(value)) {
      const copy = { ...present };
      mergeInto(copy, value);
      target[name] = copy;
    } else if (present === undefined) {
      // Not by assignment, which a name such as `__proto__` would lead astray.
      Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
}
