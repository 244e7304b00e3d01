import { EventStreamCodec } from '@smithy/eventstream-codec';
import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { checkBetas, checkSampling } from './anthropic.ts';
import { base64Size, list, objectSchema, oneOf, range, Strict, text } from './checks.ts';
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

/** Bedrock's Converse as its clients find it; the model is a Claude. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
const strict = new Strict((path, field) => `#${path ? `/${path}` : ''}: extraneous key [${field}] is not permitted`);

const BODY = `messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables
  additionalModelResponseFieldPaths requestMetadata performanceConfig serviceTier outputConfig`;

export function readConverse(given: unknown): Question {
  const body = strict.object(given, '', BODY);
  const config = strict.object(
    body.inferenceConfig ?? {},
    'inferenceConfig',
    'maxTokens temperature topP stopSequences',
  );
  range(config.temperature, 'inferenceConfig/temperature', 0, 1);
  const extra = strict.object(
    body.additionalModelRequestFields ?? {},
    'additionalModelRequestFields',
    'top_k thinking anthropic_beta context_management output_config tools tool_choice',
  );
  checkBetas(extra, Array.isArray(extra.anthropic_beta) ? extra.anthropic_beta : []);
  if (isJsonObject(extra.thinking)) range(extra.thinking.budget_tokens, 'thinking.enabled.budget_tokens', 1024, 1e6);
  const thinks = isJsonObject(extra.thinking) && extra.thinking.type !== 'disabled';
  checkSampling({ temperature: config.temperature, top_p: config.topP, top_k: extra.top_k }, thinks);
  const conversation = new Conversation(body.toolConfig !== undefined, thinks);
  for (const block of list(body.system ?? [], 'system')) {
    const { text: said } = only(block, 'system', 'text guardContent cachePoint');
    if (said !== undefined) conversation.system += text(said, 'system/text');
  }
  list(body.messages, 'messages').forEach((message, index) => {
    conversation.add(message, `messages/${index}`);
  });
  conversation.end();
  return { ...conversation, tools: readTools(body.toolConfig), schema: readFormat(body.outputConfig), thinks };
}

/** A union: exactly one of its members. */
function only(given: unknown, path: string, known: string): JsonObject {
  const block = strict.object(given, path, known);
  if (Object.keys(block).length !== 1) throw new Refusal(400, `#/${path}: only 1 subschema matches out of ${known}`);
  return block;
}

function readTools(given: unknown): OfferedTool[] {
  if (given === undefined) return [];
  const config = strict.object(given, 'toolConfig', 'tools toolChoice');
  if (config.toolChoice !== undefined) only(config.toolChoice, 'toolConfig/toolChoice', 'auto any tool');
  return list(config.tools, 'toolConfig/tools').flatMap((tool, index) => {
    const path = `toolConfig/tools/${index}`;
    const { toolSpec } = only(tool, path, 'toolSpec systemTool cachePoint');
    if (toolSpec === undefined) return [];
    const spec = strict.object(toolSpec, path, 'name description inputSchema strict');
    const name = text(spec.name, `${path}/name`);
    if (!/^[\w-]{1,64}$/.test(name)) throw new Refusal(400, `#/${path}/name: '${name}' failed to satisfy constraint`);
    const { json } = only(spec.inputSchema, `${path}/inputSchema`, 'json');
    return [{ name, schema: objectSchema(json, `${path}/inputSchema/json`) }];
  });
}

function readFormat(given: unknown): JsonObject | null {
  const { textFormat } = strict.object(given ?? {}, 'outputConfig', 'textFormat effort');
  if (textFormat === undefined) return null;
  const { structure } = strict.object(textFormat, 'outputConfig/textFormat', 'type structure');
  const { jsonSchema } = only(structure, 'outputConfig/textFormat/structure', 'jsonSchema');
  const definition = strict.object(jsonSchema, 'outputConfig/jsonSchema', 'schema name description');
  return objectSchema(JSON.parse(text(definition.schema, 'schema')), 'outputConfig/schema');
}

const BLOCK = `text image document video audio toolUse toolResult guardContent cachePoint reasoningContent citationsContent
  searchResult`;

