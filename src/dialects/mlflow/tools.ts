import { isJsonObject } from '../../core/types.ts';
import { type FieldCheck, isOneOf } from './fields.ts';

const CHOICES = ['none', 'auto', 'required'];
const RESPONSE_FORMATS = ['text', 'json_object', 'json_schema'];

/**
 * Tools go upstream verbatim: schemas are not inspected, and tool types beyond `function` are the provider's to judge.
 * Only what no provider could read is refused.
 */
export const tools: FieldCheck = (value, loc, errors) => {
  if (!Array.isArray(value)) {
    errors.notAList(loc, value);
    return undefined;
  }
  for (const [index, tool] of value.entries()) {
    const at = [...loc, index];
    if (!isJsonObject(tool)) errors.notAnObject(at, tool);
    else if (typeof tool.type !== 'string') errors.missing([...at, 'type'], tool);
    else if (tool.type === 'function') checkFunction(tool, at, errors);
  }
  return undefined;
};

function checkFunction(
  tool: Record<string, unknown>,
  loc: Parameters<FieldCheck>[1],
  errors: Parameters<FieldCheck>[2],
): void {
  const definition = tool.function;
  if (definition === undefined || definition === null) return errors.missing([...loc, 'function'], tool);
  if (!isJsonObject(definition)) return errors.notAnObject([...loc, 'function'], definition);
  if (definition.name === undefined) errors.missing([...loc, 'function', 'name'], definition);
  else if (typeof definition.name !== 'string') errors.notAString([...loc, 'function', 'name'], definition.name);
}

export const toolChoice: FieldCheck = (value, loc, errors) => {
  if (isJsonObject(value)) return undefined;
  if (isOneOf(CHOICES, value)) return undefined;
  errors.notOneOf([...loc, "literal['none','auto','required']"], value, CHOICES);
  errors.notAnObject([...loc, 'ToolChoice'], value);
  return undefined;
};

export const responseFormat: FieldCheck = (value, loc, errors) => {
  if (!isJsonObject(value)) {
    errors.notAnObject(loc, value);
  } else if (value.type === undefined) {
    errors.missing([...loc, 'type'], value);
  } else if (!isOneOf(RESPONSE_FORMATS, value.type)) {
    errors.notOneOf([...loc, 'type'], value.type, RESPONSE_FORMATS);
  } else if (value.type === 'json_schema' && value.json_schema !== undefined && !isJsonObject(value.json_schema)) {
    errors.notAnObject([...loc, 'json_schema'], value.json_schema);
  }
  return undefined;
};
