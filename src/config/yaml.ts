import type { Alias, Document, Pair, ParsedNode, YAMLMap, YAMLParseError, YAMLSeq, Scalar as YamlScalar } from 'yaml';
import { isAlias, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Path } from './problem.ts';
import { resolvePlainScalar, resolveTaggedScalar } from './yaml-scalars.ts';

/** A value with its place in the text. Offsets count UTF-16 units from 0; `end` is exclusive. */
export interface YamlNode {
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
  /** The text of a scalar, as its quotes and escapes say. */
  readonly text: string | null;
  /** By key of a mapping, or by index of a list; empty for a scalar. */
  readonly children: ReadonlyMap<string | number, YamlChild>;
}

export interface YamlChild {
  readonly node: YamlNode;
  readonly keyStart: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface YamlText {
  readonly text: string;
  /** Null when the file holds no value. */
  readonly root: YamlNode | null;
  readonly duplicates: ReadonlyArray<{ readonly path: Path; readonly keyStart: number }>;
  /** Where scalars that are values stand, each once, whatever refers to it. */
  readonly scalars: readonly Span[];
  readonly keys: readonly Span[];
  /** Offsets at which lines begin. */
  readonly lineStarts: readonly number[];
}

/** The text is not YAML. `reason` never quotes the text, which may be a secret. */
export class YamlSyntaxError extends Error {
  readonly offset: number;
  readonly reason: string;

