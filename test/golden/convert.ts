import { GatewayError } from '../../src/core/errors.ts';
import { Changes } from '../../src/core/neutral/changes.ts';
import { renameTools, restoreChunkNames, restoreNames } from '../../src/core/neutral/tool-names.ts';
import { isJsonObject, type JsonObject } from '../../src/core/types.ts';
import { utf8FromLatin1 } from '../../src/dialects/latin1.ts';
import { echoOf } from '../../src/dialects/responses/response-object.ts';
import { eachEventData } from '../../src/dialects/sse.ts';
import { CLIENTS, type ClientName, checked, contextOf, QUESTIONS } from './clients.ts';
import { TARGETS, type TargetName } from './targets.ts';

/** What the upstream gets, and what the client is told of it; or why the request is refused. */
export type SentRequest = { readonly body: unknown; readonly changed: string } | { readonly refused: string };

/** A client's request as a target gets it: the way of a request through the gateway, but for the network. */
export function sent(client: ClientName, target: TargetName, body: JsonObject): SentRequest {
  const { wire } = TARGETS[target];
  const dialect = CLIENTS[client];
  const request = checked(client, body);
  const neutral = dialect.decode('chat', request, contextOf(target));
  if (neutral.operation !== 'chat') throw new Error('no chat');
  const renamed = wire.toolNames ? renameTools(neutral, wire.toolNames) : null;
  const changes = new Changes();
  try {
    const encoded = wire.encode(renamed?.request ?? neutral, changes);
    const names = dialect.fieldNames?.('chat', request, contextOf(target));
    return { body: plain(encoded), changed: changes.toString(names) };
  } catch (error) {
    if (error instanceof GatewayError) return { refused: `${error.status} ${error.message}` };
    throw error;
  }
}

/** A target's answer as a client gets it. */
export function received(client: ClientName, target: TargetName, answer: JsonObject): unknown {
  const neutral = TARGETS[target].wire.decode(structuredClone(answer), JSON.stringify(answer));
  const request = checked(client, QUESTIONS[client]);
  return withoutEcho(JSON.parse(CLIENTS[client].encode(restoreNames(neutral, new Map()), contextOf(target), request)));
}

/** An event: its JSON, or its name and its JSON where the framing has names, or `[DONE]`. */
export type UpstreamEvent = JsonObject | readonly [name: string, data: JsonObject] | '[DONE]';

/** A target's stream as the events that a client gets. */
export function streamed(client: ClientName, target: TargetName, events: readonly UpstreamEvent[]): unknown[] {
  const reader = TARGETS[target].wire.stream?.read();
  if (!reader) throw new Error(`${target} has no streams`);
  const encoder = CLIENTS[client].encodeStream(contextOf(target), checked(client, QUESTIONS[client]));
  let written = '';
  for (const event of structuredClone(events)) {
    if (event === '[DONE]') continue;
    const [name, data] = Array.isArray(event) ? event : ['', event];
    const chunk = reader.event(data, name);
    if (chunk) written += encoder.chunk(restoreChunkNames(chunk, new Map()));
  }
  written += encoder.end();
  const seen: unknown[] = [];
  eachEventData(written, (data) => seen.push(data === '[DONE]' ? data : withoutEcho(JSON.parse(utf8FromLatin1(data)))));
  return seen;
}

const ECHO = echoOf(QUESTIONS.responses);

/** Response objects repeat the whole request, which is the same in all of them. */
function withoutEcho(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  if (isJsonObject(value.response)) return { ...value, response: withoutEcho(value.response) };
  if (value.object !== 'response') return value;
  const said = Object.entries(value).filter(([field, member]) => !Bun.deepEquals(member, ECHO[field]));
  return Object.fromEntries(said);
}

/** As it goes over the network. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
