import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/types.ts';

const ROOT = join(import.meta.dir, 'fixtures');

/** With UPDATE_GOLDEN=1 the goldens are written anew from what comes out, for a person to read in the diff. */
const UPDATES = process.env.UPDATE_GOLDEN === '1';

/** One feature: what goes in, by whom it is said, and what is to come out. */
export interface GoldenFile {
  readonly feature: string;
  readonly content: JsonObject;
}

export function goldenFiles(folder: 'requests' | 'answers'): GoldenFile[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => ({
    feature: `${folder}/${name.slice(0, -'.json'.length)}`,
    content: JSON.parse(readFileSync(join(ROOT, folder, name), 'utf8')),
  }));
}

/** What should have come out; `made` itself where the goldens are being rewritten. */
export function golden({ feature, content }: GoldenFile, made: unknown): unknown {
  if (!UPDATES) return content.golden;
  writeFileSync(join(ROOT, `${feature}.json`), `${pretty({ ...content, golden: made }, '')}\n`);
  return made;
}

const WIDTH = 160;

/** Whatever fits stands on one line, so that a person can read the whole. */
function pretty(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (line.length + indent.length <= WIDTH || typeof value !== 'object' || value === null) return line;
  const inner = `${indent} `;
  const isList = Array.isArray(value);
  const members = Object.entries(value).map(
    ([name, member]) => inner + (isList ? '' : `${JSON.stringify(name)}: `) + pretty(member, inner),
  );
  const [open, close] = isList ? '[]' : '{}';
  return `${open}\n${members.join(',\n')}\n${indent}${close}`;
}

export interface Outcome {
  readonly from: string;
  readonly result: unknown;
}

/** Equal results once, with all that they come from: what differs between them is then seen at a glance. */
export function grouped(outcomes: readonly Outcome[]): JsonObject[] {
  const groups = new Map<string, { readonly from: string[]; readonly result: unknown }>();
  for (const { from, result } of outcomes) {
    const key = JSON.stringify(result);
    const group = groups.get(key);
    if (group) group.from.push(from);
    else groups.set(key, { from: [from], result });
  }
  return [...groups.values()].map(({ from, result }) => ({ from: from.join(', '), result }));
}
