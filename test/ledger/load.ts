/** What the client knows of one request. */
export interface Asked {
  /** The client's own name for it. */
  readonly name: string;
  /** The gateway's, where its answer came whole. */
  id: string | null;
}

/** Answers after a moment: whole, or as a stream of a few events. */
export function startUpstream(): { readonly base: string; stop(): void } {
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const body = (await request.json()) as { stream?: boolean };
      await Bun.sleep(Math.random() * 20);
      return body.stream === true ? new Response(events(), { headers: STREAM }) : Response.json(ANSWER);
    },
  });
  return { base: `http://127.0.0.1:${server.port}/v1`, stop: () => void server.stop(true) };
}

const STREAM = { 'content-type': 'text/event-stream' };
const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const COMMON = { id: 'chatcmpl-1', created: 1, model: 'm-2026' };
const ANSWER = {
  ...COMMON,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  usage: USAGE,
};

async function* events(): AsyncGenerator<string> {
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ ...COMMON, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  for (const content of ['a', 'b', 'c']) {
    yield chunk({ content }, null);
    await Bun.sleep(Math.random() * 8);
  }
  yield chunk({}, 'stop');
  yield `data: ${JSON.stringify({ ...COMMON, choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`;
}

/** Asks at a steady rate until it is stopped, whatever becomes of the answers. */
export class Load {
  readonly asked: Asked[] = [];
  readonly #url: () => string | null;
  readonly #prefix: string;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #running = new Set<Promise<void>>();
  #due = 0;
  #last = performance.now();
  readonly #perSecond: number;

  /** `url` is the gateway's; null while there is none. */
  constructor(url: () => string | null, options: { readonly perSecond: number; readonly prefix?: string }) {
    this.#url = url;
    this.#perSecond = options.perSecond;
    this.#prefix = options.prefix ?? 'r';
    this.#timer = setInterval(() => this.#tick(), 5);
  }

  /** Resolves when every answer has come or failed. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#running);
  }

  get complete(): string[] {
    return this.asked.flatMap(({ id }) => id ?? []);
  }

  #tick(): void {
    const now = performance.now();
    this.#due = Math.min(20, this.#due + ((now - this.#last) / 1000) * this.#perSecond);
    this.#last = now;
    const url = this.#url();
    while (this.#due >= 1) {
      this.#due--;
      if (url !== null) this.#begin(url);
    }
  }

  #begin(url: string): void {
    const asked: Asked = { name: `${this.#prefix}-${this.asked.length}`, id: null };
    this.asked.push(asked);
    const running = ask(url, asked, this.asked.length % 2 === 0).catch(() => {});
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }
}

async function ask(url: string, asked: Asked, stream: boolean): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': asked.name },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'x' }], stream }),
  });
  const text = await response.text();
  const isWhole = stream
    ? text.endsWith('data: [DONE]\n\n')
    : (JSON.parse(text) as { id?: string }).id === 'chatcmpl-1';
  if (response.status === 200 && isWhole) asked.id = response.headers.get('x-request-id');
}
