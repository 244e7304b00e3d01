import type { Changes } from '../../core/neutral/changes.ts';
import { isJsonObject } from '../../core/types.ts';
import { BodyEdits } from '../body-edits.ts';
import type { OpenAITarget } from '../provider.ts';
import { CHAT_FIELDS, EMBEDDING_FIELDS, HIGHEST_TEMPERATURE } from './fields.ts';
import { adjustMessages } from './messages.ts';

/** Mistral's chat is OpenAI's, but it refuses every field that it does not know. MLflow passes the settings on as they are. */
export const adjustChat: OpenAITarget['adjust'] = (body, { surface, changes }) => {
  const edits = new BodyEdits(body, changes);
  const messages = adjustMessages(body.messages, changes, surface === 'standard');
  if (messages) edits.set('messages', messages);
  const tools = completeTools(body.tools);
  if (tools) edits.set('tools', tools);
  if (surface === 'mlflow') return edits.members;
  edits.rename('max_completion_tokens', 'max_tokens');
  edits.rename('seed', 'random_seed');
  edits.clamp('temperature', 0, HIGHEST_TEMPERATURE);
  adjustEffort(edits, changes);
  // Streams have usage without it.
  edits.remove('stream_options');
  edits.dropAllBut(CHAT_FIELDS);
  return edits.members;
};

/** Only all or nothing: https://docs.mistral.ai/capabilities/reasoning */
function adjustEffort(edits: BodyEdits, changes: Changes): void {
  const effort = edits.get('reasoning_effort');
  if (typeof effort !== 'string' || effort === 'high' || effort === 'none') return;
  edits.set('reasoning_effort', effort === 'minimal' ? 'none' : 'high');
  changes.approximated('reasoning_effort');
}

/** Parameters are required here; a function without them takes none. */
function completeTools(tools: unknown): unknown[] | null {
  if (!Array.isArray(tools)) return null;
  const lacksParameters = (tool: unknown) =>
    isJsonObject(tool) && isJsonObject(tool.function) && !isJsonObject(tool.function.parameters);
  if (!tools.some(lacksParameters)) return null;
  return tools.map((tool: unknown) =>
    isJsonObject(tool) && isJsonObject(tool.function) && lacksParameters(tool)
      ? { ...tool, function: { ...tool.function, parameters: { type: 'object', properties: {} } } }
      : tool,
  );
}

export const adjustEmbeddings: OpenAITarget['adjust'] = (body, { surface, changes }) => {
  if (surface === 'mlflow') return null;
  const edits = new BodyEdits(body, changes);
  edits.rename('dimensions', 'output_dimension');
  edits.dropAllBut(EMBEDDING_FIELDS);
  return edits.members;
};
