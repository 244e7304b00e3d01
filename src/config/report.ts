import type { Problem } from './problem.ts';

export interface ReportOptions {
  /** Of the file, as it stands at the head of each message. */
  readonly path: string;
  /** Whether the reader is a terminal that shows colours. */
  readonly colour: boolean;
}

type Paint = (text: string) => string;

const RED = 31;
const YELLOW = 33;
const CYAN = 36;
const BOLD = 1;

/**
 * Problems as a compiler prints them, in the order of the file:
 *
 *     config.yaml:4:15: error: The provider 'opnai' is not supported.
 *       4 |     provider: opnai
 *         |               ^
 *       help: did you mean 'openai'?
 */
export function renderProblems(problems: readonly Problem[], { path, colour }: ReportOptions): string {
  const ordered = [...problems].sort((left, right) => left.line - right.line || left.column - right.column);
  return ordered.map((problem) => renderProblem(problem, path, painter(colour))).join('\n');
}

function renderProblem(problem: Problem, file: string, paint: (code: number) => Paint): string {
  const { severity, line, column, excerpt, hint } = problem;
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  const label = paint(severity === 'error' ? RED : YELLOW)(severity);
  const lines = [`${paint(BOLD)(place)}: ${label}: ${printable(problem.message)}`];
  if (excerpt !== null && excerpt.trim() !== '') {
    const gutter = ' '.repeat(String(line).length);
    const window = windowAround(excerpt, problem.caret);
    lines.push(`  ${line} | ${printable(window.text)}`);
    lines.push(`  ${gutter} | ${' '.repeat(window.caret)}${paint(RED)('^')}`);
  }
  if (hint !== null) lines.push(`  ${paint(CYAN)('help')}: ${printable(hint)}`);
  return `${lines.join('\n')}\n`;
}

const WIDTH = 120;

/** The part of a long line around the fault. */
function windowAround(text: string, caret: number): { text: string; caret: number } {
  const from = caret > WIDTH - 20 ? caret - WIDTH / 2 : 0;
  const cut = text.slice(from, from + WIDTH);
  return { text: cut, caret: caret - from };
}

/** A tab would shift the caret, and a control character could command the terminal. */
function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(/[^\P{C}\n]/gu, '\ufffd');
}

function painter(colour: boolean): (code: number) => Paint {
  return (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
}
