import { z } from 'zod';
import { referencedVariable } from './keys.ts';
import type { Finding, Path } from './problem.ts';
import { keyWarning, valueWarning } from './problem.ts';
import { mostSimilar } from './similar.ts';
import type { YamlChild, YamlNode } from './yaml.ts';

/** The part of JSON Schema that zod writes for the inputs of a configuration. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: unknown;
  readonly writeOnly?: boolean;
  readonly [keyword: string]: unknown;
}

/** What a schema takes, before defaults and transformations. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as JsonSchema;
}

/** Documented by MLflow as parameters of a model under `config`, where its gateway ignores them. */
const MODEL_PARAMETERS = ['temperature', 'max_tokens', 'top_p', 'top_k', 'stop', 'n'];

const SECRET_NAME = /key|token|secret|password|credential/i;

/** Compares the keys of a file with those that the schemas know. */
export class KnownKeys {
  readonly findings: Finding[] = [];
  readonly #schemaOfProvider: (configured: string) => JsonSchema | null;
  readonly #missingFiles: ReadonlySet<string>;
  readonly #shown = new Set<number>();
  readonly #hidden = new Set<number>();

  constructor(schemaOfProvider: (configured: string) => JsonSchema | null, missingFiles: ReadonlySet<string>) {
    this.#schemaOfProvider = schemaOfProvider;
    this.#missingFiles = missingFiles;
  }

  /** Offsets of the values that may be printed: all others could be secrets. */
  get shown(): ReadonlySet<number> {
    return this.#shown.difference(this.#hidden);
  }

  /** Walks the values below `node`; where the schema says nothing of a value, everything in it counts as unknown. */
  visit(node: YamlNode, schema: JsonSchema, path: Path): void {
    const branches = schema.anyOf ?? [schema];
    if (node.children.size === 0) {
      this.#mark(node, schema, path);
      return;
    }
    const properties = branches.flatMap((branch) => (branch.properties ? [branch.properties] : []));
    const items = branches.find((branch) => branch.items)?.items;
    if (properties.length === 0 && !items) {
      this.#hide(node);
      return;
    }
    for (const [key, child] of node.children) {
      const known = typeof key === 'number' ? items : findProperty(properties, key);
      if (known) this.visit(child.node, this.#schemaFor(node, key, path) ?? known, [...path, key]);
      else this.#unknown(child, String(key), properties, branches, path);
    }
  }

  /** The keys of `endpoints.<i>.model.config` depend on the provider beside it. */
  #schemaFor(parent: YamlNode, key: string | number, path: Path): JsonSchema | null {
    if (key !== 'config' || path[0] !== 'endpoints' || path.at(-1) !== 'model') return null;
    const provider = parent.children.get('provider')?.node.value;
    return typeof provider === 'string' ? this.#schemaOfProvider(provider) : null;
  }

  #unknown(
    child: YamlChild,
    key: string,
    properties: ReadonlyArray<Readonly<Record<string, JsonSchema>>>,
    branches: readonly JsonSchema[],
    path: Path,
  ): void {
    this.#hide(child.node);
    const isOpen = branches.some((branch) => branch.additionalProperties !== undefined);
    // The custom of other formats for blocks that only hold anchors.
    const isHolder = path.length === 0 && key.startsWith('x-');
    if (isOpen || isHolder) return;
    const names = properties.flatMap((property) => Object.keys(property));
    if (path.at(-1) === 'config' && MODEL_PARAMETERS.includes(key)) {
      const message = `'${key}' under 'config' has no effect: MLflow ignores it, and so does this gateway`;
      this.findings.push(keyWarning([...path, key], message, 'send it with each request'));
      return;
    }
    const similar = mostSimilar(key, names);
    const hint = similar ? `did you mean '${similar}'?` : names.length > 0 ? `known here: ${names.join(', ')}` : null;
    this.findings.push(keyWarning([...path, key], `The key '${key}' is not known and is ignored`, hint));
  }

  #mark(node: YamlNode, schema: JsonSchema, path: Path): void {
    const text = node.text ?? '';
    const isReference = referencedVariable(text) !== null;
    // The key of a limit says what calls are counted by; a URL may carry a password or a key.
    const hasSecretName = path.includes('config') && SECRET_NAME.test(String(path.at(-1)));
    const isSecret = isWriteOnly(schema) || hasSecretName || /[@?]/.test(text);
    if (isWriteOnly(schema) && this.#missingFiles.has(text)) {
      const message =
        'The api key looks like the path of a file, but there is no such file: it is used as the key itself';
      this.findings.push(valueWarning(path, message, 'check the path; relative ones begin in the working directory'));
    }
    (isReference || !isSecret ? this.#shown : this.#hidden).add(node.start);
  }

  /** Nothing below is shown but references to environment variables. */
  #hide(node: YamlNode): void {
    if (node.text !== null && referencedVariable(node.text) !== null) this.#shown.add(node.start);
    else if (node.text !== null) this.#hidden.add(node.start);
    for (const child of node.children.values()) this.#hide(child.node);
  }
}

function isWriteOnly(schema: JsonSchema): boolean {
  return schema.writeOnly === true || (schema.anyOf ?? []).some(isWriteOnly);
}

function findProperty(
  properties: ReadonlyArray<Readonly<Record<string, JsonSchema>>>,
  key: string,
): JsonSchema | undefined {
  const found = properties.find((property) => Object.hasOwn(property, key));
  return found?.[key];
}
