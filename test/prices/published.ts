import { type RawConnection, type RawUpstream, rawUpstream } from '../../src/upstream/conformance/raw-upstream.ts';

/** The name in the certificate of the server that plays the place where prices are published. */
export const HOST = 'other.example';
export const PATH = '/BerriAI/litellm/main/model_prices_and_context_window.json';

const JSON_TEXT = 'Content-Type: text/plain; charset=utf-8\r\n';

/** Answers each request as the last `answer` says. */
export interface PriceServer {
  readonly url: string;
  readonly upstream: RawUpstream;
  answer: (connection: RawConnection) => void;
  close(): void;
}

export async function startPriceServer(): Promise<PriceServer> {
  const upstream = await rawUpstream({ certificate: HOST, answer: (connection) => server.answer(connection) });
  const server: PriceServer = {
    url: `https://${HOST}:${upstream.port}${PATH}`,
    upstream,
    answer: () => {},
    close: () => upstream.close(),
  };
  return server;
}

export function ok(body: string | Buffer, more = ''): (connection: RawConnection) => void {
  const bytes = Buffer.from(body as string);
  const head = `HTTP/1.1 200 OK\r\n${JSON_TEXT}${more}Content-Length: ${bytes.length}\r\n\r\n`;
  return ({ socket }) => socket.write(Buffer.concat([Buffer.from(head), bytes]));
}

/** As LiteLLM publishes it: its own indentation, a first entry that explains the fields, and digits such as `2.5e-06`. */
export function published({ input = '2.5e-06', extra = '' } = {}): string {
  const others = Array.from({ length: 120 }, (_, index) => entry(`some-model-${index}`, '1e-06'));
  return `{\n${[SPECIFICATION, entry('gpt-4o', input), IMAGES, ...others].join(',\n')}${extra}\n}\n`;
}

const SPECIFICATION = `    "sample_spec": {
        "deprecation_date": "date when the model becomes deprecated in the format YYYY-MM-DD",
        "input_cost_per_token": 0.0,
        "litellm_provider": "one of https://docs.litellm.ai/docs/providers",
        "max_input_tokens": "max input tokens, if the provider specifies it",
        "mode": "one of: chat, embedding, completion, image_generation",
        "search_context_cost_per_query": { "search_context_size_high": 0.0 },
        "supported_regions": ["global", "us-west-2"],
        "supports_vision": true
    }`;

const IMAGES = `    "1024-x-1024/dall-e-2": {
        "input_cost_per_pixel": 1.9e-08, "litellm_provider": "openai", "mode": "image_generation", "output_cost_per_pixel": 0.0
    }`;

function entry(name: string, input: string): string {
  return `    "${name}": {
        "cache_read_input_token_cost": 1.25e-06,
        "deprecation_date": "2099-01-14",
        "input_cost_per_token": ${input},
        "input_cost_per_token_batches": 1.25e-06,
        "input_cost_per_token_priority": 4.25e-06,
        "litellm_provider": "openai",
        "max_input_tokens": 128000,
        "max_output_tokens": 16384,
        "mode": "chat",
        "fedramp_uplift_multiplier": 1.1,
        "output_cost_per_token": 1e-05,
        "source": "https://developers.openai.com/api/docs/pricing",
        "search_free_requests": { "count": 10000, "period": "day" },
        "supports_function_calling": true,
        "supports_vision": true
    }`;
}
