import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { list, objectSchema, oneOf, range, text } from './checks.ts';
import { readDataUrl, strict } from './openai.ts';
import {
  type OfferedTool,
  pieces,
  type Question,
  Refusal,
  type Reply,
  type SeenImage,
  SIGNATURE,
  USAGE,
} from './script.ts';

/** OpenAI's Responses API. https://platform.openai.com/docs/api-reference/responses */
const BODY = `model input instructions tools tool_choice parallel_tool_calls text reasoning max_output_tokens temperature
  top_p top_logprobs include truncation metadata user safety_identifier prompt_cache_key prompt_cache_retention
  service_tier store background stream stream_options previous_response_id conversation prompt max_tool_calls
  context_management client_metadata`;

export function readResponses(given: unknown): Question {
  const body = strict.object(given, '', BODY);
  text(body.model, 'model');
  range(body.temperature, 'temperature', 0, 2);
  const reasoning = strict.object(body.reasoning ?? {}, 'reasoning', 'effort summary generate_summary context mode');
  const conversation = new Conversation();
  if (typeof body.instructions === 'string') conversation.system = body.instructions;
  const input = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : list(body.input, 'input');
  input.forEach((item, index) => {
    conversation.add(item, `input[${index}]`);
  });
  conversation.end();
  const tools = body.tools === undefined || body.tools === null ? [] : list(body.tools, 'tools').flatMap(readTool);
  return {
    ...conversation,
    tools: body.tool_choice === 'none' ? [] : tools,
    schema: readFormat(body.text),
    thinks: typeof reasoning.summary === 'string',
  };
}

const ITEM = `type id role content status phase call_id name arguments output summary encrypted_content namespace
  parsed_arguments input`;

class Conversation {
  system = '';
  text = '';
  images: SeenImage[] = [];
  results: string[] = [];
  kept = false;
  readonly #open = new Set<string>();

  add(given: unknown, path: string): void {
    const item = strict.object(given, path, ITEM);
    switch (item.type ?? 'message') {
      case 'message':
        return this.#message(item, path);
      case 'reasoning':
        if (
          item.encrypted_content !== undefined &&
          item.encrypted_content !== null &&
          item.encrypted_content !== SIGNATURE
        )
          throw new Refusal(400, 'The encrypted content could not be verified.');
        this.kept = true;
        return;
      case 'function_call':
        JSON.parse(text(item.arguments, `${path}.arguments`));
        this.#open.add(text(item.call_id, `${path}.call_id`));
        return;
      case 'custom_tool_call':
        text(item.input, `${path}.input`);
        this.#open.add(text(item.call_id, `${path}.call_id`));
        return;
      case 'function_call_output':
      case 'custom_tool_call_output':
        if (!this.#open.delete(text(item.call_id, `${path}.call_id`)))
          throw new Refusal(400, `No tool call found for function call output with call_id ${String(item.call_id)}.`);
        this.results.push(this.#content(item.output, `${path}.output`));
        return;
      default:
        throw new Refusal(400, `Invalid value: '${String(item.type)}' at ${path}.type.`);
    }
  }

  end(): void {
    const [open] = this.#open;
    if (open !== undefined) throw new Refusal(400, `No tool output found for function call ${open}.`);
  }

  #message(item: JsonObject, path: string): void {
    const role = oneOf(item.role, `${path}.role`, 'user assistant system developer');
    if (role !== 'user') {
      const said = this.#content(item.content, `${path}.content`);
      if (role !== 'assistant') this.system += said;
      return;
    }
    this.end();
    this.results = [];
    this.images = [];
    this.text = this.#content(item.content, `${path}.content`);
  }

  #content(content: unknown, path: string): string {
    if (typeof content === 'string') return content;
    return list(content, path)
      .map((given, index) => {
        const at = `${path}[${index}]`;
        const part = strict.object(
          given,
          at,
          'type text image_url file_id detail refusal annotations logprobs file_data file_url filename parsed',
        );
        oneOf(part.type, `${at}.type`, 'input_text input_image input_file output_text refusal');
        if (part.type === 'input_image') this.images.push(readDataUrl(text(part.image_url, at), at));
        return typeof part.text === 'string' ? part.text : '';
      })
      .join('');
  }
}

