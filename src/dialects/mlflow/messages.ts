import { isJsonObject } from '../../core/types.ts';
import { FieldErrors, type Location } from './field-errors.ts';
import { type FieldCheck, isOneOf } from './fields.ts';

/** MLflow knows the first four; the others are OpenAI's and go through as they are. */
const PART_TYPES = ['text', 'image_url', 'input_audio', 'reasoning', 'file', 'refusal'];
const IMAGE_DETAILS = ['auto', 'low', 'high'];
const AUDIO_FORMATS = ['wav', 'mp3'];

export const messages: FieldCheck = (value, loc, errors) => {
  if (!Array.isArray(value)) {
    errors.notAList(loc, value);
    return undefined;
  }
  if (value.length === 0) errors.tooShort(loc, value, 1);
  for (let index = 0; index < value.length; index += 1) {
    const message: unknown = value[index];
    // The common message needs no location list; building one for each would cost more than the check.
    if (isJsonObject(message) && typeof message.role === 'string' && typeof message.content === 'string') {
      if (message.tool_calls === undefined) continue;
    }
    checkMessage(message, [...loc, index], errors);
  }
  return undefined;
};

function checkMessage(message: unknown, loc: Location, errors: FieldErrors): void {
  if (!isJsonObject(message)) return errors.notAnObject(loc, message);
  if (message.role === undefined) errors.missing([...loc, 'role'], message);
  else if (typeof message.role !== 'string') errors.notAString([...loc, 'role'], message.role);
  checkContent(message.content, [...loc, 'content'], errors);
  checkToolCalls(message.tool_calls, [...loc, 'tool_calls'], errors);
  for (const field of ['refusal', 'tool_call_id']) {
    const value = message[field];
    if (value !== undefined && value !== null && typeof value !== 'string') errors.notAString([...loc, field], value);
  }
}

/** How Pydantic names the branch of a union in a location; clients of MLflow's server see it. */
const PART_LIST = 'list[tagged-union[TextContentPart,ImageContentPart,AudioContentPart,ReasoningContentPart]]';

function checkContent(content: unknown, loc: Location, errors: FieldErrors): void {
  if (content === undefined || content === null || typeof content === 'string') return;
  const parts = new FieldErrors();
  if (!Array.isArray(content)) parts.notAList([...loc, PART_LIST], content);
  else for (const [index, part] of content.entries()) checkPart(part, [...loc, PART_LIST, index], parts);
  if (parts.list.length === 0) return;
  // Neither branch of the union fits, so both say why.
  errors.notAString([...loc, 'str'], content);
  errors.append(parts);
}

function checkPart(part: unknown, loc: Location, errors: FieldErrors): void {
  if (!isJsonObject(part)) return errors.notAnObject(loc, part);
  if (part.type === undefined) return errors.missingTag(loc, part);
  const type = typeof part.type === 'string' ? part.type : JSON.stringify(part.type);
  if (!PART_TYPES.includes(type)) return errors.unknownTag(loc, part, type, PART_TYPES.slice(0, 4));
  if (type === 'text') requireString(part, 'text', [...loc, type], errors);
  if (type === 'image_url') checkImage(part.image_url, part, [...loc, type], errors);
  if (type === 'input_audio') checkAudio(part.input_audio, part, [...loc, type], errors);
}

function checkImage(image: unknown, part: unknown, loc: Location, errors: FieldErrors): void {
  if (image === undefined) return errors.missing([...loc, 'image_url'], part);
  if (!isJsonObject(image)) return errors.notAnObject([...loc, 'image_url'], image);
  requireString(image, 'url', [...loc, 'image_url'], errors);
  if (image.detail !== undefined && image.detail !== null && !isOneOf(IMAGE_DETAILS, image.detail)) {
    errors.notOneOf([...loc, 'image_url', 'detail'], image.detail, IMAGE_DETAILS);
  }
}

function checkAudio(audio: unknown, part: unknown, loc: Location, errors: FieldErrors): void {
  if (audio === undefined) return errors.missing([...loc, 'input_audio'], part);
  if (!isJsonObject(audio)) return errors.notAnObject([...loc, 'input_audio'], audio);
  requireString(audio, 'data', [...loc, 'input_audio'], errors);
  if (!isOneOf(AUDIO_FORMATS, audio.format)) {
    errors.notOneOf([...loc, 'input_audio', 'format'], audio.format, AUDIO_FORMATS);
  }
}

function checkToolCalls(calls: unknown, loc: Location, errors: FieldErrors): void {
  if (calls === undefined || calls === null) return;
  if (!Array.isArray(calls)) return errors.notAList(loc, calls);
  for (const [index, call] of calls.entries()) {
    const at = [...loc, index];
    if (!isJsonObject(call)) errors.notAnObject(at, call);
    else requireString(call, 'id', at, errors);
  }
}

function requireString(parent: Record<string, unknown>, field: string, loc: Location, errors: FieldErrors): void {
  const value = parent[field];
  if (value === undefined) errors.missing([...loc, field], parent);
  else if (typeof value !== 'string') errors.notAString([...loc, field], value);
}
