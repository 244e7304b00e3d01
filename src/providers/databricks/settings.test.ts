import { describe, expect, test } from 'bun:test';
import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../config/problem.ts';
import type { Environment } from '../../config/types.ts';
import type { JsonObject } from '../../core/types.ts';
import { providers } from '../index.ts';
import type { Settings } from './settings.ts';

function load(config: JsonObject, environment: Environment = {}): Settings {
  const model = { provider: 'databricks', name: 'm', config };
  const text = JSON.stringify({ endpoints: [{ name: 'e', endpoint_type: 'llm/v1/chat', model }] });
  const loaded = loadConfig({ path: 'config.yaml', text, environment, providers });
  return loaded.config.endpoints[0]?.model.config as Settings;
}

function problems(config: JsonObject, environment: Environment = {}) {
  try {
    load(config, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message, hint }) => `${message} (${hint})`);
  }
  return [];
}

/** As plain values: a Secret compares equal to any other. */
function shown({ host, credentials }: Settings) {
  return credentials.kind === 'token'
    ? [host, credentials.token.expose()]
    : [host, credentials.id, credentials.secret.expose()];
}

const HOST = 'https://w.example';
const CLIENT = { client_id: 'id-1', client_secret: 'secret-1' };
const VARIABLES = {
  DATABRICKS_HOST: 'https://of-environment.example/',
  DATABRICKS_TOKEN: 'dapi-e',
  DATABRICKS_CLIENT_ID: 'id-e',
  DATABRICKS_CLIENT_SECRET: 'secret-e',
};
const { DATABRICKS_TOKEN: _, ...CLIENT_VARIABLES } = VARIABLES;

describe('the settings of Databricks', () => {
  test.each<[string, JsonObject, Environment, string[]]>([
    ['a token', { host: HOST, token: 'dapi-1' }, {}, [HOST, 'dapi-1']],
    ['a client', { host: HOST, ...CLIENT }, {}, [HOST, 'id-1', 'secret-1']],
    ['both: the token', { host: HOST, token: 'dapi-1', ...CLIENT }, {}, [HOST, 'dapi-1']],
    ['nothing, and a full environment', {}, VARIABLES, ['https://of-environment.example', 'dapi-e']],
    ['nothing, and a client there', {}, CLIENT_VARIABLES, ['https://of-environment.example', 'id-e', 'secret-e']],
    ['a client, and a token there', { host: HOST, ...CLIENT }, VARIABLES, [HOST, 'id-1', 'secret-1']],
    ['half a client, and the rest there', { host: HOST, client_id: 'id-1' }, VARIABLES, [HOST, 'id-1', 'secret-e']],
    ['references', { host: '$H', client_id: '$I', client_secret: '$S' }, { H: HOST, I: 'i', S: 's' }, [HOST, 'i', 's']],
  ])('take %s', (_given, config, environment, expected) => {
    expect(shown(load(config, environment))).toEqual(expected);
  });

  test.each([
    ['w.example', 'https://w.example'],
    ['http://127.0.0.1:81/', 'http://127.0.0.1:81'],
    ['https://w.example/?o=123', 'https://w.example'],
    ['https://proxy.example/databricks/', 'https://proxy.example/databricks'],
  ])('make a base of the host %s', (host, expected) => {
    expect(load({ host, token: 't' }).host).toBe(expected);
  });

  test('say what to set where something is missing', () => {
    expect(problems({})).toEqual([
      'The URL of the Databricks workspace is missing (set `host` or DATABRICKS_HOST)',
      'Databricks needs a token, or the id and the secret of a client (set `token` or DATABRICKS_TOKEN; or `client_id` ' +
        'and `client_secret`, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET)',
    ]);
    expect(problems({ host: HOST, client_id: 'id-1' }).length).toBe(1);
    expect(problems({ host: 'not a host', token: 't' })).toEqual([
      'The host of a Databricks workspace must be a URL (as in https://adb-123.azuredatabricks.net)',
    ]);
    expect(problems({ host: HOST, token: '$NOT_SET' })).toEqual([
      expect.stringContaining("Environment variable 'NOT_SET' is not set"),
    ]);
    expect(problems({ host: HOST }, { DATABRICKS_TOKEN: 'two\nlines' })[0]).toContain(
      'cannot be sent in an HTTP header',
    );
  });
});
