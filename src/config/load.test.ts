import { describe, expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { fakeRegistry } from './fake-registry.ts';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';
import type { Environment } from './types.ts';

const load = (text: string, environment: Environment = {}) =>
  loadConfig({ path: '/etc/config.yaml', text, environment, providers: fakeRegistry });

function failure(text: string, environment: Environment = {}): ConfigError {
  try {
    load(text, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted');
}

const endpoint = (fields: string) => `endpoints:\n  - ${fields.replaceAll('\n', '\n    ')}\n`;
const MODEL = 'model: {provider: openai, name: gpt-4o, config: {openai_api_key: sk-1}}';
const VALID = endpoint(`name: chat\nendpoint_type: llm/v1/chat\n${MODEL}`);
const routed = (route: string) => `${VALID}routes:\n  - ${route.replaceAll('\n', '\n    ')}\n`;

describe('a valid file', () => {
  test('becomes endpoints and routes in their order, under canonical provider names', () => {
    const text = `
endpoints:
  - name: chat.v1
    endpoint_type: llm/v1/chat
    model:
      provider: OpenAI
      name: gpt-4o
      config: {openai_api_key: $KEY}
    limit: {calls: 10, renewal_period: 5 minutes, key: 'header:x-team'}
  - name: emb
    endpoint_type: llm/v1/embeddings
    model: {provider: MLFLOW_model-serving, config: {model_server_url: $URL}}
routes:
  - name: any name at all
    task_type: llm/v1/chat
    destinations: [{name: chat.v1, traffic_percentage: 100}]
`;
    const { config, warnings } = load(text, { KEY: 'sk-env', URL: 'http://127.0.0.1:4000' });
    expect(warnings).toEqual([]);
    expect(config.endpoints.map(({ name, provider, operation }) => [name, provider, operation])).toEqual([
      ['chat.v1', 'openai', 'chat'],
      ['emb', 'mlflow-model-serving', 'embeddings'],
    ]);
    expect(config.endpoints[0]?.limit).toMatchObject({
      seconds: 300,
      display: '10 per 5 minute',
      key: 'header:x-team',
    });
    expect(config.endpoints[1]).toMatchObject({
      limit: null,
      model: { name: null, config: { model_server_url: 'http://127.0.0.1:4000' } },
    });
    expect(config.routes).toEqual([
      {
        name: 'any name at all',
        taskType: 'llm/v1/chat',
        operation: 'chat',
        destinations: [{ name: 'chat.v1', trafficPercentage: 100 }],
        routingStrategy: 'TRAFFIC_SPLIT',
      },
    ]);
  });

  test('may have no endpoints, be JSON, and begin with a byte order mark', () => {
    expect(load('endpoints: []').config.endpoints).toEqual([]);
    expect(load('\ufeff{"endpoints": [], "routes": null}').config.routes).toEqual([]);
  });

  test('takes whole numbers as Pydantic does, and a limit of no calls', () => {
    const numbers = endpoint(
      `name: a\nendpoint_type: llm/v1/chat\n${MODEL}\nlimit: {calls: "10", renewal_period: minute}`,
    );
    expect(load(numbers).config.endpoints[0]?.limit?.calls).toBe(10);
    const none = numbers.replace('"10"', '0');
    expect(load(none).config.endpoints[0]?.limit).toMatchObject({ calls: 0, display: '0 per 1 minute' });
  });

  test('names the key files that were read, and its hash follows their content', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'sluice-load-')), 'key');
    writeFileSync(path, 'sk-one\n');
    const text = VALID.replace('sk-1', path);
    const before = load(text).config;
    expect(before.files).toEqual([path]);
    writeFileSync(path, 'sk-two\n');
    expect(load(text).config.hash).not.toBe(before.hash);
    writeFileSync(path, 'sk-one\n');
    expect(load(text).config.hash).toBe(before.hash);
  });

  test('never shows its keys when it is printed', () => {
    const { config } = load(VALID.replace('sk-1', 'sk-canary'));
    expect(JSON.stringify(config)).not.toContain('sk-canary');
    expect(inspect(config, { depth: 10 })).not.toContain('sk-canary');
  });
});

