import { inputSchema, type JsonSchema } from '../src/config/known-keys.ts';
import { isJsonObject, type JsonObject } from '../src/core/types.ts';
import { CAPABILITIES, type Capabilities, type Capability } from '../src/providers/capabilities.ts';
import type { Provider } from '../src/providers/provider.ts';

const COLUMNS: Readonly<Record<Capability, string>> = {
  chat: 'chat',
  'chat-stream': 'streamed',
  tools: 'tools',
  'tool-stream': 'tools streamed',
  images: 'images',
  documents: 'documents',
  'json-schema': 'JSON schema',
  reasoning: 'reasoning',
  'prompt-cache': 'prompt cache',
  completions: 'completions',
  'completions-stream': 'completions streamed',
  embeddings: 'embeddings',
};

const INTRODUCTION = `# Providers

<!-- Made by \`npm run providers\` from what the providers say of themselves. Do not edit. -->

What Sluice can do with each provider. **yes\\*** means that the provider's section below has a note about it. What a
provider cannot take of a request is named in the answer's header \`x-sluice-changed\`; an endpoint with \`strict: true\`
refuses such a request. An operation that a provider does not have is answered with 501.

Each has a key for another base URL and is reached through the proxy that \`HTTPS_PROXY\` names. Keys and tokens may be
the value itself, \`$NAME\` or \`\${NAME}\` of an environment variable, or the path of a file.

Images, recordings and documents may be given by URL. For a provider that fetches none, the gateway does: over https, from
public addresses only, up to 20 MiB each and 50 MiB a request, within 10 seconds. \`upstream.remote_media: false\` turns
that off.
`;

/** A model block that works, for the example of a provider. */
export interface ExampleModel {
  readonly provider: string;
  readonly name?: unknown;
  readonly config: JsonObject;
}

/** Several names of one provider share a section. */
interface Section {
  readonly title: string;
  readonly names: readonly string[];
  readonly provider: Provider;
  readonly capabilities: Capabilities;
}

/** The text of docs/providers.md. `examples` are in the order of preference. */
export function providersPage(providers: readonly Provider[], examples: readonly ExampleModel[]): string {
  const sections = sectionsOf(providers);
  const planned = providers
    .filter((provider) => provider.planned)
    .map(({ name, displayName }) => `- ${displayName} (\`${name}\`)`);
  return [
    INTRODUCTION,
    table(sections),
    ...sections.map((section) => sectionText(section, examples)),
    ...(planned.length > 0
      ? [
          '## Known by name only\n\nTheir endpoints load with a warning and are answered with 501.\n',
          `${planned.join('\n')}\n`,
        ]
      : []),
  ].join('\n');
}

function sectionsOf(providers: readonly Provider[]): Section[] {
  const sections = new Map<string, Section>();
  for (const provider of providers) {
    const { displayName: title, name, capabilities } = provider;
    if (!capabilities) continue;
    const names = [...(sections.get(title)?.names ?? []), name];
    sections.set(title, { provider, capabilities, ...sections.get(title), title, names });
  }
  return [...sections.values()].sort((one, other) => one.title.localeCompare(other.title, 'en'));
}

