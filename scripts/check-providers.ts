import { importsOf, isTest, type SourceFile } from './source-files.ts';

/** Words that mean a provider although no provider has exactly that name. */
const FAMILIES = ['azure', 'hugging face', 'vertex'];

/** What a provider is called in the configuration and in messages. */
export interface ProviderNames {
  readonly name: string;
  readonly displayName: string;
}

/**
 * The lines of code that name a provider outside `src/providers/` and `src/catalog/`: adding a provider must not touch them.
 * What keys look like, which is asked of texts and not of providers, is a table of its own.
 * A name that is a dialect's too (a folder of `src/dialects/`) is not looked for: there it means the wire format.
 */
export function findProviderNames(sources: readonly SourceFile[], providers: readonly ProviderNames[]): string[] {
  const dialects = new Set(sources.map(({ path }) => /^dialects\/([^/]+)\//.exec(path)?.[1]));
  const names = [...new Set([...providers.flatMap(({ name, displayName }) => [name, displayName]), ...FAMILIES])];
  const patterns = names.filter((name) => !dialects.has(name.toLowerCase())).map((name) => patternOf(name));
  const free = ({ path }: SourceFile) =>
    /^(?:providers\/|catalog\/|core\/redaction\/key-shapes\.ts$)/.test(path) || isTest(path);
  return sources.filter((file) => !free(file)).flatMap((file) => findIn(file, patterns));
}

/** Also finds `isAzure`, `azureTarget` and `AZURE_KEY`, but not a word that merely contains the name. */
function patternOf(name: string): RegExp {
  const anyCase = (letter: string) =>
    /[a-z]/i.test(letter) ? `[${letter.toLowerCase()}${letter.toUpperCase()}]` : letter;
  const words = name.split(/[-_ ]/).map((word) => [...word].map(anyCase).join(''));
  const first = name.charAt(0);
  const start = `(?<![A-Za-z])|(?<=[a-z])(?=${first.toUpperCase()})`;
  return new RegExp(`(?:${start})${words.join('[-_ ]?')}(?![a-z])`);
}

/** Comments may give a provider as an example. Their lines stay, so that the others keep their numbers. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replace(/.+/g, ''));
}

function findIn({ path, text }: SourceFile, patterns: readonly RegExp[]): string[] {
  return withoutComments(text)
    .split('\n')
    .flatMap((line, index) => {
      const found = patterns.map((pattern) => pattern.exec(line)?.[0]).find((match) => match !== undefined);
      return found ? [`src/${path}:${index + 1} names the provider '${found}'`] : [];
    });
}

/** What several providers are made of, and none itself. */
const SHARED = new Set(['openai-wire']);

/** The differences between the folders of `src/providers/` and what its `index.ts` imports. */
export function compareProviderIndex(sources: readonly SourceFile[]): string[] {
  const index = sources.find(({ path }) => path === 'providers/index.ts');
  if (!index) return ['src/providers/index.ts is missing'];
  const foldersOf = (pattern: RegExp) =>
    new Set(sources.flatMap(({ path }) => pattern.exec(path)?.[1] ?? [])).difference(SHARED);
  const folders = foldersOf(/^providers\/([^/]+)\/index\.ts$/);
  const all = foldersOf(/^providers\/([^/]+)\//);
  const listed = new Set(importsOf(index).flatMap((path) => /^\.\/([^/]+)\/index\.ts$/.exec(path)?.[1] ?? []));
  return [
    ...[...all.difference(folders)].map((name) => `src/providers/${name}/ has no index.ts`),
    ...[...folders.difference(listed)].map((name) => `src/providers/index.ts does not list '${name}'`),
    ...[...listed.difference(folders)].map((name) => `src/providers/index.ts lists '${name}', which has no folder`),
  ];
}