describe("MLflow's message for", () => {
  const chat = (fields: string) => endpoint(`name: chat\nendpoint_type: llm/v1/chat\n${fields}`);
  const LIMIT =
    'Failed to parse the rate limit configuration.Please make sure limit.calls is a positive number and' +
    'limit.renewal_period is a right granularity';
  const pydantic = (path: string, message: string) =>
    `The gateway configuration is invalid: 1 validation error for GatewayConfig\n${path}\n  ${message}`;
  const limited = (limit: string) => chat(`${MODEL}\nlimit: ${limit}`);
  const oneWay = (type: string, destinations: string) =>
    routed(`name: r\ntask_type: ${type}\ndestinations: [${destinations}]`);

  const cases: ReadonlyArray<readonly [row: string, text: string, summary: string, line: number, column: number]> = [
    ['a syntax error', 'a: [', 'The file at /etc/config.yaml is not a valid yaml file', 1, 5],
    ['no endpoints', 'routes: []', pydantic('endpoints', 'Field required'), 1, 1],
    [
      'a bad name',
      endpoint(`name: a b\nendpoint_type: llm/v1/chat\n${MODEL}`),
      "The route name provided contains disallowed characters for a url endpoint. 'a b' is invalid. Names cannot " +
        'contain spaces or any non alphanumeric characters other than hyphen and underscore.',
      2,
      11,
    ],
    [
      'a name that is no text',
      endpoint(`name: 5\nendpoint_type: llm/v1/chat\n${MODEL}`),
      pydantic('endpoints.0.name', 'Input should be a valid string'),
      2,
      11,
    ],
    [
      'a bad endpoint_type',
      endpoint(`name: a\nendpoint_type: llm/v1/chats\n${MODEL}`),
      "The route_type 'llm/v1/chats' is not supported.",
      3,
      20,
    ],
    [
      'an endpoint_type that is no text',
      endpoint(`name: a\nendpoint_type: 5\n${MODEL}`),
      "The route_type '5' is not supported.",
      3,
      20,
    ],
    [
      'the old key route_type',
      endpoint(`name: a\nroute_type: llm/v1/chat\n${MODEL}`),
      "The 'route_type' configuration key is not supported in the configuration file. Use 'endpoint_type' instead.",
      3,
      5,
    ],
    [
      'names used twice',
      oneWay('llm/v1/chat', '{name: chat, traffic_percentage: 100}').replace('name: r', 'name: chat'),
      'Duplicate names found in endpoint / route configurations. Please remove the duplicate endpoint / route name ' +
        'from the configuration to ensure that endpoints / routes are created properly.',
      6,
      11,
    ],
    [
      'an unknown provider',
      chat('model: {provider: azuread, config: {}}'),
      "The provider 'azuread' is not supported.",
      4,
      23,
    ],
    ['no provider', chat('model: {config: {}}'), 'A provider must be provided for each gateway route.', 4, 5],
    [
      'a provider of null',
      chat('model: {provider: , config: {}}'),
      'A provider must be provided for each gateway route.',
      4,
      13,
    ],
    [
      'no config',
      chat('model: {provider: mlflow_model_serving}'),
      'A config must be supplied when setting a provider. The provider entry for Provider.MLFLOW_MODEL_SERVING is incorrect.',
      4,
      5,
    ],
    [
      'a config of null',
      chat('model:\n  provider: openai\n  config:'),
      'A config must be supplied when setting a provider. The provider entry for Provider.OPENAI is incorrect.',
      6,
      7,
    ],
    [
      'a missing key of config',
      chat('model: {provider: openai, config: {}}'),
      pydantic('endpoints.0.model.config.openai_api_key', 'Field required'),
      4,
      31,
    ],
    [
      'a rule of the whole model',
      chat('model: {provider: made-up, name: gpt-4o, config: {settings: {token: sk-1}}}'),
      "An invalid model has been specified for the chat route. 'gpt-4o'.",
      4,
      38,
    ],
    [
      'a rule within config',
      chat('model: {provider: openai, config: {openai_api_key: k, openai_api_type: foo}}'),
      "Invalid OpenAI API type 'foo'",
      4,
      76,
    ],
    [
      'a key that is no text',
      chat('model: {provider: openai, config: {openai_api_key: 5}}'),
      'The api key provided is not a string. Please provide either an environment variable key, a path to a file ' +
        'containing the api key, or the api key itself',
      4,
      56,
    ],
    [
      'an unset variable',
      chat('model: {provider: openai, config: {openai_api_key: $NOBODY_SETS_THIS}}'),
      "Environment variable 'NOBODY_SETS_THIS' is not set",
      4,
      56,
    ],
    ['negative calls', limited('{calls: -1, renewal_period: minute}'), LIMIT, 5, 5],
    ['a bad period', limited('{calls: 1, renewal_period: fortnight}'), LIMIT, 5, 5],
    [
      'calls that are no number',
      limited('{calls: many, renewal_period: minute}'),
      pydantic('endpoints.0.limit.calls', 'Input should be a valid integer, unable to parse string as an integer'),
      5,
      20,
    ],
    ['no period', limited('{calls: 1}'), pydantic('endpoints.0.limit.renewal_period', 'Field required'), 5, 5],
    [
      'an unknown destination',
      oneWay('llm/v1/chat', '{name: chta, traffic_percentage: 100}'),
      "The route destination name must be a endpoint name, but the route 'r' has an invalid destination name 'chta'.",
      8,
      27,
    ],
    [
      'a destination of another type',
      oneWay('llm/v1/completions', '{name: chat, traffic_percentage: 100}'),
      "The route destination endpoint types in the route 'r' must have endpoint type 'llm/v1/completions' but got " +
        "endpoint type 'llm/v1/chat'.",
      8,
      27,
    ],
    [
      'a percentage outside 0 to 100',
      oneWay('llm/v1/chat', '{name: chat, traffic_percentage: 150}, {name: chat, traffic_percentage: -50}'),
      'The route destination traffic percentage must between 0 and 100.',
      8,
      53,
    ],
    [
      'percentages that do not add up',
      oneWay('llm/v1/chat', '{name: chat, traffic_percentage: 99}'),
      'For each route configuration, the traffic percentage sum of destinations must be 100, but got invalid ' +
        "configuration of route 'r'.",
      8,
      5,
    ],
    [
      'no destinations',
      oneWay('llm/v1/chat', ''),
      'For each route configuration, the traffic percentage sum of destinations must be 100, but got invalid ' +
        "configuration of route 'r'.",
      8,
      5,
    ],
    [
      'another routing_strategy',
      `${oneWay('llm/v1/chat', '{name: chat, traffic_percentage: 100}')}    routing_strategy: FALLBACK\n`,
      pydantic('routes.0.routing_strategy', "Input should be 'TRAFFIC_SPLIT'"),
      9,
      23,
    ],
    [
      'a provider that the policy blocks',
      chat('model: {provider: mlflow-model-serving, config: {model_server_url: x}}'),
      "Provider 'mlflow-model-serving' is not allowed by the current gateway provider policy.",
      4,
      23,
    ],
  ];
  const environment = { MLFLOW_GATEWAY_ALLOWED_PROVIDERS: 'OpenAI,also-made-up' };

  test.each(cases)('%s', (row, text, summary, line, column) => {
    const error = failure(text, row.includes('policy') ? environment : {});
    expect(error.summary).toBe(summary);
    expect(error.message).toBe(summary);
    const [first] = error.problems.filter(({ severity }) => severity === 'error');
    expect(first).toMatchObject({ line, column });
    // What a provider checks over the whole model comes as a message only.
    if (row !== 'a rule of the whole model') expect(first?.hint).toBeString();
  });

  test('fractions of percent, each of which is named', () => {
    const text = oneWay(
      'llm/v1/chat',
      '{name: chat, traffic_percentage: 33.5}, {name: chat, traffic_percentage: 66.5}',
    );
    expect(failure(text).summary).toBe(
      'The gateway configuration is invalid: 2 validation errors for GatewayConfig\n' +
        'routes.0.destinations.0.traffic_percentage\n' +
        '  Input should be a valid integer, got a number with a fractional part\n' +
        'routes.0.destinations.1.traffic_percentage\n' +
        '  Input should be a valid integer, got a number with a fractional part',
    );
  });
});

