/** One request as a provider's server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Of a multipart form. */
  readonly form: FormData | null;
}

export interface RelayUpstream {
  /** The server's URL without a path. */
  readonly url: string;
  readonly seen: SeenRequest[];
  last(): SeenRequest;
  /** What the next requests are answered with. */
  answer: (request: SeenRequest) => Response | Promise<Response>;
  stop(): void;
}

/** A provider that reads each request whole, and answers as the test says. */
export function startRelayUpstream(): RelayUpstream {
  const seen: SeenRequest[] = [];
  const upstream: RelayUpstream = {
    url: '',
    seen,
    last: () => {
      const request = seen.at(-1);
      if (request === undefined) throw new Error('The upstream saw no request.');
      return request;
    },
    answer: () => Response.json({}),
    stop: () => void server.stop(true),
  };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    maxRequestBodySize: 1024 * 2 ** 20,
    fetch: async (request) => {
      const { method } = request;
      const headers = new Headers([...request.headers]);
      const url = request.url.slice(request.url.indexOf('/', 8));
      const body = Buffer.from(await request.arrayBuffer());
      const type = headers.get('content-type') ?? '';
      const form = type.startsWith('multipart/') ? await formOf(body, type) : null;
      const record = { method, url, headers, body, form };
      seen.push(record);
      return upstream.answer(record);
    },
  });
  return Object.assign(upstream, { url: `http://127.0.0.1:${server.port}` });
}

/** The file that a form brings under this name. */
export function fileIn({ form }: SeenRequest, name: string): File {
  const file = form?.get(name) as unknown;
  if (file instanceof File) return file;
  throw new Error(`The form has no file '${name}'.`);
}

/** Read by the runtime; its declarations of a form differ from place to place. */
async function formOf(body: Buffer, type: string): Promise<FormData> {
  return (await new Response(body, { headers: { 'content-type': type } }).formData()) as unknown as FormData;
}