function readTool(given: unknown, index: number): OfferedTool[] {
  const path = `tools[${index}]`;
  if (isJsonObject(given) && given.type !== 'function') return [];
  const tool = strict.object(given, path, 'type name description parameters strict defer_loading');
  const name = text(tool.name, `${path}.name`);
  return [{ name, schema: isJsonObject(tool.parameters) ? objectSchema(tool.parameters, `${path}.parameters`) : {} }];
}

function readFormat(given: unknown): JsonObject | null {
  const { format } = strict.object(given ?? {}, 'text', 'format verbosity');
  if (!isJsonObject(format)) return null;
  const type = oneOf(format.type, 'text.format.type', 'text json_object json_schema');
  if (type !== 'json_schema') return type === 'text' ? null : { type: 'object', properties: {} };
  strict.object(format, 'text.format', 'type name description schema strict');
  text(format.name, 'text.format.name');
  return objectSchema(format.schema, 'text.format.schema');
}

function shell(body: JsonObject, status: string, output: unknown[], usage: JsonObject | null): JsonObject {
  return {
    id: 'resp_mock',
    object: 'response',
    created_at: 1_790_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    metadata: {},
    model: 'gpt-mock-2026',
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: body.tools ?? [],
    top_p: 1,
    usage,
  };
}

const usage = {
  input_tokens: USAGE.input,
  input_tokens_details: { cached_tokens: USAGE.cached },
  output_tokens: USAGE.output,
  output_tokens_details: { reasoning_tokens: USAGE.thinking },
  total_tokens: USAGE.input + USAGE.output,
};

function items(reply: Reply, status: string): JsonObject[] {
  const { thought, text: said, calls } = reply;
  const content = [{ type: 'output_text', text: said, annotations: [], logprobs: [] }];
  const reasoning = { id: 'rs_mock', type: 'reasoning', encrypted_content: SIGNATURE };
  return [
    ...(thought === null ? [] : [{ ...reasoning, summary: [{ type: 'summary_text', text: thought }] }]),
    ...(said === '' ? [] : [{ id: 'msg_mock', type: 'message', role: 'assistant', status, content }]),
    ...calls.map(({ id, name, input }) => ({
      id: `fc_${id}`,
      type: 'function_call',
      call_id: id,
      name,
      arguments: JSON.stringify(input),
      status,
    })),
  ];
}

export function responsesAnswer(reply: Reply, body: JsonObject): JsonObject {
  return shell(body, 'completed', items(reply, 'completed'), usage);
}

export function* responsesEvents(reply: Reply, body: JsonObject): Generator<string> {
  let sequence_number = 0;
  const event = (type: string, fields: JsonObject): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence_number++, ...fields })}\n\n`;
  yield event('response.created', { response: shell(body, 'in_progress', [], null) });
  yield event('response.in_progress', { response: shell(body, 'in_progress', [], null) });
  for (const [output_index, item] of items(reply, 'completed').entries()) {
    const place = { item_id: item.id, output_index };
    if (item.type === 'message') {
      const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
      yield event('response.output_item.added', {
        output_index,
        item: { ...item, status: 'in_progress', content: [] },
      });
      yield event('response.content_part.added', { ...place, content_index: 0, part });
      for (const delta of pieces(reply.text))
        yield event('response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] });
      yield event('response.output_text.done', { ...place, content_index: 0, text: reply.text, logprobs: [] });
      yield event('response.content_part.done', { ...place, content_index: 0, part: { ...part, text: reply.text } });
    } else if (item.type === 'function_call') {
      const started = { ...item, status: 'in_progress', arguments: '' };
      yield event('response.output_item.added', { output_index, item: started });
      for (const delta of pieces(String(item.arguments), 3))
        yield event('response.function_call_arguments.delta', { ...place, delta });
      yield event('response.function_call_arguments.done', { ...place, name: item.name, arguments: item.arguments });
    } else {
      yield event('response.output_item.added', { output_index, item: { ...item, summary: [] } });
    }
    yield event('response.output_item.done', { output_index, item });
  }
  yield event('response.completed', { response: responsesAnswer(reply, body) });
}
