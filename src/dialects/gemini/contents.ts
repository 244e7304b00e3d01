import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import { marked, type Places } from '../places.ts';
import { CallIds } from './calls.ts';
import { listAt, objectAt, optionalString, otherFields } from './fields.ts';
import { decodePart, joinPart, pushPart } from './parts.ts';

const CONTENT = new Set(['role', 'parts']);

interface Turn {
  readonly role: string;
  readonly parts: NeutralPart[];
  readonly rest: NeutralMessage['rest'];
}

/** The messages of `systemInstruction` and `contents`. https://ai.google.dev/api/caching#Content */
export function decodeContents(
  systemInstruction: unknown,
  contents: unknown,
  places: Places | null = null,
): NeutralMessage[] {
  const callIds = new CallIds();
  const messages: Turn[] = [];
  if (systemInstruction !== undefined && systemInstruction !== null) {
    messages.push(decodeSystem(systemInstruction, callIds, places));
  }
  for (const [index, value] of listAt(contents).entries()) {
    const path = `contents[${index}]`;
    const content = objectAt(value, path);
    const role = optionalString(content.role, `${path}.role`)?.toLowerCase() ?? 'user';
    const parts = listAt(content.parts).flatMap((part, position) =>
      decodePart(part, `${path}.parts[${position}]`, callIds, places),
    );
    const before = messages.length;
    const rest = otherFields(content, CONTENT) ?? {};
    if (role === 'model') addModelTurn(messages, parts, rest, places);
    else addTurns(messages, role === 'function' ? 'user' : role, parts, rest);
    for (const made of places ? messages.slice(before) : []) places?.mark(made, path);
  }
  return messages;
}

/** Its role says nothing. */
function decodeSystem(value: unknown, callIds: CallIds, places: Places | null): Turn {
  const content = objectAt(value, 'systemInstruction');
  const parts = listAt(content.parts).flatMap((part, index) =>
    decodePart(part, `systemInstruction.parts[${index}]`, callIds, places),
  );
  return marked({ role: 'system', parts, rest: otherFields(content, CONTENT) ?? {} }, 'systemInstruction', places);
}

function addModelTurn(
  messages: Turn[],
  parts: readonly NeutralPart[],
  rest: Turn['rest'],
  places: Places | null,
): void {
  const last = messages.at(-1);
  if (last?.role === 'assistant' && parts.length > 0) {
    const [first, ...others] = parts;
    if (first) joinPart(last.parts, first, places);
    for (const part of others) pushPart(last.parts, part, places);
    Object.assign(last.rest, rest);
    return;
  }
  const turn: Turn = { role: 'assistant', parts: [], rest };
  for (const part of parts) pushPart(turn.parts, part, places);
  messages.push(turn);
}

/** Each response of a function is a message of its own; what stands between them is one of the user. */
function addTurns(messages: Turn[], role: string, parts: readonly NeutralPart[], rest: Turn['rest']): void {
  let turn: Turn | null = null;
  for (const part of parts) {
    if (part.type === 'tool-result') {
      messages.push({ role: 'tool', parts: [part], rest: {} });
      turn = null;
    } else if (turn) turn.parts.push(part);
    else {
      turn = { role, parts: [part], rest };
      messages.push(turn);
    }
  }
  if (parts.length === 0) messages.push({ role, parts: [], rest });
}
