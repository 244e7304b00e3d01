import { join } from 'node:path';
import { Glob, Transpiler } from 'bun';

export const ROOT = join(import.meta.dir, '..');

/** A TypeScript file below `src/`. */
export interface SourceFile {
  /** Relative to `src/`, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Tests and what only tests use: they may reach into every room. */
const TEST_FILE = /\.test\.ts$|(?:^|\/)(?:conformance|fixtures|testing)\/|(?:^|\/)(?:conformance|fake-[^/]*)\.ts$/;

export function isTest(path: string): boolean {
  return TEST_FILE.test(path);
}

export async function readSources(): Promise<SourceFile[]> {
  const folder = join(ROOT, 'src');
  const paths = await Array.fromAsync(new Glob('**/*.ts').scan(folder));
  const read = async (path: string) => ({
    path: path.replaceAll('\\', '/'),
    text: await Bun.file(join(folder, path)).text(),
  });
  return Promise.all(paths.sort().map(read));
}

const transpiler = new Transpiler({ loader: 'ts', trimUnusedImports: false });

/** What a file imports, as it is written there. Types count: they couple two files as much as values do. */
export function importsOf({ text }: SourceFile): string[] {
  // The transpiler leaves type imports out, so they are made into others first.
  const withTypes = text.replace(/^import type\b/gm, 'import').replace(/^export type (?=[{*])/gm, 'export ');
  const untyped = withTypes.replace(/([{,]\s*)type (?=\w+\s*[,}]|\w+ as )/g, '$1');
  return transpiler.scanImports(untyped).map(({ path }) => path);
}

/** What a file imports when it runs, without its types. */
export function runtimeImportsOf({ text }: SourceFile): string[] {
  return transpiler.scanImports(text).map(({ path }) => path);
}

/** The code without its comments and types. */
export function codeOf({ text }: SourceFile): string {
  return transpiler.transformSync(text);
}
