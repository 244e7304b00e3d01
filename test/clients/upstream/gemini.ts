import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { base64Size, list, oneOf, range, text } from './checks.ts';
import {
  type OfferedTool,
  pieces,
  type Question,
  Refusal,
  type Reply,
  type SeenImage,
  SIGNATURE,
  USAGE,
  vectorOf,
} from './script.ts';

/** Gemini's API as its clients find it; the model is a Gemini 3. https://ai.google.dev/api/generate-content */
function fields(value: unknown, path: string, known: string): JsonObject {
  if (!isJsonObject(value)) throw new Refusal(400, `Invalid value at '${path}' (oneof), it must be an object.`);
  const names = new Set(known.split(/\s+/));
  // Protocol buffers have each name in two notations.
  const entries = Object.entries(value).map(
    ([name, inner]) => [name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), inner] as const,
  );
  for (const [name] of entries) {
    if (names.has(name)) continue;
    const at = path === '' ? '' : ` at '${path}'`;
    throw new Refusal(400, `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`);
  }
  return Object.fromEntries(entries);
}

const BODY =
  'model contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent serviceTier store';
const CONFIG = `stopSequences responseMimeType responseSchema responseJsonSchema responseModalities candidateCount
  maxOutputTokens temperature topP topK seed presencePenalty frequencyPenalty responseLogprobs logprobs
  enableEnhancedCivicAnswers speechConfig thinkingConfig imageConfig mediaResolution`;

export function readContents(given: unknown): Question {
  const body = fields(given, '', BODY);
  const config = fields(body.generationConfig ?? {}, 'generation_config', CONFIG);
  range(config.temperature, 'temperature', 0, 2);
  const thinking = fields(
    config.thinkingConfig ?? {},
    'thinking_config',
    'includeThoughts thinkingBudget thinkingLevel',
  );
  if (thinking.thinkingLevel !== undefined && thinking.thinkingBudget !== undefined)
    throw new Refusal(400, 'You can only set only one of thinking budget and thinking level.');
  if (thinking.thinkingLevel !== undefined)
    oneOf(String(thinking.thinkingLevel).toLowerCase(), 'thinking_level', 'minimal low medium high');
  const conversation = new Conversation();
  if (body.systemInstruction !== undefined) conversation.instruct(body.systemInstruction);
  list(body.contents, 'contents').forEach((content, index) => {
    conversation.add(content, `contents[${index}]`);
  });
  conversation.end();
  const tools = body.tools === undefined ? [] : list(body.tools, 'tools').flatMap(readTools);
  return {
    ...conversation,
    tools: readMode(body.toolConfig) === 'NONE' ? [] : tools,
    schema: readFormat(config),
    thinks: thinking.includeThoughts === true,
  };
}

function readFormat({ responseMimeType: type, responseSchema, responseJsonSchema }: JsonObject): JsonObject | null {
  const schema = responseJsonSchema ?? responseSchema;
  if (responseSchema !== undefined) readSchema(responseSchema, 'generation_config.response_schema');
  if (type === undefined || type === 'text/plain') {
    if (schema !== undefined) throw new Refusal(400, 'Response schema is only supported with JSON response mime type.');
    return null;
  }
  oneOf(type, 'response_mime_type', 'application/json');
  return isJsonObject(schema) ? schema : { type: 'object', properties: {} };
}

function readMode(config: unknown): string {
  if (config === undefined) return 'AUTO';
  const { functionCallingConfig = {} } = fields(
    config,
    'tool_config',
    'functionCallingConfig retrievalConfig includeServerSideToolInvocations',
  );
  const { mode = 'AUTO' } = fields(functionCallingConfig, 'function_calling_config', 'mode allowedFunctionNames');
  return oneOf(mode, 'mode', 'MODE_UNSPECIFIED AUTO ANY NONE VALIDATED');
}

