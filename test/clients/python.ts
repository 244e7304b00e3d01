import { join } from 'node:path';
import type { Environment } from '../mlflow/environment.ts';
import type { Cell } from './cell.ts';
import { type Client, withoutThoughts } from './client.ts';
import { embeddingsEndpoint, FAMILIES } from './family.ts';
import type { Laboratory } from './gateway.ts';
import type { Scenario } from './scenario.ts';
import * as texts from './scenario.ts';

/** A client in Python: a script that runs the cells it is given, all of them in one process. */
export interface PythonClient extends Client {
  readonly script: string;
  /** What the script is given, where it drives several. */
  readonly argument?: string;
}

function pythonClient(
  name: string,
  packageName: string,
  script: string,
  lacks: readonly Scenario[],
  cannot: Client['cannot'] = withoutThoughts,
): PythonClient {
  return { name, package: packageName, script, cannot, has: (scenario) => !lacks.includes(scenario) };
}

export const PYTHON_CLIENTS: readonly PythonClient[] = [
  pythonClient('openai (Python), chat', 'openai', 'openai_chat.py', ['token count']),
  pythonClient('openai (Python), responses', 'openai', 'openai_responses.py', ['embeddings', 'models'], () => null),
  pythonClient('anthropic (Python)', 'anthropic', 'anthropic_messages.py', ['embeddings']),
  pythonClient('google-genai (Python)', 'google-genai', 'google_genai.py', []),
];

const TRIED: readonly Scenario[] = ['chat', 'stream', 'tools', 'tool stream'];

function framework(name: string, packageName: string, script: string, argument: string, embeds = false): PythonClient {
  const tried: readonly Scenario[] = embeds ? [...TRIED, 'embeddings'] : TRIED;
  const has = (scenario: Scenario): boolean => tried.includes(scenario);
  return { name, package: packageName, script, argument, has, cannot: () => null };
}

const LANGCHAIN = 'langchain_models.py';
const LLAMAINDEX = 'llamaindex_models.py';

/** What applications use in place of a vendor's own client, as docs/clients.md sets it up. */
export const FRAMEWORKS: readonly PythonClient[] = [
  framework('LangChain, ChatOpenAI', 'langchain-openai', LANGCHAIN, 'openai', true),
  framework('LangChain, ChatOpenAI by responses', 'langchain-openai', LANGCHAIN, 'openai-responses'),
  framework('LangChain, ChatAnthropic', 'langchain-anthropic', LANGCHAIN, 'anthropic'),
  framework('LangChain, ChatGoogleGenerativeAI', 'langchain-google-genai', LANGCHAIN, 'gemini'),
  framework('LlamaIndex, OpenAILike', 'llama-index-llms-openai-like', LLAMAINDEX, 'openai', true),
  framework('LlamaIndex, GoogleGenAI', 'llama-index-llms-google-genai', LLAMAINDEX, 'gemini'),
];

/** What a script prints of a cell. */
interface Line {
  readonly family: string;
  readonly scenario: Scenario;
  readonly problem: string | null;
}

/** Runs the cells of one client; what went wrong by `family/scenario`, null where nothing did. */
export async function runPythonCells(
  python: Environment,
  client: PythonClient,
  cells: readonly Cell[],
  laboratory: Laboratory,
): Promise<ReadonlyMap<string, string | null>> {
  const { script, argument = '' } = client;
  const child = Bun.spawn([python.python, join(import.meta.dir, 'python', script), argument], {
    env: { ...process.env, ...python.variables, PYTHONDONTWRITEBYTECODE: '1', LANGSMITH_TRACING: 'false' },
    stdin: new Blob([JSON.stringify(given(cells, laboratory))]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [output, log] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${client.script} failed:\n${log.slice(-3000)}`);
  const lines = output
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line));
  return new Map(lines.map(({ family, scenario, problem }) => [`${family}/${scenario}`, problem]));
}

function given(cells: readonly Cell[], { url, mock }: Laboratory): object {
  const families = FAMILIES.map((family) => [
    family.name,
    { ...family, embeddings: embeddingsEndpoint(family), streams: family.impossible.stream === undefined },
  ]);
  return {
    url,
    gone: `${mock.url('')}/gone`,
    families: Object.fromEntries(families),
    cells: cells.map(({ family, scenario, impossible }) => ({
      family: family.name,
      scenario,
      refused: impossible !== null,
    })),
    texts: {
      ...texts.CHAT,
      bareAnswer: texts.BARE_ANSWER,
      toolPrompt: texts.TOOL_PROMPT,
      bothPrompt: texts.BOTH_PROMPT,
      thought: texts.THOUGHT,
      seen: texts.SEEN,
      png: texts.PNG,
      weather: texts.WEATHER,
      report: texts.REPORT,
      reportAnswer: texts.REPORT_ANSWER,
      failures: texts.FAILURES,
    },
  };
}