describe('instead of a raw Python error, a readable text for', () => {
  test.each([
    ['', "The gateway configuration is empty. It must be a mapping with the key 'endpoints'."],
    ['- a', "The gateway configuration is a list. It must be a mapping with the key 'endpoints'."],
    ['word', "The gateway configuration is a single value. It must be a mapping with the key 'endpoints'."],
    ['endpoints:', "'endpoints' has no value. It must be a list."],
    [endpoint(`endpoint_type: llm/v1/chat\n${MODEL}`), "The endpoint has no 'name'."],
  ])('%j', (text, summary) => {
    const error = failure(text);
    expect(error.summary).toBe(summary);
    expect(error.problems[0]).toMatchObject({ severity: 'error', line: text === '' ? 1 : expect.any(Number) });
    expect(error.problems[0]?.hint).not.toBeNull();
  });

  test.each(['endpoints: 5', 'endpoints: [5]', 'endpoints: [{name: a, endpoint_type: llm/v1/chat, model: x}]'])(
    '%j',
    (text) => {
      expect(failure(text).summary).toContain('The gateway configuration is invalid: ');
    },
  );

  test('a file of before MLflow 2.9, which says what to rename', () => {
    const [problem] = failure('routes:\n  - {name: a, route_type: llm/v1/chat, model: {provider: openai}}').problems;
    expect(problem?.hint).toContain("rename 'routes' to 'endpoints'");
  });
});

