/** What the generations of Claude take differently. https://docs.anthropic.com/en/docs/about-claude/models/overview */
export interface ClaudeModel {
  /** The most tokens that it can answer with, where that is less than the usual default. */
  readonly maximumTokens: number | null;
  /** Temperature and top_p: both at once, one of them, or none (any but the neutral values are refused). */
  readonly sampling: 'both' | 'one' | 'none';
  /** Whether it takes a JSON schema for its answer. */
  readonly takesSchema: boolean;
  /** Not at all, within a budget of tokens, as much as it sees fit, or either. */
  readonly thinking: 'none' | 'budget' | 'either' | 'adaptive' | 'always';
  /** The words of `output_config.effort` that it knows; null where that is not known. */
  readonly efforts: readonly string[] | null;
  /** Older than Claude 3: the Text Completions API is its own. */
  readonly completesText: boolean;
}

/** A model that this table does not know is taken for one that takes everything: its API will say what it does not. */
const UNKNOWN: ClaudeModel = {
  maximumTokens: null,
  sampling: 'both',
  takesSchema: true,
  thinking: 'either',
  efforts: null,
  completesText: false,
};

/** Finds `claude-3-5-sonnet-20241022`, `claude-opus-4-8`, `anthropic.claude-v2:1`, `claude-haiku-4-5@20251001`… */
const VERSION = /claude-(?:([a-z]+)-)?v?(\d)(?:[-.:](\d{1,2}))?(?!\d)/;

export function claudeModel(name: string): ClaudeModel {
  if (name.includes('claude-mythos-preview')) return { ...generation(407, true), efforts: SOME_EFFORTS };
  const match = VERSION.exec(name);
  if (!match) return UNKNOWN;
  const [, family = '', major = '0', minor = '0'] = match;
  const version = Number(major) * 100 + Number(minor);
  const alwaysThinks = family === 'fable' || family === 'mythos' || (family === 'opus' && version >= 505);
  return generation(version, alwaysThinks);
}

const ALL_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
const SOME_EFFORTS = ['low', 'medium', 'high', 'max'] as const;
const NO_EFFORTS = [] as const;

function generation(version: number, alwaysThinks: boolean): ClaudeModel {
  return {
    maximumTokens: version <= 300 ? 4096 : null,
    sampling: version > 406 ? 'none' : version > 400 ? 'one' : 'both',
    takesSchema: version >= 405,
    thinking: alwaysThinks ? 'always' : thinkingOf(version),
    efforts: version > 406 ? ALL_EFFORTS : version === 406 ? SOME_EFFORTS : NO_EFFORTS,
    completesText: version < 300,
  };
}

function thinkingOf(version: number): ClaudeModel['thinking'] {
  if (version > 406) return 'adaptive';
  if (version === 406) return 'either';
  return version >= 307 ? 'budget' : 'none';
}