  constructor(offset: number, reason: string) {
    super(reason);
    this.name = 'YamlSyntaxError';
    this.offset = offset;
    this.reason = reason;
  }
}

/** Aliases may repeat a value, and repeat repetitions: without a bound, ten lines can stand for a billion values. */
const MAX_VALUES = 200_000;
const MAX_DEPTH = 200;

/** PyYAML's reader refuses these as well. */
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Reads text as PyYAML's `safe_load` does, keeping the place of every value. Throws YamlSyntaxError. */
export function parseYaml(source: string): YamlText {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  const unprintable = text.search(UNPRINTABLE);
  if (unprintable >= 0) throw new YamlSyntaxError(unprintable, 'a control character is not allowed in YAML');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    version: '1.1',
    // Scalars arrive as text and are resolved by PyYAML's rules; merge keys and doubles are handled by the reader.
    schema: 'failsafe',
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const error = document.errors[0];
  if (error) throw new YamlSyntaxError(offsetOf(error, document), reasonOf(error.code, error.message));
  const reader = new Reader();
  const root = document.contents === null ? null : reader.read(document.contents, []);
  const lineStarts = lineCounter.lineStarts.length > 0 ? lineCounter.lineStarts : [0];
  return { text, root, duplicates: reader.duplicates, scalars: reader.scalars, keys: reader.keys, lineStarts };
}

const OPEN_QUOTE = 'quote';

/** A quote that is not closed is noticed at the end of the file, but wrong where it opens. */
function offsetOf({ message, pos }: YAMLParseError, document: Document): number {
  let offset = pos[0];
  if (!message.endsWith(OPEN_QUOTE)) return offset;
  visit(document, {
    Scalar: (_, { range, type }) => {
      if (range && type !== 'PLAIN' && range[1] >= pos[0]) offset = range[0];
    },
  });
  return offset;
}

/** The parser's own words, except where they quote the text. */
function reasonOf(code: string, message: string): string {
  if (code === 'BAD_DQ_ESCAPE') return 'a double-quoted text has an unknown escape; write \\\\ for a backslash';
  if (code === 'MULTIPLE_DOCS') return 'the file holds more than one document; remove the line `---` between them';
  if (code === 'UNEXPECTED_TOKEN' || code === 'TAG_RESOLVE_FAILED') return 'this is not expected here';
  if (code === 'RESOURCE_EXHAUSTION') return 'the values are nested too deeply';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces; YAML does not allow tabs';
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return 'a value that holds `: ` needs quotes, or a line is indented too far';
  if (message.endsWith(OPEN_QUOTE)) return 'the quote is not closed';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

type Entries = Map<string, YamlChild>;

class Reader {
  readonly duplicates: Array<{ path: Path; keyStart: number }> = [];
  readonly scalars: Span[] = [];
  readonly keys: Span[] = [];
  readonly #anchors = new Map<string, ParsedNode>();
  readonly #open = new Set<ParsedNode>();
  #values = 0;
  #aliasDepth = 0;

  read(node: ParsedNode, path: Path): YamlNode {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw new YamlSyntaxError(node.range[0], 'the aliases stand for too many values');
    if (path.length > MAX_DEPTH) throw new YamlSyntaxError(node.range[0], 'the values are nested too deeply');
    if (isAlias(node)) return this.#readAlias(node, path);
    if (node.anchor) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#readScalar(node as YamlScalar.Parsed);
    this.#open.add(node);
    const result = isMap(node) ? this.#readMap(node, path) : this.#readList(node as YAMLSeq.Parsed, path);
    this.#open.delete(node);
    return result;
  }

  #readAlias(alias: Alias.Parsed, path: Path): YamlNode {
    const target = this.#anchors.get(alias.source);
    if (!target) throw new YamlSyntaxError(alias.range[0], 'the alias has no anchor before it');
    if (this.#open.has(target)) throw new YamlSyntaxError(alias.range[0], 'the alias stands for a value that holds it');
    this.#aliasDepth += 1;
    const node = this.read(target, path);
    this.#aliasDepth -= 1;
    return node;
  }

  #readScalar(scalar: YamlScalar.Parsed): YamlNode {
    const [start, end] = scalar.range;
    const text = String(scalar.value ?? '');
    const plain = scalar.type === 'PLAIN';
    const value = scalar.tag ? resolveTaggedScalar(scalar.tag, text) : plain ? resolvePlainScalar(text) : text;
    if (value === undefined) throw new YamlSyntaxError(start, 'the tag is unknown or does not fit its value');
    if (this.#aliasDepth === 0) this.scalars.push({ start, end });
    return { value, start, end, text, children: new Map() };
  }

  #readList(list: YAMLSeq.Parsed, path: Path): YamlNode {
    requireTag(list, 'seq');
    const children = new Map<number, YamlChild>();
    const value = list.items.map((item, index) => {
      const node = this.read(item, [...path, index]);
      children.set(index, { node, keyStart: node.start });
      return node.value;
    });
    return { value, start: list.range[0], end: list.range[1], text: null, children };
  }

  #readMap(map: YAMLMap.Parsed, path: Path): YamlNode {
    requireTag(map, 'map');
    const own: Entries = new Map();
    const merged: Entries = new Map();
    for (const pair of map.items as Array<Pair<ParsedNode, ParsedNode | null>>) {
      const key = this.#readKey(pair.key);
      if (key === '<<' && isPlain(pair.key)) {
        this.#merge(pair, path, merged);
        continue;
      }
      const keyPath = [...path, key];
      if (own.has(key)) this.duplicates.push({ path: keyPath, keyStart: pair.key.range[0] });
      own.set(key, { node: this.#readValue(pair, keyPath), keyStart: pair.key.range[0] });
    }
    return mapping(map, new Map([...merged, ...own]));
  }

  #readKey(key: ParsedNode): string {
    const node = isAlias(key) ? this.#anchors.get(key.source) : key;
    if (!isScalar(node)) throw new YamlSyntaxError(key.range[0], 'a key must be a plain word');
    if (key.anchor) this.#anchors.set(key.anchor, key);
    if (this.#aliasDepth === 0) this.keys.push({ start: key.range[0], end: key.range[1] });
    return String(node.value ?? '');
  }

  #readValue(pair: Pair<ParsedNode, ParsedNode | null>, path: Path): YamlNode {
    if (pair.value) return this.read(pair.value, path);
    const end = pair.key.range[1];
    return { value: null, start: end, end, text: '', children: new Map() };
  }

  /** Earlier maps of a list win over later ones, and later `<<` keys over earlier ones. https://yaml.org/type/merge.html */
  #merge(pair: Pair<ParsedNode, ParsedNode | null>, path: Path, into: Entries): void {
    const source = this.#readValue(pair, path);
    const sources = Array.isArray(source.value) ? [...source.children.values()].map(({ node }) => node) : [source];
    for (const { value, children, start } of sources.reverse()) {
      const isMapping =
        typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
      if (!isMapping) throw new YamlSyntaxError(start, 'only mappings can be merged with `<<`');
      for (const [key, child] of children) into.set(String(key), child);
    }
  }
}

function isPlain(node: ParsedNode): boolean {
  return isScalar(node) && node.type === 'PLAIN' && !node.tag;
}

function requireTag(node: YAMLMap.Parsed | YAMLSeq.Parsed, kind: 'map' | 'seq'): void {
  const tag = node.tag;
  if (!tag || tag === '!' || tag === `tag:yaml.org,2002:${kind}`) return;
  throw new YamlSyntaxError(node.range[0], 'the tag is unknown or does not fit its value');
}

function mapping(map: YAMLMap.Parsed, children: Entries): YamlNode {
  const value: Record<string, unknown> = {};
  for (const [key, { node }] of children) {
    // Assigning it would replace the object's prototype. No setting has this name.
    if (key !== '__proto__') value[key] = node.value;
  }
  return { value, start: map.range[0], end: map.range[1], text: null, children };
}