test('percentages must be numbers, so that text cannot evade their sum', () => {
  const text = routed(`name: r\ntask_type: llm/v1/chat\ndestinations: [{name: chat, traffic_percentage: '50'}]`);
  expect(failure(text).problems.map(({ message }) => message)).toEqual([
    'routes.0.destinations.0.traffic_percentage: Input should be a valid integer, unable to parse string as an integer',
  ]);
});

test('all problems are found at once, a rule before the schema in the summary', () => {
  const text = `endpoints:
  - name: 5
    endpoint_type: llm/v1/chat
    model: {provider: opnai, config: {}}
  - name: b
    endpoint_type: llm/v1/chat
    model: {provider: openai, config: {openai_api_key: $UNSET_ONE}}
    limit: {calls: 1, renewal_period: week}
`;
  const { problems, summary } = failure(text);
  expect(summary).toBe("The provider 'opnai' is not supported.");
  expect(problems.map(({ line, path }) => [line, path.join('.')])).toEqual([
    [2, 'endpoints.0.name'],
    [4, 'endpoints.0.model.provider'],
    [7, 'endpoints.1.model.config.openai_api_key'],
    [8, 'endpoints.1.limit'],
  ]);
});

test('one fault is one problem', () => {
  const faults = [
    endpoint(`endpoint_type: llm/v1/chat\n${MODEL}`),
    endpoint(`name: a\nroute_type: llm/v1/chat\n${MODEL}`),
    endpoint('name: a\nendpoint_type: llm/v1/chat\nmodel: {provider: , config: {}}'),
    endpoint('name: a\nendpoint_type: llm/v1/chat\nmodel: {provider: openai}'),
    routed('task_type: llm/v1/chat\ndestinations: [{name: chat, traffic_percentage: 100}]'),
  ];
  for (const text of faults) expect(failure(text).problems).toHaveLength(1);
});

test('a policy that names a provider allows it under its other name, and no other', () => {
  const text = endpoint('name: a\nendpoint_type: llm/v1/embeddings\nmodel: {provider: also_made_up, config: {}}');
  const allowed = (names: string) => ({ MLFLOW_GATEWAY_ALLOWED_PROVIDERS: names });
  expect(load(text, allowed('openai, MADE-UP')).config.endpoints[0]?.provider).toBe('also-made-up');
  expect(load(text, allowed(' ')).config.endpoints).toHaveLength(1);
  expect(failure(text, allowed('openai')).summary).toContain('is not allowed');
});

test('the part of a union that nearly fits is the one that is reported', () => {
  const text = endpoint(
    'name: a\nendpoint_type: llm/v1/embeddings\nmodel: {provider: made_up, config: {settings: {role: 5}}}',
  );
  expect(failure(text).problems.map(({ message }) => message)).toContain(
    'endpoints.0.model.config.settings.role: Input should be a valid string',
  );
});
