import { excerptAt } from './excerpt.ts';
import type { Finding, Path, Problem } from './problem.ts';
import { keyWarning } from './problem.ts';
import type { YamlText } from './yaml.ts';

/** Gives a finding its line, column and excerpt. `shown` are the offsets of the values that may be printed. */
export function place(finding: Finding, source: YamlText, shown: ReadonlySet<number>): Problem {
  const { severity, path, hint } = finding;
  const message = finding.kind === 'schema' ? `${path.join('.')}: ${finding.message}` : finding.message;
  const common = { severity, message, path, hint };
  // What is about an environment variable, and not about the file, has no path.
  const isOutside = path.length === 0 && source.root !== null && finding.at === 'value' && !isAboutRoot(source);
  if (isOutside) return { ...common, line: 0, column: 0, excerpt: null, caret: 0 };
  return { ...common, ...excerptAt(source, offsetOf(finding, source), shown) };
}

function isAboutRoot({ root }: YamlText): boolean {
  return typeof root?.value !== 'object' || root.value === null || Array.isArray(root.value);
}

/** Where the value is, or its key; for what is missing, the key of the mapping that lacks it. */
function offsetOf({ path, at }: Finding, source: YamlText): number {
  let node = source.root;
  let offset = node?.start ?? 0;
  for (const [depth, part] of path.entries()) {
    const child = node?.children.get(part);
    if (!child) break;
    const isLast = depth === path.length - 1;
    const isEmpty = child.node.start === child.node.end;
    const isScalar = child.node.text !== null;
    offset = isLast && at === 'value' && isScalar && !isEmpty ? child.node.start : child.keyStart;
    node = child.node;
  }
  return offset;
}

/** MLflow, like PyYAML, takes the last of two equal keys and says nothing. */
export function duplicateKeyWarnings(source: YamlText): Finding[] {
  return source.duplicates.map(({ path }) => {
    const message = `The key '${String(path.at(-1))}' occurs twice; only the last one counts`;
    return keyWarning(path as Path, message, 'remove one of them');
  });
}