function readTools(given: unknown, index: number): OfferedTool[] {
  const path = `tools[${index}]`;
  const { functionDeclarations = [] } = fields(
    given,
    path,
    'functionDeclarations googleSearch codeExecution urlContext googleSearchRetrieval computerUse fileSearch googleMaps',
  );
  return list(functionDeclarations, path).map((declaration, at) => {
    const where = `${path}.function_declarations[${at}]`;
    const known = 'name description behavior parameters parametersJsonSchema response responseJsonSchema';
    const { name, parameters, parametersJsonSchema } = fields(declaration, where, known);
    if (!/^[a-zA-Z_][\w.:-]{0,127}$/.test(text(name, `${where}.name`)))
      throw new Refusal(400, `Invalid function name at ${where}: ${String(name)}`);
    if (parameters !== undefined && parametersJsonSchema !== undefined)
      throw new Refusal(400, `${where}: parameters and parameters_json_schema are mutually exclusive.`);
    if (parameters !== undefined) readSchema(parameters, `${where}.parameters`);
    const schema = parametersJsonSchema ?? parameters;
    return { name: String(name), schema: isJsonObject(schema) ? schema : {} };
  });
}

const SCHEMA = `type format title description nullable enum maxItems minItems properties required minProperties
  maxProperties minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum`;

/** The subset of OpenAPI's schemas that the API has a message for. https://ai.google.dev/api/caching#Schema */
function readSchema(given: unknown, path: string): void {
  const schema = fields(given, path, SCHEMA);
  if (isJsonObject(schema.properties))
    for (const [name, inner] of Object.entries(schema.properties)) readSchema(inner, `${path}.properties[${name}]`);
  if (schema.items !== undefined) readSchema(schema.items, `${path}.items`);
}

const PART = `text thought thoughtSignature inlineData fileData functionCall functionResponse executableCode
  codeExecutionResult videoMetadata mediaResolution partMetadata`;
/** What the API takes in place of a signature for calls that another model made. */
const STAND_INS = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

class Conversation {
  system = '';
  text = '';
  images: SeenImage[] = [];
  results: string[] = [];
  kept = false;
  #calls: string[] = [];

  instruct(given: unknown): void {
    const { parts } = fields(given, 'system_instruction', 'role parts');
    for (const part of list(parts, 'system_instruction.parts')) this.system += this.#part(part, 'system_instruction');
  }

  add(given: unknown, path: string): void {
    const content = fields(given, path, 'role parts');
    const role = oneOf(content.role ?? 'user', `${path}.role`, 'user model function');
    const parts = list(content.parts, `${path}.parts`).map((part, index) =>
      fields(part, `${path}.parts[${index}]`, PART),
    );
    if (parts.length === 0) throw new Refusal(400, 'Unable to submit request because it must have a text parameter.');
    if (role === 'model') this.#model(parts, path);
    else this.#user(parts, path);
  }

  end(): void {
    if (this.#calls.length > 0)
      throw new Refusal(
        400,
        'Please ensure that function call turn comes immediately before a function response turn.',
      );
  }

  #model(parts: JsonObject[], path: string): void {
    this.end();
    const calls = parts.filter((part) => isJsonObject(part.functionCall));
    this.#calls = calls.map(({ functionCall }) => String((functionCall as JsonObject).name));
    const signature = calls[0]?.thoughtSignature;
    if (calls.length > 0 && signature !== SIGNATURE && !STAND_INS.includes(plain(signature)))
      throw new Refusal(
        400,
        `Function call is missing a thought_signature in functionCall parts. ${path}, position 1.`,
      );
    this.kept = signature === SIGNATURE;
    for (const part of parts) this.#part(part, path);
  }

  #user(parts: JsonObject[], path: string): void {
    const responses = parts.filter((part) => part.functionResponse !== undefined);
    if (responses.length !== this.#calls.length) {
      throw new Refusal(
        400,
        'Please ensure that the number of function response parts is equal to the number of function call parts of ' +
          'the function call turn.',
      );
    }
    if (responses.length === 0) {
      this.results = [];
      this.images = [];
      this.text = '';
    }
    for (const part of parts) this.text += this.#part(part, path);
    if (this.#calls.length > 0)
      throw new Refusal(400, `Function responses do not match the calls: ${this.#calls.join()}.`);
  }

