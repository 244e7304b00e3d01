import { editMembers, prependMembers } from '../core/json-members.ts';
import { Changes } from '../core/neutral/changes.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import { noteChanges } from './changes.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint, PassThrough } from './snapshot.ts';

/** The client's bytes, with only what must change changed: in formats other than OpenAI's, `model` and what `adjust` says. */
export function patch(exchange: Exchange, endpoint: Endpoint, upstream: PassThrough, request: CheckedRequest): string {
  const { incoming, isStream } = exchange;
  const { body } = request;
  const edits = new Edits(body);
  const namesModel = incoming.callable === null || (upstream.format !== 'openai' && isGiven(body.model));
  if (namesModel) edits.replace = upstream.replaceModel;
  else if (!upstream.takesModelParameter || !isGiven(body.model)) edits.prepend = upstream.prepend;
  const values = upstream.adjust ? adjusted(exchange, endpoint, upstream.adjust, request) : request.replacements;
  if (values) edits.setAll(values);
  if (upstream.format !== 'openai') return edits.apply(incoming.text, false);
  if (incoming.operation !== 'embeddings' && !isGiven(body.n) && !values?.has('n')) edits.prepend += '"n":1,';
  if (isStream) askForUsage(edits, upstream, body.stream_options);
  return edits.apply(incoming.text, hasNull(body));
}

const NOTHING: ReadonlyMap<string, string | null> = new Map();

/** What is to change in a body. Its maps are shared until something is added. */
class Edits {
  replace = NOTHING;
  prepend = '';
  readonly #body: JsonObject;

  constructor(body: JsonObject) {
    this.#body = body;
  }

  /** The text of a member's new value, or null to leave the member out. */
  set(field: string, text: string | null): void {
    if (Object.hasOwn(this.#body, field)) this.replace = new Map(this.replace).set(field, text);
    else if (text !== null) this.prepend += `${JSON.stringify(field)}:${text},`;
  }

  setAll(values: ReadonlyMap<string, unknown>): void {
    for (const [field, value] of values) this.set(field, value === undefined ? null : JSON.stringify(value));
  }

  apply(text: string, dropNulls: boolean): string {
    const { replace, prepend } = this;
    if (replace.size === 0 && !dropNulls) return prependMembers(text, prepend);
    return editMembers(text, { replace, dropNulls, prepend });
  }
}

/** The values that the dialect replaces, with those that the provider needs otherwise on top. */
function adjusted(
  exchange: Exchange,
  endpoint: Endpoint,
  adjust: NonNullable<PassThrough['adjust']>,
  { body, replacements }: CheckedRequest,
): ReadonlyMap<string, unknown> | null {
  const { operation, dialect, path } = exchange.incoming;
  const changes = new Changes();
  const seen = replacements ? { ...body, ...Object.fromEntries(replacements) } : body;
  const surface = dialect.name === 'mlflow' ? 'mlflow' : 'standard';
  const values = adjust(seen, { operation, surface, changes, action: path.action });
  noteChanges(exchange, endpoint, changes);
  if (!values || !replacements) return values ?? replacements;
  return new Map([...replacements, ...values]);
}

/** A stream tells its usage only when it is asked to; a client that says it does not want it is heard. */
function askForUsage(edits: Edits, { streamsUsageUnasked }: PassThrough, options: unknown): void {
  if (streamsUsageUnasked) edits.set('stream_options', null);
  else if (!isJsonObject(options)) edits.prepend += '"stream_options":{"include_usage":true},';
  else if (options.include_usage === undefined) {
    edits.set('stream_options', JSON.stringify({ ...options, include_usage: true }));
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** MLflow never sends a null upstream, and some providers refuse one. */
function hasNull(body: JsonObject): boolean {
  for (const field in body) if (body[field] === null) return true;
  return false;
}
