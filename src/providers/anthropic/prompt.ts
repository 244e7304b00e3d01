import type { NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import { checkCount, refusal } from './settings.ts';

/** What MLflow's gateway refuses of a completions request. Other surfaces get what the API has. */
export function checkPromptSettings({ settings, surface, stream }: NeutralCompletionsRequest): void {
  checkCount(settings);
  if (surface !== 'mlflow') return;
  if (settings.top_p !== undefined) {
    throw refusal(
      "Cannot set both 'temperature' and 'top_p' parameters. Please use only the temperature parameter for your query.",
      'top_p',
    );
  }
  if (stream) {
    throw refusal("Setting the 'stream' parameter to 'true' is not supported with the MLflow Gateway.", 'stream');
  }
}

/** A text, or a list with nothing but a text. */
export function promptText({ prompt }: NeutralCompletionsRequest): string {
  const only: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only === 'string') return only;
  throw refusal('Claude completes one prompt at a time, which must be a string.', 'prompt');
}
