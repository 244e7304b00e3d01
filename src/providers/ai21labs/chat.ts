import type { Changes } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { BodyEdits } from '../body-edits.ts';
import type { OpenAITarget } from '../provider.ts';

/** https://docs.ai21.com/reference/jamba-1-6-api-ref */
const FIELDS: ReadonlySet<string> = new Set([
  'documents',
  'max_tokens',
  'messages',
  'model',
  'n',
  'response_format',
  'stop',
  'stream',
  'stream_options',
  'temperature',
  'tools',
  'top_p',
]);

/** Jamba's chat is OpenAI's with fewer fields: content is text, and there is no JSON schema. */
export const adjust: OpenAITarget['adjust'] = (body, { changes }) => {
  const edits = new BodyEdits(body, changes);
  edits.rename('max_completion_tokens', 'max_tokens');
  const messages = plainMessages(body.messages, changes);
  if (messages) edits.set('messages', messages);
  describeSchema(edits, changes);
  edits.dropAllBut(FIELDS);
  return edits.members;
};

/** Null where every message is as Jamba wants it. */
function plainMessages(messages: unknown, changes: Changes): unknown[] | null {
  if (!Array.isArray(messages)) return null;
  let changed = false;
  const plain = messages.map((message: unknown, index) => {
    if (!isJsonObject(message)) return message;
    if (message.role !== 'developer' && !Array.isArray(message.content)) return message;
    changed = true;
    const role = message.role === 'developer' ? 'system' : message.role;
    return { ...message, role, content: plainContent(message.content, index, changes) };
  });
  return changed ? plain : null;
}

function plainContent(content: unknown, index: number, changes: Changes): unknown {
  if (!Array.isArray(content)) return content;
  const texts: string[] = [];
  for (const [position, part] of content.entries()) {
    if (isJsonObject(part) && part.type === 'text' && typeof part.text === 'string') texts.push(part.text);
    else changes.dropped(`messages.${index}.content.${position}`);
  }
  return texts.join('\n');
}

/** A schema is told to the model in words; that the answer is JSON at all, the API ensures. */
function describeSchema(edits: BodyEdits, changes: Changes): void {
  const format = edits.get('response_format');
  const messages = edits.get('messages');
  if (!isJsonObject(format) || format.type !== 'json_schema' || !Array.isArray(messages)) return;
  const schema = isJsonObject(format.json_schema) ? format.json_schema.schema : undefined;
  const content = `Answer with one JSON object that fits this JSON Schema: ${JSON.stringify(schema ?? {})}`;
  edits.set('messages', [{ role: 'system', content }, ...messages]);
  edits.set('response_format', { type: 'json_object' });
  changes.approximated('response_format');
}

/** Jamba's answers leave out the fields that say what they are. */
export function completeAnswer(model: string | null, object: string): (answer: JsonObject) => boolean {
  return (answer) => {
    if (answer.object !== undefined && answer.model !== undefined && answer.created !== undefined) return false;
    answer.object ??= object;
    answer.model ??= model;
    answer.created ??= Math.floor(Date.now() / 1000);
    return true;
  };
}
