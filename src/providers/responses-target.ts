import type { Changes } from '../core/neutral/changes.ts';
import { isCarried } from '../core/openai/carried.ts';
import type { Secret } from '../core/secret.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import { joinUrl, jsonDestination } from './openai-target.ts';
import type { NativeTarget } from './provider.ts';

interface ResponsesTargetOptions {
  readonly model: string | null;
  readonly base: string;
  readonly query?: string;
  readonly bearer: Secret | null;
  readonly headers?: ReadonlyArray<readonly [string, string | Secret]>;
  /** Whether the server counts the tokens of a request. */
  readonly counts?: boolean;
  /** Fields that the server refuses. */
  readonly refuses?: readonly string[];
  /** Whether it has tools that take free text, and tools in a namespace. */
  readonly customTools?: boolean;
}

/** A server with OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses */
export function responsesTarget(options: ResponsesTargetOptions): NativeTarget {
  const { model, base, query = '', bearer, headers = [], counts = true, refuses = [], customTools = true } = options;
  const destination = (path: string) => jsonDestination(joinUrl(base, path) + query, bearer, headers);
  return {
    model,
    destination: destination('responses'),
    ...(counts && { countDestination: destination('responses/input_tokens') }),
    adjust: (body, { changes }) => adjust(body, refuses, changes),
    credentialHeaders: ['authorization', 'api-key', 'openai-organization'],
    forwardedHeaders: ['openai-beta', 'x-client-request-id'],
    ...(!customTools && { serves: hasNoCustomTools }),
  };
}

const CUSTOM_TOOLS: ReadonlySet<unknown> = new Set(['custom', 'namespace']);
const CUSTOM_ITEMS: ReadonlySet<unknown> = new Set(['custom_tool_call', 'custom_tool_call_output']);

/** The tools, and the calls of them in the conversation so far: https://platform.openai.com/docs/guides/function-calling#custom-tools */
function hasNoCustomTools({ tools, input }: JsonObject): boolean {
  return !hasType(tools, CUSTOM_TOOLS) && !hasType(input, CUSTOM_ITEMS);
}

function hasType(items: unknown, types: ReadonlySet<unknown>): boolean {
  return Array.isArray(items) && items.some((item) => isJsonObject(item) && types.has(item.type));
}

function adjust(body: JsonObject, refuses: readonly string[], changes: Changes): ReadonlyMap<string, unknown> | null {
  let values: Map<string, unknown> | null = null;
  for (const field of refuses) {
    if (body[field] === undefined) continue;
    if (!isNothing(body[field])) changes.dropped(field);
    values ??= new Map();
    values.set(field, undefined);
  }
  const input = withoutCarried(body.input, changes);
  if (input) {
    values ??= new Map();
    values.set('input', input);
  }
  return values;
}

/** What an endpoint that keeps no state would have refused or done as well. */
function isNothing(value: unknown): boolean {
  return value === null || value === false || value === 'disabled';
}

/** In a conversation that began at another provider, its reasoning cannot be read by this one. */
function withoutCarried(input: unknown, changes: Changes): unknown[] | null {
  if (!Array.isArray(input) || !input.some(isForeign)) return null;
  return input.filter((item, index) => {
    if (!isForeign(item)) return true;
    changes.dropped(`input.${index}`);
    return false;
  });
}

function isForeign(item: unknown): boolean {
  return isJsonObject(item) && item.type === 'reasoning' && isCarried(item.encrypted_content);
}
