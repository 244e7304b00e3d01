import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Secret } from '../../core/secret.ts';

/** How requests are authorised. https://docs.databricks.com/aws/en/dev-tools/auth/ */
export type Credentials =
  | { readonly kind: 'token'; readonly token: Secret }
  /** A service principal, for which access tokens are fetched (OAuth M2M). */
  | { readonly kind: 'client'; readonly id: string; readonly secret: Secret };

export interface Settings {
  /** The URL of the workspace without a trailing slash. */
  readonly host: string;
  readonly credentials: Credentials;
}

const fields = z.object({
  host: expandable()
    .nullish()
    .describe(
      'The URL of the workspace, for example https://adb-123.azuredatabricks.net. By default `DATABRICKS_HOST`.',
    ),
  token: apiKey().nullish().describe('A personal access token. By default `DATABRICKS_TOKEN`.'),
  client_id: expandable()
    .nullish()
    .describe('The id of a service principal, for OAuth. By default `DATABRICKS_CLIENT_ID`.'),
  client_secret: apiKey()
    .nullish()
    .describe('The OAuth secret of the service principal. By default `DATABRICKS_CLIENT_SECRET`.'),
});

/**
 * The variables are those of Databricks' own tools, and count where the file says nothing. The file goes before the
 * environment; within each, the token goes before the client, because MLflow's users have it.
 */
export const schema = fields.transform((file, context): Settings => {
  const host = readHost(file.host ?? variable('DATABRICKS_HOST', expandable(), 'host', context), context);
  const credentials = readCredentials(file, context);
  return host !== null && credentials !== null ? { host, credentials } : z.NEVER;
});

type Fields = z.output<typeof fields>;

function readHost(text: string | undefined, context: z.RefinementCtx): string | null {
  if (text === undefined) {
    return refuse(context, 'host', 'The URL of the Databricks workspace is missing', 'set `host` or DATABRICKS_HOST');
  }
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(url)) {
    return refuse(
      context,
      'host',
      'The host of a Databricks workspace must be a URL',
      'as in https://adb-123.azuredatabricks.net',
    );
  }
  // Copied from a browser it often has a query, `?o=` and the number of the workspace.
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

function readCredentials(file: Fields, context: z.RefinementCtx): Credentials | null {
  if (file.token) return { kind: 'token', token: file.token };
  const namesClient = Boolean(file.client_id || file.client_secret);
  const token = namesClient ? undefined : variable('DATABRICKS_TOKEN', apiKey(), 'token', context);
  if (token) return { kind: 'token', token };
  const id = file.client_id ?? variable('DATABRICKS_CLIENT_ID', expandable(), 'client_id', context);
  const secret = file.client_secret ?? variable('DATABRICKS_CLIENT_SECRET', apiKey(), 'client_secret', context);
  if (id && secret) return { kind: 'client', id, secret };
  return refuse(
    context,
    namesClient ? (id ? 'client_secret' : 'client_id') : 'token',
    'Databricks needs a token, or the id and the secret of a client',
    'set `token` or DATABRICKS_TOKEN; or `client_id` and `client_secret`, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET',
  );
}

/** What a variable of the environment is for a field; undefined when it is not set. */
function variable<T>(name: string, field: z.ZodType<T>, key: string, context: z.RefinementCtx): T | undefined {
  const reference = `$${name}`;
  if (!expandable().safeParse(reference).success) return undefined;
  const result = field.safeParse(reference);
  if (result.success) return result.data;
  for (const { message } of result.error.issues) context.addIssue({ code: 'custom', message, path: [key] });
  return undefined;
}

function refuse(context: z.RefinementCtx, key: string, message: string, hint: string): null {
  context.addIssue({ code: 'custom', message, path: [key], params: { hint } });
  return null;
}
