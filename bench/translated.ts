import { join } from 'node:path';
import { FORMATS } from './formats.ts';
import { chatBody, type Gateway, type RunningGateway, streamBody, target } from './gateway.ts';
import { nginx } from './gateways/nginx.ts';
import type { Bench } from './laboratory.ts';
import { LIMIT } from './mlflow-config.ts';
import { GATEWAY_CORE } from './processes.ts';
import { alternate, type Comparison, chatLoad, streamLoad } from './rounds.ts';
import type { WireFormat } from './wire-format.ts';

/** What a provider with a wire format of its own costs, asked for over /v1. */
export interface TranslatedResult {
  readonly name: string;
  /** Beside nginx, which passes the provider's own bytes on. */
  readonly chat: Comparison | undefined;
  readonly stream: Comparison | undefined;
  /** Asked for by the provider's own clients, whose bytes pass. */
  readonly nativeChat: Comparison | undefined;
  readonly nativeStream: Comparison | undefined;
}

/** Measures each format with a gateway and an nginx of their own, as the rounds of the others do. */
export async function measureTranslated(bench: Bench, gateway: Gateway): Promise<TranslatedResult[]> {
  const results: TranslatedResult[] = [];
  for (const format of FORMATS) {
    console.log(`Measuring translation, ${format.name}…`);
    results.push(await measureFormat(bench, gateway, format));
  }
  return results;
}

async function measureFormat(bench: Bench, gateway: Gateway, format: WireFormat): Promise<TranslatedResult> {
  const { effort, folder, upstreams } = bench;
  const options = { upstreams, cores: GATEWAY_CORE, workers: 1 };
  const name = format.name.replaceAll(/\W+/g, '-');
  const reference = await nginx.start({ ...options, folder: join(folder, `reference-${name}`) });
  const running = await gateway.start({ ...options, folder, configuration: configuration(bench, format) });
  try {
    const beside = [asking(reference, format), translating(running, format)] as const;
    const chat = await alternate(...beside, chatLoad(effort, folder), effort.rounds);
    const stream = await alternate(...beside, streamLoad(effort), effort.rounds);
    const found = (rows: readonly Comparison[], name: string) => rows.find(({ surface }) => surface === name);
    return {
      name: format.name,
      chat: found(chat, format.name),
      stream: found(stream, format.name),
      nativeChat: found(chat, ownClients(format)),
      nativeStream: found(stream, ownClients(format)),
    };
  } finally {
    await Promise.all([reference.process.stop(), running.process.stop()]);
  }
}

function configuration({ upstreams }: Bench, format: WireFormat): string {
  const endpoint = (name: string, base: string) => ({
    name,
    endpoint_type: 'llm/v1/chat',
    model: format.model(base),
    limit: LIMIT,
  });
  return JSON.stringify({ endpoints: [endpoint('chat', upstreams.chat), endpoint('stream', upstreams.stream)] });
}

/** nginx, asked for the provider's own answers. */
function asking({ process, url, surfaces }: RunningGateway, { chatPath, streamPath }: WireFormat): RunningGateway {
  const [first] = surfaces;
  if (first === undefined) throw new Error('nginx has no surface.');
  const at = (url: string, path: string): string => new URL(path, url).href;
  return {
    process,
    url,
    surfaces: [
      {
        name: first.name,
        chat: { ...first.chat, url: at(first.chat.url, chatPath) },
        stream: { ...first.stream, url: at(first.stream.url, streamPath) },
      },
    ],
  };
}

function translating({ process, url }: RunningGateway, format: WireFormat): RunningGateway {
  const { name, native, speaksChat } = format;
  const at = `${url}/v1/chat/completions`;
  const openai = { name, chat: target(at, chatBody('chat')), stream: target(at, streamBody('stream')) };
  const ask = (path: string, body: object) => target(`${url}${path}`, JSON.stringify(body));
  const own = native && {
    name: ownClients(format),
    chat: ask(native.path('chat', false), native.body('chat', false)),
    stream: ask(native.path('stream', true), native.body('stream', true)),
  };
  return { process, url, surfaces: [...(speaksChat ? [] : [openai]), ...(own ? [own] : [])] };
}

function ownClients({ name }: WireFormat): string {
  return `${name}, own clients`;
}
