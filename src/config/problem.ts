export type Path = ReadonlyArray<string | number>;

type Severity = 'error' | 'warning';

/** One thing wrong with a configuration, and where. */
export interface Problem {
  readonly severity: Severity;
  readonly message: string;
  /** From 1; 0 when the problem is not in the file, for example an environment variable. */
  readonly line: number;
  /** From 1, in UTF-16 units; 0 when the problem is not in the file. */
  readonly column: number;
  /** For example `['endpoints', 0, 'model', 'provider']`. */
  readonly path: Path;
  /** The source line with its secrets masked, or null. */
  readonly excerpt: string | null;
  /** Offset of the fault within `excerpt`. */
  readonly caret: number;
  /** What would be right. */
  readonly hint: string | null;
}

/** A problem before it is given its place in the text. */
export interface Finding {
  readonly severity: Severity;
  /**
   * MLflow stops at the first broken `rule` and reports its message alone; it lists violations of the `schema`
   * together, and only when every rule holds.
   */
  readonly kind: 'rule' | 'schema';
  readonly message: string;
  readonly path: Path;
  readonly hint: string | null;
  /** Whether the fault is in the key or in its value. */
  readonly at: 'key' | 'value';
}

export function ruleError(path: Path, message: string, hint: string | null = null): Finding {
  return { severity: 'error', kind: 'rule', message, path, hint, at: 'value' };
}

export function schemaError(path: Path, message: string, hint: string | null = null): Finding {
  return { severity: 'error', kind: 'schema', message, path, hint, at: 'value' };
}

export function keyWarning(path: Path, message: string, hint: string | null = null): Finding {
  return { severity: 'warning', kind: 'rule', message, path, hint, at: 'key' };
}

export function valueWarning(path: Path, message: string, hint: string | null = null): Finding {
  return { severity: 'warning', kind: 'rule', message, path, hint, at: 'value' };
}

export function notYaml(path: string): string {
  return `The file at ${path} is not a valid yaml file`;
}

/** The configuration cannot be used. */
export class ConfigError extends Error {
  /** MLflow's message for the first error, without the prefix `Invalid gateway configuration: `. */
  readonly summary: string;
  /** Every problem, warnings too; errors in the order in which MLflow checks. */
  readonly problems: readonly Problem[];
  /** There is no such file. MLflow then prints the summary without its prefix. */
  readonly missing: boolean;
  /** Absolute paths of the key files that it names: a change of one may mend it. */
  readonly files: readonly string[];

  constructor(
    summary: string,
    problems: readonly Problem[],
    options: { readonly missing?: boolean; readonly files?: readonly string[] } = {},
  ) {
    super(summary);
    this.name = 'ConfigError';
    this.summary = summary;
    this.problems = problems;
    this.missing = options.missing ?? false;
    this.files = options.files ?? [];
  }
}

/** MLflow's message: the first rule that is broken, or else all violations of the schema as Pydantic lists them. */
export function summarize(findings: readonly Finding[]): string {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const rule = errors.find((finding) => finding.kind === 'rule');
  if (rule) return rule.message;
  const count = `${errors.length} validation error${errors.length === 1 ? '' : 's'} for GatewayConfig`;
  const lines = errors.map((error) => `${error.path.join('.')}\n  ${error.message}`);
  return `The gateway configuration is invalid: ${[count, ...lines].join('\n')}`;
}