  #part(given: unknown, path: string): string {
    const part = fields(given, path, PART);
    const kinds = Object.keys(part).filter((name) => DATA.has(name));
    if (kinds.length !== 1) throw new Refusal(400, `${path}: oneof field 'data' must have one initialized field.`);
    if (part.inlineData !== undefined) this.images.push(readBlob(part.inlineData, path));
    if (part.functionCall !== undefined) fields(part.functionCall, path, 'id name args partialArgs willContinue');
    if (part.functionResponse !== undefined) this.#response(part.functionResponse, path);
    return typeof part.text === 'string' && part.thought !== true ? part.text : '';
  }

  #response(given: unknown, path: string): void {
    const { name, response } = fields(given, path, 'id name response parts willContinue scheduling');
    const at = this.#calls.indexOf(text(name, `${path}.name`));
    if (at < 0) throw new Refusal(400, `${path}: there is no function call '${String(name)}' to respond to.`);
    this.#calls.splice(at, 1);
    if (!isJsonObject(response)) throw new Refusal(400, `Invalid value at '${path}.function_response.response'.`);
    this.results.push(JSON.stringify(response));
  }
}

const DATA = new Set(
  'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult'.split(' '),
);

/** The stand-ins are words, which a client of protocol buffers has to give as base64. */
function plain(signature: unknown): string {
  if (typeof signature !== 'string') return '';
  return STAND_INS.includes(signature) ? signature : Buffer.from(signature, 'base64').toString();
}

/** The API takes both alphabets of base64; Google's client for Python writes the one for URLs. */
function readBlob(given: unknown, path: string): SeenImage {
  const { mimeType, data } = fields(given, `${path}.inline_data`, 'mimeType data displayName');
  const standard = text(data, path).replaceAll('-', '+').replaceAll('_', '/');
  return { mediaType: text(mimeType, path), size: base64Size(standard, `${path}.inline_data`) };
}

const usageMetadata = {
  promptTokenCount: USAGE.input,
  candidatesTokenCount: USAGE.output - USAGE.thinking,
  thoughtsTokenCount: USAGE.thinking,
  cachedContentTokenCount: USAGE.cached,
  totalTokenCount: USAGE.input + USAGE.output,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: USAGE.input }],
};
const HEAD = { modelVersion: 'gemini-mock', responseId: 'response-mock' };

/** Of parallel calls the first one alone is signed. */
function callParts({ calls }: Reply): JsonObject[] {
  return calls.map(({ name, input }, index) => ({
    functionCall: { name, args: input },
    ...(index === 0 && { thoughtSignature: SIGNATURE }),
  }));
}

const generated = (parts: JsonObject[], finishReason?: string): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, ...(finishReason && { finishReason }), index: 0 }],
  usageMetadata,
  ...HEAD,
});

export function generateAnswer(reply: Reply): JsonObject {
  const parts = [
    ...(reply.thought === null ? [] : [{ text: reply.thought, thought: true }]),
    ...(reply.text === '' ? [] : [{ text: reply.text }]),
    ...callParts(reply),
  ];
  return generated(parts, 'STOP');
}

export function* generateEvents(reply: Reply): Generator<string> {
  const event = (parts: JsonObject[], finish?: string): string =>
    `data: ${JSON.stringify(generated(parts, finish))}\r\n\r\n`;
  for (const said of pieces(reply.thought ?? '')) yield event([{ text: said, thought: true }]);
  for (const said of pieces(reply.text)) yield event([{ text: said }]);
  for (const part of callParts(reply)) yield event([part]);
  yield event([{ text: '' }], 'STOP');
}

export function embedContent(given: unknown): JsonObject {
  return { embedding: readEmbedding(given) };
}

export function batchEmbedContents(given: unknown): JsonObject {
  const { requests } = fields(given, '', 'requests');
  return { embeddings: list(requests, 'requests').map(readEmbedding) };
}

function readEmbedding(given: unknown): JsonObject {
  const known = 'model content taskType title outputDimensionality embedContentConfig';
  const { content } = fields(given, '', known);
  const { parts } = fields(content, 'content', 'role parts');
  const texts = list(parts, 'content.parts').map((part) => text(fields(part, 'content.parts', 'text').text, 'text'));
  return { values: vectorOf(texts.join('')) };
}

/** `generateContentRequest`, or the contents alone. https://ai.google.dev/api/tokens */
export function countTokens(given: unknown): JsonObject {
  const body = fields(given, '', 'contents generateContentRequest');
  readContents(body.generateContentRequest ?? { contents: body.contents });
  return { totalTokens: USAGE.input, promptTokensDetails: [{ modality: 'TEXT', tokenCount: USAGE.input }] };
}

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

export function geminiError({ status, message }: Refusal): JsonObject {
  return { error: { code: status, message, status: STATUSES[status] ?? 'INTERNAL' } };
}
