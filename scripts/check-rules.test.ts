import { describe, expect, test } from 'bun:test';
import { checkLayers } from './check-layers.ts';
import { compareProviderIndex, findProviderNames } from './check-providers.ts';
import type { SourceFile } from './source-files.ts';

function sources(texts: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, text }));
}

describe('the order of imports', () => {
  const below = { 'core/ids.ts': 'export type Id = string;\n', 'config/load.ts': 'export const load = 1;\n' };

  test('lets a file import from its own room and from those below', () => {
    const files = {
      ...below,
      'gateway/pipeline.ts':
        "import { load } from '../config/load.ts';\nimport { stream } from './stream.ts';\nuse(load, stream);\n",
      'gateway/stream.ts': "import type { Id } from '../core/ids.ts';\nexport const stream = (id: Id) => id;\n",
    };
    expect(checkLayers(sources(files))).toEqual([]);
  });

  test.each([
    ["import { load } from '../config/load.ts';\nuse(load);\n", 'a value'],
    ["import type { load } from '../config/load.ts';\n", 'a type'],
    ["import { type load } from '../config/load.ts';\n", 'a type among values'],
    ["export type { load } from '../config/load.ts';\n", 'a type passed on'],
    ["const { load } = await import('../config/load.ts');\nuse(load);\n", 'a module loaded later'],
  ])('refuses %j from above: %s', (text) => {
    const found = checkLayers(sources({ ...below, 'core/clock.ts': text }));
    expect(found).toEqual(["src/core/clock.ts imports src/config/load.ts: 'config' is above 'core'"]);
  });

  test('keeps the folders of providers and policies apart, but for wire formats and the files beside them', () => {
    const files = {
      'providers/wire.ts': 'export const wire = 1;\n',
      'providers/one/index.ts': "import { wire } from '../wire.ts';\nexport const one = wire;\n",
      'providers/one/wire-format.ts': 'export const format = 1;\n',
      'providers/two/index.ts': "import { one } from '../one/index.ts';\nuse(one);\n",
      'providers/three/index.ts': "import { format } from '../one/wire-format.ts';\nuse(format);\n",
    };
    expect(checkLayers(sources(files))).toEqual([
      "src/providers/two/index.ts imports src/providers/one/index.ts: 'two' must not know 'one'",
    ]);
  });

  test('lets tests import everything, and nothing else import tests', () => {
    const files = {
      ...below,
      'core/clock.test.ts': "import { load } from '../config/load.ts';\nuse(load);\n",
      'core/clock.ts': "import { a } from './clock.test.ts';\nuse(a);\n",
    };
    expect(checkLayers(sources(files))).toEqual([
      'src/core/clock.ts imports src/core/clock.test.ts: that is there for tests only',
    ]);
  });

  test('finds a circle of values, not of types', () => {
    const circle = {
      'core/a.ts': "import { b } from './b.ts';\nexport const a = b;\n",
      'core/b.ts': "import { c } from './c.ts';\nexport const b = c;\n",
      'core/c.ts': "import { a } from './a.ts';\nexport const c = a;\n",
    };
    expect(checkLayers(sources(circle))).toEqual([
      'cycle: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts',
    ]);
    const ofTypes = { ...circle, 'core/c.ts': "import type { a } from './a.ts';\nexport const c: typeof a = 1;\n" };
    expect(checkLayers(sources(ofTypes))).toEqual([]);
  });

  test("keeps Bun's own APIs in their rooms, and lets comments mention them", () => {
    const files = {
      'server/listener.ts': 'Bun.serve({});\n',
      'routing/comment.ts': '// Bun.hash would be faster.\nexport const hash = 1;\n',
      'routing/split.ts': 'export const now = Bun.nanoseconds();\n',
      'routing/shell.ts': "import { $ } from 'bun';\nuse($);\n",
    };
    const found = checkLayers(sources(files));
    expect(found).toHaveLength(2);
    expect(found[0]).toStartWith('src/routing/split.ts uses Bun.nanoseconds');
    expect(found[1]).toStartWith('src/routing/shell.ts uses bun:');
  });

  test('asks for a place for a new room', () => {
    expect(checkLayers(sources({ 'attic/box.ts': '' }))[0]).toStartWith('src/attic/box.ts: no room of this name');
  });
});

describe('provider names', () => {
  const providers = [
    { name: 'groq', displayName: 'Groq' },
    { name: 'openai', displayName: 'OpenAI' },
    { name: 'vertex_ai', displayName: 'Vertex AI' },
  ];
  const find = (text: string, path = 'gateway/dispatch.ts') =>
    findProviderNames(sources({ 'dialects/openai/index.ts': '', [path]: text }), providers);

  test.each([
    "const name = 'groq';",
    'if (isGroq(x)) go();',
    'const groqKey = 1;',
    'GROQ_KEY',
    'VertexAI',
    'isAzure(x)',
  ])('are found in %j', (text) => {
    expect(find(text)).toHaveLength(1);
  });

  test.each([
    "const dialect = 'openai';",
    'const grogram = 1;',
    'const vertices = 1;',
    '// such as groq',
    '/** For groq. */',
  ])('are not seen in %j', (text) => {
    expect(find(text)).toEqual([]);
  });

  test('may stand in providers, the catalog and tests', () => {
    const free = ['providers/groq/index.ts', 'catalog/prices.ts', 'gateway/dispatch.test.ts'];
    expect(free.flatMap((path) => find("'groq'", path))).toEqual([]);
  });

  test('say the line, counted with the comments', () => {
    expect(find("/**\n * Text.\n */\nuse('groq');\n")).toEqual(["src/gateway/dispatch.ts:4 names the provider 'groq'"]);
  });
});

describe('the provider index', () => {
  const index = "import { providers as one } from './one/index.ts';\nuse(one);\n";

  test('lists every folder', () => {
    expect(compareProviderIndex(sources({ 'providers/index.ts': index, 'providers/one/index.ts': '' }))).toEqual([]);
  });

  test('is told of what it leaves out, lists in vain and cannot list', () => {
    const files = { 'providers/index.ts': index, 'providers/two/index.ts': '', 'providers/three/wire.ts': '' };
    expect(compareProviderIndex(sources(files))).toEqual([
      'src/providers/three/ has no index.ts',
      "src/providers/index.ts does not list 'two'",
      "src/providers/index.ts lists 'one', which has no folder",
    ]);
  });
});