class Conversation {
  system = '';
  text = '';
  images: SeenImage[] = [];
  results: string[] = [];
  kept = false;
  #last = '';
  #open: string[] = [];
  #thoughtless: string | null = null;
  readonly #hasTools: boolean;
  readonly #thinks: boolean;

  constructor(hasTools: boolean, thinks: boolean) {
    this.#hasTools = hasTools;
    this.#thinks = thinks;
  }

  add(given: unknown, path: string): void {
    const { role: who, content } = strict.object(given, path, 'role content');
    const role = oneOf(who, `${path}/role`, 'user assistant');
    if (role === this.#last || (this.#last === '' && role !== 'user'))
      throw new Refusal(
        400,
        'A conversation must alternate between user and assistant roles, and begin with the user.',
      );
    this.#last = role;
    const blocks = list(content, `${path}/content`).map((block) => only(block, path, BLOCK));
    if (blocks.length === 0) throw new Refusal(400, `The content field in the Message object at ${path} is empty.`);
    if (role === 'assistant') this.#assistant(blocks, path);
    else this.#user(blocks, path);
  }

  end(): void {
    if (this.#thinks && this.#thoughtless !== null)
      throw new Refusal(
        400,
        `${this.#thoughtless}: Expected \`thinking\` or \`redacted_thinking\`, but found another block.`,
      );
    if (this.#last !== 'user') throw new Refusal(400, 'The conversation must end with a user message.');
    if (this.#open.length > 0)
      throw new Refusal(400, `Expected toolResult blocks for the following Ids: ${this.#open.join(', ')}`);
  }

  #assistant(blocks: JsonObject[], path: string): void {
    const calls = blocks.filter(({ toolUse }) => toolUse !== undefined);
    if (calls.length > 0 && blocks[0]?.reasoningContent === undefined) this.#thoughtless ??= path;
    this.kept = blocks[0]?.reasoningContent !== undefined;
    for (const block of blocks) this.#block(block, path);
  }

  #user(blocks: JsonObject[], path: string): void {
    if (!blocks.some(({ toolResult }) => toolResult !== undefined)) {
      this.#thoughtless = null;
      this.results = [];
      this.images = [];
      this.text = '';
    }
    for (const block of blocks) this.text += this.#block(block, path);
    if (this.#open.length > 0)
      throw new Refusal(400, `Expected toolResult blocks at ${path} for the following Ids: ${this.#open.join(', ')}`);
  }

  #block(block: JsonObject, path: string): string {
    if (block.text !== undefined) {
      if (text(block.text, `${path}/text`).trim() === '')
        throw new Refusal(400, `The text field in the ContentBlock object at ${path} is blank.`);
      return String(block.text);
    }
    if (block.image !== undefined) this.images.push(readImage(block.image, path));
    if (block.toolUse !== undefined) this.#use(block.toolUse, path);
    if (block.toolResult !== undefined) this.#result(block.toolResult, path);
    if (block.reasoningContent !== undefined) readReasoning(block.reasoningContent, path);
    return '';
  }

  #use(given: unknown, path: string): void {
    const use = strict.object(given, `${path}/toolUse`, 'toolUseId name input type');
    if (!this.#hasTools)
      throw new Refusal(400, 'The toolConfig field must be defined when using toolUse and toolResult content blocks.');
    if (!isJsonObject(use.input))
      throw new Refusal(400, `The format of the value at ${path}/toolUse/input is invalid.`);
    if (!/^[\w-]{1,64}$/.test(text(use.toolUseId, `${path}/toolUseId`)))
      throw new Refusal(400, `Value '${String(use.toolUseId)}' at '${path}/toolUseId' failed to satisfy constraint`);
    this.#open.push(String(use.toolUseId));
  }

  #result(given: unknown, path: string): void {
    const { toolUseId, content } = strict.object(given, `${path}/toolResult`, 'toolUseId content status type');
    const at = this.#open.indexOf(text(toolUseId, `${path}/toolUseId`));
    if (at < 0)
      throw new Refusal(400, 'The number of toolResult blocks exceeds the number of toolUse blocks of previous turn.');
    this.#open.splice(at, 1);
    const texts = list(content, `${path}/content`).map((inner) => {
      const block = only(inner, `${path}/toolResult/content`, 'text json image document video searchResult');
      return block.json === undefined ? this.#block(block, path) : JSON.stringify(block.json);
    });
    this.results.push(texts.join(''));
  }
}

function readImage(given: unknown, path: string): SeenImage {
  const { format, source } = strict.object(given, `${path}/image`, 'format source error');
  const { bytes } = only(source, `${path}/image/source`, 'bytes s3Location');
  return {
    mediaType: `image/${oneOf(format, `${path}/image/format`, 'png jpeg gif webp')}`,
    size: base64Size(text(bytes, path), `${path}/bytes`),
  };
}

function readReasoning(given: unknown, path: string): void {
  const { reasoningText } = only(given, `${path}/reasoningContent`, 'reasoningText redactedContent');
  if (reasoningText === undefined) return;
  if (strict.object(reasoningText, path, 'text signature').signature !== SIGNATURE)
    throw new Refusal(400, `${path}: Invalid \`signature\` in \`thinking\` block`);
}

const usage = {
  inputTokens: USAGE.input - USAGE.cached,
  outputTokens: USAGE.output,
  totalTokens: USAGE.input + USAGE.output,
  cacheReadInputTokens: USAGE.cached,
  cacheWriteInputTokens: 0,
};
const STOPS = { stop: 'end_turn', tool_calls: 'tool_use' } as const;

export function converseAnswer(reply: Reply): JsonObject {
  const { thought, text: said, calls, finish } = reply;
  const content = [
    ...(thought === null ? [] : [{ reasoningContent: { reasoningText: { text: thought, signature: SIGNATURE } } }]),
    ...(said === '' ? [] : [{ text: said }]),
    ...calls.map(({ id, name, input }) => ({ toolUse: { toolUseId: `tooluse_${id}`, name, input } })),
  ];
  const output = { message: { role: 'assistant', content } };
  return { output, stopReason: STOPS[finish], usage, metrics: { latencyMs: 12 } };
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (said) => Buffer.from(said, 'utf8'),
);

/** https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html */
function frame(type: string, payload: JsonObject): Uint8Array {
  const string = (value: string) => ({ type: 'string' as const, value });
  return codec.encode({
    headers: {
      ':event-type': string(type),
      ':content-type': string('application/json'),
      ':message-type': string('event'),
    },
    body: Buffer.from(JSON.stringify({ ...payload, p: 'abcdefghij' })),
  });
}

/** A text block has no start event, as with AWS. */
export function* converseFrames(reply: Reply): Generator<Uint8Array> {
  let contentBlockIndex = 0;
  const delta = (value: JsonObject): Uint8Array => frame('contentBlockDelta', { contentBlockIndex, delta: value });
  const stop = (): Uint8Array => frame('contentBlockStop', { contentBlockIndex: contentBlockIndex++ });
  yield frame('messageStart', { role: 'assistant' });
  if (reply.thought !== null) {
    for (const said of pieces(reply.thought)) yield delta({ reasoningContent: { text: said } });
    yield delta({ reasoningContent: { signature: SIGNATURE } });
    yield stop();
  }
  if (reply.text !== '') {
    for (const said of pieces(reply.text)) yield delta({ text: said });
    yield stop();
  }
  for (const { id, name, input } of reply.calls) {
    yield frame('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId: `tooluse_${id}`, name } } });
    for (const json of pieces(JSON.stringify(input), 3)) yield delta({ toolUse: { input: json } });
    yield stop();
  }
  yield frame('messageStop', { stopReason: STOPS[reply.finish] });
  yield frame('metadata', { usage, metrics: { latencyMs: 12 } });
}

/** Titan's embeddings. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
export function invokeTitan(given: unknown): JsonObject {
  const { inputText } = strict.object(given, '', 'inputText dimensions normalize embeddingTypes');
  const embedding = vectorOf(text(inputText, 'inputText'));
  return { embedding, embeddingsByType: { float: embedding }, inputTextTokenCount: 4 };
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
};

export const bedrockErrorType = (status: number): string => TYPES[status] ?? 'InternalServerException';