function table(sections: readonly Section[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const used = CAPABILITIES.filter((capability) => sections.some(({ capabilities }) => capabilities[capability]));
  const rows = sections.map(({ title, capabilities }) =>
    row([`[${title}](#${anchor(title)})`, ...used.map((capability) => cell(capabilities[capability]))]),
  );
  const head = row(['provider', ...used.map((capability) => COLUMNS[capability])]);
  return `${[head, row(['---', ...used.map(() => ':-:')]), ...rows].join('\n')}\n`;
}

function cell(value: true | string | undefined): string {
  if (value === undefined) return '–';
  return value === true ? 'yes' : 'yes\\*';
}

/** As GitHub makes them of headings. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

function sectionText({ title, names, provider, capabilities }: Section, examples: readonly ExampleModel[]): string {
  const notes = CAPABILITIES.flatMap((capability) => {
    const value = capabilities[capability];
    return typeof value === 'string' ? [`- ${COLUMNS[capability]}: ${value}`] : [];
  });
  const schema = inputSchema(provider.schema);
  const known = names.map((name) => examples.find((candidate) => candidate.provider === name));
  const name = names.length > 1 ? 'Names' : 'Name';
  return [
    `## ${title}\n`,
    `${name}: ${names.map((each) => `\`${each}\``).join(', ')}\n`,
    ...(notes.length > 0 ? [`${notes.join('\n')}\n`] : []),
    keyTable(schema),
    ...known.flatMap((example) => (example ? [exampleText(example, schema)] : [])),
  ].join('\n');
}

interface Key {
  readonly path: string;
  readonly isRequired: boolean;
  readonly description: string;
}

function keyTable(schema: JsonSchema): string {
  const keys = keysOf(schema, '', true);
  if (keys.length === 0) return 'It needs no keys.\n';
  const rows = keys.map(
    ({ path, isRequired, description }) => `| \`${path}\` | ${isRequired ? 'yes' : ''} | ${description} |`,
  );
  return `${['| key | required | |', '|---|---|---|', ...rows].join('\n')}\n`;
}

/** Every key below a schema, those of all its alternatives, each once. */
function keysOf(schema: JsonSchema, prefix: string, isNeeded: boolean): Key[] {
  const keys = new Map<string, Key>();
  const branches = schema.anyOf ?? [schema];
  for (const { properties = {}, required } of branches) {
    for (const [name, property] of Object.entries(properties)) {
      const path = prefix + name;
      const isRequired =
        isNeeded &&
        branches.length === 1 &&
        Array.isArray(required) &&
        required.includes(name) &&
        !hasDefault(property);
      const known = keys.get(path);
      if (!known) keys.set(path, { path, isRequired, description: description(property) });
      for (const key of keysOf(property, `${path}.`, isRequired)) if (!keys.has(key.path)) keys.set(key.path, key);
    }
  }
  return [...keys.values()];
}

const hasDefault = (property: JsonSchema): boolean => property.default !== undefined;

function description(property: JsonSchema): string {
  const text = typeof property.description === 'string' ? property.description : '';
  const isPlain = ['string', 'number', 'boolean'].includes(typeof property.default);
  const standard = isPlain ? ` Default: \`${property.default}\`.` : '';
  return (text + standard).trim().replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** The example's keys and tokens become environment variables. */
function exampleText({ provider, name, config }: ExampleModel, schema: JsonSchema): string {
  const lines = [
    'model:',
    `  provider: ${provider}`,
    ...(typeof name === 'string' ? [`  name: ${name}`] : []),
    '  config:',
  ];
  const block = yaml(withoutSecrets(config, schema, provider), '    ');
  const body = block.length > 0 ? [...lines, ...block] : [...lines.slice(0, -1), '  config: {}'];
  return ['```yaml', ...body, '```', ''].join('\n');
}

function withoutSecrets(config: JsonObject, schema: JsonSchema, provider: string): JsonObject {
  const branches = schema.anyOf ?? [schema];
  const entries = Object.entries(config).flatMap(([key, value]): Array<[string, unknown]> => {
    const property = branches.map(({ properties }) => properties?.[key]).find((found) => found !== undefined);
    if (value === null || !property) return [];
    if (isJsonObject(value)) return [[key, withoutSecrets(value, property, provider)]];
    return [[key, isSecret(property) ? variable(key, provider) : value]];
  });
  return Object.fromEntries(entries);
}

function isSecret(property: JsonSchema): boolean {
  return property.writeOnly === true || (property.anyOf ?? []).some(isSecret);
}

function variable(key: string, provider: string): string {
  const isGeneral = ['api_key', 'token'].includes(key);
  return `$${(isGeneral ? `${provider}_${key}` : key).replaceAll('-', '_').toUpperCase()}`;
}

function yaml(config: JsonObject, indent: string): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    if (isJsonObject(value)) {
      const inner = yaml(value, `${indent}  `);
      return inner.length > 0 ? [`${indent}${key}:`, ...inner] : [`${indent}${key}: {}`];
    }
    const isPlain = typeof value !== 'string' || /^[$A-Za-z/][\w./:$@-]*$/.test(value);
    return [`${indent}${key}: ${isPlain ? String(value) : JSON.stringify(value)}`];
  });
}
