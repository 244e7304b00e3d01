import { GatewayError } from '../../../core/errors.ts';
import type { Changes } from '../../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../../core/neutral/request.ts';
import type { JsonObject } from '../../../core/types.ts';

type Setting = keyof NeutralCompletionsRequest['settings'];

/** How a family of models calls the settings of a completion. */
export interface Parameters {
  readonly names: Readonly<Partial<Record<Setting, string>>>;
  /** Its own parameters without a common name. */
  readonly own: readonly string[];
  readonly temperature: {
    /** MLflow's, on its own surfaces. */
    readonly factor: number;
    readonly maximum: number;
  };
  /** What a setting becomes where it is no plain value. */
  readonly wrap?: Readonly<Partial<Record<Setting, (value: unknown) => unknown>>>;
}

/**
 * The settings and further fields of a completion under the family's names. On MLflow's surfaces, what has no name of
 * its own is passed on as it is; elsewhere it is dropped and noted.
 */
export function convertParameters(
  request: NeutralCompletionsRequest,
  { names, own, temperature, wrap }: Parameters,
  changes: Changes,
): JsonObject {
  const asMlflow = request.surface === 'mlflow';
  const converted: JsonObject = {};
  for (const [setting, value] of settingsOf(request, temperature, changes)) {
    const name = names[setting];
    if (name !== undefined) converted[name] = wrap?.[setting]?.(value) ?? value;
    else if (asMlflow) converted[setting] = value;
    else if (value !== 0) changes.dropped(setting);
  }
  for (const field in request.rest) {
    const value = request.rest[field];
    if (asMlflow || own.includes(field)) converted[field] ??= value;
    else if (value !== false) changes.dropped(field);
  }
  return converted;
}

function* settingsOf(
  { settings, surface }: NeutralCompletionsRequest,
  { factor, maximum }: Parameters['temperature'],
  changes: Changes,
): Generator<readonly [Setting, unknown]> {
  const { max_tokens, max_completion_tokens, temperature, n, ...others } = settings;
  const maxTokens = max_tokens ?? max_completion_tokens;
  if (maxTokens !== undefined) yield ['max_tokens', maxTokens];
  if (n !== undefined && n !== 1) yield ['n', n];
  if (temperature !== undefined && surface === 'mlflow') yield ['temperature', temperature * factor];
  else if (temperature !== undefined) {
    if (temperature > maximum) changes.clamped('temperature');
    yield ['temperature', Math.min(temperature, maximum)];
  }
  for (const [setting, value] of Object.entries(others)) {
    if (value !== undefined) yield [setting as Setting, value];
  }
}

/** MLflow wants the common names, and says so. */
export function refuseNativeNames(
  { rest, surface }: NeutralCompletionsRequest,
  names: Parameters['names'],
  code: 'invalid_body' | 'invalid_request',
): void {
  if (surface !== 'mlflow') return;
  for (const [common, native] of Object.entries(names)) {
    if (native !== common && Object.hasOwn(rest, native)) {
      throw new GatewayError(code, `Invalid parameter ${native}. Use ${common} instead.`, { parameter: native });
    }
  }
}
