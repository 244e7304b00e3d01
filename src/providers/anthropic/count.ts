import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Wire } from '../wire.ts';
import { invalid } from './errors.ts';

/** What the count of a request's tokens is asked by. https://docs.anthropic.com/en/api/messages-count-tokens */
const FIELDS: ReadonlySet<string> = new Set([
  'anthropic_version',
  'cache_control',
  'context_management',
  'mcp_servers',
  'messages',
  'model',
  'output_config',
  'speed',
  'system',
  'thinking',
  'tool_choice',
  'tools',
]);

/** Counts what a wire of the Messages API would send. `model` is written into the question where the wire's body has none. */
export function countOf(wire: Wire, model: string | null): NonNullable<Wire['count']> {
  return {
    encode(request, changes) {
      const question: JsonObject = model === null ? {} : { model };
      const body = wire.encode({ ...request, stream: false }, changes);
      for (const field in body) if (FIELDS.has(field)) question[field] = body[field];
      return question;
    },
    decode(body) {
      const tokens = isJsonObject(body) ? body.input_tokens : null;
      if (typeof tokens !== 'number') throw invalid("it has no 'input_tokens'");
      return tokens;
    },
  };
}
