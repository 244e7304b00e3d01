import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { expandable } from '../../config/keys.ts';
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
      if (json === null) return refuse(`The credentials file '${text}' cannot be read`);
      const where = isInline ? 'vertex_credentials' : `The credentials file '${text}'`;
      return parseCredentials(json) ?? refuse(`${where} does not hold a JSON object`);
    });
}

function readCredentials(path: string): string | null {
  try {
    return readFileSync(resolve(path), 'utf8');
  } catch {
    return null;
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
