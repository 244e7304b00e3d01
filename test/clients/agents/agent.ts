import { join } from 'node:path';

/** How an agent is started: as docs/clients.md has it, with whatever it reports home switched off. */
export interface Start {
  /** The package's own launcher, within `node_modules`, and what it is given. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it finds in its home, by path. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Given {
  /** The gateway's. */
  readonly url: string;
  /** The endpoint. */
  readonly model: string;
  readonly prompt: string;
  /** The user's own credential with the vendor, in place of the gateway's. */
  readonly own: string | null;
}

/** A coding agent as it is published. */
export interface Agent {
  readonly name: string;
  readonly package: string;
  /** The family whose API it speaks. */
  readonly vendor: string;
  /** Whether it sends what a model thought back with its tools' results, and not their signatures alone. */
  readonly sendsThoughts: boolean;
  start(given: Given): Start;
  /** The call of its own tool that reads this file. */
  readCall(file: string): string;
  /** Its answer, of all that it printed. */
  answerOf(printed: string): string;
}

const asJson = (call: string, input: object): string => `call ${call} with ${JSON.stringify(input)}`;

/** https://docs.anthropic.com/en/docs/claude-code/settings#environment-variables */
const claudeCode: Agent = {
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  vendor: 'anthropic',
  sendsThoughts: true,
  start: ({ url, model, prompt, own }) => ({
    command: [
      '@anthropic-ai/claude-code/cli-wrapper.cjs',
      ...['--print', prompt, '--output-format', 'json', '--allowedTools', 'Read'],
    ],
    environment: {
      ...(own === null
        ? { ANTHROPIC_BASE_URL: `${url}/anthropic`, ANTHROPIC_AUTH_TOKEN: 'unused' }
        : { ANTHROPIC_BASE_URL: `${url}/gateway/anthropic`, CLAUDE_CODE_OAUTH_TOKEN: own }),
      ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    },
    files: {},
  }),
  readCall: (file) => asJson('Read', { file_path: file }),
  answerOf: (printed) => String(JSON.parse(printed).result),
};

/** https://github.com/openai/codex/blob/main/docs/config.md */
const codex: Agent = {
  name: 'Codex',
  package: '@openai/codex',
  vendor: 'openai',
  sendsThoughts: true,
  start: ({ url, model, prompt, own }) => ({
    command: ['@openai/codex/bin/codex.js', 'exec', '--skip-git-repo-check', '--json', prompt],
    environment: {},
    files: {
      // Its sandbox needs rights that containers have not.
      '.codex/config.toml': `
model = "${model}"
model_provider = "sluice"
model_reasoning_effort = "medium"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.sluice]
name = "Sluice"
base_url = "${url}${own === null ? '/v1' : '/gateway/openai/v1'}"
wire_api = "responses"
${own === null ? '' : 'requires_openai_auth = true'}
`,
      ...(own !== null && { '.codex/auth.json': JSON.stringify({ OPENAI_API_KEY: own }) }),
    },
  }),
  readCall: (file) => asJson('exec_command', { cmd: `cat ${file}` }),
  answerOf: (printed) => {
    const events = printed.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const texts = events.flatMap(({ item }) => (item?.type === 'agent_message' ? [item.text] : []));
    return String(texts.at(-1));
  },
};

/** https://geminicli.com/docs/reference/configuration */
const geminiCli: Agent = {
  name: 'Gemini CLI',
  package: '@google/gemini-cli',
  vendor: 'gemini',
  sendsThoughts: false,
  start: ({ url, model, prompt, own }) => ({
    command: [
      '@google/gemini-cli/bundle/gemini.js',
      ...['--model', model, '--output-format', 'json', '--prompt', prompt],
    ],
    environment: {
      GOOGLE_GEMINI_BASE_URL: own === null ? `${url}/gemini` : `${url}/gateway/gemini`,
      GEMINI_API_KEY: own ?? 'unused',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
    },
    files: {
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      }),
    },
  }),
  readCall: (file) => asJson('read_file', { file_path: file }),
  answerOf: (printed) => String(JSON.parse(printed.slice(printed.indexOf('{'))).response),
};

export const AGENTS: readonly Agent[] = [claudeCode, codex, geminiCli];

/** The launcher's file. */
export const launcher = (modules: string, { command: [file = '', ...rest] }: Start): string[] => [
  join(modules, file),
  ...rest,
];
