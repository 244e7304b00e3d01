import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import { textOf } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';

const ROLES = ['system', 'developer', 'user', 'assistant'];

/**
 * A conversation as Llama 2 was trained on it, in the spacing of MLflow's gateway:
 * `<s>[INST] <<SYS>> system <</SYS>> user [/INST] answer </s><s>[INST] user [/INST]`.
 * https://huggingface.co/blog/llama2#how-to-prompt-llama-2
 */
export function llamaPrompt(messages: readonly NeutralMessage[], changes: Changes): string {
  let prompt = '<s>';
  let last: 'nothing' | 'instruction' | 'answer' = 'nothing';
  for (const [index, message] of messages.entries()) {
    const text = messageText(message, index, changes);
    if (message.role === 'assistant') {
      prompt += `${closing(last)} ${text} `;
      last = 'answer';
      continue;
    }
    // Instructions in a row are one turn.
    prompt += last === 'instruction' ? ' ' : `${closing(last)}[INST] `;
    prompt += message.role === 'user' ? text : `<<SYS>> ${text} <</SYS>>`;
    last = 'instruction';
  }
  // After an answer at the end the model goes on with that answer.
  return last === 'instruction' ? prompt + closing(last) : prompt;
}

/** What stands between the last message and one of another kind. */
function closing(last: 'nothing' | 'instruction' | 'answer'): string {
  if (last === 'nothing') return '';
  return last === 'instruction' ? ' [/INST]' : '</s><s>';
}

function messageText({ role, parts, rest }: NeutralMessage, index: number, changes: Changes): string {
  if (!ROLES.includes(role)) {
    throw new GatewayError(
      'invalid_body',
      `An invalid request structure was submitted. Invalid role ${role} inputted. Must be one of 'system', 'user', or 'assistant'.`,
      { parameter: `messages.${index}.role` },
    );
  }
  for (const [position, part] of parts.entries()) {
    if (part.type !== 'text') changes.dropped(`messages.${index}.content.${position}`);
  }
  for (const field of Object.keys(rest)) changes.dropped(`messages.${index}.${field}`);
  return textOf(parts, '\n');
}
