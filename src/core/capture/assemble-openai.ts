import { isJsonObject, type JsonObject } from '../types.ts';
import { mergePiece } from './merge.ts';

/** https://platform.openai.com/docs/api-reference/chat/streaming */
export function assembleOpenAI(chunks: readonly JsonObject[]): JsonObject | null {
  const answer: JsonObject = {};
  const choices = new Map<unknown, JsonObject>();
  for (const { choices: pieces, error: _, ...rest } of chunks) {
    // Every chunk repeats these; usage stands in the last.
    for (const [name, value] of Object.entries(rest)) if (value !== null) answer[name] = value;
    for (const piece of Array.isArray(pieces) ? pieces.filter(isJsonObject) : []) {
      const choice = choices.get(piece.index) ?? {};
      choices.set(piece.index, choice);
      const { delta, ...others } = piece;
      mergePiece(choice, isJsonObject(delta) ? { ...others, message: delta } : others);
    }
  }
  if (answer.object === 'chat.completion.chunk') answer.object = 'chat.completion';
  answer.choices = [...choices.values()].map((choice) => {
    const { message } = choice;
    if (isJsonObject(message)) dropIndexes(message.tool_calls);
    return choice;
  });
  return answer;
}

/** They only say which piece goes on which. */
function dropIndexes(calls: unknown): void {
  if (Array.isArray(calls)) for (const call of calls) if (isJsonObject(call)) delete call.index;
}
