import type { FieldNames } from '../core/neutral/changes.ts';
import type { NeutralPart } from '../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage, NeutralRequest } from '../core/neutral/request.ts';
import type { Places } from './places.ts';

/** A dialect's words for what the neutral shape names otherwise. */
export interface Vocabulary {
  /** Fields of the body, by their neutral names: the most specific one counts. */
  readonly fields: Readonly<Record<string, string>>;
  /** Members of messages, parts and tools. An empty word: the place itself says it. */
  readonly members: Readonly<Record<string, string>>;
}

/** The client's own names, by where its dialect found each thing when it decoded `request`. */
export function fieldNames(request: NeutralRequest, places: Places, vocabulary: Vocabulary): FieldNames {
  return (field) => {
    const steps = field.split('.');
    if (request.operation === 'chat') {
      const found = find(request, places, steps);
      if (found) return [found.place, worded(found.member, vocabulary.members)].filter((step) => step !== '').join('.');
    }
    return worded(steps, vocabulary.fields);
  };
}

interface Found {
  readonly place: string;
  /** What of it is meant. */
  readonly member: readonly string[];
}

function find(
  request: NeutralChatRequest,
  places: Places,
  [list, position, ...steps]: readonly string[],
): Found | null {
  if (list === 'tools') {
    const place = places.of(request.tools[Number(position)]);
    return place === undefined ? null : { place, member: steps[0] === 'function' ? steps.slice(1) : steps };
  }
  const message = list === 'messages' ? request.messages[Number(position)] : undefined;
  return message ? findInMessage(message, places, steps) : null;
}

function findInMessage(message: NeutralMessage, places: Places, steps: readonly string[]): Found | null {
  const { part, member } = partAt(message, steps);
  const [result] = message.parts;
  // A tool's message is its one result.
  const whole = (message.role === 'tool' ? places.of(result) : undefined) ?? places.of(message);
  const place = places.of(part) ?? whole;
  return place === undefined ? null : { place, member };
}

interface PartStep {
  readonly part: NeutralPart | undefined;
  readonly member: readonly string[];
}

/** As the wires have it: `content` counts what is neither thought nor call, or within a tool's message what it returned. */
function partAt({ role, parts }: NeutralMessage, steps: readonly string[]): PartStep {
  const [kind = '', position, ...member] = steps;
  if (kind === 'content' && position !== undefined) return { part: contentOf(role, parts)[Number(position)], member };
  if (kind === 'tool_calls' && position !== undefined) {
    return { part: parts.filter(({ type }) => type === 'tool-call')[Number(position)], member };
  }
  if (kind.startsWith('reasoning')) {
    const thoughts = parts.filter((part) => part.type === 'reasoning');
    const isSealed = kind === 'reasoning_details' || position === 'encrypted';
    const part = thoughts.find(({ encrypted }) => (encrypted !== undefined) === isSealed) ?? thoughts[0];
    return { part, member: part ? steps.slice(1) : steps };
  }
  return { part: undefined, member: kind === 'content' ? [] : steps };
}

function contentOf(role: string, parts: readonly NeutralPart[]): readonly NeutralPart[] {
  const [result] = parts;
  if (role === 'tool' && result?.type === 'tool-result') return result.parts;
  return parts.filter(({ type }) => type !== 'reasoning' && type !== 'tool-call');
}

function worded(steps: readonly string[], words: Vocabulary['members']): string {
  for (let length = steps.length; length > 0; length -= 1) {
    const name = steps.slice(0, length).join('.');
    if (!Object.hasOwn(words, name)) continue;
    return [words[name], ...steps.slice(length)].filter((step) => step !== '').join('.');
  }
  return steps.join('.');
}
