import { z } from 'zod';
import { expandable, readCredentialsFile } from '../../config/keys.ts';
import { UnreadableFileError } from '../../config/regular-file.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

const HINT =
  'it must be the JSON of a service account or of another kind of Google credentials, or the path of a file with it';

/**
 * Google credentials: JSON text, or the path of a file that holds it. Null where none are given, for the default ones.
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */
export function googleCredentials() {
  return z
    .string()
    .meta({ writeOnly: true })
    .pipe(expandable())
    .nullish()
    .transform((text, context): JsonObject | null => {
      if (!text?.trim()) return null;
      const refuse = (message: string): never => {
        context.addIssue({ code: 'custom', message, params: { hint: HINT } });
        return z.NEVER;
      };
      const isInline = text.trimStart().startsWith('{');
      const json = isInline ? text : readCredentials(text);
      if (json instanceof UnreadableFileError) {
        return refuse(`The credentials file '${text}' cannot be read: ${json.reason}`);
      }
      const where = isInline ? 'vertex_credentials' : `The credentials file '${text}'`;
      return parseCredentials(json) ?? refuse(`${where} does not hold a JSON object`);
    });
}

function readCredentials(path: string): string | UnreadableFileError {
  try {
    return readCredentialsFile(path);
  } catch (error) {
    if (error instanceof UnreadableFileError) return error;
    throw error;
  }
}

function parseCredentials(json: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(json);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
